package book

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Letters of other alphabets and digits, and the letter that each is read as.
const (
	foreignLetters = "аеорсухіјѕԁһкмтвнαορνκιτυ01"
	readAs         = "aeopcyxijsdhkmtbhaopvkituol"
)

// skeleton is what a name looks like: without case, without hyphens, spaces and
// underscores (but those between digits: 1-10 is not 11-0), with letters for
// what is read as them. Two names of one skeleton are easily taken for another.
func skeleton(name string) string {
	var b strings.Builder
	runes := []rune(strings.ToLower(name))
	for i, r := range runes {
		separator := strings.ContainsRune("-_ ", r)
		betweenDigits := i > 0 && i < len(runes)-1 && unicode.IsDigit(runes[i-1]) && unicode.IsDigit(runes[i+1])
		if separator && !betweenDigits || invisible(r) {
			continue
		}
		if at := strings.IndexRune(foreignLetters, r); at >= 0 {
			r = rune(readAs[utf8.RuneCountInString(foreignLetters[:at])])
		}
		b.WriteRune(r)
	}
	return b.String()
}

// invisible reports characters without width: joiners, direction marks, soft
// hyphens.
func invisible(r rune) bool { return unicode.Is(unicode.Cf, r) }

// warnOfLookAlikes warns of keys of one table that people take for another.
func warnOfLookAlikes(r *report, pairs []pair) {
	first := make(map[string]pair, len(pairs))
	for _, p := range pairs {
		s := skeleton(p.key)
		if before, seen := first[s]; seen {
			r.warn(p.at, fmt.Sprintf("%s looks like %s on line %d", quote(p.key), quote(before.key), before.at.line),
				"keep one if they are one; else give them names that cannot be mistaken")
			continue
		}
		first[s] = p
	}
}
