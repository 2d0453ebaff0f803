package book

import (
	"slices"
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
)

// invoice closes the figure's month and settles it.
func (w apiWorld) invoice(t *testing.T) pricing.Invoice {
	t.Helper()
	f := w.figure
	month, err := pricing.ParseMonth(f.Month)
	if err != nil {
		t.Fatal(err)
	}
	var usage pricing.TreeUsage
	for _, u := range f.Usage {
		usage.Rows = append(usage.Rows, w.event(t, u))
	}
	rater, tree := w.rater(t)
	closing := pricing.Closing{Month: month, AsOf: month.Next().First().AddDays(2).UTC(), Issuer: "Vector"}
	got, err := rater.Close(tree, usage, closing)
	if err != nil || len(got.Parked) > 0 {
		t.Fatalf("parked %+v, error %v", got.Parked, err)
	}
	settled, err := w.registry(t).Settle(closing, got.Invoices, pricing.Opening{})
	if err != nil {
		t.Fatal(err)
	}
	f.compareChain(t, settled.Entries)
	invoice := pricing.Invoice{}
	if len(settled.Invoices) > 0 {
		invoice = settled.Invoices[0]
		if err := pricing.CheckInvoice(invoice); err != nil {
			t.Error(err)
		}
	}
	return invoice
}

// compareChain compares the entry of the adjustment in the balance's chain.
func (f apiFigure) compareChain(t *testing.T, entries []pricing.LedgerEntry) {
	t.Helper()
	var got []string
	for _, e := range entries {
		if e.Kind == pricing.EntryAdjustment && e.Ledger == pricing.LedgerBalance {
			got = append(got, e.Initial.String(), e.Amount.String(), e.End.String())
		}
	}
	if !slices.Equal(got, f.Chain) {
		t.Errorf("the chain is %v, want %v", got, f.Chain)
	}
}

// checkMonth compares a month's invoice with the figure.
func (w apiWorld) checkMonth(t *testing.T) {
	f, invoice := w.figure, w.invoice(t)
	f.compareLines(t, invoice)
	if f.Line == "" {
		f.same(t, "total", invoice.Total.Fraction(), f.Want)
	} else {
		line := lineNamed(invoice.Lines, f.Line)
		f.same(t, "the exact amount", line.ExactSubtotal.Fraction(), f.Want)
		if f.Gross != "" { // parts below zero are discounts
			var gross, off money.Fraction
			for _, p := range line.Parts {
				if p.Amount.Sign() < 0 {
					off = off.Sub(p.Amount.Fraction())
				} else {
					gross = gross.Add(p.Amount.Fraction())
				}
			}
			f.same(t, "gross", gross, f.Gross)
			f.same(t, "discount", off, f.Discount)
		}
		if f.Quantity != "" && line.Quantity.Cmp(qty(f.Quantity)) != 0 {
			t.Errorf("the quantity is %s, want %s", line.Quantity, f.Quantity)
		}
	}
	if f.TaxRate != "" {
		f.same(t, "tax", invoice.Tax.Fraction(), f.Tax)
		f.same(t, "amount due", invoice.AmountDue.Fraction(), f.Due)
	}
	for plan, want := range f.Plans {
		var sum money.Amount
		for _, l := range invoice.Lines {
			if l.Plan == plan {
				sum = sum.Add(l.Total)
			}
		}
		f.same(t, "plan "+plan, sum.Fraction(), want)
	}
	for account, want := range f.Own {
		i := slices.IndexFunc(invoice.Own, func(l pricing.Line) bool { return l.Account == account && l.Total.Sign() != 0 })
		if i < 0 {
			t.Errorf("%s is not shown its own cost", account)
			continue
		}
		f.same(t, "own cost of "+account, invoice.Own[i].Total.Fraction(), want)
	}
	for name, want := range f.Parts {
		var sum money.Fraction
		for _, l := range invoice.Lines {
			sum = sum.Add(partsNamed(l.Parts, name))
		}
		f.same(t, "parts of "+name, sum, want)
	}
}

// compareLines compares the totals of prices with the figure's.
func (f apiFigure) compareLines(t *testing.T, invoice pricing.Invoice) {
	t.Helper()
	for id, want := range f.Lines {
		f.same(t, id, lineNamed(invoice.Lines, id).Total.Fraction(), want)
	}
}

// lineNamed adds up the lines of a price.
func lineNamed(lines []pricing.Line, price string) pricing.Line {
	var out pricing.Line
	for _, l := range lines {
		if l.Price == price {
			out.Quantity, out.Parts = out.Quantity.Add(l.Quantity), append(out.Parts, l.Parts...)
			out.Total, out.ExactSubtotal = out.Total.Add(l.Total), out.ExactSubtotal.Add(l.ExactSubtotal)
		}
	}
	return out
}
