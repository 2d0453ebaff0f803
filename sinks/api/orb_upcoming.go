package api

import (
	"context"
	"fmt"

	"daybook/pricing"
)

// orbUpcoming answers with the invoice to be of a subscription's current billing
// period: its lines of the draft of the closing that will bill it.
func orbUpcoming(ctx context.Context, r *Request) (Answer, error) {
	id, err := one(r.Query, "subscription_id")
	if err != nil {
		return Answer{}, err
	}
	if id == "" {
		return Answer{}, BadParameter("subscription_id", "give subscription_id")
	}
	s, err := orbSubscriptionOf(r, id)
	if err != nil {
		return Answer{}, err
	}
	_, loc, _ := r.Facts.Registry().Subscription(id)
	period, ok := pricing.BillingPeriod(r.Facts.Books(), r.Facts.Registry(), id, orbNow(r.Facts, id).Add(-1))
	if !ok {
		return Answer{}, NotFound("the subscription is not active: it has no upcoming invoice")
	}
	payer := r.Facts.Registry().BillingAccount(s.Account)
	drafts, err := r.Facts.Draft(ctx, pricing.MonthOf(pricing.LocalDay(period.End.Add(-1), loc)), payer)
	if err != nil {
		return Answer{}, fmt.Errorf("draft of subscription %q: %w", id, err)
	}
	upcoming := upcomingOf(drafts, r.Facts, s)
	if !r.Sees(payer) {
		upcoming.BillingAccount = s.Account
	}
	invoice, err := newOrbPrices(r.Facts.Registry(), r.Facts.Books()).invoice(upcoming)
	if err != nil {
		return Answer{}, err
	}
	invoice.TargetDate, invoice.Subscription = period.End, s.ID
	body, err := invoice.JSON()
	return orbBody(body, err)
}

// upcomingOf is a draft with the lines of one subscription alone. Where nothing is
// to be billed yet it has none.
func upcomingOf(drafts []pricing.Invoice, f Facts, s *pricing.Subscription) *pricing.Invoice {
	for n := range drafts {
		if i, ok := drafts[n].Only(func(l *pricing.Line) bool { return l.Subscription == s.ID }); ok {
			return &i
		}
	}
	out := &pricing.Invoice{
		ID: "upcoming-" + s.ID, Kind: pricing.KindInvoice, Status: "draft", BillingAccount: f.Registry().BillingAccount(s.Account), IssuedAt: f.AsOf(),
	}
	if book, ok := pricing.BookOf(f.Books(), f.Registry(), s.Account); ok {
		out.Currency = book.Currency
	}
	return out
}
