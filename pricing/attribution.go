package pricing

import (
	"maps"
	"slices"
	"strings"
)

// Attribution is the registry's projection for rollups: which subscription an
// event's key and time belong to. It holds all that a rollup takes from the
// registry, so that other registry changes cause no re-read.
type Attribution struct {
	Keys []AttributionKey // sorted by key, unique
}

// AttributionKey is what events name, and who holds it.
type AttributionKey struct {
	Key     string             // SubscriptionKey or AccountKey
	Entries []AttributionEntry // sorted by Start then Subscription
}

// AttributionEntry is one subscription's hold on a key in [Start, End), Unix
// microseconds; End is math.MaxInt64 while open.
type AttributionEntry struct {
	Account      string `json:"account"`
	Subscription string `json:"subscription"`
	Start        int64  `json:"start"`
	End          int64  `json:"end"`
	Zone         string `json:"zone"` // IANA name, gives the local day
}

// AttributionOf puts keys with their entries, which are sorted, in order.
func AttributionOf(entries map[string][]AttributionEntry) Attribution {
	var a Attribution
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		a.Keys = append(a.Keys, AttributionKey{key, entries[key]})
	}
	return a
}

// Of returns the entries of a key, none where the registry does not have it.
func (a Attribution) Of(key string) []AttributionEntry {
	if i, found := a.find(key); found {
		return a.Keys[i].Entries
	}
	return nil
}

// Set gives a key other entries, which are sorted.
func (a *Attribution) Set(key string, entries ...AttributionEntry) {
	i, found := a.find(key)
	if !found {
		a.Keys = slices.Insert(a.Keys, i, AttributionKey{Key: key})
	}
	a.Keys[i].Entries = entries
}

func (a Attribution) find(key string) (int, bool) {
	return slices.BinarySearchFunc(a.Keys, key, func(k AttributionKey, key string) int { return strings.Compare(k.Key, key) })
}

// SubscriptionKey is the attribution key of events that name a subscription.
func SubscriptionKey(id string) string { return "s:" + id }

// AccountKey is the attribution key of events that name only an account.
func AccountKey(id string) string { return "a:" + id }
