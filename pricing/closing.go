package pricing

import (
	"slices"
	"time"
)

// Closing is one month's act of invoicing (docs/billing-rules.md, Periods and
// closings).
type Closing struct {
	Month     Month
	AsOf      time.Time       // date of issue; running resources and levels end at it
	First     bool            // no closing came before: fees in advance that start on the month's first instant are billed too
	Since     Month           // the first month that was closed: nothing is given back of what no closing billed, and payments from before are of other books; zero: unknown
	TermsDays int             // days until payment is due
	Draft     bool            // nothing is issued: the status of the invoices says so, and all else is as if it were
	Issuer    string          // who invoices; part of the invoice ids
	Billed    Coverage        // what closings before and their corrections have billed; nothing of it is billed again
	Unbilled  map[string]bool // accounts of whom a closing before has not billed everything yet: nothing is given back to them
	Void      VoidLines       // charges that are owed no more
	Tracer    Tracer          // nil: lines are not explained

	times *closingTimes // while a tree is closed
}

// ClosingResult is one tree's invoices, without numbers, the accounts that
// could not be rated and the count of the usage rows of what was billed.
// Accounts that the registry check reported are not billed and not reported
// again; the usage of an account that is not rated is not counted.
type ClosingResult struct {
	Invoices []Invoice // sorted by CompareInvoices
	Parked   []Parked  // sorted by account
	Rated    Rated
	Meters   RatedMeters // what became of all usage of the tree
}

// closingTime is the time of which a closing bills, in one zone: what ends, or
// starts in advance, in (from, to].
type closingTime struct{ from, to time.Time }

func (m Month) closingTime(loc *time.Location) closingTime {
	return closingTime{m.First().In(loc).UTC(), m.Next().First().In(loc).UTC()}
}

// closingTimes are those of a month in the zones of a tree, which are few.
type closingTimes struct {
	zones []*time.Location
	times []closingTime
}

// at is the closing's time in a zone.
func (c *Closing) at(loc *time.Location) closingTime {
	if c.times == nil {
		c.times = &closingTimes{}
	}
	i := slices.Index(c.times.zones, loc)
	if i < 0 {
		i = len(c.times.zones)
		c.times.zones, c.times.times = append(c.times.zones, loc), append(c.times.times, c.Month.closingTime(loc))
	}
	return c.times.times[i]
}

func (c closingTime) bills(t time.Time) bool { return t.After(c.from) && !t.After(c.to) }

// billsStart is bills for the start of a fee in advance. Nobody has billed what
// starts with the first closing's month, so that closing does.
func (c closingTime) billsStart(t time.Time, first bool) bool {
	return c.bills(t) || (first && t.Equal(c.from))
}

// ClosingWindow returns the first and last UTC day, both inclusive, whose
// rollups the closing of a month needs.
func (r *Rater) ClosingWindow(m Month) (from, to Date) {
	w := r.window(ratedTime{closing: m})
	return w.from, w.to
}

// ClosingWhole is Whole for a closing.
func (r *Rater) ClosingWhole(m Month) Date { return r.window(ratedTime{closing: m}).whole }

// closable returns a subscription's segments of every billing period that
// touches the month.
func (r *Rater) closable(sub int, m Month) []*segment {
	loc := r.reg.zones[sub]
	if loc == nil {
		return nil
	}
	t := m.closingTime(loc)
	return r.segments(sub, t.from, t.to)
}

