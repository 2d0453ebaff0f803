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
	out := Attribution{Keys: make(map[string][]AttributionEntry, len(r.Subscriptions)+len(r.Accounts))}
	for i := range r.Subscriptions {
		sub, zone := &r.Subscriptions[i], r.zones[i]
		if zone == nil {
			continue
		}
		entry := AttributionEntry{
			Account: sub.Account, Subscription: sub.ID,
			Start: sub.Start.UnixMicro(), End: math.MaxInt64, Zone: zone.String(),
		}
		if !sub.End.IsZero() {
			entry.End = sub.End.UnixMicro()
		}
		for _, key := range []string{SubscriptionKey(sub.ID), AccountKey(sub.Account)} {
			out.Keys[key] = append(out.Keys[key], entry)
		}
	}
	for _, entries := range out.Keys {
		slices.SortFunc(entries, func(a, b AttributionEntry) int {
			return cmp.Or(cmp.Compare(a.Start, b.Start), strings.Compare(a.Subscription, b.Subscription))
		})
	}
	return out
}
