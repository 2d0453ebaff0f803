package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/sinks/documents"
)

// orbFacts are of the account acme, with invoices of January to March 2026.
type orbFacts struct {
	Facts
	reg      *pricing.Registry
	invoices map[pricing.Month][]pricing.Invoice
	ledger   []pricing.LedgerEntry
	asOf     time.Time
	drafted  []string // month and account
}

func (f *orbFacts) AsOf() time.Time             { return f.asOf }
func (f *orbFacts) Registry() *pricing.Registry { return f.reg }
func (f *orbFacts) Days() []pricing.Date        { return []pricing.Date{pricing.DateOf(f.asOf) - 1} }

func (f *orbFacts) Books() []*pricing.Book {
	return []*pricing.Book{{Name: "b", Currency: orbDollars, Versions: []pricing.Version{{
		ID: "b@2026-01-01", Effective: pricing.NewDate(2026, 1, 1), Conventions: pricing.Conventions{Rounding: money.HalfUp},
		Plans: []pricing.Plan{{ID: "p", Cycle: pricing.Cycle{Months: 1, Anchor: pricing.Anchor{Day: 1}}, Prices: []pricing.Price{
			{ID: "fee", Model: pricing.Fixed{Price: money.MustAmount("100")}},
		}}},
	}}}}
}

func (f *orbFacts) Closings() []pricing.Month {
	return []pricing.Month{orbMonth(1), orbMonth(2), orbMonth(3)}
}

func (f *orbFacts) Invoices(_ context.Context, m pricing.Month, account string) ([]pricing.Invoice, error) {
	return slices.DeleteFunc(slices.Clone(f.invoices[m]), func(i pricing.Invoice) bool { return account != "" && i.BillingAccount != account }), nil
}

// Costs are 9.00 on 10 April, of the plan's fee.
func (f *orbFacts) Costs(_ context.Context, account string, from, to pricing.Date) ([]pricing.CostRow, error) {
	day := pricing.NewDate(2026, 4, 10)
	if account != "acme" || day < from || day > to {
		return nil, nil
	}
	nine := money.MustAmount("9")
	return []pricing.CostRow{{
		Day: day, TimeframeStart: day.UTC(), TimeframeEnd: (day + 1).UTC(), PeriodStart: orbMonth(4).First().UTC(), PeriodEnd: orbMonth(5).First().UTC(),
		BillingAccount: "acme", Account: "acme", Subscription: "s", Plan: "p", Price: "fee", BookVersion: "b@2026-01-01", Grouping: "{}",
		Scope: pricing.ScopeBilled, Currency: "USD", CumulativeSubtotal: nine, CumulativeTotal: nine,
	}}, nil
}

func (f *orbFacts) Usage(context.Context, string, pricing.Date, pricing.Date) ([]pricing.UsageState, error) {
	return nil, nil
}

func (f *orbFacts) Ledger(context.Context, string) ([]pricing.LedgerEntry, error) {
	return f.ledger, nil
}

func (f *orbFacts) Issuer() string { return "Shop" }

// Draft is of acme's fee, under the id that pricing gives it.
func (f *orbFacts) Draft(_ context.Context, m pricing.Month, account string) ([]pricing.Invoice, error) {
	f.drafted = append(f.drafted, m.String()+" "+account)
	if account != "acme" {
		return nil, nil
	}
	i := orbIssuedOn(pricing.InvoiceID("Shop", account, "USD", pricing.KindInvoice, m, 1), int(m.Month), "100")
	i.Status = "draft"
	return []pricing.Invoice{i}, nil
}

var orbDollars = money.Currency{Code: "USD", Digits: 2}

func orbMonth(m int) pricing.Month { return pricing.Month{Year: 2026, Month: time.Month(m)} }

// orbIssuedOn is an invoice of one line for a month, issued on the 2nd of the next.
func orbIssuedOn(id string, month int, due string) pricing.Invoice {
	total := money.MustAmount(due)
	return pricing.Invoice{
		ID: id, Number: "N-" + id, Kind: pricing.KindInvoice, Status: "issued", BillingAccount: "acme", Currency: orbDollars,
		IssuedAt: time.Date(2026, time.Month(month)+1, 2, 0, 0, 0, 0, time.UTC), Subtotal: total, Total: total, AmountDue: total,
		Lines: []pricing.Line{{
			Number: 1, Account: "acme", Subscription: "s", Plan: "p", Price: "fee", BookVersion: "b@2026-01-01", Description: "Fee", Grouping: "{}",
			PeriodStart: orbMonth(month).First().UTC(), PeriodEnd: orbMonth(month).Next().First().UTC(), Subtotal: total, Total: total, ExactSubtotal: total,
		}},
	}
}

