package pricing_test

import (
	"fmt"
	"math/big"
	"slices"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/pricing/pricingtest"
)

// slowFees are the stretches of a fee through which the subscription has one
// number of it, as far as they have begun on a day.
func slowFees(it *slowItem, s *slowSegment, through pricing.Date) []*slowItem {
	if amount, ok := s.sub.PriceOverrides[it.price.ID]; ok {
		own := *it.price
		own.Model = pricing.Fixed{Price: amount}
		it.price = &own
	}
	numbers := []pricing.QuantityChange{{Quantity: money.QuantityOf(1)}}
	if q, ok := s.sub.Quantities[it.price.ID]; ok {
		numbers[0].Quantity = q
	}
	numbers = append(numbers, s.sub.QuantityChanges[it.price.ID]...)
	numbers = slices.CompactFunc(numbers, func(a, b pricing.QuantityChange) bool { return a.Quantity.Cmp(b.Quantity) == 0 })
	var out []*slowItem
	for i, n := range numbers {
		held := pricing.Period{Start: n.From}
		if i+1 < len(numbers) {
			held.End = numbers[i+1].From
		}
		part := *s
		if part.part = s.part.Cut(held); part.part.Empty() {
			continue
		}
		if began := pricing.DateOf(part.part.Start.In(s.loc)); began > s.first && began > through {
			continue
		}
		if it.price.Once && !part.part.Start.Equal(s.sub.Start) {
			continue
		}
		fee := *it
		fee.part, fee.scale, fee.share = part.part, part.slowFee(), ratio(part.part, s.whole)
		if fee.price.Due == pricing.InAdvance {
			fee.due, fee.first = part.part.Start, s.part.Start
		}
		if it.price.Once {
			fee.scale, fee.share, fee.part = big.NewRat(1, 1), big.NewRat(1, 1), s.part.Upto(s.first.AddDays(1).In(s.loc))
		}
		fee.quantity = pricingtest.Rat(n.Quantity)
		out = append(out, &fee)
	}
	return out
}

// billedAhead is what closings bill of a fee in advance: what they know when it
// begins, which is no end, no later version and no later number, and the rest
// when it has ended.
func (w *world) billedAhead(owed *slowItem, ahead map[string][]*slowItem, limit pricing.Date) []*slowItem {
	key := fmt.Sprint(owed.subscription, owed.part.Start.UTC(), owed.price.Cycle)
	if ahead[key] == nil {
		ahead[key] = w.knownAt(owed, limit)
	}
	var out []*slowItem
	for _, it := range ahead[key] {
		if it.price.ID != owed.price.ID || it.own {
			continue
		}
		back := *owed
		back.givenBack, back.due, back.bundle = true, owed.part.End, nil
		back.subtotal, back.total = new(big.Rat).Sub(owed.subtotal, it.subtotal), new(big.Rat).Sub(owed.total, it.total)
		back.part = pricing.Period{Start: owed.part.End, End: it.part.End}
		if back.part.Empty() {
			back.part = owed.part
		}
		out = append(out, it)
		if back.subtotal.Sign() != 0 || back.total.Sign() != 0 {
			out = append(out, &back)
		}
	}
	return out
}

// knownAt prices what is left of the billing period in which a fee begins by
// what was known then.
func (w *world) knownAt(owed *slowItem, limit pricing.Date) []*slowItem {
	then := *w
	book := *w.book
	book.Versions = slices.DeleteFunc(slices.Clone(book.Versions), func(v pricing.Version) bool {
		return v.Effective > pricing.DateOf(owed.part.Start.In(owed.loc))
	})
	then.book = &book
	then.subs = slices.DeleteFunc(slices.Clone(w.subs), func(s pricing.Subscription) bool { return s.ID != owed.subscription })
	sub := &then.subs[0]
	sub.End = time.Time{}
	sub.QuantityChanges = map[string][]pricing.QuantityChange{}
	for id, changes := range w.subOf(owed.subscription).QuantityChanges {
		sub.QuantityChanges[id] = slices.DeleteFunc(slices.Clone(changes), func(c pricing.QuantityChange) bool { return c.From.After(owed.part.Start) })
	}
	registry, _ := pricing.NewRegistry(w.accounts, then.subs, nil)
	loc := zone(registry.Attribution().Of(pricing.SubscriptionKey(sub.ID))[0].Zone)
	for _, s := range then.slowSegments(sub, loc, limit) {
		if s.own == owed.price.Cycle && s.part.Contains(owed.part.Start) {
			s.part.Start, s.part.End, s.whole.End = owed.part.Start, s.nominal.End, s.nominal.End
			return then.slowGroup([]*slowSegment{s}, registry.BillingAccount(sub.Account), forever)
		}
	}
	panic("nothing is owed at " + owed.part.Start.String())
}

