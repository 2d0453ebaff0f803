package jobs

import (
	"errors"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/sinks/publish"
)

const readingsBook = `
book: shop
currency: CHF
effective: 2026-01-01
meters:
  traffic: {aggregate: sum, unit: GB, grain: 5m}
plans:
  standard:
    prices:
      traffic: {description: Traffic, meter: traffic, each: 5m, round_amount: {places: 8}, unit: 0.50}
`

// readingsWorld has three readings in October: of 10, 20 and 40 GB.
func readingsWorld(t *testing.T) *testWorld {
	t.Helper()
	w := oneAccount(t, "standard")
	w.put(t, "book/shop.yaml", readingsBook)
	w.usage(t, "dt=2026-10-06/a.parquet", usageRow{"e2", "2026-10-06T08:00:00Z", "sub-a", 20}, usageRow{"e3", "2026-10-06T08:05:00Z", "sub-a", 40})
	return w
}

func fiveMinutes(t *testing.T, from string) pricing.VoidUsage {
	t.Helper()
	at, err := time.Parse(time.RFC3339, from)
	if err != nil {
		t.Fatal(err)
	}
	return pricing.VoidUsage{Subscription: "sub-a", Meter: "traffic", Dimensions: "{}", From: at.UnixMicro(), Until: at.Add(5 * time.Minute).UnixMicro()}
}

func (w *testWorld) void(t *testing.T, from string) {
	t.Helper()
	if _, err := w.pipeline(t).VoidUsage(t.Context(), fiveMinutes(t, from), "read twice", ""); err != nil {
		t.Fatal(err)
	}
}

// costs is the cumulative total of a day's rows.
func (w *testWorld) costs(t *testing.T, day pricing.Date) string {
	t.Helper()
	if _, err := w.pipeline(t).Daily(t.Context(), []pricing.Date{day}, RunOptions{Now: closingOptions.Now}); err != nil {
		t.Fatal(err)
	}
	rows, err := w.pipeline(t).Costs(t.Context(), "acme", []pricing.Date{day})
	if err != nil {
		t.Fatal(err)
	}
	return rows[0].CumulativeTotal.String()
}

// Before its month is closed, a reading that is taken back is billed to nobody: by
// hand (10 + 20 + 40) × 0.50 are 35, without 40 GB 15. Late usage of its window is
// gone too; that of the next window is not.
func TestVoidUsage_BeforeTheMonthIsClosed(t *testing.T) {
	w := readingsWorld(t)
	day := pricing.NewDate(2026, 10, 6)
	if got := w.costs(t, day); got != "35" {
		t.Fatalf("the 6th costs %s, want 35", got)
	}
	w.void(t, "2026-10-06T08:05:00Z")
	if got := w.costs(t, day); got != "15" {
		t.Errorf("without the reading the 6th costs %s, want 15", got)
	}
	w.void(t, "2026-10-06T08:05:00Z") // the same request
	w.usage(t, "dt=2026-10-06/late.parquet", usageRow{"e4", "2026-10-06T08:09:59Z", "sub-a", 2}, usageRow{"e5", "2026-10-06T08:10:00Z", "sub-a", 4})
	if got := w.costs(t, day); got != "17" {
		t.Errorf("with 4 GB in the next window the 6th costs %s, want 17", got)
	}
	w.closeUntil(t, october.Next())
	want := "invoice 2026-000001 acme CHF 17\n  traffic 34 17\n"
	if got := w.lines(t, october); got != want {
		t.Errorf("October:\n%swant:\n%s", got, want)
	}
	if got := w.lines(t, october.Next()); got != "\n" {
		t.Errorf("November corrects what was never billed:\n%s", got)
	}
	w.proves(t)
}

// After it, the next closing takes back what the reading cost, once: neither the
// same request again, nor one for the whole line after it, nor late usage of the
// window takes back or bills anything twice.
func TestVoidUsage_AfterTheMonthIsClosed(t *testing.T) {
	w := readingsWorld(t)
	w.closeUntil(t, october)
	before := w.lines(t, october)
	w.void(t, "2026-10-06T08:05:00Z")
	november, december := october.Next(), october.Next().Next()
	w.closeUntil(t, november)
	if got, want := w.lines(t, november), "credit_note NOTE-2026-000001 acme CHF -20\n  traffic -40 -20 for 2026-10 corrected\n"; got != want {
		t.Errorf("November:\n%swant:\n%s", got, want)
	}
	w.void(t, "2026-10-06T08:05:00Z")
	w.usage(t, "dt=2026-10-06/late.parquet", usageRow{"e4", "2026-10-06T08:06:00Z", "sub-a", 2})
	if _, err := w.pipeline(t).Void(t.Context(), "2026-000001", 1, "all of it", ""); err != nil {
		t.Fatal(err)
	}
	w.closeUntil(t, december) // what is left of 35.00 after 20.00
	if got, want := w.lines(t, december), "credit_note NOTE-2026-000002 acme CHF -15\n  traffic -30 -15 for 2026-10 corrected\n"; got != want {
		t.Errorf("December:\n%swant:\n%s", got, want)
	}
	if got := w.lines(t, october); got != before {
		t.Errorf("October became\n%swas\n%s", got, before)
	}
	w.proves(t)
}

// proves computes all that is published again from what it is pinned to.
func (w *testWorld) proves(t *testing.T) {
	t.Helper()
	for _, r := range w.verify(t, VerifyOptions{}) {
		if len(r.Faults) > 0 || r.Verdict == publish.Published && !r.Rederived {
			t.Errorf("%s %s r%06d is not what its inputs make: %+v", r.Job, r.Period, r.Revision, r)
		}
	}
}

func TestVoidUsage_RefusesWhatNamesNothing(t *testing.T) {
	w := readingsWorld(t)
	whole := fiveMinutes(t, "2026-10-06T08:05:00Z")
	for what, change := range map[string]func(v *pricing.VoidUsage){
		"no subscription": func(v *pricing.VoidUsage) { v.Subscription = "" },
		"no meter":        func(v *pricing.VoidUsage) { v.Meter = "" },
		"no time":         func(v *pricing.VoidUsage) { v.Until = v.From },
	} {
		v := whole
		change(&v)
		if _, err := w.pipeline(t).VoidUsage(t.Context(), v, "x", ""); !errors.Is(err, ErrNoUsage) {
			t.Errorf("%s: %v", what, err)
		}
	}
	whole.Dimensions = "c1"
	if _, err := w.pipeline(t).VoidUsage(t.Context(), whole, "x", ""); err == nil {
		t.Error("dimensions that are no object are taken")
	}
}
