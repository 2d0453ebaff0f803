package book

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"daybook/pricing"
	"daybook/pricing/money"
)

// secondsPer is the time that a price is for.
func secondsPer(t text) int64 {
	return map[string]int64{"hour": 3600, "day": 86400, "30d": 30 * 86400, "730h": 730 * 3600}[t.value]
}

// term reads the price of resources that are bought for a length of time
// (docs/billing-rules.md, Price models, Terms).
func (c *checker) term(out *pricing.Price, r row[price]) {
	p := r.value
	t := p.Term
	model := pricing.Term{Unit: c.amount(t.Unit), PerSeconds: secondsPer(t.Per), DivideBy: money.QuantityOf(1)}
	if t.DivideBy.written() {
		model.DivideBy = c.quantity(t.DivideBy)
		if model.DivideBy.IsZero() && !t.DivideBy.bad {
			c.add(t.DivideBy.place, "is zero", "write how many of a resource's quantity are one unit")
		}
	}
	for _, d := range t.Discounts.rows {
		months, ok := monthsOf(d.name)
		if !ok {
			c.add(d.place, quote(d.name)+" is not a length of time", "write months or years: `1 month`, `6 months`, `2 years`")
			continue
		}
		percent := c.rate(d.value)
		if slices.ContainsFunc(model.Discounts, func(x pricing.TermDiscount) bool { return x.Months == months }) {
			c.add(d.place, quote(d.name)+" is as long as another one", "write each length once")
		}
		model.Discounts = append(model.Discounts, pricing.TermDiscount{Name: d.name, Months: months, Percent: percent})
	}
	if t.Discounts.written() && !t.Discounts.bad && len(t.Discounts.rows) == 0 {
		c.add(t.Discounts.place, "names no length that may be bought", "write some with their discounts: {1 month: 0, 1 year: 25}")
	}
	slices.SortStableFunc(model.Discounts, func(a, b pricing.TermDiscount) int { return cmp.Compare(a.Months, b.Months) })
	out.Model = model
	c.notFor("term", "it is paid once, when it is bought", said{"prorate", p.Prorate.place}, said{"cap", p.Cap.place}, said{"lines", p.Lines.place})
	c.notFor("term", "write it within `term`", said{"unit", p.Unit.place}, said{"per", p.Per.place},
		said{"price_by", p.PriceBy.place}, said{"prices", p.Prices.place})
	c.notFor("term", "a length of time is whole days, and its line is rounded by the book's convention",
		said{"round_time", p.RoundTime.place}, said{"round_amount", p.RoundAmount.place})
}

// monthsOf reads a length of up to ten years: `1 month`, `6 months`, `2 years`.
func monthsOf(s string) (int, bool) {
	count, unit, _ := strings.Cut(s, " ")
	n, err := strconv.Atoi(count)
	if err != nil || n < 1 || n > 120 || strconv.Itoa(n) != count {
		return 0, false
	}
	word := strings.TrimSuffix(unit, "s")
	months := map[string]int{"month": 1, "year": 12}[word] * n
	return months, months > 0 && months <= 120 && (word != unit) == (n > 1)
}
