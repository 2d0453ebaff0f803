package documents

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"daybook/pricing/money"
)

// rokkaNoBound is the end of a range that has none; the API's dashboard prints it
// as infinity.
const rokkaNoBound = 999_999_999

// rokkaCategory is all charges of one price.
type rokkaCategory struct {
	key, unit string
	quantity  money.Quantity
	total     money.Amount
	tiers     []rokkaTier // ascending, a correction last
}

// rokkaTier is what was charged in one tier at one price.
type rokkaTier struct {
	from, to   money.Quantity
	unitPrice  money.Amount
	correction bool
	quantity   money.Quantity
	total      money.Amount
}

// categories puts charges together by their keys, sorted. The same tier at the same
// price is one; a price that changed within the month has tiers of both.
func (w rokkaWriter) categories(charges RokkaBill) ([]*rokkaCategory, error) {
	at := map[string]*rokkaCategory{}
	var out []*rokkaCategory
	for _, c := range charges {
		of := at[c.Category]
		if of == nil {
			of = &rokkaCategory{key: c.Category, unit: c.Unit}
			at[c.Category] = of
			out = append(out, of)
		}
		switch {
		case c.Category == "total":
			return nil, fmt.Errorf("a price is called %q, which is a key of the answer: call it otherwise in the book", c.Category)
		case c.Unit != of.unit:
			return nil, fmt.Errorf("price %s is for units %q and %q, which cannot be added: give it one unit, or two ids", c.Category, of.unit, c.Unit)
		}
		of.quantity, of.total = of.quantity.Add(c.Quantity), of.total.Add(c.Total)
		for _, t := range w.tiersOf(c) {
			of.add(t)
		}
	}
	slices.SortFunc(out, func(a, b *rokkaCategory) int { return strings.Compare(a.key, b.key) })
	for _, of := range out {
		slices.SortFunc(of.tiers, rokkaTier.compare)
	}
	return out, nil
}

func (c *rokkaCategory) add(t rokkaTier) {
	for i := range c.tiers {
		if of := &c.tiers[i]; of.compare(t) == 0 {
			of.quantity, of.total = of.quantity.Add(t.quantity), of.total.Add(t.total)
			return
		}
	}
	c.tiers = append(c.tiers, t)
}

// compare orders tiers as they are printed; equal tiers differ in what was used.
func (t rokkaTier) compare(o rokkaTier) int {
	if t.correction != o.correction {
		return map[bool]int{true: 1, false: -1}[t.correction]
	}
	return cmp.Or(t.from.Cmp(o.from), t.to.Cmp(o.to), t.unitPrice.Cmp(o.unitPrice))
}

// tiersOf shares a charge's total among its tiers in proportion to what they cost,
// in cents, so that they add up to it. So a single tier, and every tier but one of
// a usual list, is its price rounded half up by itself. A charge without tiers,
// as one whose price is the same for all units, is one tier without bounds.
func (w rokkaWriter) tiersOf(c RokkaCharge) []rokkaTier {
	whole := rokkaTier{to: money.QuantityOf(rokkaNoBound), unitPrice: c.UnitPrice, quantity: c.Quantity, total: c.Total}
	if c.Correction {
		whole.unitPrice, whole.correction = money.Amount{}, true
	}
	if len(c.Parts) == 0 || c.Correction {
		return []rokkaTier{whole}
	}
	weights := make([]money.Amount, len(c.Parts))
	for i, p := range c.Parts {
		weights[i] = p.Amount
	}
	totals, err := money.Allocate(c.Total, weights, w.currency.Digits)
	if err != nil { // parts of both signs that cancel out: there is no proportion
		return []rokkaTier{whole}
	}
	out := make([]rokkaTier, len(c.Parts))
	for i, p := range c.Parts {
		out[i] = rokkaTier{to: whole.to, unitPrice: p.UnitPrice, quantity: p.Quantity, total: totals[i]}
		if from, to, open, ok := p.Bounds(); ok {
			out[i].from = from
			if !open {
				out[i].to = to
			}
		}
	}
	return out
}

// RokkaError writes a fault as rokka's API does.
func RokkaError(code int, message string) []byte {
	body, err := compact(object{{"error", object{{"code", code}, {"message", message}}}})
	if err != nil {
		return nil // cannot be: a number and a text
	}
	return body
}
