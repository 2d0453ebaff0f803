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
	w := r.begin(t, u, day, func(sub int) []*segment { return r.openOn(sub, day) })
	for _, s := range w.all {
		if s.first <= day && (s.version != nil || s.last >= day) {
			w.park(s.fault(r.book))
		}
	}
	w.parkGone(func(d Date) bool { return d == day })
	w.parkPools()
	now, then := make([][]*item, len(w.groups)), make([][]*item, len(w.groups))
	h := horizon{day: day, asOf: asOf, open: true, forecast: true}
	for i, g := range w.groups {
		if w.isOut(g) {
			continue
		}
		var f *fault
		if now[i], f = w.rate(g, horizon{day: day, asOf: asOf}); f == nil {
			then[i], f = w.rate(g, h)
		}
		w.park(f)
	}
	w.parkPools()
	joinPhases(w.groups, now)
	joinPhases(w.groups, then)
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

func compareForecast(a, b ForecastRow) int { return compareRows(a.key(), b.key()) }

// openOn returns a subscription's segments of the billing period that holds a
// local day, those to come included.
func (r *Rater) openOn(i int, day Date) []*segment {
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

func (r *Rater) forecastRows(billing string, h horizon, now, then []*item) []ForecastRow {
	soFar := map[rowKey]itemGroup{}
	for _, sum := range rowSums(now) {
		soFar[sum.key] = sum.group
	}
	var out []ForecastRow
	for _, sum := range rowSums(then) {
		it, g, before := sum.item, sum.group, soFar[sum.key]
		until := h.known(it.whole, it.loc)
		out = append(out, ForecastRow{
			PeriodStart: it.whole.Start, PeriodEnd: it.whole.End, BillingAccount: billing, Account: it.account, Subscription: it.subscription,
			Plan: it.plan.ID, Price: it.price.ID, BookVersion: it.version.ID, Unit: it.unit, Grouping: g.grouping, Scope: it.scope,
			Currency: r.book.Currency.Code, Method: it.forecastMethod(), AsOf: until,
			Elapsed: until.Sub(it.whole.Start), Length: it.whole.Length(),
			Quantity: before.quantity, Subtotal: before.subtotal, Total: before.total,
			ForecastQuantity: g.quantity, ForecastSubtotal: g.subtotal, ForecastTotal: g.total,
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
	case m.Aggregate.Level():
		return ForecastLevel
	case m.flows() || it.price.inWindows():
		return ForecastRunRate
	}
	return ForecastLatest
}

// known is the instant up to which a forecast knows what was used in a period.
func (h horizon) known(p Period, loc *time.Location) time.Time {
	return laterOf(p.Upto(h.asOf).Upto(dayOf(h.day, loc).End).End, p.Start)
}

// flows reports whether a meter's usage adds up with time, so that twice the
// time is twice the quantity.
func (m Meter) flows() bool {
	return m.AddSlots || m.Aggregate == Sum || m.Aggregate == Count || m.Aggregate == Counter
}

// inWindows reports whether a price looks at each stretch of time by itself.
func (p *Price) inWindows() bool {
	_, burst := p.Model.(Burst)
	_, hours := p.Model.(TimeOfDay)
	return p.Each.Window != "" || burst || hours
}

// ahead returns the time of a segment that is still to come, as a part of the
// time of its period that has passed; ok is false where none of it has.
func (h horizon) ahead(s *segment) (part money.Fraction, ok bool) {
	until := h.known(s.whole, s.loc)
	passed := until.Sub(s.whole.Start)
	if !h.forecast || passed <= 0 {
		return money.Fraction{}, false
	}
	return money.Ratio(int64(max(0, s.part.End.Sub(laterOf(until, s.part.Start)))), int64(passed)), true
}

// over is a segment's whole period, as if the segment was all of it.
func (s *segment) over() *segment {
	whole := *s
	whole.part, whole.first, whole.last = s.whole, s.wholeFirst, LocalDay(s.whole.End.Add(-1), s.loc)
	return &whole
}

// foresee adds to what a segment has used of a meter what it will use: by the
// run rate of its period so far, or, of a value that does not add up with time,
// what it is now where the segment has not begun.
func (x *rating) foresee(s *segment, h horizon, m Meter, used Measured, measure func(over *segment) (Measured, error)) (Measured, error) {
	part, ok := h.ahead(s)
	if !ok || part.IsZero() || m.Aggregate.Level() || !m.flows() && s.first <= h.day {
		return used, nil
	}
	all, err := measure(s.over())
	if err != nil || !m.flows() {
		return all, err
	}
	return used.plus(all.times(part)), nil
}

// times scales a quantity; events are whole, half to even.
func (m Measured) times(part money.Fraction) Measured {
	out := Measured{Quantity: m.Quantity.Mul(part), Events: money.Whole(m.Events).Mul(part).Round(0, money.HalfEven).Quantity().Decimal().IntPart()}
	for _, g := range m.Groups {
		out.Groups = append(out.Groups, Group{g.Values, g.Quantity.Mul(part)})
	}
	return out
}

// plus adds a part of what other windows cost.
func (c Charge) plus(o Charge, part money.Fraction) Charge {
	c.whole, c.Billable = c.whole.Add(o.whole.Mul(part)), c.Billable.Add(o.Billable.Mul(part))
	c.Measured, c.Parts = c.whole.Quantity(), nil
	c.Subtotal = c.Subtotal.Fraction().Add(o.Subtotal.Fraction().Mul(part)).Amount()
	return c
}

// chargeUsage prices what a subscription used. A price that looks at windows of
// time goes on as it did in those that passed.
func (x *rating) chargeUsage(s *segment, price *Price, h horizon) (Charge, error) {
	charge := func(s *segment) (Charge, error) {
		m, err := x.measure(s, price, h)
		if err != nil {
			return Charge{}, err
		}
		return price.Charge(m, price.committedPart(share(s.part, s.whole)))
	}
	c, err := charge(s)
	part, ok := h.ahead(s)
	if err != nil || !ok || !price.inWindows() {
		return c, err
	}
	all, err := charge(s.over())
	return c.plus(all, part), err
}
