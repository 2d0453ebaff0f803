package pricing

import (
	"time"

	"daybook/pricing/money"
)

// QuantityChange is a new number of a fixed fee from an instant on.
type QuantityChange struct {
	From     time.Time
	Quantity money.Quantity
}

// feePart is a stretch of a segment through which a fee has one quantity. Each
// is a line of its own (docs/billing-rules.md, Fees in advance).
type feePart struct {
	part     Period
	quantity money.Quantity
}

// feeParts cuts a segment where the subscription's number of a fee changes. A
// segment that looks ahead knows of no later change.
func (s *segment) feeParts(price *Price) []feePart {
	quantity, ok := s.sub.Quantities[price.ID]
	if !ok {
		quantity = money.QuantityOf(1)
	}
	var out []feePart
	from := s.part.Start
	for _, c := range s.sub.QuantityChanges[price.ID] {
		switch {
		case !c.From.After(from):
		case s.ahead || !c.From.Before(s.part.End):
			return append(out, feePart{Period{from, s.part.End}, quantity})
		case c.Quantity.Cmp(quantity) != 0:
			out = append(out, feePart{Period{from, c.From.UTC()}, quantity})
			from = c.From.UTC()
		}
		quantity = c.Quantity
	}
	return append(out, feePart{Period{from, s.part.End}, quantity})
}

// feesFrom returns the instants at which fees in advance of a segment begin.
func (s *segment) feesFrom() []time.Time {
	var out []time.Time
	for i := range s.plan.Prices {
		if price := &s.plan.Prices[i]; price.Due == InAdvance {
			for _, p := range s.feeParts(price) {
				out = append(out, p.part.Start)
			}
		}
	}
	return out
}
