package jobs

import (
	"context"
	"maps"
	"slices"

	"daybook/pricing"
	"daybook/pricing/money"
)

// differences compares, tree by tree, what was charged for a month with what it
// would charge.
func (p *Pipeline) differences(ctx context.Context, w *closingWork, l *look, then issuedMonth, looks []treeLook, gone []string, c *comparison) error {
	issued, err := p.readInvoices(ctx, l.manifest)
	if err != nil {
		return err
	}
	by := chargesOf(issued, l.month, w.since)
	broken := map[string]bool{}
	for _, problem := range w.in.problems {
		broken[problem.Account] = true
	}
	for i := range looks {
		t := &looks[i]
		if !t.rated {
			continue
		}
		c.report.Trees++
		parked := t.result.Parked
		now, were := map[string]bool{}, map[string]bool{}
		for _, row := range parked {
			now[row.Account] = true
		}
		for _, account := range t.tree.Accounts {
			if broken[account] {
				now[account] = true
			}
			if then.parked[account] {
				were[account] = true
				if !now[account] {
					c.mended[t.tree.BillingAccount] = append(c.mended[t.tree.BillingAccount], account)
				}
			}
		}
		c.parked[t.tree.BillingAccount] = parked
		for account := range now {
			if !were[account] { // it was billed, stays as it was billed, and so does its usage
				t.now.Meters = t.had.Meters
			}
		}
		if err := c.tree(w, l, by, t, now, were); err != nil {
			return err
		}
		if w.owesBefore(t.tree) {
			t.now = t.now.again()
		}
		c.trees = append(c.trees, t.now)
	}
	for _, payer := range gone {
		t := treeLook{tree: pricing.Tree{BillingAccount: payer}}
		if err := c.tree(w, l, by, &t, nil, nil); err != nil {
			return err
		}
		c.report.Trees++
		c.trees = append(c.trees, treeTrace{BillingAccount: payer})
	}
	c.sum()
	return nil
}

// tree compares one billing account's charges in each of its currencies.
func (c *comparison) tree(w *closingWork, l *look, by map[string]map[string]*pricing.Issued, t *treeLook, parkedNow, parkedThen map[string]bool) error {
	payer := t.tree.BillingAccount
	truths := map[string]pricing.Invoice{}
	issued := maps.Clone(by[payer])
	if issued == nil {
		issued = map[string]*pricing.Issued{}
	}
	for _, invoice := range t.result.Invoices {
		truths[invoice.Currency.Code] = invoice
		if issued[invoice.Currency.Code] == nil {
			issued[invoice.Currency.Code] = &pricing.Issued{Closing: l.month, BillingAccount: payer, Currency: invoice.Currency}
		}
	}
	for _, code := range slices.Sorted(maps.Keys(issued)) {
		before := *issued[code]
		before.Parked = parkedThen
		if before.Invoice == "" && len(before.Lines) == 0 { // whatever it owes, it is billed for the first time
			before.Parked = map[string]bool{}
			for _, account := range t.tree.Accounts {
				before.Parked[account] = true
			}
		}
		correction, err := pricing.Correct(pricing.Truth{Invoice: truths[code], Parked: parkedNow}, before)
		if err != nil {
			return err
		}
		if w.parkedOnly {
			all := len(correction.Lines)
			correction.Lines = slices.DeleteFunc(correction.Lines, func(l pricing.Line) bool { return l.Corrects != pricing.Corrects{} })
			c.left[payer] = c.left[payer] || len(correction.Lines) < all
		}
		if len(correction.Lines) == 0 {
			continue
		}
		c.corrections = append(c.corrections, correction)
		c.owed = append(c.owed, owed{charged{l.month, payer, code}, chargedSum(before.Lines), chargedSum(correction.Lines), corrects(correction), len(parkedThen) > 0})
	}
	return nil
}

// owed is a correction in figures: what was charged for a closing, and what a
// later one changes of it or adds to it.
type owed struct {
	charged
	issued, net money.Amount
	corrects    bool // something that was charged; else it is billed for the first time
	parked      bool // an account of it was parked by the closing
}

// chargedSum is what lines charge, with the tax that their prices contain.
func chargedSum(lines []pricing.Line) money.Amount {
	var sum money.Amount
	for i := range lines {
		sum = sum.Add(lines[i].Total).Add(lines[i].ContainedTax)
	}
	return sum
}

func corrects(c pricing.Correction) bool {
	return slices.ContainsFunc(c.Lines, func(l pricing.Line) bool { return l.Corrects != pricing.Corrects{} })
}

// chargesOf puts together what was charged for a closing by billing account and
// currency: by its own invoices and notes, and by later closings.
func chargesOf(invoices []pricing.Invoice, m pricing.Month, since *issuedSince) map[string]map[string]*pricing.Issued {
	out := map[string]map[string]*pricing.Issued{}
	of := func(account string, currency money.Currency) *pricing.Issued {
		if out[account] == nil {
			out[account] = map[string]*pricing.Issued{}
		}
		if out[account][currency.Code] == nil {
			out[account][currency.Code] = &pricing.Issued{Closing: m, BillingAccount: account, Currency: currency}
		}
		return out[account][currency.Code]
	}
	for _, i := range invoices {
		for _, line := range i.Lines {
			if line.For != (pricing.Month{}) && line.For != m {
				continue
			}
			to := of(i.BillingAccount, i.Currency)
			to.Lines = append(to.Lines, line)
			if to.Invoice == "" && line.Corrects == (pricing.Corrects{}) {
				to.Invoice = i.ID
			}
		}
	}
	for _, c := range slices.SortedFunc(maps.Keys(since.lines), charged.compare) {
		if c.closing != m {
			continue
		}
		to := of(c.account, since.currency(c.currency))
		to.Lines = append(to.Lines, since.lines[c]...)
		if to.Invoice == "" {
			to.Invoice = since.invoices[c]
		}
	}
	return out
}
