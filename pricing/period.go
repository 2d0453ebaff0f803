package pricing

import (
	"iter"
	"time"
)

// Period is a half-open interval [Start, End) of instants, in UTC.
type Period struct{ Start, End time.Time }

// Empty reports whether the period holds no instant.
func (p Period) Empty() bool { return !p.Start.Before(p.End) }

// Length returns how long the period is; 0 when it is empty.
func (p Period) Length() time.Duration { return max(p.End.Sub(p.Start), 0) }

// Contains reports whether t lies in [Start, End).
func (p Period) Contains(t time.Time) bool { return !t.Before(p.Start) && t.Before(p.End) }

// Equal reports whether both are the same instants.
func (p Period) Equal(o Period) bool { return p.Start.Equal(o.Start) && p.End.Equal(o.End) }

// Cut returns what of the period lies in o, which is empty when nothing does.
// An o whose End is zero is open.
func (p Period) Cut(o Period) Period {
	if o.Start.After(p.Start) {
		p.Start = o.Start
	}
	if !o.End.IsZero() && o.End.Before(p.End) {
		p.End = o.End
	}
	return p
}

// Upto returns what of the period lies before t.
func (p Period) Upto(t time.Time) Period {
	if t.Before(p.End) {
		p.End = t
	}
	return p
}

// LocalDay returns the day of loc that holds t: the day d with
// d.In(loc) <= t < d.AddDays(1).In(loc). It differs from the date that clocks
// show only where they went back over a midnight, whose second run still
// belongs to the day that had begun.
func LocalDay(t time.Time, loc *time.Location) Date {
	d := DateOf(t.In(loc))
	for !d.AddDays(1).In(loc).After(t) {
		d++
	}
	return d
}

// days returns the first and last local day that the period touches; it must
// not be empty.
func (p Period) days(loc *time.Location) (first, last Date) {
	return LocalDay(p.Start, loc), LocalDay(p.End.Add(-1), loc)
}

// Cadence says on which local midnights billing periods begin: every Months
// months on Day, or on a shorter month's last day
// (docs/billing-rules.md, Periods and closings).
type Cadence struct {
	Months int // 1, 3, 6 or 12
	Day    int // 1 to 31
	Phase  int // 0 to Months-1: months after January in which the first period of a year begins
}

// CadenceOf returns the cadence of a subscription to a plan of that cycle. A
// day that the subscription names comes before the cycle's. Cycles that are
// anchored on the subscription count months from the one in which it began,
// the others from January.
func CadenceOf(c Cycle, sub Subscription, loc *time.Location) Cadence {
	out := Cadence{Months: max(c.Months, 1), Day: max(c.Anchor.Day, 1)}
	if c.Anchor.Subscription {
		_, month, day := LocalDay(sub.Start, loc).UTC().Date()
		out.Day, out.Phase = day, (int(month)-1)%out.Months
	}
	if sub.Anchor > 0 {
		out.Day = sub.Anchor
	}
	return out
}

// begin returns the midnight on which a period begins in the month of that
// index (year × 12 + month − 1).
func (c Cadence) begin(month int, loc *time.Location) time.Time {
	last := NewDate(0, time.Month(month+2), 0)
	_, _, days := last.UTC().Date()
	return last.AddDays(min(c.Day, days) - days).In(loc).UTC()
}

// monthAt returns the index of the month in which the period that holds t began.
func (c Cadence) monthAt(t time.Time, loc *time.Location) int {
	y, m, _ := LocalDay(t, loc).UTC().Date()
	month := y*12 + int(m) - 1
	for (month-c.Phase)%c.Months != 0 || c.begin(month, loc).After(t) {
		month--
	}
	return month
}

// PeriodAt returns the billing period that holds t.
func PeriodAt(c Cadence, loc *time.Location, t time.Time) Period {
	month := c.monthAt(t, loc)
	return Period{c.begin(month, loc), c.begin(month+c.Months, loc)}
}

// Periods returns the billing periods from the one that holds from to the last
// that begins at or before to, without gap or overlap.
func Periods(c Cadence, loc *time.Location, from, to time.Time) iter.Seq[Period] {
	return func(yield func(Period) bool) {
		month := c.monthAt(from, loc)
		p := Period{c.begin(month, loc), c.begin(month+c.Months, loc)}
		for !p.Start.After(to) && yield(p) {
			month += c.Months
			p = Period{p.End, c.begin(month+c.Months, loc)}
		}
	}
}

// wholeMonths counts the whole months from one day to a later one: 15 January
// to 14 April is two, to 15 April three; where the 31st does not exist, the
// month's last day completes it.
func wholeMonths(from, to Date) int {
	fy, fm, fd := from.UTC().Date()
	ty, tm, td := to.UTC().Date()
	months := (ty-fy)*12 + int(tm) - int(fm)
	_, _, last := NewDate(ty, tm+1, 0).UTC().Date()
	if td < min(fd, last) {
		months--
	}
	return max(months, 0)
}
