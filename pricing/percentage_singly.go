package pricing

import (
	"cmp"
	"fmt"
	"slices"

	"daybook/pricing/money"
)

// EventAmount is the amount of one event, in the priced unit.
type EventAmount struct {
	Time   int64 // Unix microseconds
	Amount money.Fraction
}

// byTime puts events in order of time; of one instant, the smaller amount is
// first, so that no other order can matter.
func byTime(events []EventAmount) []EventAmount {
	slices.SortStableFunc(events, func(a, b EventAmount) int {
		if c := cmp.Compare(a.Time, b.Time); c != 0 {
			return c
		}
		return a.Amount.Cmp(b.Amount)
	})
	return events
}

// eventAmounts returns the amounts of a per-event meter's events, in order.
func (m Meter) eventAmounts(rows []UsageState, s span) ([]EventAmount, error) {
	var out []EventAmount
	for i := range rows {
		u := &rows[i]
		if u.Day < s.first || u.Day > s.last {
			continue
		}
		amount, err := u.change().Quo(m.DivideBy.Fraction())
		if err != nil {
			return nil, fmt.Errorf("measure meter %s: divide_by: %w", m.ID, err)
		}
		out = append(out, EventAmount{u.FirstTime, amount})
	}
	return byTime(out), nil
}

// Singly reports whether the price needs each event by itself.
func (p Percentage) Singly() bool {
	return p.FreeEvents > 0 || p.FreeAmount.Sign() > 0 || p.EventMin.Sign() > 0 || p.EventMax.Sign() > 0
}

// billSingly prices each event by itself (docs/billing-rules.md, Price models,
// Percentages of single events). The free part ends with the first event by
// which free events or the free amount are used up. An event that is wholly free
// costs nothing; one that is free in part owes its fee, and the least and most
// apply to what it costs.
func (p Percentage) billSingly(events []EventAmount) bill {
	rate := p.Rate.Fraction().Mul(money.Ratio(1, 100))
	free := p.freePart()
	var charged, owing, raised, lowered, raisedBy, loweredBy money.Fraction
	one := money.Whole(1)
	for _, e := range events {
		amount, whollyFree := free.take(e.Amount)
		if whollyFree {
			continue
		}
		charged, owing = charged.Add(amount), owing.Add(one)
		cost := amount.Mul(rate).Add(p.PerEvent.Fraction())
		if least := p.EventMin.Fraction(); cost.Cmp(least) < 0 {
			raised, raisedBy = raised.Add(one), raisedBy.Add(least.Sub(cost))
		}
		if most := p.EventMax.Fraction(); p.EventMax.Sign() > 0 && cost.Cmp(most) > 0 {
			lowered, loweredBy = lowered.Add(one), loweredBy.Add(most.Sub(cost))
		}
	}
	b := bill{unitPrice: rate.Amount()}
	b.add(billPart{label: p.Rate.String() + " % of the amount", quantity: charged, unitPrice: b.unitPrice, amount: charged.Mul(rate)})
	for _, part := range []billPart{
		{label: "fee for each event", quantity: owing, unitPrice: p.PerEvent, amount: owing.Mul(p.PerEvent.Fraction())},
		{label: "events raised to " + p.EventMin.String(), quantity: raised, amount: raisedBy},
		{label: "events lowered to " + p.EventMax.String(), quantity: lowered, amount: loweredBy},
	} {
		if !part.amount.IsZero() {
			b.add(part)
		}
	}
	return b
}

// freePart is what is left of a period's free events and free amount.
type freePart struct {
	events          int64
	amount          money.Fraction
	byEvent, byPart bool // which of the two there is
}

func (p Percentage) freePart() freePart {
	return freePart{p.FreeEvents, p.FreeAmount.Fraction(), p.FreeEvents > 0, p.FreeAmount.Sign() > 0}
}

// take uses up what an event has free. It returns what is charged of its amount,
// and whether the event is wholly free.
func (f *freePart) take(amount money.Fraction) (charged money.Fraction, whollyFree bool) {
	if !f.byEvent && !f.byPart || f.byEvent && f.events == 0 || f.byPart && f.amount.IsZero() {
		*f = freePart{}
		return amount, false
	}
	f.events--
	if !f.byPart {
		return money.Fraction{}, true
	}
	left := f.amount.Sub(amount)
	if left.Sign() < 0 {
		*f = freePart{}
		return left.Neg(), false
	}
	f.amount = left
	return money.Fraction{}, true
}

// CheckSingly reports why a price cannot look at each event of a meter; "" when
// it can or need not.
func (p *Price) CheckSingly(m Meter) string {
	model, ok := p.Model.(Percentage)
	switch {
	case !ok || !model.Singly():
		return ""
	case !m.PerEvent:
		return "free events, a free amount, and the least and most of an event need each event, and the meter " + m.ID + " keeps the sum of a day"
	case m.AllowNegative:
		return "free events, a free amount, and the least and most of an event have no meaning for amounts below zero, which the meter " + m.ID + " allows"
	case !p.Allowance.IsZero() || p.RoundTo != nil || p.hasUnitsOff() || model.FreeFees > 0:
		return "what each event costs cannot be mixed with allowance, units_off, round_quantity or free_fees, which look at the whole"
	}
	return ""
}