// Close bills what a tree owes in a closing: every charge in arrears whose
// segment ends, and every fee in advance whose segment starts, after the
// month's first instant and up to the next month's, in the subscription's zone.
// So each charge is in exactly one closing. A pooled price is billed when the
// pool's billing period ends. There is one invoice for the billing account, or
// none when it would have no lines.
func (r *Rater) Close(t Tree, u TreeUsage, c Closing) (ClosingResult, error) {
	c.times = &closingTimes{}
	w := r.begin(t, u, c.Month.First(), u.Terms.lister(r, ratedTime{closing: c.Month}))
	defer w.done()
	for _, s := range w.all {
		// Before the book's first version there was nothing to owe: only a month
		// that lies there itself cannot be closed.
		t := c.at(s.loc)
		if t.bills(s.part.End) && (s.version != nil || !r.starts[s.loc][0].Before(t.to)) {
			w.park(s.fault(r.book))
		}
	}
	w.parkGone(func(d Date) bool { return MonthOf(d) == c.Month })
	w.groups = slices.DeleteFunc(w.groups, func(g *group) bool { return !c.concerns(g) })
	w.parkPools()
	if c.Tracer != nil {
		w.taken = &measurements{}
	}
	items := make([][]*item, len(w.groups))
	for i, g := range w.groups {
		if w.isOut(g) {
			continue
		}
		var f *fault
		h := horizon{open: true, fees: !c.endsIn(g), asOf: c.AsOf}
		var ahead []*item
		if items[i], f = w.rate(g, h); f == nil {
			ahead, f = w.billedAhead(g, items[i], h)
		}
		items[i] = append(slices.DeleteFunc(items[i], (*item).advance), ahead...)
		w.park(f)
	}
	w.parkPools()
	var out ClosingResult
	invoice, ok := r.invoice(t.BillingAccount, w.due(c, items), c)
	for w.parkOverlaps(c, invoice.Lines) {
		invoice, ok = r.invoice(t.BillingAccount, w.due(c, items), c)
	}
	if ok {
		if err := invoice.check(); err != nil { // a sum of lines that fit, but does not fit itself
			w.park(&fault{accounts: t.Accounts, code: "overflow", since: c.Month.First(), detail: err.Error()})
		} else {
			c.Tracer.explain(&invoice)
			out.Invoices = append(out.Invoices, invoice)
		}
	}
	out.Parked, out.Meters = w.sortedParked(), w.countClosing(c)
	out.Rated = out.Meters.Rated()
	return out, nil
}

// due returns the items that the closing bills, of the groups that are rated.
func (w *work) due(c Closing, items [][]*item) []*item {
	var out []*item
	for i, g := range w.groups {
		if w.isOut(g) {
			continue
		}
		for _, it := range items[i] {
			if c.bills(it) {
				out = append(out, it.byResource()...)
			}
		}
	}
	return out
}

// concerns reports whether anything of a group is due in the closing.
func (c Closing) concerns(g *group) bool {
	return c.endsIn(g) || g.plan.inAdvance() && slices.ContainsFunc(g.members, func(s *segment) bool {
		return slices.ContainsFunc(s.feesFrom(), func(t time.Time) bool {
			return c.at(s.loc).billsStart(t, c.First)
		})
	})
}

// endsIn reports whether charges in arrears of a group are due in the closing.
func (c Closing) endsIn(g *group) bool {
	return slices.ContainsFunc(g.members, func(s *segment) bool {
		t := c.at(s.loc)
		return t.bills(s.part.End) || g.pool != PoolSubscription && t.bills(g.term.End)
	})
}

// bills reports whether the closing is the one that bills the item.
func (c Closing) bills(it *item) bool {
	t := c.at(it.loc)
	switch {
	case it.givenBack:
		return t.bills(it.due) && c.billedBefore(it) && !c.Unbilled[it.account]
	case it.advance():
		return t.billsStart(it.due, c.First)
	}
	return t.bills(it.due)
}

// billedBefore reports whether this closing or one before it billed the fee that
// an item gives back.
func (c Closing) billedBefore(it *item) bool {
	return c.Since == (Month{}) || !it.from.Before(c.Since.First().In(it.loc))
}

// countClosing counts the usage of the segments that the closing bills in
// arrears, and the month's usage that no segment holds.
func (w *work) countClosing(c Closing) RatedMeters {
	var last *segment // rows of one come together
	var bills bool
	return w.count(func(u *UsageState, s *segment) bool {
		if s == nil {
			return MonthOf(u.Day) == c.Month
		}
		if s != last {
			last, bills = s, c.at(s.loc).bills(s.part.End)
		}
		return bills
	})
}
