package book

// The syntax tree of a price book. These types are the format: `json` names the
// keys (without omitempty a key must be there), `jsonschema` the choices,
// `jsonschema_description` what editors show.

// document is one version of a book.
type document struct {
	place       `json:"-"`
	Book        text         `json:"book" jsonschema_description:"Name of the book; the same in all its versions."`
	Currency    text         `json:"currency" jsonschema_description:"ISO 4217 code of all amounts; the same in all versions."`
	Effective   text         `json:"effective" jsonschema_description:"First day, in each account's time zone, on which this version holds: YYYY-MM-DD."`
	PricingUnit pricingUnit  `json:"pricing_unit,omitempty" jsonschema_description:"What the amounts are in, where that is not the currency: tokens or points."`
	Conventions conventions  `json:"conventions,omitempty" jsonschema_description:"Rules on which billing systems differ."`
	Meters      table[meter] `json:"meters,omitempty" jsonschema_description:"What is counted, by name."`
	Plans       table[plan]  `json:"plans" jsonschema_description:"What customers subscribe to, by name."`
}

type pricingUnit struct {
	place  `json:"-"`
	Name   text   `json:"name" jsonschema_description:"Name of the unit; the same in all versions."`
	Worth  number `json:"worth" jsonschema_description:"What one unit is worth in the currency."`
	Places number `json:"places,omitempty" jsonschema_description:"Decimal places of a line in the unit, 0 to 20; 2 unless said otherwise. The same in all versions."`
}

type conventions struct {
	place     `json:"-"`
	Rounding  text `json:"rounding,omitempty" jsonschema:"enum=half_up,enum=half_even,enum=up,enum=down" jsonschema_description:"How an invoice line is rounded to the currency's minor unit; half_up unless said otherwise."`
	Month     text `json:"month,omitempty" jsonschema:"enum=calendar,enum=730h,enum=730h_first,enum=30d,enum=calendar_less_1s,enum=30/360" jsonschema_description:"How long a month is where a price is per month; calendar unless said otherwise."`
	Proration text `json:"proration,omitempty" jsonschema:"enum=time,enum=days,enum=started_days,enum=none" jsonschema_description:"How a part of a period is measured; time unless said otherwise."`
}

type meter struct {
	place         `json:"-"`
	Aggregate     text       `json:"aggregate" jsonschema:"enum=sum,enum=count,enum=max,enum=min,enum=first,enum=latest,enum=time_average,enum=average,enum=counter,enum=unique" jsonschema_description:"How events become a quantity."`
	Of            text       `json:"of,omitempty" jsonschema_description:"Usage column that holds the value; the mapped quantity unless said otherwise."`
	Unit          text       `json:"unit,omitempty" jsonschema_description:"Unit of the priced quantity, for people: GB, hour."`
	DivideBy      number     `json:"divide_by,omitempty" jsonschema_description:"How many of the raw value are one priced unit; 1 unless said otherwise."`
	Grain         text       `json:"grain,omitempty" jsonschema:"enum=day,enum=hour,enum=5m" jsonschema_description:"Slot by which usage is kept; day unless said otherwise."`
	By            list[text] `json:"by,omitempty" jsonschema_description:"Dimension columns that are kept."`
	Scale         number     `json:"scale,omitempty" jsonschema_description:"Decimal places kept of each event, 0 to 12; 12 unless said otherwise."`
	AllowNegative toggle     `json:"allow_negative,omitempty" jsonschema_description:"Accept events below zero."`
	Exact         toggle     `json:"exact,omitempty" jsonschema_description:"Reject events with more places than scale, and do not round them."`
	Gaps          text       `json:"gaps,omitempty" jsonschema:"enum=carry" jsonschema_description:"time_average: days without events keep the last level."`
	Carry         text       `json:"carry,omitempty" jsonschema_description:"time_average, counter and running meters: how far back levels, readings and changes are looked for, for example 31d; 31d, or 366d of running meters, unless said otherwise."`
	Running       toggle     `json:"running,omitempty" jsonschema_description:"sum and unique: what was added holds until it is taken away, also in later periods."`
	PerEvent      toggle     `json:"per_event,omitempty" jsonschema_description:"sum: keep each event by itself, for prices that look at single events."`
	Then          text       `json:"then,omitempty" jsonschema:"enum=sum" jsonschema_description:"Aggregate each slot of the grain by itself, and add the slots up."`
}

