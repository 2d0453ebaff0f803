package jobs

import (
	"slices"
	"strings"
	"testing"

	"daybook/pricing"
	"daybook/sinks/publish"
)

// delete takes an object out of the bucket.
func (w *testWorld) delete(t *testing.T, key string) {
	t.Helper()
	if err := w.bucket.Delete(t.Context(), key); err != nil {
		t.Fatal(err)
	}
}

// withdraw asks that a usage file counts no more.
func (w *testWorld) withdraw(t *testing.T, file string) {
	t.Helper()
	request := publish.Request{Kind: publish.RequestWithdraw, Subject: map[string]string{publish.SubjectFile: file}, Reason: "sent twice"}
	if _, err := publish.New(w.out, publish.Options{}).PutRequest(t.Context(), string(JobRollup), request); err != nil {
		t.Fatal(err)
	}
}

// sixthsRollup runs the rollup of the 6th and returns its outcome.
func (w *testWorld) sixthsRollup(t *testing.T, o RunOptions) (Outcome, error) {
	t.Helper()
	o.Now = wellAfter.Now
	out, err := w.pipeline(t).Rollup(t.Context(), []pricing.Date{sixth}, o)
	if len(out) == 0 {
		return Outcome{}, err
	}
	return out[0], err
}

// vanishedWorld has two files on the 6th, of which b, with 5 GB of sub-b, is gone
// after it was counted.
func vanishedWorld(t *testing.T) *testWorld {
	t.Helper()
	w := newTestWorld(t)
	w.usage(t, "dt=2026-10-06/b.parquet", usageRow{"e4", "2026-10-06T09:00:00Z", "sub-b", 5})
	if out, err := w.sixthsRollup(t, RunOptions{}); err != nil || out.State != StatePublished {
		t.Fatalf("%v, %v", out, err)
	}
	w.delete(t, "usage/dt=2026-10-06/b.parquet")
	return w
}

func TestVanished_ADayStandsAndSaysSo(t *testing.T) {
	w := vanishedWorld(t)
	gone := []string{"dt=2026-10-06/b.parquet"}
	for _, o := range []RunOptions{{}, {}, {Recompute: true}} {
		out, err := w.sixthsRollup(t, o)
		if err != nil || out.State != StateAlready || out.Revision != 1 || out.Counts.Kept != 2 || !slices.Equal(out.VanishedUsage, gone) {
			t.Errorf("%+v: %s r%d, %v gone, %v: want r1 to stand without %v", o, out.State, out.Revision, out.VanishedUsage, err, gone)
		}
	}
	// Costs are computed from what stands, and each run that sees it says so.
	for _, want := range []State{StatePublished, StateAlready} {
		outcomes, err := w.pipeline(t).Daily(t.Context(), []pricing.Date{sixth}, wellAfter)
		if err != nil {
			t.Fatal(err)
		}
		said := slices.ContainsFunc(outcomes, func(o Outcome) bool { return o.Period == "2026-10-06" && slices.Equal(o.VanishedUsage, gone) })
		if last := outcomes[len(outcomes)-1]; last.State != want || !said {
			t.Errorf("daily is %s and names the file = %t, want %s and true", last.State, said, want)
		}
	}
	if rows, err := w.pipeline(t).AccountCosts(t.Context(), sixth); err != nil || len(rows) != 2 || rows[1].Total.String() != "14.5" {
		t.Errorf("beta's costs are %v, %v: want 10 and 9 × 0.50", rows, err) // 4 GB on the 5th, 5 on the 6th
	}
	w.usage(t, "dt=2026-10-06/b.parquet", usageRow{"e4", "2026-10-06T09:00:00Z", "sub-b", 5})
	if out, err := w.sixthsRollup(t, RunOptions{}); err != nil || out.VanishedUsage != nil || out.State == StatePublished {
		t.Errorf("after the file came back: %s, %v gone, %v", out.State, out.VanishedUsage, err)
	}
}

