package pricing_test

import (
	"slices"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
)

// readEvery5Minutes is a subscription whose hours are priced by the reading, as
// ComputeStacks does: hours to four places, amounts to eight.
func readEvery5Minutes() *world {
	w := oneAccount(pricing.Price{
		ID: "container", Meter: "run", Model: unitOf("0.00685"), Each: pricing.Each{Window: pricing.GrainFiveMinutes, By: []string{"container"}},
		RoundTo: &pricing.QuantityRounding{Places: 4, Mode: money.HalfUp}, RoundAmount: &pricing.AmountRounding{Places: 8, Mode: money.HalfUp},
	})
	w.book.Versions[0].Meters = append(w.book.Versions[0].Meters, pricing.Meter{
		ID: "run", Aggregate: pricing.Sum, Unit: "hour", DivideBy: money.QuantityOf(3600), Grain: pricing.GrainFiveMinutes, By: []string{"container"}, Scale: 12,
	})
	return w
}

// read adds the reading of a container that ran from one instant to another.
func (w *world) read(t *testing.T, from, to, container string) {
	t.Helper()
	start, end := at(from), at(to)
	sum, err := money.Ratio(end.Sub(start).Microseconds(), 1_000_000).Quantity().Fixed(money.QuantityPlaces)
	if err != nil {
		t.Fatal(err)
	}
	w.usage = append(w.usage, pricing.UsageState{
		Day: pricing.LocalDay(end, time.UTC), Slot: end.Truncate(5 * time.Minute).UnixMicro(), Account: "acme", Subscription: "s", Meter: "run",
		Dimensions: `{"container":"` + container + `"}`, Sum: sum, Events: 1, Min: sum, Max: sum, First: sum, Last: sum, FirstTime: end.UnixMicro(), LastTime: end.UnixMicro(),
	})
}

func explanations(t *testing.T, w *world, m string) []pricing.Explanation {
	t.Helper()
	var out []pricing.Explanation
	w.closing(t, pricing.Closing{Month: month(m), AsOf: month(m).Next().First().UTC(), Tracer: func(e pricing.Explanation) { out = append(out, e) }})
	return out
}

// ComputeStacks 18 to 26 of billing-api-vectors.md, which name each reading's hours
// and total; the line has their sum.
func TestReadings_AreWhatEachWindowComesTo(t *testing.T) {
	w := readEvery5Minutes()
	for _, r := range [][2]string{
		{"2026-10-04T14:15:01.116225Z", "2026-10-04T17:15:00.129173Z"},
		{"2026-10-04T08:15:01.353072Z", "2026-10-04T11:15:00.786707Z"},
		{"2026-10-04T02:15:01.344492Z", "2026-10-04T05:15:00.900248Z"},
		{"2026-10-02T22:15:01.556010Z", "2026-10-02T23:15:00.395865Z"},
		{"2026-10-02T19:15:01.101276Z", "2026-10-02T21:15:00.199602Z"},
	} {
		w.read(t, r[0], r[1], "c1")
	}
	told := explanations(t, w, "2026-10")
	if len(told) != 1 {
		t.Fatalf("%d lines, want 1", len(told))
	}
	var got []string
	for _, r := range told[0].Readings {
		got = append(got, r.Last.Format("02 15:04:05.000000 ")+r.Quantity.String()+" "+r.Total.String())
	}
	want := []string{
		"02 21:15:00.199602 1.9997 0.01369795",
		"02 23:15:00.395865 0.9997 0.00684795",
		"04 05:15:00.900248 2.9999 0.02054932",
		"04 11:15:00.786707 2.9998 0.02054863",
		"04 17:15:00.129173 2.9997 0.02054795",
	}
	if !slices.Equal(got, want) {
		t.Errorf("readings are %q, want %q", got, want)
	}
	if got := told[0].Line.ExactSubtotal.String(); got != "0.0821918" { // by hand, the sum of the five
		t.Errorf("the line is %s", got)
	}
}

// Two containers that are read within one five minutes are two readings.
func TestReadings_OfOneWindowAreByGroup(t *testing.T) {
	w := readEvery5Minutes()
	w.read(t, "2026-10-04T14:00:00Z", "2026-10-04T15:00:00Z", "c2")
	w.read(t, "2026-10-04T13:00:00Z", "2026-10-04T15:00:10Z", "c1")
	r := explanations(t, w, "2026-10")[0].Readings
	if len(r) != 2 || r[0].Dimensions != `{"container":"c1"}` || r[1].Dimensions != `{"container":"c2"}` ||
		r[0].Quantity.String() != "2.0028" || r[1].Quantity.String() != "1" || !r[0].From.Equal(at("2026-10-04T15:00:00Z")) || !r[0].Until.Equal(at("2026-10-04T15:05:00Z")) {
		t.Errorf("readings are %+v", r)
	}
}

// What a phase or a discount takes off a line, it takes off its readings.
func TestReadings_ShareWhatAdjustmentsDo(t *testing.T) {
	w := readEvery5Minutes()
	w.plan().Phases = []pricing.Phase{{Name: "trial", Days: 3, Free: true}, {Name: "discount", PercentOff: money.QuantityOf(50)}}
	w.subs[0].Start = at("2026-10-01T00:00:00Z")
	w.read(t, "2026-10-02T00:00:00Z", "2026-10-02T01:00:00Z", "c1")
	w.read(t, "2026-10-05T00:00:00Z", "2026-10-05T01:00:00Z", "c1")
	w.read(t, "2026-10-06T00:00:00Z", "2026-10-06T02:00:00Z", "c1")
	var got []string
	for _, e := range explanations(t, w, "2026-10") {
		for _, r := range e.Readings {
			got = append(got, e.Phase+" "+r.Total.String())
		}
	}
	// 0.00685 x 1 h x 50 % and 0.00685 x 2 h x 50 %.
	if want := []string{"trial 0", "discount 0.003425", "discount 0.00685"}; !slices.Equal(got, want) {
		t.Errorf("readings are %q, want %q", got, want)
	}
}
