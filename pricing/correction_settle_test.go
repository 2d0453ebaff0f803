package pricing_test

import (
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
)

// used is a world that owes 100.00 for each unit, and 20.00 a month.
func used(units string) *world {
	w := oneAccount(metered("used", "sum", unitOf("100")), fixedFee("fee", "20"))
	w.use("s", "sum", "2026-10-05T00:00:00Z", units)
	return w
}

// A correction is taxed as the invoice was that it corrects: one unit more at
// 7.7 %, beside November's fee at 8.1 %.
func TestSettle_CorrectionsAreTaxedAsIssued(t *testing.T) {
	w := used("1").taxed("CH")
	ch := chained(w, pricing.NextInvoice)
	ch.funds.Taxes = []pricing.Tax{tax("vat", "CH", "7.7")}
	ch.close(t, month("2026-10"))
	w.use("s", "sum", "2026-10-06T00:00:00Z", "1")
	ch.funds.Taxes = []pricing.Tax{tax("vat", "CH", "8.1")}
	got := ch.close(t, month("2026-11")).Invoices[0]
	if len(got.Taxes) != 2 || got.Taxes[0].Rate.String() != "7.7" || got.Taxes[0].Amount.String() != "7.7" || got.Taxes[1].Rate.String() != "8.1" || got.Taxes[1].Amount.String() != "1.62" {
		t.Errorf("taxes are %+v, want 7.70 of 100.00 at 7.7 and 1.62 of 20.00 at 8.1", got.Taxes)
	}
}

// A price that nothing was issued for is taxed by the registry, at the rate that
// the invoice had; who was exempt stays so for the charges that were issued.
func TestSettle_NewChargesOfACorrectionAreTaxedAtTheRateThatWasIssued(t *testing.T) {
	for _, c := range []struct{ name, issued, now, want string }{
		{"another rate", "7.7", "8.1", "7.7"},
		{"none was issued", "", "8.1", "8.1"},
	} {
		w := oneAccount(metered("used", "sum", unitOf("100")), fixedFee("fee", "20"))
		w.taxed("CH")
		ch := chained(w, pricing.NextInvoice)
		if c.issued != "" {
			ch.funds.Taxes = []pricing.Tax{tax("vat", "CH", c.issued)}
		}
		ch.close(t, month("2026-10"))
		w.use("s", "sum", "2026-10-06T00:00:00Z", "1")
		ch.funds.Taxes = []pricing.Tax{tax("vat", "CH", c.now)}
		got := ch.close(t, month("2026-11")).Invoices[0]
		l := got.Lines[len(got.Lines)-1]
		if l.Price != "used" || len(l.Taxes) != 1 || l.Taxes[0].Rate.String() != c.want {
			t.Errorf("%s: the late usage owes %+v, want %s per cent", c.name, l.Taxes, c.want)
		}
	}
	w := used("1").taxed("EXEMPT")
	ch := chained(w, pricing.NextInvoice)
	ch.funds.Taxes = []pricing.Tax{tax("vat", "CH", "8.1")}
	ch.close(t, month("2026-10"))
	w.taxed("CH").use("s", "sum", "2026-10-06T00:00:00Z", "1")
	if got := ch.close(t, month("2026-11")).Invoices[0]; got.Tax.String() != "1.62" {
		t.Errorf("tax is %s, want that of November's fee alone: October's invoice owed none", got.Tax)
	}
}

// 119.00 contain 19.00: what is taken back is 100.00 and its tax.
func TestSettle_ACorrectionGivesContainedTaxBack(t *testing.T) {
	w := oneAccount(metered("used", "sum", unitOf("119")))
	w.taxed("CH").use("s", "sum", "2026-10-05T00:00:00Z", "1")
	ch := chained(w, pricing.NextInvoice)
	ch.funds.Taxes = []pricing.Tax{tax("vat", "CH", "19")}
	ch.funds.Taxes[0].Inclusive = true
	ch.close(t, month("2026-10"))
	w.usage = nil
	s := ch.close(t, month("2026-11"))
	i := s.Invoices[0]
	if i.Kind != pricing.KindCreditNote || texts(i.Total, i.Tax, i.BalanceApplied, i.AmountDue) != "-100 -19 -119 0" {
		t.Errorf("%s of %s, want a credit note: -100 -19 -119 0", i.Kind, texts(i.Total, i.Tax, i.BalanceApplied, i.AmountDue))
	}
	if e := s.Entries[0]; e.Kind != pricing.EntryCreditNote || e.Source != i.ID {
		t.Errorf("the first entry is %+v, want the credit note", e)
	}
	wantStands(t, s, "balance 0")
}

