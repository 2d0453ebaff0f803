package pricing

import (
	"cmp"
	"slices"
	"strings"

	"daybook/pricing/money"
)

// CorrectionMode says where corrections go (docs/billing-rules.md, Corrections).
type CorrectionMode string

// The modes.
const (
	// NextInvoice puts corrections on the account's next invoice in that currency.
	// Where that comes to less than zero it is a credit note; an account without
	// one gets a note of its own.
	NextInvoice CorrectionMode = "next-invoice"
	// Notes makes a note for each closing that is corrected, account and currency.
	Notes CorrectionMode = "note"
)

// Arrange puts corrections on the invoices of a closing, which Close has made and
// nobody has settled, and makes notes and invoices of those for which there is
// none. What is billed for the first time stands on an invoice in either mode.
// Before are the invoices that the closing has issued already, where this is a
// supplement of it: ids go on from theirs. Lines and ids are set, and the amounts
// where there is no pricing unit; Settle does the rest. The invoices come sorted
// by CompareInvoices.
func (c Closing) Arrange(invoices []Invoice, corrections []Correction, mode CorrectionMode, before []Invoice) []Invoice {
	a := &arrangement{closing: c, taken: map[invoiceOrder]int{}}
	for _, i := range before {
		a.taken[orderOf(&i)]++
	}
	for _, i := range invoices {
		a.invoices = append(a.invoices, &i)
	}
	corrections = slices.Clone(corrections)
	slices.SortStableFunc(corrections, func(x, y Correction) int {
		return cmp.Or(strings.Compare(x.BillingAccount, y.BillingAccount), strings.Compare(x.Currency.Code, y.Currency.Code), cmp.Compare(x.Closing.First(), y.Closing.First()))
	})
	for _, first := range []bool{true, false} {
		for i := range corrections {
			a.put(&corrections[i], first, mode)
		}
	}
	return a.finish()
}

// invoiceOrder is what invoices of a closing are counted by.
type invoiceOrder struct {
	billing, currency string
	kind              InvoiceKind
}

func orderOf(i *Invoice) invoiceOrder { return invoiceOrder{i.BillingAccount, i.Currency.Code, i.Kind} }

// arrangement is a closing's invoices while corrections are put on them.
type arrangement struct {
	closing  Closing
	invoices []*Invoice
	changed  []*Invoice
	taken    map[invoiceOrder]int
}

// put puts a correction's lines that are billed for the first time, or the
// others, where they belong.
func (a *arrangement) put(c *Correction, first bool, mode CorrectionMode) {
	var lines []Line
	for _, l := range c.Lines {
		if (l.Corrects == Corrects{}) != first {
			continue
		}
		if first && l.For == a.closing.Month {
			l.For = Month{} // its own charge, in a supplement
		}
		lines = append(lines, l)
	}
	if len(lines) == 0 {
		return
	}
	var to *Invoice
	if first || mode != Notes {
		to = a.find(c)
	}
	if to == nil {
		to = a.add(c, first)
	}
	to.Lines = append(slices.Clip(to.Lines), lines...)
	if !slices.Contains(a.changed, to) {
		a.changed = append(a.changed, to)
	}
}

// find returns the account's invoice in the currency, or its note of several
// closings, where it has one.
func (a *arrangement) find(c *Correction) *Invoice {
	for _, i := range a.invoices {
		if i.BillingAccount == c.BillingAccount && i.Currency.Code == c.Currency.Code {
			return i
		}
	}
	return nil
}

// add makes an invoice, or a note whose kind its lines will say.
func (a *arrangement) add(c *Correction, first bool) *Invoice {
	out := a.closing.blank(c.BillingAccount, c.Currency, c.Unit)
	if !first {
		out.Kind = KindDebitNote
	}
	a.invoices = append(a.invoices, &out)
	return &out
}

// finish gives the invoices their kinds, numbers of lines, amounts and ids.
func (a *arrangement) finish() []Invoice {
	for _, i := range a.changed {
		if net := i.net(); net.Sign() < 0 && slices.ContainsFunc(i.Lines, Line.corrects) {
			i.Kind = KindCreditNote
		}
		i.correctsOne()
		number(i.Lines)
		i.span()
		i.sum()
		i.AmountDue = i.Total
	}
	slices.SortStableFunc(a.invoices, func(x, y *Invoice) int {
		return cmp.Or(strings.Compare(x.BillingAccount, y.BillingAccount), strings.Compare(x.Currency.Code, y.Currency.Code), strings.Compare(string(x.Kind), string(y.Kind)))
	})
	out := make([]Invoice, len(a.invoices))
	for n, i := range a.invoices {
		a.taken[orderOf(i)]++
		i.Ordinal = a.taken[orderOf(i)]
		i.ID = InvoiceID(a.closing.Issuer, i.BillingAccount, i.Currency.Code, i.Kind, a.closing.Month, i.Ordinal)
		out[n] = *i
	}
	slices.SortStableFunc(out, CompareInvoices)
	return out
}

// net is what an invoice's lines come to in its currency.
func (i *Invoice) net() money.Amount {
	var sum money.Amount
	for n := range i.Lines {
		l := i.Lines[n].inCurrency(i.Currency.Digits)
		sum = sum.Add(l.Total)
	}
	return sum
}

// corrects reports whether the line is a correction.
func (l Line) corrects() bool { return l.Corrects != Corrects{} }

// correctsOne notes on a note of one closing's corrections alone what it corrects.
func (i *Invoice) correctsOne() {
	i.Corrects = Corrects{}
	if !i.Kind.Note() {
		return
	}
	for n := range i.Lines {
		if i.Lines[n].Corrects != i.Lines[0].Corrects {
			return
		}
	}
	i.Corrects = i.Lines[0].Corrects
}
