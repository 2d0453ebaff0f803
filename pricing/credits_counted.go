package pricing

import (
	"slices"

	"daybook/pricing/money"
)

// QuantityUnits lists the units of the book's metered prices, such as GB, that a
// credit may be in: units that are bought once and used up
// (docs/billing-rules.md, Units bought ahead).
func (b *Book) QuantityUnits() []string {
	var out []string
	for i := range b.Versions {
		v := &b.Versions[i]
		for j := range v.Plans {
			for k := range v.Plans[j].Prices {
				if p := &v.Plans[j].Prices[k]; p.Meter != "" {
					out = append(out, unitOf(v, p))
				}
			}
		}
	}
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(unit string) bool { return unit == "" })
}

// boughtUnits is what of a line was paid by units that were bought ahead.
type boughtUnits struct {
	quantity money.Amount
	worth    money.Amount // what these units would have cost
}

// drawQuantities lets credits in the unit of lines pay them: each line up to its
// quantity, each credit down to zero, and of the line's total the part that these
// units are of the quantity, rounded half up as a whole. A line that costs
// nothing uses no credit (docs/billing-rules.md, Units bought ahead).
func (s *settlement) drawQuantities(inv *Invoice) []draw {
	var out []draw
	left := map[string][]*purse{}
	for i := range inv.Lines {
		l := &inv.Lines[i]
		unit, digits := "", inv.Currency.Digits
		if inv.Unit != nil && l.InUnit != nil && l.InUnit.Name == inv.Unit.Name {
			unit, digits = inv.Unit.Name, inv.Unit.Digits
		}
		total, paid := l.payable(unit)
		if !s.registry.counted[l.Unit] || total.Sign() <= 0 || l.Quantity.Sign() <= 0 {
			continue
		}
		if _, seen := left[l.Unit]; !seen {
			left[l.Unit] = s.purses(inv.BillingAccount, l.Unit)
			slices.SortFunc(left[l.Unit], (*purse).compare)
		}
		out = append(out, l.drawQuantity(s.registry, i, left[l.Unit])...)
		if l.bought.quantity.Sign() > 0 {
			// The quantity is above zero, so the quotient exists.
			part, _ := l.bought.quantity.Fraction().Quo(l.Quantity.Fraction())
			l.bought.worth = total.Fraction().Mul(part).Round(digits, money.HalfUp).Amount()
			*paid = paid.Add(l.bought.worth)
		}
	}
	return out
}

// drawQuantity uses up units for the line of that index.
func (l *Line) drawQuantity(r *Registry, index int, purses []*purse) []draw {
	var out []draw
	whole := l.Quantity.Fraction().Amount()
	for _, p := range purses {
		used := lesser(whole.Sub(l.bought.quantity), p.left)
		if used.Sign() <= 0 || !p.pays(r, l) {
			continue
		}
		p.left, l.bought.quantity = p.left.Sub(used), l.bought.quantity.Add(used)
		out = append(out, draw{purse: p, line: index, amount: used, unit: l.Unit})
	}
	return out
}