func (w *world) subOf(id string) *pricing.Subscription {
	for i := range w.subs {
		if w.subs[i].ID == id {
			return &w.subs[i]
		}
	}
	panic("no subscription " + id)
}

// slowFee is the part of a fee that is owed for a segment, by looking at each of
// its days (docs/billing-rules.md, Proration). A month convention changes what
// days and time are divided by, and no fee rises above its price.
func (s *slowSegment) slowFee() *big.Rat {
	if s.monthBy() != pricing.MonthCalendar {
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
				owed += s.weight(d)
			}
		case pricing.ProrateStartedDays:
			if !on.Empty() && starts(on) {
				owed += s.weight(d)
			}
		}
	}
	if s.version.Conventions.Proration == pricing.ProrateNone {
		if first {
			return big.NewRat(1, 1)
		}
		return new(big.Rat)
	}
	if s.monthBy() == pricing.Month30Days || s.monthBy() == pricing.Month30Of360 {
		days = 30 * int64(s.cycle.Months)
	}
	return big.NewRat(owed, days)
}

// weight is how many days of a month of 30 a day is: the 30th before a 31st is
// none, and the last of February makes up what its month lacks.
func (s *slowSegment) weight(d pricing.Date) int64 {
	if s.monthBy() != pricing.Month30Of360 {
		return 1
	}
	_, month, date := d.UTC().Date()
	_, nextMonth, next := d.AddDays(1).UTC().Date()
	days := min(next, 30) - min(date, 30)
	if nextMonth != month {
		days += 30
	}
	return int64(days)
}

// monthLength is what a billing period is divided by.
func (s *slowSegment) monthLength() time.Duration {
	months := time.Duration(s.cycle.Months)
	return map[pricing.MonthLength]time.Duration{
		pricing.MonthCalendar: s.nominal.Length(), pricing.MonthLessOneSecond: s.nominal.Length() - time.Second,
		pricing.Month730Hours: 730 * time.Hour * months, pricing.MonthFirst730Hours: 730 * time.Hour * months, pricing.Month30Days: 720 * time.Hour * months,
	}[s.monthBy()]
}

// monthBy is the convention of months; periods of days have none.
func (s *slowSegment) monthBy() pricing.MonthLength {
	if s.cycle.Days > 0 {
		return pricing.MonthCalendar
	}
	return s.version.Conventions.Month
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
			if s.monthBy() == pricing.MonthLessOneSecond {
				most = per // the second left out is not charged on top
			}
		}
		if s.monthBy() == pricing.MonthFirst730Hours && model.PerSeconds == 0 && r.Created.Before(s.nominal.Start) {
			upto := func(t time.Time) *big.Rat { // a month after the first is whole, or a part of 730 hours
				if h := held.Upto(t); !h.Equal(s.nominal) {
					return smallest(big.NewRat(max(0, int64(h.End.Sub(h.Start))), int64(s.monthLength())), big.NewRat(1, 1))
				}
				return big.NewRat(1, 1)
			}
			amount := new(big.Rat).Sub(upto(s.part.End), upto(s.part.Start))
			amount.Mul(amount, pricingtest.Rat(r.Quantity))
			sum.Add(sum, amount.Mul(amount, pricingtest.Rat(model.Unit)))
			continue
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
