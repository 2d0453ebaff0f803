package tables

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"daybook/pricing"
	"daybook/pricing/columns"
)

// RejectedUsage is one usage row that was not kept, the place it stands in and
// the reason.
type RejectedUsage struct {
	File          string // key of the usage file
	RowGroup, Row int64  // from 0; Row counts within the row group
	Reason        string // snake_case code
	Field, Value  string // the column concerned and its value; "" unknown
	EventID       string // "" unreadable
	Time          int64  // Unix microseconds; 0 unreadable
}

// EncodeRejected writes the rejected rows of one UTC day, in any order. A row
// may be here for its text not being UTF-8: broken bytes are written as \xNN,
// so that the table itself stays readable.
func EncodeRejected(day pricing.Date, rows []RejectedUsage) ([]byte, error) {
	s := newSheet(columns.RejectedUsage, len(rows), func(i int) string {
		return fmt.Sprintf("file %q, row group %d, row %d", rows[i].File, rows[i].RowGroup, rows[i].Row)
	})
	s.days("utc_day", func(int) pricing.Date { return day })
	s.text("file", func(i int) string { return legible(rows[i].File) })
	s.intsOf("row_group", func(i int) int64 { return rows[i].RowGroup })
	s.intsOf("row", func(i int) int64 { return rows[i].Row })
	s.text("reason", func(i int) string { return rows[i].Reason })
	s.text("field", func(i int) string { return legible(rows[i].Field) })
	s.text("value", func(i int) string { return legible(rows[i].Value) })
	s.text("event_id", func(i int) string { return legible(rows[i].EventID) })
	s.intsOf("time", func(i int) int64 { return rows[i].Time })
	return s.encode()
}

// legible writes the bytes that are not UTF-8 as \xNN.
func legible(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && n == 1 {
			fmt.Fprintf(&b, `\x%02x`, s[0])
		} else {
			b.WriteString(s[:n])
		}
		s = s[n:]
	}
	return b.String()
}
