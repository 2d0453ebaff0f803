package pricing

import "daybook/pricing/money"

// Percentage prices an amount of money that a meter sums: a part of it, and a
// fee for each event whatever its amount. An allowance is an amount that is
// free.
type Percentage struct {
	Rate     money.Quantity // per cent: 1.3 is 1.3 %
	PerEvent money.Amount   // owed for each event of the period
	FreeFees int64          // so many events owe no PerEvent; their amounts count

	// These look at each event by itself, in order of time.
	FreeEvents         int64          // so many first events are free; 0: none
	FreeAmount         money.Quantity // so much of the first amounts is free; 0: none
	EventMin, EventMax money.Amount   // the least and the most that an event costs; 0: no such bound
}

// GraduatedPercentage prices each part of an amount at the rate of the tier it
// falls in. A tier's Unit is its rate as a part of one: 0.013 is 1.3 %.
type GraduatedPercentage struct {
	Tiers      []Tier
	FlatOnZero bool // the first tier's flat fee is owed for no usage too
}

// Name implements Model.
func (Percentage) Name() string { return "percentage" }

// Name implements Model.
func (GraduatedPercentage) Name() string { return "graduated_percentage" }

// billEvents prices an amount and the number of events that made it. Amounts
// that were taken back lower the first part; their events are events all the
// same.
func (p Percentage) billEvents(amount money.Fraction, events int64) bill {
	rate := p.Rate.Fraction().Mul(money.Ratio(1, 100))
	b := bill{sum: amount.Mul(rate), unitPrice: rate.Amount(), hasUnitPrice: true}
	if p.PerEvent.IsZero() {
		return b
	}
	of := billPart{label: p.Rate.String() + " % of the amount", quantity: amount, unitPrice: b.unitPrice, amount: b.sum}
	owing := money.Whole(max(events-p.FreeFees, 0))
	fees := billPart{label: "fee for each event", quantity: owing, unitPrice: p.PerEvent, amount: owing.Mul(p.PerEvent.Fraction())}
	return bill{sum: of.amount.Add(fees.amount), parts: []billPart{of, fees}}
}

// bill implements quantityModel, as Graduated does.
func (g GraduatedPercentage) bill(amount, scale money.Fraction) (bill, error) {
	return Graduated(g).bill(amount, scale)
}
