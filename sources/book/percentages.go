package book

import (
	"fmt"
	"math"

	"daybook/pricing"
	"daybook/pricing/money"
)

// ofAmounts checks that a meter sums the money that its price takes a part of: a
// price may ask only for what its meter keeps.
func (c *checker) ofAmounts(model said, m pricing.Meter, known bool) {
	if known && m.Running {
		c.add(model.at, "the meter "+quote(m.ID)+" follows a level, and `"+model.key+"` prices amounts of money that add up", "price a meter without `running`")
	}
	if known && m.Aggregate != "" && m.Aggregate != pricing.Sum {
		c.add(model.at, "the meter "+quote(m.ID)+" is a "+string(m.Aggregate)+", and `"+model.key+"` prices amounts of money that add up",
			"price a meter with `aggregate: sum` of the column that holds the amount")
	}
}

// percentage reads a part of an amount and a fee for each event
// (docs/billing-rules.md, Price models, Percentages).
func (c *checker) percentage(p percentage) pricing.Percentage {
	out := pricing.Percentage{
		Rate: c.rate(p.Rate), PerEvent: c.amount(p.PerEvent),
		FreeFees: int64(c.whole(p.FreeFees, 0, math.MaxInt32, 0)),
	}
	if p.FreeFees.written() && !p.PerEvent.written() {
		c.add(p.FreeFees.place, "there is no fee for each event that could be free", "add `per_event: <amount>`, or leave it out; an amount that is free is the price's `allowance`")
	}
	out.FreeEvents, out.FreeAmount = int64(c.whole(p.FreeEvents, 1, math.MaxInt32, 0)), c.quantity(p.FreeAmount)
	out.EventMin, out.EventMax = c.amount(p.EventMin), c.amount(p.EventMax)
	for _, n := range []number{p.FreeAmount, p.EventMin, p.EventMax} {
		if n.written() && !n.bad && c.quantity(n).IsZero() {
			c.add(n.place, "is zero", "write an amount above 0, or leave it out")
		}
	}
	if out.EventMax.Sign() > 0 && out.EventMin.Cmp(out.EventMax) > 0 {
		c.add(p.EventMax.place, "the most of an event is less than the least", "raise it, or lower per_event_min")
	}
	return out
}

// rate reads per cents of an amount.
func (c *checker) rate(n number) money.Quantity {
	rate := c.quantity(n)
	if n.written() && !n.bad && rate.Cmp(hundred()) > 0 {
		c.add(n.place, "is more than 100 per cent", "write 0 to 100; 1.3 is 1.3 per cent")
	}
	return rate
}

// rateTiers reads tiers of an amount, whose price is a rate.
func (c *checker) rateTiers(l list[rateTier]) []pricing.Tier {
	plain := list[tier]{place: l.place}
	for _, t := range l.items {
		bounds := tier{place: t.place, UpTo: t.UpTo, Flat: t.Flat}
		bounds.strange = true // its price is not here
		plain.items = append(plain.items, bounds)
	}
	out := c.tiers(plain)
	for i := range out {
		out[i].Unit = c.rate(l.items[i].Rate).Fraction().Mul(money.Ratio(1, 100)).Amount()
	}
	return out
}

// thresholds reads totals that hold from a quantity on.
func (c *checker) thresholds(l list[threshold]) []pricing.ThresholdStep {
	if l.bad {
		return nil
	}
	if len(l.items) == 0 {
		c.add(l.place, "has no threshold", "add some, from the lowest to the highest: [{from: 0, total: 5.00}, {from: 100, total: 20.00}]")
	}
	var out []pricing.ThresholdStep
	for _, t := range l.items {
		if !t.From.written() || t.From.bad {
			continue
		}
		step := pricing.ThresholdStep{From: c.quantity(t.From), Total: c.amount(t.Total)}
		if n := len(out); n > 0 && step.From.Cmp(out[n-1].From) <= 0 {
			c.add(t.From.place, fmt.Sprintf("begins at %s, not above %s where the one before begins", step.From, out[n-1].From),
				"write thresholds from the lowest to the highest")
		}
		out = append(out, step)
	}
	return out
}

// singly checks what a percentage asks of single events.
func (c *checker) singly(p percentage, out *pricing.Price, m pricing.Meter, known bool) {
	if !known {
		return
	}
	for _, key := range written(said{"free_events", p.FreeEvents.place}, said{"free_amount", p.FreeAmount.place},
		said{"per_event_min", p.EventMin.place}, said{"per_event_max", p.EventMax.place}) {
		if reason := out.CheckSingly(m); reason != "" {
			remedy := "give the meter `per_event: true` and no `allow_negative`; usage is then read again"
			if m.PerEvent && !m.AllowNegative {
				remedy = "keep one of the two; an amount that is free is `free_amount`"
			}
			c.add(key.at, reason, remedy)
			return
		}
	}
}
