package pricing_test

import (
	"slices"
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
)

func TestIdle_NamesRowsThatNoPriceLooksAt(t *testing.T) {
	w := oneAccount(metered("usage", "sum", unitOf("1.00")), monthly("10.00"), fixedFee("fee", "5"))
	w.plan().Prices = append(w.plan().Prices, pricing.Price{ID: "burst", Meter: "polls", Model: pricing.Burst{
		Over: "disk", PerSeconds: 3600, Levels: []pricing.LevelPrice{{Unit: money.MustAmount("1")}},
	}}, pricing.Price{ID: "cpu", Meter: "polls", Model: pricing.Burst{
		Over: pricing.OverSubscribed, PerSeconds: 3600, Levels: []pricing.LevelPrice{{Unit: money.MustAmount("1")}},
	}})
	w.book.Versions[0].Meters = append(w.book.Versions[0].Meters, pricing.Meter{ID: "polls", Aggregate: pricing.Sum, DivideBy: money.QuantityOf(1), Grain: pricing.GrainFiveMinutes})
	// The plan prices vm until November, and holds bursts against disks.
	w.addVersion("2026-11-01", func(p *pricing.Plan) { p.Prices = p.Prices[:1] })
	w.accounts = append(w.accounts, account("empty", ""))
	w.subs[0].Quantities = map[string]money.Quantity{"usage": money.QuantityOf(3), "fee": money.QuantityOf(2), "cpu": money.QuantityOf(4)}
	w.subs = append(w.subs, pricing.Subscription{ID: "other", Account: "acme", Plan: "gone", Start: at("2026-01-01T00:00:00Z")})
	of := func(id, kind, subscription, account string) pricing.Resource {
		r := vm(id, "2026-01-01T00:00:00Z", "")
		r.Kind, r.Subscription, r.Account = kind, subscription, account
		return r
	}
	w.resources = []pricing.Resource{
		of("a", "vm", "", "acme"), of("b", "disk", "s", "acme"), of("c", "vmm", "", "acme"),
		of("d", "vm", "other", "acme"), of("e", "vm", "", "empty"),
	}
	var got []string
	for _, i := range w.rater(t).Idle() {
		got = append(got, i.Kind+" "+i.ID+" "+i.Account)
		if i.Detail == "" {
			t.Errorf("%s %s has no sentence", i.Kind, i.ID)
		}
	}
	want := []string{"resource c acme", "resource d acme", "resource e empty", "subscription s acme"}
	if !slices.Equal(got, want) {
		t.Errorf("idle are %q, want %q", got, want)
	}
}
