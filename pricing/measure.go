package pricing

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"daybook/pricing/money"
)

// span is the time over which usage is measured.
type span struct {
	first, last Date // local days that count
	carry       Date // from which day on an earlier level is looked for
	part        Period
	loc         *time.Location
	whole       time.Duration // length of the billing period: what an average is over
}

// measure returns a meter's quantity over a span in the priced unit, in groups
// by the dimensions that a matrix price asks for
// (docs/billing-rules.md, Meters and aggregations).
func (m Meter) measure(rows []UsageState, s span, by []string) (Measured, error) {
	if m.Aggregate.Level() {
		return m.measureLevel(rows, s, by)
	}
	rows, err := m.counting(rows, s)
	if err != nil {
		return Measured{}, err
	}
	return m.measureStates(rows, s, by)
}

// measureStates is measure for what counting returned.
func (m Meter) measureStates(rows []UsageState, s span, by []string) (Measured, error) {
	tallies := grouping[count]{by: by}
	for i := range rows {
		if rows[i].Day < s.first || rows[i].Day > s.last {
			continue
		}
		c, err := tallies.at(rows[i].Dimensions)
		if err == nil {
			err = c.add(&m, &rows[i])
		}
		if err != nil {
			return Measured{}, fmt.Errorf("measure meter %s: %w", m.ID, err)
		}
	}
	groups := tallies.sorted()
	out, err := measured(m, groups, func(c *count) money.Fraction { return c.value(&m) })
	for _, g := range groups {
		out.Events += g.of.events
	}
	return out, err
}

// counting returns the states of which those on the span's days count, with what
// a counter rose by and what runs on from the days before.
func (m Meter) counting(rows []UsageState, s span) ([]UsageState, error) {
	switch {
	case m.Aggregate == Counter:
		return m.counterRows(rows, s)
	case m.Running:
		return m.runningRows(rows, s), nil
	}
	return rows, nil
}

// measured sums the groups, each converted to the priced unit. Without groups
// there is one, of no values, or none when nothing was used.
func measured[T any](m Meter, groups []valued[T], value func(*T) money.Fraction) (Measured, error) {
	var out Measured
	for _, g := range groups {
		q, err := value(g.of).Quo(m.DivideBy.Fraction())
		if err != nil {
			return Measured{}, fmt.Errorf("measure meter %s: divide_by: %w", m.ID, err)
		}
		out.Quantity = out.Quantity.Add(q)
		if len(g.values) > 0 {
			out.Groups = append(out.Groups, Group{Values: g.values, Quantity: q})
		}
	}
	return out, nil
}

// plus adds another account's quantities: what a pool measures.
func (m Measured) plus(o Measured) Measured {
	out := Measured{
		Quantity: m.Quantity.Add(o.Quantity), Events: m.Events + o.Events,
		ByEvent:  byTime(slices.Concat(m.ByEvent, o.ByEvent)),
		included: m.included.plus(o.included),
	}
	groups := slices.Concat(m.Groups, o.Groups)
	slices.SortStableFunc(groups, func(a, b Group) int { return slices.Compare(a.Values, b.Values) })
	for _, g := range groups {
		if n := len(out.Groups); n > 0 && slices.Equal(out.Groups[n-1].Values, g.Values) {
			out.Groups[n-1].Quantity = out.Groups[n-1].Quantity.Add(g.Quantity)
			continue
		}
		out.Groups = append(out.Groups, g)
	}
	return out
}

// tally merges states; no order of adding them changes its values.
type tally struct {
	sum                 money.Int128
	events              int64
	min, max            money.Int128
	first, last         money.Int128
	firstTime, lastTime int64
}

// add is money.ErrOverflow when a sum does not fit.
func (t *tally) add(u *UsageState) error {
	if t.events == 0 {
		*t = tally{u.Sum, u.Events, u.Min, u.Max, u.First, u.Last, u.FirstTime, u.LastTime}
		return nil
	}
	sum, ok := t.sum.Add(u.Sum)
	if !ok {
		return money.ErrOverflow
	}
	t.sum = sum
	t.events += u.Events
	if u.Min.Cmp(t.min) < 0 {
		t.min = u.Min
	}
	if u.Max.Cmp(t.max) > 0 {
		t.max = u.Max
	}
	// States of several dimension sets may tie to the microsecond, and the event
	// ids that decide within a state are gone: the greater value holds.
	if c := cmp.Or(cmp.Compare(u.FirstTime, t.firstTime), t.first.Cmp(u.First)); c < 0 {
		t.first, t.firstTime = u.First, u.FirstTime
	}
	if c := cmp.Or(cmp.Compare(u.LastTime, t.lastTime), u.Last.Cmp(t.last)); c > 0 {
		t.last, t.lastTime = u.Last, u.LastTime
	}
	return nil
}

// value returns the aggregate in the event's own unit; 0 without events.
func (t *tally) value(a Aggregation) money.Fraction {
	switch a {
	case Count:
		return money.Whole(t.events)
	case Average:
		return t.sum.Quantity(money.QuantityPlaces).Fraction().Mul(money.Ratio(1, t.events))
	}
	return t.fixed(a).Quantity(money.QuantityPlaces).Fraction()
}

// tallied reports whether a tally's values hold the aggregate.
func (a Aggregation) tallied() bool {
	switch a {
	case Sum, Count, Maximum, Minimum, First, Latest:
		return true
	}
	return false
}

// fixed is value as a whole number: a count, else of 10^−12 units.
func (t *tally) fixed(a Aggregation) money.Int128 {
	switch a {
	case Count:
		return money.Int128Of(t.events)
	case Maximum:
		return t.max
	case Minimum:
		return t.min
	case First:
		return t.first
	case Latest:
		return t.last
	}
	return t.sum
}
