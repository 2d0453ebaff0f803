package book

import (
	"cmp"

	"daybook/pricing"
	"daybook/pricing/money"
)

// quantityRounding reads how a quantity is rounded: to places, or to whole
// multiples of a step (docs/billing-rules.md, The order of an amount).
func (c *checker) quantityRounding(q quantityRounding) *pricing.QuantityRounding {
	if !q.written() || q.bad {
		return nil
	}
	out := &pricing.QuantityRounding{
		Places: int32(c.whole(q.Places, -quantityPlaces, quantityPlaces, 0)),
		Mode:   money.Rounding(cmp.Or(q.Mode.value, string(money.HalfUp))),
	}
	switch {
	case q.Places.written() && q.Step.written():
		c.add(q.Step.place, "this rounding has both `places` and a `step`", "keep one of the two")
	case q.Step.written():
		out.Step = c.blockSize(q.Step)
	case !q.Places.written() && !q.strange:
		c.add(q.place, "this rounding does not say to what", "add `places: <number>`, or `step: <units>`")
	}
	return out
}

// amountRounding reads how an amount is rounded before amounts are added
// (docs/billing-rules.md, The order of an amount).
func (c *checker) amountRounding(r amountRounding) *pricing.AmountRounding {
	if !r.written() || r.bad {
		return nil
	}
	return &pricing.AmountRounding{
		Places: int32(c.whole(r.Places, 0, quantityPlaces, 0)),
		Mode:   money.Rounding(cmp.Or(r.Mode.value, string(money.HalfUp))),
	}
}
