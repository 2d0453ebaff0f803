package pricing

import (
	"fmt"

	"daybook/pricing/money"
)

// bill implements quantityModel: every started block of Size units costs Price,
// so that 11 units in blocks of 10 are two blocks; nothing starts none. Its one
// part counts blocks.
func (p Package) bill(quantity, _ money.Fraction) (bill, error) {
	if p.Size.Sign() <= 0 {
		return bill{}, fmt.Errorf("package of %s units: the size must be above 0", p.Size)
	}
	if quantity.IsZero() {
		return bill{}, nil
	}
	ratio, err := quantity.Quo(p.Size.Fraction())
	if err != nil {
		return bill{}, err
	}
	blocks := ratio.Ceil()
	sum := blocks.Mul(p.Price.Fraction())
	return bill{sum: sum, parts: []billPart{{
		label:    "blocks of " + p.Size.String(),
		quantity: blocks, unitPrice: p.Price, amount: sum,
	}}}, nil
}
