package book

import (
	"fmt"

	"daybook/pricing"
	"daybook/pricing/money"
)

// tiers reads graduated and volume tiers. Bounds are inclusive: `up_to: 100`
// contains 100, and the last tier is open. Bounds may also be written as
// first_unit and last_unit; a tier then begins where the one before ends, or one
// unit later, which means the same (docs/billing-rules.md, Price models).
func (c *checker) tiers(l list[tier]) []pricing.Tier {
	if l.bad {
		return nil
	}
	if len(l.items) == 0 {
		c.add(l.place, "has no tier", "add tiers, the last one without a bound: [{up_to: 100, unit: 0.50}, {unit: 0.40}]")
		return nil
	}
	out := make([]pricing.Tier, 0, len(l.items))
	var last money.Quantity
	for i, t := range l.items {
		if !t.written() || t.bad || boundOf(t).bad {
			return nil
		}
		if !t.Unit.written() && !t.Flat.written() && !t.Package.written() && !t.strange {
			c.add(t.place, "this tier has no price", "add `unit: <price of a unit>`, `flat: <fee>` or both; 0 is free")
		}
		c.tierBegins(t, i, last)
		upTo, open := c.tierEnds(t, i == len(l.items)-1)
		if !open && upTo.Cmp(last) <= 0 {
			c.add(boundOf(t).place, fmt.Sprintf("tier %d ends at %s, not above %s where it begins", i+1, upTo, last),
				"write tiers from the lowest bound to the highest")
		}
		priced := pricing.Tier{UpTo: upTo, Open: open, Unit: c.amount(t.Unit), Flat: c.amount(t.Flat)}
		if t.Package.written() && !t.Package.bad {
			priced.Unit, priced.Block = c.amount(t.Package.Price), c.blockSize(t.Package.Size)
			if t.Unit.written() {
				c.add(t.Unit.place, "this tier has both a `unit` and a `package` price", "keep one of the two")
			}
		}
		out = append(out, priced)
		last = upTo
	}
	return out
}

// boundOf is the tier's upper bound, in whichever form it is written.
func boundOf(t tier) number {
	if t.UpTo.written() {
		return t.UpTo
	}
	if t.Maximum.written() {
		return t.Maximum.number
	}
	return t.LastUnit.number
}

// tierEnds reads a tier's upper bound; only the last one is open.
func (c *checker) tierEnds(t tier, isLast bool) (upTo money.Quantity, open bool) {
	b := boundOf(t)
	if t.UpTo.written() && (t.LastUnit.written() || t.FirstUnit.written()) {
		c.add(t.UpTo.place, "this tier has both `up_to` and first_unit or last_unit", "keep `up_to`")
	}
	if t.Maximum.written() && (t.UpTo.written() || t.LastUnit.written() || t.FirstUnit.written()) {
		c.add(t.Maximum.place, "this tier has both `maximum_units` and another bound", "keep `up_to`")
	}
	switch {
	case b.written() && isLast:
		c.add(b.place, "the last tier has an upper bound, and what exceeds it would have no price", "add a last tier without a bound")
	case !b.written() && !isLast:
		c.add(t.place, "this tier has no upper bound and is not the last", "add `up_to: <bound>`")
		return money.Quantity{}, true
	case isLast:
		return money.Quantity{}, true
	}
	return c.quantity(b), false
}

// tierBegins checks first_unit against the bound of the tier before.
func (c *checker) tierBegins(t tier, i int, last money.Quantity) {
	if !t.FirstUnit.written() || t.FirstUnit.bad {
		return
	}
	first, one := c.quantity(t.FirstUnit), money.QuantityOf(1)
	next := last.Add(one)
	switch {
	case first.Cmp(last) == 0 || first.Cmp(next) == 0:
	case i == 0:
		c.add(t.FirstUnit.place, fmt.Sprintf("the first tier begins at %s, and what is below would have no price", first), "begin at 0 or 1")
	case first.Cmp(last) < 0:
		c.add(t.FirstUnit.place, fmt.Sprintf("tiers overlap from %s to %s", first, last), fmt.Sprintf("begin this tier at %s", next))
	default:
		c.add(t.FirstUnit.place, fmt.Sprintf("there is a gap between %s, where the tier before ends, and %s", last, first), fmt.Sprintf("begin this tier at %s", next))
	}
}
