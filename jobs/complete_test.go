package jobs

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/sources/blob/mem"
)

// expecting is the test world with a store that dates its files.
func expecting(t *testing.T, layout Layout, e Expect, written time.Time) *testWorld {
	t.Helper()
	w := newTestWorld(t)
	bucket := mem.New("bucket")
	bucket.Now = func() time.Time { return written }
	w.bucket = bucket
	w.put(t, "book/shop.yaml", testBook)
	w.put(t, "registry/accounts.ndjson", `{"id":"acme","kind":"organization","bills":true,"currency":"CHF"}`)
	w.put(t, "registry/subscriptions.ndjson", `{"id":"sub-a","account":"acme","plan":"standard","start":"2026-10-01"}`)
	w.settings.Layout, w.settings.Expect = layout, e
	return w
}

// fillDays puts a file and a marker on each day of a range.
func (w *testWorld) fillDays(t *testing.T, s Span, file, marker string) {
	t.Helper()
	for _, d := range s.Days() {
		w.usage(t, fmt.Sprintf(file, d), usageRow{"e-" + d.String(), d.String() + "T08:00:00Z", "sub-a", 1})
		if marker != "" {
			w.put(t, "usage/"+fmt.Sprintf(marker, d), "")
		}
	}
}

func (w *testWorld) closeOctober(t *testing.T, o RunOptions) (Outcome, error) {
	t.Helper()
	outcomes, err := w.pipeline(t).Monthly(t.Context(), []pricing.Month{october}, o)
	if len(outcomes) == 0 {
		return Outcome{}, err
	}
	return outcomes[len(outcomes)-1], err
}

// wantMissing closes October and wants a refusal with this list, by day and file,
// which has published nothing; then, with leave, a closing that says the same.
func (w *testWorld) wantMissing(t *testing.T, o RunOptions, want ...string) {
	t.Helper()
	out, err := w.closeOctober(t, o)
	var refusal *IncompleteError
	if !errors.As(err, &refusal) || !errors.Is(err, ErrIncomplete) || out.State != StateIncomplete {
		t.Fatalf("%+v, %v: want a refusal", out, err)
	}
	said := func(missing []Missing) (out []string) {
		for _, m := range missing {
			if m.Remedy == "" {
				t.Errorf("%+v has no remedy", m)
			}
			out = append(out, strings.TrimSpace(m.Day+" "+m.text()))
		}
		return out
	}
	if got := said(out.Missing); !slices.Equal(got, want) {
		t.Fatalf("missing\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if h, err := w.pipeline(t).publisher.Decided(t.Context(), "monthly", "2026-10"); err != nil || h.Last != nil {
		t.Fatalf("a refused closing decided %+v, %v", h.Last, err)
	}
	o.AllowIncomplete = true
	if out, err = w.closeOctober(t, o); err != nil || !slices.Equal(said(out.Missing), want) {
		t.Fatalf("allowed: %+v, %v", out.Missing, err)
	}
	closing := w.history(t, "monthly", "2026-10").Published
	plan, err := w.pipeline(t).publisher.Plan(t.Context(), "monthly", "2026-10", closing.Revision)
	if err != nil {
		t.Fatal(err)
	}
	inPlan, err := lacksOf(plan.Identity)
	if err != nil || !slices.Equal(said(inPlan), want) || plan.Identity.Parameters[parameterIncomplete] != "true" {
		t.Errorf("the plan says %v, %v", inPlan, err)
	}
	for _, m := range out.Missing {
		if !strings.Contains(string(closing.Reconciliation), m.What) {
			t.Errorf("the manifest does not say %q", m.What)
		}
	}
}

var (
	allOctober = Span{pricing.NewDate(2026, 10, 1), pricing.NewDate(2026, 10, 31)}
	midway     = time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC)
	hive       = Layout{Partition: "dt", Zone: time.UTC}
)

func TestExpect_MarkerOfEachPartition(t *testing.T) {
	w := expecting(t, hive, Expect{Marker: "_SUCCESS"}, midway)
	w.fillDays(t, allOctober, "dt=%s/a.parquet", "dt=%s/_SUCCESS")
	if out, err := w.closeOctober(t, wellAfter); err != nil || out.State != StatePublished || len(out.Missing) != 0 {
		t.Fatalf("%+v, %v: want a closing of a whole month", out, err)
	}
	w = expecting(t, hive, Expect{Marker: "_SUCCESS"}, midway)
	w.fillDays(t, Span{allOctober.From, allOctober.To - 2}, "dt=%s/a.parquet", "dt=%s/_SUCCESS")
	w.wantMissing(t, wellAfter, "2026-10-30 dt=2026-10-30/_SUCCESS is not there", "2026-10-31 dt=2026-10-31/_SUCCESS is not there")
}

// New York's October ends at 04:00 UTC on 1 November, so that day's partition has a
// part of it; events of the 31st may arrive a day late.
func TestExpect_PartitionsThatHoldTheEndOfTheMonth(t *testing.T) {
	for what, c := range map[string]struct {
		zone   string
		layout Layout
		last   pricing.Date
	}{
		"a zone behind": {"America/New_York", hive, pricing.NewDate(2026, 11, 1)},
		"arrival":       {"UTC", Layout{Partition: "dt", Zone: time.UTC, ArrivalDay: true, LateDays: 1}, pricing.NewDate(2026, 11, 1)},
		"both":          {"America/New_York", Layout{Partition: "dt", Zone: time.UTC, ArrivalDay: true, LateDays: 1}, pricing.NewDate(2026, 11, 2)},
	} {
		t.Run(what, func(t *testing.T) {
			w := expecting(t, c.layout, Expect{Marker: ".whole-{day}"}, midway)
			w.put(t, "registry/accounts.ndjson", `{"id":"acme","kind":"organization","bills":true,"currency":"CHF","time_zone":"`+c.zone+`"}`)
			w.fillDays(t, Span{allOctober.From, c.last - 1}, "dt=%s/a.parquet", "dt=%[1]s/.whole-%[1]s")
			w.wantMissing(t, wellAfter, fmt.Sprintf("%[1]s dt=%[1]s/.whole-%[1]s is not there", c.last))
		})
	}
}

