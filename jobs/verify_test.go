package jobs

import (
	"slices"
	"strings"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/sinks/publish"
	"daybook/sources/blob"
	"daybook/sources/blob/mem"
)

// verifiedWorld has two closed months, the days 5 to 7 October, and usage in
// both months.
func verifiedWorld(t *testing.T) *testWorld {
	t.Helper()
	w := newTestWorld(t)
	w.usage(t, "dt=2026-11-03/a.parquet", usageRow{"n1", "2026-11-03T08:00:00Z", "sub-a", 6})
	w.put(t, "registry/payments.csv", "id,account,amount,currency,time\npay-1,acme,25.00,CHF,2026-11-10\n")
	p := w.pipeline(t)
	o := RunOptions{Now: time.Date(2026, 12, 20, 0, 0, 0, 0, time.UTC)}
	if _, err := p.Daily(t.Context(), Span{pricing.NewDate(2026, 10, 5), pricing.NewDate(2026, 10, 7)}.Days(), o); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Monthly(t.Context(), october.Through(october.Next()), o); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *testWorld) verify(t *testing.T, o VerifyOptions) []VerifiedRun {
	t.Helper()
	runs, err := w.pipeline(t).Verify(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return runs
}

func TestVerify_FindsNothingWrongWithWhatWasPublished(t *testing.T) {
	w := verifiedWorld(t)
	before := contents(t, w.out)
	jobs := map[string]int{}
	for _, r := range w.verify(t, VerifyOptions{All: true}) {
		for _, f := range r.Faults {
			t.Errorf("%s %s r%d: %+v", r.Job, r.Period, r.Revision, f)
		}
		decided := r.Verdict == publish.Published || r.Verdict == publish.Unchanged
		if decided && !r.Rederived || len(r.Unproven) > 0 {
			t.Errorf("%s %s r%d: not computed again: %v", r.Job, r.Period, r.Revision, r.Unproven)
		}
		jobs[r.Job]++
	}
	// 30 September to 30 November of rollups, three days, two closings and a seal.
	if jobs["rollup"] != 62 || jobs["daily"] != 3 || jobs["monthly"] != 3 {
		t.Errorf("verified %v, want rollups of 62 days, 3 days and 3 revisions of closings", jobs)
	}
	wantSame(t, "the store after verify", contents(t, w.out), before)
}

func TestVerify_TakesARangeOfDaysOrMonths(t *testing.T) {
	for _, c := range []struct {
		period, from, to string
		want             bool
	}{
		{"2026-10", "2026-10", "2026-10", true},
		{"2026-10-31", "2026-10", "2026-10", true},
		{"2026-11-01", "2026-10", "2026-10", false},
		{"2026-10-05", "2026-10-05", "2026-10-07", true},
		{"2026-10-08", "2026-10-05", "2026-10-07", false},
		{"2026-10", "2026-10-05", "2026-10-07", true},
		{"2026-09", "2026-10-05", "", false},
		{"2027-01", "2026-10-05", "", true},
	} {
		if got := within(c.period, c.from, c.to); got != c.want {
			t.Errorf("%s within %q to %q: %t", c.period, c.from, c.to, got)
		}
	}
}

func TestVerify_SaysThatARollupCannotBeReadAgainWhereItsUsageExpired(t *testing.T) {
	w := verifiedWorld(t)
	if err := w.bucket.Delete(t.Context(), "usage/dt=2026-10-05/a.parquet"); err != nil {
		t.Fatal(err)
	}
	for _, r := range w.verify(t, VerifyOptions{}) {
		if len(r.Faults) > 0 {
			t.Errorf("%s %s: %+v", r.Job, r.Period, r.Faults)
		}
		said := strings.Join(r.Unproven, "\n")
		expired := r.Job == "rollup" && r.Period == "2026-10-05"
		if expired != strings.Contains(said, "rollup not re-derivable: usage file dt=2026-10-05/a.parquet is gone") || expired == r.Rederived && r.Verdict == publish.Published {
			t.Errorf("%s %s: re-derived %t, unproven %q", r.Job, r.Period, r.Rederived, said)
		}
	}
}

// copied is the same world in stores of its own.
func (w *testWorld) copied(t *testing.T) *testWorld {
	t.Helper()
	twin := *w
	twin.bucket, twin.out = copyOf(t, w.bucket, "bucket"), copyOf(t, w.out, "out")
	return &twin
}

func copyOf(t *testing.T, s blob.Store, name string) blob.Store {
	t.Helper()
	twin := mem.New(name)
	for o, err := range s.List(t.Context(), "", "") {
		if err != nil {
			t.Fatal(err)
		}
		body, err := blob.Read(t.Context(), s, o)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := twin.Put(t.Context(), o.Key, body, blob.Cond{}); err != nil {
			t.Fatal(err)
		}
	}
	return twin
}

func TestVerify_SaysWhichVersionMadeWhatItComputesOtherwise(t *testing.T) {
	w := verifiedWorld(t)
	w.options.Version = "other"
	for _, r := range w.verify(t, VerifyOptions{}) {
		if len(r.Faults) > 0 || r.Verdict == publish.Published && !r.Rederived {
			t.Errorf("%s %s: another version that computes the same: %+v", r.Job, r.Period, r)
		}
	}
	rollupRow(true)(t, w)
	for _, r := range w.verify(t, VerifyOptions{Job: "rollup", From: "2026-10-05", To: "2026-10-05"}) {
		if r.Rederived || !strings.Contains(strings.Join(r.Unproven, ""), "made by version test, and version other computes otherwise (differences: 1)") {
			t.Errorf("another version that computes otherwise: %+v", r)
		}
	}
}

// A day that is computed again with the same result has a manifest that names the
// objects of the revision before; one with another result takes its place.
func TestVerify_FollowsUnchangedAndLaterRevisions(t *testing.T) {
	w := newTestWorld(t)
	sixth := []pricing.Date{pricing.NewDate(2026, 10, 6)}
	again := afterOctober.online()
	again.Recompute = true
	run := func(want State) {
		t.Helper()
		outcomes, err := w.pipeline(t).Daily(t.Context(), sixth, again)
		if err != nil || outcomes[len(outcomes)-1].State != want {
			t.Fatalf("%v, %v; want %s", outcomes, err, want)
		}
	}
	run(StatePublished)
	run(StateUnchanged)
	w.put(t, "book/shop.yaml", strings.Replace(testBook, "unit: 0.50", "unit: 0.60", 1))
	run(StatePublished)
	run(StateUnchanged)
	for _, all := range []bool{false, true} {
		var verified []int
		for _, r := range w.verify(t, VerifyOptions{Job: "daily", All: all}) {
			verified = append(verified, r.Revision)
			if len(r.Faults) > 0 || !r.Rederived {
				t.Errorf("all %t: r%d: %+v", all, r.Revision, r)
			}
		}
		want := []int{3, 4}
		if all {
			want = []int{1, 2, 3, 4}
		}
		if !slices.Equal(verified, want) {
			t.Errorf("all %t: verified revisions %v, want %v", all, verified, want)
		}
	}
}
