package api

import (
	"context"
	"iter"
	"net/url"

	"daybook/pricing"
)

// orbPages are, of each account that pays: the costs of it and of those that it
// pays for, the costs and usage of their subscriptions, its newest
// invoices, and each invoice of the closings from since on. An invoice of an earlier
// one is made again where a later note corrects it, or where it was paid within the
// last two months.
func orbPages(ctx context.Context, f Facts, since pricing.Month) iter.Seq2[Page, error] {
	reg := f.Registry()
	subscriptions, accounts := subscriptionsByPayer(reg), map[string][]string{}
	for _, a := range reg.Accounts {
		payer := reg.BillingAccount(a.ID)
		accounts[payer] = append(accounts[payer], a.ID)
	}
	return func(yield func(Page, error) bool) {
		for _, a := range reg.Accounts {
			if reg.BillingAccount(a.ID) != a.ID {
				continue
			}
			for page, err := range orbPagesOf(ctx, f, a.ID, accounts[a.ID], subscriptions[a.ID], since) {
				if !yield(page, err) || err != nil {
					return
				}
			}
		}
	}
}

func orbPagesOf(ctx context.Context, f Facts, payer string, accounts []string, subscriptions []*pricing.Subscription, since pricing.Month) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		give := func(path string, answer func(context.Context, *Request) (Answer, error), query url.Values, of map[string]string) bool {
			r := &Request{
				Path: func(name string) string { return of[name] }, Query: query,
				Access: Access{Account: payer, Scopes: []Scope{ScopeBillingRead}}, Facts: f,
			}
			a, err := answer(ctx, r)
			return yield(Page{Account: payer, Path: path, Body: a.Body}, err) && err == nil
		}
		for _, id := range accounts {
			if !give("v1/customers/"+url.PathEscape(id)+"/costs", orbCustomerCosts, nil, map[string]string{"customer_id": id}) {
				return
			}
		}
		for _, s := range subscriptions {
			path, of := "v1/subscriptions/"+url.PathEscape(s.ID), map[string]string{"subscription_id": s.ID}
			if !give(path+"/costs", orbSubscriptionCosts, nil, of) || !give(path+"/usage", orbSubscriptionUsage, nil, of) {
				return
			}
		}
		if !give("v1/invoices", orbInvoices, nil, nil) {
			return
		}
		for page, err := range orbInvoicePages(ctx, f, payer, since) {
			if !yield(page, err) || err != nil {
				return
			}
		}
	}
}

// orbInvoicePages are the invoices whose pages may be other than they were.
func orbInvoicePages(ctx context.Context, f Facts, payer string, since pricing.Month) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		b, late := newOrbBilled(f), map[string]bool{} // of closings from since on, and what those correct
		for _, m := range f.Closings() {
			invoices, err := f.Invoices(ctx, m, payer)
			if err != nil {
				yield(Page{}, err)
				return
			}
			b.issued = append(b.issued, invoices...)
			for _, i := range invoices {
				if !m.Before(since) {
					late[i.ID], late[i.Corrects.Invoice] = true, true
				}
			}
		}
		b.attachNotes()
		p, err := b.paidOf(ctx, payer)
		if err != nil {
			yield(Page{}, err)
			return
		}
		recent := f.AsOf().AddDate(0, -2, 0)
		for n := range b.issued {
			i := &b.issued[n]
			if at, ok := p.at[i.ID]; !late[i.ID] && (!ok || !at.After(recent)) {
				continue
			}
			a, err := b.answer(ctx, i)
			if !yield(Page{Account: payer, Path: "v1/invoices/" + url.PathEscape(i.ID), Body: a.Body}, err) || err != nil {
				return
			}
		}
	}
}