type plan struct {
	place       `json:"-"`
	Name        text             `json:"name,omitempty" jsonschema_description:"What customers call the plan."`
	Cycle       cycle            `json:"cycle,omitempty" jsonschema_description:"How often and from which day the plan bills; each calendar month unless said otherwise."`
	Prices      table[price]     `json:"prices" jsonschema_description:"Prices by name, in the order of invoice lines."`
	Adjustments list[adjustment] `json:"adjustments,omitempty" jsonschema_description:"Discounts, minimums and maximums over several prices."`
	Phases      list[phase]      `json:"phases,omitempty" jsonschema_description:"Other terms for a time from the subscription's start: a trial, a discount; each begins where the one before ends."`
	FreeBelow   table[number]    `json:"free_below,omitempty" jsonschema_description:"Bounds by meter: the plan's usage is free while all stay at or below theirs, and charged from the first unit otherwise."`
}

type phase struct {
	place      `json:"-"`
	Name       text          `json:"name" jsonschema_description:"What invoice lines say of it."`
	For        text          `json:"for,omitempty" jsonschema_description:"How long it is, for example 7d, 3 months or 1 year; the last may leave it out and stay."`
	Free       toggle        `json:"free,omitempty" jsonschema_description:"Nothing is owed, whatever is used."`
	PercentOff number        `json:"percent_off,omitempty" jsonschema_description:"Percentage taken off all prices: 10 is ten per cent."`
	Prices     table[number] `json:"prices,omitempty" jsonschema_description:"Other amounts of unit, fixed and resource prices, by price."`
}

type cycle struct {
	place  `json:"-"`
	Every  text   `json:"every,omitempty" jsonschema_description:"Length of a billing period: day, week, month (unless said otherwise), quarter, half_year, year, or a number of days such as 30d."`
	Anchor anchor `json:"anchor,omitempty" jsonschema_description:"calendar (the first), subscription (the day it began) or a day of the month."`
}

