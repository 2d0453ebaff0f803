package pricing

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// Attribution returns what a rollup takes from the registry: under each
// subscription's key the subscription itself, under each account's key all its
// subscriptions. Where several hold an account's key at one time the engine
// finds the event ambiguous. Subscriptions without a usable zone are left out:
// their account is reported.
func (r *Registry) Attribution() Attribution {
	entries := make([]AttributionEntry, 0, len(r.Subscriptions)) // by account
	accounts := make([]AttributionKey, 0, len(r.Accounts))
	held := make([][]AttributionEntry, len(r.Subscriptions)) // by subscription
	for i := range r.Accounts {
		id, start := r.Accounts[i].ID, len(entries)
		for _, n := range r.nodes[id].subscriptions {
			if r.zones[n] != nil {
				entries = append(entries, r.entry(n))
				held[n] = entries[len(entries)-1:]
			}
		}
		if all := entries[start:len(entries):len(entries)]; len(all) > 0 {
			accounts = append(accounts, AttributionKey{AccountKey(id), inOrder(all)})
		}
	}
	out := Attribution{Keys: make([]AttributionKey, 0, len(accounts)+len(entries))}
	out.Keys = append(out.Keys, accounts...) // before subscriptions, as their keys are
	for n := range r.Subscriptions {
		if own := held[n]; own != nil {
			out.Keys = append(out.Keys, AttributionKey{SubscriptionKey(r.Subscriptions[n].ID), own[:1:1]})
		}
	}
	return out
}

// entry is subscription n's hold.
func (r *Registry) entry(n int) AttributionEntry {
	sub := &r.Subscriptions[n]
	e := AttributionEntry{
		Account: sub.Account, Subscription: sub.ID,
		Start: sub.Start.UnixMicro(), End: math.MaxInt64, Zone: r.zones[n].String(),
	}
	if !sub.End.IsZero() {
		e.End = sub.End.UnixMicro()
	}
	return e
}

// inOrder returns entries sorted by start, then subscription: a copy, where they
// are not, as each entry's place is its subscription's too.
func inOrder(entries []AttributionEntry) []AttributionEntry {
	order := func(a, b AttributionEntry) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), strings.Compare(a.Subscription, b.Subscription))
	}
	if !slices.IsSortedFunc(entries, order) {
		entries = slices.Clone(entries)
		slices.SortFunc(entries, order)
	}
	return entries
}
