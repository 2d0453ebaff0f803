package book

import (
	"strconv"
	"strings"

	"daybook/pricing"
	"daybook/pricing/money"
)

// phases reads the phases of a plan whose prices are known (docs/billing-rules.md,
// Phases).
func (c *checker) phases(l list[phase], p *pricing.Plan) {
	if l.written() && !l.bad && len(l.items) == 0 {
		c.add(l.place, "names no phase", "add one, for example `- {name: trial, for: 7d, free: true}`, or leave it out")
	}
	for i, ph := range l.items {
		if !ph.written() || ph.bad {
			continue
		}
		out := pricing.Phase{Name: c.name(ph.Name), Free: ph.Free.value, Position: ph.position()}
		out.Months, out.Days = c.phaseLength(ph, i == len(l.items)-1)
		if ph.PercentOff.written() {
			out.PercentOff = c.quantity(ph.PercentOff)
			if out.PercentOff.Cmp(hundred()) > 0 {
				c.add(ph.PercentOff.place, "is more than 100 per cent", "write 0 to 100; 10 is ten per cent")
			}
		}
		if out.Free && (ph.PercentOff.written() || ph.Prices.written()) {
			c.add(ph.Free.place, "nothing is owed in this phase, and it has prices too", "keep one of the two")
		}
		out.Prices = c.phasePrices(ph, p)
		p.Phases = append(p.Phases, out)
	}
	if len(p.Phases) > 0 {
		for _, price := range p.Prices {
			if price.Pool != pricing.PoolSubscription {
				c.add(l.place, "the price "+quote(price.ID)+" is pooled, and the members of a pool would be in different phases", "leave `pool` out, or make a plan of its own for it")
			}
		}
	}
}

// phaseLength reads `for: 7d`; only the last phase may leave it out.
func (c *checker) phaseLength(ph phase, last bool) (months, days int) {
	if !ph.For.written() {
		if !last {
			c.add(ph.place, "this phase has no end, and another one follows", "add `for: 7d`")
		}
		return 0, 0
	}
	if ph.For.bad {
		return 0, 1
	}
	if months, ok := monthsOf(ph.For.value); ok {
		return months, 0
	}
	count, inDays := strings.CutSuffix(ph.For.value, "d")
	n, err := strconv.Atoi(count)
	if !inDays || err != nil || n < 1 || n > 3660 || strconv.Itoa(n) != count {
		c.add(ph.For.place, quote(ph.For.value)+" is not a length of time", "write days, months or years: `7d`, `3 months`, `1 year`")
		return 0, 1
	}
	return 0, n
}

// phasePrices reads other amounts of the plan's prices.
func (c *checker) phasePrices(ph phase, p *pricing.Plan) map[string]money.Amount {
	var out map[string]money.Amount
	for _, row := range ph.Prices.rows {
		if !c.priceNamed(text{place: row.place, value: row.name}, p) || !row.value.written() {
			continue
		}
		for _, price := range p.Prices {
			if price.ID == row.name && !pricing.HasOneAmount(price.Model) {
				c.add(row.place, "has no single amount to change", "leave it out; unit, fixed and resource prices have one")
			}
		}
		if out == nil {
			out = map[string]money.Amount{}
		}
		out[row.name] = c.amount(row.value)
	}
	return out
}
