package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
)

// rokkaFacts are those of masters acme (organizations acme-shop and acme-blog,
// which has acme-blog-x below it) and other. July and August 2019 are closed;
// September is open after 10 days.
type rokkaFacts struct {
	Facts
	registry *pricing.Registry
	invoices map[pricing.Month][]pricing.Invoice
	draft    []pricing.Invoice
	forecast []pricing.ForecastRow
}

func (f *rokkaFacts) AsOf() time.Time             { return time.Date(2019, 9, 11, 0, 0, 0, 0, time.UTC) }
func (f *rokkaFacts) Registry() *pricing.Registry { return f.registry }
func (f *rokkaFacts) Books() []*pricing.Book {
	return []*pricing.Book{{Name: "rokka", Currency: rokkaFrancs, Versions: []pricing.Version{{
		ID: "rokka@2019-01-01", Conventions: pricing.Conventions{Rounding: money.HalfUp},
	}}}}
}
func (f *rokkaFacts) Days() []pricing.Date { return []pricing.Date{pricing.NewDate(2019, 9, 10)} }
func (f *rokkaFacts) Closings() []pricing.Month {
	return []pricing.Month{{Year: 2019, Month: 7}, {Year: 2019, Month: 8}}
}

func (f *rokkaFacts) Invoices(_ context.Context, closing pricing.Month, account string) ([]pricing.Invoice, error) {
	return rokkaOf(f.invoices[closing], account), nil
}

func (f *rokkaFacts) Draft(_ context.Context, month pricing.Month, account string) ([]pricing.Invoice, error) {
	if month != (pricing.Month{Year: 2019, Month: 9}) {
		return nil, errors.New("no such draft: " + month.String())
	}
	return rokkaOf(f.draft, account), nil
}

func (f *rokkaFacts) Forecast(_ context.Context, account string) ([]pricing.ForecastRow, error) {
	return slices.DeleteFunc(slices.Clone(f.forecast), func(r pricing.ForecastRow) bool { return r.BillingAccount != account }), nil
}

func rokkaOf(all []pricing.Invoice, account string) []pricing.Invoice {
	return slices.DeleteFunc(slices.Clone(all), func(i pricing.Invoice) bool { return i.BillingAccount != account })
}

var rokkaFrancs = money.Currency{Code: "CHF", Digits: 2}

// rokkaLineOf is a graduated line as pricing makes it: of 0.40 up to 400 GB, then
// 0.30.
func rokkaLineOf(account, subscription, gb, total string, parts ...pricing.Part) pricing.Line {
	return pricing.Line{
		Account: account, Subscription: subscription, Price: "storage", Unit: "GB",
		Quantity: money.MustQuantity(gb), Total: money.MustAmount(total), Parts: parts,
	}
}

func rokkaPart(label, gb, price, amount string) pricing.Part {
	return pricing.Part{Label: label, Quantity: money.MustQuantity(gb), UnitPrice: money.MustAmount(price), Amount: money.MustAmount(amount)}
}

const rokkaTier1, rokkaTier2 = "tier 1 (0 to 400)", "tier 2 (above 400)"

