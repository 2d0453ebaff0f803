package api

import (
	"context"
	"fmt"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/sinks/documents"
)

// orbPaid is how the invoices of one account are paid.
type orbPaid struct {
	at      map[string]time.Time // of those that are, by invoice
	changes map[string]*documents.OrbBalanceChange

	open map[string][]debt       // by currency, oldest first
	over map[string]money.Amount // by currency: what no debt was there for
}

func newOrbPaid() *orbPaid {
	return &orbPaid{at: map[string]time.Time{}, changes: map[string]*documents.OrbBalanceChange{}, open: map[string][]debt{}, over: map[string]money.Amount{}}
}

// show says on an issued invoice whether it is paid.
func (p *orbPaid) show(i *documents.OrbInvoice) {
	i.Status, i.Balance = "issued", p.changes[i.ID]
	if at, ok := p.at[i.ID]; ok {
		i.Status, i.PaidAt = "paid", at
	}
}

// debt is what is left to pay of an invoice.
type debt struct {
	invoice *pricing.Invoice
	left    money.Amount
}

// paidOf says which invoices of an account are paid, and when. It goes through the
// ledger in its order: payments, and what else raises the balance, pay the oldest
// first; an invoice of which nothing is due is paid when it is issued. Payments
// since the newest closing come last.
func (b *orbBilled) paidOf(ctx context.Context, account string) (*orbPaid, error) {
	if p := b.paid[account]; p != nil {
		return p, nil
	}
	ledger, err := b.facts.Ledger(ctx, account)
	if err != nil {
		return nil, fmt.Errorf("read ledger of %q: %w", account, err)
	}
	b.sort()
	invoices := map[string]*pricing.Invoice{}
	for _, i := range b.billed[account] {
		invoices[i.ID] = i
	}
	p := newOrbPaid()
	entered := map[string]bool{}
	for _, e := range ledger {
		if e.Ledger != pricing.LedgerBalance {
			continue
		}
		switch i := invoices[e.Source]; {
		case i == nil:
			p.raise(e.Currency, e.Amount.Neg(), e.Time)
		case !entered[e.Source]: // later entries of it are credits, which are no part of what is due
			p.invoice(i, e)
		}
		entered[e.Source] = true
	}
	for _, pay := range b.facts.Registry().PaymentsOf(account) {
		if !entered[pay.ID] && !pay.Time.After(b.facts.AsOf()) {
			p.raise(pay.Currency, pay.Amount, pay.Time)
		}
	}
	b.paid[account] = p
	return p, nil
}

// sort keeps the invoices apart by account, once for all accounts.
func (b *orbBilled) sort() {
	if b.billed != nil {
		return
	}
	b.billed = map[string][]*pricing.Invoice{}
	for i := range b.issued {
		of := b.issued[i].BillingAccount
		b.billed[of] = append(b.billed[of], &b.issued[i])
	}
}

// invoice enters an invoice or note with the entry of its total.
func (p *orbPaid) invoice(i *pricing.Invoice, e pricing.LedgerEntry) {
	if !i.BalanceApplied.IsZero() {
		before := e.Initial
		if before.Sign() < 0 { // what it owes is no balance of Orb's
			before = money.Amount{}
		}
		p.changes[i.ID] = &documents.OrbBalanceChange{ID: e.ID, At: e.Time, Before: before, After: before.Sub(i.BalanceApplied)}
	}
	currency := i.Currency.Code
	switch {
	case i.BalanceApplied.Sign() < 0:
		p.raise(currency, i.BalanceApplied.Neg(), i.IssuedAt)
	default:
		p.over[currency] = p.over[currency].Sub(i.BalanceApplied)
	}
	if i.AmountDue.Sign() <= 0 {
		p.at[i.ID] = i.IssuedAt
		return
	}
	p.open[currency] = append(p.open[currency], debt{i, i.AmountDue})
}

// raise lets an amount pay the oldest debts; below zero it takes from what is over.
func (p *orbPaid) raise(currency string, amount money.Amount, at time.Time) {
	for amount.Sign() > 0 && len(p.open[currency]) > 0 {
		oldest := &p.open[currency][0]
		if amount.Cmp(oldest.left) < 0 {
			oldest.left = oldest.left.Sub(amount)
			return
		}
		amount = amount.Sub(oldest.left)
		p.at[oldest.invoice.ID] = later(at, oldest.invoice.IssuedAt)
		p.open[currency] = p.open[currency][1:]
	}
	p.over[currency] = p.over[currency].Add(amount)
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