// orbEntry is an entry of the balance: above zero the customer owes more.
func orbEntry(source, amount, initial string, at time.Time) pricing.LedgerEntry {
	return pricing.LedgerEntry{
		LedgerKey: pricing.LedgerKey{BillingAccount: "acme", Currency: "USD", Ledger: pricing.LedgerBalance}, ID: "e-" + source, Source: source,
		Time: at, Amount: money.MustAmount(amount), Initial: money.MustAmount(initial), End: money.MustAmount(initial).Sub(money.MustAmount(amount)),
	}
}

func newOrbFacts(t *testing.T, payments ...pricing.Payment) *orbFacts {
	t.Helper()
	reg, problems := pricing.NewRegistry(
		[]pricing.Account{{ID: "acme", Bills: true, Currency: "USD", ExternalID: "x", Labels: map[string]string{"orb.billing_address": `{"city":"Bern"}`, "orb.customer_tax_id": "none"}}, {ID: "twin", Bills: true, ExternalID: "x"}},
		[]pricing.Subscription{{ID: "s", Account: "acme", Plan: "p", Start: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}}, nil)
	problems = append(problems, reg.AddFunds(pricing.Funds{Payments: payments}, []string{"USD"}, nil, nil)...)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return &orbFacts{reg: reg, asOf: time.Date(2026, 4, 11, 0, 0, 0, 0, time.UTC), invoices: map[pricing.Month][]pricing.Invoice{}}
}