// In tokens, the difference is in tokens and in money: the worth has changed
// too. 4 tokens at 0.25 were 1.00; 6 at 0.50 are 3.00.
func TestCorrect_InAPricingUnitIsInBoth(t *testing.T) {
	w := inTokens(metered("used", "sum", unitOf("1")))
	w.use("s", "sum", "2026-10-05T00:00:00Z", "4")
	ch := chained(w, pricing.NextInvoice)
	ch.close(t, month("2026-10"))
	w.use("s", "sum", "2026-10-06T00:00:00Z", "2")
	w.book.Versions[0].Worth = money.MustAmount("0.50")
	tokens := grant("tokens", "1", "2026-10-01T00:00:00Z", "")
	tokens.Currency = "token"
	ch.funds.Credits = []pricing.Grant{tokens}
	i := ch.close(t, month("2026-11")).Invoices[0]
	l := i.Lines[0]
	// A token pays half of the two, and so half of what they come to.
	if texts(l.Total, l.InUnit.Total, l.InUnit.Credits, l.Credits) != "2 2 1 1" {
		t.Errorf("money, tokens, tokens paid and their worth are %s, want 2 2 1 1", texts(l.Total, l.InUnit.Total, l.InUnit.Credits, l.Credits))
	}
	ch.check(t)
}

// A monthly credit of 10.00 is given once to a note and an invoice of one closing:
// the debit note of 7.00 has 7.00, the invoice the other 3.00.
func TestSettle_NotesAndInvoicesShareCredits(t *testing.T) {
	w := oneAccount(metered("used", "sum", unitOf("7")), fixedFee("fee", "20"))
	ch := chained(w, pricing.Notes)
	ch.close(t, month("2026-10"))
	w.use("s", "sum", "2026-10-06T00:00:00Z", "1")
	monthly := grant("m", "10", "2026-11-01T00:00:00Z", "")
	monthly.Monthly = true
	ch.funds.Credits = []pricing.Grant{monthly}
	// It pays lines that overlap it, and October's does not: it is of September on.
	ch.funds.Credits[0].Time = at("2026-09-01T00:00:00Z")
	s := ch.close(t, month("2026-11"))
	if len(s.Invoices) != 2 || s.Invoices[0].Kind != pricing.KindDebitNote || s.Invoices[0].Credits.String() != "7" || s.Invoices[1].Credits.String() != "3" {
		t.Errorf("invoices are %+v, want a debit note with credits of 7.00 and an invoice with 3.00", s.Invoices)
	}
}

// A supplement's entries go on from those of its closing, and its balances from
// where the closing before left them; a monthly credit is not given anew.
func TestSettle_ASupplementGoesOn(t *testing.T) {
	w := oneAccount(fixedFee("fee", "6"))
	monthly := grant("m", "10", "2026-09-01T00:00:00Z", "")
	monthly.Monthly = true
	ch := chained(w, pricing.NextInvoice)
	ch.funds.Credits = []pricing.Grant{monthly}
	s := ch.close(t, month("2026-10"))
	late := pricing.Correction{Closing: month("2026-10"), BillingAccount: "acme", Currency: w.book.Currency}
	l := s.Invoices[0].Lines[0]
	l.Price, l.Credits, l.For = "more", money.Amount{}, month("2026-10")
	late.Lines = []pricing.Line{l}
	c := ch.closings[0]
	_, registry := ch.rater(t)
	invoices := c.Arrange(nil, []pricing.Correction{late}, pricing.NextInvoice, s.Invoices)
	if len(invoices) != 1 || invoices[0].Ordinal != 2 || invoices[0].ID == s.Invoices[0].ID || invoices[0].Lines[0].For != (pricing.Month{}) {
		t.Fatalf("the supplement has %+v, want a second invoice of October's own", invoices)
	}
	more, err := registry.Settle(c, invoices, pricing.Opening{Balances: s.Balances, Posted: s.Posted, Supplements: true, Entered: s.Entries})
	if err != nil {
		t.Fatal(err)
	}
	if i := more.Invoices[0]; texts(i.Total, i.Credits, i.AmountDue) != "6 4 2" {
		t.Errorf("total, credits, due are %s, want 6 4 2: 6 of 10 were used", texts(i.Total, i.Credits, i.AmountDue))
	}
	last := s.Entries[len(s.Entries)-1]
	if first := more.Entries[0]; first.Number != last.Number+1 || first.Transaction != last.Transaction+1 {
		t.Errorf("the first entry is %+v, want it to follow %+v", first, last)
	}
	seen := map[string]bool{}
	for _, e := range append(s.Entries, more.Entries...) {
		if seen[e.ID] {
			t.Errorf("entry %s stands twice", e.ID)
		}
		seen[e.ID] = true
	}
	wantStands(t, more, "balance -2")
	for _, b := range more.Balances {
		if b.Ledger == pricing.LedgerBalance && !b.Initial.IsZero() {
			t.Errorf("the balance begins at %s, want where September left it", b.Initial)
		}
	}
}
