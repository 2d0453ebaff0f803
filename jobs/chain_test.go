package jobs

import (
	"strings"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/sources/blob"
	"daybook/sources/blob/fault"
)

func faulty(t *testing.T, s blob.Store, script string) *fault.Store {
	t.Helper()
	out, err := fault.New(s, fault.Options{Script: script})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestMonthly_AMovedStartCannotGiveANumberTwice(t *testing.T) {
	later := RunOptions{Now: time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC)}
	for _, start := range []pricing.Month{{Year: 2026, Month: 9}, {Year: 2026, Month: 12}} {
		w := newTestWorld(t)
		if _, err := w.billOctober(t); err != nil {
			t.Fatal(err)
		}
		w.settings.Start = start.First()
		_, err := w.pipeline(t).Monthly(t.Context(), []pricing.Month{start}, later)
		if err == nil || !strings.Contains(err.Error(), "2026-10") {
			t.Errorf("start %s: %v: want an error that names the chain of 2026-10", start, err)
		}
	}
}

func TestMonthly_MakesTheClosingBeforeVisibleThatDiedAfterItsCommit(t *testing.T) {
	w := newTestWorld(t)
	w.dies(t, "stop", "current/tables/invoices/closing=2026-10", func(p *Pipeline) error {
		_, err := p.Monthly(t.Context(), []pricing.Month{october}, wellAfter)
		return err
	})
	later := RunOptions{Now: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), AllowIncomplete: true} // November has no usage
	if _, err := w.pipeline(t).Monthly(t.Context(), []pricing.Month{october.Next()}, later); err != nil {
		t.Fatal(err)
	}
	if _, err := w.out.Stat(t.Context(), "current/tables/invoices/closing=2026-10/part.parquet"); err != nil {
		t.Errorf("October's invoices are not in the current view: %v", err)
	}
}

func TestCommit_UnchangedMakesVisibleWhatDiedAfterItsCommit(t *testing.T) {
	w := newTestWorld(t)
	run := func(o RunOptions) func(p *Pipeline) error {
		return func(p *Pipeline) error {
			_, err := p.Rollup(t.Context(), []pricing.Date{fifth}, o)
			return err
		}
	}
	w.dies(t, "stop", "current/tables/usage_daily", run(RunOptions{}))
	if err := run(RunOptions{Recompute: true})(w.pipeline(t)); err != nil {
		t.Fatal(err)
	}
	if h := w.history(t, "rollup", "2026-10-05"); h.Published.Revision != 1 || h.Last.Revision != 2 {
		t.Fatalf("r%d stands after r%d: want r1 after an unchanged r2", h.Published.Revision, h.Last.Revision)
	}
	if _, err := w.out.Stat(t.Context(), "current/tables/usage_daily/utc_day=2026-10-05/part.parquet"); err != nil {
		t.Errorf("the day is not in the current view: %v", err)
	}
}

// docs/commit-protocol.md, A run, step 1: reads only, at most five calls for
// each period that is looked at (list, manifest, plan, and one for the view).
func TestRun_UpToDateCostsAFewReads(t *testing.T) {
	w := newTestWorld(t)
	w.settings.Start = pricing.NewDate(2026, 7, 1)
	months := pricing.Month{Year: 2026, Month: 7}.Through(october)
	closings := wellAfter
	closings.AllowIncomplete = true // the first months have no usage
	if _, err := w.pipeline(t).Monthly(t.Context(), months, closings); err != nil {
		t.Fatal(err)
	}
	if _, err := w.pipeline(t).Daily(t.Context(), []pricing.Date{sixth}, wellAfter); err != nil {
		t.Fatal(err)
	}
	inner := w.out
	for _, c := range []struct {
		what string
		most int
		run  func(*Pipeline) ([]Outcome, error)
	}{
		// 8 rollups, 4 calls each, 2 views of tables, and the day itself.
		{"run daily", 8*4 + 2*2 + 5, func(p *Pipeline) ([]Outcome, error) {
			return p.Daily(t.Context(), []pricing.Date{sixth}, wellAfter)
		}},
		// Its history, its view, two tables to show.
		{"run monthly", 8, func(p *Pipeline) ([]Outcome, error) {
			return p.Monthly(t.Context(), []pricing.Month{october}, wellAfter)
		}},
		// However many months were closed before.
		{"the scheduler's monthly", 10, func(p *Pipeline) ([]Outcome, error) {
			return p.RunDue(t.Context(), JobMonthly, wellAfter.Now)
		}},
	} {
		counting := faulty(t, inner, "")
		w.out = counting
		if _, err := c.run(w.pipeline(t)); err != nil {
			t.Fatal(err)
		}
		if n := counting.Count("any"); n > c.most || counting.Count("put") > 0 {
			t.Errorf("%s: %d calls with %d puts, want at most %d and none:\n%v", c.what, n, counting.Count("put"), c.most, counting.Calls())
		}
	}
}
