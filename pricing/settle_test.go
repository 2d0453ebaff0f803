package pricing_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
)

// settled closes months one after the other, each with what the one before left,
// and returns what each did. The ledgers are checked by Settle itself.
func (w *world) settled(t testing.TB, f pricing.Funds, months ...string) []pricing.Settlement {
	t.Helper()
	return w.settledAfter(t, f, pricing.Opening{}, months...)
}

// settledAfter is settled after a closing that has left an opening.
func (w *world) settledAfter(t testing.TB, f pricing.Funds, opening pricing.Opening, months ...string) []pricing.Settlement {
	t.Helper()
	var out []pricing.Settlement
	for i, month := range months {
		m, err := pricing.ParseMonth(month)
		if err != nil {
			t.Fatal(err)
		}
		registry, problems := pricing.NewRegistry(w.accounts, w.subs, w.resources)
		problems = append(problems, registry.AddFunds(f, []string{w.book.Currency.Code}, w.book.Units())...)
		if len(problems) > 0 {
			t.Fatalf("problems: %+v", problems)
		}
		r, err := pricing.NewRater(w.book, registry)
		if err != nil {
			t.Fatal(err)
		}
		c := pricing.Closing{Month: m, AsOf: m.Next().First().AddDays(2).UTC(), First: i == 0, Issuer: "Acme AG"}
		var invoices []pricing.Invoice
		for _, tree := range r.Trees() {
			got, err := r.Close(tree, pricing.TreeUsage{Rows: w.usageOf(tree)}, c)
			if err != nil || len(got.Parked) > 0 {
				t.Fatal(err, got.Parked)
			}
			invoices = append(invoices, got.Invoices...)
		}
		s, err := registry.Settle(c, invoices, opening)
		if err != nil {
			t.Fatal(err)
		}
		for _, inv := range s.Invoices {
			if err := pricing.CheckInvoice(inv); err != nil {
				t.Error(err)
			}
		}
		out, opening = append(out, s), pricing.Opening{Balances: s.Balances, Posted: s.Posted}
	}
	return out
}

// taxed puts account acme into a jurisdiction.
func (w *world) taxed(jurisdiction string) *world {
	w.accounts[0].Jurisdiction = jurisdiction
	return w
}

func tax(id, jurisdiction, rate string) pricing.Tax {
	return pricing.Tax{ID: id, Jurisdiction: jurisdiction, Rate: money.MustQuantity(rate)}
}

func grant(id, amount, time, expires string) pricing.Grant {
	g := pricing.Grant{ID: id, Account: "acme", Amount: money.MustAmount(amount), Currency: "CHF", Time: at(time), Kind: pricing.Prepaid}
	if expires != "" {
		g.Expires = at(expires)
	}
	return g
}

func payment(id, amount, time string) pricing.Payment {
	return pricing.Payment{ID: id, Account: "acme", Amount: money.MustAmount(amount), Currency: "CHF", Time: at(time)}
}

func change(id, amount, time string) pricing.BalanceAdjustment {
	return pricing.BalanceAdjustment{ID: id, Account: "acme", Amount: money.MustAmount(amount), Currency: "CHF", Time: at(time)}
}

// wantInvoice compares "total credits tax balance due" of the one invoice.
func wantInvoice(t testing.TB, s pricing.Settlement, want string) {
	t.Helper()
	if len(s.Invoices) != 1 {
		t.Fatalf("%d invoices, want 1", len(s.Invoices))
	}
	i := s.Invoices[0]
	if got := texts(i.Total, i.Credits, i.Tax, i.BalanceApplied, i.AmountDue); got != want {
		t.Errorf("total, credits, tax, balance, due are %s, want %s", got, want)
	}
}

func texts(amounts ...money.Amount) string {
	var out []string
	for _, a := range amounts {
		out = append(out, a.String())
	}
	return strings.Join(out, " ")
}

