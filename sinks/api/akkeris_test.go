package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
)

// akkerisFacts are those of an account with two organizations of one name, of which
// January 2017 is closed and February open on the 5th.
type akkerisFacts struct {
	Facts
	registry *pricing.Registry
	invoices []pricing.Invoice // of January
}

var akkerisDollars = money.Currency{Code: "USD", Digits: 2}

func (f *akkerisFacts) AsOf() time.Time             { return time.Date(2017, 2, 6, 0, 0, 0, 0, time.UTC) }
func (f *akkerisFacts) Registry() *pricing.Registry { return f.registry }
func (f *akkerisFacts) Days() []pricing.Date        { return []pricing.Date{pricing.NewDate(2017, 1, 1)} }

func (f *akkerisFacts) Closings() []pricing.Month { return []pricing.Month{{Year: 2017, Month: 1}} }

func (f *akkerisFacts) Books() []*pricing.Book {
	return []*pricing.Book{{Versions: []pricing.Version{{ID: "b@1", Plans: []pricing.Plan{{ID: "p", Prices: []pricing.Price{
		{ID: "dynos", Resource: "dyno"}, {ID: "addons", Resource: "addon"}, {ID: "fee"},
	}}}}}}}
}

func (f *akkerisFacts) Invoices(_ context.Context, _ pricing.Month, account string) ([]pricing.Invoice, error) {
	return slices.DeleteFunc(slices.Clone(f.invoices), func(i pricing.Invoice) bool { return i.BillingAccount != account }), nil
}

func (f *akkerisFacts) Draft(_ context.Context, m pricing.Month, _ string) ([]pricing.Invoice, error) {
	if m != (pricing.Month{Year: 2017, Month: 2}) {
		return nil, errors.New("no such draft: " + m.String())
	}
	return nil, nil
}

func newAkkerisFacts(t *testing.T, lines ...pricing.Line) *akkerisFacts {
	t.Helper()
	reg, problems := pricing.NewRegistry([]pricing.Account{
		{ID: "acme", Bills: true},
		{ID: "org-1", Parent: "acme", Kind: "organization", Name: "design"},
		{ID: "org-2", Parent: "acme", Kind: "organization", Name: "design"},
		{ID: "org-3", Parent: "acme", Kind: "organization", Name: "media", ExternalID: "uuid-3"},
		{ID: "app-1", Parent: "org-1", Kind: "app", Name: "shop", Labels: map[string]string{"akkeris.space": "shared"}},
		{ID: "app-3", Parent: "org-3", Kind: "app", Name: "video", Labels: map[string]string{"akkeris.space": "shared"}},
		{ID: "stranger", Bills: true},
	}, []pricing.Subscription{{ID: "sub-3", Account: "app-3", Plan: "p", Start: time.Date(2017, 1, 9, 0, 0, 0, 0, time.UTC)}}, []pricing.Resource{
		{ID: "web", Account: "app-1", Kind: "dyno", SKU: "standard", Quantity: money.QuantityOf(2), Created: time.Date(2016, 11, 3, 0, 0, 0, 0, time.UTC)},
	})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return &akkerisFacts{registry: reg, invoices: []pricing.Invoice{{BillingAccount: "acme", Currency: akkerisDollars, Lines: lines}}}
}

func akkerisLine(account, price, grouping, total string) pricing.Line {
	return pricing.Line{
		Account: account, Plan: "p", Price: price, BookVersion: "b@1", Grouping: grouping, Description: price,
		Quantity: money.QuantityOf(1), UnitPrice: money.MustAmount("60"), Total: money.MustAmount(total),
		PeriodStart: time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC), PeriodEnd: time.Date(2017, 2, 1, 0, 0, 0, 0, time.UTC),
	}
}

// askAkkeris answers a request as a token of an account.
func askAkkeris(t *testing.T, f Facts, account, path string) (string, *Fault) {
	t.Helper()
	mux, values := http.NewServeMux(), map[string]string{}
	var route Route
	for _, r := range Akkeris().Routes {
		mux.HandleFunc(r.Pattern, func(_ http.ResponseWriter, q *http.Request) {
			route, values["name"], values["id"] = r, q.PathValue("name"), q.PathValue("id")
		})
	}
	q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	if err != nil {
		t.Fatal(err)
	}
	mux.ServeHTTP(nil, q)
	a, err := route.Answer(t.Context(), &Request{Path: func(name string) string { return values[name] }, Access: Access{Account: account}, Facts: f})
	var fault *Fault
	if err != nil && !errors.As(err, &fault) {
		t.Fatal(err)
	}
	return string(a.Body), fault
}

