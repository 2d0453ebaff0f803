package rigs

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"daybook/sources/blob/s3test"
	"daybook/sources/parquet"
)

// The world bills three days of February for three accounts in two time zones, with
// an event that comes twice and one of an unknown meter.
const (
	firstDay = "2026-02-01"
	rigDay   = "2026-02-02" // that the rollup and daily sweeps run
	nextDay  = "2026-02-03" // the UTC day in which it ends in New York
	lastDay  = "2026-03-01" // the UTC day in which February does
	rigMonth = "2026-02"

	secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
)

var worldFiles = map[string]string{
	"book/shop.yaml": `
book: shop
currency: CHF
effective: 2026-01-01
meters:
  traffic: {aggregate: sum, unit: GB}
plans:
  standard:
    name: Standard
    cycle: {every: month, anchor: calendar}
    prices:
      traffic: {description: Traffic, meter: traffic, unit: 0.50}
      fee: {description: Fee, fixed: 10.00}
`,
	"registry/accounts.ndjson": `{"id":"acme","kind":"organization","name":"Acme","bills":true,"currency":"CHF","time_zone":"Europe/Zurich"}
{"id":"beta","kind":"organization","name":"Beta","bills":true,"currency":"CHF","time_zone":"Europe/Zurich"}
{"id":"core","kind":"organization","name":"Core","bills":true,"currency":"CHF","time_zone":"America/New_York"}
`,
	"registry/subscriptions.ndjson": `{"id":"sub-a","account":"acme","plan":"standard","start":"2026-02-01","end":"2026-02-04"}
{"id":"sub-b","account":"beta","plan":"standard","start":"2026-02-01","end":"2026-02-04"}
{"id":"sub-c","account":"core","plan":"standard","start":"2026-02-01","end":"2026-02-04"}
`,
}

// worldUsage is file -> rows "id time subscription meter quantity".
var worldUsage = map[string]string{
	"usage/dt=2026-02-01/a.parquet": `e1 2026-02-01T08:00:00Z sub-a traffic 10
e2 2026-02-01T23:30:00Z sub-b traffic 4`,
	"usage/dt=2026-02-02/a.parquet": `e3 2026-02-02T08:00:00Z sub-a traffic 30
e4 2026-02-02T09:00:00Z sub-c traffic 7
x1 2026-02-02T09:00:00Z sub-c trafic 7`,
	"usage/dt=2026-02-02/b.parquet": `e3 2026-02-02T08:00:00Z sub-a traffic 30
e5 2026-02-02T22:00:00Z sub-b traffic 5`,
	"usage/dt=2026-02-03/a.parquet": `e6 2026-02-03T12:00:00Z sub-c traffic 9`,
	"usage/dt=2026-02-04/a.parquet": `e7 2026-02-04T03:00:00Z sub-c traffic 2`,
}

// worldBytes returns every input file by its key.
func worldBytes(t testing.TB) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for key, body := range worldFiles {
		files[key] = []byte(body)
	}
	for key, rows := range worldUsage {
		files[key] = usageBytes(t, rows)
	}
	return files
}

// usageBytes encodes rows "id time subscription meter quantity".
func usageBytes(t testing.TB, rows string) []byte {
	t.Helper()
	columns := []parquet.Column{
		{Name: "event_id", Type: parquet.String},
		{Name: "time", Type: parquet.TimestampMicrosUTC},
		{Name: "subscription_id", Type: parquet.String},
		{Name: "meter", Type: parquet.String},
		{Name: "quantity", Type: parquet.Int64},
	}
	n := 0
	for line := range strings.Lines(rows) {
		f := strings.Fields(line)
		at, err := time.Parse(time.RFC3339, f[1])
		if err != nil {
			t.Fatal(err)
		}
		quantity, err := strconv.ParseInt(f[4], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		columns[0].Strings = append(columns[0].Strings, f[0])
		columns[1].Ints = append(columns[1].Ints, at.UnixMicro())
		columns[2].Strings = append(columns[2].Strings, f[2])
		columns[3].Strings = append(columns[3].Strings, f[3])
		columns[4].Ints = append(columns[4].Ints, quantity)
		n++
	}
	body, err := parquet.Encode(columns, n)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// place is where a world lies: in a folder, or in the bucket of a server that keeps
// its objects as files of a folder.
type place struct {
	name   string
	root   string        // the folder of the bucket: in/ holds the inputs, the rest are outputs
	server s3test.Server // zero for a folder
	log    string        // folder for what the rig itself writes
}

func folderPlace(t testing.TB) place {
	p := place{name: "folder", root: t.TempDir(), log: t.TempDir()}
	for key, body := range worldBytes(t) {
		path := filepath.Join(p.root, "in", filepath.FromSlash(key))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, body, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

func bucketPlace(t testing.TB) place {
	server := s3test.Start(t)
	p := place{name: "versitygw", root: filepath.Join(server.Folder, server.Bucket), server: server, log: t.TempDir()}
	fillBucket(t, server, "in")
	return p
}

// config writes the configuration of one output of the world and returns its path.
// Hooks is the URL of the webhook receiver; "" for none.
func (p place) config(t testing.TB, out, hooks string) string {
	t.Helper()
	at := p.root
	var text strings.Builder
	if p.server.Endpoint != "" {
		at = "s3://" + p.server.Bucket
		fmt.Fprintf(&text, "s3: {endpoint: %q, region: %s, path_style: true}\n", p.server.Endpoint, s3test.Region)
	}
	fmt.Fprintf(&text, `
usage: {at: "%[1]s/in/usage", layout: {partition: dt, means: event_day, zone: UTC}}
registry: %[1]s/in/registry
book: %[1]s/in/book
out: %[1]s/%[2]s
start: %[3]s
issuer: {name: Acme Cloud, terms: 30d, series: {invoice: "ACME-{year}-{n:06}"}}
`, at, out, firstDay)
	if hooks != "" {
		fmt.Fprintf(&text, "webhooks: [{id: erp, url: %q, secrets: [\"${ERP_SECRET}\"], allow: [127.0.0.0/8], insecure: true}]\n", hooks)
	}
	path := filepath.Join(p.log, out+".yaml")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
