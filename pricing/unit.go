package pricing

import "daybook/pricing/money"

// Unit prices every unit alike.
type Unit struct{ Price money.Amount }

// Name implements Model.
func (Unit) Name() string { return "unit" }

// bill implements quantityModel: quantity × price.
func (u Unit) bill(quantity, _ money.Fraction) (bill, error) {
	return bill{sum: quantity.Mul(u.Price.Fraction()), unitPrice: u.Price, hasUnitPrice: true}, nil
}
