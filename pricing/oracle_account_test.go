package pricing_test

import (
	"cmp"
	"math/big"
	"slices"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/pricing/pricingtest"
)

// slowSegment is what docs/billing-rules.md, Periods and closings, makes a line
// of its own: found by walking a subscription's local days one by one.
type slowSegment struct {
	sub                         *pricing.Subscription
	loc                         *time.Location
	version                     *pricing.Version
	plan                        *pricing.Plan
	own, cycle                  pricing.Cycle // of fees with one of their own; the one that holds
	first, last, wholeFirst     pricing.Date
	nominal, whole, part        pricing.Period
	nominalFirst, nominalBefore pricing.Date // the days of the billing period: [first, before)
	eraBefore                   pricing.Date // the day on which another cycle begins
	era, term                   pricing.Period
	months                      int
	phase                       int
	free                        bool // nothing is owed in its phase
}

func (w *world) versionOn(d pricing.Date) *pricing.Version {
	v, _ := w.book.VersionOn(d)
	return v
}

// begins reports whether a billing period begins on a day, by looking at it.
func begins(cycle pricing.Cycle, sub *pricing.Subscription, loc *time.Location, d pricing.Date) bool {
	if cycle.Days > 0 {
		monday := pricing.NewDate(2018, 1, 1)
		if cycle.Anchor.Subscription {
			monday = pricing.DateOf(sub.Start.In(loc))
		}
		return (int(d)-int(monday)+366*cycle.Days)%cycle.Days == 0
	}
	_, startMonth, startDay := sub.Start.In(loc).Date()
	anchor, phase := cycle.Anchor.Day, 0
	if cycle.Anchor.Subscription {
		anchor, phase = startDay, int(startMonth)-1
	}
	if sub.Anchor > 0 {
		anchor = sub.Anchor
	}
	year, month, date := d.UTC().Date()
	length := time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return date == min(max(anchor, 1), length) && (int(month)-1-phase+144)%cycle.Months == 0
}

// sameDays reports whether two cycles begin on the same days, as where the
// subscription has an anchor of its own.
func sameDays(a, b pricing.Cycle, sub *pricing.Subscription, loc *time.Location) bool {
	for d := pricing.DateOf(sub.Start); d < pricing.DateOf(sub.Start)+730; d++ {
		if begins(a, sub, loc, d) != begins(b, sub, loc, d) {
			return false
		}
	}
	return true
}

func midnights(first, before pricing.Date, loc *time.Location) pricing.Period {
	return pricing.Period{Start: first.In(loc), End: before.In(loc)}
}

// slowSegments walks the days of a subscription up to a limit, in the periods of
// its plan, and then in those of each cycle that fees have of their own.
func (w *world) slowSegments(sub *pricing.Subscription, loc *time.Location, limit pricing.Date) []*slowSegment {
	out := w.slowSegmentsOf(sub, loc, limit, pricing.Cycle{})
	done := []pricing.Cycle{{}}
	for _, v := range w.book.Versions {
		plan, _ := v.PlanOf(sub.Plan)
		for _, p := range plan.Prices {
			if !slices.Contains(done, p.Cycle) {
				done = append(done, p.Cycle)
				out = append(out, w.slowSegmentsOf(sub, loc, limit, p.Cycle)...)
			}
		}
	}
	return out
}

