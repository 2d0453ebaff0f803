package main

import (
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"daybook/pricing/money"
	"daybook/sources/parquet"
)

// exits runs a command and wants its exit code: `exits 7 daybook run …`.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("%s exited with %d, want %d", strings.Join(args[1:], " "), got, want)
	}
}

// usageFile writes usage Parquet from a CSV of the story, so that an accountant
// can read what is billed: `usage events.csv bucket/usage/dt=2026-10-01/a.parquet`.
// An empty cell is a null; columns time and quantity are typed, others text.
func usageFile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: usage FROM.csv TO.parquet")
	}
	rows, err := csv.NewReader(strings.NewReader(ts.ReadFile(args[0]))).ReadAll()
	ts.Check(err)
	columns := make([]parquet.Column, len(rows[0]))
	for i, name := range rows[0] {
		c := parquet.Column{Name: strings.TrimSpace(name), Nullable: true}
		for _, row := range rows[1:] {
			cell := strings.TrimSpace(row[i])
			c.Valid = append(c.Valid, cell != "")
			switch c.Name {
			case "time":
				c.Type = parquet.TimestampMicrosUTC
				at, err := time.Parse(time.RFC3339, cell)
				if cell != "" {
					ts.Check(err)
				}
				c.Ints = append(c.Ints, at.UnixMicro())
			case "quantity":
				c.Type = parquet.Decimal(38, 12)
				q := money.Quantity{}
				if cell != "" {
					q, err = money.ParseQuantity(cell)
					ts.Check(err)
				}
				fixed, err := q.Fixed(12)
				ts.Check(err)
				c.Decimals = append(c.Decimals, parquet.Decimal128(fixed))
			default:
				c.Type = parquet.String
				c.Strings = append(c.Strings, cell)
			}
		}
		columns[i] = c
	}
	body, err := parquet.Encode(columns, len(rows)-1)
	ts.Check(err)
	path := ts.MkAbs(args[1])
	ts.Check(os.MkdirAll(filepath.Dir(path), 0o755))
	ts.Check(os.WriteFile(path, body, 0o644))
}

// sumsFile writes what `sha256sum *` says of a folder: `sha256sums FOLDER TO`.
func sumsFile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: sha256sums FOLDER TO")
	}
	entries, err := os.ReadDir(ts.MkAbs(args[0]))
	ts.Check(err)
	var lines strings.Builder
	for _, e := range entries {
		body, err := os.ReadFile(filepath.Join(ts.MkAbs(args[0]), e.Name()))
		ts.Check(err)
		fmt.Fprintf(&lines, "%x  %s\n", sha256.Sum256(body), e.Name())
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(lines.String()), 0o644))
}
