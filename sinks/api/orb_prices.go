package api

import (
	"encoding/json"
	"fmt"

	"daybook/pricing"
	"daybook/sinks/documents"
)

// orbPrices writes the prices of the books as subscriptions have them, each once.
type orbPrices struct {
	reg   *pricing.Registry
	books []*pricing.Book
	known map[string]json.RawMessage
}

func newOrbPrices(reg *pricing.Registry, books []*pricing.Book) *orbPrices {
	return &orbPrices{reg, books, map[string]json.RawMessage{}}
}

// of is the price of a cost row.
func (o *orbPrices) of(row *pricing.CostRow) (documents.OrbPriced, error) {
	s, loc, _ := o.reg.Subscription(row.Subscription)
	h, ok := pricing.PriceHeld(o.books, row.BookVersion, row.Plan, row.Price, s, loc, row.TimeframeEnd.Add(-1))
	if !ok {
		return documents.OrbPriced{}, fmt.Errorf("costs of %s on %s name price %s of plan %s in version %s, which the books no longer have; put it back",
			row.Account, row.Day, row.Price, row.Plan, row.BookVersion)
	}
	return o.held(&h, row.Subscription)
}

// held writes a price as a subscription has it.
func (o *orbPrices) held(h *pricing.HeldPrice, subscription string) (documents.OrbPriced, error) {
	out := documents.OrbPriced{ID: documents.OrbPriceID(h, subscription), Digits: digitsOf(h.Book)}
	if m, ok := h.Price.Model.(pricing.Matrix); ok {
		out.By = m.By
	}
	key := out.ID + " " + h.Quantity.String()
	if o.known[key] == nil {
		body, err := documents.NewOrbPrice(h, subscription).MarshalJSON()
		if err != nil {
			return out, fmt.Errorf("write price %s: %w", out.ID, err)
		}
		o.known[key] = body
	}
	out.Price = o.known[key]
	return out, nil
}

// digitsOf are the decimals that amounts of a book have at least.
func digitsOf(b *pricing.Book) int32 {
	if b.Unit != nil {
		return b.Unit.Digits
	}
	return b.Currency.Digits
}
