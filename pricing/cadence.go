package pricing

import (
	"iter"
	"time"
)

// Cadence says on which local midnights billing periods begin: every Months
// months on Day, or on a shorter month's last day; or, where Days is not 0, every
// so many days (docs/billing-rules.md, Periods and closings).
type Cadence struct {
	Months int // 1, 3, 6 or 12
	Day    int // 1 to 31
	Days   int // above 0: so many days, and no months
	// Phase is 0 to Months-1, the months after January in which the first period
	// of a year begins; of days 0 to Days-1, the days after 1 January 1970.
	Phase int
}

// CadenceOf returns the cadence of a subscription to a plan of that cycle. A
// day that the subscription names comes before the cycle's. Cycles that are
// anchored on the subscription count months, or days, from the one in which it
// began; the others count months from January, and weeks begin on Monday.
func CadenceOf(c Cycle, sub Subscription, loc *time.Location) Cadence {
	if c.Days > 0 {
		const monday = Date(4) // 5 January 1970
		since := monday
		if c.Anchor.Subscription {
			since = LocalDay(sub.Start, loc)
		}
		days := Date(c.Days)
		return Cadence{Days: c.Days, Phase: int((since%days + days) % days)}
	}
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

// begin returns the midnight on which a period begins: of days by its number,
// else in the month of that index (year × 12 + month − 1).
func (c Cadence) begin(at int, loc *time.Location) time.Time {
	if c.Days > 0 {
		return Date(at*c.Days + c.Phase).In(loc).UTC()
	}
	last := NewDate(0, time.Month(at+2), 0)
	_, _, days := last.UTC().Date()
	return last.AddDays(min(c.Day, days) - days).In(loc).UTC()
}

// step is how far the next period's index is.
func (c Cadence) step() int {
	if c.Days > 0 {
		return 1
	}
	return c.Months
}

// at returns the index of the period that holds t.
func (c Cadence) at(t time.Time, loc *time.Location) int {
	day := LocalDay(t, loc)
	if c.Days > 0 {
		since := int(day) - c.Phase
		n := since / c.Days
		if since%c.Days < 0 {
			n--
		}
		return n
	}
	y, m, _ := day.UTC().Date()
	month := y*12 + int(m) - 1
	for (month-c.Phase)%c.Months != 0 || c.begin(month, loc).After(t) {
		month--
	}
	return month
}

// PeriodAt returns the billing period that holds t.
func PeriodAt(c Cadence, loc *time.Location, t time.Time) Period {
	at := c.at(t, loc)
	return Period{c.begin(at, loc), c.begin(at+c.step(), loc)}
}

// Periods returns the billing periods from the one that holds from to the last
// that begins at or before to, without gap or overlap. A day that a zone leaves
// out is no period.
func Periods(c Cadence, loc *time.Location, from, to time.Time) iter.Seq[Period] {
	return func(yield func(Period) bool) {
		at := c.at(from, loc)
		p := Period{c.begin(at, loc), c.begin(at+c.step(), loc)}
		for !p.Start.After(to) {
			if !p.Empty() && !yield(p) {
				return
			}
			at += c.step()
			p = Period{p.End, c.begin(at+c.step(), loc)}
		}
	}
}
