package pricing_test

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
)

// quantities closes October 2026 with every meter priced at 1.00 and returns
// what was billed of each.
func (w *world) quantities(t *testing.T) map[string]string {
	t.Helper()
	got := w.closed(t, "2026-10", false)
	out := map[string]string{}
	for _, i := range got.Invoices {
		for _, l := range i.Lines {
			out[l.Price] = l.Quantity.String()
		}
	}
	if len(got.Parked) > 0 {
		t.Error(got.Parked)
	}
	return out
}

func everyMeter() *world {
	var prices []pricing.Price
	for _, m := range usageMeters() {
		prices = append(prices, metered(m.ID, m.ID, unitOf("1.00")))
	}
	return oneAccount(prices...)
}

// docs/billing-rules.md, Meters and aggregations: 4 at 10:00, 10 at 14:00, 6 at
// 20:00.
func TestMeasure_EveryAggregation(t *testing.T) {
	w := everyMeter()
	for _, m := range []string{"count", "first", "latest", "max", "min", "sum", "traffic"} {
		w.use("s", m, "2026-10-10T20:00:00Z", "6")
		w.use("s", m, "2026-10-10T10:00:00Z", "4")
		w.use("s", m, "2026-10-10T14:00:00Z", "10")
		w.use("s", m, "2026-09-30T23:59:59Z", "99") // of the month before
		w.use("s", m, "2026-11-01T00:00:00Z", "99") // of the month after
	}
	want := map[string]string{"count": "3", "first": "4", "latest": "6", "max": "10", "min": "4", "sum": "20", "traffic": "0.02"}
	if got := w.quantities(t); !reflect.DeepEqual(got, want) {
		t.Errorf("quantities are %v, want %v", got, want)
	}
}

func TestMeasure_NoOrderOfRowsMatters(t *testing.T) {
	w := everyMeter()
	for i, when := range []string{"2026-10-10T20:00:00Z", "2026-10-10T20:00:00Z", "2026-10-12T01:00:00Z", "2026-10-03T14:00:00Z"} {
		for _, m := range usageMeters() {
			w.use("s", m.ID, when, []string{"7", "3", "12", "1"}[i], `{"region":"`+[]string{"b", "a", "b", "a"}[i]+`"}`)
		}
	}
	want, wantDay := w.closed(t, "2026-10", false), w.daily(t, "2026-10-12")
	random := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		random.Shuffle(len(w.usage), func(i, j int) { w.usage[i], w.usage[j] = w.usage[j], w.usage[i] })
		if got := w.closed(t, "2026-10", false); !reflect.DeepEqual(got, want) {
			t.Fatalf("another order gives another invoice: %+v, not %+v", got, want)
		}
		if got := w.daily(t, "2026-10-12"); !reflect.DeepEqual(got, wantDay) {
			t.Fatal("another order gives other costs")
		}
	}
}

// A level's states are those of docs/billing-rules.md: 10 GB from 1 November
// and 40 GB from the 16th average 25 GB, of which 5 have accrued on the 15th.
func TestMeasureLevel_AccruesOverTheWholePeriod(t *testing.T) {
	w := oneAccount(metered("storage", "storage", unitOf("1.00")))
	w.use("s", "storage", "2026-11-01T00:00:00Z", "10000")
	w.use("s", "storage", "2026-11-16T00:00:00Z", "40000")
	wantLines(t, w.closed(t, "2026-11", false), "storage 25.00 25.00")
	wantCost(t, w.daily(t, "2026-11-15").Rows, pricing.ScopeBilled, "5", "0.33333333333333333333")
	wantCost(t, w.daily(t, "2026-11-30").Rows, pricing.ScopeBilled, "25", "1.33333333333333333333")
}

func TestMeasureLevel_TakesWhatAStateHasIntegrated(t *testing.T) {
	w := everyMeter()
	// 4 at 10:00, 10 at 14:00, 6 at 20:00 of 31 October: 4 × 4 h + 10 × 6 h in
	// the state, 6 × 4 h after it: 100 unit hours over 744.
	w.use("s", "storage", "2026-10-31T10:00:00Z", "4000")
	u := &w.usage[0]
	u.Events, u.LastTime = 3, at("2026-10-31T20:00:00Z").UnixMicro()
	u.Last, _ = money.MustQuantity("6000").Fixed(12)
	u.LevelSeconds, _ = money.MustQuantity("273600000").Fixed(12)   // 76,000 unit hours
	if got := w.quantities(t)["storage"]; got != "0.134408602151" { // 100/744
		t.Errorf("average is %s, want 0.134408602151", got)
	}
}

func TestMeasureLevel_IsCarriedInFromTheDaysBefore(t *testing.T) {
	for _, c := range []struct {
		name, when string
		carry      int
		want       []string
	}{
		{"from the month before", "2026-09-20T00:00:00Z", 31, []string{"storage 8.00 8.00"}},
		{"from its earliest day", "2026-09-20T00:00:00Z", 11, []string{"storage 8.00 8.00"}},
		{"not from before it", "2026-09-20T00:00:00Z", 10, nil},
		{"known halfway", "2026-10-16T12:00:00Z", 0, []string{"storage 4.00 4.00"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := oneAccount(metered("storage", "storage", unitOf("1.00")))
			for i := range w.book.Versions[0].Meters {
				w.book.Versions[0].Meters[i].CarryDays = c.carry
			}
			w.use("s", "storage", c.when, "8000")
			wantLines(t, w.closed(t, "2026-10", false), c.want...)
		})
	}
}