// wantStands compares "ledger credit end" of one account's balances.
func wantStands(t testing.TB, s pricing.Settlement, want ...string) {
	t.Helper()
	var got []string
	for _, b := range s.Balances {
		if b.Ledger == pricing.LedgerBalance || b.Ledger == pricing.LedgerCredits {
			got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s", b.Ledger, b.Credit))+" "+b.End.String())
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("balances are %q, want %q", got, want)
	}
}

// docs/billing-rules.md, Taxes, by the published cases of the vectors that the
// names say (testdata/vectors/pricing-vectors.jsonl).
func TestSettle_TaxesAreRoundedOnceAnInvoice(t *testing.T) {
	for _, c := range []struct {
		name, rate string
		digits     int32
		fees       []string
		want, due  string
	}{
		{"tax-fp-1", "8.875", 2, []string{"100.00"}, "8.88", "108.88"},
		{"tax-fp-3", "7.25", 2, []string{"123.45"}, "8.95", "132.4"},
		{"tax-fp-5", "10.5", 0, []string{"999"}, "105", "1104"},
		{"tax-fp-7", "0.1", 2, []string{"1.00"}, "0", "1"},
		{"spendmin-1: the fee is rounded before its tax", "20", 2, []string{"38.71"}, "7.74", "46.45"},
		{"spendmin-2", "20", 2, []string{"0.93"}, "0.19", "1.12"},
		{"billing-api-vectors 79", "8", 2, []string{"107.00"}, "8.56", "115.56"},
		// 3 x 0.333 = 0.999: 1.00 together, although each would round to 0.33.
		{"together", "10", 2, []string{"3.33", "3.33", "3.33"}, "1", "10.99"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var prices []pricing.Price
			for i, fee := range c.fees {
				prices = append(prices, fixedFee(fmt.Sprint("fee", i), fee))
			}
			w := oneAccount(prices...).taxed("CH")
			w.book.Currency.Digits = c.digits
			inv := w.settled(t, pricing.Funds{Taxes: []pricing.Tax{tax("vat", "CH", c.rate)}}, "2026-10")[0].Invoices[0]
			if inv.Tax.String() != c.want || inv.AmountDue.String() != c.due {
				t.Errorf("tax %s, due %s; want %s and %s", inv.Tax, inv.AmountDue, c.want, c.due)
			}
		})
	}
}

// The proration of spendmin-1 on the way: 50.00 x 24 / 31 = 38.709…, so 38.71.
func TestSettle_ProratedFeeIsRoundedBeforeItsTax(t *testing.T) {
	w := oneAccount(fixedFee("fee", "50.00")).taxed("CH")
	w.conventions().Proration = pricing.ProrateDays
	w.subs[0].Start = at("2026-10-08T00:00:00Z")
	got := w.settled(t, pricing.Funds{Taxes: []pricing.Tax{tax("vat", "CH", "20")}}, "2026-10")
	wantInvoice(t, got[0], "38.71 0 7.74 0 46.45")
}

// spendmin-4: fees 8.00 and 0.93, taxes 1.60 + 0.19, less 6.43 given back: 4.29.
func TestSettle_WhatIsGivenBackPaysTheNextInvoice(t *testing.T) {
	w := oneAccount(fixedFee("usage", "8.00"), fixedFee("true_up", "0.93")).taxed("CH")
	got := w.settled(t, pricing.Funds{
		Taxes:       []pricing.Tax{tax("vat", "CH", "20")},
		Adjustments: []pricing.BalanceAdjustment{change("note", "-6.43", "2026-10-20T00:00:00Z")},
	}, "2026-10")
	wantInvoice(t, got[0], "8.93 0 1.79 6.43 4.29")
	if l := got[0].Invoices[0].Lines; texts(l[0].Tax, l[1].Tax) != "1.6 0.19" {
		t.Errorf("taxes of the lines are %s, want 1.60 and 0.19", texts(l[0].Tax, l[1].Tax))
	}
	// 10.72 invoiced, 6.43 of it paid by the balance: 4.29 are owed.
	wantStands(t, got[0], "balance -4.29")
}

