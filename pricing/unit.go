package pricing

import "daybook/pricing/money"

// bill implements quantityModel: quantity × price.
func (u Unit) bill(quantity, _ money.Fraction) (bill, error) {
	return bill{sum: quantity.Mul(u.Price.Fraction()), unitPrice: u.Price, hasUnitPrice: true}, nil
}