type price struct {
	place         `json:"-"`
	Meter         text             `json:"meter,omitempty" jsonschema_description:"Meter whose quantity is priced."`
	Fixed         number           `json:"fixed,omitempty" jsonschema_description:"Fee for each period, times the subscription's quantity."`
	Resource      text             `json:"resource,omitempty" jsonschema_description:"Kind of resource that is priced for the time it exists."`
	Unit          number           `json:"unit,omitempty" jsonschema_description:"Price of every unit."`
	Graduated     list[tier]       `json:"graduated,omitempty" jsonschema_description:"Tiers: each unit costs the price of the tier it falls in."`
	Volume        list[tier]       `json:"volume,omitempty" jsonschema_description:"Tiers: all units cost the price of the tier that the quantity falls in."`
	Package       bundle           `json:"package,omitempty" jsonschema_description:"Price of each started block of units."`
	Matrix        matrix           `json:"matrix,omitempty" jsonschema_description:"Price by one or two dimensions of the meter."`
	Percentage    percentage       `json:"percentage,omitempty" jsonschema_description:"A part of the amount that the meter sums, and a fee for each event."`
	GraduatedPct  list[rateTier]   `json:"graduated_percentage,omitempty" jsonschema_description:"Tiers: each part of the amount costs the rate of the tier it falls in."`
	Threshold     list[threshold]  `json:"threshold,omitempty" jsonschema_description:"Totals: usage costs the total of the highest threshold that it has reached."`
	Dynamic       dynamic          `json:"dynamic,omitempty" jsonschema_description:"The price comes with the events: the meter sums what each says that it costs."`
	Capacity      list[size]       `json:"capacity,omitempty" jsonschema_description:"Sizes: usage costs the price of the smallest one that holds it; without meter, of several meters at once."`
	Burst         burst            `json:"burst,omitempty" jsonschema_description:"What exceeds the subscription in each five minutes, times how long, at the price level in force."`
	FlatOnZero    toggle           `json:"flat_on_zero,omitempty" jsonschema_description:"The first tier's flat fee is owed also when nothing was used."`
	Due           text             `json:"due,omitempty" jsonschema:"enum=in_advance,enum=in_arrears" jsonschema_description:"At which end of its period a fixed fee is billed; in_arrears unless said otherwise."`
	Every         text             `json:"every,omitempty" jsonschema_description:"How often a fixed fee is owed, where it differs from the plan's cycle: once (when the subscription begins), day, week, month, quarter, half_year, year, or a number of days such as 30d."`
	Per           text             `json:"per,omitempty" jsonschema:"enum=hour,enum=day,enum=period" jsonschema_description:"Time that a resource's price is for; the billing period unless said otherwise."`
	PriceBy       text             `json:"price_by,omitempty" jsonschema:"enum=sku" jsonschema_description:"Price each kind of resource by its own price."`
	Prices        table[number]    `json:"prices,omitempty" jsonschema_description:"Prices by sku."`
	Term          term             `json:"term,omitempty" jsonschema_description:"Price resources that are bought for a length of time, once, when they are bought."`
	Lines         text             `json:"lines,omitempty" jsonschema:"enum=together,enum=per_resource" jsonschema_description:"Whether each resource is an invoice line of its own, with its dates and rounded by itself; together unless said otherwise."`
	Cap           text             `json:"cap,omitempty" jsonschema_description:"The most time of one resource that a period charges, for example 672h."`
	Commitment    commitment       `json:"commitment,omitempty" jsonschema_description:"What the customer has agreed to use in a period, or in each window."`
	Hours         table[band]      `json:"hours,omitempty" jsonschema_description:"Prices for hours of the day in the account's time zone, by hours: 09-12, 22-06."`
	Each          words            `json:"each,omitempty" jsonschema_description:"Price each window of time (day, hour, 5m) or each value of a dimension by itself, and add: one, or a list of a window and dimensions."`
	Allowance     number           `json:"allowance,omitempty" jsonschema_description:"Units of each period that cost nothing."`
	Included      included         `json:"included,omitempty" jsonschema_description:"Units that come with resources of a kind, beside the allowance."`
	RoundQuantity quantityRounding `json:"round_quantity,omitempty" jsonschema_description:"Rounding of the quantity before the allowance."`
	RoundTime     amountRounding   `json:"round_time,omitempty" jsonschema_description:"Rounding of the hours or days of each resource."`
	RoundAmount   amountRounding   `json:"round_amount,omitempty" jsonschema_description:"Rounding of what each window, group or resource costs, before they are added; elsewhere of the subtotal."`
	UnitsOff      number           `json:"units_off,omitempty" jsonschema_description:"Units taken off as a discount."`
	AmountOff     number           `json:"amount_off,omitempty" jsonschema_description:"Amount taken off as a discount."`
	PercentOff    number           `json:"percent_off,omitempty" jsonschema_description:"Percentage taken off: 10 is ten per cent."`
	Minimum       number           `json:"minimum,omitempty" jsonschema_description:"The least that this price charges for a period."`
	Maximum       number           `json:"maximum,omitempty" jsonschema_description:"The most that this price charges for a period."`
	Pool          text             `json:"pool,omitempty" jsonschema:"enum=account,enum=billing_account" jsonschema_description:"Whose quantities are counted together; each subscription's own unless said otherwise."`
	Prorate       text             `json:"prorate,omitempty" jsonschema:"enum=time,enum=days,enum=started_days,enum=none" jsonschema_description:"How a part of a period is measured, where this price differs from the book. Of a running meter: time or started_days, by which its level is priced for the time that it holds."`
	Description   text             `json:"description,omitempty" jsonschema_description:"What the invoice line says."`
	UnitName      text             `json:"unit_name,omitempty" jsonschema_description:"Unit that the invoice line shows, where it differs from the meter's."`
}

type tier struct {
	place     `json:"-"`
	UpTo      number `json:"up_to,omitempty" jsonschema_description:"The tier's upper bound, which it contains; the last tier has none."`
	FirstUnit number `json:"first_unit,omitempty" jsonschema_description:"With last_unit, another way to write bounds: where the tier begins."`
	LastUnit  bound  `json:"last_unit,omitempty" jsonschema_description:"The tier's upper bound, which it contains; null for the last tier."`
	Maximum   bound  `json:"maximum_units,omitempty" jsonschema_description:"Another way to write last_unit."`
	Unit      number `json:"unit,omitempty" jsonschema_description:"Price of a unit in this tier; 0 unless said otherwise."`
	Package   block  `json:"package,omitempty" jsonschema_description:"Price of each block of units that is started in this tier, instead of unit."`
	Flat      number `json:"flat,omitempty" jsonschema_description:"Fee owed once when the tier is entered."`
}

