package pricing

import (
	"slices"
	"time"

	"daybook/pricing/money"
)

// segment is one subscription's part of one billing period under one version of
// the book: what becomes lines of its own with their own dates, quantities and
// tiers (docs/billing-rules.md, Periods and closings).
type segment struct {
	sub     *Subscription
	node    *node // of the subscription's account
	loc     *time.Location
	version *Version // nil before the book's first
	plan    *Plan    // nil when the version has none of that name

	nominal     Period    // the billing period as the cycle has it
	whole       Period    // what of it the subscription covers under this cycle
	part        Period    // what of that the version covers
	era         Period    // what of nominal lies under this cycle, whoever subscribes
	term        Period    // what of era the version covers
	cycleEnd    time.Time // when another cycle takes over, whoever subscribes
	first, last Date      // local days of part
	wholeFirst  Date      // first local day of whole
	months      int       // whole months from the subscription's start to whole's
	own         Cycle     // of the fees that the segment is for; zero: the plan's
	ahead       bool      // rated as if it went on as it began (see rating.ahead)
}

// segments returns a subscription's segments, in order of time, of every
// billing period that touches [from, to], also those parts of such a period
// that lie outside; after them those of fees with a cycle of their own.
func (r *Rater) segments(i int, from, to time.Time) []*segment {
	out := r.segmentsOf(i, Cycle{}, from, to)
	for _, own := range r.own[r.reg.Subscriptions[i].Plan] {
		for _, s := range r.segmentsOf(i, own, from, to) {
			if s.plan != nil && slices.ContainsFunc(s.plan.Prices, func(p Price) bool { return p.Cycle == own }) {
				s.own = own
				out = append(out, s)
			}
		}
	}
	return out
}

func (r *Rater) segmentsOf(i int, own Cycle, from, to time.Time) []*segment {
	sub, loc := &r.reg.Subscriptions[i], r.reg.zones[i]
	if loc == nil {
		return nil
	}
	var out []*segment
	for stages := r.stages(sub, loc, own); len(stages) > 0; {
		n := 1
		for n < len(stages) && stages[n].run == stages[0].run {
			n++
		}
		out = append(out, r.segmentsOfRun(sub, loc, stages[:n], from, to)...)
		stages = stages[n:]
	}
	return out
}

func (r *Rater) segmentsOfRun(sub *Subscription, loc *time.Location, stages []stage, from, to time.Time) []*segment {
	run := Period{stages[0].held.Start, stages[len(stages)-1].held.End}
	if run.Start.After(to) {
		return nil
	}
	if run.Start.After(from) {
		from = run.Start
	}
	var out []*segment
	for nominal := range Periods(stages[0].cadence, loc, from, to) {
		whole := nominal.Cut(run)
		if whole.Empty() {
			break
		}
		for _, s := range stages {
			part := whole.Cut(s.held)
			if part.Empty() {
				continue
			}
			g := &segment{
				sub: sub, node: r.reg.nodes[sub.Account], loc: loc, version: s.version, plan: s.plan,
				nominal: nominal, whole: whole, part: part, cycleEnd: s.runEnd,
				era: nominal.Cut(s.era), term: nominal.Cut(s.term),
			}
			g.first, g.last = part.days(loc)
			g.wholeFirst = LocalDay(whole.Start, loc)
			g.months = wholeMonths(LocalDay(sub.Start, loc), g.wholeFirst)
			out = append(out, g)
		}
	}
	return out
}

// segmentsOn returns a subscription's segments of the billing period that holds a
// local day, those to come included. A subscription that ended stays until its
// period is over, or until another cycle takes over: with those who go on, or
// its pool would seem to lose them.
func (r *Rater) segmentsOn(i int, day Date) []*segment {
	loc := r.reg.zones[i]
	if loc == nil {
		return nil
	}
	today := dayOf(day, loc)
	if today.Empty() {
		return nil
	}
	return slices.DeleteFunc(r.segments(i, today.Start, today.End.Add(-1)), func(s *segment) bool { return !today.Start.Before(s.cycleEnd) })
}

// listed returns the segments that the cost series of a local day shows: those
// of segmentsOn that have begun.
func (r *Rater) listed(i int, day Date) []*segment { return begunOn(r.segmentsOn(i, day), day) }

// begunOn returns the segments of a subscription that have begun on a local day.
func begunOn(segments []*segment, day Date) []*segment {
	if len(segments) == 0 {
		return nil
	}
	end := dayOf(day, segments[0].loc).End
	if !slices.ContainsFunc(segments, func(s *segment) bool { return !s.part.Start.Before(end) }) {
		return segments
	}
	return slices.DeleteFunc(slices.Clone(segments), func(s *segment) bool { return !s.part.Start.Before(end) })
}

// proration returns how the segment's parts are measured for a price.
func (s *segment) proration(p *Price) proration {
	c, cycle := s.version.Conventions, s.plan.cycleOf(p)
	out := proration{nominal: s.nominal, whole: s.whole, loc: s.loc, months: max(cycle.Months, 1), month: c.Month, convention: c.Proration}
	if cycle.Days > 0 { // which have no months to be measured by
		out.month = MonthCalendar
	}
	if p.Prorate != "" {
		out.convention = p.Prorate
	}
	return out
}

// share returns the part of the period that a version's segment is, by exact
// time: amounts that are owed once a period are divided by it.
func share(part, whole Period) money.Fraction {
	if part.Equal(whole) {
		return money.Whole(1)
	}
	return money.Ratio(int64(part.Length()), int64(whole.Length()))
}

// carryDays is how many days before the period the plan's levels and readings
// are looked for, those of its cliff included.
func (s *segment) carryDays() int {
	days := 0
	look := func(meter string) {
		if m, ok := s.version.MeterOf(meter); ok && m.Carries() {
			days = max(days, m.CarryDays)
		}
	}
	for i := range s.plan.Prices {
		for _, meter := range s.plan.Prices[i].meters() {
			look(meter)
		}
	}
	for _, bound := range s.plan.FreeBelow {
		look(bound.Meter)
	}
	return days
}

// metered reports whether the segment's plan looks at usage.
func (s *segment) metered() bool {
	if s.plan == nil || s.isOwn() {
		return false
	}
	for i := range s.plan.Prices {
		if s.plan.Prices[i].Meter != "" {
			return true
		}
	}
	return len(s.plan.FreeBelow) > 0
}

// prices reports whether the segment's plan has a price for a meter.
func (s *segment) prices(meter string) bool {
	if s.plan == nil {
		return false
	}
	for i := range s.plan.Prices {
		if slices.Contains(s.plan.Prices[i].meters(), meter) {
			return true
		}
	}
	return false
}

// pool is the widest pool of the segment's plan.
func (s *segment) pool() Pool {
	widest := PoolSubscription
	if s.isOwn() {
		return widest
	}
	for i := range s.plan.Prices {
		switch s.plan.Prices[i].Pool {
		case PoolBillingAccount:
			return PoolBillingAccount
		case PoolAccount:
			widest = PoolAccount
		}
	}
	return widest
}