// 119.00 contain 19 % of 100.00. With a credit of 50.00 the customer pays 69.00,
// which contain 69 x 19 / 119 = 11.0168…, so 11.02.
func TestSettle_InclusiveTaxIsTakenOutOfThePrice(t *testing.T) {
	vat := tax("vat", "DE", "19")
	vat.Inclusive = true
	w := oneAccount(fixedFee("fee", "119.00")).taxed("DE")
	got := w.settled(t, pricing.Funds{Taxes: []pricing.Tax{vat}}, "2026-10")
	wantInvoice(t, got[0], "100 0 19 0 119")
	got = w.settled(t, pricing.Funds{Taxes: []pricing.Tax{vat}, Credits: []pricing.Grant{grant("g", "50", "2026-10-01T00:00:00Z", "")}}, "2026-10")
	wantInvoice(t, got[0], "107.98 50 11.02 0 69")
	if x := got[0].Invoices[0].Taxes[0]; x.Taxable.String() != "57.98" || !x.Inclusive {
		t.Errorf("taxable %s, want 57.98", x.Taxable)
	}
	// The explanation goes from the price to what is owed: 119 − 50 − 11.02 + 11.02.
	var steps []string
	for _, step := range (pricing.Explanation{}).Settled(got[0].Invoices[0].Lines[0]).Steps {
		steps = append(steps, string(step.Kind)+" "+step.Amount.String())
	}
	if want := []string{"credit -50", "tax -11.02", "tax 11.02"}; !slices.Equal(steps, want) {
		t.Errorf("steps are %q, want %q", steps, want)
	}
	// An exclusive tax beside it is of the net amount too: 10 % of 100.00.
	got = w.settled(t, pricing.Funds{Taxes: []pricing.Tax{vat, tax("levy", "DE", "10")}}, "2026-10")
	wantInvoice(t, got[0], "100 0 29 0 129")
}

// A tax holds where the account that used is, below its jurisdiction too, on the
// last day of the line, for the plans and prices that it names.
func TestSettle_TaxesHoldWhereAndWhenTheySay(t *testing.T) {
	date := func(s string) *pricing.Date { d := day(s); return &d }
	for _, c := range []struct {
		what   string
		change func(*pricing.Tax)
		of     string // jurisdiction of the account
		want   string
	}{
		{"its own", func(*pricing.Tax) {}, "US-NY", "10"},
		{"inside of it", func(*pricing.Tax) {}, "US-NY-NYC", "10"},
		{"around it", func(*pricing.Tax) {}, "US", "0"},
		{"another that begins alike", func(*pricing.Tax) {}, "US-NYX", "0"},
		{"none", func(*pricing.Tax) {}, "", "0"},
		{"begins on the last day", func(x *pricing.Tax) { x.Start = date("2026-10-31") }, "US-NY", "10"},
		{"begins after it", func(x *pricing.Tax) { x.Start = date("2026-11-01") }, "US-NY", "0"},
		{"ends on it", func(x *pricing.Tax) { x.End = date("2026-10-31") }, "US-NY", "0"},
		{"ends after it", func(x *pricing.Tax) { x.End = date("2026-11-01") }, "US-NY", "10"},
		{"of the plan", func(x *pricing.Tax) { x.Plans = []string{"p"} }, "US-NY", "10"},
		{"of another price", func(x *pricing.Tax) { x.Prices = []string{"other"} }, "US-NY", "0"},
	} {
		x := tax("ny", "US-NY", "10")
		c.change(&x)
		got := oneAccount(fixedFee("fee", "100")).taxed(c.of).settled(t, pricing.Funds{Taxes: []pricing.Tax{x}}, "2026-10")
		if got := got[0].Invoices[0].Tax.String(); got != c.want {
			t.Errorf("%s: tax %s, want %s", c.what, got, c.want)
		}
	}
}

// Two levels of tax add up, each rounded by itself: 4 % and 4.5 % of 99.99 are
// 3.9996 and 4.49955, so 4.00 + 4.50.
func TestSettle_TaxesOfSeveralLevelsAddUp(t *testing.T) {
	w := oneAccount(fixedFee("fee", "99.99")).taxed("US-NY-NYC")
	got := w.settled(t, pricing.Funds{Taxes: []pricing.Tax{tax("nyc", "US-NY-NYC", "4.5"), tax("ny", "US-NY", "4")}}, "2026-10")
	wantInvoice(t, got[0], "99.99 0 8.5 0 108.49")
	if x := got[0].Invoices[0].Taxes; len(x) != 2 || texts(x[0].Amount, x[1].Amount, x[1].Taxable) != "4 4.5 99.99" {
		t.Errorf("taxes %+v, want ny 4.00 and nyc 4.50", x)
	}
}

