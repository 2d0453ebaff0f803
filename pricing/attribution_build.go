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
	own := make([]int, len(r.Subscriptions))                     // by subscription: its entry + 1
	var text strings.Builder                                     // of all keys together: there are many, and all stay
	key := func(kind, id string) string {
		at := text.Len()
		text.WriteString(kind)
		text.WriteString(id)
		return text.String()[at:]
	}
	out := Attribution{Keys: make([]AttributionKey, 0, len(r.Accounts)+len(r.Subscriptions))}
	for i := range r.Accounts { // before subscriptions, as their keys are
		id, start := r.Accounts[i].ID, len(entries)
		for _, n := range r.nodes[id].subscriptions {
			if r.zones[n] != nil {
				entries = append(entries, r.entry(n))
				own[n] = len(entries)
			}
		}
		if all := entries[start:len(entries):len(entries)]; len(all) > 0 {
			out.Keys = append(out.Keys, AttributionKey{key(AccountKey(""), id), inOrder(all)})
		}
	}
	for n := range r.Subscriptions {
		if at := own[n]; at > 0 {
			out.Keys = append(out.Keys, AttributionKey{key(SubscriptionKey(""), r.Subscriptions[n].ID), entries[at-1 : at : at]})
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
