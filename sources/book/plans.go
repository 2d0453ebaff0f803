package book

import (
	"cmp"
	"fmt"
	"slices"

	"daybook/pricing"
	"daybook/sources/spelling"
)

// plan reads one plan of a version whose meters are known.
func (c *checker) plan(r row[plan], v *pricing.Version) pricing.Plan {
	c.nameAt(r.place, r.name)
	p := r.value
	out := pricing.Plan{ID: r.name, Name: cmp.Or(c.name(p.Name), r.name), Cycle: c.cycle(p.Cycle), Position: r.position()}
	if p.Prices.written() && !p.Prices.bad && len(p.Prices.rows) == 0 {
		c.add(p.Prices.place, "this plan has no price", "add one, for example `support: {fixed: 99.00}`")
	}
	c.priced = map[string]bool{}
	for _, pr := range p.Prices.rows {
		out.Prices = append(out.Prices, c.price(pr, v))
		c.feeCycle(&out.Prices[len(out.Prices)-1], pr.value.Every, out.Cycle)
	}
	for _, a := range p.Adjustments.items {
		if adjusted, ok := c.planAdjustment(a, &out); ok {
			c.contradicts(a, adjusted, out.Adjust)
			out.Adjust = append(out.Adjust, adjusted)
		}
	}
	c.phases(p.Phases, &out)
	if p.FreeBelow.written() && !p.FreeBelow.bad && len(p.FreeBelow.rows) == 0 {
		c.add(p.FreeBelow.place, "names no meter", "write `<meter>: <bound>`, or leave it out")
	}
	for _, b := range p.FreeBelow.rows {
		priced := c.priced[b.name]
		if _, known := c.meterNamed(b.place, b.name, v); known && !priced {
			c.warn(b.place, "no price of this plan is of the meter "+quote(b.name)+", which decides here whether the plan is free", "price it, or check its name")
		}
		if b.value.written() {
			out.FreeBelow = append(out.FreeBelow, pricing.FreeBelow{Meter: b.name, UpTo: c.quantity(b.value)})
		}
	}
	return out
}

// meterNamed returns the meter that a price or bound asks for.
func (c *checker) meterNamed(at place, id string, v *pricing.Version) (pricing.Meter, bool) {
	m, known := v.MeterOf(id)
	c.used[id], c.priced[id] = true, true
	if !known {
		ids := make([]string, 0, len(v.Meters))
		for _, m := range v.Meters {
			ids = append(ids, m.ID)
		}
		remedy := cmp.Or(spelling.DidYouMean(id, ids), "add it under `meters:` of this version")
		c.add(at, quote(id)+" is not a meter of this version", remedy)
	}
	return m, known
}

// cycle reads how often a plan bills (docs/billing-rules.md, Periods and closings).
// adjustmentsIn reads the discounts, minimum and maximum that a price or an
// adjustment writes, in the order in which they apply (docs/billing-rules.md, The
// order of an amount).
func (c *checker) adjustmentsIn(units, amount, percent, minimum, maximum number) []pricing.Adjustment {
	var out []pricing.Adjustment
	if units.written() {
		out = append(out, pricing.Adjustment{Kind: pricing.UsageDiscount, Quantity: c.quantity(units), Position: units.position()})
	}
	if amount.written() {
		out = append(out, pricing.Adjustment{Kind: pricing.AmountDiscount, Amount: c.amount(amount), Position: amount.position()})
	}
	if percent.written() {
		q := c.quantity(percent)
		if q.Sub(hundred()).Sign() > 0 {
			c.add(percent.place, "is more than 100 per cent", "write 0 to 100; 10 is ten per cent")
		}
		out = append(out, pricing.Adjustment{Kind: pricing.PercentDiscount, Percent: q, Position: percent.position()})
	}
	c.beyondMinorUnit(minimum)
	c.beyondMinorUnit(maximum)
	if minimum.written() {
		out = append(out, pricing.Adjustment{Kind: pricing.MinimumCharge, Amount: c.amount(minimum), Position: minimum.position()})
	}
	if maximum.written() {
		most := c.amount(maximum)
		if minimum.written() && !minimum.bad && !maximum.bad && c.amount(minimum).Cmp(most) > 0 {
			c.add(maximum.place, "the maximum is less than the minimum", "raise it, or lower the minimum")
		}
		out = append(out, pricing.Adjustment{Kind: pricing.MaximumCharge, Amount: most, Position: maximum.position()})
	}
	return out
}

