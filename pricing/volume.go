package pricing

import "daybook/pricing/money"

// Volume prices all units at the price of the one tier the quantity falls in.
type Volume struct {
	Tiers      []Tier
	FlatOnZero bool // the first tier's flat fee is owed for no usage too
}

// Name implements Model.
func (Volume) Name() string { return "volume" }

// bill implements quantityModel: all units pay the price, and the flat fee, of
// the one tier that the quantity falls in; bounds are inclusive. Nothing falls
// in no tier, or in the first where FlatOnZero says so.
func (v Volume) bill(quantity, _ money.Fraction) (bill, error) {
	if quantity.IsZero() && !v.FlatOnZero {
		return bill{}, wantTier(v.Tiers, quantity)
	}
	return v.billHeld(quantity, quantity)
}
