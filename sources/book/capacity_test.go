package book

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"daybook/pricing"
)

// capacityBook writes a case of Kill Bill's as a price book: a meter of peaks for
// each unit, and one price over them.
func (v vector) capacityBook() string {
	var sizes []string
	units := map[string]bool{}
	for _, t := range v.Config["tiers"].([]any) {
		limits, _ := t.(map[string]any)["limits"].(map[string]any)
		var bounds []string
		for _, unit := range slices.Sorted(maps.Keys(limits)) {
			units[unit] = true
			bounds = append(bounds, unit, say(limits, unit))
		}
		upTo := ""
		if len(bounds) > 0 {
			upTo = "{" + keys(bounds...) + "}"
		}
		sizes = append(sizes, "{"+keys("up_to", upTo, "price", say(t, "price"))+"}")
	}
	var meters []string
	for _, unit := range slices.Sorted(maps.Keys(units)) {
		meters = append(meters, unit+": {aggregate: max}")
	}
	return head + "meters: {" + strings.Join(meters, ", ") + "}\nplans: {p: {prices: {x: {capacity: [" + strings.Join(sizes, ", ") + "]}}}}\n"
}

// kb-capacity-1, -3 and -5 of testdata/vectors.
func TestParse_CapacityPricesKillBillsCases(t *testing.T) {
	schema, cases := compiledSchema(t), 0
	for _, v := range vectors(t) {
		if v.Model != "capacity" || !strings.HasPrefix(v.ID, "kb-capacity") {
			continue
		}
		cases++
		text := v.capacityBook()
		b, err := parseText(text)
		if err != nil {
			t.Fatalf("%s: %v\n%s", v.ID, err, text)
		}
		if err := validate(t, schema, text); err != nil {
			t.Errorf("%s: the schema refuses it: %v", v.ID, err)
		}
		peaks, _ := v.Input["peaks"].(map[string]any)
		var m pricing.Measured
		for _, unit := range slices.Sorted(maps.Keys(peaks)) {
			m.Groups = append(m.Groups, pricing.Group{Values: []string{unit}, Quantity: qty(say(peaks, unit)).Fraction()})
		}
		if got := totalOf(t, b, m); got.Cmp(amt(fmt.Sprint(v.Expected))) != 0 {
			t.Errorf("%s costs %s, want %s\n%s", v.ID, got, v.Expected, text)
		}
	}
	if cases != 3 {
		t.Errorf("%d cases, want 3", cases)
	}
}

func TestParse_CloudSellsCapacity(t *testing.T) {
	b := parseFile(t, "cloud.yaml")
	for _, want := range []pricing.Price{
		{ID: "cpu_burst", Description: "Burst CPU", Meter: "cpu", Unit: "GHz hour", Model: pricing.Burst{
			Over: pricing.OverSubscribed, PerSeconds: 3600, Seconds: "seconds",
			Levels: []pricing.LevelPrice{{Level: 0, Unit: amt("0.00969")}, {Level: 1, Unit: amt("0.01938")}, {Level: 2, Unit: amt("0.01989")}},
			Schedule: []pricing.LevelChange{
				{From: pricing.NewDate(2026, 1, 1).UTC(), Level: 1},
				{From: pricing.NewDate(2026, 10, 5).UTC().Add(6*time.Hour + 30*time.Minute), Level: 2},
			},
		}},
		{ID: "disk_burst", Meter: "disk", Unit: "GB 30d", Model: pricing.Burst{
			Over: "disk", PerSeconds: 2592000,
			Levels:      []pricing.LevelPrice{{Level: 0, Unit: amt("0.14")}, {Level: 1, Unit: amt("0.28")}},
			UsageLevels: []pricing.UsageLevel{{}, {From: qty("100"), Level: 1}},
		}},
		{ID: "disk", Description: "Disk, subscribed", Resource: "disk", Model: pricing.Term{
			Unit: amt("0.14"), DivideBy: qty("1073741824"), PerSeconds: 2592000, Discounts: []pricing.TermDiscount{
				{Name: "1 month", Months: 1},
				{Name: "3 months", Months: 3, Percent: qty("3")},
				{Name: "6 months", Months: 6, Percent: qty("10")},
				{Name: "1 year", Months: 12, Percent: qty("25")},
				{Name: "2 years", Months: 24, Percent: qty("35")},
				{Name: "3 years", Months: 36, Percent: qty("45")},
			},
		}},
		{ID: "snapshots", Meter: "snapshots", Model: pricing.Capacity{FlatOnZero: true, Tiers: []pricing.Tier{
			{UpTo: qty("10"), Flat: amt("5")}, {UpTo: qty("50"), Flat: amt("15")}, {Open: true, Flat: amt("40")},
		}}},
		{ID: "gpu", Meter: "gpu_hours", Each: pricing.Each{Window: pricing.GrainHour}, Model: pricing.TimeOfDay{
			Bands: []pricing.HourBand{{From: 9, To: 12, Model: pricing.Committed{
				Of: pricing.Unit{Price: amt("2")}, Commitment: pricing.Commitment{Amount: amt("5"), Overage: qty("2")},
			}}},
			Other: pricing.Committed{Of: pricing.Unit{Price: amt("1")}, Commitment: pricing.Commitment{Amount: amt("10"), Overage: qty("2"), TrueUp: true}},
		}},
		{ID: "night", Meter: "gpu_hours", Model: pricing.TimeOfDay{
			Bands: []pricing.HourBand{{From: 22, To: 6, Model: pricing.Graduated{Tiers: []pricing.Tier{{UpTo: qty("10"), Unit: amt("0.1")}, {Open: true, Unit: amt("0.05")}}}}},
			Other: pricing.Committed{Of: pricing.Unit{Price: amt("1")}, Commitment: pricing.Commitment{Quantity: qty("100"), Overage: qty("1"), TrueUp: true}},
		}},
		{ID: "bundle", Meter: "seats", Pool: pricing.PoolAccount, Model: pricing.Bundle{Meters: []string{"seats", "storage"}, Tiers: []pricing.BundleTier{
			{Price: amt("10"), UpTo: []pricing.MeterBound{{Meter: "seats", UpTo: qty("100")}, {Meter: "storage", UpTo: qty("1000")}}},
			{Price: amt("20"), UpTo: []pricing.MeterBound{{Meter: "seats", UpTo: qty("200")}, {Meter: "storage", UpTo: qty("1000")}}},
			{Price: amt("30")},
		}}},
	} {
		wantEqual(t, want.ID, priceOf(t, b, 0, "flexible", want.ID), want)
	}
}
