package pricing

import (
	"fmt"
	"slices"
	"time"

	"daybook/pricing/money"
)

// DailyResult is one tree's cost rows of a day, the accounts that could not be
// rated and the count of the day's usage rows. Accounts that the registry check
// reported have no rows and are not reported again; the usage of an account
// that is not rated is not counted.
type DailyResult struct {
	Rows   []CostRow
	Parked []Parked // sorted by account
	Rated  Rated
	Meters RatedMeters // what became of all usage of the tree
}

// Window returns the first and last UTC day, both inclusive, whose rollups the
// series of a local day needs: a local day lies in the UTC days before, on and
// after it, levels are carried in from before the period.
func (r *Rater) Window(day Date) (from, to Date) {
	w := r.window(ratedTime{day: day})
	return w.from, w.to
}

// Whole returns the UTC day from which on the series of a local day needs all
// meters. Of the days before, only those that carry matter (see Carried).
func (r *Rater) Whole(day Date) Date { return r.window(ratedTime{day: day}).whole }

// Carried reports whether a meter carries something into later periods, in any
// version of the book.
func (r *Rater) Carried(meter string) bool {
	return slices.ContainsFunc(r.book.Versions, func(v Version) bool {
		m, ok := v.MeterOf(meter)
		return ok && m.Carries()
	})
}

// Daily returns a tree's cost rows of one local day: for every price of every
// subscription whose billing period holds the day, used or not, what it cost
// from the period's start through the day, and the difference from the day
// before (docs/billing-rules.md, Cost series). Nothing is rounded to cents. A
// minimum shows in full from the first day, and so do fixed fees. Running
// resources end at asOf. A period that a new version of the book splits keeps
// the rows of its earlier parts to its end, so that all rows of a period sum to
// its cost.
func (r *Rater) Daily(t Tree, u TreeUsage, day Date, asOf time.Time) (DailyResult, error) {
	w := r.begin(t, u, day, u.Terms.lister(r, ratedTime{day: day}))
	defer w.done()
	for _, s := range w.all {
		// Before the book's first version there was nothing to owe: only a day
		// that lies there itself cannot be rated.
		if s.version != nil || s.last >= day {
			w.park(s.fault(r.book))
		}
	}
	w.parkGone(func(d Date) bool { return d == day })
	w.parkPools()
	today, before := w.rateTwice(horizon{day: day, asOf: asOf}, horizon{day: day.AddDays(-1), asOf: asOf})
	rows := make([][]CostRow, len(w.groups)) // by group
	for i, g := range w.groups {
		if w.isOut(g) {
			continue
		}
		rows[i] = r.costRows(t.BillingAccount, day, today[i], before[i])
		if err := checkRows(rows[i]); err != nil { // a sum of parts that fit, but does not fit itself
			code, detail := explain(err)
			w.park(poolFault(g.members, code, detail))
		}
	}
	w.parkPools()
	var out DailyResult
	for i, g := range w.groups {
		if w.isOut(g) {
			rows[i] = nil
		}
	}
	out.Rows = sortedRows(rows)
	out.Meters = w.count(func(u *UsageState, _ *segment) bool { return u.Day == day })
	out.Parked, out.Rated = w.sortedParked(), out.Meters.Rated()
	return out, nil
}

// checkRows is money.ErrOverflow when a figure of the rows cannot be stored.
func checkRows(rows []CostRow) error {
	for i := range rows {
		r := &rows[i]
		for _, q := range []money.Quantity{r.CumulativeQuantity, r.Quantity} {
			if err := q.Check(); err != nil {
				return fmt.Errorf("price %s: %w", r.Price, err)
			}
		}
		for _, a := range []money.Amount{r.CumulativeSubtotal, r.CumulativeTotal, r.Subtotal, r.Total} {
			if err := a.Check(); err != nil {
				return fmt.Errorf("price %s: %w", r.Price, err)
			}
		}
	}
	return nil
}

// rateTwice rates every group up to two horizons, and parks those that cannot
// be. The items of a period's phases stand with its first one's.
func (w *work) rateTwice(a, b horizon) (first, second [][]*item) {
	first, second = make([][]*item, len(w.groups)), make([][]*item, len(w.groups))
	for i, g := range w.groups {
		if w.isOut(g) {
			continue
		}
		var f *fault
		if first[i], f = w.rate(g, a); f == nil {
			second[i], f = w.rate(g, b)
		}
		w.park(f)
	}
	w.parkPools()
	joinPhases(w.groups, first)
	joinPhases(w.groups, second)
	return first, second
}

// joinPhases moves the items of a period's later phases to its first one: they
// are shown in the same rows.
func joinPhases(groups []*group, items [][]*item) {
	if !slices.ContainsFunc(groups, func(g *group) bool { return g.plan.phase > 0 }) {
		return
	}
	at := map[poolKey]int{}
	for i, g := range groups {
		key := keyOf(g.members[0], g.pool)
		key.phase = 0
		if first, again := at[key]; again {
			items[first], items[i] = append(items[first], items[i]...), nil
			continue
		}
		at[key] = i
	}
}

// costRows returns the rows of a group: cumulative as of today, and what that is
// more than before.
func (r *Rater) costRows(billing string, day Date, today, before []*item) []CostRow {
	now := rowSums(today)
	out := make([]CostRow, 0, len(now.list))
	for i := range now.list {
		sum := &now.list[i]
		g := &sum.group
		row := r.costRow(billing, day, sum.item, g.grouping)
		row.CumulativeQuantity, row.CumulativeSubtotal, row.CumulativeTotal = g.quantity, g.subtotal, g.total
		row.Quantity, row.Subtotal, row.Total = g.quantity, g.subtotal, g.total
		out = append(out, row)
	}
	then := rowSums(before)
	for n := range then.list {
		sum := &then.list[n]
		g := &sum.group
		i, ok := now.find(&sum.key, n)
		if !ok {
			// A matrix price without usage has one row of no group, which its
			// first group replaces; what it showed is taken back.
			if g.quantity.IsZero() && g.subtotal.IsZero() && g.total.IsZero() {
				continue
			}
			i = len(out)
			out = append(out, r.costRow(billing, day, sum.item, g.grouping))
		}
		row := &out[i]
		row.Quantity, row.Subtotal, row.Total = row.Quantity.Sub(g.quantity), row.Subtotal.Sub(g.subtotal), row.Total.Sub(g.total)
	}
	return out
}

func (r *Rater) costRow(billing string, day Date, it *item, grouping string) CostRow {
	frame := dayOf(day, it.loc)
	return CostRow{
		Day: day, TimeframeStart: frame.Start, TimeframeEnd: frame.End,
		PeriodStart: it.whole.Start, PeriodEnd: it.whole.End,
		BillingAccount: billing, Account: it.account, Subscription: it.subscription,
		Plan: it.plan.ID, Price: it.price.ID, BookVersion: it.version.ID, Unit: it.unit,
		Grouping: grouping, Scope: it.scope, Currency: r.book.priced().Code,
	}
}