func TestVanished_NewUsageBesideItIsRefusedWithTheRemedy(t *testing.T) {
	for name, change := range map[string]func(*testWorld){
		"late file": func(w *testWorld) {
			w.usage(t, "dt=2026-10-06/c.parquet", usageRow{"e5", "2026-10-06T10:00:00Z", "sub-a", 1})
		},
		"replaced file": func(w *testWorld) {
			w.usage(t, "dt=2026-10-06/a.parquet", usageRow{"e3", "2026-10-06T08:00:00Z", "sub-a", 31})
		},
		"part of the day": nil,
	} {
		w := vanishedWorld(t)
		o := RunOptions{}
		if change != nil {
			change(w)
		} else {
			o.AsOf = sixth.UTC().Add(1 << 40) // within the day: another cut than what stands
		}
		_, err := w.sixthsRollup(t, o)
		if err == nil || !strings.Contains(err.Error(), "dt=2026-10-06/b.parquet") || !strings.Contains(err.Error(), "daybook withdraw --file dt=2026-10-06/b.parquet") {
			t.Errorf("%s: %v: want an error that names the file and how to withdraw it", name, err)
		}
		if h := w.history(t, "rollup", "2026-10-06"); h.Last.Revision != 1 {
			t.Errorf("%s: r%d was decided, want the day to stand", name, h.Last.Revision)
		}
	}
}

func TestVanished_CompactionReadsTheDayAgain(t *testing.T) {
	w := vanishedWorld(t)
	w.delete(t, "usage/dt=2026-10-06/a.parquet")
	w.usage(t, "dt=2026-10-06/compacted.parquet",
		usageRow{"e3", "2026-10-06T08:00:00Z", "sub-a", 30}, usageRow{"e4", "2026-10-06T09:00:00Z", "sub-b", 5}, usageRow{"e5", "2026-10-06T10:00:00Z", "sub-a", 1})
	out, err := w.sixthsRollup(t, RunOptions{})
	if err != nil || out.State != StatePublished || out.VanishedUsage != nil || out.Counts.Kept != 3 {
		t.Errorf("%s, %v gone, %+v, %v: want 3 rows of the new file published", out.State, out.VanishedUsage, out.Counts, err)
	}
	w = vanishedWorld(t)
	w.delete(t, "usage/dt=2026-10-06/a.parquet")
	if out, err := w.sixthsRollup(t, RunOptions{}); err != nil || out.State != StateAlready || len(out.VanishedUsage) != 2 {
		t.Errorf("all files gone: %s, %v gone, %v: want the day to stand", out.State, out.VanishedUsage, err)
	}
}

func TestVanished_AWithdrawnFileCountsNoMore(t *testing.T) {
	for _, there := range []bool{false, true} {
		w := vanishedWorld(t)
		if there {
			w.usage(t, "dt=2026-10-06/b.parquet", usageRow{"e4", "2026-10-06T09:00:00Z", "sub-b", 5})
			if _, err := w.sixthsRollup(t, RunOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		w.withdraw(t, "dt=2026-10-06/b.parquet")
		out, err := w.sixthsRollup(t, RunOptions{})
		if err != nil || out.State != StatePublished || out.Counts.Kept != 1 || out.VanishedUsage != nil {
			t.Errorf("there = %t: %s, %+v, %v: want the one other row published", there, out.State, out.Counts, err)
		}
		// The request stays an input of the day, and nothing else is needed.
		if out, err := w.sixthsRollup(t, RunOptions{}); err != nil || out.State != StateAlready {
			t.Errorf("there = %t: again %s, %v, want it up to date", there, out.State, err)
		}
		plan, err := publish.New(w.out, publish.Options{}).Plan(t.Context(), "rollup", "2026-10-06", out.Revision)
		if err != nil || !slices.ContainsFunc(plan.Identity.Inputs, func(i publish.Input) bool { return i.Kind == publish.KindRequest }) {
			t.Errorf("there = %t: the plan %v names no request, %v", there, plan.Identity.Inputs, err)
		}
	}
}
