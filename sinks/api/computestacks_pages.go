package api

import (
	"context"
	"fmt"
	"iter"
	"net/url"

	"daybook/pricing"
	"daybook/sinks/documents"
)

// computeStacksPages yields the list of each subscription as a request without
// parameters is answered, under the path of the user's API.
func computeStacksPages(ctx context.Context, f Facts, _ pricing.Month) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		reg := f.Registry()
		subscriptions := subscriptionsByPayer(reg)
		for i := range reg.Accounts {
			payer := reg.Accounts[i].ID
			if reg.BillingAccount(payer) != payer {
				continue
			}
			items, err := computeStacksItems(ctx, f, payer)
			if err != nil {
				yield(Page{}, fmt.Errorf("account %s: %w", payer, err))
				return
			}
			of := map[string][]documents.ComputeStacksItem{}
			for _, item := range items {
				of[item.Of.Subscription.ID] = append(of[item.Of.Subscription.ID], item)
			}
			for _, sub := range subscriptions[payer] {
				a, err := listed(&Request{Query: url.Values{}}, of[sub.ID])
				page := Page{payer, fmt.Sprintf("api/subscriptions/%d/billing_usages", documents.ComputeStacksSubscriptionID(sub.ID)), a.Body}
				if !yield(page, err) || err != nil {
					return
				}
			}
		}
	}
}
