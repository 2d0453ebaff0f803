package publish

import (
	"strings"
	"sync"
	"testing"

	"daybook/sources/blob"
	"daybook/sources/blob/mem"
)

func TestCommit_SixteenRunnersMakeOneManifest(t *testing.T) {
	eachStore(t, func(t *testing.T, store blob.Store) {
		for round, costs := range []string{"1", "2", "3"} {
			const runners = 16
			manifests := make([]Manifest, runners)
			adopted := make([]bool, runners)
			errs := make([]error, runners)
			start := make(chan struct{})
			var wg sync.WaitGroup
			for i := range runners {
				wg.Go(func() {
					<-start
					manifests[i], adopted[i], errs[i] = daily(costs).run(t.Context(), store)
				})
			}
			close(start)
			wg.Wait()
			own := 0
			for i := range runners {
				if errs[i] != nil {
					t.Fatal(errs[i])
				}
				if !adopted[i] {
					own++
				}
				if manifests[i].Revision != round+1 || manifests[i].Totals["CHF"] != costs {
					t.Errorf("runner %d has %+v", i, manifests[i])
				}
			}
			if own != 1 {
				t.Errorf("%d runners say that the manifest is theirs", own)
			}
			all := dump(t, store)
			if n := manifestsOf(all, "daily"); n != round+1 {
				t.Errorf("%d manifests after round %d", n, round)
			}
			if got := all["current/tables/daily_costs/day=2026-10-01/part.parquet"]; got != "daily_costs "+costs {
				t.Errorf("current holds %q", got)
			}
		}
	})
}

func TestCommit_ALostAnswerIsReadBack(t *testing.T) {
	for _, script := range []string{
		"put 1 of manifest.json lost",
		"put 1 of manifest.json error transient",
		"put 1 of plan.json lost",
		"put 1 of plan.json error transient",
		"put 1 of .parquet lost",
	} {
		store := mem.New("out")
		f := faulty(t, store, script)
		m, adopted, err := daily("1").run(t.Context(), f)
		if err != nil || adopted || m.Verdict != Published || f.Injected() != 1 {
			t.Errorf("%s: manifest %+v, adopted %v, %v", script, m, adopted, err)
		}
		if n := manifestsOf(dump(t, store), "daily"); n != 1 {
			t.Errorf("%s: %d manifests", script, n)
		}
	}
}

func TestCommit_AnothersManifestIsAdopted(t *testing.T) {
	store := mem.New("out")
	p := New(store, Options{Engine: "v1"})
	slow, err := p.Begin(t.Context(), daily("1").identity(), nil)
	if err != nil {
		t.Fatal(err)
	}
	first := daily("1").must(t, store)
	for _, script := range []string{"", "put 1 of manifest.json error transient"} {
		slow.publisher = New(faulty(t, store, script), Options{Engine: "v1"})
		other := daily("999") // a runner that computed something else
		stands, adopted, err := other.compute(t.Context(), slow)
		if err != nil || !adopted || stands.Totals["CHF"] != first.Totals["CHF"] {
			t.Errorf("%q: stands %+v, adopted %v, %v", script, stands, adopted, err)
		}
	}
}

func TestCommit_EqualResultsAreUnchanged(t *testing.T) {
	store := mem.New("out")
	daily("1").must(t, store)
	m := recompute(t, store, daily("1"))
	if m.Verdict != Unchanged || m.Revision != 2 || m.Supersedes != 1 || len(m.Events) != 0 {
		t.Errorf("the second manifest is %+v", m)
	}
	for _, o := range m.Objects {
		if !strings.Contains(o.Key, "/r000001/") {
			t.Errorf("it names %s and not the object that stands", o.Key)
		}
	}
	changes := map[string]job{"table": daily("2"), "document": daily("1"), "fewer documents": daily("1")}
	changes["document"].documents["costs/beta.json"] = `{"total":"1"}`
	delete(changes["fewer documents"].documents, "costs/beta.json")
	for _, name := range []string{"table", "document", "fewer documents"} {
		if m := recompute(t, store, changes[name]); m.Verdict != Published {
			t.Errorf("another %s is %s", name, m.Verdict)
		}
	}
	if m := recompute(t, store, daily("1")); m.Verdict != Published || m.Revision != 6 {
		t.Errorf("what was published first is %s again in r%d", m.Verdict, m.Revision)
	}
}

