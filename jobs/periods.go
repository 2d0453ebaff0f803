package jobs

import (
	"fmt"
	"time"

	"daybook/pricing"
)

// dayEnd returns the instant at which day d has ended in the last zone in use.
func dayEnd(d pricing.Date, zones []*time.Location) time.Time {
	end := d.AddDays(1).UTC()
	for _, z := range zones {
		if t := d.AddDays(1).In(z); t.After(end) {
			end = t
		}
	}
	return end.UTC()
}

// monthEnd is dayEnd of a month's last day.
func monthEnd(m pricing.Month, zones []*time.Location) time.Time {
	return dayEnd(m.Next().First().AddDays(-1), zones)
}

// dueDaily is when day d may be rated: its end in the last zone plus the grace.
func (p *Pipeline) dueDaily(d pricing.Date, zones []*time.Location) time.Time {
	return dayEnd(d, zones).Add(p.settings.DailyGrace)
}

// dueClosing is when month m may be closed: its end in the last zone plus the grace.
func (p *Pipeline) dueClosing(m pricing.Month, zones []*time.Location) time.Time {
	return monthEnd(m, zones).Add(p.settings.ClosingGrace)
}

// asOf decides a run's as_of: the one asked for, else the due instant. A period
// is due once the asked as_of, or else the clock, has reached it.
func asOf(o RunOptions, ended, due time.Time) (time.Time, error) {
	if !o.AsOf.IsZero() {
		if o.AsOf.Before(ended) {
			return time.Time{}, fmt.Errorf("%w: it ends at %s in the last time zone in use, after --as-of %s",
				ErrNotDue, ended.Format(time.RFC3339), o.AsOf.UTC().Format(time.RFC3339))
		}
		return o.AsOf.UTC(), nil
	}
	if o.Now.Before(due) {
		return time.Time{}, fmt.Errorf("%w before %s; an earlier run needs --as-of",
			ErrNotDue, due.Format(time.RFC3339))
	}
	return due, nil
}

// Span is a range of days, both ends included.
type Span struct{ From, To pricing.Date }

// Days lists the days of the span.
func (s Span) Days() []pricing.Date {
	var out []pricing.Date
	for d := s.From; d <= s.To; d++ {
		out = append(out, d)
	}
	return out
}

// until returns the part of the span that has begun before t, in UTC.
func (s Span) until(t time.Time) Span {
	return Span{s.From, min(s.To, pricing.DateOf(t.UTC().Add(-time.Nanosecond)))}
}