func (f *orbFacts) ask(t *testing.T, path string) (map[string]any, error) {
	t.Helper()
	u, err := url.Parse(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, route := range Orb().Routes {
		pattern := strings.TrimPrefix(route.Pattern, "GET ")
		head, rest, wild := strings.Cut(pattern, "{invoice_id}")
		if !wild && u.Path != pattern || wild && (!strings.HasPrefix(u.Path, head) || u.Path == "/v1/invoices/upcoming" || rest != "") {
			continue
		}
		a, err := route.Answer(t.Context(), &Request{
			Path: func(string) string { return strings.TrimPrefix(u.Path, head) }, Query: u.Query(), Access: Access{Scopes: []Scope{ScopeAdmin}}, Facts: f,
		})
		if err != nil {
			return nil, err
		}
		var out map[string]any
		if err := json.Unmarshal(a.Body, &out); err != nil {
			t.Fatal(err)
		}
		return out, nil
	}
	t.Fatalf("no route of %s", path)
	return nil, nil
}

// Three invoices of 100, 50 and 30; the second used 20 of a balance. Payments of 60,
// 50 and 45 pay the oldest first: 60 leaves 40 of the first, which the second pays
// with 10 left over for the 50; 45 pay the rest of it, 40, and leave 5 of the 30.
func TestOrbInvoices_PaymentsPayTheOldestFirst(t *testing.T) {
	day := func(m time.Month, d int) time.Time { return time.Date(2026, m, d, 0, 0, 0, 0, time.UTC) }
	f := newOrbFacts(t, pricing.Payment{ID: "pay-3", Account: "acme", Currency: "USD", Amount: money.MustAmount("45"), Time: day(4, 5)},
		pricing.Payment{ID: "pay-future", Account: "acme", Currency: "USD", Amount: money.MustAmount("1000"), Time: day(4, 12)},
		pricing.Payment{ID: "pay-1", Account: "acme", Currency: "USD", Amount: money.MustAmount("60"), Time: day(2, 20)}) // entered by a closing
	second := orbIssuedOn("inv-2", 2, "70")
	second.BalanceApplied, second.AmountDue = money.MustAmount("20"), money.MustAmount("50")
	f.invoices[orbMonth(1)] = []pricing.Invoice{orbIssuedOn("inv-1", 1, "100")}
	f.invoices[orbMonth(2)] = []pricing.Invoice{second}
	f.invoices[orbMonth(3)] = []pricing.Invoice{orbIssuedOn("inv-3", 3, "30"), orbIssuedOn("inv-0", 3, "0")}
	f.ledger = []pricing.LedgerEntry{
		orbEntry("inv-1", "100", "0", day(2, 2)), orbEntry("pay-1", "-60", "-100", day(2, 20)), orbEntry("inv-2", "70", "20", day(3, 2)),
		orbEntry("pay-2", "-50", "-50", day(3, 20)), orbEntry("inv-3", "30", "0", day(4, 2)), orbEntry("inv-0", "0", "0", day(4, 2)),
	}
	for id, want := range map[string][3]any{
		"inv-1": {"paid", "2026-03-20T00:00:00+00:00", "100.00"}, "inv-2": {"paid", "2026-04-05T00:00:00+00:00", "50.00"},
		"inv-3": {"issued", nil, "30.00"}, "inv-0": {"paid", "2026-04-02T00:00:00+00:00", "0.00"},
	} {
		got, err := f.ask(t, "/v1/invoices/"+id)
		if err != nil {
			t.Fatal(err)
		}
		if got := [3]any{got["status"], got["paid_at"], got["amount_due"]}; got != want {
			t.Errorf("%s is %v, want %v", id, got, want)
		}
	}
	got, _ := f.ask(t, "/v1/invoices/inv-2")
	change := got["customer_balance_transactions"].([]any)[0].(map[string]any)
	if change["starting_balance"] != "20.00" || change["ending_balance"] != "0.00" || change["amount"] != "20.00" || change["type"] != "decrement" || change["action"] != "applied_to_invoice" {
		t.Errorf("the balance that inv-2 used is %v", change)
	}
	if a := got["billing_address"].(map[string]any); a["city"] != "Bern" || a["line1"] != nil || got["customer_tax_id"] != nil {
		t.Errorf("labels: address %v, tax id %v; want the city alone, and none", a, got["customer_tax_id"])
	}
}

// A credit note stands at the invoice that it corrects and not in the list; what it
// gives back is a change of the balance. A note that corrects several invoices is
// one of the list.
func TestOrbInvoices_CreditNotesStandAtTheirInvoice(t *testing.T) {
	f := newOrbFacts(t)
	f.invoices[orbMonth(1)] = []pricing.Invoice{orbIssuedOn("inv-1", 1, "100")}
	note := orbIssuedOn("note-1", 2, "-10")
	note.Kind, note.Corrects = pricing.KindCreditNote, pricing.Corrects{Closing: orbMonth(1), Invoice: "inv-1"}
	note.Tax, note.BalanceApplied, note.AmountDue = money.MustAmount("-0.80"), money.MustAmount("-10.80"), money.Amount{}
	wide := orbIssuedOn("note-2", 2, "-3")
	wide.Kind, wide.BalanceApplied, wide.AmountDue = pricing.KindCreditNote, money.MustAmount("-3"), money.Amount{}
	f.invoices[orbMonth(2)] = []pricing.Invoice{note, wide}
	f.ledger = []pricing.LedgerEntry{orbEntry("inv-1", "100", "0", f.asOf), orbEntry("note-1", "-10.80", "-100", f.asOf), orbEntry("note-2", "-3", "-89.20", f.asOf)}

	got, err := f.ask(t, "/v1/invoices?status[]=issued&status[]=paid")
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, one := range got["data"].([]any) {
		ids = append(ids, one.(map[string]any)["id"].(string)+" "+one.(map[string]any)["invoice_source"].(string))
	}
	if !slices.Equal(ids, []string{"note-2 one_off", "inv-1 subscription"}) {
		t.Errorf("the list is %q", ids)
	}
	got, err = f.ask(t, "/v1/invoices/inv-1")
	if err != nil {
		t.Fatal(err)
	}
	notes := got["credit_notes"].([]any)
	if len(notes) != 1 || notes[0].(map[string]any)["id"] != "note-1" || notes[0].(map[string]any)["total"] != "10.80" || notes[0].(map[string]any)["credit_note_number"] != "N-note-1" {
		t.Errorf("its credit notes are %v", notes)
	}
	if got, err = f.ask(t, "/v1/invoices/note-1"); err != nil {
		t.Fatal(err)
	}
	change := got["customer_balance_transactions"].([]any)[0].(map[string]any)
	if got["total"] != "-10.80" || change["type"] != "increment" || change["amount"] != "10.80" || change["action"] != "credit_note_applied" {
		t.Errorf("the note is %v with %v", got["total"], change)
	}
}

// What an event says is what the API says of the invoice when it was issued.
func TestOrbIssued_IsTheInvoiceOfTheAPI(t *testing.T) {
	f := newOrbFacts(t)
	i := orbIssuedOn("inv-1", 1, "100")
	i.BalanceApplied, i.AmountDue = money.MustAmount("100"), money.Amount{}
	f.invoices[orbMonth(1)] = []pricing.Invoice{i}
	f.ledger = []pricing.LedgerEntry{orbEntry("inv-1", "100", "120", i.IssuedAt)}
	said, err := OrbIssued(f.reg, f.Books(), f.ledger, &i)
	if err != nil {
		t.Fatal(err)
	}
	b, err := readOrbBilled(t.Context(), &Request{Access: Access{Scopes: []Scope{ScopeAdmin}}, Facts: f}, "")
	if err != nil {
		t.Fatal(err)
	}
	answer, err := b.answer(t.Context(), &i)
	if err != nil || string(said) != string(answer.Body) || !strings.Contains(string(said), `"status":"paid"`) {
		t.Errorf("an event says %s\nthe API %s (%v)", said, answer.Body, err)
	}
	event, err := documents.OrbEvent("evt_1", documents.TypeInvoiceIssued, i.IssuedAt, said)
	if err != nil || !json.Valid(event) || !strings.HasPrefix(string(event), `{"id":"evt_1","created_at":"2026-02-02T00:00:00+00:00","type":"invoice.issued","invoice":{"id":"inv-1",`) {
		t.Errorf("the event is %s (%v)", event, err)
	}
}

// An external id that two customers have means neither of them.
func TestOrbInvoices_AnAmbiguousExternalID(t *testing.T) {
	var fault *Fault
	if _, err := newOrbFacts(t).ask(t, "/v1/invoices?external_customer_id=x"); !errors.As(err, &fault) || fault.Status != http.StatusConflict {
		t.Errorf("an ambiguous external id: %v", err)
	}
}

// What was billed by a price that somebody has taken out of the books is shown.
func TestOrbInvoices_APriceThatIsGone(t *testing.T) {
	f := newOrbFacts(t)
	lost := orbIssuedOn("inv-1", 1, "100")
	lost.Lines[0].Price = "gone"
	f.invoices[orbMonth(1)] = []pricing.Invoice{lost}
	got, err := f.ask(t, "/v1/invoices/inv-1")
	if err != nil {
		t.Fatal(err)
	}
	line := got["line_items"].([]any)[0].(map[string]any)
	price := line["price"].(map[string]any)
	if line["amount"] != "100.00" || price["id"] != "b@2026-01-01:p:gone" || price["metadata"].(map[string]any)["daybook_price"] != "no longer in the book" {
		t.Errorf("the line is %v", line)
	}
}

// What was billed to an account that somebody has taken out of the registry is shown
// to who sees everything, and to nobody else.
func TestOrbInvoices_AnAccountThatIsGone(t *testing.T) {
	f := newOrbFacts(t)
	lost := orbIssuedOn("inv-1", 1, "100")
	lost.BillingAccount, lost.Lines[0].Account = "left", "left"
	f.invoices[orbMonth(1)] = []pricing.Invoice{lost}
	got, err := f.ask(t, "/v1/invoices/inv-1")
	if err != nil {
		t.Fatal(err)
	}
	if customer := got["customer"].(map[string]any); customer["id"] != "left" || got["amount_due"] != "100.00" {
		t.Errorf("the invoice is of %v and %v; want left and 100.00", customer, got["amount_due"])
	}
	r := &Request{Access: Access{Account: "acme", Scopes: []Scope{ScopeBillingRead}}, Facts: f}
	if b, err := readOrbBilled(t.Context(), r, ""); err != nil || len(b.issued) > 0 {
		t.Errorf("acme sees %v, %v; want nothing", b.issued, err)
	}
}

// The pages are what a server answers the paying account; of closings that stood
// before, the invoices that were paid lately or that a new note corrects.
func TestOrbPages_AreTheAnswersOfAServer(t *testing.T) {
	f := newOrbFacts(t)
	old := orbIssuedOn("inv-1", 1, "0") // paid when it was issued, on 2 February, over two months ago
	note := orbIssuedOn("note-1", 3, "-10")
	note.Kind, note.Corrects = pricing.KindCreditNote, pricing.Corrects{Closing: orbMonth(2), Invoice: "inv-2"}
	f.invoices = map[pricing.Month][]pricing.Invoice{orbMonth(1): {old}, orbMonth(2): {orbIssuedOn("inv-2", 2, "70")}, orbMonth(3): {orbIssuedOn("inv-3", 3, "30"), note}}
	f.ledger = []pricing.LedgerEntry{orbEntry("inv-1", "0", "0", old.IssuedAt), orbEntry("inv-2", "70", "0", f.asOf), orbEntry("note-1", "-10", "-70", f.asOf), orbEntry("inv-3", "30", "-60", f.asOf)}
	for _, c := range []struct {
		since pricing.Month
		want  []string
	}{
		{pricing.Month{}, []string{"inv-1", "inv-2", "inv-3", "note-1"}},
		{orbMonth(3), []string{"inv-2", "inv-3", "note-1"}}, // inv-2 because of its note
	} {
		var paths, want []string
		for page, err := range Orb().Pages(t.Context(), f, c.since) {
			if err != nil {
				t.Fatal(err)
			}
			if page.Account == "twin" {
				continue
			}
			paths = append(paths, page.Path)
			if id, ok := strings.CutPrefix(page.Path, "v1/invoices/"); ok {
				got, err := f.ask(t, "/v1/invoices/"+id)
				var shown map[string]any
				if err != nil || json.Unmarshal(page.Body, &shown) != nil || !reflect.DeepEqual(got, shown) {
					t.Errorf("page %s is %s, the server says %v (%v)", page.Path, page.Body, got, err)
				}
			}
			if page.Path == "v1/customers/acme/costs" && !strings.Contains(string(page.Body), `"total":"9.00"`) {
				t.Errorf("page %s is %s", page.Path, page.Body)
			}
		}
		want = []string{"v1/customers/acme/costs", "v1/subscriptions/s/costs", "v1/subscriptions/s/usage", "v1/invoices"}
		for _, id := range c.want {
			want = append(want, "v1/invoices/"+id)
		}
		slices.Sort(want[4:])
		slices.Sort(paths[4:])
		if !slices.Equal(paths, want) {
			t.Errorf("since %s the pages are %q, want %q", c.since, paths, want)
		}
	}
}

// In a book of points, worth 0.10 each, what stands before the conversion is in
// points: a fee of 100 points is 10.00.
func TestOrbInvoices_APricingUnit(t *testing.T) {
	books := new(orbFacts).Books()
	books[0].Unit, books[0].Versions[0].Worth = &pricing.PricingUnit{Name: "point", Digits: 0}, money.MustAmount("0.10")
	i := orbIssuedOn("inv-1", 1, "10")
	i.Lines[0].InUnit = &pricing.UnitAmounts{Name: "point", Worth: money.MustAmount("0.10"), Subtotal: money.MustAmount("100"), Total: money.MustAmount("100")}
	body, err := OrbIssued(newOrbFacts(t).reg, books, nil, &i)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Currency, Total string
		Lines           []struct {
			Subtotal, Amount string
			Adjusted         string `json:"adjusted_subtotal"`
			Price            struct {
				Currency string
				Rate     json.Number `json:"conversion_rate"`
			}
		} `json:"line_items"`
	}
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	if l := got.Lines[0]; got.Currency != "USD" || got.Total != "10.00" || l.Amount != "10.00" || l.Subtotal != "100" || l.Adjusted != "100" || l.Price.Currency != "point" || l.Price.Rate != "0.1" {
		t.Errorf("the invoice is %+v", got)
	}
}

