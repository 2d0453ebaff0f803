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
