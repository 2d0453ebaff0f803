package book

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"daybook/pricing"
	"daybook/pricing/money"
)

func hundred() money.Quantity { return money.QuantityOf(100) }

// said is one key of a price and where it was written.
type said struct {
	key string
	at  place
}

// price reads one price: of a meter, a fixed fee or of resources.
func (c *checker) price(r row[price], v *pricing.Version) pricing.Price {
	c.nameAt(r.place, r.name)
	p := r.value
	out := pricing.Price{
		ID: r.name, Description: c.sentence(p.Description), Unit: c.name(p.UnitName),
		Adjust:   c.adjustmentsIn(p.UnitsOff, p.AmountOff, p.PercentOff, p.Minimum, p.Maximum),
		Prorate:  pricing.Proration(p.Prorate.value),
		Position: r.position(),
	}
	if !p.written() || p.bad {
		return out
	}
	if v.Conventions.Month == pricing.Month30Of360 && out.Prorate == pricing.ProrateTime {
		c.add(p.Prorate.place, "months of 30/360 have days and no hours", "write days, started_days or none")
	}
	bases := written(said{"meter", p.Meter.place}, said{"fixed", p.Fixed.place}, said{"resource", p.Resource.place})
	switch {
	case len(bases) == 0 && p.Capacity.written():
		c.bundled(&out, r, v)
	case len(bases) == 0 && p.strange:
	case len(bases) == 0:
		c.add(r.place, "this price does not say what it is for", "add `meter: <meter>`, `fixed: <amount>` or `resource: <kind>`")
	case len(bases) > 1:
		c.add(bases[1].at, "this price has both `"+bases[0].key+"` and `"+bases[1].key+"`", "make two prices of it")
	case p.Meter.written():
		c.metered(&out, r, v)
	case p.Fixed.written():
		c.fixed(&out, r)
	default:
		c.resource(&out, r)
	}
	return out
}

// written keeps what the book says.
func written(keys ...said) []said {
	return slices.DeleteFunc(keys, func(s said) bool { return !s.at.written() })
}

// notFor reports keys that have no meaning beside a price's base.
func (c *checker) notFor(base string, remedy string, keys ...said) {
	for _, k := range written(keys...) {
		c.add(k.at, "`"+k.key+"` has no meaning for a "+base+" price", remedy)
	}
}

// sentence checks text that invoices print.
func (c *checker) sentence(t text) string {
	if len(t.value) > 1000 {
		c.add(t.place, "is longer than 1000 bytes", "write a shorter one")
	}
	return t.value
}

// metered reads a price over a meter's quantity.
func (c *checker) metered(out *pricing.Price, r row[price], v *pricing.Version) {
	p := r.value
	out.Meter, out.Pool = p.Meter.value, pricing.Pool(p.Pool.value)
	var m pricing.Meter
	var known bool
	if !p.Meter.bad {
		m, known = c.meterNamed(p.Meter.place, p.Meter.value, v)
	}
	if out.Unit == "" {
		out.Unit = m.Unit
	}
	out.Allowance = c.quantity(p.Allowance)
	out.RoundTo, out.RoundAmount = c.quantityRounding(p.RoundQuantity), c.amountRounding(p.RoundAmount)
	c.notFor("metered", "write `round_quantity`", said{"round_time", p.RoundTime.place})
	c.notFor("metered", "a resource price has these; see docs/formats.md",
		said{"per", p.Per.place}, said{"price_by", p.PriceBy.place}, said{"prices", p.Prices.place}, said{"cap", p.Cap.place}, said{"term", p.Term.place}, said{"lines", p.Lines.place})
	c.notFor("metered", "usage is billed when its period has ended", said{"due", p.Due.place})
	c.notFor("metered", "usage is billed by the plan's cycle; only fixed fees have one of their own", said{"every", p.Every.place})
	out.Each = c.each(p.Each, m, known)
	out.Model = c.model(r, m, known)
	out.Included = c.included(p)
	c.nothingToTakeOff(p, out.Model)
	if p.Burst.written() && !p.UnitName.written() && m.Unit != "" {
		out.Unit = m.Unit + " " + p.Burst.Per.value // GHz hour
	}
	c.singly(p.Percentage, out, m, known)
	if p.Prorate.written() && known && out.Model != nil {
		if reason, remedy := out.CheckProrated(m); reason != "" {
			c.add(p.Prorate.place, reason, remedy)
		}
	}
}

