package registry

import (
	"time"

	"daybook/pricing"
)

// level is a row of a schedule of price levels on its way.
type level struct {
	pricing.ScheduledLevel
	from moment
}

func levelFields() []field[level] {
	return []field[level]{
		{"schedule", true, func(l *level, c cell) *fault { return put(&l.Schedule, c, cell.id) }},
		{"from", true, func(l *level, c cell) *fault { return put(&l.from, c, cell.moment) }},
		{"level", true, func(l *level, c cell) *fault {
			n, f := c.rank()
			if f == nil && n < 0 {
				f = &fault{"is " + c.shown() + ", and levels are 0 or more", "write 0, 1, 2 …"}
			}
			l.Level = int64(n)
			return f
		}},
	}
}

// resolveLevels gives schedules their instants. They are of no account, so a
// date is midnight in UTC.
func (s *Snapshot) resolveLevels(levels []level) {
	for _, l := range levels {
		l.From = l.from.in(time.UTC)
		s.Levels = append(s.Levels, l.ScheduledLevel)
	}
}
