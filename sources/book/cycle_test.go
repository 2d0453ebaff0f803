package book

import (
	"testing"

	"daybook/pricing"
)

// docs/formats.md, Price book: how often a plan and a fee bill.
func TestParse_ReadsCycles(t *testing.T) {
	b, err := parseText(`
book: b
currency: CHF
effective: 2026-01-01
plans:
  day: {cycle: {every: day}, prices: {fee: {fixed: 1}}}
  week: {cycle: {every: week, anchor: subscription}, prices: {fee: {fixed: 1}}}
  thirty: {cycle: {every: 30d}, prices: {fee: {fixed: 1}, month: {fixed: 1, every: month}}}
  month:
    cycle: {anchor: 15}
    prices:
      same: {fixed: 1, every: month}
      year: {fixed: 1, every: year, due: in_advance}
      week: {fixed: 1, every: week}
      ten: {fixed: 1, every: 10d}
      once: {fixed: 1, every: once}
`)
	if err != nil {
		t.Fatal(err)
	}
	start := pricing.Anchor{Subscription: true}
	for id, want := range map[string]pricing.Cycle{
		"day": {Days: 1, Anchor: pricing.Anchor{Day: 1}}, "week": {Days: 7, Anchor: start}, "thirty": {Days: 30, Anchor: start},
		"month": {Months: 1, Anchor: pricing.Anchor{Day: 15}},
	} {
		if plan, _ := b.Versions[0].PlanOf(id); plan.Cycle != want {
			t.Errorf("plan %s has cycle %+v, want %+v", id, plan.Cycle, want)
		}
	}
	for _, c := range []struct {
		plan, price string
		want        pricing.Price
	}{
		{"thirty", "month", pricing.Price{Cycle: pricing.Cycle{Months: 1, Anchor: start}}},
		{"month", "same", pricing.Price{}},
		{"month", "year", pricing.Price{Due: pricing.InAdvance, Cycle: pricing.Cycle{Months: 12, Anchor: pricing.Anchor{Day: 15}}}},
		{"month", "week", pricing.Price{Cycle: pricing.Cycle{Days: 7, Anchor: pricing.Anchor{Day: 1}}}},
		{"month", "ten", pricing.Price{Cycle: pricing.Cycle{Days: 10, Anchor: start}}},
		{"month", "once", pricing.Price{Due: pricing.InAdvance, Once: true}},
	} {
		got := priceOf(t, b, 0, c.plan, c.price)
		if got.Cycle != c.want.Cycle || got.Once != c.want.Once || got.Due != c.want.Due {
			t.Errorf("price %s of plan %s is %+v, want %+v", c.price, c.plan, got, c.want)
		}
	}
}
