package jobs

import (
	"encoding/json"
	"strings"
	"time"

	"daybook/pricing"
)

// coverageLineSize is room for the usual line of appendCoverage, in bytes.
const coverageLineSize = 192

// appendCoverage appends the line of what is billed of a price, as encoding/json
// writes a [coverageEntry]. There is one for each price of each subscription, so the
// usual one is written without reflection.
func appendCoverage(b []byte, c pricing.Covered, billed pricing.Period) ([]byte, error) {
	from, through := billed.Start.UTC(), billed.End.UTC()
	if !plainText(c.Account) || !plainText(c.Subscription) || !plainText(c.Plan) || !plainText(c.Price) || !plainTime(from) || !plainTime(through) {
		var line strings.Builder
		enc := json.NewEncoder(&line)
		enc.SetEscapeHTML(false)
		err := enc.Encode(coverageEntry{c.Account, c.Subscription, c.Plan, c.Price, from, through, nil})
		return append(b, line.String()...), err
	}
	b = append(append(b, `{"account":"`...), c.Account...)
	b = append(append(b, `","subscription":"`...), c.Subscription...)
	b = append(append(b, `","plan":"`...), c.Plan...)
	b = append(append(b, `","price":"`...), c.Price...)
	b = from.AppendFormat(append(b, `","from":"`...), time.RFC3339Nano)
	b = through.AppendFormat(append(b, `","through":"`...), time.RFC3339Nano)
	return append(b, "\"}\n"...), nil
}

// plainText reports whether a text is not empty and stands in JSON as it is.
func plainText(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return s != ""
}

// plainTime reports whether an instant is not zero and has a year of four digits.
func plainTime(t time.Time) bool { return !t.IsZero() && t.Year() >= 0 && t.Year() <= 9999 }
