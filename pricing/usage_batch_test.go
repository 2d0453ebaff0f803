package pricing_test

import (
	"slices"
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
)

func TestUsageBatch_OnlyKeepsTheRowsOfSomeMeters(t *testing.T) {
	n := func(values ...int64) (out []money.Int128) {
		for _, v := range values {
			out = append(out, money.Int128Of(v))
		}
		return out
	}
	same := pricing.Strings{Values: []string{"x"}, Index: []int32{0, 0, 0}}
	b := pricing.UsageBatch{
		UTCDay: 7, Day: []int64{1, 2, 3}, Slot: []int64{0, 0, 9}, Account: same, Subscription: same, Dimensions: same,
		Meter: pricing.Strings{Values: []string{"a", "b"}, Index: []int32{0, 1, 0}},
		Sum:   n(1, 2, 3), Events: []int64{4, 5, 6}, Min: n(1, 2, 3), Max: n(1, 2, 3), First: n(1, 2, 3), Last: n(1, 2, 3),
		FirstTime: []int64{1, 2, 3}, LastTime: []int64{1, 2, 3}, LevelSeconds: n(7, 8, 9), Increase: n(7, 8, 9),
	}
	got := b.Only(func(meter string) bool { return meter == "a" })
	if got.Len() != 2 || got.UTCDay != 7 || got.Row(0) != b.Row(0) || got.Row(1) != b.Row(2) {
		t.Errorf("rows of a are %+v", got)
	}
	if all := b.Only(func(string) bool { return true }); all.Len() != 3 {
		t.Errorf("%d of 3 rows", all.Len())
	}
	b.Increase = nil
	if got := b.Only(func(meter string) bool { return meter == "b" }); got.Increase != nil || got.Row(0) != b.Row(1) {
		t.Errorf("without a counter: %+v", got)
	}
}

// What a series or a closing needs whole begins with its period; of the days
// before, the window has those that are carried from.
func TestRater_NeedsOfEarlierDaysOnlyWhatIsCarried(t *testing.T) {
	w := running(seats(), "", unitOf("1.00"))
	w.book.Versions[0].Meters = append(w.book.Versions[0].Meters, pricing.Meter{ID: "sum", Aggregate: pricing.Sum, DivideBy: money.QuantityOf(1)})
	r := w.rater(t)
	from, _ := r.Window(day("2026-10-20"))
	closing, _ := r.ClosingWindow(pricing.MonthOf(day("2026-10-20")))
	// A subscription of 2020: a period from 1 October, and 366 days before it.
	if want := day("2025-09-29"); from != want || closing != want {
		t.Errorf("windows begin on %s and %s, want %s", from, closing, want)
	}
	for what, whole := range map[string]pricing.Date{"series": r.Whole(day("2026-10-20")), "closing": r.ClosingWhole(pricing.MonthOf(day("2026-10-20")))} {
		if whole > day("2026-09-30") || whole < day("2026-09-28") {
			t.Errorf("the %s needs all meters from %s on", what, whole)
		}
	}
	if carried := []bool{r.Carried("held"), r.Carried("sum"), r.Carried("none")}; !slices.Equal(carried, []bool{true, false, false}) {
		t.Errorf("carried: %v", carried)
	}
}
