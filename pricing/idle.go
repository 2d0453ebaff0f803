package pricing

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// Idle is a row of the registry, or a part of one, that no price looks at: it
// costs nothing, and nobody is parked for it. It is hardly meant.
type Idle struct {
	Kind    string // "resource" or "subscription"
	ID      string
	Account string
	Detail  string // a sentence with the remedy
}

// Idle returns the resources of kinds that no plan of their account prices, and
// the quantities of subscriptions for prices that count none, sorted by kind and
// id.
func (r *Rater) Idle() []Idle {
	var out []Idle
	for i := range r.reg.Resources {
		res := &r.reg.Resources[i]
		if n := r.reg.nodes[res.Account]; n != nil && !n.broken && r.ours(n) && !r.pricesKind(n, res) {
			out = append(out, Idle{"resource", res.ID, res.Account, fmt.Sprintf(
				"resource %q is of kind %q, which no plan of account %q prices; correct its kind, or add a price with `resource: %s`", res.ID, res.Kind, res.Account, res.Kind)})
		}
	}
	for i := range r.reg.Subscriptions {
		sub := &r.reg.Subscriptions[i]
		if n := r.reg.nodes[sub.Account]; n == nil || !r.ours(n) {
			continue
		}
		for _, id := range slices.Sorted(maps.Keys(sub.Quantities)) {
			if r.book.hasPrice(sub.Plan, id) && !r.book.countsQuantity(sub.Plan, id) {
				out = append(out, Idle{"subscription", sub.ID, sub.Account, fmt.Sprintf(
					"subscription %q has a quantity for price %q, which is of usage; only fixed fees, and bursts over what is subscribed, count it: leave it out", sub.ID, id)})
			}
		}
	}
	slices.SortStableFunc(out, compareIdle)
	return out
}

func compareIdle(a, b Idle) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID)) }

// ours reports whether this rater's book prices an account.
func (r *Rater) ours(n *node) bool {
	ours, _ := r.belongs(n)
	return ours
}

// pricesKind reports whether a plan of the account prices a resource, or holds
// bursts against it.
func (r *Rater) pricesKind(n *node, res *Resource) bool {
	for _, i := range n.subscriptions {
		sub := &r.reg.Subscriptions[i]
		if res.Subscription != "" && res.Subscription != sub.ID {
			continue
		}
		for _, p := range r.book.pricesOf(sub.Plan) {
			if burst, ok := p.Model.(Burst); p.Resource == res.Kind || ok && burst.Over == res.Kind {
				return true
			}
		}
	}
	return false
}

// countsQuantity reports whether a price of a plan looks at the quantities of
// subscriptions.
func (b *Book) countsQuantity(plan, id string) bool {
	return slices.ContainsFunc(b.pricesOf(plan), func(p *Price) bool {
		_, fixed := p.Model.(Fixed)
		burst, ok := p.Model.(Burst)
		return p.ID == id && (fixed || ok && burst.Over == OverSubscribed)
	})
}

// pricesOf returns the prices that a plan has in any version.
func (b *Book) pricesOf(plan string) []*Price {
	var out []*Price
	for i := range b.Versions {
		if p, ok := b.Versions[i].PlanOf(plan); ok {
			for j := range p.Prices {
				out = append(out, &p.Prices[j])
			}
		}
	}
	return out
}
