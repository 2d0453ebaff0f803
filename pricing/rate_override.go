package pricing

import (
	"fmt"

	"daybook/pricing/money"
)

// overrideError says that a subscription overrides what has no one price.
type overrideError struct{ price, model string }

// Error implements error; it names the remedy.
func (e *overrideError) Error() string {
	return fmt.Sprintf("price %s has no single price to override, its model is %s: take it out of price_overrides, or give the customer a plan of their own", e.price, e.model)
}

// override returns the price as the subscription has it.
func (s *segment) override(p *Price) (*Price, error) {
	amount, ok := s.sub.PriceOverrides[p.ID]
	if !ok {
		return p, nil
	}
	out := *p
	if out.Model, ok = withAmount(p.Model, amount); !ok {
		name := modelName(p.Model)
		if model, timed := p.Model.(ResourceTime); timed {
			name = "resource by " + model.PriceBy
		}
		return nil, &overrideError{p.ID, name}
	}
	return &out, nil
}

func sameOverride(a, b *Subscription, price string) bool {
	x, isX := a.PriceOverrides[price]
	y, isY := b.PriceOverrides[price]
	return isX == isY && x.Cmp(y) == 0
}

// unknownPrice returns the first price, in order of ids, that a subscription
// sets a quantity or an override for and no version of its plan has.
func (b *Book) unknownPrice(s *Subscription) (id string, found bool) {
	consider := func(price string) {
		if !b.hasPrice(s.Plan, price) && (!found || price < id) {
			id, found = price, true
		}
	}
	for price := range s.Quantities {
		consider(price)
	}
	for price := range s.PriceOverrides {
		consider(price)
	}
	return id, found
}

func (b *Book) hasPrice(plan, price string) bool {
	for i := range b.Versions {
		p, ok := b.Versions[i].PlanOf(plan)
		for j := 0; ok && j < len(p.Prices); j++ {
			if p.Prices[j].ID == price {
				return true
			}
		}
	}
	return false
}

// inPart scales the amounts that are owed once a period to a part of it, as
// where a new version of the book splits the period, so that no customer owes a
// minimum twice for one period. Units and per cents need no scaling.
func inPart(adjustments []Adjustment, share money.Fraction) []Adjustment {
	if share.Cmp(money.Whole(1)) == 0 || len(adjustments) == 0 {
		return adjustments
	}
	out := make([]Adjustment, len(adjustments))
	for i, a := range adjustments {
		a.Amount = a.Amount.Fraction().Mul(share).Amount()
		out[i] = a
	}
	return out
}
