package pricing

// Attribution is the registry's projection for rollups: which subscription an
// event's key and time belong to. It holds all that a rollup takes from the
// registry, so that other registry changes cause no re-read.
type Attribution struct {
	// Keys maps SubscriptionKey or AccountKey values to their entries, sorted
	// by Start then Subscription.
	Keys map[string][]AttributionEntry
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

// SubscriptionKey is the attribution key of events that name a subscription.
func SubscriptionKey(id string) string { return "s:" + id }

// AccountKey is the attribution key of events that name only an account.
func AccountKey(id string) string { return "a:" + id }
