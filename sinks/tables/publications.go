package tables

import (
	"fmt"
	"time"

	"daybook/pricing/columns"
)

// Publication says which run published one partition of a table
// (docs/commit-protocol.md, Bytes: never in the rows themselves).
type Publication struct {
	Job, Period string
	Table       string
	Partition   string // "utc_day=2026-10-01"
	SHA256      string // of the partition's bytes, hex
	Revision    int
	Engine      string
	AsOf        time.Time
}

// EncodePublications writes publications, in any order.
func EncodePublications(rows []Publication) ([]byte, error) {
	s := newSheet(columns.Publications, len(rows), func(i int) string {
		return fmt.Sprintf("%s %s, table %s, %s", rows[i].Job, rows[i].Period, rows[i].Table, rows[i].Partition)
	})
	s.text("job", func(i int) string { return rows[i].Job })
	s.text("period", func(i int) string { return rows[i].Period })
	s.text("table", func(i int) string { return rows[i].Table })
	s.text("partition", func(i int) string { return rows[i].Partition })
	s.text("sha256", func(i int) string { return rows[i].SHA256 })
	s.intsOf("revision", func(i int) int64 { return int64(rows[i].Revision) })
	s.text("engine", func(i int) string { return rows[i].Engine })
	s.times("as_of", func(i int) time.Time { return rows[i].AsOf })
	return s.encode()
}
