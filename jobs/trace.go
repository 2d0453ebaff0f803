package jobs

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sort"
	"strconv"

	"daybook/pricing"
)

// A trace is what a rollup took from the registry: the attribution entries of
// every key its events named, absent keys included, one JSON line a key. A
// later registry that gives the same trace gives the same rollup, so a new
// customer causes no re-read of old usage.

// traceOf writes the trace of the keys, which are sorted and unique.
func traceOf(keys []string, a pricing.Attribution) []byte {
	var out []byte
	at := inOrder{a: a}
	for i, key := range keys {
		if i == 1 {
			out = append(make([]byte, 0, len(out)*len(keys)*5/4), out...)
		}
		out = appendTraceLine(out, key, at.of(key))
	}
	return out
}

// inOrder finds keys that are asked for in their order: most stand next to the one
// before.
type inOrder struct {
	a    pricing.Attribution
	next int
}

// of returns the entries of a key, none where the registry does not have it.
func (o *inOrder) of(key string) []pricing.AttributionEntry {
	keys := o.a.Keys
	if o.next == len(keys) || keys[o.next].Key != key {
		o.next = sort.Search(len(keys), func(i int) bool { return keys[i].Key >= key })
	}
	if o.next == len(keys) || keys[o.next].Key != key {
		return nil
	}
	o.next++
	return keys[o.next-1].Entries
}

// appendTraceLine writes {"key":…,"entries":[…]} and a line end.
func appendTraceLine(out []byte, key string, entries []pricing.AttributionEntry) []byte {
	out = appendJSON(append(out, `{"key":`...), key, false)
	out = appendEntries(append(out, `,"entries":`...), entries, false)
	return append(out, "}\n"...)
}

// traceHolds reports whether the keys of an old trace have the same entries under a.
func traceHolds(old []byte, a pricing.Attribution) (bool, error) {
	var now []byte
	at := inOrder{a: a}
	for len(old) > 0 {
		line := old
		if end := bytes.IndexByte(old, '\n'); end >= 0 {
			line = old[:end+1]
		}
		old = old[len(line):]
		key, err := traceKey(line)
		if err != nil {
			return false, err
		}
		if now = appendTraceLine(now[:0], key, at.of(key)); !bytes.Equal(now, line) {
			return false, nil
		}
	}
	return true, nil
}

// traceKey returns the key of a line, which stands first.
func traceKey(line []byte) (string, error) {
	if text, ok := bytes.CutPrefix(line, []byte(`{"key":"`)); ok {
		if end := bytes.IndexByte(text, '"'); end >= 0 && bytes.IndexByte(text[:end], '\\') < 0 {
			return string(text[:end]), nil
		}
	}
	var named struct {
		Key string `json:"key"`
	}
	if err := json.Unmarshal(line, &named); err != nil {
		return "", fmt.Errorf("read trace: %w", err)
	}
	return named.Key, nil
}

// attributionDigest is the digest of {"Keys":{key:[entries],…}}.
func attributionDigest(a pricing.Attribution) string {
	sum := sha256.New()
	out := append(make([]byte, 0, 1<<15), `{"Keys":{`...)
	for i := range a.Keys {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(appendJSON(out, a.Keys[i].Key, true), ':')
		out = appendEntries(out, a.Keys[i].Entries, true)
		if len(out) > 1<<14 {
			sum.Write(out)
			out = out[:0]
		}
	}
	sum.Write(append(out, "}}"...))
	return hex.EncodeToString(sum.Sum(nil))
}

// appendEntries writes entries as encoding/json does, with or without its escapes
// of HTML, but without its reflection: there are as many as subscriptions.
func appendEntries(out []byte, entries []pricing.AttributionEntry, html bool) []byte {
	out = append(out, '[')
	for i := range entries {
		e := &entries[i]
		if i > 0 {
			out = append(out, ',')
		}
		out = appendJSON(append(out, `{"account":`...), e.Account, html)
		out = appendJSON(append(out, `,"subscription":`...), e.Subscription, html)
		out = strconv.AppendInt(append(out, `,"start":`...), e.Start, 10)
		out = strconv.AppendInt(append(out, `,"end":`...), e.End, 10)
		out = appendJSON(append(out, `,"zone":`...), e.Zone, html)
		out = append(out, '}')
	}
	return append(out, ']')
}

// appendJSON writes a JSON string.
func appendJSON(out []byte, s string, html bool) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			var b bytes.Buffer
			enc := json.NewEncoder(&b)
			enc.SetEscapeHTML(html)
			_ = enc.Encode(s) // a text in memory
			return append(out, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
		}
	}
	out = append(out, '"')
	return append(append(out, s...), '"')
}

// digest is the sha256 of b in hex.
func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
