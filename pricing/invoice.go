package pricing

import (
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"slices"
	"strings"
	"time"

	"daybook/pricing/money"
)

// CompareInvoices orders invoices by billing account, currency, kind and id:
// the order in which a closing numbers them.
func CompareInvoices(a, b Invoice) int {
	return cmp.Or(
		strings.Compare(a.BillingAccount, b.BillingAccount),
		strings.Compare(a.Currency.Code, b.Currency.Code),
		strings.Compare(string(a.Kind), string(b.Kind)),
		strings.Compare(a.ID, b.ID),
	)
}

// InvoiceID returns "inv_" and 26 base32 characters (130 bits) of a hash of who
// invoices whom for which closing. It holds no revision: the same invoice keeps
// its id however often it is computed. Ordinal counts from 1 the invoices of
// one account, currency and kind in a closing.
func InvoiceID(issuer, billingAccount, currency string, kind InvoiceKind, closing Month, ordinal int) string {
	h := sha256.New()
	for _, field := range []string{issuer, billingAccount, currency, string(kind), closing.String(), fmt.Sprint(ordinal)} {
		fmt.Fprintf(h, "%d:%s", len(field), field)
	}
	return "inv_" + strings.ToLower(base32.StdEncoding.EncodeToString(h.Sum(nil)))[:26]
}

// invoice makes one of the items that are due; ok is false when it would have no
// lines. Its amounts are the sums of its lines', in the pricing unit where the
// book has one: Settle converts them.
func (r *Rater) invoice(billing string, due []*item, c Closing) (inv Invoice, ok bool) {
	slices.SortStableFunc(due, compareItems)
	inv = c.blank(billing, r.book.Currency, r.book.Unit)
	inv.ID = InvoiceID(c.Issuer, billing, inv.Currency.Code, inv.Kind, c.Month, 1)
	totals := roundedTotals(due, r.book.priced())
	for _, it := range due {
		to := &inv.Lines
		if it.scope == ScopeOwn {
			to = &inv.Own
		}
		if *to == nil {
			*to = make([]Line, 0, len(due)) // lines are wide and stay: mostly one an item
		}
		from := len(*to)
		*to = it.appendLines(*to, r.book.priced(), totals[it], c.Tracer != nil)
		if len(c.Void) > 0 {
			kept := slices.DeleteFunc((*to)[from:], func(l Line) bool { return c.Void.Hold(&l) })
			*to = (*to)[:from+len(kept)]
		}
		for i := from; i < len(*to); i++ {
			r.book.inUnit(&(*to)[i], it.version)
		}
	}
	inv.Lines, inv.Own = trimmed(inv.Lines), trimmed(inv.Own)
	number(inv.Own)
	number(inv.Lines)
	inv.span()
	inv.sum()
	inv.AmountDue = inv.Total
	return inv, len(inv.Lines) > 0
}

// trimmed is lines without much room behind them; nil for none.
func trimmed(lines []Line) []Line {
	if len(lines) > cap(lines)/4*3 {
		return lines
	}
	return append([]Line(nil), lines...)
}

// blank is an invoice of the closing without lines and id.
func (c Closing) blank(billing string, currency money.Currency, unit *PricingUnit) Invoice {
	out := Invoice{
		Kind: KindInvoice, Ordinal: 1, Status: "issued", BillingAccount: billing, Currency: currency, Unit: unit,
	}
	c.Date(&out)
	if c.Draft {
		out.Status = "draft"
	}
	return out
}

// Date gives an invoice the closing's date of issue, and when it is due.
func (c Closing) Date(i *Invoice) {
	i.IssuedAt, i.DueAt = c.AsOf.UTC(), c.AsOf.UTC().AddDate(0, 0, c.TermsDays)
}

// span makes the invoice's period that of its lines; of corrections where it has
// nothing else.
func (i *Invoice) span() {
	only := !slices.ContainsFunc(i.Lines, func(l Line) bool { return !l.corrects() })
	i.PeriodStart, i.PeriodEnd = time.Time{}, time.Time{}
	for n := range i.Lines {
		l := &i.Lines[n]
		if l.corrects() && !only {
			continue
		}
		if i.PeriodStart.IsZero() || l.PeriodStart.Before(i.PeriodStart) {
			i.PeriodStart = l.PeriodStart
		}
		if l.PeriodEnd.After(i.PeriodEnd) {
			i.PeriodEnd = l.PeriodEnd
		}
	}
}

// sum makes the invoice's amounts the sums of its lines'.
func (i *Invoice) sum() {
	i.Subtotal, i.Discount, i.Total, i.Credits, i.Tax = money.Amount{}, money.Amount{}, money.Amount{}, money.Amount{}, money.Amount{}
	for n := range i.Lines {
		l := &i.Lines[n] // a line is wide
		i.Subtotal, i.Discount, i.Total = i.Subtotal.Add(l.Subtotal), i.Discount.Add(l.Discount), i.Total.Add(l.Total)
		i.Credits, i.Tax = i.Credits.Add(l.Credits), i.Tax.Add(l.Tax)
	}
}

