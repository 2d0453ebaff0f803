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
// quantity, lines to columns, and
// amount due = total − credits + tax − balance applied, and its taxes. Nothing is published over it.
func CheckInvoice(i Invoice) error {
	var subtotal, discount, total, credits, tax money.Amount
	for _, l := range i.Lines {
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
	return nil
}
