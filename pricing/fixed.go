package pricing

import "daybook/pricing/money"

// Fixed is a fee for each period, times the subscription's quantity for the
// price (1 unless Subscription.Quantities says otherwise).
type Fixed struct{ Price money.Amount }

// Name implements Model.
func (Fixed) Name() string { return "fixed" }

// bill implements quantityModel: price × quantity × the part of the period.
func (f Fixed) bill(quantity, scale money.Fraction) (bill, error) {
	return bill{sum: f.Price.Fraction().Mul(quantity).Mul(scale), unitPrice: f.Price, hasUnitPrice: true}, nil
}