// Only returns the invoice with some of its lines, and their sums and dates; ok is
// false where none is left. Taxes of the whole invoice and balances are not shared
// among lines, so it is for drafts, which have neither.
func (i *Invoice) Only(keep func(*Line) bool) (out Invoice, ok bool) {
	out = *i
	out.Lines = slices.DeleteFunc(slices.Clone(i.Lines), func(l Line) bool { return !keep(&l) })
	out.span()
	out.sum()
	out.Taxes, out.BalanceApplied = nil, money.Amount{}
	out.AmountDue = out.Total.Sub(out.Credits).Add(out.Tax)
	return out, len(out.Lines) > 0
}

// check is money.ErrOverflow when an amount of the invoice cannot be stored.
func (i *Invoice) check() error {
	err := checkAmounts(i.Subtotal, i.Discount, i.Total, i.Credits, i.Tax, i.BalanceApplied, i.AmountDue)
	for n := 0; n < len(i.Taxes) && err == nil; n++ {
		err = checkAmounts(i.Taxes[n].Taxable, i.Taxes[n].Amount)
	}
	for n := 0; n < len(i.Lines) && err == nil; n++ {
		l := &i.Lines[n]
		err = checkAmounts(l.UnitPrice, l.ExactSubtotal, l.Subtotal, l.Discount, l.Total, l.Credits, l.Tax)
	}
	if err != nil {
		return fmt.Errorf("the invoice of account %q: %w; correct the usage or the prices", i.BillingAccount, err)
	}
	return nil
}

func checkAmounts(amounts ...money.Amount) error {
	for i := range amounts {
		if err := amounts[i].Check(); err != nil {
			return err
		}
	}
	return nil
}

func number(lines []Line) {
	for i := range lines {
		lines[i].Number = i + 1
	}
}

// roundedTotals rounds each item's total once to the currency's minor unit by
// the version's rounding, and shares what that makes among the item's groups, to
// the largest remainders (docs/billing-rules.md, The order of an amount, step
// 5). Items that one amount was spread over are rounded as one, so that it
// stands on the invoice to the cent.
func roundedTotals(items []*item, currency money.Currency) map[*item][]money.Amount {
	out := make(map[*item][]money.Amount, len(items))
	bundled := map[*bundle][]*item{}
	for _, it := range items {
		if it.bundle != nil {
			bundled[it.bundle] = append(bundled[it.bundle], it)
		}
	}
	for _, it := range items {
		if _, done := out[it]; done {
			continue
		}
		together := []*item{it}
		if it.bundle != nil {
			together = bundled[it.bundle]
		}
		var exact []money.Amount
		for _, member := range together {
			for _, g := range member.groups() {
				exact = append(exact, g.total)
			}
		}
		parts, _ := money.RoundTogether(exact, currency.Digits, it.version.Conventions.Rounding)
		for _, member := range together {
			n := len(member.groups())
			out[member], parts = parts[:n:n], parts[n:]
		}
	}
	return out
}

// appendLines appends the item's lines, one for each group, with the totals given. A
// line without quantity, subtotal and total is left out.
func (it *item) appendLines(out []Line, currency money.Currency, totals []money.Amount, trace bool) []Line {
	groups := it.groups()
	exact := make([]money.Amount, len(groups))
	for i, g := range groups {
		exact[i] = g.subtotal
	}
	subtotals, _ := money.RoundTogether(exact, currency.Digits, it.version.Conventions.Rounding)
	free, billed := it.freeAndBilled(groups)
	for i, g := range groups {
		if g.quantity.IsZero() && subtotals[i].IsZero() && totals[i].IsZero() {
			continue
		}
		out = append(out, Line{
			Account: it.account, Subscription: it.subscription,
			Plan: it.plan.ID, Price: it.price.ID, BookVersion: it.version.ID, Meter: it.price.Meter,
			Description: it.description(),
			Grouping:    g.grouping, Model: it.price.Model.Name(),
			Quantity: g.quantity, Free: free[i], Billed: billed[i], Unit: it.unit, UnitPrice: g.unitPrice, HasUnitPrice: g.hasUnitPrice,
			PeriodStart: it.part.Start, PeriodEnd: it.part.End,
			Subtotal: subtotals[i], Discount: subtotals[i].Sub(totals[i]), Total: totals[i],
			ExactSubtotal: g.subtotal, Parts: g.parts, GivenBack: it.givenBack,
		})
		if trace {
			steps := it.explained(i, totals[i], currency.Digits, it.bundle == nil && len(groups) == 1)
			out[len(out)-1].trace = &lineTrace{steps, it.nominal, it.whole, it.plan.phaseName, it.readings()}
		}
	}
	return out
}

// description is what the line says.
func (it *item) description() string {
	text := cmp.Or(it.price.Description, it.price.ID) + it.named()
	if it.plan.phaseName != "" {
		text += " (" + it.plan.phaseName + ")"
	}
	if it.givenBack {
		return text + " (unused part)"
	}
	return text
}
