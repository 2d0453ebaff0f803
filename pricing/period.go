package pricing

import "time"

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

func laterOf(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
