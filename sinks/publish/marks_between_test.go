package publish

import (
	"testing"

	"daybook/sources/blob"
	"daybook/sources/blob/mem"
)

// One listing tells of periods of two jobs: none before the first or after the
// last, and of no other job.
func TestDecisionsBetween_AreOfTwoJobs(t *testing.T) {
	store := mem.New("out")
	p := New(store, Options{})
	for _, key := range []string{
		manifestKey("draft", "2026-09", 1), manifestKey("draft", "2026-10", 1), manifestKey("draft", "2026-10", 2), planKey("draft", "2026-10", 3),
		runsPrefix("draft", "2026-10") + marksName + "/1.1.old", runsPrefix("draft", "2026-10") + marksName + "/2.1.new",
		manifestKey("forecast", "2026-10", 7), manifestKey("monthly", "2026-08", 1), manifestKey("monthly", "2026-09", 4), manifestKey("monthly", "2026-10", 5),
	} {
		if _, err := store.Put(t.Context(), key, []byte("{}"), blob.Cond{}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := p.DecisionsBetween(t.Context(), "draft", "2026-10", "monthly", "2026-09")
	if err != nil {
		t.Fatal(err)
	}
	draft, closings := got["draft"], got["monthly"]
	if len(got) != 2 || len(draft) != 1 || len(closings) != 2 || closings["2026-08"].Last != 1 || closings["2026-09"].Last != 4 {
		t.Errorf("it lists %+v", got)
	}
	if d := draft["2026-10"]; d.Last != 2 || len(d.Marks) != 1 || d.Marks[0] != (Mark{2, 1, "new"}) || len(d.stale) != 2 {
		t.Errorf("the draft is %+v, want revision 2 with the mark that is of it", d)
	}
}

// A signature that has no manifest does not stand for one that another lacks.
func TestDecisions_MarksCountWhereEachManifestIsSigned(t *testing.T) {
	key, err := ParseSigningKey(rfcPrivate)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		signed []int
		marks  int
	}{"each": {[]int{1, 3}, 1}, "one": {[]int{3}, 0}, "one, and one that is not there": {[]int{2, 3}, 0}} {
		store := mem.New("out")
		keys := []string{manifestKey("daily", "2026-10-05", 1), manifestKey("daily", "2026-10-05", 3), runsPrefix("daily", "2026-10-05") + marksName + "/3.3.now"}
		for _, revision := range c.signed {
			keys = append(keys, signatureKey("daily", "2026-10-05", revision))
		}
		for _, k := range keys {
			if _, err := store.Put(t.Context(), k, []byte("{}"), blob.Cond{}); err != nil {
				t.Fatal(err)
			}
		}
		got, err := New(store, Options{Signing: key}).Decisions(t.Context(), "daily", "2026-10-05", "2026-10-05")
		if err != nil || len(got["2026-10-05"].Marks) != c.marks {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}
