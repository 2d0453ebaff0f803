package publish

import (
	"fmt"
	"testing"

	"daybook/sources/blob"
	"daybook/sources/blob/mem"
)

func TestRevisions_AreTheDecidedOnesOldestPeriodFirst(t *testing.T) {
	store := mem.New("out")
	p := New(store, Options{Engine: "v1"})
	first := daily("1").must(t, store)
	second := daily("2").must(t, store)
	for _, stranger := range []string{
		"runs/" + first.Job + "/" + first.Period + "/r000009/plan.json", // begun, not decided
		"runs/" + first.Job + "/x",
		"runs/" + first.Job + "/" + first.Period + "/r9/manifest.json",
	} {
		if _, err := store.Put(t.Context(), stranger, []byte("{}"), blob.Cond{}); err != nil {
			t.Fatal(err)
		}
	}
	revisions, err := p.Revisions(t.Context(), first.Job)
	if err != nil || len(revisions) != 2 || revisions[0].Number != 1 || revisions[1].Number != 2 {
		t.Fatalf("revisions %+v, %v: want 1 and 2", revisions, err)
	}
	for i, want := range []Manifest{first, second} {
		m, err := p.Manifest(t.Context(), revisions[i])
		if err != nil || m.Revision != want.Revision || m.Plan != want.Plan {
			t.Errorf("revision %d: %+v, %v", i+1, m, err)
		}
	}
	want := fmt.Sprintf("delivered/%s/%s/r000002/erp", second.Job, second.Period)
	if got := revisions[1].DeliveredKey("erp"); got != want {
		t.Errorf("marker %s, want %s", got, want)
	}
	if got := OutboxPrefix("monthly", "2026-10", 2, "../erp"); got != "outbox/monthly/2026-10/r000002/%2E.%2Ferp/" {
		t.Errorf("outbox %s", got)
	}
}
