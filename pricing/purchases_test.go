package pricing_test

import (
	"testing"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
)

// storage is what the worked examples sell: a GB of 2^30 bytes for 30 days.
func storage(unit string) pricing.Term {
	return pricing.Term{
		Unit: money.MustAmount(unit), DivideBy: money.QuantityOf(1 << 30), PerSeconds: 2592000,
		Discounts: []pricing.TermDiscount{
			{Name: "1 month", Months: 1},
			{Name: "3 months", Months: 3, Percent: money.QuantityOf(3)},
			{Name: "1 year", Months: 12, Percent: money.QuantityOf(25)},
		},
	}
}

// billing-api-vectors.md 50 and 52; the third is the example of CloudSigma's
// documentation of /subscriptions/, 30000 B for a month from 22 March 2013 at
// the Swiss price, 0.133.
func TestPurchases_AreThoseOfTheWorkedExamples(t *testing.T) {
	for _, c := range []struct{ unit, quantity, sku, created, deleted, gross, discount, net, until string }{
		{"0.105", "10000000000", "1 month", "2015-03-19T13:55:00.095129Z", "", "1.010484993457794189453125", "0", "1.010484993457794189453125", "2015-04-19T13:55:00.095129Z"},
		{"0.105", "32212254720", "1 year", "2015-08-26T12:00:00Z", "", "38.43", "9.6075", "28.8225", "2016-08-26T12:00:00Z"},
		{"0.105", "32212254720", "", "2015-08-26T12:00:00Z", "2016-08-26T12:00:00Z", "38.43", "9.6075", "28.8225", "2016-08-26T12:00:00Z"},
		{"0.133", "30000", "1 month", "2013-03-22T10:28:06.111350Z", "", "0.000003839842975139617919921875", "0", "0.000003839842975139617919921875", "2013-04-22T10:28:06.111350Z"},
	} {
		w := oneAccount(pricing.Price{ID: "dssd", Resource: "dssd", Model: storage(c.unit)})
		w.subs[0].Start = at("2013-01-01T00:00:00Z")
		w.book.Versions[0].Effective = day("2013-01-01")
		resource := pricing.Resource{ID: "r", Account: "acme", Kind: "dssd", SKU: c.sku, Quantity: money.MustQuantity(c.quantity), Created: at(c.created)}
		if c.deleted != "" {
			resource.Deleted = at(c.deleted)
		}
		w.resources = []pricing.Resource{resource, {ID: "other", Account: "acme", Kind: "cpu", SKU: "1 month", Created: at(c.created)}}
		registry, _ := pricing.NewRegistry(w.accounts, w.subs, w.resources)
		r, err := pricing.NewRaters([]*pricing.Book{w.book}, registry)
		if err != nil {
			t.Fatal(err)
		}
		got := r.Purchases(r.Trees()[0])
		if len(got) != 1 {
			t.Fatalf("%s: %d purchases, want one: %+v", c.created, len(got), got)
		}
		p := got[0]
		for what, pair := range map[string][2]money.Fraction{
			"gross": {p.Gross, money.MustAmount(c.gross).Fraction()}, "discount": {p.Discount, money.MustAmount(c.discount).Fraction()},
			"net": {p.Net(), money.MustAmount(c.net).Fraction()},
		} {
			if pair[0].Cmp(pair[1]) != 0 {
				t.Errorf("%s of %s is %s, want %s", what, c.created, pair[0], pair[1])
			}
		}
		if !p.Until.Equal(at(c.until)) || p.Resource.ID != "r" || p.Subscription != w.subs[0].ID {
			t.Errorf("purchase %+v is not that of r until %s", p, c.until)
		}
	}
}

func TestTermsOf_AreThoseOfTheVersionThatHolds(t *testing.T) {
	w := oneAccount(pricing.Price{ID: "dssd", Resource: "dssd", Model: storage("0.105")})
	w.addVersion("2026-11-01", func(p *pricing.Plan) {
		p.Prices = []pricing.Price{{ID: "dssd", Resource: "dssd", Model: storage("0.2")}}
	})
	registry, _ := pricing.NewRegistry(w.accounts, w.subs, nil)
	r, err := pricing.NewRaters([]*pricing.Book{w.book}, registry)
	if err != nil {
		t.Fatal(err)
	}
	for when, want := range map[string]string{"2026-10-31T23:00:00Z": "0.105", "2026-11-01T00:00:00Z": "0.2"} {
		got, loc := r.TermsOf("acme", "dssd", at(when))
		if len(got) != 1 || got[0].Unit.Cmp(money.MustAmount(want)) != 0 || loc != time.UTC {
			t.Errorf("at %s: %+v in %v, want %s", when, got, loc, want)
		}
	}
	for _, none := range [][2]string{{"acme", "cpu"}, {"nobody", "dssd"}} {
		if got, _ := r.TermsOf(none[0], none[1], at("2026-10-31T23:00:00Z")); got != nil {
			t.Errorf("%v: %+v, want none", none, got)
		}
	}
}

// A resource that names no subscription, and that two of them sell, is nobody's:
// the closing parks its account.
func TestPurchases_LeaveOutWhatSeveralSubscriptionsPrice(t *testing.T) {
	w := oneAccount(pricing.Price{ID: "dssd", Resource: "dssd", Model: storage("0.105")})
	w.subs = append(w.subs, pricing.Subscription{ID: "t", Account: "acme", Plan: "p", Start: at("2020-01-01T00:00:00Z")})
	w.resources = []pricing.Resource{
		{ID: "either", Account: "acme", Kind: "dssd", SKU: "1 month", Quantity: money.QuantityOf(1), Created: at("2026-10-02T00:00:00Z")},
		{ID: "theirs", Account: "acme", Subscription: "t", Kind: "dssd", SKU: "1 month", Quantity: money.QuantityOf(1), Created: at("2026-10-02T00:00:00Z")},
	}
	wantParked(t, w.closed(t, "2026-10", false).Parked, "acme ambiguous_resource")
	registry, _ := pricing.NewRegistry(w.accounts, w.subs, w.resources)
	r, err := pricing.NewRaters([]*pricing.Book{w.book}, registry)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Purchases(r.Trees()[0]); len(got) != 1 || got[0].Resource.ID != "theirs" || got[0].Subscription != "t" {
		t.Errorf("purchases are %+v, want that of t alone", got)
	}
}
