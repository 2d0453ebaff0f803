package pricing_test

import (
	"testing"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
)

// A price is as its phase and its subscription have it: 31.00, in the discount
// phase 15.50, of a customer with a price of its own that; three of it from a day on.
func TestPriceHeld_IsThatOfThePhaseAndTheSubscription(t *testing.T) {
	w := trialPlan()
	w.addVersion("2027-06-01", func(p *pricing.Plan) { p.Phases, p.Prices[0].Model = nil, pricing.Fixed{Price: money.MustAmount("40")} })
	s := w.subs[0]
	own := s
	own.PriceOverrides = map[string]money.Amount{"fee": money.MustAmount("9")}
	own.Quantities = map[string]money.Quantity{"fee": money.QuantityOf(2)}
	own.QuantityChanges = map[string][]pricing.QuantityChange{"fee": {{From: at("2026-12-01T00:00:00Z"), Quantity: money.QuantityOf(3)}}}
	for _, c := range []struct {
		name, version, at, price, quantity string
		s                                  *pricing.Subscription
		phase                              int
		free, own                          bool
	}{
		{"trial", "test@2000-01-01", "2026-10-07T23:59:59Z", "31", "1", &s, 1, true, false},
		{"discount", "test@2000-01-01", "2026-10-08T00:00:00Z", "15.5", "1", &s, 2, false, false},
		{"after the phases", "test@2000-01-01", "2027-01-08T00:00:00Z", "31", "1", &s, 0, false, false},
		{"another version", "test@2027-06-01", "2026-10-08T00:00:00Z", "40", "1", &s, 0, false, false},
		{"own", "test@2000-01-01", "2026-11-30T00:00:00Z", "9", "2", &own, 2, false, true},
		{"own, later", "test@2000-01-01", "2026-12-01T00:00:00Z", "9", "3", &own, 2, false, true},
		{"of a pool", "test@2000-01-01", "2026-10-08T00:00:00Z", "31", "1", nil, 0, false, false},
	} {
		h, ok := pricing.PriceHeld([]*pricing.Book{w.book}, c.version, "p", "fee", c.s, time.UTC, at(c.at))
		fee, _ := h.Price.Model.(pricing.Fixed)
		if !ok || fee.Price.String() != c.price || h.Quantity.String() != c.quantity || h.Phase != c.phase || h.Free != c.free || h.Own != c.own {
			t.Errorf("%s: %v %s × %s, phase %d, free %t, own %t; want %s × %s, %d, %t, %t",
				c.name, ok, fee.Price, h.Quantity, h.Phase, h.Free, h.Own, c.price, c.quantity, c.phase, c.free, c.own)
		}
	}
	for _, names := range [][3]string{{"test@1999-01-01", "p", "fee"}, {"test@2000-01-01", "q", "fee"}, {"test@2000-01-01", "p", "none"}} {
		if h, ok := pricing.PriceHeld([]*pricing.Book{w.book}, names[0], names[1], names[2], &s, time.UTC, at("2026-10-08T00:00:00Z")); ok {
			t.Errorf("%q is a price: %+v", names, h)
		}
	}
}

// A subscription from 20 January on the 15th of each month: its first period is
// five days shorter, and the last ends with it.
func TestBillingPeriod_IsWhatTheSubscriptionCoversOfIt(t *testing.T) {
	w := oneAccount(fixedFee("fee", "1"))
	w.accounts[0].TimeZone = "Europe/Zurich"
	w.subs[0].Start, w.subs[0].End, w.subs[0].Anchor = at("2026-01-19T23:00:00Z"), at("2026-03-01T12:00:00Z"), 15
	reg, problems := pricing.NewRegistry(w.accounts, w.subs, nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for when, want := range map[string][2]string{
		"2026-01-19T23:00:00Z": {"2026-01-19T23:00:00Z", "2026-02-14T23:00:00Z"},
		"2026-02-14T22:59:59Z": {"2026-01-19T23:00:00Z", "2026-02-14T23:00:00Z"},
		"2026-02-14T23:00:00Z": {"2026-02-14T23:00:00Z", "2026-03-01T12:00:00Z"},
	} {
		p, ok := pricing.BillingPeriod([]*pricing.Book{w.book}, reg, "s", at(when))
		if !ok || !p.Equal(pricing.Period{Start: at(want[0]), End: at(want[1])}) {
			t.Errorf("the period of %s is %s to %s (%t), want %s", when, p.Start, p.End, ok, want)
		}
	}
	for _, when := range []string{"2026-01-19T22:59:59Z", "2026-03-01T12:00:00Z"} {
		if p, ok := pricing.BillingPeriod([]*pricing.Book{w.book}, reg, "s", at(when)); ok {
			t.Errorf("%s lies in %s to %s", when, p.Start, p.End)
		}
	}
	if _, ok := pricing.BillingPeriod([]*pricing.Book{w.book}, reg, "none", at("2026-02-01T00:00:00Z")); ok {
		t.Error("there is a period of a subscription that is not there")
	}
}

func TestSubscription_IsFoundWithItsZone(t *testing.T) {
	reg, _ := pricing.NewRegistry([]pricing.Account{{ID: "acme", TimeZone: "Europe/Zurich"}}, []pricing.Subscription{
		{ID: "b", Account: "acme", Start: at("2026-01-01T00:00:00Z")}, {ID: "a", Account: "acme", TimeZone: "Asia/Tokyo", Start: at("2026-01-01T00:00:00Z")},
	}, nil)
	for id, zone := range map[string]string{"a": "Asia/Tokyo", "b": "Europe/Zurich"} {
		if s, loc, ok := reg.Subscription(id); !ok || s.ID != id || loc.String() != zone {
			t.Errorf("%s is %v in %v, %t; want %s", id, s, loc, ok, zone)
		}
	}
	if _, _, ok := reg.Subscription("c"); ok {
		t.Error("there is a subscription c")
	}
}
