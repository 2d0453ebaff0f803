package usage_test

import (
	"errors"
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/sources/usage"
)

func TestCounts_EveryRowHasOnePlace(t *testing.T) {
	if err := (usage.Counts{Read: 10, Kept: 4, Duplicate: 3, Rejected: 2, Outside: 1, Rounded: 4, Parked: 4}).Check(); err != nil {
		t.Error(err)
	}
	for name, c := range map[string]usage.Counts{
		"a row lost":               {Read: 2, Kept: 1},
		"a row counted twice":      {Read: 1, Kept: 1, Outside: 1},
		"rounded but not kept":     {Read: 1, Rejected: 1, Rounded: 1},
		"parked but not kept":      {Read: 1, Duplicate: 1, Parked: 1},
		"negative counts in pairs": {Read: 0, Kept: -1, Outside: 1},
	} {
		if err := c.Check(); !errors.Is(err, usage.ErrMiscounted) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDay_CountsMustAgreeWithEachOther(t *testing.T) {
	sound := func() usage.Day {
		one := usage.Counts{Read: 2, Kept: 1, Rejected: 1}
		meters := func() []usage.MeterCounts {
			return []usage.MeterCounts{{Meter: "m", Read: usage.Tally{Rows: 2}, Kept: usage.Tally{Rows: 1}, Rejected: usage.Tally{Rows: 1}}}
		}
		return usage.Day{
			Counts: one, Files: []usage.FileCounts{{Key: "a", Counts: one, Meters: meters()}}, Rejected: []usage.Rejected{{File: "a"}},
			Meters: meters(), Batch: batchOf("m", 1),
		}
	}
	if d := sound(); d.Check() != nil {
		t.Fatal(d.Check())
	}
	for name, change := range map[string]func(*usage.Day){
		"files":         func(d *usage.Day) { d.Files = nil },
		"a file alone":  func(d *usage.Day) { d.Files[0].Counts.Kept++ },
		"rejected rows": func(d *usage.Day) { d.Rejected = nil },
		"meters":        func(d *usage.Day) { d.Meters[0].Kept.Rows++ },
		"a file's meter": func(d *usage.Day) {
			for _, m := range []*usage.MeterCounts{&d.Meters[0], &d.Files[0].Meters[0]} {
				m.Read.Rows, m.Rejected.Rows = 1, 0
			}
		},
		"read quantity": func(d *usage.Day) {
			for _, m := range []*usage.MeterCounts{&d.Meters[0], &d.Files[0].Meters[0]} {
				m.Read.Quantity = usage.Total{}.Add(oneUnit)
			}
		},
		"batch":       func(d *usage.Day) { d.Batch = batchOf("m", 2) },
		"other meter": func(d *usage.Day) { d.Batch = batchOf("n", 1) },
		"quantity": func(d *usage.Day) {
			for _, m := range []*usage.MeterCounts{&d.Meters[0], &d.Files[0].Meters[0]} {
				m.Read.Quantity, m.Kept.Quantity = usage.Total{}.Add(oneUnit), usage.Total{}.Add(oneUnit)
			}
		},
		"parked": func(d *usage.Day) { d.Parked = []pricing.Parked{{Account: "a"}} },
	} {
		d := sound()
		change(&d)
		if err := d.Check(); !errors.Is(err, usage.ErrMiscounted) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

var oneUnit = money.Int128{Lo: 1e12}

// batchOf is a batch of one row.
func batchOf(meter string, events int64) pricing.UsageBatch {
	return pricing.UsageBatch{
		Meter: pricing.Strings{Values: []string{meter}, Index: []int32{0}}, Sum: make([]money.Int128, 1), Events: []int64{events},
	}
}
