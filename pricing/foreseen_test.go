package pricing_test

import (
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
)

// What is foreseen is what a closing parks, before anything was used.
func TestForeseen_NamesWhatWillPark(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*world)
		want   []string
	}{
		{"a sound registry", func(*world) {}, nil},
		{"no plan of that name", func(w *world) { w.subs[0].Plan = "gone" }, []string{"acme no_plan"}},
		{"another currency", func(w *world) { w.accounts[0].Currency = "EUR" }, []string{"acme currency_mismatch"}},
		{"an override of tiers", func(w *world) {
			w.plan().Prices[0].Model = rokkaStorage()
			w.subs[0].PriceOverrides = map[string]money.Amount{"usage": money.MustAmount("1")}
		}, []string{"acme bad_override"}},
		{"a quantity of no price", func(w *world) {
			w.subs[0].Quantities = map[string]money.Quantity{"feee": money.QuantityOf(1)}
		}, []string{"acme unknown_price"}},
		{"a resource without a price", func(w *world) {
			w.plan().Prices = append(w.plan().Prices, pricing.Price{ID: "vm", Resource: "vm", Model: pricing.ResourceTime{PriceBy: "sku", Prices: []pricing.SKUPrice{{SKU: "s"}}}})
			small, large := vm("a", "2026-10-05T00:00:00Z", ""), vm("b", "2026-10-05T00:00:00Z", "")
			small.SKU, large.SKU = "s", "l"
			w.resources = []pricing.Resource{small, large}
		}, []string{"acme missing_sku"}},
		{"a term that nobody sells", func(w *world) {
			w.plan().Prices = append(w.plan().Prices, pricing.Price{ID: "disk", Resource: "disk", Model: cloudTerms("1")})
			w.resources = []pricing.Resource{disk("a", "1 month", "1", "2026-10-05T00:00:00Z", ""), disk("b", "5 weeks", "1", "2026-10-05T00:00:00Z", "")}
		}, []string{"acme missing_sku"}},
		{"a term that was bought before", func(w *world) {
			w.plan().Prices = append(w.plan().Prices, pricing.Price{ID: "disk", Resource: "disk", Model: cloudTerms("1")})
			w.resources = []pricing.Resource{disk("b", "5 weeks", "1", "2019-10-05T00:00:00Z", "")}
		}, nil},
		{"a resource that was gone before", func(w *world) {
			w.plan().Prices = append(w.plan().Prices, pricing.Price{ID: "vm", Resource: "vm", Model: pricing.ResourceTime{PriceBy: "sku"}})
			w.resources = []pricing.Resource{vm("a", "2019-01-01T00:00:00Z", "2019-05-01T00:00:00Z")}
		}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := oneAccount(metered("usage", "sum", unitOf("1.00")))
			c.change(w)
			wantParked(t, w.rater(t).Foreseen(), c.want...)
			wantParked(t, w.closed(t, "2026-10", false).Parked, c.want...)
		})
	}
}

func TestForeseen_NamesThePlanThatALaterVersionLeavesOut(t *testing.T) {
	w := oneAccount(metered("usage", "sum", unitOf("1.00")))
	w.addVersion("2026-11-01", func(p *pricing.Plan) { p.ID = "renamed" })
	w.addVersion("2026-12-01", func(p *pricing.Plan) { p.ID = "renamed" })
	got := w.rater(t).Foreseen()
	wantParked(t, got, "acme no_plan")
	if len(got) == 1 && got[0].Since != day("2026-11-01") {
		t.Errorf("since %s, want 2026-11-01", got[0].Since)
	}
	wantParked(t, w.closed(t, "2026-10", false).Parked)
	wantParked(t, w.closed(t, "2026-11", false).Parked, "acme no_plan")
	w.subs[0].End = at("2026-11-01T00:00:00Z")
	wantParked(t, w.rater(t).Foreseen())
	w.subs[0].Start = at("1999-06-01T00:00:00Z") // before the first version: owed nothing, parked by nobody
	wantParked(t, w.rater(t).Foreseen())
}

func TestForeseen_NamesAScheduleThatTheRegistryHasNot(t *testing.T) {
	w := oneAccount(pricing.Price{ID: "burst", Meter: "polls", Model: pricing.Burst{
		Over: pricing.OverSubscribed, PerSeconds: 3600, Levels: []pricing.LevelPrice{{Unit: money.MustAmount("1")}}, ScheduleName: "load",
	}})
	w.book.Versions[0].Meters = append(w.book.Versions[0].Meters, pricing.Meter{ID: "polls", Aggregate: pricing.Sum, DivideBy: money.QuantityOf(1), Grain: pricing.GrainFiveMinutes})
	wantParked(t, w.rater(t).Foreseen(), "acme missing_level")
	w.levels = []pricing.ScheduledLevel{{Schedule: "load", LevelChange: pricing.LevelChange{From: at("2020-01-01T00:00:00Z")}}}
	wantParked(t, w.rater(t).Foreseen())
}
