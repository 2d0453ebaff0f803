package pricing

import "daybook/pricing/money"

// bill implements quantityModel: all units pay the price, and the flat fee, of
// the one tier that the quantity falls in; bounds are inclusive. Nothing falls
// in no tier, or in the first where FlatOnZero says so.
func (v Volume) bill(quantity, _ money.Fraction) (bill, error) {
	var b bill
	if err := wantTier(v.Tiers, quantity); err != nil || (quantity.IsZero() && !v.FlatOnZero) {
		return b, err
	}
	var lower money.Quantity
	for i, t := range v.Tiers {
		if t.Open || quantity.Cmp(t.UpTo.Fraction()) <= 0 {
			b.add(t.part(i, lower, quantity))
			break
		}
		lower = t.UpTo
	}
	b.unitPriceOfOnlyPart()
	return b, nil
}
