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

// Coverage is from when up to when each subscription's price is billed
// (docs/billing-rules.md, Corrections). The zero value covers nothing and can be
// read.
type Coverage map[Covered]Period

// Rows lists what is covered, sorted by subscription, plan, price and account.
func (c Coverage) Rows() []Covered {
	return slices.SortedFunc(maps.Keys(c), func(a, b Covered) int {
		if c := strings.Compare(a.Subscription, b.Subscription); c != 0 { // of most
			return c
		}
		return cmp.Or(strings.Compare(a.Plan, b.Plan), strings.Compare(a.Price, b.Price), strings.Compare(a.Account, b.Account))
	})
}

// Through is up to when anything of a subscription is billed; zero: nothing is.
func (c Coverage) Through(subscription string) time.Time { return c.bySubscription()[subscription] }

func (c Coverage) bySubscription() map[string]time.Time {
	out := make(map[string]time.Time, len(c))
	for k, billed := range c {
		if billed.End.After(out[k.Subscription]) {
			out[k.Subscription] = billed.End
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
	out.Add(lines...)
	return out
}

// Add is Plus in place: many invoices in turn would copy the whole for each.
func (c Coverage) Add(lines ...Line) {
	c.takeBack(lines, (*Line).cancels)
	c.raise(lines, nil)
	if lowered := c.takeBack(lines, (*Line).givesBack); len(lowered) > 0 {
		c.raise(lines, lowered)
	}
}

// raise extends what is billed by charges; what was lowered to an instant, only by
// those that begin no earlier.
func (c Coverage) raise(lines []Line, lowered map[Covered]time.Time) {
	for i := range lines {
		l := &lines[i]
		k, ok := l.covered()
		if !ok || l.cancels() || l.GivenBack || l.PeriodStart.Before(lowered[k]) {
			continue
		}
		charged := Period{l.PeriodStart, l.PeriodEnd}
		if billed, known := c[k]; known {
			charged = hull(charged, billed)
		}
		c[k] = charged
	}
}

// takeBack lowers what is billed to where the lines begin that take the last of it
// back, and returns to when it lowered what.
func (c Coverage) takeBack(lines []Line, takes func(*Line) bool) map[Covered]time.Time {
	lowered := map[Covered]time.Time{}
	var back []*Line
	for i := range lines {
		if takes(&lines[i]) {
			back = append(back, &lines[i])
		}
	}
	slices.SortStableFunc(back, func(a, b *Line) int { return b.PeriodEnd.Compare(a.PeriodEnd) })
	for _, l := range back {
		k, ok := l.covered()
		if billed := c[k]; ok && l.PeriodStart.Before(billed.End) && !l.PeriodEnd.Before(billed.End) {
			lowered[k] = l.PeriodStart
			c.until(k, l.PeriodStart)
		}
	}
	return lowered
}

// until ends what is billed at an instant.
func (c Coverage) until(k Covered, end time.Time) {
	billed := c[k]
	billed.End = end
	if c[k] = billed; billed.Empty() {
		delete(c, k)
	}
}

// cancels reports whether a line is a correction by which nothing of its charge is
// left.
func (l *Line) cancels() bool { return l.leavesNothing && !l.GivenBack }

// givesBack reports whether a line is for the unused part of a fee, and no
// correction of that.
func (l *Line) givesBack() bool { return l.GivenBack && !l.corrects() }

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
		if price.Due != InAdvance || !s.bills(price) || !s.part.Start.Before(c[k].End) {
			continue
		}
		for _, p := range s.feeParts(price) {
			if end := p.part.End; end.Before(s.nominal.End) && end.Before(c[k].End) {
				c.until(k, end)
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
	before.takeBack(lines, (*Line).givesBack)
	for _, s := range w.all {
		before.leave(s)
	}
	for i := range lines {
		l := &lines[i]
		k, ok := l.covered()
		twice := before[k].Cut(Period{l.PeriodStart, l.PeriodEnd})
		if !ok || l.GivenBack || twice.Empty() {
			continue
		}
		found = true
		w.park(&fault{
			accounts: []string{l.Account}, code: "overlaps_billed", since: LocalDay(l.PeriodStart, w.rater.reg.Zone(l.Account)),
			detail: fmt.Sprintf("subscription %q would be billed twice for price %s of plan %q from %s to %s; correct its row, or take back what was billed",
				l.Subscription, l.Price, l.Plan, twice.Start.UTC().Format(time.RFC3339), twice.End.UTC().Format(time.RFC3339)),
		})
	}
	if found {
		w.parkPools()
	}
	return found
}
