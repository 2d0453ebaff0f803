package publish

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"daybook/sources/blob"
	"daybook/sources/blob/mem"
)

// A fault at every call of a run, one after another, then a run without faults:
// the store must end up as if nothing had happened.
func TestFaultSweep_ARerunEndsAsIfNothingHappened(t *testing.T) {
	eachKind := []string{
		"error transient", "error denied", "error full", "error exists", "error changed", "error notfound",
		"lost", "short", "stop", "stop-after", "hang",
	}
	undisturbed := mem.New("out")
	daily("1").must(t, undisturbed)
	daily("2").must(t, undisturbed)
	want := dump(t, undisturbed)
	for _, kind := range eachKind {
		t.Run(strings.ReplaceAll(kind, " ", "-"), func(t *testing.T) {
			runs := 0
			for call := 1; ; call++ {
				store := mem.New("out")
				daily("1").must(t, store)
				f := faulty(t, store, fmt.Sprintf("any %d %s", call, kind))
				runWithin(t, f, daily("2"), kind)
				if f.Injected() == 0 {
					break
				}
				runs++
				daily("2").must(t, store)
				sameStore(t, fmt.Sprintf("%s at call %d", kind, call), dump(t, store), want)
				if t.Failed() {
					t.Logf("calls: %v", f.Calls())
					return
				}
			}
			if runs < 30 {
				t.Errorf("only %d calls were disturbed", runs)
			}
		})
	}
}

// A read that gives other bytes than were written must stop a run, or be
// noticed; it must never be published.
func TestFaultSweep_CorruptReadsAreNoticed(t *testing.T) {
	undisturbed := mem.New("out")
	daily("1").must(t, undisturbed)
	daily("2").must(t, undisturbed)
	want := dump(t, undisturbed)
	for call := 1; ; call++ {
		store := mem.New("out")
		daily("1").must(t, store)
		f := faulty(t, store, fmt.Sprintf("read %d corrupt", call))
		_, _, _ = daily("2").run(t.Context(), f)
		if f.Injected() == 0 {
			return
		}
		daily("2").must(t, store)
		sameStore(t, fmt.Sprintf("corrupt read %d", call), dump(t, store), want)
	}
}

// runWithin makes one run that may fail. The clock of a hanging call is not the
// real one: it moves only when everything waits.
func runWithin(t *testing.T, store blob.Store, j job, kind string) {
	t.Helper()
	if kind != "hang" {
		_, _, _ = j.run(t.Context(), store)
		return
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, _, _ = j.run(ctx, store)
	})
}

func sameStore(t *testing.T, name string, got, want map[string]string) {
	t.Helper()
	if maps.Equal(got, want) {
		return
	}
	for key := range want {
		if got[key] != want[key] {
			t.Errorf("%s: %s holds %.200q, want %.200q", name, key, got[key], want[key])
		}
	}
	for key := range got {
		if _, ok := want[key]; !ok {
			t.Errorf("%s: %s is left over", name, key)
		}
	}
}

// Random edits, each run several times under random faults and by two runners
// in turn: every revision keeps the one manifest that was first seen, and the
// current view ends at the last edit.
func TestFaults_RandomHistoriesKeepTheirManifests(t *testing.T) {
	kinds := []string{"error transient", "lost", "short", "stop", "stop-after", "error denied", "error exists", "error changed"}
	for seed := range uint64(40) {
		random := rand.New(rand.NewPCG(seed, 1))
		store := mem.New("out")
		seen := map[string]string{}
		last := ""
		for range 6 {
			last = fmt.Sprint(random.IntN(3))
			for range 3 {
				script := fmt.Sprintf("any %d %s; any %d %s", 1+random.IntN(40), kinds[random.IntN(len(kinds))], 20+random.IntN(60), kinds[random.IntN(len(kinds))])
				_, _, _ = daily(last).run(t.Context(), faulty(t, store, script))
				keepManifests(t, seed, seen, dump(t, store))
			}
			// A found plan of an earlier edit is finished first, as it must be.
			for tries := 0; ; tries++ {
				m := daily(last).must(t, store)
				keepManifests(t, seed, seen, dump(t, store))
				if m.Totals["CHF"] == last {
					break
				}
				if tries == 3 {
					t.Fatalf("seed %d: edit %s is never published", seed, last)
				}
			}
		}
		all := dump(t, store)
		if got := all["current/tables/daily_costs/day=2026-10-01/part.parquet"]; got != "daily_costs "+last {
			t.Fatalf("seed %d: current holds %q after %s", seed, got, last)
		}
		if got := all["current/documents/costs/acme.json"]; got != `{"total":"`+last+"\"}\n" {
			t.Fatalf("seed %d: document is %q after %s", seed, got, last)
		}
	}
}

func keepManifests(t *testing.T, seed uint64, seen, all map[string]string) {
	t.Helper()
	for key, before := range seen {
		if all[key] != before {
			t.Fatalf("seed %d: %s changed or is gone", seed, key)
		}
	}
	for key, body := range all {
		if strings.HasPrefix(key, "runs/") {
			seen[key] = body
		}
	}
}
