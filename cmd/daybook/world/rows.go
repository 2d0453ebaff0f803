package world

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"daybook/pricing"
)

// writeRows writes tables of a registry as NDJSON, each as registry/<name>.ndjson.
func writeRows(put func(path string, body []byte) error, tables ...table) error {
	for _, t := range tables {
		var out bytes.Buffer
		enc := json.NewEncoder(&out)
		for _, row := range t.rows {
			if err := enc.Encode(row); err != nil {
				return fmt.Errorf("write registry: %w", err)
			}
		}
		if err := put("registry/"+t.name+".ndjson", out.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

// table is a kind of registry file with its rows.
type table struct {
	name string
	rows []map[string]any
}

// writeDays writes a usage file for each day, with its events by id.
func writeDays(put func(path string, body []byte) error, days map[pricing.Date][]event) error {
	for _, day := range slices.Sorted(maps.Keys(days)) {
		slices.SortFunc(days[day], func(a, b event) int { return strings.Compare(a.id, b.id) })
		body, err := encode(days[day], 0)
		if err != nil {
			return fmt.Errorf("write usage of %s: %w", day, err)
		}
		if err := put(fmt.Sprintf("usage/dt=%s/part-0.parquet", day), body); err != nil {
			return err
		}
	}
	return nil
}
