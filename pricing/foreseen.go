package pricing

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Foreseen returns what of the registry and the book will keep accounts from
// being rated, whatever is used: a currency that is not the book's, a plan or a
// version of it that is not there while a subscription runs, an override that
// nothing fits, a resource of a kind that has no price, a schedule of levels
// that is missing (docs/billing-rules.md, Usage that does not fit). Since is the
// first day on which it matters. Each subscription's first fault of a kind is
// named, sorted by account. What NewRegistry reported is not named again, and
// days before the book's first version park nobody until they are rated.
func (r *Rater) Foreseen() []Parked {
	var out []Parked
	add := func(f *fault) {
		p := Parked{Account: f.accounts[0], Reason: f.code, Detail: f.detail, Since: f.since}
		if !slices.ContainsFunc(out, func(o Parked) bool { return o.Account == p.Account && o.Reason == p.Reason && o.Detail == p.Detail }) {
			out = append(out, p)
		}
	}
	for i := range r.reg.Subscriptions {
		sub := &r.reg.Subscriptions[i]
		node := r.reg.nodes[sub.Account]
		if node == nil || node.broken || r.reg.zones[i] == nil {
			continue
		}
		first := LocalDay(sub.Start, r.reg.zones[i])
		ours, elsewhere := r.belongs(node)
		if elsewhere {
			continue
		}
		if !ours {
			add(r.currencyFault(sub.Account, node.currency, first))
		}
		named := map[string]bool{} // one fault of a kind for each subscription
		for _, st := range r.stages(sub, r.reg.zones[i], Cycle{}) {
			for _, f := range r.stageFaults(sub, node, st, LocalDay(st.held.Start, r.reg.zones[i])) {
				if !named[f.code] {
					named[f.code] = true
					add(f)
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Parked) int { return cmp.Compare(a.Account, b.Account) })
	return out
}

// currencyFault parks an account that pays in another currency than the book's.
func (r *Rater) currencyFault(account, currency string, since Date) *fault {
	if r.beside != nil {
		codes := slices.Sorted(maps.Keys(r.beside.books))
		return &fault{
			accounts: []string{account}, code: "currency_mismatch", since: since,
			detail: fmt.Sprintf("account %q pays in %q, but the price books are in %s; write one of these, in the account or one above it", account, currency, strings.Join(codes, " and ")),
		}
	}
	return &fault{
		accounts: []string{account}, code: "currency_mismatch", since: since,
		detail: fmt.Sprintf("account %q pays in %s, but book %s is in %s; correct the account's currency or give it a book of that currency", account, currency, r.book.Name, r.book.Currency.Code),
	}
}

// stageFaults returns what keeps a subscription from being rated under one
// version of the book.
func (r *Rater) stageFaults(sub *Subscription, node *node, st stage, first Date) []*fault {
	if st.version == nil {
		return nil
	}
	s := &segment{sub: sub, node: node, version: st.version, plan: st.plan, first: first}
	if f := s.fault(r.book); f != nil {
		return []*fault{f}
	}
	var out []*fault
	for i := range st.plan.Prices {
		p := &st.plan.Prices[i]
		if _, err := s.override(p); err != nil {
			out = append(out, segmentFault(s, err))
		}
		if burst, ok := p.Model.(Burst); ok && burst.ScheduleName != "" && len(r.reg.levels[burst.ScheduleName]) == 0 {
			out = append(out, &fault{
				accounts: []string{sub.Account}, code: "missing_level", since: first,
				detail: fmt.Sprintf("price %s of plan %q takes its level from schedule %q, of which the registry has no row: subscription %q cannot be rated once it exceeds what it pays for; add the schedule to `levels`",
					p.ID, st.plan.ID, burst.ScheduleName, sub.ID),
			})
		}
		if err := r.missingSKU(sub, node, p, st.held); err != nil {
			out = append(out, segmentFault(s, err))
		}
	}
	return out
}

// missingSKU names a resource of the subscription for which a price lists none.
func (r *Rater) missingSKU(sub *Subscription, node *node, p *Price, held Period) error {
	kind := p.Resource
	lists := func(*Resource) bool { return true }
	switch model := p.Model.(type) {
	case ResourceTime:
		lists = func(r *Resource) bool { _, known := model.priceOf(r.SKU); return known }
	case Term:
		lists = func(r *Resource) bool {
			_, _, known := model.bought(r, time.UTC)
			return known || !held.Contains(r.Created)
		}
	}
	if p.Included != nil {
		kind = p.Included.Resource
		lists = func(r *Resource) bool { _, known := p.Included.of(r.SKU); return known }
	}
	for _, n := range node.resources {
		res := &r.reg.Resources[n]
		if kind == "" || res.Kind != kind || res.Subscription != "" && res.Subscription != sub.ID || held.Cut(Period{res.Created, res.Deleted}).Empty() {
			continue
		}
		if !lists(res) {
			return &MissingSKUError{Price: p.ID, SKU: res.SKU, Resource: res.ID}
		}
	}
	return nil
}