func TestCommit_RefusesWhatTheRunDidNotStore(t *testing.T) {
	store := mem.New("out")
	p := New(store, Options{Engine: "v1"})
	r, err := p.Begin(t.Context(), daily("1").identity(), nil)
	if err != nil {
		t.Fatal(err)
	}
	table := NewObject{Name: "a", Ext: "parquet", Role: RoleTable, Table: "t", Partition: "p=1", Body: []byte("a")}
	o, err := r.Put(t.Context(), table)
	if err != nil {
		t.Fatal(err)
	}
	table.Body = []byte("b")
	samePlace, err := r.Put(t.Context(), table)
	if err != nil {
		t.Fatal(err)
	}
	forged := o
	forged.Size++
	for name, m := range map[string]Manifest{
		"another job":       {Job: "monthly"},
		"unknown object":    {Objects: []Object{{Key: "data/x", Role: RoleTrace}}},
		"forged object":     {Objects: []Object{forged}},
		"twice the same":    {Objects: []Object{o, o}},
		"two for one place": {Objects: []Object{o, samePlace}},
		"event, no pack":    {Objects: []Object{o}, Events: []Event{{ID: "evt_1", Pack: o.Key, Length: 1}}},
		"unknown coverage":  {Chain: &Chain{Coverage: &forged}},
	} {
		if _, _, err := r.Commit(t.Context(), m); err == nil {
			t.Errorf("%s was committed", name)
		}
	}
	if n := manifestsOf(dump(t, store), "daily"); n != 0 {
		t.Errorf("%d manifests", n)
	}
}

func TestSeal_TakesTheNextSlotForGood(t *testing.T) {
	store := mem.New("out")
	p := New(store, Options{Engine: "v1"})
	_, err := p.Seal(t.Context(), "daily", "2026-10-01")
	is(t, err, ErrNotPublished)
	daily("1").must(t, store)
	// A supplement is planned, then the next month seals.
	supplement, err := p.Begin(t.Context(), daily("2").identity(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		s, err := p.Seal(t.Context(), "daily", "2026-10-01")
		if err != nil || s.Verdict != Sealed || s.Revision != 2 || s.Supersedes != 1 {
			t.Fatalf("seal is %+v, %v", s, err)
		}
	}
	_, _, err = daily("2").compute(t.Context(), supplement)
	is(t, err, ErrSealed)
	_, err = p.Begin(t.Context(), daily("3").identity(), nil)
	is(t, err, ErrSealed)
	h, err := p.Decided(t.Context(), "daily", "2026-10-01")
	if err != nil || h.Published.Revision != 1 || h.Last.Verdict != Sealed {
		t.Errorf("history is %+v, %v", h, err)
	}
}

func TestSeal_RacingASupplementLeavesOneOrderOfThem(t *testing.T) {
	for range 50 {
		store := mem.New("out")
		p := New(store, Options{Engine: "v1"})
		daily("1").must(t, store)
		r, err := p.Begin(t.Context(), daily("2").identity(), nil)
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		var sealed Manifest
		var sealErr, commitErr error
		wg.Go(func() { sealed, sealErr = p.Seal(t.Context(), "daily", "2026-10-01") })
		wg.Go(func() { _, _, commitErr = daily("2").compute(t.Context(), r) })
		wg.Wait()
		if sealErr != nil {
			t.Fatal(sealErr)
		}
		// The supplement's revision tells who won: before the seal, or never.
		if want := map[bool]int{true: 3, false: 2}[commitErr == nil]; sealed.Revision != want {
			t.Fatalf("sealed at r%d, supplement: %v", sealed.Revision, commitErr)
		}
		if commitErr != nil {
			is(t, commitErr, ErrSealed)
		}
	}
}
