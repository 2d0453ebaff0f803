package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"daybook/sources/parquet"
)

const config = `usage: {at: usage, layout: {partition: dt, means: event_day, zone: UTC}}
registry: registry
book: book
out: out
start: 2026-09-01
issuer: {name: Bench}
serve: {tokens: tokens.ndjson}
`

const book = `book: bench
currency: USD
effective: 2026-01-01
meters:
  calls: {aggregate: sum, unit: call}
  storage: {aggregate: max, unit: GB}
  traffic: {aggregate: sum, unit: GB}
plans:
  standard:
    prices:
      calls: {meter: calls, graduated: [{up_to: 1000, unit: 0.01}, {unit: 0.005}]}
      storage: {meter: storage, unit: 0.10}
      traffic: {meter: traffic, unit: 0.05, minimum: 10}
      fee: {fixed: 20.00}
      support: {fixed: 99.00}
`

// bucket makes a bucket of accounts with five prices each and rates its days, if
// it is not there from an earlier run, and returns a token for all of it.
func (o options) bucket(ctx context.Context) (string, error) {
	done := filepath.Join(o.work, fmt.Sprintf("made-%d-%d", o.accounts, o.days))
	if token, err := os.ReadFile(done); err == nil {
		return string(token), nil
	}
	if err := os.RemoveAll(o.work); err != nil {
		return "", err
	}
	var accounts, subscriptions strings.Builder
	for i := range o.accounts {
		fmt.Fprintf(&accounts, `{"id":"acc-%05d","name":"Account %d","bills":true,"currency":"USD","external_id":"ext/%d"}`+"\n", i, i, i)
		fmt.Fprintf(&subscriptions, `{"id":"sub-%05d","account":"acc-%05d","plan":"standard","start":"2026-09-01"}`+"\n", i, i)
	}
	files := map[string]string{
		"daybook.yaml": config, "book/bench.yaml": book,
		"registry/accounts.ndjson": accounts.String(), "registry/subscriptions.ndjson": subscriptions.String(),
	}
	first := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
	for d := range o.days {
		body, err := usage(first.AddDate(0, 0, d), o.accounts)
		if err != nil {
			return "", err
		}
		files["usage/dt="+first.AddDate(0, 0, d).Format(time.DateOnly)+"/part.parquet"] = string(body)
	}
	for path, body := range files {
		path = filepath.Join(o.work, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return "", err
		}
		if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
			return "", err
		}
	}
	run := func(args ...string) (string, error) {
		cmd := exec.CommandContext(ctx, o.binary, append(args, "--config", filepath.Join(o.work, "daybook.yaml"), "-q")...)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			err = fmt.Errorf("daybook %s: %w: %s", args[0], err, stderr.String())
		}
		return strings.TrimSpace(string(out)), err
	}
	last := first.AddDate(0, 0, o.days-1).Format(time.DateOnly)
	if _, err := run("backfill", "daily", "--from", "2026-09-01", "--to", last); err != nil {
		return "", err
	}
	token, err := run("token", "create", "bench", "--scope", "admin")
	if err != nil {
		return "", err
	}
	return token, os.WriteFile(done, []byte(token), 0o600)
}

// usage is a day's events: one of each meter for every account.
func usage(day time.Time, accounts int) ([]byte, error) {
	columns := []parquet.Column{
		{Name: "event_id", Type: parquet.String},
		{Name: "time", Type: parquet.TimestampMicrosUTC},
		{Name: "subscription_id", Type: parquet.String},
		{Name: "meter", Type: parquet.String},
		{Name: "quantity", Type: parquet.Int64},
	}
	n := 0
	for i := range accounts {
		for m, meter := range []string{"calls", "storage", "traffic"} {
			columns[0].Strings = append(columns[0].Strings, fmt.Sprintf("%s-%d-%d", day.Format(time.DateOnly), i, m))
			columns[1].Ints = append(columns[1].Ints, day.Add(time.Duration(i)*time.Second).UnixMicro())
			columns[2].Strings = append(columns[2].Strings, fmt.Sprintf("sub-%05d", i))
			columns[3].Strings = append(columns[3].Strings, meter)
			columns[4].Ints = append(columns[4].Ints, int64(1+(i*7+m*13+day.Day())%97))
			n++
		}
	}
	return parquet.Encode(columns, n)
}
