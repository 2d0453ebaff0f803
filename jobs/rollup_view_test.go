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

// A job that makes or finds the rollups that it needs passes on that their view did
// not move: a closing is final, and nobody would come back for it.
func TestMonthly_AViewOfItsRollupsThatCannotMoveIsNoSuccess(t *testing.T) {
	const part = "current/tables/usage_daily/utc_day=2026-10-31/part.parquet" // the last of the pass
	for _, made := range []bool{true, false} {
		w := newTestWorld(t)
		inner := w.out
		broken := func(do func(*Pipeline) error) error {
			faulty, err := fault.New(inner, fault.Options{Script: "stat * of " + part + " error changed"})
			if err != nil {
				t.Fatal(err)
			}
			w.out = faulty
			defer func() { w.out = inner }()
			return do(w.pipeline(t))
		}
		monthly := func(p *Pipeline) error {
			_, err := p.Monthly(t.Context(), october.Through(october), wellAfter)
			return err
		}
		if !made { // by a rollup that could not move its view either
			_ = broken(func(p *Pipeline) error {
				_, err := p.Rollup(t.Context(), Span{october.First().AddDays(-1), october.Next().First().AddDays(-1)}.Days(), RunOptions{})
				return err
			})
		}
		if err := broken(monthly); !errors.Is(err, blob.ErrChanged) {
			t.Errorf("made %t: error %v, want %v", made, err, blob.ErrChanged)
		}
		if err := monthly(w.pipeline(t)); err != nil {
			t.Errorf("made %t: the next run: %v", made, err)
		}
		if _, err := inner.Stat(t.Context(), part); err != nil {
			t.Errorf("made %t: after the next run: %v", made, err)
		}
	}
}
