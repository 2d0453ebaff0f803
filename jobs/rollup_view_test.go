package jobs

import (
	"errors"
	"testing"

	"daybook/pricing"
	"daybook/sources/blob"
	"daybook/sources/blob/fault"
)

// A changed or missing usage file is a reason to plan a day anew; an object of ours
// that cannot be had is none, and the current view that it was for stands still.
func TestRollup_AViewThatCannotMoveIsNoSuccess(t *testing.T) {
	for kind, want := range map[string]error{"changed": blob.ErrChanged, "notfound": blob.ErrNotFound} {
		w := newTestWorld(t)
		inner := w.out
		faulty, err := fault.New(inner, fault.Options{Script: "stat 1 of data/rollup/ error " + kind})
		if err != nil {
			t.Fatal(err)
		}
		w.out = faulty
		_, err = w.pipeline(t).Rollup(t.Context(), []pricing.Date{fifth}, RunOptions{})
		if faulty.Injected() != 1 || !errors.Is(err, want) {
			t.Errorf("%s: error %v after %d faults, want %v after one", kind, err, faulty.Injected(), want)
		}
		w.out = inner
		if _, err := w.pipeline(t).Rollup(t.Context(), []pricing.Date{fifth}, RunOptions{}); err != nil {
			t.Errorf("%s: the next run: %v", kind, err)
		}
		if _, err := inner.Stat(t.Context(), "current/tables/usage_daily/utc_day=2026-10-05/part.parquet"); err != nil {
			t.Errorf("%s: after the next run: %v", kind, err)
		}
	}
}