// credit-om: lines of 100 and 50, a credit of 150, used in the order of lines
// and recorded on each.
func TestSettle_CreditsPayLinesInOrder(t *testing.T) {
	w := oneAccount(fixedFee("first", "100"), fixedFee("second", "50"))
	got := w.settled(t, pricing.Funds{Credits: []pricing.Grant{grant("g", "150", "2026-10-01T00:00:00Z", "")}}, "2026-10")
	wantInvoice(t, got[0], "150 150 0 0 0")
	if l := got[0].Invoices[0].Lines; texts(l[0].Credits, l[1].Credits) != "100 50" {
		t.Errorf("credits of the lines are %s, want 100 and 50", texts(l[0].Credits, l[1].Credits))
	}
	wantStands(t, got[0], "credits g 0")
}

// ubi-order: 100 less 10 %, less a credit of 10, less the 2 that are free every
// month: 78. The monthly credit comes anew, the other is used up.
func TestSettle_MonthlyCreditsComeAnewAndAreNotSaved(t *testing.T) {
	fee := fixedFee("fee", "100")
	fee.Adjust = []pricing.Adjustment{{Kind: pricing.PercentDiscount, Percent: money.MustQuantity("10")}}
	free := grant("free", "2", "2026-01-01T00:00:00Z", "")
	free.Monthly, free.Priority, free.Kind = true, 1, pricing.Promotional
	w := oneAccount(fee)
	got := w.settled(t, pricing.Funds{Credits: []pricing.Grant{free, grant("bought", "10", "2026-10-01T00:00:00Z", "")}}, "2026-10", "2026-11")
	wantInvoice(t, got[0], "90 12 0 0 78")
	wantInvoice(t, got[1], "90 2 0 0 88")
	wantStands(t, got[1], "balance -166", "credits bought 0")
}

// The order is priority, the sooner to expire, promotional before paid, time, id.
func TestSettle_CreditsAreUsedInAFixedOrder(t *testing.T) {
	october := "2026-10-01T00:00:00Z"
	promotional := grant("c-promotional", "1", october, "2027-01-01T00:00:00Z")
	promotional.Kind = pricing.Promotional
	urgent := grant("z-priority", "1", october, "")
	urgent.Priority = -1
	credits := []pricing.Grant{
		grant("b-never", "1", october, ""), grant("a-never", "1", october, ""), grant("d-earlier", "1", "2026-09-01T00:00:00Z", ""),
		grant("b-soon", "1", october, "2027-01-01T00:00:00Z"), promotional, urgent,
	}
	want := []string{"z-priority", "c-promotional", "b-soon", "d-earlier", "a-never", "b-never"}
	for n := range want {
		w := oneAccount(fixedFee("fee", fmt.Sprint(n+1)))
		got := w.settled(t, pricing.Funds{Credits: credits}, "2026-10")[0]
		var used []string
		for _, e := range got.Entries {
			if e.Kind == pricing.EntryCreditUsed && e.Ledger == pricing.LedgerCredits {
				used = append(used, e.Credit)
			}
		}
		if !slices.Equal(used, want[:n+1]) {
			t.Errorf("a fee of %d used %q, want %q", n+1, used, want[:n+1])
		}
	}
}

// A credit of 100 pays 60 in October and 40 in November; what is left of another
// when it expires is written off.
func TestSettle_CreditsCarryOverAndExpire(t *testing.T) {
	w := oneAccount(fixedFee("fee", "60"))
	got := w.settled(t, pricing.Funds{Credits: []pricing.Grant{grant("g", "100", "2026-10-05T00:00:00Z", "")}}, "2026-10", "2026-11", "2026-12")
	wantInvoice(t, got[0], "60 60 0 0 0")
	wantInvoice(t, got[1], "60 40 0 0 20")
	wantInvoice(t, got[2], "60 0 0 0 60")
	wantStands(t, got[2], "balance -80", "credits g 0")

	got = w.settled(t, pricing.Funds{Credits: []pricing.Grant{grant("g", "100", "2026-10-05T00:00:00Z", "2026-11-01T00:00:00Z")}}, "2026-10", "2026-11")
	wantInvoice(t, got[0], "60 60 0 0 0")
	wantInvoice(t, got[1], "60 0 0 0 60")
	wantStands(t, got[0], "credits g 0")
	last := got[0].Entries[len(got[0].Entries)-2]
	if last.Kind != pricing.EntryCreditExpired || texts(last.Amount, last.Initial, last.End) != "40 40 0" {
		t.Errorf("last entry of the credit %+v, want 40 expired", last)
	}
}