// What a closing billed is all in its invoice: corrections, whose units are counted
// already, charges for no resource, and those for one that the registry has no more.
func TestAkkeris_NothingThatWasBilledIsLost(t *testing.T) {
	correction := akkerisLine("app-1", "dynos", `{"resource":"web","sku":"standard"}`, "-1.50")
	correction.Corrects = pricing.Corrects{Closing: pricing.Month{Year: 2016, Month: 12}}
	f := newAkkerisFacts(t,
		akkerisLine("app-1", "dynos", `{"resource":"web","sku":"standard"}`, "120"), correction,
		akkerisLine("app-1", "fee", "{}", "9.99"), akkerisLine("app-3", "addons", `{"resource":"gone","sku":"redis:small"}`, "5"),
	)
	body, fault := askAkkeris(t, f, "acme", "/account/invoices/2017-01-01")
	if fault != nil {
		t.Fatal(fault)
	}
	var got struct {
		Total json.Number `json:"total"`
		Units json.Number `json:"dyno_units"`
		Items []struct {
			App          struct{ Name string }
			Type         string
			Description  string
			Quantity     json.Number
			Billed       json.Number `json:"billed_price"`
			CreatedAt    string      `json:"created_at"`
			DeletedAt    *string     `json:"deleted_at"`
			Organization string
		}
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	var items []string
	for _, i := range got.Items {
		deleted := "-"
		if i.DeletedAt != nil {
			deleted = (*i.DeletedAt)[:10]
		}
		items = append(items, fmt.Sprint(i.Organization, " ", i.App.Name, " ", i.Type, " ", i.Description, " ", i.Quantity, " ", i.Billed, " ", i.CreatedAt[:10], " ", deleted))
	}
	want := []string{
		"design shop-shared dyno Correction: standard web dyno 0 -1.5 2016-11-03 -",
		"design shop-shared dyno standard web dyno 2 120 2016-11-03 -",
		"design shop-shared addon fee 1 9.99 2017-01-01 -",
		"media video-shared addon redis:small addon 1 5 2017-01-01 2017-02-01",
	}
	if !slices.Equal(items, want) || got.Total != "133.49" || got.Units != "2" {
		t.Errorf("total %s, units %s of\n%s\nwant\n%s", got.Total, got.Units, strings.Join(items, "\n"), strings.Join(want, "\n"))
	}
}

// What was billed for an app that is somebody else's by now, or nobody's, stays on
// the invoice of who was billed, and tells nothing of whose it is.
func TestAkkeris_WhatHasLeftStaysOnItsInvoice(t *testing.T) {
	moved := akkerisLine("app-9", "dynos", `{"resource":"their","sku":"standard"}`, "60")
	f := newAkkerisFacts(t, akkerisLine("app-1", "fee", "{}", "1"), moved, akkerisLine("deleted", "fee", "{}", "2"))
	reg, problems := pricing.NewRegistry(append(slices.Clone(f.registry.Accounts), pricing.Account{ID: "app-9", Parent: "stranger", Kind: "app", Name: "secret"}), nil, []pricing.Resource{
		{ID: "their", Account: "app-9", Kind: "dyno", SKU: "large", Quantity: money.QuantityOf(7), Created: time.Date(2017, 1, 20, 0, 0, 0, 0, time.UTC), Labels: map[string]string{"akkeris.type": "secret"}},
	})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	f.registry = reg
	body, fault := askAkkeris(t, f, "acme", "/account/invoices/2017-01-01")
	if fault != nil || !strings.Contains(body, `"total":63,`) || !strings.Contains(body, `"name":"app-9-default"`) || !strings.Contains(body, `"description":"standard web dyno"`) {
		t.Errorf("acme was billed 63: %v %s", fault, body)
	}
	if strings.Contains(body, "secret") || strings.Contains(body, "stranger") || strings.Contains(body, `"quantity":7`) {
		t.Errorf("acme sees whose the app is now: %s", body)
	}
	f.invoices = append(f.invoices, pricing.Invoice{BillingAccount: "org-3", Currency: akkerisDollars, Lines: []pricing.Line{akkerisLine("app-3", "fee", "{}", "4")}})
	if body, fault := askAkkeris(t, f, "org-3", "/account/invoices/2017-01-01"); fault != nil || !strings.Contains(body, `"total":4,`) || !strings.Contains(body, `"name":"video-shared"`) {
		t.Errorf("org-3 paid 4 for itself then: %v %s", fault, body)
	}
	for _, c := range [][2]string{{"org-1", `"total":1,`}, {"stranger", ""}, {"app-9", ""}} { // their payer was not billed for it
		if body, _ := askAkkeris(t, f, c[0], "/account/invoices/2017-01-01"); !strings.Contains(body, c[1]) || c[1] == "" && body != "" {
			t.Errorf("%s sees %s", c[0], body)
		}
	}
}

func TestAkkeris_NamesFindWhatTheTokenSees(t *testing.T) {
	f := newAkkerisFacts(t, akkerisLine("app-1", "fee", "{}", "1"), akkerisLine("app-3", "fee", "{}", "2"))
	for _, c := range []struct{ token, path, want string }{
		{"acme", "/organizations/media/invoices/2017-01-01", `"total":2`},
		{"acme", "/organizations/uuid-3/invoices/2017-01-01", `"total":2`},
		{"acme", "/organizations/org-1/invoices/2017-01-01", `"total":1`},
		{"acme", "/organizations/design/invoices/2017-01-01", "409"}, // two of them
		{"org-1", "/organizations/design/invoices/2017-01-01", `"total":1`},
		{"org-1", "/organizations/media/invoices/2017-01-01", "404"},
		{"acme", "/spaces/shared/invoices/2017-01-01", `"total":3`},
		{"org-3", "/spaces/shared/invoices/2017-01-01", `"total":2`},
		{"org-3", "/account/invoices/2017-01-01", `"total":2`},
		{"stranger", "/account/invoices/2017-01-01", "404"},
		{"stranger", "/spaces/shared/invoices/2017-01-01", "404"},
		{"acme", "/account/invoices/2017-02-05", "404"}, // nothing yet
		{"stranger", "/account/invoices", "[]"},
		{"org-1", "/account/invoices", `[{"$ref":"/account/invoices/2017-01-01"},{"$ref":"/account/invoices/2017-02-01"}]`},
	} {
		body, fault := askAkkeris(t, f, c.token, c.path)
		if fault != nil {
			body = fmt.Sprint(fault.Status)
		}
		if !strings.Contains(body, c.want) {
			t.Errorf("%s as a token of %s: %s, want %s", c.path, c.token, body, c.want)
		}
	}
}

func TestAkkeris_RefusesToAddCurrencies(t *testing.T) {
	f := newAkkerisFacts(t, akkerisLine("app-1", "fee", "{}", "1"))
	f.invoices = append(f.invoices, pricing.Invoice{
		BillingAccount: "acme", Currency: money.Currency{Code: "EUR", Digits: 2}, Lines: []pricing.Line{akkerisLine("app-3", "fee", "{}", "1")},
	})
	if _, fault := askAkkeris(t, f, "acme", "/account/invoices/2017-01-01"); fault == nil || fault.Status != http.StatusConflict {
		t.Errorf("fault %v, want 409", fault)
	}
	if body, fault := askAkkeris(t, f, "acme", "/organizations/media/invoices/2017-01-01"); fault != nil || !strings.Contains(body, `"total":1`) {
		t.Errorf("one of them alone: %v %s", fault, body)
	}
}

func TestAkkeris_PagesAreItsAnswers(t *testing.T) {
	f := newAkkerisFacts(t, akkerisLine("app-1", "fee", "{}", "1"), akkerisLine("app-3", "fee", "{}", "2"))
	var got []string
	for page, err := range Akkeris().Pages(t.Context(), f, pricing.Month{}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, page.Account+" "+page.Path)
		body, fault := askAkkeris(t, f, page.Account, "/"+page.Path)
		if fault != nil || body != string(page.Body) {
			t.Errorf("%s: %v %s, want %s", page.Path, fault, body, page.Body)
		}
	}
	want := []string{
		"acme account/invoices", "acme account/invoices/2017-01-01", "acme organizations/org-1/invoices", "acme organizations/org-1/invoices/2017-01-01",
		"acme organizations/org-2/invoices", "acme organizations/org-3/invoices", "acme organizations/org-3/invoices/2017-01-01", "stranger account/invoices",
	}
	if !slices.Equal(got, want) {
		t.Errorf("pages are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for page, err := range Akkeris().Pages(t.Context(), f, pricing.Month{Year: 2017, Month: 2}) {
		if err != nil || strings.Contains(page.Path, "2017-01") {
			t.Errorf("%s again: %v", page.Path, err)
		}
	}
}
