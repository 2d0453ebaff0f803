package pricing

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Covered is a subscription's price, up to an instant of which closings have
// billed it. Pooled prices, which belong to no subscription, are not among them.
type Covered struct {
	Account, Subscription, Plan, Price string
}

// Coverage is up to when each subscription's price is billed (docs/billing-rules.md,
// Corrections). The zero value covers nothing and can be read.
type Coverage map[Covered]time.Time

// Rows lists what is covered, sorted by subscription, plan, price and account.
func (c Coverage) Rows() []Covered {
	return slices.SortedFunc(maps.Keys(c), func(a, b Covered) int {
		return cmp.Or(strings.Compare(a.Subscription, b.Subscription), strings.Compare(a.Plan, b.Plan), strings.Compare(a.Price, b.Price), strings.Compare(a.Account, b.Account))
	})
}

// Through is up to when anything of a subscription is billed; zero: nothing is.
func (c Coverage) Through(subscription string) time.Time { return c.bySubscription()[subscription] }

func (c Coverage) bySubscription() map[string]time.Time {
	out := make(map[string]time.Time, len(c))
	for k, through := range c {
		if through.After(out[k.Subscription]) {
			out[k.Subscription] = through
		}
	}
	return out
}

func (l *Line) covered() (k Covered, ok bool) {
	return Covered{l.Account, l.Subscription, l.Plan, l.Price}, l.Subscription != ""
}

// Plus returns the coverage with lines beside it that a closing bills, in any
// order: of an invoice, or of a Correction. A charge that is taken back, by a
// correction of all of it or as the unused part of a fee in advance, is billed no
// more, so that its time may be billed by other lines.
func (c Coverage) Plus(lines ...Line) Coverage {
	out := maps.Clone(c)
	if out == nil {
		out = Coverage{}
	}
	out.raise(lines, nil)
	out.raise(lines, out.takeBack(lines))
	return out
}

// raise puts what is billed through to where charges end; of what was lowered only
// by those that begin no earlier.
func (c Coverage) raise(lines []Line, lowered Coverage) {
	for i := range lines {
		l := &lines[i]
		k, ok := l.covered()
		if ok && !l.takesBack() && !l.PeriodStart.Before(lowered[k]) && l.PeriodEnd.After(c[k]) {
			c[k] = l.PeriodEnd
		}
	}
}

// takeBack lowers what is billed through to where the lines begin that take the
// last of it back, and returns what it lowered.
func (c Coverage) takeBack(lines []Line) Coverage {
	lowered := Coverage{}
	var back []*Line
	for i := range lines {
		if lines[i].takesBack() {
			back = append(back, &lines[i])
		}
	}
	slices.SortStableFunc(back, func(a, b *Line) int { return b.PeriodEnd.Compare(a.PeriodEnd) })
	for _, l := range back {
		k, ok := l.covered()
		if through, billed := c[k]; ok && billed && l.PeriodStart.Before(through) && !l.PeriodEnd.Before(through) {
			c[k], lowered[k] = l.PeriodStart, l.PeriodStart
		}
	}
	return lowered
}

// takesBack reports whether a line takes back a charge of its period: the unused
// part of a fee, or a correction by which nothing is left.
func (l *Line) takesBack() bool {
	if !l.corrects() {
		return l.GivenBack
	}
	return !l.GivenBack && l.leavesNothing
}

// leave lowers what is billed through to where fees in advance of a segment end
// before their billing period does: the rest of it is left to others, also
// where the fee owes nothing less for that.
func (c Coverage) leave(s *segment) {
	if s.plan == nil {
		return
	}
	for i := range s.plan.Prices {
		price := &s.plan.Prices[i]
		k := Covered{s.sub.Account, s.sub.ID, s.plan.ID, price.ID}
		if through, billed := c[k]; !billed || price.Due != InAdvance || !s.bills(price) || !s.part.Start.Before(through) {
			continue
		}
		for _, p := range s.feeParts(price) {
			if end := p.part.End; end.Before(s.nominal.End) && end.Before(c[k]) {
				c[k] = end
			}
		}
	}
}

// parkOverlaps parks whom lines would bill twice for a time, by what was billed
// before the closing, and reports whether there is anybody.
func (w *work) parkOverlaps(c Closing, lines []Line) (found bool) {
	if len(c.Billed) == 0 {
		return false
	}
	before := maps.Clone(c.Billed)
	before.takeBack(lines)
	for _, s := range w.all {
		before.leave(s)
	}
	for i := range lines {
		l := &lines[i]
		k, ok := l.covered()
		through := before[k]
		if !ok || l.GivenBack || !l.PeriodStart.Before(through) {
			continue
		}
		found = true
		w.park(&fault{
			accounts: []string{l.Account}, code: "overlaps_billed", since: LocalDay(l.PeriodStart, w.rater.reg.zoneOf(l.Account)),
			detail: fmt.Sprintf("subscription %q would be billed for price %s of plan %q from %s, and is billed through %s; correct its row, or take back what was billed",
				l.Subscription, l.Price, l.Plan, l.PeriodStart.Format(time.RFC3339), through.Format(time.RFC3339)),
		})
	}
	if found {
		w.parkPools()
	}
	return found
}
