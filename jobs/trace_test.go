package jobs

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"testing"

	"daybook/pricing"
)

// Traces and the attribution's digest are JSON as encoding/json writes it, and
// what was written before they were written by hand stays equal to it.
func TestTrace_IsWhatEncodingJSONWrites(t *testing.T) {
	entries := map[string][]pricing.AttributionEntry{}
	var keys []string
	for i, id := range []string{"plain", `quo"te`, `back\slash`, "<&>", "Zürich", "\u2028", "bad\xff", "tab\t", ""} {
		e := pricing.AttributionEntry{Account: id + "!", Subscription: id, Start: int64(i) - 3, End: math.MaxInt64, Zone: "Europe/Zurich"}
		entries[pricing.SubscriptionKey(id)] = []pricing.AttributionEntry{e}
		entries[pricing.AccountKey(id+"!")] = []pricing.AttributionEntry{e, {Account: id + "!", Zone: "UTC"}}
		keys = append(keys, pricing.SubscriptionKey(id), pricing.AccountKey(id), pricing.AccountKey(id+"!"))
	}
	a := pricing.AttributionOf(entries)
	all, err := json.Marshal(struct {
		Keys map[string][]pricing.AttributionEntry
	}{entries})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := attributionDigest(a), digest(all); got != want {
		t.Errorf("the digest is %s, want %s of %s", got, want, all)
	}
	if got, want := attributionDigest(pricing.Attribution{}), digest([]byte(`{"Keys":{}}`)); got != want {
		t.Errorf("of nothing the digest is %s, want %s", got, want)
	}

	slices.Sort(keys)
	var want bytes.Buffer
	enc := json.NewEncoder(&want)
	enc.SetEscapeHTML(false)
	for _, key := range keys {
		line := struct {
			Key     string                     `json:"key"`
			Entries []pricing.AttributionEntry `json:"entries"`
		}{key, entries[key]}
		if line.Entries == nil {
			line.Entries = []pricing.AttributionEntry{}
		}
		if err := enc.Encode(line); err != nil {
			t.Fatal(err)
		}
	}
	trace := traceOf(keys, a)
	if !bytes.Equal(trace, want.Bytes()) {
		t.Errorf("the trace is\n%s\nwant\n%s", trace, want.Bytes())
	}
}

// A trace holds while every key that it names has the same entries.
func TestTrace_HoldsWhileItsKeysDo(t *testing.T) {
	e := pricing.AttributionEntry{Account: "acme", Subscription: "s", End: math.MaxInt64, Zone: "UTC"}
	var a pricing.Attribution
	a.Set("s:s", e)
	trace := traceOf([]string{"s:absent", "s:s"}, a)
	for name, c := range map[string]struct {
		change func(*pricing.Attribution)
		want   bool
	}{
		"nothing changed":         {func(*pricing.Attribution) {}, true},
		"a subscription is new":   {func(a *pricing.Attribution) { a.Set("s:new", e) }, true},
		"one is no longer absent": {func(a *pricing.Attribution) { a.Set("s:absent", e) }, false},
		"one has ended": {func(a *pricing.Attribution) {
			a.Set("s:s", pricing.AttributionEntry{Account: "acme", Subscription: "s", End: 5, Zone: "UTC"})
		}, false},
		"one is gone": {func(a *pricing.Attribution) { a.Set("s:s") }, false},
	} {
		var now pricing.Attribution
		now.Set("s:s", e)
		c.change(&now)
		if got, err := traceHolds(trace, now); got != c.want || err != nil {
			t.Errorf("%s: %v, %v; want %v", name, got, err, c.want)
		}
	}
	if _, err := traceHolds([]byte("{"), a); err == nil {
		t.Error("a broken trace was read")
	}
}
