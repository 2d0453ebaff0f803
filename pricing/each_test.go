package pricing_test

import (
	"math/big"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/pricing/pricingtest"
)

// addHourly adds a meter "hourly" that keeps usage by the hour and by region.
func (w *world) addHourly(a pricing.Aggregation) {
	v := &w.book.Versions[0]
	v.Meters = append(v.Meters, pricing.Meter{
		ID: "hourly", Aggregate: a, DivideBy: money.QuantityOf(1), Unit: "GPU", Grain: pricing.GrainHour, By: []string{"region"},
	})
}

// useIn adds an event of the meter "hourly" in the slot of its hour.
func (w *world) useIn(sub string, when time.Time, quantity, dimensions string) {
	w.use(sub, "hourly", when.Format(time.RFC3339), quantity, dimensions)
	w.usage[len(w.usage)-1].Slot = when.Truncate(time.Hour).UnixMicro()
}

// The figures are those of docs/billing-rules.md, Price models, Each.
func eachHour() pricing.Price {
	p := metered("gpus", "hourly", pricing.Graduated{Tiers: steps("10", "0.10", "", "0.05")})
	p.Each = pricing.Each{Window: pricing.GrainHour}
	return p
}

func TestEach_PricesEveryHourByItself(t *testing.T) {
	w := oneAccount(eachHour())
	w.addHourly(pricing.Maximum)
	w.useIn("s", at("2026-10-07T09:10:00Z"), "4", "{}")
	w.useIn("s", at("2026-10-07T09:50:00Z"), "9", "{}")
	w.useIn("s", at("2026-10-07T10:00:00Z"), "15", "{}")
	w.useIn("s", at("2026-11-01T00:00:00Z"), "100", "{}") // of the next period
	rows := w.daily(t, "2026-10-07").Rows
	wantCost(t, rows, pricing.ScopeBilled, "2.15", "2.15")
	if rows[0].Quantity.String() != "24" {
		t.Errorf("quantity is %s, want the hours' 9 and 15", rows[0].Quantity)
	}
	got := w.closed(t, "2026-10", false)
	wantLines(t, got, "gpus 2.15 2.15")
	parts := got.Invoices[0].Lines[0].Parts
	if len(parts) != 2 || parts[0].Quantity.String() != "19" || parts[1].Quantity.String() != "5" {
		t.Errorf("parts are %+v, want one a tier: 19 and 5 units", parts)
	}
}

func TestEach_PoolCountsAnHourOfAllTogether(t *testing.T) {
	p := eachHour()
	p.Pool = pricing.PoolBillingAccount
	w := oneAccount(p)
	w.addHourly(pricing.Sum)
	w.subs = append(w.subs, pricing.Subscription{ID: "s2", Account: "acme", Plan: "p", Start: at("2020-01-01T00:00:00Z")})
	w.useIn("s", at("2026-10-07T09:10:00Z"), "8", "{}")
	w.useIn("s2", at("2026-10-07T09:20:00Z"), "7", "{}")
	w.useIn("s2", at("2026-10-07T10:20:00Z"), "7", "{}")
	rows := w.daily(t, "2026-10-07").Rows
	wantCost(t, rows, pricing.ScopeBilled, "1.95", "1.95") // 15 units: 1.00 + 0.25, and 0.70
	wantCost(t, rows, pricing.ScopeOwn, "2.20", "2.20")
}

func TestEach_HasAnAllowanceForEveryDayAndRegion(t *testing.T) {
	p := metered("gpus", "hourly", unitOf("1"))
	p.Each, p.Allowance = pricing.Each{Window: pricing.GrainDay, By: []string{"region"}}, money.QuantityOf(2)
	w := oneAccount(p)
	w.addHourly(pricing.Sum)
	for _, use := range []struct{ when, quantity, region string }{
		{"2026-10-07T01:00:00Z", "2", "eu"},
		{"2026-10-07T02:00:00Z", "3", "eu"}, // 5 on the day: 3 cost
		{"2026-10-07T02:00:00Z", "1", "us"}, // free
		{"2026-10-08T02:00:00Z", "3", "us"}, // 1 costs
	} {
		w.useIn("s", at(use.when), use.quantity, `{"region":"`+use.region+`"}`)
	}
	wantLines(t, w.closed(t, "2026-10", false), "gpus 4.00 4.00")
}

func TestEach_UsageDiscountIsSharedByQuantity(t *testing.T) {
	p := eachHour()
	p.Adjust = []pricing.Adjustment{usageDiscount("12")}
	w := oneAccount(p)
	w.addHourly(pricing.Sum)
	w.useIn("s", at("2026-10-07T09:00:00Z"), "8", "{}")
	w.useIn("s", at("2026-10-07T10:00:00Z"), "16", "{}")
	// Half of the 24 units are free: 4 and 8 cost 0.40 and 0.80.
	wantLines(t, w.closed(t, "2026-10", false), "gpus 2.10 1.20")
}

func TestEach_AgreesWithPricingEachAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := pricingtest.Prices(pricingtest.QuantityModels()).Draw(t, "price")
		p.Each = pricing.Each{Window: pricing.GrainHour}
		var m pricing.Measured
		exact := new(big.Rat)
		for _, q := range rapid.SliceOfN(pricingtest.Fractions(true), 0, 6).Draw(t, "windows") {
			m.Groups = append(m.Groups, pricing.Group{Values: []string{string(rune('a' + len(m.Groups)))}, Quantity: q})
			m.Quantity = m.Quantity.Add(q)
			exact.Add(exact, pricingtest.Subtotal(p, q.Rat(), nil, unscaled.Rat()))
		}
		got := drawCharge(t, p, m, unscaled)
		if want := pricingtest.Round(exact, money.SeriesPlaces, money.HalfEven); pricingtest.Rat(got.Subtotal).Cmp(want) != 0 {
			t.Fatalf("%+v cost %s, want %s", m.Groups, got.Subtotal, want.FloatString(20))
		}
		partsSum(t, got)
	})
}

func TestNewRater_RefusesEachThatTheMeterDoesNotKeep(t *testing.T) {
	for want, p := range map[string]pricing.Price{
		"keeps usage by the hour":  {Meter: "hourly", Model: unitOf("1"), Each: pricing.Each{Window: pricing.GrainFiveMinutes}},
		"not keep that dimension":  {Meter: "hourly", Model: unitOf("1"), Each: pricing.Each{By: []string{"colour"}}},
		"follows a level":          {Meter: "storage", Model: unitOf("1"), Each: pricing.Each{Window: pricing.GrainDay}},
		"cannot be for each":       {Meter: "hourly", Model: pricing.Matrix{}, Each: pricing.Each{Window: pricing.GrainHour}},
		"model percentage cannot":  {Meter: "hourly", Model: pricing.Percentage{}, Each: pricing.Each{Window: pricing.GrainHour}},
		"model fixed cannot be fo": {Model: pricing.Fixed{}, Each: pricing.Each{Window: pricing.GrainHour}},
	} {
		w := oneAccount(p)
		w.addHourly(pricing.Sum)
		registry, _ := pricing.NewRegistry(w.accounts, w.subs, nil)
		if _, err := pricing.NewRater(w.book, registry); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error that says %q", err, want)
		}
	}
	p := eachHour()
	if _, err := p.Charge(pricing.Measured{Quantity: money.Whole(3)}, unscaled); err != nil {
		return
	}
	t.Error("usage without its windows is free")
}
