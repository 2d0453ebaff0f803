package pricing_test

import (
	"math/big"
	"time"

	"daybook/pricing"
	"daybook/pricing/pricingtest"
)

// slowFee is the part of a fee that is owed for a segment, by looking at each of
// its days (docs/billing-rules.md, Proration). A month convention changes what
// days and time are divided by, and no fee rises above its price.
func (s *slowSegment) slowFee() *big.Rat {
	if s.version.Conventions.Month != pricing.MonthCalendar {
		return new(big.Rat).Sub(s.feeThrough(s.part.End), s.feeThrough(s.part.Start))
	}
	if s.version.Conventions.Proration == pricing.ProrateTime {
		return ratio(s.part, s.nominal)
	}
	return s.feeOf(func(owed pricing.Period) bool { return s.part.Contains(owed.Start) }, func(today pricing.Period) bool {
		return today.End.After(s.part.Start) && !today.End.After(s.part.End)
	}, s.part.Start.Equal(s.whole.Start))
}

// feeThrough is the part of the fee owed from the period's start to an instant.
func (s *slowSegment) feeThrough(t time.Time) *big.Rat {
	held := s.whole.Upto(t)
	if held.Empty() {
		return new(big.Rat)
	}
	if held.Equal(s.nominal) {
		return big.NewRat(1, 1)
	}
	if s.version.Conventions.Proration == pricing.ProrateTime {
		return smallest(big.NewRat(int64(held.Length()), int64(s.monthLength())), big.NewRat(1, 1))
	}
	return smallest(s.feeOf(func(owed pricing.Period) bool { return owed.Start.Before(t) }, func(today pricing.Period) bool {
		return !today.End.After(t)
	}, true), big.NewRat(1, 1))
}

// feeOf counts the days of the period that are owed by the convention: those
// that start, or end, where it is asked.
func (s *slowSegment) feeOf(starts, ends func(pricing.Period) bool, first bool) *big.Rat {
	var owed, days int64
	for d := s.nominalFirst; d < s.nominalBefore; d++ {
		days++
		today := midnights(d, d.AddDays(1), s.loc)
		on := s.whole.Cut(today)
		switch s.version.Conventions.Proration {
		case pricing.ProrateDays:
			if on.Equal(today) && ends(today) {
				owed++
			}
		case pricing.ProrateStartedDays:
			if !on.Empty() && starts(on) {
				owed++
			}
		}
	}
	if s.version.Conventions.Proration == pricing.ProrateNone {
		if first {
			return big.NewRat(1, 1)
		}
		return new(big.Rat)
	}
	if s.version.Conventions.Month == pricing.Month30Days {
		days = 30 * int64(s.plan.Cycle.Months)
	}
	return big.NewRat(owed, days)
}

// monthLength is what a billing period is divided by.
func (s *slowSegment) monthLength() time.Duration {
	months := time.Duration(s.plan.Cycle.Months)
	return map[pricing.MonthLength]time.Duration{
		pricing.MonthCalendar: s.nominal.Length(), pricing.MonthLessOneSecond: s.nominal.Length() - time.Second,
		pricing.Month730Hours: 730 * time.Hour * months, pricing.Month30Days: 720 * time.Hour * months,
	}[s.version.Conventions.Month]
}

func smallest(a, b *big.Rat) *big.Rat {
	if a.Cmp(b) <= 0 {
		return a
	}
	return b
}

// slowResources prices a resource minute by minute, per hour or by its part of
// the period.
func (w *world) slowResources(s *slowSegment, price *pricing.Price, through pricing.Date) *big.Rat {
	model := price.Model.(pricing.ResourceTime)
	sum := new(big.Rat)
	for _, r := range w.resources {
		if r.Kind != price.Resource || r.Subscription != s.sub.ID {
			continue
		}
		held := s.whole.Cut(pricing.Period{Start: r.Created, End: r.Deleted}).Upto(min(through, s.nominalBefore).AddDays(1).In(s.loc))
		most, per := model.CapSeconds, model.PerSeconds
		if per == 0 {
			per = int64(s.monthLength() / time.Second)
			if s.version.Conventions.Month == pricing.MonthLessOneSecond {
				most = per // the second left out is not charged on top
			}
		}
		var seconds, used int64
		for at := held.Start; at.Before(held.End); at = at.Add(time.Minute) {
			minute := int64(60)
			if most > 0 {
				minute = min(minute, most-used)
			}
			used += minute
			if s.part.Contains(at) {
				seconds += minute
			}
		}
		amount := new(big.Rat).Mul(big.NewRat(seconds, per), pricingtest.Rat(r.Quantity))
		sum.Add(sum, amount.Mul(amount, pricingtest.Rat(model.Unit)))
	}
	return sum
}
