package pricing

import "daybook/pricing/money"

// freeAndBilled says for each group of an item how much of its quantity was free
// and how much was priced (docs/reconciliation.md). A group of a matrix price has
// of both in proportion, as it has of what an allowance left. What was priced is
// taken from the pricing itself: it is the rest of the quantity, but for the
// rounding of the last place, or else the line does not add up and
// [CheckInvoice] says so. Units that a usage discount gives are billed; what they
// cost stands in the discount.
func (it *item) freeAndBilled(groups []itemGroup) (free, billed []money.Quantity) {
	free, billed = make([]money.Quantity, len(groups)), make([]money.Quantity, len(groups))
	c, lastPlace := &it.charge, money.Int128{Lo: 1}.Quantity(money.QuantityPlaces)
	for i, g := range groups {
		switch {
		case it.free:
			free[i] = g.quantity
			continue
		case len(c.Groups) == 0:
			free[i], billed[i] = c.Free.Quantity(), c.Billable.Quantity()
		case !c.whole.IsZero():
			part, _ := c.Free.Quo(c.whole) // not zero, so the quotient exists
			left, _ := c.Billable.Quo(c.whole)
			free[i], billed[i] = g.quantity.Fraction().Mul(part).Quantity(), g.quantity.Fraction().Mul(left).Quantity()
		default: // groups that cancel out
			billed[i] = g.quantity
		}
		rest := g.quantity.Sub(free[i])
		if off := rest.Sub(billed[i]); off.Cmp(lastPlace) <= 0 && off.Neg().Cmp(lastPlace) <= 0 {
			billed[i] = rest
		}
	}
	return free, billed
}
