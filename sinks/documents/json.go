package documents

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// compact writes v as one line of JSON without a newline. Markup is not
// escaped: documents are for programs, and a page that shows one escapes it
// there.
func compact(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// instant writes t as RFC 3339 in UTC; fractions of a second only where there
// are some.
func instant(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// optional is nil, JSON's null, for the empty text.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// group reads the canonical JSON of a matrix price's group; "" is no group. The
// result marshals with sorted keys.
func group(grouping string) (map[string]any, error) {
	values := map[string]any{}
	if grouping == "" || grouping == "{}" {
		return values, nil
	}
	d := json.NewDecoder(strings.NewReader(grouping))
	d.UseNumber()
	if !json.Valid([]byte(grouping)) || d.Decode(&values) != nil || values == nil {
		return nil, fmt.Errorf("read grouping %.80q: want a JSON object", grouping)
	}
	return values, nil
}
