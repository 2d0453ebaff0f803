package book

import (
	"fmt"
	"slices"

	"daybook/pricing"
	"daybook/pricing/money"
)

// sizes reads capacity of one meter (docs/billing-rules.md, Price models,
// Capacity): tiers of a price each, and nothing for the units.
func (c *checker) sizes(l list[size]) []pricing.Tier {
	plain := list[tier]{place: l.place}
	if len(l.items) == 0 {
		c.noSize(l)
		return nil
	}
	for _, s := range l.items {
		if len(s.UpTo.rows) > 0 {
			c.add(s.UpTo.place, "is a bound for each meter, and the price names one meter", "leave `meter` out, or write `up_to: <bound>`")
			return nil
		}
		bounded := tier{place: s.place, UpTo: s.UpTo.one}
		bounded.strange = true // its price is not here
		plain.items = append(plain.items, bounded)
	}
	out := c.tiers(plain)
	for i := range out {
		out[i].Flat = c.amount(l.items[i].Price)
	}
	return out
}

func (c *checker) noSize(l list[size]) {
	if !l.bad {
		c.add(l.place, "has no size", "add sizes, the last one without a bound: [{up_to: 100, price: 10.00}, {price: 30.00}]")
	}
}

// bundled reads a price for the capacity of several meters at once, which names
// them in its bounds.
func (c *checker) bundled(out *pricing.Price, r row[price], v *pricing.Version) {
	p := r.value
	model := pricing.Bundle{FlatOnZero: p.FlatOnZero.value}
	out.Pool = pricing.Pool(p.Pool.value)
	if len(p.Capacity.items) == 0 {
		c.noSize(p.Capacity)
	}
	last := map[string]money.Quantity{}
	for i, s := range p.Capacity.items {
		if !s.written() || s.bad {
			continue
		}
		t := pricing.BundleTier{Price: c.amount(s.Price)}
		if isLast := i == len(p.Capacity.items)-1; isLast == s.UpTo.written() {
			c.openSize(s, isLast)
		}
		if s.UpTo.one.written() {
			c.add(s.UpTo.place, "is one bound, and the price names no meter", "add `meter: <meter>`, or write a bound for each meter: {seats: 100, storage: 1000}")
		}
		for _, b := range s.UpTo.rows {
			c.meterNamed(b.place, b.name, v)
			if !slices.Contains(model.Meters, b.name) {
				model.Meters = append(model.Meters, b.name)
			}
			t.UpTo = append(t.UpTo, pricing.MeterBound{Meter: b.name, UpTo: c.quantity(b.value)})
		}
		c.grows(s, t, i, last)
		model.Tiers = append(model.Tiers, t)
	}
	switch {
	case len(model.Meters) > 0:
		out.Meter = model.Meters[0]
	case len(p.Capacity.items) == 1 && !p.Capacity.items[0].UpTo.written():
		c.add(p.Capacity.place, "bounds no meter", "add `meter: <meter>`, write bounds for some, or a fee: `fixed: <amount>`")
	}
	out.Model = model
	c.alone(p)
}

func (c *checker) openSize(s size, isLast bool) {
	if isLast {
		c.add(s.UpTo.place, "the last size has a bound, and what exceeds it would have no price", "add a last size without a bound")
		return
	}
	c.add(s.place, "this size has no bound and is not the last", "add `up_to: <bound>`")
}

// grows checks that a size holds no less of each meter than the one before, and
// of one of them more.
func (c *checker) grows(s size, t pricing.BundleTier, i int, last map[string]money.Quantity) {
	more := i == 0
	for n, b := range t.UpTo {
		before, bounded := last[b.Meter]
		switch order := b.UpTo.Cmp(before); {
		case i > 0 && !bounded:
			c.add(s.UpTo.rows[n].place, "the size before has no bound for "+quote(b.Meter), "write bounds from the smallest size to the largest")
		case order < 0:
			c.add(s.UpTo.rows[n].place, fmt.Sprintf("is less than %s, which the size before holds", before), "write bounds from the smallest size to the largest")
		default:
			more = more || order > 0
		}
	}
	if more = more || len(t.UpTo) < len(last); !more && s.UpTo.written() {
		c.add(s.UpTo.place, "holds no more than the size before, so it is never the smallest", "leave it out, or raise a bound")
	}
	clear(last)
	for _, b := range t.UpTo {
		last[b.Meter] = b.UpTo
	}
}

// alone reports what has no meaning beside quantities of several meters.
func (c *checker) alone(p price) {
	const several = "multi-meter"
	c.notFor(several, "keep one of the two; a plan may have both as two prices",
		append(slices.DeleteFunc(models(p), func(s said) bool { return s.key == "capacity" }), said{"unit", p.Unit.place})...)
	c.notFor(several, "there is no one quantity; leave it out, or name one `meter`",
		said{"allowance", p.Allowance.place}, said{"included", p.Included.place}, said{"round_quantity", p.RoundQuantity.place}, said{"units_off", p.UnitsOff.place}, said{"each", p.Each.place},
		said{"commitment", p.Commitment.place}, said{"hours", p.Hours.place})
	c.notFor(several, "usage is billed by the plan's cycle; only fixed fees have one of their own", said{"every", p.Every.place})
	c.notFor(several, "a size has one price", said{"round_time", p.RoundTime.place}, said{"round_amount", p.RoundAmount.place})
	c.notFor(several, "usage is billed when its period has ended", said{"due", p.Due.place}, said{"prorate", p.Prorate.place})
	c.notFor(several, "a resource price has these; see docs/formats.md", said{"per", p.Per.place}, said{"price_by", p.PriceBy.place},
		said{"prices", p.Prices.place}, said{"cap", p.Cap.place}, said{"term", p.Term.place}, said{"lines", p.Lines.place})
}
