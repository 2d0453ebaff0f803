package jobs

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/sinks/publish"
	"daybook/sources/blob"
	"daybook/sources/blob/fault"
)

var afterOctober = RunOptions{Now: time.Date(2026, 11, 10, 0, 0, 0, 0, time.UTC), Only: true}

// lateWorld has October's rollups, and a file of the 5th that came after them.
func lateWorld(t *testing.T) *testWorld {
	t.Helper()
	w := newTestWorld(t)
	p := w.pipeline(t)
	if _, err := p.Rollup(t.Context(), Span{pricing.NewDate(2026, 9, 30), pricing.NewDate(2026, 10, 31)}.Days(), RunOptions{}); err != nil {
		t.Fatal(err)
	}
	w.usage(t, "dt=2026-10-05/late.parquet", usageRow{"e9", "2026-10-05T10:00:00Z", "sub-a", 100})
	return w
}

// supersede publishes the rollup of the 5th anew, so that the data of its first
// revision may go, and collects it.
func (w *testWorld) supersede(t *testing.T) {
	t.Helper()
	if _, err := w.pipeline(t).Rollup(t.Context(), []pricing.Date{pricing.NewDate(2026, 10, 5)}, RunOptions{}); err != nil {
		t.Error(err)
	}
	w.collect(t, CollectOptions{Superseded: true, Keep: 1})
}

func (w *testWorld) collect(t *testing.T, o CollectOptions) []publish.Garbage {
	t.Helper()
	gone, err := w.pipeline(t).Collect(t.Context(), o)
	if err != nil {
		t.Error(err)
	}
	return gone
}

// wantSound reports what verify finds wrong in a world.
func (w *testWorld) wantSound(t *testing.T, what string, o VerifyOptions) {
	t.Helper()
	for _, r := range w.verify(t, o) {
		for _, f := range r.Faults {
			t.Errorf("%s: %s %s r%d: %+v", what, r.Job, r.Period, r.Revision, f)
		}
		collected := slices.ContainsFunc(r.Unproven, func(s string) bool { return strings.Contains(s, "deleted as superseded") })
		if r.Verdict == publish.Published && !r.Rederived && !collected {
			t.Errorf("%s: %s %s r%d cannot be computed again: %v", what, r.Job, r.Period, r.Revision, r.Unproven)
		}
	}
}

// A closing reads a rollup's first revision, and before each of its store calls
// the second is published and the first one's data collected.
func TestCollect_TakesNothingFromUnderAClosing(t *testing.T) {
	world := lateWorld(t)
	close := func(at int) (*actedUpon, *testWorld) {
		w := world.copied(t)
		other := *w
		store := &actedUpon{Store: w.out, at: at, act: func() { other.supersede(t) }}
		w.out = store
		outcomes, err := w.pipeline(t).Monthly(t.Context(), []pricing.Month{october}, afterOctober)
		if err != nil || len(outcomes) != 1 || outcomes[0].State != StatePublished {
			t.Fatalf("closing with a collection at call %d: %v, %v", at, outcomes, err)
		}
		return store, &other
	}
	undisturbed, _ := close(0)
	kept := map[bool]int{}
	for _, at := range undisturbed.moments("put runs/monthly/", "list gc/") {
		_, w := close(at)
		w.wantSound(t, fmt.Sprintf("a collection before call %d, %s", at, undisturbed.calls[at-1]), VerifyOptions{Job: string(JobMonthly)})
		_, err := w.out.Stat(t.Context(), fifthsFirst(t, w.out))
		kept[err == nil]++
	}
	if kept[true] == 0 || kept[false] == 0 {
		t.Errorf("the first revision stayed in %d places and went in %d: there must be both", kept[true], kept[false])
	}
}

// fifthsFirst is the key of the rollup of the 5th in its first revision.
func fifthsFirst(t *testing.T, s blob.Store) string {
	t.Helper()
	p := publish.New(s, publish.Options{})
	m, err := p.ManifestOf(t.Context(), string(JobRollup), "2026-10-05", 1)
	if err != nil {
		t.Fatal(err)
	}
	return m.Objects[slices.IndexFunc(m.Objects, func(o publish.Object) bool { return o.Table == "usage_daily" })].Key
}

// The other way round: a collection goes on, and before each of its store calls
// a closing is made, or another collection.
func TestCollect_LetsClosingsAndOtherCollectionsThrough(t *testing.T) {
	world := lateWorld(t)
	if _, err := world.pipeline(t).Rollup(t.Context(), []pricing.Date{pricing.NewDate(2026, 10, 5)}, RunOptions{}); err != nil {
		t.Fatal(err)
	}
	collect := func(at int) (*actedUpon, *testWorld) {
		w := world.copied(t)
		other := *w
		store := &actedUpon{Store: w.out, at: at, act: func() {
			if at%2 == 0 {
				other.collect(t, CollectOptions{Superseded: true})
			}
			if _, err := other.pipeline(t).Monthly(t.Context(), []pricing.Month{october}, afterOctober); err != nil {
				t.Error(err)
			}
		}}
		w.out = store
		w.collect(t, CollectOptions{Superseded: true})
		return store, &other
	}
	undisturbed, _ := collect(0)
	for _, at := range undisturbed.moments("put gc/", "delete data/rollup/2026-10-05") {
		_, w := collect(at)
		w.wantSound(t, fmt.Sprintf("a closing before call %d of a collection, %s", at, undisturbed.calls[at-1]), VerifyOptions{Job: string(JobMonthly)})
	}
}

