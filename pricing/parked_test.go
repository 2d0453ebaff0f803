package pricing_test

import (
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
)

func TestParked_NamesWhatKeepsAnAccountFromBeingRated(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*world)
		code   string
	}{
		{"no plan of that name", func(w *world) { w.subs[0].Plan = "gone" }, "no_plan"},
		{"before the book's first version", func(w *world) { w.book.Versions[0].Effective = day("2027-01-01") }, "no_price_version"},
		{"another currency", func(w *world) { w.accounts[0].Currency = "EUR" }, "currency_mismatch"},
		{"a cell without a price", func(w *world) { w.plan().Prices[0].Model = pricing.Matrix{By: []string{"region"}} }, "missing_cell"},
		{"an override of tiers", func(w *world) {
			w.plan().Prices[0].Model = rokkaStorage()
			w.subs[0].PriceOverrides = map[string]money.Amount{"usage": money.MustAmount("1")}
		}, "bad_override"},
		{"an override of prices by SKU", func(w *world) {
			w.plan().Prices = append(w.plan().Prices, pricing.Price{ID: "vm", Resource: "vm", Model: pricing.ResourceTime{PriceBy: "sku"}})
			w.subs[0].PriceOverrides = map[string]money.Amount{"vm": money.MustAmount("1")}
		}, "bad_override"},
		{"a quantity of no price", func(w *world) {
			w.subs[0].Quantities = map[string]money.Quantity{"zzz": money.QuantityOf(1), "feee": money.QuantityOf(1)}
		}, "unknown_price"},
		{"a cost that does not fit", func(w *world) {
			w.plan().Prices[0].Model = unitOf("999999999999999999")
		}, "overflow"},
		{"an adjustment that does not fit", func(w *world) {
			w.plan().Prices[0].Adjust = []pricing.Adjustment{minimumCharge("9999999999999999999")}
		}, "overflow"},
		{"an adjustment that is not sound", func(w *world) {
			w.plan().Adjust = []pricing.Adjustment{percentDiscount("101")}
		}, "cannot_rate"},
		{"resources that do not fit", func(w *world) {
			w.plan().Prices = append(w.plan().Prices, monthly("999999999999999999"))
			r := vm("r", "2026-10-01T00:00:00Z", "")
			r.Quantity = money.QuantityOf(100)
			w.resources = []pricing.Resource{r}
		}, "overflow"},
		{"a resource of two subscriptions", func(w *world) {
			w.plan().Prices = append(w.plan().Prices, monthly("10"))
			w.resources = []pricing.Resource{vm("r", "2026-10-05T00:00:00Z", "")}
			w.subs = append(w.subs, pricing.Subscription{ID: "t", Account: "acme", Plan: "p", Start: at("2026-10-03T00:00:00Z")})
		}, "ambiguous_resource"},
		{"usage of a subscription that is gone", func(w *world) { w.usage[0].Subscription = "gone" }, "subscription_gone"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := oneAccount(metered("usage", "sum", unitOf("1.00")))
			w.use("s", "sum", "2026-10-05T00:00:00Z", "5")
			c.change(w)
			w.book.Versions[0].Plans = append(w.book.Versions[0].Plans, pricing.Plan{ID: "fine", Cycle: calendar(1, 1), Prices: []pricing.Price{fixedFee("fee", "5")}})
			w.accounts = append(w.accounts, account("other", ""))
			if c.code != "no_price_version" {
				w.subs = append(w.subs, pricing.Subscription{ID: "o", Account: "other", Plan: "fine", Start: at("2026-01-01T00:00:00Z")})
			}
			got := w.closed(t, "2026-10", false)
			wantParked(t, got.Parked, "acme "+c.code)
			if got.Rated != (pricing.Rated{}) {
				t.Errorf("usage of a parked account is counted: %+v", got.Rated)
			}
			if c.code != "no_price_version" {
				wantLines(t, got, "fee 5.00 5.00")
			}
			onDay := w.daily(t, "2026-10-05")
			wantParked(t, onDay.Parked, "acme "+c.code)
			for _, r := range onDay.Rows {
				if r.Account == "acme" {
					t.Errorf("a parked account has a row: %+v", r)
				}
			}
		})
	}
}

