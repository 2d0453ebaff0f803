package api

import (
	"encoding/json"
	"fmt"
	"time"

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
	h, _, _ := o.find(row.Account, row.Subscription, row.BookVersion, row.Plan, row.Price, row.TimeframeEnd)
	return o.held(&h, row.Subscription)
}

// find is a price as a subscription had it just before an instant. One that somebody
// has taken out of the books is known by its id alone, so that what it was billed for
// can still be shown.
func (o *orbPrices) find(account, subscription, version, plan, price string, before time.Time) (pricing.HeldPrice, *pricing.Subscription, *time.Location) {
	s, loc, _ := o.reg.Subscription(subscription)
	h, ok := pricing.PriceHeld(o.books, version, plan, price, s, loc, before.Add(-1))
	if ok {
		return h, s, loc
	}
	b, ok := pricing.BookOf(o.books, o.reg, account)
	if !ok {
		b = o.books[0]
	}
	return pricing.HeldPrice{Book: b, Version: &pricing.Version{ID: version}, Plan: &pricing.Plan{ID: plan}, Price: pricing.Price{ID: price}}, s, loc
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
