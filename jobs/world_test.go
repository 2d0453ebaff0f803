package jobs

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/sources/blob"
	"daybook/sources/blob/mem"
	"daybook/sources/parquet"
)

// testWorld is the smallest world that uses everything: two paying accounts,
// two days of usage, a metered and a fixed price.
type testWorld struct {
	bucket   blob.Store
	out      blob.Store
	settings Settings
	options  Options
	clock    *testClock // of delivery worlds
}

const testBook = `
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
`

func newTestWorld(t *testing.T) *testWorld {
	t.Helper()
	w := &testWorld{
		bucket: mem.New("bucket"), out: mem.New("out"),
		settings: Settings{
			Start: pricing.NewDate(2026, 10, 1), Layout: Layout{Partition: "dt", Zone: time.UTC},
			Issuer: Issuer{Name: "Acme Cloud", TermsDays: 30, InvoiceSeries: "{year}-{n:06}"},
		},
		options: Options{Version: "test"},
	}
	w.put(t, "book/shop.yaml", testBook)
	w.put(t, "registry/accounts.ndjson", `{"id":"acme","kind":"organization","name":"Acme","bills":true,"currency":"CHF"}
{"id":"beta","kind":"organization","name":"Beta","bills":true,"currency":"CHF"}
`)
	w.put(t, "registry/subscriptions.ndjson", `{"id":"sub-a","account":"acme","plan":"standard","start":"2026-10-01"}
{"id":"sub-b","account":"beta","plan":"standard","start":"2026-10-01"}
`)
	w.usage(t, "dt=2026-10-05/a.parquet", usageRow{"e1", "2026-10-05T08:00:00Z", "sub-a", 10}, usageRow{"e2", "2026-10-05T09:00:00Z", "sub-b", 4})
	w.usage(t, "dt=2026-10-06/a.parquet", usageRow{"e3", "2026-10-06T08:00:00Z", "sub-a", 30})
	return w
}

type usageRow struct {
	id, time, subscription string
	quantity               int64
}

func (w *testWorld) put(t *testing.T, key, body string) {
	t.Helper()
	if _, err := w.bucket.Put(t.Context(), key, []byte(body), blob.Cond{}); err != nil {
		t.Fatal(err)
	}
}

func (w *testWorld) usage(t *testing.T, key string, rows ...usageRow) {
	t.Helper()
	columns := []parquet.Column{
		{Name: "event_id", Type: parquet.String},
		{Name: "time", Type: parquet.TimestampMicrosUTC},
		{Name: "subscription_id", Type: parquet.String},
		{Name: "meter", Type: parquet.String},
		{Name: "quantity", Type: parquet.Int64},
	}
	for _, r := range rows {
		at, err := time.Parse(time.RFC3339, r.time)
		if err != nil {
			t.Fatal(err)
		}
		columns[0].Strings = append(columns[0].Strings, r.id)
		columns[1].Ints = append(columns[1].Ints, at.UnixMicro())
		columns[2].Strings = append(columns[2].Strings, r.subscription)
		columns[3].Strings = append(columns[3].Strings, "traffic")
		columns[4].Ints = append(columns[4].Ints, r.quantity)
	}
	body, err := parquet.Encode(columns, len(rows))
	if err != nil {
		t.Fatal(err)
	}
	w.put(t, "usage/"+key, string(body))
}

// probes numbers the probe objects: a process that died may have left its own.
var probes atomic.Int64

// pipeline is a fresh process over the world.
func (w *testWorld) pipeline(t *testing.T) *Pipeline {
	t.Helper()
	o := w.options
	o.ProbeKey = fmt.Sprintf("probe/%d", probes.Add(1))
	return New(Stores{
		Usage: blob.Under(w.bucket, "usage"), Registry: blob.Under(w.bucket, "registry"), Book: blob.Under(w.bucket, "book"), Out: w.out,
	}, w.settings, o)
}

var october = pricing.Month{Year: 2026, Month: 10}

// billOctober runs daily for the 6th and the closing.
func (w *testWorld) billOctober(t *testing.T) ([]Outcome, error) {
	t.Helper()
	p := w.pipeline(t)
	o := RunOptions{Now: time.Date(2026, 11, 10, 0, 0, 0, 0, time.UTC)}
	daily, err := p.Daily(t.Context(), []pricing.Date{pricing.NewDate(2026, 10, 6)}, o)
	if err != nil {
		return daily, err
	}
	monthly, err := p.Monthly(t.Context(), []pricing.Month{october}, o)
	return append(daily, monthly...), err
}