// Lines of 100 and −30 are 70 together: a credit of 120 pays 70, and is not turned
// into a balance.
func TestSettle_CreditsPayNoMoreThanTheInvoice(t *testing.T) {
	w := oneAccount(fixedFee("fee", "100"), metered("back", "sum", unitOf("1")))
	w.use("s", "sum", "2026-10-05T00:00:00Z", "-30")
	got := w.settled(t, pricing.Funds{Credits: []pricing.Grant{grant("g", "120", "2026-10-01T00:00:00Z", "")}}, "2026-10")
	wantInvoice(t, got[0], "70 70 0 0 0")
	wantStands(t, got[0], "credits g 50")
}

// A credit pays lines of its account and of those below it alone, of its plans
// and prices, whose time overlaps its own.
func TestSettle_CreditsPayOnlyWhatTheyAreFor(t *testing.T) {
	october := "2026-10-01T00:00:00Z"
	for _, c := range []struct {
		what   string
		change func(*pricing.Grant)
		want   string
	}{
		{"all", func(*pricing.Grant) {}, "10"},
		{"given in November", func(g *pricing.Grant) { g.Time = at("2026-11-01T00:00:00Z") }, "0"},
		{"given on the last day", func(g *pricing.Grant) { g.Time = at("2026-10-31T00:00:00Z") }, "10"},
		{"expired before October", func(g *pricing.Grant) { g.Time, g.Expires = at("2026-09-01T00:00:00Z"), at(october) }, "0"},
		{"expires in October", func(g *pricing.Grant) { g.Expires = at("2026-10-02T00:00:00Z") }, "10"},
		{"another plan", func(g *pricing.Grant) { g.Plans = []string{"other"} }, "0"},
		{"the price", func(g *pricing.Grant) { g.Prices = []string{"fee"} }, "10"},
		{"another price", func(g *pricing.Grant) { g.Prices = []string{"other"} }, "0"},
		{"an account below that used nothing", func(g *pricing.Grant) { g.Account = "below" }, "0"},
		{"another currency that invoices have", func(g *pricing.Grant) { g.Currency = "EUR" }, "0"},
	} {
		g := grant("g", "10", october, "")
		c.change(&g)
		w := oneAccount(fixedFee("fee", "60"))
		w.accounts = append(w.accounts, pricing.Account{ID: "below", Parent: "acme"})
		registry, _ := pricing.NewRegistry(w.accounts, w.subs, nil)
		if problems := registry.AddFunds(pricing.Funds{Credits: []pricing.Grant{g}}, []string{"CHF", "EUR"}, nil); len(problems) > 0 {
			t.Fatal(problems)
		}
		closed := w.closed(t, "2026-10", true)
		m, _ := pricing.ParseMonth("2026-10")
		got, err := registry.Settle(pricing.Closing{Month: m, AsOf: at("2026-11-03T00:00:00Z")}, closed.Invoices, pricing.Opening{})
		if err != nil {
			t.Fatal(err)
		}
		if got := got.Invoices[0].Credits.String(); got != c.want {
			t.Errorf("%s: credits %s, want %s", c.what, got, c.want)
		}
	}
}

// A credit of the instant at which a line ends is too late for it, although the
// closing takes it up.
func TestSettle_ACreditOfALinesEndIsTooLate(t *testing.T) {
	w := oneAccount(fixedFee("fee", "60"))
	w.subs[0].End = at("2026-10-15T00:00:00Z")
	w.conventions().Proration = pricing.ProrateNone
	got := w.settled(t, pricing.Funds{Credits: []pricing.Grant{grant("g", "10", "2026-10-15T00:00:00Z", "")}}, "2026-10")
	wantInvoice(t, got[0], "60 0 0 0 60")
	wantStands(t, got[0], "balance -60", "credits g 10")
}