// newRokkaFacts holds example 66 in July, August's bill of nothing with a
// correction of July's in it, and example 60 as September's forecast.
func newRokkaFacts(t *testing.T) *rokkaFacts {
	t.Helper()
	reg, problems := pricing.NewRegistry([]pricing.Account{
		{ID: "acme", Bills: true, Currency: "CHF"},
		{ID: "acme-shop", Parent: "acme"},
		{ID: "acme-blog", Parent: "acme"},
		{ID: "acme-blog-x", Parent: "acme-blog"},
		{ID: "other", Bills: true, Currency: "CHF"},
		{ID: "other-org", Parent: "other"},
	}, nil, nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	july := pricing.Month{Year: 2019, Month: 7}
	late := rokkaLineOf("acme", "", "10", "3.00")
	late.For, late.Corrects = july, pricing.Corrects{Closing: july, Invoice: "inv_1"}
	traffic := pricing.Line{
		Account: "acme-shop", Subscription: "sub-shop", Price: "traffic", Unit: "GB", Quantity: money.MustQuantity("0.05"),
		UnitPrice: money.MustAmount("0.50"), HasUnitPrice: true, Total: money.MustAmount("0.03"),
	}
	f := &rokkaFacts{registry: reg, invoices: map[pricing.Month][]pricing.Invoice{
		july: {{
			BillingAccount: "acme", Currency: rokkaFrancs,
			Lines: []pricing.Line{
				rokkaLineOf("acme", "", "600", "220.00", rokkaPart(rokkaTier1, "400", "0.40", "160"), rokkaPart(rokkaTier2, "200", "0.30", "60")), traffic,
			},
			Own: []pricing.Line{
				rokkaLineOf("acme-shop", "sub-shop", "300", "120.00", rokkaPart(rokkaTier1, "300", "0.40", "120")),
				rokkaLineOf("acme-blog", "sub-blog", "300", "120.00", rokkaPart(rokkaTier1, "300", "0.40", "120")),
			},
		}},
		july.Next(): {{BillingAccount: "acme", Currency: rokkaFrancs, Lines: []pricing.Line{late}}},
	}}
	f.draft = []pricing.Invoice{{BillingAccount: "acme", Currency: rokkaFrancs, Lines: []pricing.Line{traffic}}}
	row := pricing.ForecastRow{
		PeriodStart: time.Date(2019, 9, 1, 0, 0, 0, 0, time.UTC), PeriodEnd: time.Date(2019, 10, 1, 0, 0, 0, 0, time.UTC),
		BillingAccount: "acme", Account: "acme", Price: "traffic", BookVersion: "rokka@2019-01-01", Unit: "GB", Scope: pricing.ScopeBilled,
		ForecastQuantity: money.MustQuantity("20.25"), ForecastSubtotal: money.MustAmount("10.125"), ForecastTotal: money.MustAmount("10.125"),
		Parts: []pricing.Part{rokkaPart("tier 1 (0 to 2000)", "20.25", "0.50", "10.125")},
	}
	own := row
	own.Account, own.Scope = "acme-shop", pricing.ScopeOwn
	august := row // as of its last day, after it is closed
	august.PeriodStart, august.PeriodEnd = row.PeriodStart.AddDate(0, -1, 0), row.PeriodStart
	f.forecast = []pricing.ForecastRow{row, own, august}
	return f
}

// askRokka answers a request for an organization as a token of an account; "" sees
// everything.
func askRokka(t *testing.T, f Facts, account, org, query string) (Answer, *Fault) {
	t.Helper()
	q, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	access := Access{Account: account, Scopes: []Scope{ScopeBillingRead}}
	if account == "" {
		access.Scopes = []Scope{ScopeAdmin}
	}
	a, err := Rokka().Routes[0].Answer(t.Context(), &Request{Path: func(string) string { return org }, Query: q, Access: access, Facts: f})
	var fault *Fault
	if err != nil && !errors.As(err, &fault) {
		t.Fatal(err)
	}
	return a, fault
}

// rokkaAt walks to a value of a JSON answer by keys.
func rokkaAt(t *testing.T, body []byte, keys ...string) any {
	t.Helper()
	var v any
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	for _, k := range keys {
		m, _ := v.(map[string]any)
		v = m[k]
	}
	return v
}

func TestRokka_AnswersExample66ToTheLetter(t *testing.T) {
	a, fault := askRokka(t, newRokkaFacts(t), "acme", "acme", "from=2019-07-01&to=2019-07-31")
	if fault != nil {
		t.Fatal(fault)
	}
	// 3.00 came later, by a correction: it is no tier.
	want := `{"acme":{"2019-07":{"organizations":{` +
		`"acme-blog":{"storage":{` +
		`"tier1":{"range":{"from":0,"to":400},"unit":"GB","price_per_unit":0.4,"units_consumed":300,"price_per_gb":0.4,"amount_in_gb":300,"price_in_chf":120},` +
		`"total":{"units_consumed":300,"unit":"GB","amount_in_gb":300,"price_in_chf":120}},"total":{"price_in_chf":120}},` +
		`"acme-blog-x":{"total":{"price_in_chf":0}},` +
		`"acme-shop":{"storage":{` +
		`"tier1":{"range":{"from":0,"to":400},"unit":"GB","price_per_unit":0.4,"units_consumed":300,"price_per_gb":0.4,"amount_in_gb":300,"price_in_chf":120},` +
		`"total":{"units_consumed":300,"unit":"GB","amount_in_gb":300,"price_in_chf":120}},"traffic":{` +
		`"tier1":{"range":{"from":0,"to":999999999},"unit":"GB","price_per_unit":0.5,"units_consumed":0.05,"price_per_gb":0.5,"amount_in_gb":0.05,"price_in_chf":0.03},` +
		`"total":{"units_consumed":0.05,"unit":"GB","amount_in_gb":0.05,"price_in_chf":0.03}},"total":{"price_in_chf":120.03}}},` +
		`"combined":{"storage":{` +
		`"tier1":{"range":{"from":0,"to":400},"unit":"GB","price_per_unit":0.4,"units_consumed":400,"price_per_gb":0.4,"amount_in_gb":400,"price_in_chf":160},` +
		`"tier2":{"range":{"from":400,"to":999999999},"unit":"GB","price_per_unit":0.3,"units_consumed":200,"price_per_gb":0.3,"amount_in_gb":200,"price_in_chf":60},` +
		`"correction":{"range":{"from":0,"to":999999999},"unit":"GB","price_per_unit":0,"units_consumed":10,"price_per_gb":0,"amount_in_gb":10,"price_in_chf":3},` +
		`"total":{"units_consumed":610,"unit":"GB","amount_in_gb":610,"price_in_chf":223}},"traffic":{` +
		`"tier1":{"range":{"from":0,"to":999999999},"unit":"GB","price_per_unit":0.5,"units_consumed":0.05,"price_per_gb":0.5,"amount_in_gb":0.05,"price_in_chf":0.03},` +
		`"total":{"units_consumed":0.05,"unit":"GB","amount_in_gb":0.05,"price_in_chf":0.03}},"total":{"price_in_chf":223.03}}}}}`
	if string(a.Body) != want {
		t.Errorf("got\n%s\nwant\n%s", a.Body, want)
	}
	if ct := Rokka().ContentType; ct != "application/json" || a.ContentType != "" {
		t.Errorf("content type is %q or %q: its client reads application/json alone", ct, a.ContentType)
	}
}

func TestRokka_AnOrganizationIsAnsweredUnderItsMaster(t *testing.T) {
	all, _ := askRokka(t, newRokkaFacts(t), "acme", "acme", "from=2019-07-1")
	below, fault := askRokka(t, newRokkaFacts(t), "acme", "acme-blog", "from=2019-07-1")
	if fault != nil || string(below.Body) != string(all.Body) {
		t.Errorf("fault %v, body %s", fault, below.Body)
	}
}

func TestRokka_TheOpenMonthIsTheDefaultAndHasAForecast(t *testing.T) {
	f := newRokkaFacts(t)
	a, fault := askRokka(t, f, "acme", "acme", "")
	if fault != nil {
		t.Fatal(fault)
	}
	for _, c := range []struct {
		want string
		keys []string
	}{
		{"0.03", []string{"combined", "total", "price_in_chf"}},
		{"10.13", []string{"combined_forecast", "total", "price_in_chf"}}, // example 60
		{"10.13", []string{"combined_forecast", "traffic", "tier1", "price_in_chf"}},
		{"20.25", []string{"combined_forecast", "traffic", "total", "units_consumed"}},
		{"2000", []string{"combined_forecast", "traffic", "tier1", "range", "to"}},
	} {
		if got := rokkaAt(t, a.Body, append([]string{"acme", "2019-09"}, c.keys...)...); got != json.Number(c.want) {
			t.Errorf("%v is %v, want %s", c.keys, got, c.want)
		}
	}
	for _, month := range []string{"2019-08", "2020-02"} { // closed, to come
		a, fault := askRokka(t, f, "acme", "acme", "from="+month+"-1")
		want := `{"acme":{"` + month + `":{"organizations":{"acme-blog":{"total":{"price_in_chf":0}},"acme-blog-x":{"total":{"price_in_chf":0}},` +
			`"acme-shop":{"total":{"price_in_chf":0}}},"combined":{"total":{"price_in_chf":0}}}}}`
		if fault != nil || string(a.Body) != want {
			t.Errorf("fault %v, got\n%s\nwant\n%s", fault, a.Body, want)
		}
	}
}

func TestRokka_SeveralMonthsAreInOrder(t *testing.T) {
	a, fault := askRokka(t, newRokkaFacts(t), "acme", "acme", "from=2019-07-31&to=2019-09-1")
	if fault != nil {
		t.Fatal(fault)
	}
	last := -1
	for _, month := range []string{"2019-07", "2019-08", "2019-09"} {
		i := strings.Index(string(a.Body), `"`+month+`"`)
		if i <= last {
			t.Errorf("%s stands at %d, after %d", month, i, last)
		}
		last = i
	}
}

// A token of an organization sees that one and those below it: neither its
// neighbours nor what all together cost. Whatever it may not see is not there.
func TestRokka_ATokenSeesItsOwnOrganizations(t *testing.T) {
	f := newRokkaFacts(t)
	for _, c := range []struct{ token, org, sees string }{
		{"", "acme", "acme-blog acme-blog-x acme-shop combined"},
		{"acme", "acme-shop", "acme-blog acme-blog-x acme-shop combined"},
		{"acme-blog", "acme-blog", "acme-blog acme-blog-x"},
		{"acme-blog", "acme-blog-x", "acme-blog acme-blog-x"},
		{"acme-blog-x", "acme-blog-x", "acme-blog-x"},
		{"acme-blog-x", "acme-blog", "404"},
		{"acme-shop", "acme-blog", "404"},
		{"acme-shop", "acme", "404"},
		{"acme", "other", "404"},
		{"other", "acme-shop", "404"},
		{"", "nobody", "404"},
		{"", "", "404"},
		{"acme", "../acme", "404"},
	} {
		a, fault := askRokka(t, f, c.token, c.org, "from=2019-07-1")
		var got []string
		if fault != nil {
			got = []string{http.StatusText(fault.Status)}
			if fault.Status == http.StatusNotFound {
				got[0] = "404"
			}
		} else {
			month := rokkaAt(t, a.Body, "acme", "2019-07").(map[string]any)
			for org := range month["organizations"].(map[string]any) {
				got = append(got, org)
			}
			slices.Sort(got)
			if month["combined"] != nil {
				got = append(got, "combined")
			}
		}
		if strings.Join(got, " ") != c.sees {
			t.Errorf("a token of %q that asks for %q sees %v, want %s", c.token, c.org, got, c.sees)
		}
	}
}

func TestRokka_RefusesHostileParameters(t *testing.T) {
	f := newRokkaFacts(t)
	for _, query := range []string{
		"from=2019-02-30", "from=yesterday", "to=2019-13-1", "from=2019-09-01&to=2019-08-31", "from=0001-01-01&to=9999-12-31",
		"from=-2019-08-01", "from=2019-08-01T00:00:00Z", "from=%00", "from=2019-08-1%27--", "from=" + strings.Repeat("9", 10_000),
	} {
		_, fault := askRokka(t, f, "acme", "acme", query)
		if fault == nil || fault.Status != http.StatusBadRequest {
			t.Errorf("%.60s gives %v, want 400", query, fault)
			continue
		}
		ct, body := Rokka().Fault(fault)
		if ct != "application/json" || rokkaAt(t, body, "error", "code") != json.Number("400") || rokkaAt(t, body, "error", "message") != fault.Message {
			t.Errorf("%s %s", ct, body)
		}
	}
}

// Accounts may be called in the API as they are elsewhere, by a label.
func TestRokka_NamesAreLabelsOrIDs(t *testing.T) {
	f := newRokkaFacts(t)
	reg, problems := pricing.NewRegistry([]pricing.Account{
		{ID: "1", Bills: true, Labels: map[string]string{"rokka.organization": "acme"}},
		{ID: "2", Parent: "1", Labels: map[string]string{"rokka.organization": "shop"}},
		{ID: "3", Parent: "1"},
		{ID: "4", Bills: true},
	}, nil, nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	f.registry = reg
	want := `{"acme":{"2020-01":{"organizations":{"shop":{"total":{"price_in_chf":0}},"3":{"total":{"price_in_chf":0}}},"combined":{"total":{"price_in_chf":0}}}}}`
	for _, org := range []string{"acme", "shop", "3"} {
		if a, fault := askRokka(t, f, "1", org, "from=2020-01-1"); fault != nil || string(a.Body) != want {
			t.Errorf("%s: %v %s", org, fault, a.Body)
		}
	}
	for _, org := range []string{"1", "2", "4"} { // called otherwise, or another's
		if _, fault := askRokka(t, f, "1", org, "from=2020-01-1"); fault == nil || fault.Status != http.StatusNotFound {
			t.Errorf("%s: %v, want 404", org, fault)
		}
	}
}

// What was parked in July and billed by August's closing for the first time is
// July's, in its tiers.
func TestRokka_WhatIsBilledLaterIsOfItsMonth(t *testing.T) {
	f := newRokkaFacts(t)
	july := pricing.Month{Year: 2019, Month: 7}
	first := rokkaLineOf("acme-blog", "sub-blog", "2000", "1000.00", rokkaPart("tier 1 (0 to 2000)", "2000", "0.50", "1000"))
	first.Price, first.For = "traffic_external", july
	f.invoices[july.Next()][0].Lines = append(f.invoices[july.Next()][0].Lines, first)
	a, fault := askRokka(t, f, "acme", "acme", "from=2019-07-1&to=2019-08-31")
	if fault != nil {
		t.Fatal(fault)
	}
	for _, path := range []string{"organizations/acme-blog", "combined"} {
		keys := append([]string{"acme", "2019-07"}, strings.Split(path, "/")...)
		if got := rokkaAt(t, a.Body, append(keys, "traffic_external", "tier1", "price_in_chf")...); got != json.Number("1000") {
			t.Errorf("%s of July is %v, want 1000", path, got)
		}
	}
	if got := rokkaAt(t, a.Body, "acme", "2019-08", "combined", "total", "price_in_chf"); got != json.Number("0") {
		t.Errorf("August costs %v: what its closing billed for July is July's", got)
	}
}

func TestRokka_RefusesToAddCurrencies(t *testing.T) {
	f := newRokkaFacts(t)
	july := pricing.Month{Year: 2019, Month: 7}
	f.invoices[july] = append(f.invoices[july], pricing.Invoice{
		BillingAccount: "acme", Currency: money.Currency{Code: "EUR", Digits: 2}, Lines: []pricing.Line{rokkaLineOf("acme-blog", "s", "1", "1")},
	})
	if _, fault := askRokka(t, f, "acme", "acme", "from=2019-07-1"); fault == nil || fault.Status != http.StatusConflict {
		t.Errorf("fault %v, want 409", fault)
	}
}

// Pages are the answers, byte for byte: August's closing corrects July, so that
// July is published again with it.
func TestRokka_PagesAreItsAnswers(t *testing.T) {
	f := newRokkaFacts(t)
	want := map[string]string{"billing/acme": "", "billing/acme/2019-07": "from=2019-07-1", "billing/acme/2019-08": "from=2019-08-1", "billing/other": "", "billing/other/2019-08": "from=2019-08-1"}
	got := 0
	for page, err := range Rokka().Pages(t.Context(), f, pricing.Month{Year: 2019, Month: 8}) {
		if err != nil {
			t.Fatal(err)
		}
		got++
		query, ok := want[page.Path]
		if a, _ := askRokka(t, f, "", page.Account, query); !ok || string(a.Body) != string(page.Body) {
			t.Errorf("%s of %s is %s, want %s", page.Path, page.Account, page.Body, a.Body)
		}
	}
	if got != len(want) {
		t.Errorf("%d pages, want %d", got, len(want))
	}
}