func (w *world) slowSegmentsOf(sub *pricing.Subscription, loc *time.Location, limit pricing.Date, own pricing.Cycle) []*slowSegment {
	cycleOf := func(plan *pricing.Plan) pricing.Cycle {
		if own != (pricing.Cycle{}) {
			return own
		}
		return plan.Cycle
	}
	firstDay, lastDay := pricing.DateOf(sub.Start.In(loc)), limit
	held := pricing.Period{Start: sub.Start, End: limit.AddDays(1).In(loc)}
	if !sub.End.IsZero() && sub.End.Before(held.End) {
		held.End, lastDay = sub.End, pricing.DateOf(sub.End.Add(-1).In(loc))
	}
	var out []*slowSegment
	for d := firstDay; d <= lastDay && sub.Start.Before(held.End); d++ {
		v := w.versionOn(d)
		plan, _ := v.PlanOf(sub.Plan)
		phase := slowPhase(plan, firstDay, d)
		if n := len(out); n > 0 && out[n-1].version == v && out[n-1].phase == phase && !begins(cycleOf(plan), sub, loc, d) {
			out[n-1].last = d
			continue
		}
		out = append(out, &slowSegment{sub: sub, loc: loc, version: v, plan: plan, own: own, cycle: cycleOf(plan), phase: phase, first: d, last: d})
	}
	for _, s := range out {
		from, to := s.first, s.first.AddDays(1)
		for !begins(s.cycle, sub, loc, from) {
			from--
		}
		for !begins(s.cycle, sub, loc, to) {
			to++
		}
		s.nominal, s.nominalFirst, s.nominalBefore = midnights(from, to, loc), from, to
		sameCycle := func(d pricing.Date) bool {
			plan, _ := w.versionOn(d).PlanOf(sub.Plan)
			return cycleOf(plan) == s.cycle || sameDays(cycleOf(plan), s.cycle, sub, loc)
		}
		stretch := func(same func(pricing.Date) bool) (pricing.Period, pricing.Date) {
			a, b := s.first, s.first.AddDays(1)
			for a > from && same(a-1) {
				a--
			}
			for b < to && same(b) {
				b++
			}
			return midnights(a, b, loc), b
		}
		s.era, s.eraBefore = stretch(sameCycle)
		s.term, _ = stretch(func(d pricing.Date) bool { return w.versionOn(d) == s.version })
		inPhase, _ := stretch(func(d pricing.Date) bool { return slowPhase(s.plan, firstDay, d) == s.phase })
		s.whole, s.part = s.era.Cut(held), s.term.Cut(held).Cut(inPhase)
		s.plan, s.free = inPhaseBy(s.plan, s.phase)
		s.wholeFirst = pricing.DateOf(s.whole.Start.In(loc))
		for wholeMonthsBy(firstDay, s.wholeFirst, s.months+1) {
			s.months++
		}
	}
	return out
}

// slowPhase is how many of a plan's phases are over on a day.
func slowPhase(plan *pricing.Plan, first, d pricing.Date) int {
	months, days, over := 0, 0, 0
	for _, p := range plan.Phases {
		months, days = months+p.Months, days+p.Days
		if p.Months+p.Days > 0 && wholeMonthsBy(first, d.AddDays(-days), months) {
			over++
		}
	}
	return over
}

// inPhaseBy is the plan with the terms of one of its phases.
func inPhaseBy(plan *pricing.Plan, phase int) (*pricing.Plan, bool) {
	out := *plan
	if phase == len(plan.Phases) {
		return &out, false
	}
	terms := plan.Phases[phase]
	out.Prices, out.Adjust = slices.Clone(plan.Prices), slices.Clone(plan.Adjust)
	for i := range out.Prices {
		if amount, ok := terms.Prices[out.Prices[i].ID]; ok {
			out.Prices[i].Model = pricing.Fixed{Price: amount} // fees alone have some in these worlds
		}
	}
	if terms.PercentOff.Sign() > 0 {
		out.Adjust = append(out.Adjust, pricing.Adjustment{Kind: pricing.PercentDiscount, Percent: terms.PercentOff})
	}
	return &out, terms.Free
}

