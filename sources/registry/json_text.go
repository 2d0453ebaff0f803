package registry

import "strings"

// jsonText walks over a JSON text (RFC 8259) without copying any of it.
type jsonText struct {
	text string
	at   int
}

// maxNesting bounds how deep objects and lists may stand in each other.
const maxNesting = 10_000

// space skips white space.
func (j *jsonText) space() {
	for j.at < len(j.text) {
		switch j.text[j.at] {
		case ' ', '\t', '\r', '\n':
			j.at++
		default:
			return
		}
	}
}

// next skips white space and, if c follows, c.
func (j *jsonText) next(c byte) bool {
	if j.space(); j.at < len(j.text) && j.text[j.at] == c {
		j.at++
		return true
	}
	return false
}

// value skips white space and the value behind it, which it returns as it is
// written; false where none follows, or a broken one. The value is within depth
// others.
func (j *jsonText) value(depth int) (string, bool) {
	j.space()
	if j.at == len(j.text) {
		return "", false
	}
	start, ok := j.at, false
	switch c := j.text[j.at]; c {
	case '"':
		ok = j.string()
	case '{':
		ok = depth < maxNesting && j.object(depth+1)
	case '[':
		ok = depth < maxNesting && j.list(depth+1)
	case 't':
		ok = j.literal("true")
	case 'f':
		ok = j.literal("false")
	case 'n':
		ok = j.literal("null")
	default:
		ok = j.number()
	}
	return j.text[start:j.at], ok
}

func (j *jsonText) object(depth int) bool {
	j.at++
	for n := 0; !j.next('}'); n++ {
		if n > 0 && !j.next(',') {
			return false
		}
		if name, ok := j.value(depth); !ok || name[0] != '"' || !j.next(':') {
			return false
		}
		if _, ok := j.value(depth); !ok {
			return false
		}
	}
	return true
}

func (j *jsonText) list(depth int) bool {
	j.at++
	for n := 0; !j.next(']'); n++ {
		if n > 0 && !j.next(',') {
			return false
		}
		if _, ok := j.value(depth); !ok {
			return false
		}
	}
	return true
}

func (j *jsonText) string() bool {
	for j.at++; j.at < len(j.text); j.at++ {
		switch c := j.text[j.at]; {
		case c == '"':
			j.at++
			return true
		case c < ' ':
			return false
		case c == '\\':
			if !j.escape() {
				return false
			}
		}
	}
	return false
}

// escape goes to the last character of an escape.
func (j *jsonText) escape() bool {
	j.at++
	if j.at == len(j.text) {
		return false
	}
	if j.text[j.at] != 'u' {
		return strings.IndexByte(`"\/bfnrt`, j.text[j.at]) >= 0
	}
	for range 4 {
		if j.at++; j.at == len(j.text) || !isHex(j.text[j.at]) {
			return false
		}
	}
	return true
}

func isHex(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func (j *jsonText) literal(word string) bool {
	if !strings.HasPrefix(j.text[j.at:], word) {
		return false
	}
	j.at += len(word)
	return true
}

// number skips -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?
func (j *jsonText) number() bool {
	j.oneOf("-")
	if !j.oneOf("0") && !j.digits() {
		return false
	}
	if j.oneOf(".") && !j.digits() {
		return false
	}
	if j.oneOf("eE") {
		j.oneOf("+-")
		return j.digits()
	}
	return true
}

// oneOf skips a character if it is one of those.
func (j *jsonText) oneOf(set string) bool {
	if j.at < len(j.text) && strings.IndexByte(set, j.text[j.at]) >= 0 {
		j.at++
		return true
	}
	return false
}

func (j *jsonText) digits() bool {
	start := j.at
	for j.at < len(j.text) && isDigit(j.text[j.at]) {
		j.at++
	}
	return j.at > start
}
