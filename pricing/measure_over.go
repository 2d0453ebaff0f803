package pricing

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// ErrWithinDay is what [Meter.Over] says of a bound that lies within a local day
// whose usage is not known finely enough.
var ErrWithinDay = errors.New("usage is kept by local days")

// Over returns a meter's quantity over a stretch of time in the priced unit, by
// some of the dimensions that it keeps; without any, as one quantity. Rows are the
// states of one subscription: those of its local days, and of CarryDays before
// where the meter carries. An average is over the length of the stretch.
//
// Bounds are local midnights as a rule. A bound within a day cuts that day's states,
// and is ErrWithinDay where the events of one lie on both of its sides or the meter
// carries: what lies where is not kept then. A meter of a finer grain, or one that
// keeps each event, can be cut at its slots.
func (m Meter) Over(rows []UsageState, p Period, loc *time.Location, by []string) (Measured, error) {
	if p.Empty() {
		return Measured{}, nil
	}
	var s span
	s.first, s.last = p.days(loc)
	s.carry, s.part, s.loc, s.whole = s.first.AddDays(-m.CarryDays), p, loc, p.Length()
	own := make([]UsageState, 0, len(rows))
	for i := range rows {
		u := &rows[i]
		if u.Meter != m.ID || u.Day < s.carry || u.Day > s.last {
			continue
		}
		switch in, cut := inPeriod(u, p); {
		case u.Day < s.first, in:
			own = append(own, *u)
		case cut:
			return Measured{}, fmt.Errorf("meter %s on %s: %w", m.ID, u.Day, ErrWithinDay)
		}
	}
	if m.Carries() && !(p.Start.Equal(s.first.In(loc)) && p.End.Equal(s.last.AddDays(1).In(loc))) {
		return Measured{}, fmt.Errorf("meter %s: %w", m.ID, ErrWithinDay)
	}
	slices.SortFunc(own, func(a, b UsageState) int { return compareStates(&a, &b) })
	return m.measure(own, s, by)
}

// inPeriod reports whether all events of a state are in a period, and whether only
// some are.
func inPeriod(u *UsageState, p Period) (in, cut bool) {
	from, to := p.Start.UnixMicro(), p.End.UnixMicro()
	in = u.FirstTime >= from && u.LastTime < to
	return in, !in && u.FirstTime < to && u.LastTime >= from
}
