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

// stage is the time for which a subscription is under one version of the book.
type stage struct {
	version *Version
	plan    *Plan
	cadence Cadence
	term    Period // of the version
	era     Period // of the run, as far as its versions have the plan
	held    Period // what of term the subscription covers
	run     int    // counts changes of cadence
	runEnd  time.Time
}

// endOfTime stands for an end that is open.
func endOfTime() time.Time { return time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC) }

// stages returns how versions of the book follow one another in a
// subscription's life. Those with the same cadence make one run, through which
// billing periods go on undisturbed. Own is the cycle of fees that have one of
// their own.
func (r *Rater) stages(sub *Subscription, loc *time.Location, own Cycle) []stage {
	held := Period{sub.Start.UTC(), endOfTime()}
	if !sub.End.IsZero() {
		held.End = sub.End.UTC()
	}
	starts := r.starts[loc]
	var out []stage
	for i := -1; i < len(starts); i++ {
		s := stage{term: Period{End: endOfTime()}}
		if i+1 < len(starts) {
			s.term.End = starts[i+1]
		}
		if i >= 0 {
			s.version, s.term.Start = &r.book.Versions[i], starts[i]
			s.plan, _ = s.version.PlanOf(sub.Plan)
		}
		if s.term.Empty() {
			continue
		}
		s.held = held.Cut(s.term)
		cycle := Cycle{Months: 1, Anchor: Anchor{Day: 1}}
		switch {
		case own != Cycle{}:
			cycle = own
		case s.plan != nil:
			cycle = s.plan.Cycle
		}
		s.cadence = CadenceOf(cycle, *sub, loc)
		if n := len(out); n > 0 {
			s.run = out[n-1].run
			if out[n-1].version == nil || out[n-1].cadence != s.cadence {
				s.run++
			}
		}
		out = append(out, s)
	}
	eras(out)
	var lived []stage
	for _, s := range out {
		if !s.held.Empty() {
			lived = append(lived, r.inPhases(s, sub, loc)...)
		}
	}
	return lived
}

// eras sets when the run of each stage ends, and its era: from the first to the
// last version in a row that have the plan with one cadence.
func eras(stages []stage) {
	for i := len(stages) - 1; i >= 0; i-- {
		stages[i].runEnd = stages[i].term.End
		if i+1 < len(stages) && stages[i+1].run == stages[i].run {
			stages[i].runEnd = stages[i+1].runEnd
		}
	}
	for from := 0; from < len(stages); {
		to := from + 1
		for to < len(stages) && stages[to].run == stages[from].run && (stages[to].plan == nil) == (stages[from].plan == nil) {
			to++
		}
		for i := from; i < to; i++ {
			stages[i].era = Period{stages[from].term.Start, stages[to-1].term.End}
		}
		from = to
	}
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

// listed returns the segments that the cost series of a local day shows: those
// of the billing period that holds the day, as far as they have begun. A
// subscription that ended stays until its period is over, or until another cycle
// takes over: with those who go on, or its pool would seem to lose them.
func (r *Rater) listed(i int, day Date) []*segment {
	loc := r.reg.zones[i]
	if loc == nil {
		return nil
	}
	today := dayOf(day, loc)
	if today.Empty() {
		return nil
	}
	var out []*segment
	for _, s := range r.segments(i, today.Start, today.End.Add(-1)) {
		if s.part.Start.Before(today.End) && today.Start.Before(s.cycleEnd) {
			out = append(out, s)
		}
	}
	return out
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