func TestMeasureLevel_IsZeroOutsideTheSubscription(t *testing.T) {
	w := oneAccount(metered("storage", "storage", unitOf("1.00")))
	w.subs[0].End = at("2026-10-11T00:00:00Z")
	w.use("s", "storage", "2026-09-30T00:00:00Z", "31000")
	wantLines(t, w.closed(t, "2026-10", false), "storage 10.00 10.00") // 31 × 10 days of 31
}

func TestMeasureLevel_EndsAtAsOf(t *testing.T) {
	w := oneAccount(metered("storage", "storage", unitOf("1.00")))
	w.use("s", "storage", "2026-10-01T00:00:00Z", "31000")
	got := w.closing(t, pricing.Closing{Month: pricing.MonthOf(day("2026-10-01")), AsOf: at("2026-10-02T12:00:00Z"), Draft: true})
	wantLines(t, got, "storage 1.50 1.50")
	if got.Invoices[0].Kind != pricing.KindInvoice || got.Invoices[0].Status != "draft" {
		t.Errorf("a draft is a %s with status %s", got.Invoices[0].Kind, got.Invoices[0].Status)
	}
}

func TestMeasureLevel_HoldsThroughAnHourThatComesTwice(t *testing.T) {
	w := oneAccount(metered("storage", "storage", unitOf("1.00")))
	w.accounts[0].TimeZone = "Europe/Zurich" // October 2026 has 745 hours
	w.use("s", "storage", "2026-10-25T10:00:00Z", "745000")
	wantLines(t, w.closed(t, "2026-10", false), "storage 157.00 157.00") // hours to 31 October 23:00 UTC
}

func TestMeasureLevel_AddsTheLevelsOfDimensions(t *testing.T) {
	w := oneAccount(metered("storage", "storage", unitOf("1.00")))
	w.use("s", "storage", "2026-10-01T00:00:00Z", "1000", `{"disk":"a"}`)
	w.use("s", "storage", "2026-10-01T00:00:00Z", "2000", `{"disk":"b"}`)
	wantLines(t, w.closed(t, "2026-10", false), "storage 3.00 3.00")
}

func matrixOf(cells ...string) pricing.Matrix {
	m := pricing.Matrix{By: []string{"type", "region"}, Default: money.MustAmount("3.00"), HasDefault: true}
	for i := 0; i < len(cells); i += 3 {
		m.Cells = append(m.Cells, pricing.MatrixCell{Values: []string{cells[i], cells[i+1]}, Unit: money.MustAmount(cells[i+2])})
	}
	return m
}

// Orb 77: default 3.00, (alpha, west) 2.00: 5 alpha/west + 2 other -> 16.00.
func TestMeasure_GroupsAMatrixByDimensions(t *testing.T) {
	w := oneAccount(metered("compute", "sum", matrixOf("alpha", "west", "2.00")))
	w.use("s", "sum", "2026-10-03T00:00:00Z", "2", `{"region":"west","type":"alpha"}`)
	w.use("s", "sum", "2026-10-04T00:00:00Z", "1", `{}`)
	w.use("s", "sum", "2026-10-05T00:00:00Z", "3", `{"os":"x","region":"west","type":"alpha"}`)
	w.use("s", "sum", "2026-10-06T00:00:00Z", "1", `{"region":"\u00e9\ud83d\ude00\"\\\/\n\u2028","type":"beta"}`)
	got := w.closed(t, "2026-10", false)
	wantLines(t, got, "compute 3.00 3.00", "compute 10.00 10.00", "compute 3.00 3.00")
	var groupings []string
	for _, l := range got.Invoices[0].Lines {
		groupings = append(groupings, l.Grouping)
	}
	want := `{"region":"","type":""} {"region":"west","type":"alpha"} {"region":"é😀\"\\/\u000a\u2028","type":"beta"}`
	if s := strings.Join(groupings, " "); s != want {
		t.Errorf("groupings are %s, want %s", s, want)
	}
}

func TestMeasure_DimensionsThatAreNoObjectParkTheAccount(t *testing.T) {
	for _, bad := range []string{
		``, `{`, `[]`, `{"a"}`, `{"a":}`, `{"a":"b"`, `{"a":"b",}`, `{"a":"b"}x`, `{"a":1}`, `{"a":"\x"}`, `{"a":"\u12"}`, `{"a":"\uzzzz"}`, `{"a":"\`, `{"a":"b"x"c":"d"}`,
	} {
		w := oneAccount(metered("compute", "sum", matrixOf()))
		w.use("s", "sum", "2026-10-03T00:00:00Z", "2", bad)
		wantParked(t, w.closed(t, "2026-10", false).Parked, "acme cannot_rate")
	}
}

func TestMeasure_SumThatDoesNotFitParksTheAccount(t *testing.T) {
	w := oneAccount(metered("x", "sum", unitOf("1.00")))
	for _, when := range []string{"2026-10-03T00:00:00Z", "2026-10-04T00:00:00Z", "2026-10-05T00:00:00Z"} {
		w.use("s", "sum", when, "99999999999999999999999999")
	}
	wantParked(t, w.closed(t, "2026-10", false).Parked, "acme overflow")
	wantParked(t, w.daily(t, "2026-10-05").Parked, "acme overflow")
}
