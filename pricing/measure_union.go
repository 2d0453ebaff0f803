package pricing

import "daybook/pricing/money"

// measureUnion returns how many different values the members of a pool used:
// one that several used is one.
func (x *rating) measureUnion(members []*segment, price *Price, h horizon) (Measured, error) {
	m, rows, over := x.unionOf(members, price.Meter, h)
	if price.apart() {
		if hours, ok := price.Model.(TimeOfDay); ok {
			return m.measureWindows(rows, over, price.Each, &hours)
		}
		return m.measureWindows(rows, over, price.Each, nil)
	}
	var by []string
	if matrix, ok := price.Model.(Matrix); ok {
		by = matrix.By
	}
	return m.measureStates(rows, over, by)
}

// unionOf returns a unique meter's states of all members that count, and a span
// that holds them.
func (x *rating) unionOf(members []*segment, meter string, h horizon) (m Meter, rows []UsageState, over span) {
	for i, s := range members {
		var of []UsageState
		var its span
		m, _ = s.version.MeterOf(meter)
		if part, ok := h.ahead(s); ok && !part.IsZero() && !m.Running && s.first > h.day {
			s = s.over() // it stays as it is, as foresee has it
		}
		m, of, its = x.metering(s, meter, h)
		of, _ = m.counting(of, its) // only counters overflow
		for j := range of {
			if of[j].Day >= its.first && of[j].Day <= its.last {
				rows = append(rows, of[j])
			}
		}
		if i == 0 {
			over = its
		}
		over.first, over.last = min(over.first, its.first), max(over.last, its.last)
	}
	return m, rows, over
}

// measureTogether returns a meter's quantity over several subscriptions.
func (x *rating) measureTogether(members []*segment, meter string, h horizon) (money.Fraction, error) {
	var sum money.Fraction
	for i, s := range members {
		m, _ := s.version.MeterOf(meter)
		if m.Aggregate == Unique && i == 0 {
			_, rows, over := x.unionOf(members, meter, h)
			all, err := m.measureStates(rows, over, nil)
			return all.Quantity, err
		}
		one, err := x.measureMeter(s, meter, nil, h)
		if err != nil {
			return sum, err
		}
		sum = sum.Add(one.Quantity)
	}
	return sum, nil
}

// uniteBundle counts a value once that several members used, in what they used
// of several meters.
func (x *rating) uniteBundle(sum *Measured, members []*segment, h horizon) error {
	for i := range sum.Groups {
		meter := sum.Groups[i].Values[0]
		if m, _ := members[0].version.MeterOf(meter); m.Aggregate != Unique {
			continue
		}
		var err error
		if sum.Groups[i].Quantity, err = x.measureTogether(members, meter, h); err != nil {
			return err
		}
	}
	return nil
}
