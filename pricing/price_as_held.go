package pricing

import (
	"slices"
	"strings"
	"time"

	"daybook/pricing/money"
)

// HeldPrice is a price as a subscription has it at an instant: with the amounts of
// its phase and those of its own.
type HeldPrice struct {
	Book    *Book
	Version *Version
	Plan    *Plan // with the phase's amounts and discount
	Price   Price
	Phase   int  // of the plan, from 1; 0: it has none, or they are over
	Free    bool // in this phase nothing is owed
	Own     bool // the subscription has an amount of its own for it
	// Quantity is how many of a fixed fee the subscription has.
	Quantity money.Quantity
}

// PriceHeld returns the price that a cost row or an invoice line names by its book
// version, plan and price, as a subscription has it at an instant. A nil
// subscription is that of a pool: it has the book's amounts. ok is false where the
// books have no such price.
func PriceHeld(books []*Book, version, plan, price string, s *Subscription, loc *time.Location, at time.Time) (h HeldPrice, ok bool) {
	for _, b := range books {
		for i := range b.Versions {
			if b.Versions[i].ID != version {
				continue
			}
			if h.Plan, ok = b.Versions[i].PlanOf(plan); ok {
				h.Book, h.Version = b, &b.Versions[i]
				return h.inPhase(s, loc, at).withPrice(price, s, at)
			}
		}
	}
	return HeldPrice{}, false
}

// inPhase is the plan in the phase that holds an instant, or after all of them.
func (h HeldPrice) inPhase(s *Subscription, loc *time.Location, at time.Time) HeldPrice {
	if s == nil || len(h.Plan.Phases) == 0 {
		return h
	}
	phases := h.Plan.phases()
	now := 0
	for i, start := range h.Plan.phaseStarts(s.Start.UTC(), loc) {
		if !start.After(at) {
			now = i
		}
	}
	if now < len(h.Plan.Phases) {
		h.Phase = now + 1
	}
	h.Plan, h.Free = phases[now], phases[now].free
	return h
}

func (h HeldPrice) withPrice(id string, s *Subscription, at time.Time) (HeldPrice, bool) {
	for i := range h.Plan.Prices {
		if h.Plan.Prices[i].ID != id {
			continue
		}
		h.Price, h.Quantity = h.Plan.Prices[i], money.QuantityOf(1)
		if s == nil {
			return h, true
		}
		if q, ok := s.Quantities[id]; ok {
			h.Quantity = q
		}
		for _, change := range s.QuantityChanges[id] {
			if !change.From.After(at) {
				h.Quantity = change.Quantity
			}
		}
		if amount, own := s.PriceOverrides[id]; own {
			h.Price.Model, h.Own = withAmount(h.Price.Model, amount)
		}
		return h, true
	}
	return HeldPrice{}, false
}

// Cycle is how often the price is billed: a fee's own cycle, or its plan's.
func (h *HeldPrice) Cycle() Cycle { return h.Plan.cycleOf(&h.Price) }

// Covers reports whether an adjustment of the plan is on the price.
func (h *HeldPrice) Covers(a Adjustment) bool { return a.covers(&h.Price) }

// Subscription returns a subscription of the registry by its id, with the time
// zone of its days: UTC where it has no usable one.
func (r *Registry) Subscription(id string) (s *Subscription, loc *time.Location, ok bool) {
	i, ok := r.subscriptionAt(id)
	if !ok {
		return nil, nil, false
	}
	if loc = r.zones[i]; loc == nil {
		loc = time.UTC
	}
	return &r.Subscriptions[i], loc, true
}

// subscriptionAt finds a subscription in the order of ids.
func (r *Registry) subscriptionAt(id string) (i int, ok bool) {
	return slices.BinarySearchFunc(r.Subscriptions, id, func(s Subscription, id string) int { return strings.Compare(s.ID, id) })
}

// MonthsOf counts the whole months from a subscription's start to an instant, as
// adjustments of the first months do.
func MonthsOf(s *Subscription, loc *time.Location, at time.Time) int {
	return wholeMonths(LocalDay(s.Start, loc), LocalDay(at, loc))
}
