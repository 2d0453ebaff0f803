package pricing

import (
	"time"
)

// BillingPeriod returns the billing period of a subscription that holds an instant:
// the part of it that the subscription covers, by the cycle of its plan. ok is
// false where the subscription does not hold the instant, or no book prices it.
func BillingPeriod(books []*Book, reg *Registry, subscription string, at time.Time) (p Period, ok bool) {
	i, ok := reg.subscriptionAt(subscription)
	if !ok || reg.zones[i] == nil {
		return Period{}, false
	}
	loc := reg.zones[i]
	book, ok := BookOf(books, reg, reg.Subscriptions[i].Account)
	if !ok {
		return Period{}, false
	}
	// Of a rater, no more than what cuts a subscription's life into periods.
	r := &Rater{book: book, reg: reg, starts: map[*time.Location][]time.Time{}}
	for _, v := range book.Versions {
		r.starts[loc] = append(r.starts[loc], v.Effective.In(loc).UTC())
	}
	for _, g := range r.segmentsOf(i, Cycle{}, at, at) {
		if g.plan != nil && g.whole.Contains(at) {
			return g.whole, true
		}
	}
	return Period{}, false
}

// BookOf returns the book that prices an account: that of its currency, or the only
// one where the account has none.
func BookOf(books []*Book, reg *Registry, account string) (b *Book, ok bool) {
	n := reg.nodes[account]
	for _, b := range books {
		if n != nil && (n.currency == b.Currency.Code || n.currency == "" && len(books) == 1) {
			return b, true
		}
	}
	return nil, false
}
