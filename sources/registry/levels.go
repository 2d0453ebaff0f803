package registry

import (
	"time"

	"daybook/pricing"
)

func levelFields() []field[pricing.ScheduledLevel] {
	return []field[pricing.ScheduledLevel]{
		{"schedule", true, func(l *pricing.ScheduledLevel, c cell) *fault { return put(&l.Schedule, c, cell.id) }},
		{"from", true, func(l *pricing.ScheduledLevel, c cell) *fault { return put(&l.From, c, cell.moment) }},
		{"level", true, func(l *pricing.ScheduledLevel, c cell) *fault {
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
func (s *Snapshot) resolveLevels(levels []pricing.ScheduledLevel) {
	zone := newZones(nil)
	for i := range levels {
		zone.settle(&levels[i].From, time.UTC)
	}
	s.Levels = levels
}