// An account that gets another payer leaves its credit with the one that had it
// first: it is neither given twice nor used by the other.
func TestSettle_ACreditStaysWithItsFirstPayer(t *testing.T) {
	g := grant("g", "10", "2026-10-01T00:00:00Z", "")
	first := pricing.LedgerKey{BillingAccount: "before", Currency: "CHF", Ledger: pricing.LedgerCredits, Credit: "g"}
	granted := pricing.LedgerKey{BillingAccount: "before", Currency: "CHF", Ledger: pricing.LedgerGranted}
	w := oneAccount(fixedFee("fee", "60"))
	w.accounts = append(w.accounts, pricing.Account{ID: "before"})
	registry, _ := pricing.NewRegistry(w.accounts, w.subs, nil)
	if problems := registry.AddFunds(pricing.Funds{Credits: []pricing.Grant{g}}, []string{"CHF"}, nil); len(problems) > 0 {
		t.Fatal(problems)
	}
	m, _ := pricing.ParseMonth("2026-10")
	opening := pricing.Opening{Balances: []pricing.Balance{
		{LedgerKey: first, End: money.MustAmount("10")}, {LedgerKey: granted, End: money.MustAmount("-10")},
	}}
	got, err := registry.Settle(pricing.Closing{Month: m, AsOf: at("2026-11-03T00:00:00Z")}, w.closed(t, "2026-10", true).Invoices, opening)
	if err != nil {
		t.Fatal(err)
	}
	wantInvoice(t, got, "60 0 0 0 60")
	wantStands(t, got, "balance -60", "credits g 10")
}

// creditcap-fp-1, -3, -5, -7: what is wanted, was paid, was given back before.
func TestCapCredit_NeverExceedsWhatWasPaid(t *testing.T) {
	a := money.MustAmount
	for _, c := range [][4]string{{"100", "200", "50", "100"}, {"100", "200", "180", "20"}, {"-50", "200", "50", "0"}, {"100", "0", "0", "0"}} {
		if got := pricing.CapCredit(a(c[0]), a(c[1]), a(c[2])); got.String() != c[3] {
			t.Errorf("of %s paid, less %s, %s are wanted: %s may be given back, want %s", c[1], c[2], c[0], got, c[3])
		}
	}
}

// creditcap-fp-3 in the books: of a payment of 200, 180 were given back and 100
// more are wanted: 20 are left. 200 − 180 − 20 leaves nothing but the fee owed.
func TestSettle_GivingBackIsHeldToThePayment(t *testing.T) {
	w := oneAccount(fixedFee("fee", "60"))
	first, second := change("a", "-180", "2026-10-03T00:00:00Z"), change("b", "-100", "2026-11-04T00:00:00Z")
	first.Payment, second.Payment = "paid", "paid"
	got := w.settled(t, pricing.Funds{
		Payments: []pricing.Payment{payment("paid", "200", "2026-10-02T00:00:00Z")}, Adjustments: []pricing.BalanceAdjustment{first, second},
	}, "2026-10", "2026-11")
	wantInvoice(t, got[0], "60 0 0 60 0")
	wantStands(t, got[0], "balance 320") // 200 + 180 − 60
	wantStands(t, got[1], "balance 280") // + 20 − 60
}

// Vector 48 of billing-api-vectors.md: a chain of 20 decimals.
func TestSettle_ChainsEntriesToTheLastDigit(t *testing.T) {
	w := oneAccount(fixedFee("fee", "0"))
	got := w.settled(t, pricing.Funds{
		Payments:    []pricing.Payment{payment("card", "469291.07502821435786823786", "2026-10-02T00:00:00Z")},
		Adjustments: []pricing.BalanceAdjustment{change("burst", "0.00014583333333333333", "2026-10-03T00:00:00Z")},
	}, "2026-10")[0]
	e := got.Entries[2]
	if e.Ledger != pricing.LedgerBalance || texts(e.Initial, e.Amount, e.End) != "469291.07502821435786823786 0.00014583333333333333 469291.07488238102453490453" {
		t.Errorf("entry %+v", e)
	}
}