// By its id a draft is found without a rating of anybody else, and an id that is
// nobody's costs none.
func TestOrbInvoices_ADraftByItsID(t *testing.T) {
	f := newOrbFacts(t)
	id := pricing.InvoiceID("Shop", "acme", "USD", pricing.KindInvoice, orbMonth(4), 1)
	got, err := f.ask(t, "/v1/invoices/"+id)
	if err != nil || got["id"] != id || got["status"] != "draft" || !slices.Equal(f.drafted, []string{"2026-04 acme"}) {
		t.Errorf("the draft is %v, made %q (%v)", got["id"], f.drafted, err)
	}
	f.drafted = nil
	var fault *Fault
	if _, err := f.ask(t, "/v1/invoices/inv_nobody"); !errors.As(err, &fault) || fault.Status != http.StatusNotFound || f.drafted != nil {
		t.Errorf("an unknown id: %v, made %q", err, f.drafted)
	}
}

// A timeframe of centuries is refused before anything is read, by days or not.
func TestOrbUsage_ATimeframeHasAnEnd(t *testing.T) {
	f := newOrbFacts(t)
	for query, refused := range map[string]bool{
		"timeframe_start=2023-01-01&timeframe_end=2026-01-05":                 false, // 1100 days
		"timeframe_start=2023-01-01&timeframe_end=2026-01-06":                 true,
		"timeframe_start=2023-01-01&timeframe_end=2026-01-06&granularity=day": true,
		"timeframe_start=1970-01-01&timeframe_end=8999-12-31":                 true,
	} {
		q, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		_, err = orbSubscriptionUsage(t.Context(), &Request{Path: func(string) string { return "s" }, Query: q, Access: Access{Scopes: []Scope{ScopeAdmin}}, Facts: f})
		var fault *Fault
		if errors.As(err, &fault) != refused || refused && fault.Status != http.StatusBadRequest {
			t.Errorf("%s: %v", query, err)
		}
	}
}
