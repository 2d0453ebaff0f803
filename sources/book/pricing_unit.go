package book

import (
	"fmt"

	"github.com/bojanz/currency"

	"daybook/pricing"
	"daybook/pricing/money"
)

// pricingUnit reads what the book's amounts are in where that is not its
// currency. All versions have the same unit; what it is worth may change.
func (c *checker) pricingUnit(first, d *document) (*pricing.PricingUnit, money.Amount) {
	u, before := d.PricingUnit, first.PricingUnit
	if u.written() != before.written() {
		c.add(d.Effective.place, "only some versions of this book have a `pricing_unit`", "write it in all versions, or in none")
	}
	if !u.written() || u.bad {
		return nil, money.Amount{}
	}
	if currency.IsValid(u.Name.value) {
		c.add(u.Name.place, quote(u.Name.value)+" is a currency", "give the unit a name of its own, or write the amounts in the currency")
	}
	places := c.whole(u.Places, 0, amountPlaces, 2)
	if before.written() && (before.Name.value != u.Name.value || c.whole(before.Places, 0, amountPlaces, 2) != places) {
		c.add(u.place, fmt.Sprintf("the pricing unit differs from that at %s:%d", before.doc.name, before.line), "all versions of a book have one pricing unit; only its `worth` may change")
	}
	worth := c.amount(u.Worth)
	if u.Worth.written() && !u.Worth.bad && worth.Sign() <= 0 {
		c.add(u.Worth.place, "a unit that is worth nothing makes all invoices zero", "write what one unit is worth in the currency, for example 0.25")
	}
	return &pricing.PricingUnit{Name: c.name(u.Name), Digits: int32(places)}, worth
}
