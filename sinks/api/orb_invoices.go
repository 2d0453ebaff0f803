package api

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"daybook/pricing"
	"daybook/sinks/documents"
)

const (
	orbPageSize = 20 // of lists, unless limit says otherwise
	orbPageMost = 100
)

// orbBilled is what a token sees of invoices: those that were issued, the notes that
// correct them, and what makes Orb's of them.
type orbBilled struct {
	*orbPrices
	facts  Facts
	issued []pricing.Invoice // notes included, newest closing last
	notes  map[string][]pricing.Invoice
	paid   map[string]*orbPaid
	billed map[string][]*pricing.Invoice // of issued, by account
}

func newOrbBilled(f Facts) *orbBilled {
	return &orbBilled{orbPrices: newOrbPrices(f.Registry(), f.Books()), facts: f, notes: map[string][]pricing.Invoice{}, paid: map[string]*orbPaid{}}
}

// readOrbBilled reads the invoices of every closing that the token may see; of one
// account, or of all where it is "". Those of accounts that the registry no longer
// has are for who sees everything.
func readOrbBilled(ctx context.Context, r *Request, account string) (*orbBilled, error) {
	b := newOrbBilled(r.Facts)
	for _, m := range r.Facts.Closings() {
		invoices, err := r.Facts.Invoices(ctx, m, account)
		if err != nil {
			return nil, fmt.Errorf("read invoices of %s: %w", m, err)
		}
		for _, i := range invoices {
			if r.Access.Everything() || r.Sees(i.BillingAccount) {
				b.issued = append(b.issued, i)
			}
		}
	}
	b.attachNotes()
	return b, nil
}

// attachNotes puts credit notes to the invoices that they correct.
func (b *orbBilled) attachNotes() {
	for _, i := range b.issued {
		if creditNote(&i) {
			b.notes[i.Corrects.Invoice] = append(b.notes[i.Corrects.Invoice], i)
		}
	}
}

// invoiceOf completes an invoice: how far it is paid, and the notes that correct it.
func (b *orbBilled) invoiceOf(ctx context.Context, i *pricing.Invoice) (*documents.OrbInvoice, error) {
	out, err := b.invoice(i)
	if err != nil || i.Status == "draft" {
		return out, err
	}
	p, err := b.paidOf(ctx, i.BillingAccount)
	if err != nil {
		return nil, err
	}
	p.show(out)
	out.CreditNotes = b.notes[i.ID]
	return out, nil
}

// statusOf is an invoice's status in Orb's words.
func (b *orbBilled) statusOf(ctx context.Context, i *pricing.Invoice) (string, error) {
	if i.Status == "draft" {
		return i.Status, nil
	}
	p, err := b.paidOf(ctx, i.BillingAccount)
	if err != nil {
		return "", err
	}
	if _, ok := p.at[i.ID]; ok {
		return "paid", nil
	}
	return "issued", nil
}

// creditNote reports whether a note stands at the invoice that it corrects, as
// Orb's do, and not in the list of invoices.
func creditNote(i *pricing.Invoice) bool {
	return i.Kind == pricing.KindCreditNote && i.Corrects.Invoice != ""
}

func orbInvoices(ctx context.Context, r *Request) (Answer, error) {
	return orbInvoiceList(ctx, r, (*documents.OrbInvoice).JSON)
}

func orbInvoiceSummaries(ctx context.Context, r *Request) (Answer, error) {
	return orbInvoiceList(ctx, r, (*documents.OrbInvoice).Summary)
}

