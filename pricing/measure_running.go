package pricing

import "daybook/pricing/money"

// runningRows returns the states that make a running meter's level at the end of
// a span, as if all were of its first day: of a sum every change, of a unique
// meter the last state of each value that is still there. Rows are in order of
// dimensions and time (docs/billing-rules.md, Meters and aggregations, Running
// meters).
func (m Meter) runningRows(rows []UsageState, s span) []UsageState {
	var out []UsageState
	for i := range rows {
		u := rows[i]
		if u.Day < s.carry || u.Day > s.last {
			continue
		}
		u.Day = s.first
		if m.Aggregate == Unique {
			if n := len(out); n > 0 && out[n-1].Dimensions == u.Dimensions {
				out = out[:n-1]
			}
		}
		out = append(out, u)
	}
	if m.Aggregate != Unique {
		return out
	}
	there := out[:0]
	for i := range out {
		if out[i].present() {
			there = append(there, out[i])
		}
	}
	return there
}

// present reports whether a running unique meter's value is there after a state.
func (u *UsageState) present() bool { return u.Last != (money.Int128{}) }
