package book

import (
	"strings"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
)

func TestParse_BurstNamesAScheduleOfTheRegistry(t *testing.T) {
	text := head + "meters: {m: {aggregate: max, grain: 5m}}\nplans: {p: {prices: {x: {meter: m, burst: {over: subscribed, per: hour, levels: {0: 1, 1: 2}, schedule: load}}}}}\n"
	b, err := parseText(text)
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "burst", b.Versions[0].Plans[0].Prices[0].Model, pricing.Model(pricing.Burst{
		Over: pricing.OverSubscribed, PerSeconds: 3600, ScheduleName: "load",
		Levels: []pricing.LevelPrice{{Level: 0, Unit: amt("1")}, {Level: 1, Unit: amt("2")}},
	}))
	schema := compiledSchema(t)
	if err := validate(t, schema, text); err != nil {
		t.Error(err)
	}
	for _, wrong := range []string{"7", "[{level: 1}]", "[{from: x, level: 1, to: y}]", "{from: x}"} {
		other := strings.Replace(text, "schedule: load", "schedule: "+wrong, 1)
		if _, err := parseText(other); err == nil {
			t.Errorf("schedule: %s is accepted", wrong)
		}
		if err := validate(t, schema, other); err == nil {
			t.Errorf("schedule: %s: the schema accepts it", wrong)
		}
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
		{
			ID: "container", Resource: "container", RoundTo: &pricing.QuantityRounding{Places: 4, Mode: money.HalfUp},
			RoundAmount: &pricing.AmountRounding{Places: 8, Mode: money.HalfUp}, Model: pricing.ResourceTime{Unit: amt("0.00685"), PerSeconds: 3600},
		},
		{
			ID: "messages", Meter: "snapshots", RoundTo: &pricing.QuantityRounding{Step: qty("10"), Mode: money.Up},
			RoundAmount: &pricing.AmountRounding{Places: 2, Mode: money.HalfUp}, Model: pricing.Graduated{Tiers: []pricing.Tier{
				{UpTo: qty("100"), Unit: amt("5"), Block: qty("10")}, {Open: true, Unit: amt("4"), Block: qty("10")},
			}},
		},
		{ID: "storage", Meter: "storage", Unit: "GB", Model: pricing.Unit{Price: amt("0.1")}, Included: &pricing.Included{
			Resource: "container",
			Units:    []pricing.IncludedUnits{{SKU: "huge", All: true}, {SKU: "large", Units: qty("50.5")}, {SKU: "small", Units: qty("10")}},
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

// Bounds may be written as Orb writes them, with null for the last tier.
func TestParse_MaximumUnitsBoundTiers(t *testing.T) {
	const text = head + "meters: {m: {aggregate: sum}}\nplans: {p: {prices: {x: {meter: m, volume: [{maximum_units: 10, unit: 0.50}, {maximum_units: null, unit: 0.40}]}}}}\n"
	b, err := parseText(text)
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "tiers", b.Versions[0].Plans[0].Prices[0].Model, pricing.Model(pricing.Volume{Tiers: []pricing.Tier{
		{UpTo: qty("10"), Unit: amt("0.5")}, {Open: true, Unit: amt("0.4")},
	}}))
	if err := validate(t, compiledSchema(t), text); err != nil {
		t.Error(err)
	}
}