// A collection has looked for who needs the first revision and is about to mark
// it, when a closing that has read its manifest plans with it and goes on.
func TestCollect_LooksAgainAfterItHasMarked(t *testing.T) {
	w := lateWorld(t)
	other, collecting := *w, *w
	reached, closed := make(chan struct{}), make(chan struct{})
	marking := &actedUpon{Store: w.out, before: "put gc/", act: func() { close(reached); <-closed }}
	collecting.out = marking
	var collector sync.WaitGroup
	w.out = &actedUpon{Store: w.out, before: "put runs/monthly/", act: func() {
		collector.Go(func() { collecting.supersede(t) })
		<-reached
	}}
	if _, err := w.pipeline(t).Monthly(t.Context(), []pricing.Month{october}, afterOctober); err != nil {
		t.Fatal(err)
	}
	close(closed)
	collector.Wait()
	other.wantSound(t, "after the collection", VerifyOptions{Job: string(JobMonthly)})
	if _, err := other.out.Stat(t.Context(), fifthsFirst(t, other.out)); err != nil {
		t.Errorf("what the closing stands on: %v", err)
	}
}

// A run that dies leaves objects; what its successor does not name goes, and
// nothing else, whatever comes in which order.
func TestCollect_RandomStoriesStaySound(t *testing.T) {
	for seed := range stories() {
		random := rand.New(rand.NewPCG(seed, 1))
		w := newTestWorld(t)
		for step := range 10 {
			w.randomStep(t, random, step)
		}
		if _, err := w.billOctober(t); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		// What died before its current view was moved on is caught up with.
		if _, err := w.pipeline(t).Daily(t.Context(), Span{pricing.NewDate(2026, 10, 4), pricing.NewDate(2026, 10, 7)}.Days(), RunOptions{Now: afterOctober.Now}); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		before := contents(t, w.out)
		gone := w.collect(t, CollectOptions{Superseded: random.IntN(2) == 0})
		w.wantSound(t, fmt.Sprintf("seed %d", seed), VerifyOptions{All: true})
		for _, g := range gone {
			if !strings.HasPrefix(g.Key, "data/") || strings.HasPrefix(g.Key, "data/monthly/") && g.Why != publish.WhyUnnamed {
				t.Errorf("seed %d: %+v was taken", seed, g)
			}
			delete(before, g.Key)
		}
		now := contents(t, w.out)
		for key := range now {
			if strings.HasPrefix(key, "gc/") {
				delete(now, key)
			}
		}
		for key := range before {
			if strings.HasPrefix(key, "gc/") {
				delete(before, key)
			}
		}
		wantSame(t, fmt.Sprintf("seed %d: what is left", seed), now, before)
		if again := w.collect(t, CollectOptions{}); len(again) > 0 {
			t.Errorf("seed %d: a second collection takes %v", seed, again)
		}
	}
}

// stories is how many random stories are told.
func stories() uint64 {
	if os.Getenv("DAYBOOK_CRASH") == "all" {
		return 60
	}
	return 6
}

// randomStep changes an input, runs a job, lets a job die, or collects.
func (w *testWorld) randomStep(t *testing.T, random *rand.Rand, step int) {
	t.Helper()
	day := pricing.NewDate(2026, 10, 4+random.IntN(4))
	switch random.IntN(6) {
	case 0:
		at := day.UTC().Add(time.Duration(random.IntN(20)) * time.Hour).Format(time.RFC3339)
		w.usage(t, fmt.Sprintf("dt=%s/late-%d.parquet", day, step), usageRow{fmt.Sprintf("late-%d", step), at, "sub-b", int64(random.IntN(90))})
	case 1:
		w.put(t, "book/shop.yaml", strings.Replace(testBook, "unit: 0.50", fmt.Sprintf("unit: 0.%d", 40+random.IntN(9)), 1))
	case 2:
		w.collect(t, CollectOptions{Superseded: random.IntN(2) == 0, Keep: random.IntN(3)})
	case 3: // a run that dies at some store call, after its effect
		twin := *w
		store, err := fault.New(w.out, fault.Options{Script: fmt.Sprintf("any %d stop-after", random.IntN(120)+1)})
		if err != nil {
			t.Fatal(err)
		}
		twin.out = store
		_, _ = twin.pipeline(t).Daily(t.Context(), []pricing.Date{day}, RunOptions{Now: time.Date(2026, 11, 10, 0, 0, 0, 0, time.UTC)})
	default:
		if _, err := w.pipeline(t).Daily(t.Context(), []pricing.Date{day}, RunOptions{Now: time.Date(2026, 11, 10, 0, 0, 0, 0, time.UTC)}); err != nil {
			t.Fatal(err)
		}
	}
	w.collect(t, CollectOptions{})
}
