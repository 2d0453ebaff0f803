package pricing

import (
	"slices"
	"time"

	"daybook/pricing/money"
)

// ForecastMethod says how a price's usage goes on to the end of its period.
type ForecastMethod string

// The methods (docs/billing-rules.md, Forecast).
const (
	ForecastRunRate ForecastMethod = "run_rate" // as much in the time that is left as in the time that passed
	ForecastLevel   ForecastMethod = "level"    // the last level holds
	ForecastLatest  ForecastMethod = "latest"   // it stays as it is
	ForecastKnown   ForecastMethod = "known"    // fees and resources go on as the registry has them
)

// ForecastRow is what one price is expected to cost in a billing period that is
// still open, and what that follows from.
type ForecastRow struct {
	PeriodStart, PeriodEnd         time.Time
	BillingAccount, Account        string
	Subscription                   string // "" for the billed row of a pooled price
	Plan, Price, BookVersion, Unit string
	Grouping                       string
	Scope                          Scope
	Currency                       string
	Method                         ForecastMethod
	AsOf                           time.Time      // what was used before it is known
	Elapsed, Length                time.Duration  // of the period up to AsOf, and in all, under this price
	Quantity                       money.Quantity // so far
	Subtotal, Total                money.Amount   // so far
	ForecastQuantity               money.Quantity // at the period's end
	ForecastSubtotal               money.Amount
	ForecastTotal                  money.Amount
	Parts                          []Part // tiers, groups or resources that make ForecastSubtotal
}

// ForecastResult is one tree's forecast and the accounts that could not be
// rated.
type ForecastResult struct {
	Rows   []ForecastRow
	Parked []Parked
}

// Forecast returns what the billing periods that hold a local day will cost when
// they end, for every price of every subscription, by what is known at the day's
// end or at asOf, whichever is first (docs/billing-rules.md, Forecast). It needs
// the usage of Window.
func (r *Rater) Forecast(t Tree, u TreeUsage, day Date, asOf time.Time) (ForecastResult, error) {
	w := r.begin(t, u, day, func(sub int) []*segment { return r.segmentsOn(sub, day) })
	defer w.done()
	for _, s := range w.all {
		if s.first <= day && (s.version != nil || s.last >= day) {
			w.park(s.fault(r.book))
		}
	}
	w.parkGone(func(d Date) bool { return d == day })
	w.parkPools()
	h := horizon{day: day, asOf: asOf, open: true, forecast: true}
	now, then := w.rateTwice(horizon{day: day, asOf: asOf}, h)
	var out ForecastResult
	for i, g := range w.groups {
		if !w.isOut(g) {
			out.Rows = append(out.Rows, r.forecastRows(t.BillingAccount, h, now[i], then[i])...)
		}
	}
	slices.SortStableFunc(out.Rows, compareForecast)
	out.Parked = w.sortedParked()
	return out, nil
}

func compareForecast(a, b ForecastRow) int {
	x, y := a.key(), b.key()
	return compareRows(&x, &y)
}

func (r *Rater) forecastRows(billing string, h horizon, now, then []*item) []ForecastRow {
	soFar := rowSums(now)
	var out []ForecastRow
	for n, sum := range rowSums(then).list {
		it, g := sum.item, sum.group
		var before itemGroup
		if i, ok := soFar.find(&sum.key, n); ok {
			before = soFar.list[i].group
		}
		until := h.known(it.whole, it.loc)
		out = append(out, ForecastRow{
			PeriodStart: it.whole.Start, PeriodEnd: it.whole.End, BillingAccount: billing, Account: it.account, Subscription: it.subscription,
			Plan: it.plan.ID, Price: it.price.ID, BookVersion: it.version.ID, Unit: it.unit, Grouping: g.grouping, Scope: it.scope,
			Currency: r.book.priced().Code, Method: it.forecastMethod(), AsOf: until,
			Elapsed: until.Sub(it.whole.Start), Length: it.whole.Length(),
			Quantity: before.quantity, Subtotal: before.subtotal, Total: before.total,
			ForecastQuantity: g.quantity, ForecastSubtotal: g.subtotal, ForecastTotal: g.total, Parts: g.parts,
		})
	}
	return out
}

func (f ForecastRow) key() CostRow {
	return CostRow{
		Account: f.Account, Subscription: f.Subscription, Plan: f.Plan, Price: f.Price, PeriodStart: f.PeriodStart,
		BookVersion: f.BookVersion, Scope: f.Scope, Grouping: f.Grouping,
	}
}

func (it *item) forecastMethod() ForecastMethod {
	m, metered := it.version.MeterOf(it.price.Meter)
	switch {
	case !metered:
		return ForecastKnown
	case m.Aggregate.Level() || m.Running:
		return ForecastLevel
	case m.flows() || it.price.inWindows():
		return ForecastRunRate
	}
	return ForecastLatest
}
