package pricing_test

import (
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
)

// gigabytes is a plan of traffic at 0.05 a GB, and what one of its months used.
func gigabytes(used map[string]string) *world {
	traffic := metered("traffic", "sum", unitOf("0.05"))
	traffic.Unit = "GB"
	w := oneAccount(traffic)
	for day, quantity := range used {
		w.use("s", "sum", day+"T12:00:00Z", quantity)
	}
	return w
}

func bought(id, amount, time, expires string) pricing.Grant {
	g := grant(id, amount, time, expires)
	g.Currency = "GB"
	return g
}

// By hand: 500 GB are bought. October uses 200, 10.00, all paid; November 400,
// 20.00, of which the 300 that are left pay 300/400, 15.00; December's 100 cost
// 5.00. docs/billing-rules.md, Units bought ahead.
func TestSettle_UnitsBoughtAheadLastSeveralMonths(t *testing.T) {
	w := gigabytes(map[string]string{"2026-10-05": "200", "2026-11-05": "400", "2026-12-05": "100"}).taxed("CH")
	got := w.settled(t, pricing.Funds{
		Credits: []pricing.Grant{bought("tx", "500", "2026-10-01T00:00:00Z", "")}, Taxes: []pricing.Tax{tax("vat", "CH", "10")},
	}, "2026-10", "2026-11", "2026-12")
	wantInvoice(t, got[0], "10 10 0 0 0")
	wantStands(t, got[0], "credits tx 300")
	wantInvoice(t, got[1], "20 15 0.5 0 5.5")
	wantStands(t, got[1], "balance -5.5", "credits tx 0")
	wantInvoice(t, got[2], "5 0 0.5 0 5.5")
}

// What is left when they expire is lost, after that month's usage: 500 - 200 are
// written off. Units in two credits are used in the order of credits.
func TestSettle_UnitsBoughtAheadExpire(t *testing.T) {
	w := gigabytes(map[string]string{"2026-10-05": "200", "2026-11-05": "100"})
	got := w.settled(t, pricing.Funds{Credits: []pricing.Grant{
		bought("later", "30", "2026-10-01T00:00:00Z", ""), bought("tx", "500", "2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z"),
	}}, "2026-10", "2026-11")
	wantInvoice(t, got[0], "10 10 0 0 0")
	wantStands(t, got[0], "credits later 30", "credits tx 0")
	wantInvoice(t, got[1], "5 1.5 0 0 3.5") // 30 of 100
}

// Units every month are lost with it, and money pays what they leave: 150 GB are
// 7.50, of which 100 are 5.00, and 2.00 of credit leave 0.50. Units of other
// things pay nothing.
func TestSettle_UnitsComeBeforeMoney(t *testing.T) {
	w := gigabytes(map[string]string{"2026-10-05": "150", "2026-11-05": "100"})
	each := bought("each", "100", "2026-10-01T00:00:00Z", "")
	each.Monthly = true
	other := bought("other", "100", "2026-10-01T00:00:00Z", "")
	other.Prices = []string{"another"}
	got := w.settled(t, pricing.Funds{Credits: []pricing.Grant{each, other, grant("chf", "2", "2026-10-01T00:00:00Z", "")}}, "2026-10", "2026-11")
	wantInvoice(t, got[0], "7.5 7 0 0 0.5")
	wantInvoice(t, got[1], "5 5 0 0 0")
	wantStands(t, got[1], "balance -0.5", "credits chf 0", "credits other 100")
}

// 3 GB at 0.005 are 0.015, so 0.02: of it 1 GB pays 0.0067, 2 GB 0.0133 and 3 GB
// all. What several credits pay of a line is rounded together. A line that costs
// nothing uses nothing.
func TestSettle_UnitsOfALineAreRoundedTogether(t *testing.T) {
	w := gigabytes(map[string]string{"2026-10-05": "3"})
	w.plan().Prices[0].Model = unitOf("0.005")
	third := func(id string) pricing.Grant { return bought(id, "1", "2026-10-01T00:00:00Z", "") }
	for n, want := range []string{"0.02 0 0 0 0.02", "0.02 0.01 0 0 0.01", "0.02 0.01 0 0 0.01", "0.02 0.02 0 0 0"} {
		credits := []pricing.Grant{third("a"), third("b"), third("c")}[:n]
		wantInvoice(t, w.settled(t, pricing.Funds{Credits: credits}, "2026-10")[0], want)
	}
	w.plan().Prices[0].Model = unitOf("0")
	wantStands(t, w.settled(t, pricing.Funds{Credits: []pricing.Grant{third("a")}}, "2026-10")[0], "credits a 1")
}

// A unit of the book's own is that, whatever a meter counts, and so is a
// currency; a unit that nothing counts is a fault.
func TestAddFunds_TakesCreditsInUnitsOfLines(t *testing.T) {
	for unit, want := range map[string]int{"GB": 0, "token": 0, "CHF": 0, "TB": 1, "EUR": 1} {
		registry, _ := pricing.NewRegistry([]pricing.Account{{ID: "acme"}}, nil, nil)
		g := grant("g", "1", "2026-10-01T00:00:00Z", "")
		g.Currency = unit
		if got := registry.AddFunds(pricing.Funds{Credits: []pricing.Grant{g}}, []string{"CHF"}, []string{"token"}, []string{"CHF", "GB", "token"}); len(got) != want {
			t.Errorf("a credit in %s has the problems %+v", unit, got)
		}
	}
	// The tokens of a payer pay tokens, not what a meter calls so.
	w := inTokens(metered("used", "sum", unitOf("2")))
	w.plan().Prices[0].Unit = "token"
	w.use("s", "sum", "2026-10-05T00:00:00Z", "10") // 20 tokens, 5.00
	g := grant("g", "10", "2026-10-01T00:00:00Z", "")
	g.Currency = "token"
	wantInvoice(t, w.settled(t, pricing.Funds{Credits: []pricing.Grant{g}}, "2026-10")[0], "5 2.5 0 0 2.5")
}

// In a book of tokens: 10 GB at 2 tokens are 20; 5 GB bought ahead leave 10, of
// which 4 are prepaid: 6 x 0.25 = 1.50 of 5.00.
func TestSettle_UnitsComeBeforeThePricingUnit(t *testing.T) {
	w := inTokens(metered("used", "sum", unitOf("2")))
	w.plan().Prices[0].Unit = "GB"
	w.use("s", "sum", "2026-10-05T00:00:00Z", "10")
	tokens := grant("tokens", "4", "2026-10-01T00:00:00Z", "")
	tokens.Currency = "token"
	got := w.settled(t, pricing.Funds{Credits: []pricing.Grant{tokens, bought("tx", "5", "2026-10-01T00:00:00Z", "")}}, "2026-10")
	wantInvoice(t, got[0], "5 3.5 0 0 1.5")
	wantStands(t, got[0], "balance -1.5", "credits tx 0", "credits tokens 0")
	if units := w.book.QuantityUnits(); len(units) != 1 || units[0] != "GB" {
		t.Errorf("credits may be in %v, want GB", units)
	}
	if l := got[0].Invoices[0].Lines[0]; l.Credits.Cmp(money.MustAmount("3.5")) != 0 || l.InUnit.Credits.Cmp(money.MustAmount("14")) != 0 {
		t.Errorf("credits are %s, and %s tokens", l.Credits, l.InUnit.Credits)
	}
}
