package main

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"daybook/sources/parquet"
)

// bombFile writes usage whose ids have a megabyte each, which compresses to nearly
// nothing: `bomb MEGABYTES TO.parquet`. The rows are of
// 6 October 2026.
func bombFile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: bomb MEGABYTES TO.parquet")
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	same := slices.Repeat([]string{strings.Repeat("x", 1<<20)}, n)
	body, err := parquet.Encode([]parquet.Column{
		{Name: "event_id", Type: parquet.String, Strings: same},
		{Name: "time", Type: parquet.TimestampMicrosUTC, Ints: slices.Repeat([]int64{1_791_244_800_000_000}, n)},
		{Name: "subscription_id", Type: parquet.String, Strings: same},
		{Name: "meter", Type: parquet.String, Strings: same},
		{Name: "quantity", Type: parquet.Int64, Ints: slices.Repeat([]int64{1}, n)},
	}, n)
	ts.Check(err)
	path := ts.MkAbs(args[1])
	ts.Check(os.MkdirAll(filepath.Dir(path), 0o755))
	ts.Check(os.WriteFile(path, body, 0o644))
}
