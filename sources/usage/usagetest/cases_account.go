package usagetest

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"daybook/pricing"
	"daybook/sources/usage"
)

// runAccount follows each row of two files, by meter, in rows and quantities.
func runAccount(t *testing.T, e usage.Engine) {
	line := func(id, meter, qty string, change func(*row)) row {
		r := good()
		r.id, r.meter, r.qty = text(id), text(meter), number(qty)
		if change != nil {
			change(&r)
		}
		return r
	}
	unknown := func(r *row) { r.subscription = text("nobody") }
	w := simple(sheet{})
	w.meters = append(w.meters, pricing.Meter{ID: "calls", Aggregate: pricing.Count})
	w.files = []worldFile{
		{key: "usage/a.parquet", days: w.days, home: oneDay, sheet: sheet{qtyScale: 6, rows: []row{
			line("1", "m", "1.5", nil),      // kept
			line("2", "m", "2.25", unknown), // rejected, with its quantity
			line("3", "m", "-3", nil),       // rejected: the meter takes no such quantity
			line("4", "warp", "7", nil),     // rejected, of no meter
			line("5", "m", "8", func(r *row) { r.when.micros -= 86_400_000_000 }), // outside: not looked at
			line("6", "calls", "99", nil),                                         // kept: counts 1
			line("7", "m", "1", nil),                                              // rejected: conflicts with b's
			line("8", "calls", "1", func(r *row) { r.when = moment{null: true} }), // rejected, counts 1
		}}},
		{key: "usage/b.parquet", days: w.days, home: oneDay, sheet: sheet{qtyScale: 6, rows: []row{
			line("1", "m", "1.5", nil),        // duplicate of a's
			line("7", "m", "2", nil),          // rejected: conflicts
			line("9", "m", "0.005", nil),      // kept; two places: 0
			line("9", "m", "0.005", nil),      // duplicate: 0
			line("10", "m", "0.015", nil),     // kept; two places: 0.02
			line("11", "calls", "1", unknown), // rejected, counts 1
		}}},
	}
	d := roll(t, e, w)[0]
	none := tally{0, "0"}
	want := []fileOutcome{
		{Counts: usage.Counts{Read: 8, Kept: 2, Rejected: 5, Outside: 1}, Meters: []meterOutcome{
			{"", tally{2, "0"}, none, none, tally{1, "0"}, tally{1, "0"}, none},
			{"calls", tally{2, "2"}, tally{1, "1"}, none, tally{1, "1"}, none, none},
			// 1.5 + 2.25 + 0 + 1 = 4.75, of which 2.25 + 0 + 1 = 3.25 rejected.
			{"m", tally{4, "4.75"}, tally{1, "1.5"}, none, tally{3, "3.25"}, none, none},
		}},
		{Counts: usage.Counts{Read: 6, Kept: 2, Duplicate: 2, Rejected: 2, Rounded: 2}, Meters: []meterOutcome{
			{"calls", tally{1, "1"}, none, none, tally{1, "1"}, none, none},
			// 1.5 + 2 + 0 + 0 + 0.02 = 3.52.
			{"m", tally{5, "3.52"}, tally{2, "0.02"}, tally{2, "1.5"}, tally{1, "2"}, none, none},
		}},
	}
	for i := range d.Files {
		got := fileOutcome{Counts: d.Files[i].Counts, Meters: metersOf(d.Files[i].Meters)}
		if diff := cmp.Diff(want[i], got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", d.Files[i].Key, diff)
		}
	}
	all := []meterOutcome{
		{"", tally{2, "0"}, none, none, tally{1, "0"}, tally{1, "0"}, none},
		{"calls", tally{3, "3"}, tally{1, "1"}, none, tally{2, "2"}, none, none},
		{"m", tally{9, "8.27"}, tally{3, "1.52"}, tally{2, "1.5"}, tally{4, "5.25"}, none, none},
	}
	if diff := cmp.Diff(all, metersOf(d.Meters)); diff != "" {
		t.Errorf("the day (-want +got):\n%s", diff)
	}
}
