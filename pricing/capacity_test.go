package pricing_test

import (
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
)

// seatsAndStorage is the bundle of docs/billing-rules.md, Price models,
// Capacity: 10.00 to 100 seats and 1000 GB, 20.00 to 200 and 2000, then 30.00.
// Meters of the fixture stand for them: max for seats, storage for GB.
func seatsAndStorage() pricing.Bundle {
	tier := func(price string, seats, gb int64) pricing.BundleTier {
		return pricing.BundleTier{Price: money.MustAmount(price), UpTo: []pricing.MeterBound{
			{Meter: "max", UpTo: money.QuantityOf(seats)}, {Meter: "storage", UpTo: money.QuantityOf(gb)},
		}}
	}
	return pricing.Bundle{Meters: []string{"max", "storage"}, Tiers: []pricing.BundleTier{
		tier("10", 100, 1000), tier("20", 200, 2000), {Price: money.MustAmount("30")},
	}}
}

// The storage meter averages over the month, in thousandths of a GB.
func TestBundle_TheSmallestTierThatHoldsAllMeters(t *testing.T) {
	for _, c := range []struct {
		seats, storage string
		want           []string
	}{
		{"", "", nil},
		{"100", "1000000", []string{"bundle 10.00 10.00"}},
		{"101", "1000000", []string{"bundle 20.00 20.00"}},
		{"1", "1000001", []string{"bundle 20.00 20.00"}},
		{"10", "2000001", []string{"bundle 30.00 30.00"}},
		{"201", "", []string{"bundle 30.00 30.00"}},
		{"", "5", []string{"bundle 10.00 10.00"}},
	} {
		w := oneAccount(pricing.Price{ID: "bundle", Meter: "max", Model: seatsAndStorage()})
		if c.seats != "" {
			w.use("s", "max", "2026-10-05T00:00:00Z", c.seats)
			w.use("s", "max", "2026-10-06T00:00:00Z", "1")
		}
		if c.storage != "" {
			w.use("s", "storage", "2026-09-20T00:00:00Z", c.storage) // carried into the month
		}
		wantLines(t, w.closed(t, "2026-10", false), c.want...)
	}
}

func TestBundle_ShowsWhatEachMeterHolds(t *testing.T) {
	w := oneAccount(pricing.Price{ID: "bundle", Meter: "max", Model: seatsAndStorage()})
	w.use("s", "max", "2026-10-05T00:00:00Z", "101")
	l := w.closed(t, "2026-10", false).Invoices[0].Lines[0]
	if l.Model != "capacity" || l.Quantity.String() != "1" || l.Unit != "" || l.HasUnitPrice {
		t.Errorf("line is %s of %s %q, unit price %v", l.Model, l.Quantity, l.Unit, l.HasUnitPrice)
	}
	if want := "tier 2 (max 101 of 200, storage 0 of 2000)"; len(l.Parts) != 1 || l.Parts[0].Label != want || l.Parts[0].Flat.String() != "20" {
		t.Errorf("parts are %+v, want %q", l.Parts, want)
	}
	if got := w.closed(t, "2026-10", false).Rated; got.Billed != 1 {
		t.Errorf("counted %+v, want one event billed", got)
	}
	bundle := seatsAndStorage()
	bundle.Tiers = []pricing.BundleTier{{Price: money.MustAmount("7")}}
	bundle.FlatOnZero = true
	w.plan().Prices[0].Model, w.usage = bundle, nil
	if l := w.closed(t, "2026-10", false).Invoices[0].Lines[0]; l.Parts[0].Label != "tier 1 (max 0, storage 0)" {
		t.Errorf("part is %q", l.Parts[0].Label)
	}
}

func TestBundle_FreeUnlessFlatOnZero(t *testing.T) {
	bundle := seatsAndStorage()
	bundle.FlatOnZero = true
	w := oneAccount(pricing.Price{ID: "bundle", Meter: "max", Model: bundle})
	wantLines(t, w.closed(t, "2026-10", false), "bundle 10.00 10.00")
}

