package pricing

import "daybook/pricing/money"

// count is what the states of one group come to: one tally; where the meter adds
// up its slots a tally of each; of a unique meter the values that were seen
// (docs/billing-rules.md, Meters and aggregations).
type count struct {
	tally
	slots  map[int64]*tally
	values map[string]struct{}
}

// add is money.ErrOverflow when a sum does not fit.
func (c *count) add(m *Meter, u *UsageState) error {
	switch {
	case m.Aggregate == Unique:
		return c.see(m, u)
	case m.AddSlots:
		return c.slot(m, u).add(u)
	}
	return c.tally.add(u)
}

// see notes the value of a unique meter's state, which is among its dimensions.
func (c *count) see(m *Meter, u *UsageState) error {
	pairs, err := parseDimensions(u.Dimensions)
	if err != nil {
		return err
	}
	if c.values == nil {
		c.values = map[string]struct{}{}
	}
	c.values[pairs[m.Of]] = struct{}{}
	c.events += u.Events
	return nil
}

// slot returns the tally of a state's slot.
func (c *count) slot(m *Meter, u *UsageState) *tally {
	at := Each{Window: m.Grain}.windowOf(u)
	t := c.slots[at]
	if t == nil {
		if c.slots == nil {
			c.slots = map[int64]*tally{}
		}
		t = &tally{}
		c.slots[at] = t
	}
	c.events += u.Events
	return t
}

// value returns the aggregate in the event's own unit.
func (c *count) value(m *Meter) money.Fraction {
	a := m.Aggregate
	switch {
	case a == Unique:
		return money.Whole(int64(len(c.values)))
	case a == Counter: // whose rows hold what they rose by
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