// orbInvoiceList answers with the invoices that match, the newest first.
func orbInvoiceList(ctx context.Context, r *Request, write func(*documents.OrbInvoice) (json.RawMessage, error)) (Answer, error) {
	f, err := readOrbFilter(r)
	if err != nil {
		return Answer{}, err
	}
	b, err := readOrbBilled(ctx, r, f.account)
	if err != nil {
		return Answer{}, err
	}
	all := slices.DeleteFunc(slices.Clone(b.issued), func(i pricing.Invoice) bool { return creditNote(&i) })
	if slices.Contains(f.statuses, "draft") {
		drafts, err := orbDrafts(ctx, r, f.account)
		if err != nil {
			return Answer{}, err
		}
		all = append(all, drafts...)
	}
	slices.SortStableFunc(all, func(a, b pricing.Invoice) int {
		return cmp.Or(b.IssuedAt.Compare(a.IssuedAt), strings.Compare(a.ID, b.ID))
	})
	var matching []*pricing.Invoice
	for n := range all {
		if !f.takes(&all[n]) {
			continue
		}
		status, err := b.statusOf(ctx, &all[n])
		if err != nil {
			return Answer{}, err
		}
		if slices.Contains(f.statuses, status) {
			matching = append(matching, &all[n])
		}
	}
	page, next, err := orbPageOf(r.Query, matching, func(i *pricing.Invoice) string { return i.ID }, orbPageSize, orbPageMost)
	if err != nil {
		return Answer{}, err
	}
	out := make([]json.RawMessage, len(page))
	for n, i := range page {
		whole, err := b.invoiceOf(ctx, i)
		if err != nil {
			return Answer{}, err
		}
		if out[n], err = write(whole); err != nil {
			return Answer{}, err
		}
	}
	return orbBody(documents.OrbList(out, next))
}

// orbDrafts are the invoices to be of the months that are not closed, up to the one
// of the newest published day.
func orbDrafts(ctx context.Context, r *Request, account string) ([]pricing.Invoice, error) {
	reg := r.Facts.Registry()
	var out []pricing.Invoice
	for _, a := range r.Visible() {
		if reg.BillingAccount(a.ID) != a.ID || account != "" && a.ID != account {
			continue
		}
		for _, m := range orbOpenMonths(r.Facts) {
			drafts, err := r.Facts.Draft(ctx, m, a.ID)
			if err != nil {
				return nil, fmt.Errorf("draft %s of %q: %w", m, a.ID, err)
			}
			out = append(out, drafts...)
		}
	}
	return out, nil
}

// orbDraftsCalled are the drafts among which that of an id is: no tree need be rated
// for one that no account can have.
func orbDraftsCalled(ctx context.Context, r *Request, id string) ([]pricing.Invoice, error) {
	if !strings.HasPrefix(id, "inv_") {
		return nil, nil
	}
	reg := r.Facts.Registry()
	for _, a := range r.Visible() {
		if reg.BillingAccount(a.ID) != a.ID {
			continue
		}
		for _, m := range orbOpenMonths(r.Facts) {
			for _, book := range r.Facts.Books() {
				if id == pricing.InvoiceID(r.Facts.Issuer(), a.ID, book.Currency.Code, pricing.KindInvoice, m, 1) {
					return r.Facts.Draft(ctx, m, a.ID)
				}
			}
		}
	}
	return nil, nil
}

// orbOpenMonths are the months of published days that no closing has billed.
func orbOpenMonths(f Facts) []pricing.Month {
	days, closings := f.Days(), f.Closings()
	if len(days) == 0 {
		return nil
	}
	first := pricing.MonthOf(days[0])
	if len(closings) > 0 {
		first = closings[len(closings)-1].Next()
	}
	return first.Through(pricing.MonthOf(days[len(days)-1]))
}

// orbInvoice answers with one invoice, or credit note, by its id.
func orbInvoice(ctx context.Context, r *Request) (Answer, error) {
	b, err := readOrbBilled(ctx, r, "")
	if err != nil {
		return Answer{}, err
	}
	id := r.Path("invoice_id")
	for n := range b.issued {
		if b.issued[n].ID == id {
			return b.answer(ctx, &b.issued[n])
		}
	}
	drafts, err := orbDraftsCalled(ctx, r, id)
	if err != nil {
		return Answer{}, err
	}
	for n := range drafts {
		if drafts[n].ID == id {
			return b.answer(ctx, &drafts[n])
		}
	}
	return Answer{}, NotFound("there is no invoice of this id")
}

func (b *orbBilled) answer(ctx context.Context, i *pricing.Invoice) (Answer, error) {
	one, err := b.invoiceOf(ctx, i)
	if err != nil {
		return Answer{}, err
	}
	body, err := one.JSON()
	return orbBody(body, err)
}
