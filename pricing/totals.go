package pricing

import (
	"fmt"

	"daybook/pricing/money"
)

// DayTotals sums the billed rows of one day by currency: "CHF" is the day's
// total and "CHF cumulative" the total since each period began, both exact.
func DayTotals(rows []CostRow) map[string]string {
	sums := map[string]money.Amount{}
	for _, r := range rows {
		if r.Scope != ScopeBilled {
			continue
		}
		sums[r.Currency] = sums[r.Currency].Add(r.Total)
		sums[r.Currency+" cumulative"] = sums[r.Currency+" cumulative"].Add(r.CumulativeTotal)
	}
	return texts(sums)
}

// ClosingTotals sums invoices by currency: "CHF" is their total and "CHF due"
// what is to be paid.
func ClosingTotals(invoices []Invoice) map[string]string {
	sums := map[string]money.Amount{}
	for _, i := range invoices {
		sums[i.Currency.Code] = sums[i.Currency.Code].Add(i.Total)
		sums[i.Currency.Code+" due"] = sums[i.Currency.Code+" due"].Add(i.AmountDue)
	}
	return texts(sums)
}

func texts(sums map[string]money.Amount) map[string]string {
	out := make(map[string]string, len(sums))
	for k, v := range sums {
		out[k] = v.String()
	}
	return out
}

// CheckInvoice reports a breach of an invoice's own sums: free and billed to
// quantity, lines to columns, amount due = total − credits + tax − balance
// applied, and its taxes; or of a note whose kind and lines do not fit. Nothing is
// published over it.
func CheckInvoice(i Invoice) error {
	var subtotal, discount, total, credits, tax money.Amount
	for n := range i.Lines {
		l := &i.Lines[n] // a line is wide
		if l.Quantity.Cmp(l.Free.Add(l.Billed)) != 0 {
			return fmt.Errorf("invoice %s of account %s does not add up: line %d has a quantity of %s, of which %s is free and %s billed",
				i.ID, i.BillingAccount, l.Number, l.Quantity, l.Free, l.Billed)
		}
		subtotal, discount, total = subtotal.Add(l.Subtotal), discount.Add(l.Discount), total.Add(l.Total)
		credits, tax = credits.Add(l.Credits), tax.Add(l.Tax)
	}
	var taxes money.Amount
	for _, t := range i.Taxes {
		taxes = taxes.Add(t.Amount)
	}
	for _, c := range []struct {
		what      string
		sum, want money.Amount
	}{
		{"subtotal", subtotal, i.Subtotal},
		{"discount", discount, i.Discount},
		{"total", total, i.Total},
		{"credits", credits, i.Credits},
		{"tax", tax, i.Tax},
		{"total by subtotal − discount", subtotal.Sub(discount), i.Total},
		{"tax by its taxes", taxes, i.Tax},
		{"amount due", total.Sub(credits).Add(tax).Sub(i.BalanceApplied), i.AmountDue},
	} {
		if c.sum.Cmp(c.want) != 0 {
			return fmt.Errorf("invoice %s of account %s does not add up: %s is %s, its lines make %s", i.ID, i.BillingAccount, c.what, c.want, c.sum)
		}
	}
	return i.checkCorrects()
}

// checkCorrects reports a note, or an invoice with corrections, whose kind its
// lines belie.
func (i *Invoice) checkCorrects() error {
	var sum money.Amount // in the prices' terms
	corrections := 0
	for n := range i.Lines {
		l := &i.Lines[n]
		sum = sum.Add(l.Total).Add(l.ContainedTax)
		switch {
		case !l.corrects():
			continue
		case l.For != l.Corrects.Closing:
			return fmt.Errorf("invoice %s of account %s: line %d corrects closing %s, but is for %s", i.ID, i.BillingAccount, l.Number, l.Corrects.Closing, l.For)
		}
		corrections++
	}
	wrong := func(what string) error {
		return fmt.Errorf("%s %s of account %s %s; its lines make %s", i.Kind, i.ID, i.BillingAccount, what, sum)
	}
	switch {
	case i.Kind == KindCreditNote && sum.Sign() >= 0:
		return wrong("is not below zero")
	case i.Kind == KindCreditNote && corrections == 0:
		return wrong("has no correction")
	case i.Kind == KindDebitNote && (sum.Sign() < 0 || corrections < len(i.Lines) || corrections == 0):
		return wrong("is below zero, or not of corrections alone")
	case i.Kind == KindInvoice && corrections > 0 && sum.Sign() < 0:
		return wrong("is below zero, and has corrections: it is a credit note")
	case i.Corrects != Corrects{} && !i.Kind.Note():
		return wrong("corrects an invoice, and is none")
	}
	return nil
}