// planAdjustment reads an adjustment over several prices of a plan.
func (c *checker) planAdjustment(a adjustment, p *pricing.Plan) (pricing.Adjustment, bool) {
	if !a.written() || a.bad {
		return pricing.Adjustment{}, false
	}
	found := c.adjustmentsIn(a.UnitsOff, a.AmountOff, a.PercentOff, a.Minimum, a.Maximum)
	if len(found) == 0 && a.strange {
		return pricing.Adjustment{}, false
	}
	if len(found) != 1 {
		reason, remedy := "this adjustment does not say what it does", "write one of units_off, amount_off, percent_off, minimum, maximum"
		if len(found) > 1 {
			reason, remedy = "this adjustment does several things", "write one `- {…}` for each"
		}
		c.add(a.place, reason, remedy)
		return pricing.Adjustment{}, false
	}
	out := found[0]
	out.Position = a.position()
	out.On = c.pricesNamed(a.On, p)
	out.FirstMonths = c.firstMonths(a.During)
	c.unitsOffOne(a, out, p)
	out.Prorate = c.sharedByTime(a, out, p)
	if a.To.written() && !a.To.bad {
		out.To = a.To.value
		switch {
		case out.Kind != pricing.MinimumCharge:
			c.add(a.To.place, "only a minimum goes to one price", "leave `to` out")
		case c.priceNamed(a.To, p) && len(out.On) > 0 && !slices.Contains(out.On, a.To.value):
			c.add(a.To.place, quote(a.To.value)+" is not among the prices of `on`", "name one of them")
		}
	}
	return out, true
}

// sharedByTime reads how an amount is shared where a subscription covers a part
// of the period. A pool has no such part: its members come and go.
func (c *checker) sharedByTime(a adjustment, out pricing.Adjustment, p *pricing.Plan) pricing.Proration {
	if !a.Prorate.written() || a.Prorate.bad {
		return ""
	}
	pooled := slices.ContainsFunc(p.Prices, func(pr pricing.Price) bool {
		return pr.Pool != "" && pr.Pool != pricing.PoolSubscription && (len(out.On) == 0 || slices.Contains(out.On, pr.ID))
	})
	switch {
	case out.Kind == pricing.UsageDiscount || out.Kind == pricing.PercentDiscount:
		c.add(a.Prorate.place, "units and per cents are not shared by time", "leave `prorate` out")
	case pooled:
		c.add(a.Prorate.place, "a pool has no part of a period: who is in it comes and goes", "leave `prorate` out, or name prices that are not pooled in `on`")
	}
	return pricing.Proration(a.Prorate.value)
}

// unitsOffOne checks that a usage discount names one metered price: units of
// several prices cannot be added up.
func (c *checker) unitsOffOne(a adjustment, out pricing.Adjustment, p *pricing.Plan) {
	if out.Kind != pricing.UsageDiscount {
		return
	}
	if len(out.On) != 1 {
		c.add(a.UnitsOff.place, "units can be taken off one price only", "write `on: [<price>]`")
		return
	}
	i := slices.IndexFunc(p.Prices, func(pr pricing.Price) bool { return pr.ID == out.On[0] })
	if i >= 0 && p.Prices[i].Meter != "" && !p.Prices[i].TakesUnitsOff() {
		c.add(a.On.place, quote(out.On[0])+" looks at single events or changes, of which no units can be taken off", "use amount_off or percent_off")
	}
	if i >= 0 && p.Prices[i].Meter == "" {
		c.add(a.On.place, quote(out.On[0])+" has no meter to take units off", "use amount_off or percent_off")
	}
}

// pricesNamed reads `on`: nil is all prices.
func (c *checker) pricesNamed(on words, p *pricing.Plan) []string {
	if !on.written() || on.bad || len(on.items) == 1 && on.items[0].value == "all" {
		return nil
	}
	if len(on.items) == 0 {
		c.add(on.place, "names no price", "write `on: all`, or leave it out")
	}
	var out []string
	for _, t := range on.items {
		if !t.written() || t.bad || !c.priceNamed(t, p) {
			continue
		}
		if slices.Contains(out, t.value) {
			c.add(t.place, quote(t.value)+" is listed twice", "list each price once")
			continue
		}
		out = append(out, t.value)
	}
	return out
}

func (c *checker) priceNamed(t text, p *pricing.Plan) bool {
	ids := make([]string, 0, len(p.Prices))
	for _, pr := range p.Prices {
		ids = append(ids, pr.ID)
	}
	if slices.Contains(ids, t.value) {
		return true
	}
	c.add(t.place, quote(t.value)+" is not a price of this plan", cmp.Or(spelling.DidYouMean(t.value, ids), "name one of its prices, or write `on: all`"))
	return false
}

// firstMonths reads `during: first 3 months`.
func (c *checker) firstMonths(t text) int {
	if !t.written() || t.bad {
		return 0
	}
	var n int
	if _, err := fmt.Sscanf(t.value, "first %d month", &n); err == nil && n >= 1 && n <= 1200 {
		if t.value == fmt.Sprintf("first %d months", n) || t.value == "first 1 month" {
			return n
		}
	}
	c.add(t.place, quote(t.value)+" is not a time that is known here", "write `first 3 months`")
	return 0
}
