package pricing

import (
	"time"

	"daybook/pricing/money"
)

// known is the instant up to which a forecast knows what was used in a period.
func (h horizon) known(p Period, loc *time.Location) time.Time {
	return laterOf(p.Upto(h.asOf).Upto(dayOf(h.day, loc).End).End, p.Start)
}

// flows reports whether a meter's usage adds up with time, so that twice the
// time is twice the quantity.
func (m Meter) flows() bool {
	return m.AddSlots || m.Aggregate == Sum || m.Aggregate == Count || m.Aggregate == Counter
}

// inWindows reports whether a price looks at each stretch of time, or at each
// event, by itself.
func (p *Price) inWindows() bool {
	_, burst := p.Model.(Burst)
	_, hours := p.Model.(TimeOfDay)
	pct, ok := p.Model.(Percentage)
	return p.Each.Window != "" || burst || hours || ok && pct.Singly()
}

// ahead returns the time of a segment that is still to come, as a part of the
// time of its period that has passed; ok is false where none of it has.
func (h horizon) ahead(s *segment) (part money.Fraction, ok bool) {
	until := h.known(s.whole, s.loc)
	passed := until.Sub(s.whole.Start)
	if !h.forecast || passed <= 0 {
		return money.Fraction{}, false
	}
	return money.Ratio(int64(max(0, s.part.End.Sub(laterOf(until, s.part.Start)))), int64(passed)), true
}

// over is a segment's whole period, as if the segment was all of it.
func (s *segment) over() *segment {
	whole := *s
	whole.part, whole.first, whole.last = s.whole, s.wholeFirst, LocalDay(s.whole.End.Add(-1), s.loc)
	return &whole
}

// foresee adds to what a segment has used of a meter what it will use: by the
// run rate of its period so far, or, of a value that does not add up with time,
// what it is now where the segment has not begun.
func (x *rating) foresee(s *segment, h horizon, m Meter, used Measured, measure func(over *segment) (Measured, error)) (Measured, error) {
	part, ok := h.ahead(s)
	if !ok || part.IsZero() || m.Aggregate.Level() || m.Running || !m.flows() && s.first <= h.day {
		return used, nil
	}
	all, err := measure(s.over())
	if err != nil || !m.flows() {
		return all, err
	}
	return used.plus(all.times(part)), nil
}

// times scales a quantity; events are whole, half to even.
func (m Measured) times(part money.Fraction) Measured {
	out := Measured{Quantity: m.Quantity.Mul(part), Events: money.Whole(m.Events).Mul(part).Round(0, money.HalfEven).Quantity().Decimal().IntPart()}
	for _, g := range m.Groups {
		out.Groups = append(out.Groups, Group{g.Values, g.Quantity.Mul(part)})
	}
	return out
}

// plus adds a part of what other windows cost.
func (c Charge) plus(o Charge, part money.Fraction) Charge {
	c.whole, c.Billable = c.whole.Add(o.whole.Mul(part)), c.Billable.Add(o.Billable.Mul(part))
	c.Measured, c.Parts = c.whole.Quantity(), nil
	c.Subtotal = c.Subtotal.Fraction().Add(o.Subtotal.Fraction().Mul(part)).Amount()
	return c
}