// In a pool the quantities of each meter add up: 60 + 60 seats are beyond 100.
func TestBundle_PoolAddsEachMeter(t *testing.T) {
	w := oneAccount(pricing.Price{ID: "bundle", Meter: "max", Model: seatsAndStorage(), Pool: pricing.PoolAccount})
	w.subs = append(w.subs, pricing.Subscription{ID: "t", Account: "acme", Plan: "p", Start: at("2020-01-01T00:00:00Z")})
	w.use("s", "max", "2026-10-05T00:00:00Z", "60")
	w.use("t", "max", "2026-10-06T00:00:00Z", "60")
	got := w.closed(t, "2026-10", false)
	wantLines(t, got, "bundle 20.00 20.00")
	if q := got.Invoices[0].Lines[0].Quantity; q.String() != "1" {
		t.Errorf("quantity is %s, want one bundle", q)
	}
}

func TestBundle_TierWithoutABoundForAMeterHoldsAnyOfIt(t *testing.T) {
	b := pricing.Bundle{Meters: []string{"max", "storage"}, Tiers: []pricing.BundleTier{
		{Price: money.MustAmount("5"), UpTo: []pricing.MeterBound{{Meter: "storage", UpTo: money.QuantityOf(1)}}},
		{Price: money.MustAmount("9")},
	}}
	w := oneAccount(pricing.Price{ID: "bundle", Meter: "max", Model: b})
	w.use("s", "max", "2026-10-05T00:00:00Z", "1000000")
	wantLines(t, w.closed(t, "2026-10", false), "bundle 5.00 5.00")
	b.Tiers = b.Tiers[:1]
	w.plan().Prices[0].Model = b
	w.use("s", "storage", "2026-09-20T00:00:00Z", "2000")
	wantParked(t, w.closed(t, "2026-10", false).Parked, "acme cannot_rate")
}

// Capacity of one meter: each day by itself, its greatest value.
func TestCapacity_EachDay(t *testing.T) {
	model := pricing.Capacity{Tiers: []pricing.Tier{
		{UpTo: money.QuantityOf(100), Flat: money.MustAmount("10")}, {Open: true, Flat: money.MustAmount("30")},
	}}
	w := oneAccount(metered("x", "max", model))
	w.use("s", "max", "2026-10-05T00:00:00Z", "100")
	w.use("s", "max", "2026-10-06T00:00:00Z", "101")
	got := w.closed(t, "2026-10", false)
	wantLines(t, got, "x 30.00 30.00")
	if l := got.Invoices[0].Lines[0]; l.HasUnitPrice || l.Quantity.String() != "101" {
		t.Errorf("line is %s at %v", l.Quantity, l.HasUnitPrice)
	}
	w.plan().Prices[0].Each = pricing.Each{Window: pricing.GrainDay}
	wantLines(t, w.closed(t, "2026-10", false), "x 40.00 40.00")
}

func TestNewRater_RefusesUnsoundBundles(t *testing.T) {
	good := seatsAndStorage()
	unknown := seatsAndStorage()
	unknown.Meters = []string{"max", "rooms"}
	for what, p := range map[string]pricing.Price{
		"another meter first": {ID: "x", Meter: "storage", Model: good},
		"no meter":            {ID: "x", Meter: "max", Model: pricing.Bundle{}},
		"unknown meter":       {ID: "x", Meter: "max", Model: unknown},
		"each":                {ID: "x", Meter: "max", Model: good, Each: pricing.Each{By: []string{"region"}}},
		"allowance":           {ID: "x", Meter: "max", Model: good, Allowance: money.QuantityOf(1)},
		"rounding":            {ID: "x", Meter: "max", Model: good, RoundTo: &pricing.QuantityRounding{}},
	} {
		w := oneAccount(p)
		registry, _ := pricing.NewRegistry(w.accounts, w.subs, nil)
		if _, err := pricing.NewRater(w.book, registry); err == nil {
			t.Errorf("%s: NewRater accepts it", what)
		}
	}
}
