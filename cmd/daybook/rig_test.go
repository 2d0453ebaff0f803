package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"daybook/sources/parquet"
)

// rigConfig closes February 2025, of which the last day is billed. INPUTS is the
// folder of the world, and WEBHOOKS the part that says where events go.
const rigConfig = `usage: {at: INPUTS/usage, layout: {partition: dt, means: event_day, zone: UTC}}
registry: INPUTS/registry
book: INPUTS/book
out: out
start: 2025-02-01
issuer: {name: Acme Cloud, terms: 30d, series: {invoice: "{year}-{n:06}"}}
WEBHOOKS`

const rigBook = `book: shop
currency: CHF
effective: 2025-01-01
meters:
  traffic: {aggregate: sum, unit: GB}
plans:
  standard:
    name: Standard
    cycle: {every: month, anchor: calendar}
    prices:
      traffic: {description: Traffic, meter: traffic, unit: 0.50}
      fee: {description: Fee, fixed: 10.00}
`

// rigInputs writes a world of twelve accounts in three zones and 96 events of
// one day, with every fifth event twice.
func rigInputs(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	zones := []string{"Europe/Zurich", "America/St_Johns", "Pacific/Kiritimati"}
	var accounts, subscriptions strings.Builder
	for i := range 12 {
		fmt.Fprintf(&accounts, `{"id":"acc-%02d","kind":"organization","name":"Žofie & İpek %d","bills":true,"currency":"CHF","time_zone":%q}`+"\n", i, i, zones[i%3])
		fmt.Fprintf(&subscriptions, `{"id":"sub-%02d","account":"acc-%02d","plan":"standard","start":"2025-02-28"}`+"\n", i, i)
	}
	columns := []parquet.Column{
		{Name: "event_id", Type: parquet.String},
		{Name: "time", Type: parquet.TimestampMicrosUTC},
		{Name: "subscription_id", Type: parquet.String},
		{Name: "meter", Type: parquet.String},
		{Name: "quantity", Type: parquet.Int64},
	}
	add := func(i int) {
		at := time.Date(2025, 2, 28, 5, 0, 0, 0, time.UTC).Add(time.Duration(i) * time.Minute)
		columns[0].Strings = append(columns[0].Strings, fmt.Sprintf("e%03d", i))
		columns[1].Ints = append(columns[1].Ints, at.UnixMicro())
		columns[2].Strings = append(columns[2].Strings, fmt.Sprintf("sub-%02d", i%12))
		columns[3].Strings = append(columns[3].Strings, "traffic")
		columns[4].Ints = append(columns[4].Ints, int64(i))
	}
	for i := range 96 {
		add(i)
		if i%5 == 0 {
			add(i)
		}
	}
	body, err := parquet.Encode(columns, len(columns[1].Ints))
	if err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string]string{
		"book/shop.yaml": rigBook, "registry/accounts.ndjson": accounts.String(), "registry/subscriptions.ndjson": subscriptions.String(),
		"usage/dt=2025-02-28/a.parquet": string(body),
	} {
		if err := writeFile(filepath.Join(dir, path), []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// rigFolder is an empty output folder with a configuration over some inputs.
func rigFolder(t *testing.T, inputs, webhooks string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	config := strings.NewReplacer("INPUTS", filepath.ToSlash(inputs), "WEBHOOKS", webhooks).Replace(rigConfig)
	if err := writeFile(filepath.Join(dir, "daybook.yaml"), []byte(config)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// runIn runs a binary in a folder and returns its output and exit code. Of the
// environment it gets only what env says.
func runIn(ctx context.Context, binary, dir string, env []string, args ...string) (out string, code int) {
	c := exec.CommandContext(ctx, binary, args...)
	c.Dir, c.Env = dir, append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir}, env...)
	body, err := c.CombinedOutput()
	if err != nil && c.ProcessState == nil {
		return err.Error(), -1
	}
	return string(body), c.ProcessState.ExitCode()
}

// promisedFiles are the files of an output folder that the bytes promise covers.
func promisedFiles(t *testing.T, dir string, keep func(path string) bool) map[string]string {
	t.Helper()
	out := filepath.Join(dir, "out")
	got := map[string]string{}
	err := filepath.WalkDir(out, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(out, path)
		if err != nil {
			return err
		}
		if rel = filepath.ToSlash(rel); !keep(rel) {
			return nil
		}
		body, err := os.ReadFile(path)
		got[rel] = string(body)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) < 20 {
		t.Fatalf("only %d files: nothing was billed", len(got))
	}
	return got
}

// goBuild builds the binary for the rigs.
func goBuild(t *testing.T, env []string, args ...string) (binary string) {
	t.Helper()
	binary = filepath.Join(t.TempDir(), "daybook")
	c := exec.CommandContext(t.Context(), "go", append(append([]string{"build", "-o", binary}, args...), ".")...)
	c.Env = append(os.Environ(), env...)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return binary
}
