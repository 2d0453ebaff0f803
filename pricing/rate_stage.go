package pricing

import (
	"time"
)

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
		cycle := Cycle{Months: 1, Anchor: Anchor{Day: 1}}
		switch {
		case own != Cycle{}:
			cycle = own
		case s.plan != nil:
			cycle = s.plan.Cycle
		}
		for _, paced := range sub.paces(cycle, s.term, loc) {
			s.term, s.cadence, s.held = paced.term, paced.cadence, held.Cut(paced.term)
			if n := len(out); n > 0 {
				s.run = out[n-1].run
				if out[n-1].version == nil || out[n-1].cadence != s.cadence {
					s.run++
				}
			}
			out = append(out, s)
		}
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