// fixed reads a fee for each period.
func (c *checker) fixed(out *pricing.Price, r row[price]) {
	p := r.value
	out.Model = pricing.Fixed{Price: c.amount(p.Fixed)}
	c.beyondMinorUnit(p.Fixed)
	if p.Due.value == string(pricing.InAdvance) || p.Every.value == once {
		out.Due, out.Once = pricing.InAdvance, p.Every.value == once
	}
	if out.Once {
		c.notFor("one-time", "it is owed in full when the subscription begins", said{"due", p.Due.place}, said{"prorate", p.Prorate.place})
	}
	c.notFor("fixed", "keep one of the two; a plan may have both as two prices",
		append(models(p), said{"unit", p.Unit.place})...)
	c.notFor("fixed", "it is owed whatever is used", said{"flat_on_zero", p.FlatOnZero.place})
	c.notFor("fixed", "its line is rounded by the book's convention", said{"round_time", p.RoundTime.place}, said{"round_amount", p.RoundAmount.place})
	c.notFor("fixed", "a fixed fee has no usage: leave it out, or price a meter",
		said{"allowance", p.Allowance.place}, said{"included", p.Included.place}, said{"round_quantity", p.RoundQuantity.place},
		said{"units_off", p.UnitsOff.place}, said{"pool", p.Pool.place}, said{"each", p.Each.place},
		said{"commitment", p.Commitment.place}, said{"hours", p.Hours.place})
	c.notFor("fixed", "a resource price has these; see docs/formats.md",
		said{"per", p.Per.place}, said{"price_by", p.PriceBy.place}, said{"prices", p.Prices.place}, said{"cap", p.Cap.place}, said{"term", p.Term.place}, said{"lines", p.Lines.place})
}

// resource reads a price for the time that resources exist.
func (c *checker) resource(out *pricing.Price, r row[price]) {
	p := r.value
	out.Resource = c.name(p.Resource)
	if p.Term.written() {
		c.term(out, r)
	} else {
		c.existence(out, r)
	}
	c.notFor("resource", "a resource costs its unit price for the time it exists",
		append(models(p), said{"flat_on_zero", p.FlatOnZero.place})...)
	c.notFor("resource", "leave it out, or meter what is used and price the meter",
		said{"allowance", p.Allowance.place}, said{"included", p.Included.place}, said{"round_quantity", p.RoundQuantity.place},
		said{"units_off", p.UnitsOff.place}, said{"pool", p.Pool.place}, said{"each", p.Each.place},
		said{"commitment", p.Commitment.place}, said{"hours", p.Hours.place})
	c.notFor("resource", "a resource's time is known when its period has ended", said{"due", p.Due.place})
	c.notFor("resource", "resources are billed by the plan's cycle; only fixed fees have one of their own", said{"every", p.Every.place})
}

// existence reads the price of the time for which resources exist.
func (c *checker) existence(out *pricing.Price, r row[price]) {
	p := r.value
	model := pricing.ResourceTime{PriceBy: p.PriceBy.value, OwnLines: p.Lines.value == "per_resource"}
	switch p.Per.value {
	case "hour":
		model.PerSeconds = 3600
	case "day":
		model.PerSeconds = 86400
	}
	model.CapSeconds = c.capSeconds(p.Cap, model.PerSeconds)
	switch {
	case p.PriceBy.written():
		c.notFor("price_by: sku", "the prices are under `prices`", said{"unit", p.Unit.place})
		model.Prices = c.skuPrices(r)
	case p.Prices.written():
		c.add(p.Prices.place, "`prices` needs to know what they are by", "add `price_by: sku`")
	case p.Unit.written():
		model.Unit = c.amount(p.Unit)
	case !p.strange:
		c.add(r.place, "this price has no amount", "add `unit: <amount>`, or `price_by: sku` and `prices`")
	}
	out.Model = model
	out.RoundAmount = c.amountRounding(p.RoundAmount)
	if to := c.amountRounding(p.RoundTime); to != nil {
		out.RoundTo = &pricing.QuantityRounding{Places: to.Places, Mode: to.Mode}
		if model.PerSeconds == 0 {
			c.add(p.RoundTime.place, "`round_time` needs a price per hour or day", "add `per: hour`, or leave it out")
		}
	}
	if model.PerSeconds > 0 {
		c.notFor("per "+p.Per.value, "hours and days are counted exactly; it is for prices per period", said{"prorate", p.Prorate.place})
	}
}

func (c *checker) skuPrices(r row[price]) []pricing.SKUPrice {
	var out []pricing.SKUPrice
	for _, sku := range r.value.Prices.rows {
		c.nameAt(sku.place, sku.name)
		if sku.value.written() {
			out = append(out, pricing.SKUPrice{SKU: sku.name, Price: c.amount(sku.value)})
		}
	}
	if len(r.value.Prices.rows) == 0 && !r.value.Prices.bad {
		c.add(r.place, "`price_by: sku` has no prices", "add `prices: {<sku>: <amount>}`")
	}
	slices.SortFunc(out, func(a, b pricing.SKUPrice) int { return cmp.Compare(a.SKU, b.SKU) })
	return out
}

// capSeconds reads `672h` or `28d`, the most time that a period charges.
func (c *checker) capSeconds(t text, per int64) int64 {
	if !t.written() || t.bad {
		return 0
	}
	if per == 0 {
		c.add(t.place, "`cap` needs a price per hour or day", "add `per: hour`, or leave it out")
		return 0
	}
	count, hours := strings.CutSuffix(t.value, "h")
	seconds := int64(3600)
	if !hours {
		count, seconds = strings.TrimSuffix(t.value, "d"), 86400
	}
	n, err := strconv.ParseInt(count, 10, 32)
	if err == nil && count != t.value && n > 0 && n*seconds <= 366*86400 {
		return n * seconds
	}
	c.add(t.place, quote(t.value)+" is not a time", "write hours or days of at most a year, for example 672h or 28d")
	return 0
}
