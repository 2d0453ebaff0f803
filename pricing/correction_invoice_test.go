package pricing_test

import (
	"fmt"
	"slices"
	"testing"

	"daybook/pricing"
)

// corrected closes October and November for a world whose late usage comes to
// so much, once for each mode.
func corrected(t *testing.T, mode pricing.CorrectionMode, change func(w *world), months ...string) []pricing.Invoice {
	t.Helper()
	w := used("1")
	ch := chained(w, mode)
	ch.close(t, month("2026-10"))
	for _, m := range months {
		ch.close(t, month(m))
	}
	change(w)
	last := month("2026-10")
	for range len(months) + 1 {
		last = last.Next()
	}
	return ch.close(t, last).Invoices
}

func kinds(invoices []pricing.Invoice) []string {
	var out []string
	for _, i := range invoices {
		out = append(out, fmt.Sprint(i.Kind, " ", i.Ordinal, " ", i.Corrects.Closing, " ", i.Total))
	}
	return out
}

func TestArrange_PutsCorrectionsWhereTheModeSays(t *testing.T) {
	none := pricing.Month{}.String()
	ended := func(w *world) { w.subs[0].End = at("2026-11-01T00:00:00Z") }
	for _, c := range []struct {
		name   string
		mode   pricing.CorrectionMode
		change func(w *world)
		want   []string
	}{
		{"on the next invoice", pricing.NextInvoice, func(w *world) { w.use("s", "sum", "2026-10-06T00:00:00Z", "1") }, []string{"invoice 1 " + none + " 120"}},
		{"which comes to less than zero", pricing.NextInvoice, func(w *world) { w.usage = nil }, []string{"credit_note 1 " + none + " -80"}},
		{"less, of an account without one", pricing.NextInvoice, func(w *world) { ended(w); w.usage = nil }, []string{"credit_note 1 2026-10 -100"}},
		{"more, of an account without one", pricing.NextInvoice, func(w *world) { ended(w); w.use("s", "sum", "2026-10-06T00:00:00Z", "1") }, []string{"debit_note 1 2026-10 100"}},
		{"a note for less", pricing.Notes, func(w *world) { w.usage = nil }, []string{"credit_note 1 2026-10 -100", "invoice 1 " + none + " 20"}},
		{"a note for more", pricing.Notes, func(w *world) { w.use("s", "sum", "2026-10-06T00:00:00Z", "1") }, []string{"debit_note 1 2026-10 100", "invoice 1 " + none + " 20"}},
	} {
		if got := kinds(corrected(t, c.mode, c.change)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// Each closing has a note of its own; on an invoice the lines say what they
// correct, the earliest closing first.
func TestArrange_SeveralClosings(t *testing.T) {
	both := func(w *world) {
		w.use("s", "sum", "2026-11-06T00:00:00Z", "2")
		w.use("s", "sum", "2026-10-06T00:00:00Z", "1")
	}
	got := corrected(t, pricing.Notes, both, "2026-11")
	slices.SortFunc(got, func(a, b pricing.Invoice) int { return int(a.Corrects.Closing.First() - b.Corrects.Closing.First()) })
	if want := []string{"invoice 1 " + pricing.Month{}.String() + " 20", "debit_note 1 2026-10 100", "debit_note 2 2026-11 200"}; !slices.Equal(kinds(got), want) {
		t.Errorf("notes are %q, want %q", kinds(got), want)
	}
	got = corrected(t, pricing.NextInvoice, both, "2026-11")
	wantCorrections(t, got[0], "used 1 100 0 100", "used 2 200 0 200")
}

// A draft of a note says that it is one.
func TestArrange_DraftsAreWhatTheyWouldBeIssuedAs(t *testing.T) {
	c := pricing.Closing{Month: month("2026-11"), Draft: true, Issuer: "Acme AG"}
	w := used("1")
	late := pricing.Correction{
		Closing: month("2026-10"), BillingAccount: "acme", Currency: w.book.Currency,
		Lines: []pricing.Line{{Account: "acme", Price: "used", For: month("2026-10"), Corrects: pricing.Corrects{Closing: month("2026-10")}, Total: minimumCharge("5").Amount.Neg()}},
	}
	if got := c.Arrange(nil, []pricing.Correction{late}, pricing.Notes, nil); len(got) != 1 || got[0].Kind != pricing.KindCreditNote || got[0].Status != "draft" || got[0].Total.String() != "-5" {
		t.Errorf("a draft's correction is %+v, want the draft of a credit note of 5", got)
	}
}

func TestCheckInvoice_FindsKindsThatTheLinesBelie(t *testing.T) {
	note := corrected(t, pricing.Notes, func(w *world) { w.usage = nil })[0]
	more := corrected(t, pricing.Notes, func(w *world) { w.use("s", "sum", "2026-10-06T00:00:00Z", "1") })[0]
	bill := corrected(t, pricing.NextInvoice, func(w *world) { w.use("s", "sum", "2026-10-06T00:00:00Z", "1") })[0]
	for _, c := range []struct {
		what   string
		of     pricing.Invoice
		change func(i *pricing.Invoice)
	}{
		{"an invoice that takes back", note, func(i *pricing.Invoice) { i.Kind, i.Corrects = pricing.KindInvoice, pricing.Corrects{} }},
		{"a debit note that takes back", note, func(i *pricing.Invoice) { i.Kind = pricing.KindDebitNote }},
		{"a credit note that charges", more, func(i *pricing.Invoice) { i.Kind = pricing.KindCreditNote }},
		{"a debit note with a charge", bill, func(i *pricing.Invoice) { i.Kind = pricing.KindDebitNote }},
		{"a credit note without corrections", note, func(i *pricing.Invoice) { i.Lines[0].Corrects = pricing.Corrects{} }},
		{"an invoice that corrects one", bill, func(i *pricing.Invoice) { i.Corrects = i.Lines[len(i.Lines)-1].Corrects }},
		{"a line for another closing", note, func(i *pricing.Invoice) { i.Lines[0].For = month("2026-09") }},
	} {
		i := copied(c.of)
		if err := pricing.CheckInvoice(i); err != nil {
			t.Fatalf("%s: before it is changed: %v", c.what, err)
		}
		if c.change(&i); pricing.CheckInvoice(i) == nil {
			t.Errorf("%s is not found", c.what)
		}
	}
}
