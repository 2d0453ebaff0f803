package pricing_test

import (
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
)

// inTokens is a world whose book is in tokens of 0.25 CHF each.
func inTokens(prices ...pricing.Price) *world {
	w := oneAccount(prices...)
	w.book.Unit = &pricing.PricingUnit{Name: "token", Digits: 2}
	w.book.Versions[0].Worth = money.MustAmount("0.25")
	return w
}

// trueup-lago-unit: 7.00 units used under a minimum of 10.00: 3.00 units more,
// times 0.25 are 0.75. docs/billing-rules.md, Pricing units.
func TestSettle_ConvertsAfterAdjustments(t *testing.T) {
	used := metered("used", "sum", unitOf("1"))
	used.Adjust = []pricing.Adjustment{{Kind: pricing.MinimumCharge, Amount: money.MustAmount("10")}}
	w := inTokens(used)
	w.use("s", "sum", "2026-10-05T00:00:00Z", "7")
	got := w.settled(t, pricing.Funds{}, "2026-10")
	wantInvoice(t, got[0], "2.5 0 0 0 2.5")
	l := got[0].Invoices[0].Lines[0]
	if texts(l.Subtotal, l.Discount, l.UnitPrice, l.ExactSubtotal) != "1.75 -0.75 0.25 1.75" || l.InUnit.Total.String() != "10" {
		t.Errorf("subtotal, true-up, unit price, exact are %s, want 1.75 -0.75 0.25 1.75", texts(l.Subtotal, l.Discount, l.UnitPrice, l.ExactSubtotal))
	}
	rows := w.daily(t, "2026-10-05").Rows
	if len(rows) != 1 || rows[0].Currency != "token" || rows[0].CumulativeTotal.String() != "10" {
		t.Errorf("the day's rows are %+v, want 10 tokens", rows)
	}
}

// 300 tokens at 0.25; 100 are prepaid as tokens: 200 x 0.25 = 50.00; a credit of
// 10.00 CHF leaves 40.00, and 10 % of tax makes 44.00.
func TestSettle_CreditsInUnitsComeBeforeTheConversion(t *testing.T) {
	w := inTokens(fixedFee("fee", "300")).taxed("CH")
	tokens := grant("tokens", "100", "2026-10-01T00:00:00Z", "")
	tokens.Currency = "token"
	got := w.settled(t, pricing.Funds{
		Credits: []pricing.Grant{tokens, grant("francs", "10", "2026-10-01T00:00:00Z", "")}, Taxes: []pricing.Tax{tax("vat", "CH", "10")},
	}, "2026-10", "2026-11")
	wantInvoice(t, got[0], "75 35 4 0 44")
	wantInvoice(t, got[1], "75 0 7.5 0 82.5")
	wantStands(t, got[1], "balance -126.5", "credits francs 0", "credits tokens 0")
	if u := got[0].Invoices[0].Lines[0].InUnit; texts(u.Total, u.Credits) != "300 100" {
		t.Errorf("in tokens the line is %s, want 300 and 100", texts(u.Total, u.Credits))
	}
}

// A third of a franc each: 2 tokens are 0.67, and of 1 token left 0.33 are due, so
// the credit of 1 token is shown as 0.34: nothing is lost between the two.
func TestSettle_ConvertsWhatIsLeftAndNotTheCredit(t *testing.T) {
	w := inTokens(fixedFee("fee", "2"))
	w.book.Versions[0].Worth = money.MustAmount("0.33333333333333333333")
	token := grant("token", "1", "2026-10-01T00:00:00Z", "")
	token.Currency = "token"
	got := w.settled(t, pricing.Funds{Credits: []pricing.Grant{token}}, "2026-10")
	wantInvoice(t, got[0], "0.67 0.34 0 0 0.33")
}

// A payment in tokens would mix what is owed in francs with them.
func TestAddFunds_TakesCreditsButNoPaymentsInUnits(t *testing.T) {
	w := inTokens(fixedFee("fee", "2"))
	registry, _ := pricing.NewRegistry(w.accounts, w.subs, nil)
	p := payment("p", "1", "2026-10-01T00:00:00Z")
	p.Currency = "token"
	got := registry.AddFunds(pricing.Funds{Payments: []pricing.Payment{p}}, []string{"CHF"}, w.book.Units(), nil)
	if len(got) != 1 || got[0].Code != "currency_mismatch" {
		t.Errorf("problems are %+v, want currency_mismatch", got)
	}
}
