package pricing

import (
	"time"

	"daybook/pricing/money"
)

// proration measures parts of one billing period by the book's conventions
// (docs/billing-rules.md, Periods and closings).
type proration struct {
	nominal    Period // the billing period as the cycle has it
	whole      Period // what of it the subscription covers
	loc        *time.Location
	months     int // of the cycle
	month      MonthLength
	convention Proration
}

// fee returns the part of a fixed fee that is owed for a part of whole. The
// parts of a period sum to at most 1 and a full period is 1 by any convention.
func (p proration) fee(part Period) money.Fraction {
	return p.feeUpto(part.End).Sub(p.feeUpto(part.Start))
}

func (p proration) feeUpto(t time.Time) money.Fraction {
	held := p.whole.Upto(t)
	if held.Equal(p.nominal) {
		return money.Whole(1)
	}
	return p.share(held).Min(money.Whole(1))
}

// existence returns the part of the period, over its denominator, in which
// something that existed in [held.Start, held.End) did so within part. A
// 730-hour or 30-day month makes it more than 1 in a longer month. Differences
// from the start of the period keep the parts of a period additive whatever the
// convention.
func (p proration) existence(held, part Period) money.Fraction {
	began := !held.Start.Before(p.nominal.Start)
	held = p.whole.Cut(held)
	return p.existenceUpto(held, part.End, began).Sub(p.existenceUpto(held, part.Start, began))
}

func (p proration) existenceUpto(held Period, t time.Time, began bool) money.Fraction {
	held = held.Upto(t)
	f := p.share(held)
	switch {
	case p.month == MonthFirst730Hours && began:
	case (p.month == Month30Of360 || p.month == MonthFirst730Hours) && held.Equal(p.nominal):
		return money.Whole(1)
	case p.month == Month30Of360, p.month == MonthLessOneSecond, p.month == MonthFirst730Hours:
		// The second, or day, that the convention leaves out is not charged on top.
		return f.Min(money.Whole(1))
	}
	return f
}

// share returns a part of the period over the convention's denominator.
func (p proration) share(part Period) money.Fraction {
	if part.Empty() {
		return money.Fraction{}
	}
	switch p.convention {
	case ProrateNone:
		return money.Whole(1)
	case ProrateDays:
		if p.month == Month30Of360 {
			return money.Ratio(wholeDays360(part, p.loc), p.dayCount())
		}
		return money.Ratio(wholeDays(part, p.loc), p.dayCount())
	case ProrateStartedDays:
		if p.month == Month30Of360 {
			first, last := part.days(p.loc)
			return money.Ratio(days360(first, last.AddDays(1)), p.dayCount())
		}
		return money.Ratio(startedDays(part, p.loc), p.dayCount())
	}
	return money.Ratio(int64(part.Length()), int64(p.length()))
}

// length is the denominator of exact time.
func (p proration) length() time.Duration {
	switch p.month {
	case Month730Hours, MonthFirst730Hours:
		return time.Duration(p.months) * 730 * time.Hour
	case Month30Days:
		return time.Duration(p.months) * 30 * 24 * time.Hour
	case MonthLessOneSecond:
		return p.nominal.Length() - time.Second
	}
	return p.nominal.Length()
}

// dayCount is the denominator of the conventions that count days.
func (p proration) dayCount() int64 {
	if p.month == Month30Days || p.month == Month30Of360 {
		return int64(p.months) * 30
	}
	return wholeDays(p.nominal, p.loc)
}

// wholeDays counts the local days that lie wholly inside the period.
func wholeDays(p Period, loc *time.Location) int64 {
	first, last := p.days(loc)
	var n int64
	for d := first; d <= last; d++ {
		if day := dayOf(d, loc); !day.Empty() && !day.Start.Before(p.Start) && !day.End.After(p.End) {
			n++
		}
	}
	return n
}

// days360 counts the days from one to another where each month has 30: the 31st
// counts as the 30th, and the end of February is as far from March as it says.
func days360(from, to Date) int64 {
	count := func(d Date) int64 {
		year, month, day := d.UTC().Date()
		return int64(year)*360 + int64(month)*30 + int64(min(day, 30))
	}
	return count(to) - count(from)
}

// wholeDays360 counts the local days that lie wholly inside the period so.
func wholeDays360(p Period, loc *time.Location) int64 {
	first, last := p.days(loc)
	if dayOf(first, loc).Start.Before(p.Start) {
		first++
	}
	if dayOf(last, loc).End.After(p.End) {
		last--
	}
	if last < first {
		return 0
	}
	return days360(first, last.AddDays(1))
}

// startedDays counts the local days that the period touches.
func startedDays(p Period, loc *time.Location) int64 {
	first, last := p.days(loc)
	var n int64
	for d := first; d <= last; d++ {
		if !dayOf(d, loc).Empty() {
			n++
		}
	}
	return n
}

// dayOf returns a local day as instants, 23 to 25 hours where clocks change.
func dayOf(d Date, loc *time.Location) Period {
	return Period{d.In(loc).UTC(), d.AddDays(1).In(loc).UTC()}
}
