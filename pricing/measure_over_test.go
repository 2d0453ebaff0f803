package pricing_test

import (
	"errors"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
)

func meterNamed(t *testing.T, id string) pricing.Meter {
	t.Helper()
	for _, m := range usageMeters() {
		if m.ID == id {
			return m
		}
	}
	t.Fatalf("no meter %s", id)
	return pricing.Meter{}
}

// Three events on 1 October, one on the 2nd and one on the 4th: their sum, number,
// least and greatest over stretches of whole days and of parts of days.
func TestMeterOver_MeasuresAStretch(t *testing.T) {
	w := oneAccount()
	for _, e := range [][2]string{{"2026-10-01T02:00:00Z", "4"}, {"2026-10-01T08:00:00Z", "1"}, {"2026-10-01T20:00:00Z", "7"}, {"2026-10-02T10:00:00Z", "2"}, {"2026-10-04T00:00:00Z", "9"}} {
		for _, meter := range []string{"sum", "count", "max", "min", "traffic"} {
			w.use("s", meter, e[0], e[1])
		}
	}
	for _, c := range []struct{ from, to, meter, want string }{
		{"2026-10-01T00:00:00Z", "2026-10-02T00:00:00Z", "sum", "12"},
		{"2026-10-01T00:00:00Z", "2026-10-05T00:00:00Z", "sum", "23"},
		{"2026-10-01T00:00:00Z", "2026-10-04T00:00:00Z", "sum", "14"},
		{"2026-10-01T08:00:00Z", "2026-10-02T10:00:00Z", "sum", "8"},
		{"2026-10-01T08:00:00.000001Z", "2026-10-02T10:00:00.000001Z", "sum", "9"},
		{"2026-10-03T00:00:00Z", "2026-10-04T00:00:00Z", "sum", "0"},
		{"2026-10-01T00:00:00Z", "2026-10-05T00:00:00Z", "count", "5"},
		{"2026-10-01T00:00:00Z", "2026-10-03T00:00:00Z", "max", "7"},
		{"2026-10-01T00:00:00Z", "2026-10-01T12:00:00Z", "max", "4"},
		{"2026-10-02T00:00:00Z", "2026-10-05T00:00:00Z", "min", "2"},
		{"2026-10-01T00:00:00Z", "2026-10-05T00:00:00Z", "traffic", "0.023"}, // divided by 1000
		{"2026-10-05T00:00:00Z", "2026-10-05T00:00:00Z", "sum", "0"},
	} {
		got, err := meterNamed(t, c.meter).Over(w.usage, pricing.Period{Start: at(c.from), End: at(c.to)}, time.UTC, nil)
		if err != nil || got.Quantity.Quantity().String() != c.want {
			t.Errorf("%s over %s to %s is %s (%v), want %s", c.meter, c.from, c.to, got.Quantity, err, c.want)
		}
	}
}

func TestMeterOver_ByDimension(t *testing.T) {
	w := oneAccount()
	w.use("s", "sum", "2026-10-01T02:00:00Z", "4", `{"region":"eu"}`)
	w.use("s", "sum", "2026-10-02T02:00:00Z", "3", `{"region":"us"}`)
	w.use("s", "sum", "2026-10-03T02:00:00Z", "2", `{"region":"eu"}`)
	got, err := meterNamed(t, "sum").Over(w.usage, pricing.Period{Start: at("2026-10-01T00:00:00Z"), End: at("2026-10-04T00:00:00Z")}, time.UTC, []string{"region"})
	if err != nil || len(got.Groups) != 2 || got.Groups[0].Values[0] != "eu" || got.Groups[0].Quantity.Quantity().String() != "6" || got.Groups[1].Quantity.Quantity().String() != "3" {
		t.Errorf("groups are %+v (%v), want eu 6 and us 3", got.Groups, err)
	}
}

// A level of 2000 since September, of 4000 from noon of 2 October: over the 2nd it
// is 3 GB on average, over a day before 2.
func TestMeterOver_AveragesALevelOverTheStretch(t *testing.T) {
	w := oneAccount()
	w.use("s", "storage", "2026-09-20T00:00:00Z", "2000")
	w.use("s", "storage", "2026-10-02T12:00:00Z", "4000")
	for day, want := range map[string]string{"2026-10-01": "2", "2026-10-02": "3", "2026-10-03": "4"} {
		start := at(day + "T00:00:00Z")
		got, err := meterNamed(t, "storage").Over(w.usage, pricing.Period{Start: start, End: start.AddDate(0, 0, 1)}, time.UTC, nil)
		if err != nil || got.Quantity.Quantity().String() != want {
			t.Errorf("on %s it is %s (%v), want %s", day, got.Quantity, err, want)
		}
	}
}

// A state whose events lie on both sides of a bound cannot be cut, and a level has
// no part of a day.
func TestMeterOver_RefusesWhatIsNotKnown(t *testing.T) {
	u := pricing.UsageState{
		Day: day("2026-10-01"), Meter: "sum", Dimensions: "{}", Account: "acme", Subscription: "s", Events: 2, Sum: money.Int128Of(5),
		FirstTime: at("2026-10-01T02:00:00Z").UnixMicro(), LastTime: at("2026-10-01T20:00:00Z").UnixMicro(),
	}
	for _, c := range []struct{ meter, from, to string }{
		{"sum", "2026-10-01T08:00:00Z", "2026-10-02T00:00:00Z"},
		{"sum", "2026-10-01T00:00:00Z", "2026-10-01T08:00:00Z"},
		{"sum", "2026-10-01T08:00:00Z", "2026-10-01T09:00:00Z"},
		{"storage", "2026-10-01T08:00:00Z", "2026-10-02T00:00:00Z"},
	} {
		if got, err := meterNamed(t, c.meter).Over([]pricing.UsageState{u}, pricing.Period{Start: at(c.from), End: at(c.to)}, time.UTC, nil); !errors.Is(err, pricing.ErrWithinDay) {
			t.Errorf("%s over %s to %s: %v, %v; want ErrWithinDay", c.meter, c.from, c.to, got.Quantity, err)
		}
	}
	if _, err := meterNamed(t, "sum").Over([]pricing.UsageState{u}, pricing.Period{Start: at("2026-10-01T20:00:00.000001Z"), End: at("2026-10-02T00:00:00Z")}, time.UTC, nil); err != nil {
		t.Errorf("a bound behind all events: %v", err)
	}
}
