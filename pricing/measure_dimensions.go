package pricing

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// noGroup is the grouping of what is not grouped.
const noGroup = "{}"

// parseDimensions reads the canonical JSON object of strings that rollups keep
// of an event's dimensions. It is read here, and not by a JSON library, because
// pricing knows no file format: this one text is part of UsageState.
func parseDimensions(s string) (map[string]string, error) {
	r := &dimensionReader{rest: s}
	out := map[string]string{}
	ok := r.take('{')
	for ok && !r.take('}') {
		var name, value string
		if len(out) > 0 {
			ok = r.take(',')
		}
		if name, ok = r.text(ok); ok {
			value, ok = r.text(r.take(':'))
			out[name] = value
		}
	}
	if !ok || r.rest != "" {
		return nil, fmt.Errorf("read dimensions %.60q: want a JSON object of strings; roll the day up again", s)
	}
	return out, nil
}

type dimensionReader struct{ rest string }

func (r *dimensionReader) take(c byte) bool {
	if r.rest == "" || r.rest[0] != c {
		return false
	}
	r.rest = r.rest[1:]
	return true
}

// text reads a quoted string; it reads nothing when what came before was not ok.
func (r *dimensionReader) text(ok bool) (string, bool) {
	if !ok || !r.take('"') {
		return "", false
	}
	var b strings.Builder
	for {
		i := strings.IndexAny(r.rest, `"\`)
		if i < 0 {
			return "", false
		}
		b.WriteString(r.rest[:i])
		r.rest = r.rest[i:]
		if r.take('"') {
			return b.String(), true
		}
		r.rest = r.rest[1:]
		if !r.escape(&b) {
			return "", false
		}
	}
}

func (r *dimensionReader) escape(b *strings.Builder) bool {
	if r.rest == "" {
		return false
	}
	c := r.rest[0]
	r.rest = r.rest[1:]
	switch i := strings.IndexByte(`"\/bfnrt`, c); {
	case i >= 0:
		b.WriteByte("\"\\/\b\f\n\r\t"[i])
		return true
	case c != 'u':
		return false
	}
	first, ok := r.unit()
	if !ok {
		return false
	}
	if utf16.IsSurrogate(first) && strings.HasPrefix(r.rest, `\u`) {
		r.rest = r.rest[2:]
		second, ok := r.unit()
		b.WriteRune(utf16.DecodeRune(first, second))
		return ok
	}
	b.WriteRune(first)
	return true
}

// unit reads the four hexadecimal digits of a UTF-16 code unit.
func (r *dimensionReader) unit() (rune, bool) {
	if len(r.rest) < 4 {
		return 0, false
	}
	n, err := strconv.ParseUint(r.rest[:4], 16, 16)
	r.rest = r.rest[4:]
	return rune(n), err == nil
}

// quoteJSON writes s as a JSON string, escaping only what must be.
func quoteJSON(b *strings.Builder, s string) {
	b.WriteByte('"')
	for _, c := range strings.ToValidUTF8(s, string(utf8.RuneError)) {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteRune(c)
		case c < ' ' || c == 0x7f || c == '\u2028' || c == '\u2029':
			fmt.Fprintf(b, `\u%04x`, c)
		default:
			b.WriteRune(c)
		}
	}
	b.WriteByte('"')
}