// A payment pays the invoices that follow; what was entered once is not entered
// again; one that comes to light late is entered by the next closing.
func TestSettle_PaymentsAreEnteredOnce(t *testing.T) {
	w := oneAccount(fixedFee("fee", "60"))
	early := pricing.Funds{Payments: []pricing.Payment{payment("p1", "100", "2026-10-10T00:00:00Z"), payment("p2", "30", "2026-11-01T00:00:00Z")}}
	got := w.settled(t, early, "2026-10", "2026-11")
	wantInvoice(t, got[0], "60 0 0 60 0")
	wantStands(t, got[0], "balance 40")
	wantInvoice(t, got[1], "60 0 0 60 0") // 40 + 30 are enough
	wantStands(t, got[1], "balance 10")
	if len(got[1].Posted) != 2 {
		t.Errorf("entered are %v, want both payments", got[1].Posted)
	}
}

// What was paid before the first closing's month paid invoices of other books.
func TestSettle_LeavesOutPaymentsFromBeforeTheBooks(t *testing.T) {
	registry, _ := pricing.NewRegistry([]pricing.Account{{ID: "acme", TimeZone: "Europe/Zurich"}}, nil, nil)
	registry.AddFunds(pricing.Funds{Payments: []pricing.Payment{
		payment("before", "1", "2026-09-30T21:59:59Z"), payment("first", "2", "2026-09-30T22:00:00Z"), // midnight in Zurich
	}}, []string{"CHF"}, nil)
	m, _ := pricing.ParseMonth("2026-10")
	got, err := registry.Settle(pricing.Closing{Month: m, Since: m}, nil, pricing.Opening{})
	if err != nil {
		t.Fatal(err)
	}
	wantStands(t, got, "balance 2")
}

func TestSettle_AnInvoiceBelowZeroIsAddedToTheBalance(t *testing.T) {
	w := oneAccount(metered("back", "sum", unitOf("1")))
	w.use("s", "sum", "2026-10-05T00:00:00Z", "-25")
	w.use("s", "sum", "2026-11-05T00:00:00Z", "40")
	got := w.settled(t, pricing.Funds{}, "2026-10", "2026-11")
	wantInvoice(t, got[0], "-25 0 0 -25 0")
	wantStands(t, got[0], "balance 25")
	wantInvoice(t, got[1], "40 0 0 25 15")
}

// Rows that cannot be used park their account, and no one else.
func TestAddFunds_ReportsRowsThatCannotBeUsed(t *testing.T) {
	twice := grant("twice", "1", "2026-10-01T00:00:00Z", "")
	euro := payment("euro", "1", "2026-10-01T00:00:00Z")
	euro.Currency = "EUR"
	strange := change("strange", "-1", "2026-10-01T00:00:00Z")
	strange.Payment = "nowhere"
	nobody := payment("nobody", "1", "2026-10-01T00:00:00Z")
	nobody.Account = "nobody"
	registry, _ := pricing.NewRegistry([]pricing.Account{{ID: "acme", Jurisdiction: "CH"}}, nil, nil)
	problems := registry.AddFunds(pricing.Funds{
		Credits: []pricing.Grant{
			twice, twice, grant("zero", "0", "2026-10-01T00:00:00Z", ""),
			grant("late", "1", "2026-10-02T00:00:00Z", "2026-10-02T00:00:00Z"),
		},
		Payments: []pricing.Payment{euro, nobody}, Adjustments: []pricing.BalanceAdjustment{strange},
		Taxes: []pricing.Tax{tax("huge", "CH", "1001")},
	}, []string{"CHF"}, nil)
	var got []string
	for _, p := range problems {
		got = append(got, p.Kind+" "+p.ID+" "+p.Account+" "+p.Code)
	}
	want := []string{
		"adjustment strange acme unknown_payment", "credit late acme ends_before_start",
		"credit twice acme duplicate_id", "credit twice acme duplicate_id", "credit zero acme bad_amount",
		"payment euro acme currency_mismatch", "payment nobody nobody unknown_account", "tax huge acme bad_rate",
	}
	if !slices.Equal(got, want) {
		t.Errorf("problems are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
