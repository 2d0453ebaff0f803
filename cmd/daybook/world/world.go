// Package world makes a small, realistic world to bill: a price book, a registry
// and a month of usage events with the faults that real usage has. The same
// options give the same bytes.
package world

import (
	_ "embed"

	"daybook/pricing"
)

//go:embed book.yaml
var book []byte

// Options say how much of a world to make.
type Options struct {
	Month        pricing.Month
	Events       int    // usage events in the month, before duplicates and bad rows
	Seed         uint64 // the same seed gives the same events
	FilesPerDay  int    // usage files a day; 0: two
	RowGroupRows int    // rows of a row group; 0: the writer's default
}

// Demo is the month that `daybook demo` bills.
var Demo = Options{Month: pricing.Month{Year: 2026, Month: 9}, Events: 300_000, Seed: 1}

// Write makes the world and hands over each file with its path: book/…,
// registry/… and usage/….
func Write(o Options, put func(path string, body []byte) error) error {
	if err := put("book/northwind.yaml", book); err != nil {
		return err
	}
	if err := writeRows(put, table{"accounts", accounts()}, table{"subscriptions", subscriptions(o.Month)}, table{"resources", resources(o.Month)}); err != nil {
		return err
	}
	return WriteUsage(o, func(path string, body []byte) error { return put("usage/"+path, body) })
}

func accounts() []map[string]any {
	account := func(id, parent, kind, name, zone string, bills bool) map[string]any {
		row := map[string]any{"id": id, "kind": kind, "name": name, "bills": bills, "currency": "CHF"}
		if parent != "" {
			row["parent"] = parent
		}
		if zone != "" {
			row["time_zone"] = zone
		}
		return row
	}
	return []map[string]any{
		account("globex", "", "master_organization", "Globex AG", "Europe/Zurich", true),
		account("globex-web", "globex", "organization", "Globex Web", "", false),
		account("globex-data", "globex", "organization", "Globex Data", "", false),
		account("globex-labs", "globex", "organization", "Globex Labs", "", false),
		account("initech", "", "master_organization", "Initech Inc", "America/New_York", true),
		account("initech-app", "initech", "organization", "Initech App", "", false),
		account("initech-ml", "initech", "organization", "Initech ML", "", false),
	}
}

// anniversary is the day on which one subscription's billing periods begin.
const anniversary = 15

func subscriptions(m pricing.Month) []map[string]any {
	first := m.First()
	previous := m.Previous().First()
	return []map[string]any{
		{"id": "sub-web", "account": "globex-web", "plan": "standard", "start": first.String()},
		{"id": "sub-data", "account": "globex-data", "plan": "standard", "start": first.String()},
		{"id": "sub-labs", "account": "globex-labs", "plan": "startup", "start": first.String()},
		{"id": "sub-app", "account": "initech-app", "plan": "standard", "start": first.String()},
		{"id": "sub-ml", "account": "initech-ml", "plan": "standard", "start": previous.AddDays(anniversary - 1).String()},
	}
}

func resources(m pricing.Month) []map[string]any {
	day := func(d int, hour string) string { return m.First().AddDays(d-1).String() + "T" + hour + "Z" }
	return []map[string]any{
		{"id": "redis-web-1", "account": "globex-web", "subscription": "sub-web", "kind": "addon", "sku": "redis-small", "quantity": "1", "created": day(3, "09:30:00")},
		{"id": "redis-data-1", "account": "globex-data", "subscription": "sub-data", "kind": "addon", "sku": "redis-large", "quantity": "2", "created": day(1, "00:00:00"), "deleted": day(20, "12:00:00")},
		{"id": "redis-app-1", "account": "initech-app", "subscription": "sub-app", "kind": "addon", "sku": "redis-small", "quantity": "1", "created": day(10, "15:45:00")},
	}
}