// wholeMonthsBy reports whether n whole months from a day have passed on another.
func wholeMonthsBy(from, to pricing.Date, n int) bool {
	year, month, date := from.UTC().Date()
	length := time.Date(year, month+time.Month(n)+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return pricing.NewDate(year, month+time.Month(n), min(date, length)) <= to
}

// slowMeasure is a meter's quantity in a segment through a day, from events.
func (w *world) slowMeasure(s *slowSegment, id string, by []string, through pricing.Date) (*big.Rat, []pricing.Group) {
	meter, _ := s.version.MeterOf(id)
	groups, keys := map[string][]pricing.UsageState{}, []string{}
	for _, u := range w.usage {
		if u.Subscription != s.sub.ID || u.Meter != id || u.Day > min(s.last, through) {
			continue
		}
		if !meter.Carries() && u.Day < s.first || u.Day < s.wholeFirst.AddDays(-meter.CarryDays) {
			continue
		}
		key := ""
		if len(by) > 0 || meter.Carries() {
			key = u.Dimensions
		}
		if groups[key] == nil {
			keys = append(keys, key)
		}
		groups[key] = append(groups[key], u)
	}
	slices.Sort(keys)
	end := min(s.last, through).AddDays(1).In(s.loc)
	if s.part.End.Before(end) {
		end = s.part.End
	}
	sum := new(big.Rat)
	var out []pricing.Group
	for _, key := range keys {
		q := slowAggregate(meter.Aggregate, groups[key], pricing.Period{Start: s.part.Start, End: end}, s.nominal.Length())
		q.Quo(q, pricingtest.Rat(meter.DivideBy))
		sum.Add(sum, q)
		if len(by) > 0 {
			whole, _ := money.MustQuantity(q.Num().String()).Fraction().Quo(money.MustQuantity(q.Denom().String()).Fraction())
			out = append(out, pricing.Group{Values: typeAndRegion(key), Quantity: whole})
		}
	}
	return sum, out
}

// typeAndRegion reads the dimensions that randomAccount writes: a type of one
// letter in region x.
func typeAndRegion(dimensions string) []string {
	return []string{dimensions[len(dimensions)-3 : len(dimensions)-2], "x"}
}

// typesOf are the different types of events.
func typesOf(events []pricing.UsageState) map[string]bool {
	out := map[string]bool{}
	for _, u := range events {
		out[typeAndRegion(u.Dimensions)[0]] = true
	}
	return out
}

// slowTypes are the types that a segment used through a day.
func (w *world) slowTypes(s *slowSegment, through pricing.Date) map[string]bool {
	var events []pricing.UsageState
	for _, u := range w.usage {
		if u.Subscription == s.sub.ID && u.Meter == "unique" && u.Day >= s.first && u.Day <= min(s.last, through) {
			events = append(events, u)
		}
	}
	return typesOf(events)
}

func value(u pricing.UsageState) *big.Rat { return pricingtest.Rat(u.Sum.Quantity(12)) }

func slowAggregate(a pricing.Aggregation, events []pricing.UsageState, over pricing.Period, whole time.Duration) *big.Rat {
	slices.SortStableFunc(events, func(x, y pricing.UsageState) int {
		return cmp.Or(cmp.Compare(x.FirstTime, y.FirstTime), x.Sum.Cmp(y.Sum))
	})
	out := new(big.Rat)
	switch a {
	case pricing.Count:
		return out.SetInt64(int64(len(events)))
	case pricing.Sum:
		for _, u := range events {
			out.Add(out, value(u))
		}
	case pricing.Maximum:
		out = value(events[0])
		for _, u := range events {
			if value(u).Cmp(out) > 0 {
				out = value(u)
			}
		}
	case pricing.Average:
		for _, u := range events {
			out.Add(out, new(big.Rat).Quo(value(u), big.NewRat(int64(len(events)), 1)))
		}
	case pricing.Counter:
		for i := 1; i < len(events); i++ {
			from, to := value(events[i-1]), value(events[i])
			if events[i].FirstTime < over.Start.UnixMicro() {
				continue
			}
			if to.Cmp(from) < 0 {
				from = new(big.Rat)
			}
			out.Add(out, to.Sub(to, from))
		}
	case pricing.TimeAverage:
		for i, u := range events {
			from, to := max(u.FirstTime, over.Start.UnixMicro()), over.End.UnixMicro()
			if i+1 < len(events) {
				to = min(to, events[i+1].FirstTime)
			}
			if to > from {
				out.Add(out, new(big.Rat).Mul(value(u), big.NewRat(to-from, whole.Microseconds())))
			}
		}
	case pricing.Unique:
		return out.SetInt64(int64(len(typesOf(events))))
	default:
		panic("no oracle for " + a)
	}
	return out
}
