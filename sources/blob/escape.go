package blob

import (
	"fmt"
	"strings"
)

// emptyID is how EscapeID writes the empty id. A lone "%" is never the escape
// of anything else.
const emptyID = "%"

// EscapeID encodes any id, valid UTF-8 or not, as one key segment
// (docs/commit-protocol.md, "Keys": ids become keys only after strict
// encoding). Letters, digits, "-", "_" and "." stay; every other byte becomes
// "%" and two upper-case hex digits, and so does a "." in front, so that no id
// makes "..", a hidden file or a store's own name. Different ids give different
// segments, and [UnescapeID] gives the id back.
//
// A file system takes at most 255 bytes a segment, so an id of more than 85
// escaped bytes may not fit a file store.
func EscapeID(id string) string {
	if id == "" {
		return emptyID
	}
	var b strings.Builder
	b.Grow(len(id))
	for i := range len(id) {
		if c := id[i]; plainIDByte(c) && (i > 0 || c != '.') {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// UnescapeID returns the id that [EscapeID] wrote as segment. It returns an
// error wrapping [ErrBadKey] for every text that EscapeID never writes.
func UnescapeID(segment string) (string, error) {
	if segment == emptyID {
		return "", nil
	}
	var b strings.Builder
	for i := 0; i < len(segment); i++ {
		c := segment[i]
		if c == '%' && i+2 < len(segment) {
			hi, lo := hexDigit(segment[i+1]), hexDigit(segment[i+2])
			if hi >= 0 && lo >= 0 {
				c = byte(hi<<4 | lo)
				i += 2
			}
		}
		b.WriteByte(c)
	}
	// One id has one segment: whatever does not encode back was never ours.
	if id := b.String(); EscapeID(id) == segment {
		return id, nil
	}
	return "", fmt.Errorf("unescape id: %w: %q is not an escaped id", ErrBadKey, segment)
}

func plainIDByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		c == '-' || c == '_' || c == '.'
}

func hexDigit(c byte) int {
	return strings.IndexByte("0123456789ABCDEF", c)
}
