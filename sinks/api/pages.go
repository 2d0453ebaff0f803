package api

import "daybook/pricing"

// subscriptionsByPayer groups the subscriptions by who pays for them, each group by
// id, so that the pages of all payers take one walk over the registry.
func subscriptionsByPayer(reg *pricing.Registry) map[string][]*pricing.Subscription {
	out := map[string][]*pricing.Subscription{}
	for i := range reg.Subscriptions {
		s := &reg.Subscriptions[i]
		payer := reg.BillingAccount(s.Account)
		out[payer] = append(out[payer], s)
	}
	return out
}
