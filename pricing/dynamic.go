package pricing

import "daybook/pricing/money"

// Dynamic prices what events say that they cost: its meter sums their amounts.
type Dynamic struct {
	Multiplier money.Quantity // 1.2 bills a fifth on top
}

// Name implements Model.
func (Dynamic) Name() string { return "dynamic" }

// bill implements quantityModel: the sum of the events' own prices × Multiplier.
// There is no unit price; each event had its own.
func (d Dynamic) bill(amount, _ money.Fraction) (bill, error) {
	return bill{sum: amount.Mul(d.Multiplier.Fraction())}, nil
}
