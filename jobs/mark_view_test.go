package jobs

import (
	"strings"
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

// The anchors that a closing holds decide on the periods of the days after it. A
// supplement that takes a fee back holds the old anchor no longer: the days are
// rated anew, although none of their own inputs is another.
func TestDaily_SeesWhatASupplementHolds(t *testing.T) {
	for _, before := range []bool{true, false} { // that corrections are notes is said before, or after the day
		seesWhatASupplementHolds(t, before)
	}
}

func seesWhatASupplementHolds(t *testing.T, notes bool) {
	w := oneAccount(t, "standard")
	w.settings.Corrections.Notes = notes
	w.put(t, "book/shop.yaml", strings.Replace(aheadBook, "anchor: calendar", "anchor: subscription", 1))
	w.subscribe(t, `"account":"acme","plan":"standard","start":"2026-10-15","anchor":15`)
	w.closeUntil(t, october)
	w.subscribe(t, `"account":"acme","plan":"standard","start":"2026-10-15","anchor":20`)
	day := []pricing.Date{pricing.NewDate(2026, 11, 10)}
	run := func(o RunOptions) Outcome {
		t.Helper()
		outcomes, err := w.pipeline(t).Daily(t.Context(), day, o)
		if err != nil {
			t.Fatal(err)
		}
		return outcomes[len(outcomes)-1]
	}
	now := RunOptions{Now: closingOptions.Now}
	run(now)
	if out := run(now); out.State != StateAlready {
		t.Fatalf("again it is %s", out.State)
	}
	w.settings.Corrections.Notes = true
	w.voidLine(t, "2026-000001", 1)
	if out := w.closeUntil(t, october); out[len(out)-1].Revision != 2 {
		t.Fatalf("October: %+v, want a note as r2", out[len(out)-1])
	}
	if out := run(now); out.State != StatePublished {
		t.Errorf("after the note it is %s r%d, want it rated anew", out.State, out.Revision)
	}
	again := now
	again.Recompute = true
	if out := run(again); out.State != StateUnchanged {
		t.Errorf("from scratch it is %s r%d, want the same", out.State, out.Revision)
	}
}
