package pricing

import (
	"fmt"

	"daybook/pricing/money"
)

// Corrects is what a correction line, or a note, corrects. The zero value is of
// what corrects nothing.
type Corrects struct {
	Closing Month  // the month whose truth and whose invoices differ
	Invoice string // id of what that closing issued to the billing account in the currency; "": nothing
}

// Issued is what invoices and notes have charged one billing account in one
// currency for one closing so far. Where nothing was, all but Lines and Invoice
// are set.
type Issued struct {
	Closing        Month
	BillingAccount string
	Currency       money.Currency
	Invoice        string // id of the closing's invoice; "": none
	// Lines are those of that closing, its supplements included, that are its own
	// (For is zero, or the closing) and all lines of later closings that are For it:
	// corrections and what was billed for the first time. In any order; as tables
	// hold them, or netted by NetLines. Lines of the closing that are For another
	// one do not belong here.
	Lines []Line
	// Parked are the accounts that the closing, or a supplement of it, could not
	// rate and that nothing has been billed to for it since. What they owe is billed
	// for the first time, and corrects nothing.
	Parked map[string]bool
}

// Truth is what a closing would invoice one billing account in one currency, by
// what is known today.
type Truth struct {
	// Invoice is of Close with the closing's own date of issue, First and Since,
	// before it is settled. Zero: nothing is owed.
	Invoice Invoice
	// Parked are the accounts of the tree that cannot be rated today, those that
	// the registry check reported included. What they owe is unknown, so nothing
	// of them is corrected, nor of a pool over a billing account that lacks one.
	Parked map[string]bool
}

// Correction is what a billing account is owed, or owes, in one currency for a
// closing that was invoiced otherwise.
type Correction struct {
	Closing        Month
	BillingAccount string
	Currency       money.Currency
	Unit           *PricingUnit // of the book, as it is today
	Invoice        string       // as Issued has it
	// Lines are sorted by key, and each is For the closing. Those that correct
	// something have Corrects too: they are in the currency, with the tax that the
	// price contains, before credits; where the book has a pricing unit, InUnit has the
	// difference in it. The others are billed for the first time, and are as Close
	// has them.
	Lines []Line
}

// Net is what the corrections come to together, in the prices' terms: with the
// tax that they contain. What is billed for the first time does not count.
func (c *Correction) Net() money.Amount {
	var sum money.Amount
	for i := range c.Lines {
		if c.Lines[i].Corrects != (Corrects{}) {
			sum = sum.Add(c.Lines[i].Total)
		}
	}
	return sum
}

// Correct compares what a closing would invoice today with what has been
// invoiced for it, and returns the difference by line key: of quantity,
// subtotal, discount and total, each the exact difference of two rounded
// amounts. So what is issued and the correction make the truth, to the cent, and
// a second correction by the same truth has no lines. It is an error when
// the two are of different billing accounts or currencies, or money.ErrOverflow.
func Correct(truth Truth, issued Issued) (Correction, error) {
	out := Correction{
		Closing: issued.Closing, BillingAccount: issued.BillingAccount, Currency: issued.Currency,
		Unit: truth.Invoice.Unit, Invoice: issued.Invoice,
	}
	if i := &truth.Invoice; len(i.Lines) > 0 && (i.BillingAccount != issued.BillingAccount || i.Currency.Code != issued.Currency.Code) {
		return out, fmt.Errorf("correct closing %s: what account %q owes in %s is compared with what account %q was invoiced in %s",
			issued.Closing, i.BillingAccount, i.Currency.Code, issued.BillingAccount, issued.Currency.Code)
	}
	owed := make([]Line, 0, len(truth.Invoice.Lines))
	priced := map[LineKey][]*Line{}
	for i := range truth.Invoice.Lines {
		l := &truth.Invoice.Lines[i]
		owed = append(owed, l.inCurrency(issued.Currency.Digits))
		priced[l.Key()] = append(priced[l.Key()], l)
	}
	issued.Lines = sortedIssued(issued.Lines)
	were := NetLines(issued.Lines)
	for i := range were {
		were[i].gross()
	}
	for _, d := range differences(NetLines(owed), were) {
		if truth.unknown(d.either(), issued.BillingAccount) {
			continue
		}
		if d.were == nil && issued.first(d.owed) {
			for _, l := range priced[d.owed.Key()] {
				out.Lines = append(out.Lines, l.firstBilled(issued.Closing))
			}
			continue
		}
		l := d.line(issued)
		if l.nothing() {
			continue
		}
		if err := l.check(); err != nil {
			return out, fmt.Errorf("correct closing %s of account %q: %w", issued.Closing, issued.BillingAccount, err)
		}
		out.Lines = append(out.Lines, l)
	}
	return out, nil
}

// unknown reports whether what a line should be cannot be told today.
func (t *Truth) unknown(l *Line, billing string) bool {
	return t.Parked[l.Account] || l.Subscription == "" && l.Account == billing && len(t.Parked) > 0
}

// check is money.ErrOverflow when an amount of the line cannot be stored.
func (l *Line) check() error {
	for _, a := range []money.Amount{l.Subtotal, l.Discount, l.Total} {
		if err := a.Check(); err != nil {
			return err
		}
	}
	return l.Quantity.Check()
}
