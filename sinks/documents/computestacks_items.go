package documents

import (
	"fmt"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
)

// csPlaces is how many decimal places ComputeStacks keeps of an amount.
const csPlaces = 8

// hoursOfMonth is what a monthly price is divided by.
const hoursOfMonth = 730

// secondsIn are the units of time that a meter's quantity may be in.
var secondsIn = map[string]int64{"second": 1, "minute": 60, "hour": 3600, "day": 86400}

// ComputeStacksItems returns the usage items of one line: one for each reading, or
// the line itself where it has none, as far as it has come by asOf.
func ComputeStacksItems(month pricing.Month, e *pricing.Explanation, of ComputeStacksProduct, asOf time.Time) []ComputeStacksItem {
	if len(e.Readings) == 0 {
		return []ComputeStacksItem{ofLine(month, e, of, asOf)}
	}
	out := make([]ComputeStacksItem, len(e.Readings))
	for i := range e.Readings {
		out[i] = ofReading(month, e, &e.Readings[i], of)
	}
	return out
}

// ofReading is the item of one reading. How long something ran is its period, and
// its quantity is 1; anything else that is read is its quantity.
func ofReading(month pricing.Month, e *pricing.Explanation, r *pricing.Reading, of ComputeStacksProduct) ComputeStacksItem {
	l := &e.Line
	out := ComputeStacksItem{
		ID:    IntegerID("usage", l.Subscription, l.Plan, l.Price, instant(l.PeriodStart), instant(r.From), r.Dimensions),
		Start: r.First, End: r.Last, Quantity: r.Billable, QuantityTotal: r.Quantity, Total: r.Total.Round(csPlaces, money.HalfUp),
		RatePeriod: 1, Created: r.Last, Of: of, Line: l.Key(), Month: month,
	}
	if r.Until.Sub(r.From) <= time.Hour { // the slots that rollups keep
		out.Void = pricing.VoidUsage{Subscription: l.Subscription, Meter: l.Meter, From: r.From.UnixMicro(), Until: r.Until.UnixMicro(), Dimensions: r.Dimensions}
	}
	out.Rate = rate(r.UnitPrice, r.HasUnitPrice, r.Subtotal, r.Total, r.Billable)
	seconds, isTime := secondsIn[l.Unit]
	if !isTime {
		return out
	}
	micros := r.Used.Fraction().Mul(money.Whole(seconds*1_000_000)).Round(0, money.HalfUp)
	out.Start = r.Last.Add(-time.Duration(micros.Rat().Num().Int64()) * time.Microsecond)
	out.Quantity, out.QuantityTotal = partOf(r.Billable, r.Quantity), money.QuantityOf(1)
	switch seconds {
	case 3600:
	case 86400:
		out.RatePeriod = 24
	default:
		out.Rate = out.Rate.Fraction().Mul(money.Ratio(3600, seconds)).Amount()
	}
	return out
}

// partOf is billable of a whole, to four places; 0 of nothing.
func partOf(billable, whole money.Quantity) money.Quantity {
	q, err := billable.Fraction().Quo(whole.Fraction())
	if err != nil {
		return money.Quantity{}
	}
	return q.Round(4, money.HalfUp).Quantity()
}

// rate is what a unit costs after discounts: the price's own amount where one held
// for all units and nothing was taken off.
func rate(unit money.Amount, one bool, subtotal, total money.Amount, billable money.Quantity) money.Amount {
	if one && total.Cmp(subtotal) == 0 {
		return unit
	}
	if one {
		if left, err := total.Fraction().Quo(subtotal.Fraction()); err == nil {
			return unit.Fraction().Mul(left).Amount()
		}
	}
	each, err := total.Fraction().Quo(billable.Fraction())
	if err != nil { // nothing is billable
		return unit
	}
	return each.Amount()
}

// ofLine is the item of a line that is priced for its period as a whole. What is
// not rounded by its price is cut to eight places
// (billing-api-vectors.md, ComputeStacks 36).
func ofLine(month pricing.Month, e *pricing.Explanation, of ComputeStacksProduct, asOf time.Time) ComputeStacksItem {
	l := &e.Line
	end := l.PeriodEnd
	if asOf.Before(end) {
		end = asOf
	}
	var correction string
	if l.Corrects.Closing != (pricing.Month{}) {
		correction = month.String()
	}
	out := ComputeStacksItem{
		ID:    IntegerID("usage of period", correction, l.Subscription, l.Plan, l.Price, l.Grouping, instant(l.PeriodStart), fmt.Sprint(l.GivenBack)),
		Start: l.PeriodStart, End: end.Add(-time.Second), Quantity: l.Billed, QuantityTotal: l.Quantity, Total: exactTotal(e).Round(csPlaces, money.Down),
		RatePeriod: 1, Created: end.Add(-time.Second), Of: of, Line: l.Key(), Month: month, Whole: true,
	}
	out.Rate = rate(l.UnitPrice, l.HasUnitPrice, l.ExactSubtotal, exactTotal(e), l.Billed)
	switch {
	case l.Model == "resource" && l.Unit == "hour", l.Model == "resource" && l.Unit == "day":
		out.RatePeriod = int(secondsIn[l.Unit] / 3600)
		out.Quantity = perHour(l.Quantity, secondsIn[l.Unit], out.Start, end)
		out.QuantityTotal = out.Quantity
	case l.Model == "resource":
		out.RatePeriod = hoursOfMonth
		out.Quantity = perHour(l.Quantity, of.monthSeconds(e), out.Start, end)
		out.QuantityTotal = out.Quantity
	case of.Monthly:
		out.RatePeriod = hoursOfMonth
	}
	return out
}

// monthSeconds is how long the month is that a quantity of time is a part of. Where
// only first months have 730 hours, a later one is whole.
func (p *ComputeStacksProduct) monthSeconds(e *pricing.Explanation) int64 {
	whole := e.Line.Quantity.Cmp(e.Line.Quantity.Round(0, money.Down)) == 0
	if p.Month == pricing.Month730Hours || p.Month == pricing.MonthFirst730Hours && !whole {
		return hoursOfMonth * 3600
	}
	return int64(e.BillingPeriod.Length() / time.Second)
}

// perHour is how many there were on average from start to end of what a quantity
// of units of time is of, to four places.
func perHour(q money.Quantity, unitSeconds int64, start, end time.Time) money.Quantity {
	n, err := q.Fraction().Mul(money.Whole(unitSeconds)).Quo(money.Whole(int64(end.Sub(start) / time.Second)))
	if err != nil {
		return q
	}
	return n.Round(4, money.HalfUp).Quantity()
}

// exactTotal is the line's total before it is rounded to the currency.
func exactTotal(e *pricing.Explanation) money.Amount {
	for _, s := range e.Steps {
		if s.Kind == pricing.StepTotal {
			return s.Amount
		}
	}
	return e.Line.Total
}
