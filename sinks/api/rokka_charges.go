package api

import (
	"context"
	"fmt"
	"slices"

	"daybook/pricing"
	"daybook/sinks/documents"
)

// rokkaLine is a line of an invoice, or a share of a pooled one.
type rokkaLine struct {
	pricing.Line
	pooled bool // of all organizations together
	share  bool // shown to its organization, and charged to nobody
}

// charged returns what a month's closing billed, and what later closings billed for
// it; of a month that is not closed what its closing would bill by now. A month
// without a published day has nothing.
func (b *rokkaBills) charged(ctx context.Context, m pricing.Month) ([]rokkaLine, error) {
	var out []rokkaLine
	facts, closed := b.r.Facts, false
	for _, closing := range facts.Closings() {
		if closing.Before(m) {
			continue
		}
		invoices, err := facts.Invoices(ctx, closing, b.master)
		if err != nil {
			return nil, err
		}
		closed = closed || closing == m
		if err := b.collect(&out, invoices, closing, m); err != nil {
			return nil, err
		}
	}
	if closed || !slices.ContainsFunc(facts.Days(), func(d pricing.Date) bool { return pricing.MonthOf(d) == m }) {
		return out, nil
	}
	drafts, err := facts.Draft(ctx, m, b.master)
	if err != nil {
		return nil, err
	}
	return out, b.collect(&out, drafts, m, m)
}

// collect adds the lines that are for a month of what a closing bills.
func (b *rokkaBills) collect(out *[]rokkaLine, invoices []pricing.Invoice, closing, m pricing.Month) error {
	for _, i := range invoices {
		var lines []rokkaLine
		for _, l := range i.Lines {
			lines = append(lines, rokkaLine{Line: l, pooled: l.Subscription == ""})
		}
		for _, l := range i.Own {
			lines = append(lines, rokkaLine{Line: l, share: true})
		}
		lines = slices.DeleteFunc(lines, func(l rokkaLine) bool {
			of := l.For
			if of == (pricing.Month{}) {
				of = closing
			}
			return of != m
		})
		if len(lines) == 0 {
			continue
		}
		if err := b.currency.use(i.Currency, b.master); err != nil {
			return err
		}
		*out = append(*out, lines...)
	}
	return nil
}

// forecast returns what a month that is open is expected to cost all organizations
// together; nil for other months.
func (b *rokkaBills) forecast(ctx context.Context, m pricing.Month) (*documents.RokkaBill, error) {
	facts := b.r.Facts
	if slices.Contains(facts.Closings(), m) {
		return nil, nil
	}
	if !b.asked {
		var err error
		if b.foreseen, err = facts.Forecast(ctx, b.master); err != nil {
			return nil, err
		}
		b.asked = true
	}
	var out *documents.RokkaBill
	for _, row := range b.foreseen {
		last := pricing.LocalDay(row.PeriodEnd.Add(-1), facts.Registry().Zone(row.Account))
		if row.Scope != pricing.ScopeBilled || row.BillingAccount != b.master || pricing.MonthOf(last) != m {
			continue
		}
		book, version, ok := pricing.VersionIn(facts.Books(), row.BookVersion)
		if !ok {
			return nil, fmt.Errorf("forecast of %s: price %s is of book version %s, which is not there", b.master, row.Price, row.BookVersion)
		}
		if err := b.currency.use(book.Currency, b.master); err != nil {
			return nil, err
		}
		if out == nil {
			out = &documents.RokkaBill{}
		}
		*out = append(*out, documents.RokkaForeseen(row, book.Currency.Digits, version.Conventions.Rounding))
	}
	return out, nil
}