func TestExpect_FilesOfEachDay(t *testing.T) {
	for what, c := range map[string]struct {
		layout Layout
		files  [2]string
	}{
		"partitions": {hive, [2]string{"dt=%s/a.parquet", "dt=%s/b.parquet"}},
		"flat":       {Layout{Zone: time.UTC}, [2]string{"a-%s.parquet", "b-%s.parquet"}},
	} {
		t.Run(what, func(t *testing.T) {
			w := expecting(t, c.layout, Expect{FilesPerDay: 2}, midway)
			w.fillDays(t, allOctober, c.files[0], "")
			w.fillDays(t, Span{allOctober.From + 1, allOctober.To - 1}, c.files[1], "")
			w.wantMissing(t, wellAfter, "2026-10-01 has 1 of 2 usage files", "2026-10-31 has 1 of 2 usage files")
		})
	}
}

func TestExpect_MarkerOfAFlatPrefixNamesItsDay(t *testing.T) {
	w := expecting(t, Layout{Zone: time.UTC}, Expect{Marker: "_SUCCESS-{day}"}, midway)
	w.fillDays(t, Span{allOctober.From, allOctober.To - 1}, "a-%s.parquet", "_SUCCESS-%s")
	w.wantMissing(t, wellAfter, "2026-10-31 _SUCCESS-2026-10-31 is not there")
}

// The month's newest file, written at midway, is old enough six hours later to the
// second, and not one before.
func TestExpect_AgeOfTheNewestFile(t *testing.T) {
	before := RunOptions{Now: midway.Add(6*time.Hour - time.Second)}
	w := expecting(t, hive, Expect{MinAge: 6 * time.Hour}, midway)
	w.fillDays(t, allOctober, "dt=%s/a.parquet", "")
	w.wantMissing(t, before, "dt=2026-10-01/a.parquet written 2026-11-03T00:00:00Z, under 6h0m0s ago")

	w = expecting(t, hive, Expect{MinAge: 6 * time.Hour}, midway)
	w.fillDays(t, allOctober, "dt=%s/a.parquet", "")
	if out, err := w.closeOctober(t, RunOptions{Now: midway.Add(6 * time.Hour)}); err != nil || out.State != StatePublished {
		t.Errorf("%+v, %v: want a closing", out, err)
	}
}

// The scheduler waits, and closes once the usage is there, whatever came between.
func TestExpect_TheSchedulerWaitsAndTriesAgain(t *testing.T) {
	w := expecting(t, hive, Expect{Marker: "_SUCCESS", FilesPerDay: 1, MinAge: time.Hour}, midway)
	w.fillDays(t, Span{allOctober.From, allOctober.To - 1}, "dt=%s/a.parquet", "dt=%s/_SUCCESS")
	now := midway
	for _, step := range []struct {
		change func()
		state  State
		lacks  int
	}{
		{func() {}, StateIncomplete, 3}, // marker, file, age
		{func() { w.fillDays(t, Span{allOctober.To, allOctober.To}, "dt=%s/a.parquet", "") }, StateIncomplete, 2},
		{func() { w.put(t, "usage/dt=2026-10-31/_SUCCESS", "") }, StateIncomplete, 1},
		{func() { now = now.Add(time.Hour) }, StatePublished, 0},
	} {
		step.change()
		outcomes, err := w.pipeline(t).RunDue(t.Context(), JobMonthly, now)
		i := slices.IndexFunc(outcomes, func(o Outcome) bool { return o.Job == string(JobMonthly) })
		if i < 0 || outcomes[i].State != step.state || len(outcomes[i].Missing) != step.lacks || errors.Is(err, ErrIncomplete) != (step.lacks > 0) {
			t.Fatalf("%+v, %v: want %s with %d findings", outcomes, err, step.state, step.lacks)
		}
	}
}

// Days are not waited for: their costs are made again when more usage comes. Nor is
// usage of a book without meters.
func TestExpect_HoldsClosingsOfMeteredBooksOnly(t *testing.T) {
	w := expecting(t, hive, Expect{Marker: "_SUCCESS"}, midway)
	outcomes, err := w.pipeline(t).Daily(t.Context(), []pricing.Date{sixth}, wellAfter)
	if err != nil || outcomes[len(outcomes)-1].State != StatePublished {
		t.Errorf("%+v, %v: want the day's costs", outcomes, err)
	}
	w.put(t, "book/shop.yaml", "book: shop\ncurrency: CHF\neffective: 2026-01-01\nplans:\n  standard: {name: S, cycle: {every: month, anchor: calendar}, prices: {fee: {description: Fee, fixed: 10.00}}}\n")
	if out, err := w.closeOctober(t, wellAfter); err != nil || out.State != StatePublished {
		t.Errorf("%+v, %v: want a closing of fees", out, err)
	}
}