func TestParked_SumOfLinesThatDoesNotFitParksTheTree(t *testing.T) {
	w := oneAccount(fixedFee("a", "999999999999999999"), fixedFee("b", "999999999999999999"))
	got := w.closed(t, "2026-10", false)
	wantParked(t, got.Parked, "acme overflow")
	if len(got.Invoices) > 0 {
		t.Errorf("there is an invoice: %+v", got.Invoices)
	}
}

func TestParked_TimeBeforeTheFirstVersionIsNotOwed(t *testing.T) {
	w := oneAccount(fixedFee("fee", "31"))
	w.book.Versions[0].Effective = day("2026-10-11")
	got := w.daily(t, "2026-10-11")
	wantParked(t, got.Parked)
	wantCost(t, got.Rows, pricing.ScopeBilled, "21", "21")
	wantParked(t, w.daily(t, "2026-10-10").Parked, "acme no_price_version")
	w.subs[0].End = at("2026-10-08T00:00:00Z") // ended before there was a price
	if got := w.daily(t, "2026-10-10"); len(got.Rows) > 0 || len(got.Parked) > 0 {
		t.Errorf("a subscription that ended before the first version gives %+v", got)
	}
}

func TestParked_ResourcesOfSubscriptionsThatFollowEachOtherAreClear(t *testing.T) {
	w := oneAccount(monthly("31"))
	w.subs[0].End = at("2026-10-11T00:00:00Z")
	w.subs = append(w.subs, pricing.Subscription{ID: "t", Account: "acme", Plan: "p", Start: at("2026-10-11T00:00:00Z")})
	w.resources = []pricing.Resource{vm("r", "2026-01-01T00:00:00Z", "")}
	wantLines(t, w.closed(t, "2026-10", false), "vm 10.00 10.00", "vm 21.00 21.00")
	w.subs[1].Start = at("2026-10-06T00:00:00Z")
	w.resources[0].Subscription = "t"
	wantLines(t, w.closed(t, "2026-10", false), "vm 26.00 26.00")
}

func TestNewRater_RefusesABookThatAsksForWhatCannotBe(t *testing.T) {
	for name, change := range map[string]func(*pricing.Book){
		"no version":             func(b *pricing.Book) { b.Versions = nil },
		"versions out of order":  func(b *pricing.Book) { b.Versions = append(b.Versions, b.Versions[0]) },
		"division by zero":       func(b *pricing.Book) { b.Versions[0].Meters[0].DivideBy = money.Quantity{} },
		"a cycle of five months": func(b *pricing.Book) { b.Versions[0].Plans[0].Cycle.Months = 5 },
		"free below no meter":    func(b *pricing.Book) { b.Versions[0].Plans[0].FreeBelow = []pricing.FreeBelow{{Meter: "x"}} },
		"a price of no meter":    func(b *pricing.Book) { b.Versions[0].Plans[0].Prices[0].Meter = "x" },
		"a fee on a meter":       func(b *pricing.Book) { b.Versions[0].Plans[0].Prices[0].Model = pricing.Fixed{} },
		"a unit of nothing":      func(b *pricing.Book) { b.Versions[0].Plans[0].Prices[1].Model = unitOf("1") },
		"resources by the unit": func(b *pricing.Book) {
			b.Versions[0].Plans[0].Prices[1] = pricing.Price{ID: "r", Resource: "r", Model: unitOf("1")}
		},
		"a pooled fee":         func(b *pricing.Book) { b.Versions[0].Plans[0].Prices[1].Pool = pricing.PoolAccount },
		"usage due in advance": func(b *pricing.Book) { b.Versions[0].Plans[0].Prices[0].Due = pricing.InAdvance },
	} {
		w := oneAccount(metered("usage", "sum", unitOf("1.00")), fixedFee("fee", "1"))
		registry, _ := pricing.NewRegistry(w.accounts, w.subs, nil)
		if _, err := pricing.NewRater(w.book, registry); err != nil {
			t.Fatal(err)
		}
		change(w.book)
		if _, err := pricing.NewRater(w.book, registry); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	if _, err := pricing.NewRater(nil, nil); err == nil {
		t.Error("nothing is accepted")
	}
}
