package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"

	"daybook/pricing"
	"daybook/sources/parquet"
)

// The world: accounts of five subscriptions each, half of them in a zone of their
// own; every subscription uses the five meters of its plan's five prices on every
// day of the month.
const (
	perAccount = 5
	meters     = 5
)

var month = pricing.Month{Year: 2026, Month: 9}

const bookYAML = `book: bench
currency: CHF
effective: 2026-01-01
conventions: {rounding: half_up, month: calendar, proration: time}
meters:
  meter-0: {aggregate: sum, unit: GB, divide_by: 1000000000}
  meter-1: {aggregate: count, unit: call}
  meter-2: {aggregate: sum, unit: hour}
  meter-3: {aggregate: max, unit: seat}
  meter-4: {aggregate: sum, unit: job}
plans:
  plan:
    name: Plan
    cycle: {every: month, anchor: calendar}
    prices:
      traffic: {meter: meter-0, graduated: [{up_to: 100, unit: 0.10}, {up_to: 1000, unit: 0.08}, {unit: 0.05}]}
      calls:   {meter: meter-1, allowance: 10, package: {size: 10, price: 0.80}}
      hours:   {meter: meter-2, unit: 0.0375}
      seats:   {meter: meter-3, unit: 4.50}
      jobs:    {meter: meter-4, volume: [{up_to: 5000, unit: 0.02}, {unit: 0.015}]}
`

type world struct {
	subscriptions int
	days          int // with usage, the month's last
	seed          uint64
}

// write makes the world in a folder, but for the usage of the last day.
func (w world) write(dir string) error {
	var accounts, subscriptions bytes.Buffer
	for s := range w.subscriptions {
		account := fmt.Sprintf("account-%06d", s/perAccount)
		if s%perAccount == 0 {
			zone := "UTC"
			if s/perAccount%2 == 1 {
				zone = "Europe/Zurich"
			}
			fmt.Fprintf(&accounts, `{"id":%q,"kind":"organization","name":%q,"bills":true,"currency":"CHF","time_zone":%q}`+"\n", account, account, zone)
		}
		fmt.Fprintf(&subscriptions, `{"id":"sub-%07d","account":%q,"plan":"plan","start":%q}`+"\n", s, account, month.First())
	}
	for name, body := range map[string][]byte{
		"book/bench.yaml": []byte(bookYAML), "registry/accounts.ndjson": accounts.Bytes(), "registry/subscriptions.ndjson": subscriptions.Bytes(),
	} {
		if err := put(filepath.Join(dir, name), body); err != nil {
			return err
		}
	}
	for day := month.Next().First().AddDays(-w.days); day < month.Next().First().AddDays(-1); day++ {
		if err := w.writeDay(dir, day); err != nil {
			return err
		}
	}
	return nil
}

// writeDay writes a day's usage: one event for each subscription and meter.
func (w world) writeDay(dir string, day pricing.Date) error {
	rng := rand.New(rand.NewPCG(w.seed, uint64(day)))
	n := w.subscriptions * meters
	ids, times, quantities := make([]string, n), make([]int64, n), make([]int64, n)
	subscription := parquet.Column{Name: "subscription_id", Type: parquet.String, Index: make([]int32, n)}
	meter := parquet.Column{Name: "meter", Type: parquet.String, Index: make([]int32, n)}
	for s := range w.subscriptions {
		subscription.Dict = append(subscription.Dict, fmt.Sprintf("sub-%07d", s))
	}
	for m := range meters {
		meter.Dict = append(meter.Dict, fmt.Sprintf("meter-%d", m))
	}
	for i := range n {
		ids[i] = fmt.Sprintf("%s-%08x", day, i)
		times[i] = day.UTC().UnixMicro() + rng.Int64N(86_400_000_000)
		subscription.Index[i], meter.Index[i] = int32(i/meters), int32(i%meters)
		quantities[i] = 1 + rng.Int64N(1000)
		if i%meters == 0 {
			quantities[i] *= 20_000_000
		}
	}
	body, err := parquet.Encode([]parquet.Column{
		{Name: "event_id", Type: parquet.String, Strings: ids},
		{Name: "time", Type: parquet.TimestampMicrosUTC, Ints: times},
		subscription, meter,
		{Name: "quantity", Type: parquet.Int64, Ints: quantities},
	}, n)
	if err != nil {
		return err
	}
	return put(filepath.Join(dir, "usage", "dt="+day.String(), "part-0.parquet"), body)
}

func put(path string, body []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, body, 0o644)
}
