package pricing

import (
	"fmt"

	"daybook/pricing/money"
)

// Package prices blocks of Size units: started ones, or only full ones.
type Package struct {
	Size  money.Quantity
	Price money.Amount
	Full  bool // what is left of the last block costs nothing
}

// Name implements Model.
func (Package) Name() string { return "package" }

// bill implements quantityModel: every started block of Size units costs Price,
// so that 11 units in blocks of 10 are two blocks; nothing starts none. With
// Full only what fills a block costs: 11 units are one. Its one part counts
// blocks.
func (p Package) bill(quantity, _ money.Fraction) (bill, error) {
	if p.Size.Sign() <= 0 {
		return bill{}, fmt.Errorf("package of %s units: the size must be above 0", p.Size)
	}
	ratio, err := quantity.Quo(p.Size.Fraction())
	if err != nil {
		return bill{}, err
	}
	blocks, label := ratio.Ceil(), "blocks of "+p.Size.String()
	if p.Full {
		blocks, label = ratio.Floor(), "full "+label
	}
	if blocks.IsZero() {
		return bill{}, nil
	}
	sum := blocks.Mul(p.Price.Fraction())
	return bill{sum: sum, parts: []billPart{{
		label:    label,
		quantity: blocks, unitPrice: p.Price, amount: sum,
	}}}, nil
}