type bundle struct {
	place  `json:"-"`
	Size   number `json:"size" jsonschema_description:"Units in a block."`
	Price  number `json:"price" jsonschema_description:"Price of a block."`
	Blocks text   `json:"blocks,omitempty" jsonschema:"enum=started,enum=full" jsonschema_description:"Which blocks cost: started ones, or only full ones; started unless said otherwise."`
}

type block struct {
	place `json:"-"`
	Size  number `json:"size" jsonschema_description:"Units in a block."`
	Price number `json:"price" jsonschema_description:"Price of a started block."`
}

type percentage struct {
	place    `json:"-"`
	Rate     number `json:"rate" jsonschema_description:"Per cent of the amount: 1.3 is 1.3 %."`
	PerEvent number `json:"per_event,omitempty" jsonschema_description:"Fee for each event, whatever its amount."`
	FreeFees number `json:"free_fees,omitempty" jsonschema_description:"How many events of a period owe no per_event fee; their amounts count."`

	FreeEvents number `json:"free_events,omitempty" jsonschema_description:"How many first events of a period are free; of a per_event meter."`
	FreeAmount number `json:"free_amount,omitempty" jsonschema_description:"How much of the first amounts of a period is free; of a per_event meter. With free_events, whichever is used up first ends the free part."`
	EventMin   number `json:"per_event_min,omitempty" jsonschema_description:"The least that an event costs that is not free; of a per_event meter."`
	EventMax   number `json:"per_event_max,omitempty" jsonschema_description:"The most that an event costs; of a per_event meter."`
}

type rateTier struct {
	place `json:"-"`
	UpTo  number `json:"up_to,omitempty" jsonschema_description:"The tier's upper bound, which it contains; the last tier has none."`
	Rate  number `json:"rate" jsonschema_description:"Per cent of the part of the amount that falls in this tier."`
	Flat  number `json:"flat,omitempty" jsonschema_description:"Fee owed once when the tier is entered."`
}

type threshold struct {
	place `json:"-"`
	From  number `json:"from" jsonschema_description:"Quantity from which on, itself included, the total holds."`
	Total number `json:"total" jsonschema_description:"What the whole usage of a period costs from there on."`
}

type dynamic struct {
	place      `json:"-"`
	Multiplier number `json:"multiplier" jsonschema_description:"What the events' own prices are multiplied by; 1 bills them as they are."`
}

type size struct {
	place `json:"-"`
	UpTo  bounds `json:"up_to,omitempty" jsonschema_description:"What the size holds: a quantity, or one for each meter; the last size has none."`
	Price number `json:"price" jsonschema_description:"Price of the size for a period."`
}

type commitment struct {
	place    `json:"-"`
	Amount   number `json:"amount,omitempty" jsonschema_description:"Amount that is committed."`
	Quantity number `json:"quantity,omitempty" jsonschema_description:"Instead of amount: units whose price is committed."`
	Overage  number `json:"overage,omitempty" jsonschema_description:"Factor of what usage beyond the commitment costs; 1 unless said otherwise."`
	TrueUp   toggle `json:"true_up,omitempty" jsonschema_description:"Usage that costs less is charged the commitment."`
}

type band struct {
	place      `json:"-"`
	Unit       number     `json:"unit,omitempty" jsonschema_description:"Price of every unit in these hours."`
	Graduated  list[tier] `json:"graduated,omitempty" jsonschema_description:"Tiers: each unit costs the price of the tier it falls in."`
	Volume     list[tier] `json:"volume,omitempty" jsonschema_description:"Tiers: all units cost the price of the tier that the quantity falls in."`
	Package    bundle     `json:"package,omitempty" jsonschema_description:"Price of each started block of units."`
	Commitment commitment `json:"commitment,omitempty" jsonschema_description:"What the customer has agreed to use in these hours."`
}

