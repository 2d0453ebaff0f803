package pricing

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"daybook/pricing/money"
)

// ResourcePurchase is a resource that a price sold for a length of time.
type ResourcePurchase struct {
	Account, Subscription string
	Currency              money.Currency
	Price                 string
	Resource              Resource
	Purchase
}

// Purchases returns all resources of a tree that are sold for a length of time,
// those to come included, in order of when they are bought: each priced by the
// version and the plan that hold then, as the closing of that billing period
// does. What several subscriptions price is left out: its account is not rated.
func (r *Raters) Purchases(t Tree) []ResourcePurchase {
	var out []ResourcePurchase
	for _, one := range r.of {
		for _, account := range t.Accounts {
			n := one.reg.nodes[account]
			if n == nil {
				continue
			}
			if ours, _ := one.belongs(n); ours {
				out = append(out, one.purchases(n)...)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b ResourcePurchase) int {
		return cmp.Or(a.Resource.Created.Compare(b.Resource.Created), strings.Compare(a.Resource.ID, b.Resource.ID))
	})
	return out
}

func (r *Rater) purchases(n *node) []ResourcePurchase {
	var out []ResourcePurchase
	for _, i := range n.resources {
		resource := &r.reg.Resources[i]
		var found []ResourcePurchase
		priced := 0
		for _, sub := range n.subscriptions {
			if owner := r.reg.Subscriptions[sub].ID; resource.Subscription != "" && resource.Subscription != owner {
				continue
			}
			for _, s := range r.planned(sub, resource.Created) {
				if in := r.purchasesIn(s, resource); len(in) > 0 {
					found, priced = append(found, in...), priced+1
				}
			}
		}
		if priced == 1 {
			out = append(out, found...)
		}
	}
	return out
}

// planned returns the segments of a subscription that hold an instant and have a
// plan.
func (r *Rater) planned(sub int, at time.Time) []*segment {
	return slices.DeleteFunc(r.segments(sub, at, at), func(s *segment) bool { return s.plan == nil || s.isOwn() || !s.part.Contains(at) })
}

func (r *Rater) purchasesIn(s *segment, resource *Resource) []ResourcePurchase {
	var out []ResourcePurchase
	for i := range s.plan.Prices {
		price := &s.plan.Prices[i]
		term, ok := price.Model.(Term)
		if !ok || price.Resource != resource.Kind {
			continue
		}
		if effective, err := s.override(price); err == nil {
			term, _ = effective.Model.(Term)
		}
		if bought, ok := term.Purchase(resource, s.loc); ok {
			out = append(out, ResourcePurchase{
				Account: s.sub.Account, Subscription: s.sub.ID, Currency: r.book.Currency, Price: price.ID, Resource: *resource, Purchase: bought,
			})
		}
	}
	return out
}

// TermsOf returns the prices by which a tree's account may buy resources of a
// kind at an instant, with the time zone of its subscription.
func (r *Raters) TermsOf(account, kind string, at time.Time) (terms []Term, loc *time.Location) {
	for _, one := range r.of {
		n := one.reg.nodes[account]
		if n == nil {
			continue
		}
		if ours, _ := one.belongs(n); !ours {
			continue
		}
		for _, sub := range n.subscriptions {
			for _, s := range one.planned(sub, at) {
				for i := range s.plan.Prices {
					if effective, err := s.override(&s.plan.Prices[i]); err == nil && effective.Resource == kind {
						if term, ok := effective.Model.(Term); ok {
							terms, loc = append(terms, term), s.loc
						}
					}
				}
			}
		}
	}
	return terms, loc
}
