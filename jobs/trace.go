package jobs

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"daybook/pricing"
)

// A trace is what a rollup took from the registry: the attribution entries of
// every key its events named, absent keys included, one JSON line a key. A
// later registry that gives the same trace gives the same rollup, so a new
// customer causes no re-read of old usage.

type traceLine struct {
	Key     string                     `json:"key"`
	Entries []pricing.AttributionEntry `json:"entries"`
}

// traceOf writes the trace of the keys, which are sorted and unique.
func traceOf(keys []string, a pricing.Attribution) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	for _, key := range keys {
		entries := a.Keys[key]
		if entries == nil {
			entries = []pricing.AttributionEntry{}
		}
		if err := enc.Encode(traceLine{key, entries}); err != nil {
			return nil, fmt.Errorf("write trace: %w", err)
		}
	}
	return out.Bytes(), nil
}

// retrace writes the trace that the keys of an old one have under a.
func retrace(old []byte, a pricing.Attribution) ([]byte, error) {
	var keys []string
	dec := json.NewDecoder(bytes.NewReader(old))
	for dec.More() {
		var line traceLine
		if err := dec.Decode(&line); err != nil {
			return nil, fmt.Errorf("read trace: %w", err)
		}
		keys = append(keys, line.Key)
	}
	return traceOf(keys, a)
}

// digest is the sha256 of b in hex.
func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
