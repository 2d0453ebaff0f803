package pricing_test

import (
	"slices"
	"strings"
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
)

// twoBooks is one payer with an account in francs and one in euros, each with a
// fee, usage and a pool of its own; in euros all costs twice as much.
func twoBooks() (*world, []*pricing.Book) {
	used := metered("used", "sum", unitOf("1"))
	used.Pool = pricing.PoolBillingAccount
	w := oneAccount(fixedFee("fee", "10"), used)
	w.accounts = []pricing.Account{
		{ID: "acme", Bills: true, Currency: "CHF"}, {ID: "berlin", Parent: "acme", Currency: "EUR"}, {ID: "zurich", Parent: "acme"},
	}
	w.subs = []pricing.Subscription{
		{ID: "b", Account: "berlin", Plan: "p", Start: at("2020-01-01T00:00:00Z")}, {ID: "z", Account: "zurich", Plan: "p", Start: at("2020-01-01T00:00:00Z")},
	}
	w.use("b", "sum", "2026-10-05T00:00:00Z", "3")
	w.use("z", "sum", "2026-10-05T00:00:00Z", "5")
	dear := used
	dear.Model = unitOf("2")
	euros := &pricing.Book{
		Name: "euros", Currency: money.Currency{Code: "EUR", Digits: 2},
		Versions: []pricing.Version{versionOf("2000-01-01", pricing.Plan{ID: "p", Cycle: w.plan().Cycle, Prices: []pricing.Price{fixedFee("fee", "20"), dear}})},
	}
	return w, []*pricing.Book{w.book, euros}
}

// docs/billing-rules.md, Accounts: 10 + 5 x 1 = 15.00 CHF and 20 + 3 x 2 = 26.00
// EUR on two invoices; one counts the other's usage neither in its pool nor as
// unpriced.
func TestRaters_EachCurrencyHasItsBookAndItsInvoice(t *testing.T) {
	w, books := twoBooks()
	registry, _ := pricing.NewRegistry(w.accounts, w.subs, nil)
	p := payment("p", "20", "2026-10-02T00:00:00Z")
	p.Currency = "EUR"
	if problems := registry.AddFunds(pricing.Funds{Payments: []pricing.Payment{p}}, []string{"CHF", "EUR"}, nil, nil); len(problems) > 0 {
		t.Fatal(problems)
	}
	r, err := pricing.NewRaters(books, registry)
	if err != nil {
		t.Fatal(err)
	}
	m, _ := pricing.ParseMonth("2026-10")
	c := pricing.Closing{Month: m, AsOf: at("2026-11-03T00:00:00Z")}
	got, err := r.Close(r.Trees()[0], pricing.TreeUsage{Rows: w.usage}, c)
	if err != nil || len(got.Parked) > 0 || len(got.Invoices) != 2 {
		t.Fatalf("%d invoices, parked %+v, %v", len(got.Invoices), got.Parked, err)
	}
	if got.Rated != (pricing.Rated{Kept: 2, Billed: 2}) {
		t.Errorf("rated %+v, want both events billed once", got.Rated)
	}
	s, err := registry.Settle(c, got.Invoices, pricing.Opening{})
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, i := range s.Invoices {
		texts = append(texts, i.Currency.Code+" "+i.Total.String()+" "+i.BalanceApplied.String()+" "+i.AmountDue.String())
	}
	if want := []string{"CHF 15 0 15", "EUR 26 20 6"}; !slices.Equal(texts, want) {
		t.Errorf("currency, total, balance and due are %q, want %q", texts, want)
	}
	rows, err := r.Daily(r.Trees()[0], pricing.TreeUsage{Rows: w.usage}, day("2026-10-05"), at("2026-10-12T00:00:00Z"))
	if err != nil {
		t.Fatal(err)
	}
	if totals := pricing.DayTotals(rows.Rows); totals["CHF cumulative"] != "15" || totals["EUR cumulative"] != "26" {
		t.Errorf("the day's totals are %v, want 15 CHF and 26 EUR", totals)
	}
}

// An account of a currency that no book has, or of none, is parked once and by
// name; the others go on.
func TestRaters_ParkWhoseCurrencyNoBookHas(t *testing.T) {
	for _, currency := range []string{"USD", ""} {
		w, books := twoBooks()
		w.accounts[0].Currency, w.accounts[2].Currency = "CHF", currency
		if currency == "" {
			w.accounts[0].Currency = "" // zurich inherits none
		}
		registry, _ := pricing.NewRegistry(w.accounts, w.subs, nil)
		r, err := pricing.NewRaters(books, registry)
		if err != nil {
			t.Fatal(err)
		}
		m, _ := pricing.ParseMonth("2026-10")
		got, err := r.Close(r.Trees()[0], pricing.TreeUsage{Rows: w.usage}, pricing.Closing{Month: m, AsOf: at("2026-11-03T00:00:00Z")})
		if err != nil {
			t.Fatal(err)
		}
		wantParked(t, got.Parked, "zurich currency_mismatch")
		if len(got.Invoices) != 1 || got.Invoices[0].Total.String() != "26" || !strings.Contains(got.Parked[0].Detail, "CHF and EUR") {
			t.Errorf("%q: invoices %+v, parked %+v; want 26 EUR, and the currencies named", currency, got.Invoices, got.Parked)
		}
		foreseen := r.Foreseen()
		wantParked(t, foreseen, "zurich currency_mismatch")
	}
}

func TestNewRaters_RefusesTwoBooksOfOneCurrency(t *testing.T) {
	w, _ := twoBooks()
	registry, _ := pricing.NewRegistry(w.accounts, w.subs, nil)
	if _, err := pricing.NewRaters([]*pricing.Book{w.book, w.book}, registry); err == nil {
		t.Error("two books in CHF were taken")
	}
	if _, err := pricing.NewRaters(nil, registry); err == nil {
		t.Error("no book was taken")
	}
}
