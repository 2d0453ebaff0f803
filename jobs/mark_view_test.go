package jobs

import (
	"testing"

	"daybook/pricing"
)

// A day whose current view is not complete is not marked as up to date: the next
// run must complete it. Found by the simulation (seed 1).
func TestRollup_MarksNoDayWhoseViewIsNotComplete(t *testing.T) {
	for _, days := range [][]pricing.Date{{lastOfOctober}, {lastOfOctober, firstOfNovember}} {
		w := newTinyWorld(t, october)
		inner := w.out
		store := faulty(t, inner, "put 1 of current/tables/usage_daily/_manifest.json lost; put 2 of current/tables/usage_daily/_manifest.json error transient")
		w.out = store
		for range 2 { // the second run finds the day up to date, and fails as well
			_, _ = w.pipeline(t).Rollup(t.Context(), days, allDue)
		}
		if store.Injected() == 0 {
			t.Fatal("the run met no fault")
		}
		w.out = inner
		if _, err := w.pipeline(t).Rollup(t.Context(), days, allDue); err != nil {
			t.Fatal(err)
		}
		wantCurrent(t, inner, latestOf(t, decided(t, inner)))
	}
}