type burst struct {
	place    `json:"-"`
	Over     text             `json:"over" jsonschema_description:"What the customer pays for already: subscribed (the subscription's own quantity for this price), or a kind of resource that covers usage while it exists."`
	Per      text             `json:"per" jsonschema:"enum=hour,enum=day,enum=30d,enum=730h" jsonschema_description:"Time that the prices are for: hour makes them prices of a unit for an hour."`
	Levels   table[number]    `json:"levels" jsonschema_description:"Prices by level, 0 and up; a level without a price costs what the highest one below it does."`
	Schedule levelSchedule    `json:"schedule,omitempty" jsonschema_description:"Which level holds from which instant on: a list, or the name of a schedule of the registry."`
	ByUsage  list[usageLevel] `json:"by_usage,omitempty" jsonschema_description:"Which level follows five minutes in which so much was used."`
	Seconds  text             `json:"seconds,omitempty" jsonschema_description:"Dimension of the meter that says for how many seconds an event stands; each stands for 300 unless said otherwise."`
}

type term struct {
	place     `json:"-"`
	Unit      number        `json:"unit" jsonschema_description:"Price of one unit for the time that per names."`
	Per       text          `json:"per" jsonschema:"enum=hour,enum=day,enum=30d,enum=730h" jsonschema_description:"Time that the price is for."`
	DivideBy  number        `json:"divide_by,omitempty" jsonschema_description:"How many of a resource's quantity are one unit; 1 unless said otherwise."`
	Discounts table[number] `json:"discounts" jsonschema_description:"Lengths that may be bought and the percentage off each: {1 month: 0, 1 year: 25}. A resource's sku names one."`
}

type levelChange struct {
	place `json:"-"`
	From  text   `json:"from" jsonschema_description:"Instant from which on the level holds, with its offset: 2026-10-01T00:00:00Z."`
	Level number `json:"level" jsonschema_description:"The level, 0 or more."`
}

type usageLevel struct {
	place `json:"-"`
	From  number `json:"from" jsonschema_description:"Usage of five minutes, in the priced unit, from which on, itself included, the level holds in the next five; the first is 0."`
	Level number `json:"level" jsonschema_description:"The level, 0 or more."`
}

type matrix struct {
	place   `json:"-"`
	By      list[text] `json:"by" jsonschema_description:"One or two of the meter's dimensions."`
	Default number     `json:"default,omitempty" jsonschema_description:"Unit price of combinations that are not listed."`
	Prices  grid       `json:"prices" jsonschema_description:"Unit prices by the values of the dimensions, the first dimension outermost."`
}

type quantityRounding struct {
	place  `json:"-"`
	Places number `json:"places,omitempty" jsonschema_description:"Decimal places, -12 to 12; -2 rounds to hundreds."`
	Step   number `json:"step,omitempty" jsonschema_description:"Instead of places: rounds to whole multiples of so many units."`
	Mode   text   `json:"mode,omitempty" jsonschema:"enum=half_up,enum=half_even,enum=up,enum=down" jsonschema_description:"half_up unless said otherwise."`
}

type included struct {
	place    `json:"-"`
	Resource text           `json:"resource" jsonschema_description:"Kind of resource that brings the units."`
	Units    table[measure] `json:"units" jsonschema_description:"Units of a whole billing period by the resource's sku; all is everything."`
}

type amountRounding struct {
	place  `json:"-"`
	Places number `json:"places" jsonschema_description:"Decimal places, 0 to 12."`
	Mode   text   `json:"mode,omitempty" jsonschema:"enum=half_up,enum=half_even,enum=up,enum=down" jsonschema_description:"half_up unless said otherwise."`
}

type adjustment struct {
	place      `json:"-"`
	UnitsOff   number `json:"units_off,omitempty" jsonschema_description:"Units taken off one price."`
	AmountOff  number `json:"amount_off,omitempty" jsonschema_description:"Amount taken off."`
	PercentOff number `json:"percent_off,omitempty" jsonschema_description:"Percentage taken off: 10 is ten per cent."`
	Minimum    number `json:"minimum,omitempty" jsonschema_description:"The least that these prices charge together."`
	Maximum    number `json:"maximum,omitempty" jsonschema_description:"The most that these prices charge together."`
	On         words  `json:"on,omitempty" jsonschema_description:"all, or a list of this plan's prices; all unless said otherwise."`
	During     text   `json:"during,omitempty" jsonschema_description:"first N months: periods that begin that soon after the subscription did."`
	To         text   `json:"to,omitempty" jsonschema_description:"Price that a minimum goes to when nothing was used; split evenly unless said otherwise."`
	Prorate    text   `json:"prorate,omitempty" jsonschema:"enum=time,enum=days,enum=started_days" jsonschema_description:"How the amount is shared by time where a subscription covers a part of the period; in full unless said."`
}
