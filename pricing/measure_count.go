package pricing

import "daybook/pricing/money"

// count is what the states of one group come to: one tally, or where the meter
// adds up its slots (docs/billing-rules.md, Meters and aggregations, Slots added
// up) a tally of each slot.
type count struct {
	tally
	slots map[int64]*tally
}

// add is money.ErrOverflow when a sum does not fit.
func (c *count) add(m *Meter, u *UsageState) error {
	if !m.AddSlots {
		return c.tally.add(u)
	}
	slot := Each{Window: m.Grain}.windowOf(u)
	t := c.slots[slot]
	if t == nil {
		if c.slots == nil {
			c.slots = map[int64]*tally{}
		}
		t = &tally{}
		c.slots[slot] = t
	}
	c.events += u.Events
	return t.add(u)
}

// value returns the aggregate in the event's own unit.
func (c *count) value(m *Meter) money.Fraction {
	a := m.Aggregate
	if a == Counter { // whose rows hold what they rose by
		a = Sum
	}
	if !m.AddSlots {
		return c.tally.value(a)
	}
	var sum money.Fraction
	for _, t := range c.slots { // exact, so that no order can matter
		sum = sum.Add(t.value(a))
	}
	return sum
}
