package publish

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"daybook/sources/blob"
	"daybook/sources/blob/mem"
)

const currentCosts = "current/tables/daily_costs/day=2026-10-01/part.parquet"

// stalled is a store whose first put of a key waits for others to do something.
type stalled struct {
	blob.Store
	key    string
	once   sync.Once
	before func()
}

func (s *stalled) Put(ctx context.Context, key string, body []byte, c blob.Cond) (blob.Object, error) {
	if key == s.key {
		s.once.Do(s.before)
	}
	return s.Store.Put(ctx, key, body, c)
}

// A runner of the second revision stops just before its put; the third, and in
// one case bytes equal to the first, is published and moved meanwhile.
func TestAdvance_AStalledOlderRevisionReplacesNothing(t *testing.T) {
	for _, third := range []string{"3", "1"} {
		for _, key := range []string{currentCosts, "current/documents/costs/acme.json", "current/tables/daily_costs/_manifest.json", "current/extra.txt"} {
			t.Run(fmt.Sprintf("third %s %s", third, strings.ReplaceAll(key, "/", "_")), func(t *testing.T) {
				store := mem.New("out")
				first, second, newest := daily("1"), daily("2"), daily(third)
				first.extra = []CurrentFile{{Path: "extra.txt", Body: []byte("1")}}
				second.extra = []CurrentFile{{Path: "extra.txt", Body: []byte("2")}}
				newest.extra = []CurrentFile{{Path: "extra.txt", Body: []byte(third)}}
				first.must(t, store)
				slow := &stalled{Store: store, key: key, before: func() {
					newest.must(t, store)
				}}
				second.must(t, slow)
				all := dump(t, store)
				if got := all[currentCosts]; got != "daily_costs "+third {
					t.Errorf("the table holds %q", got)
				}
				if got := all["current/documents/costs/acme.json"]; got != `{"total":"`+third+"\"}\n" {
					t.Errorf("the document holds %q", got)
				}
				table, err := New(store, Options{}).Table(t.Context(), "daily_costs")
				if err != nil || len(table.Objects) != 1 || !strings.Contains(table.Objects[0].Key, "/r000003/") {
					t.Errorf("the table manifest is %+v, %v", table, err)
				}
				if got := all["current/extra.txt"]; key != "current/extra.txt" && got != third {
					t.Errorf("the extra file holds %q", got)
				}
			})
		}
	}
}

func TestAdvance_ManyRunnersOfManyRevisionsEndAtTheLatest(t *testing.T) {
	eachStore(t, func(t *testing.T, store blob.Store) {
		var revisions []Manifest
		for _, costs := range []string{"1", "2", "1", "3", "1"} {
			revisions = append(revisions, daily(costs).must(t, store))
		}
		want := dump(t, store)
		for round := range 10 {
			if round%2 == 0 { // begin from nothing, or from the first revision's bytes
				if err := store.Delete(t.Context(), currentCosts); err != nil {
					t.Fatal(err)
				}
			} else {
				overwrite(t, store, currentCosts, []byte("daily_costs 2"))
			}
			var wg sync.WaitGroup
			for i := range 15 {
				wg.Go(func() {
					if err := New(store, Options{}).Advance(t.Context(), revisions[i%len(revisions)]); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			sameStore(t, "after racing", dump(t, store), want)
		}
	})
}

func TestAdvance_WritesOnlyWhatDiffers(t *testing.T) {
	store := mem.New("out")
	daily("1").must(t, store)
	f := faulty(t, store, "")
	daily("2").must(t, f)
	var puts []string
	for _, c := range f.Calls() {
		if c.Op == "put" && strings.HasPrefix(c.Key, "current/") {
			puts = append(puts, c.Key)
		}
	}
	slices.Sort(puts)
	want := []string{
		"current/documents/costs/acme.json", // beta's bytes are equal
		"current/tables/daily_costs/_manifest.json",
		currentCosts,
		"current/tables/parked_accounts/_manifest.json", // its object is the second revision's
	}
	if !slices.Equal(puts, want) {
		t.Errorf("puts are %q, want %q", puts, want)
	}
	f = faulty(t, store, "")
	daily("2").must(t, f)
	if f.Count("put") != 0 {
		t.Errorf("an up-to-date view was written: %v", f.Calls())
	}
}

func TestAdvance_PartitionsOfOtherPeriodsStay(t *testing.T) {
	store := mem.New("out")
	other := daily("7")
	other.period, other.documents = "2026-10-02", nil
	var wg sync.WaitGroup
	wg.Go(func() { daily("1").must(t, store) })
	wg.Go(func() { other.must(t, store) })
	wg.Wait()
	daily("2").must(t, store)
	table, err := New(store, Options{}).Table(t.Context(), "daily_costs")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, o := range table.Objects {
		got = append(got, o.Partition+" "+o.Key[:len("data/daily/2026-10-01/r000002")])
	}
	want := []string{"day=2026-10-01 data/daily/2026-10-01/r000002", "day=2026-10-02 data/daily/2026-10-02/r000001"}
	if !slices.Equal(got, want) {
		t.Errorf("partitions are %q, want %q", got, want)
	}
}

func TestAdvanced_TellsWhetherARunDiedBeforeItsEnd(t *testing.T) {
	store := mem.New("out")
	p := New(store, Options{Engine: "v1"})
	daily("1").must(t, store)
	m := recompute(t, store, daily("2")) // committed, and then it died
	if done, err := p.Advanced(t.Context(), m); err != nil || done {
		t.Errorf("advanced is %v, %v", done, err)
	}
	if err := p.Advance(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	f := faulty(t, store, "")
	if done, err := New(f, Options{}).Advanced(t.Context(), m); err != nil || !done || f.Count("any") != 2 {
		t.Errorf("advanced is %v, %v after %v", done, err, f.Calls())
	}
}

func TestAdvance_NothingPublished(t *testing.T) {
	err := New(mem.New("out"), Options{}).Advance(t.Context(), Manifest{Job: "daily", Period: "2026-10-01", Verdict: Abandoned})
	is(t, err, ErrNotPublished)
	if err := New(mem.New("out"), Options{}).Advance(t.Context(), Manifest{}, CurrentFile{Path: "../x"}); err == nil {
		t.Error("a file outside of current was written")
	}
}
