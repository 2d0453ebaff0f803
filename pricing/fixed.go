package pricing

import "daybook/pricing/money"

// bill implements quantityModel: price × quantity × the part of the period.
func (f Fixed) bill(quantity, scale money.Fraction) (bill, error) {
	return bill{sum: f.Price.Fraction().Mul(quantity).Mul(scale), unitPrice: f.Price, hasUnitPrice: true}, nil
}
