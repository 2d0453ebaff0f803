package pricing

import (
	"fmt"

	"daybook/pricing/money"
)

// counterRows returns a counter's states of the span with what each rose by as
// its sum. Rows are in order of dimensions and
// time. Each set of dimensions is a counter of its own. What it rose by between
// the last reading of one state and the first of the next belongs to the later
// one, so the last reading before the span counts too; the first one that is
// known only begins the count (docs/billing-rules.md, Meters and aggregations,
// Counters).
func (m Meter) counterRows(rows []UsageState, s span) ([]UsageState, error) {
	out := make([]UsageState, 0, len(rows))
	var before *UsageState
	for i := range rows {
		if rows[i].Day < s.carry || rows[i].Day > s.last {
			continue
		}
		u := rows[i]
		rise := u.Increase
		if before != nil && before.Dimensions == u.Dimensions {
			var ok bool
			if rise, ok = rise.Add(Rise(before.Last, u.First)); !ok {
				return nil, fmt.Errorf("measure meter %s: %w", m.ID, money.ErrOverflow)
			}
		}
		before = &rows[i]
		if u.Day >= s.first {
			u.Sum = rise
			out = append(out, u)
		}
	}
	return out, nil
}

// Rise returns what a counter rose by between two readings. A reading below the
// one before says that the counter began anew at 0.
func Rise(from, to money.Int128) money.Int128 {
	if to.Cmp(from) < 0 {
		return to
	}
	rise, _ := to.Sub(from) // both at least 0, so it fits
	return rise
}
