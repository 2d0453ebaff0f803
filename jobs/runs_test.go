package jobs

import (
	"fmt"
	"strings"
	"testing"

	"daybook/pricing"
	"daybook/sources/blob/fault"
)

// On the 6th acme uses 30 GB: at 0.50 that is 15, at 0.60 it is 18.
func TestRuns_ListsVerdictsAndOpenPlans(t *testing.T) {
	w := newTestWorld(t)
	sixth := []pricing.Date{pricing.NewDate(2026, 10, 6)}
	if _, err := w.pipeline(t).Daily(t.Context(), sixth, afterOctober.online()); err != nil {
		t.Fatal(err)
	}
	w.put(t, "book/shop.yaml", strings.Replace(testBook, "unit: 0.50", "unit: 0.60", 1))
	store, err := fault.New(w.out, fault.Options{Script: "put 1 of manifest.json stop"})
	if err != nil {
		t.Fatal(err)
	}
	dying := *w
	dying.out = store
	if _, err := dying.pipeline(t).Daily(t.Context(), sixth, afterOctober.online()); err == nil {
		t.Fatal("the second run did not die")
	}
	if got := w.runs(t, "daily", "2026-10"); got != "r1 published over r0 CHF 15; r2 planned over r0 CHF " {
		t.Errorf("with a run that died: %s", got)
	}
	// Another version gives the dead run's revision up.
	w.options.Version = "next"
	if _, err := w.pipeline(t).Daily(t.Context(), sixth, afterOctober.online()); err != nil {
		t.Fatal(err)
	}
	if got := w.runs(t, "daily", "2026-10-06"); got != "r1 published over r0 CHF 15; r2 abandoned over r1 CHF  (engine test is gone); r3 published over r1 CHF 18" {
		t.Errorf("after the next version: %s", got)
	}
	if got := w.runs(t, "monthly", ""); got != "" {
		t.Errorf("closings: %s", got)
	}
}

// online is the same without Only: missing rollups are made.
func (o RunOptions) online() RunOptions {
	o.Only = false
	return o
}

// runs says in short what the runs of a period are.
func (w *testWorld) runs(t *testing.T, job, period string) string {
	t.Helper()
	runs, err := w.pipeline(t).Runs(t.Context(), job, period, period, false)
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, r := range runs {
		text := fmt.Sprintf("r%d %s over r%d CHF %s", r.Revision, r.Verdict, r.Supersedes, r.Totals["CHF"])
		if r.Reason != "" {
			text += " (" + r.Reason + ")"
		}
		said = append(said, text)
	}
	return strings.Join(said, "; ")
}
