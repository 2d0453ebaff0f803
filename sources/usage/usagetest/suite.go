// Package usagetest is the conformance suite of [usage.Engine]: what every
// engine must compute, checked against a slow and obvious oracle.
package usagetest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"daybook/pricing"
	"daybook/sources/blob"
	"daybook/sources/blob/mem"
	"daybook/sources/usage"
)

// Run checks an engine. open is called for each of the checks; engines may be
// the same one every time.
func Run(t *testing.T, open func() usage.Engine) {
	t.Run("Reasons", func(t *testing.T) { runReasons(t, open()) })
	t.Run("Times", func(t *testing.T) { runTimes(t, open()) })
	t.Run("Quantities", func(t *testing.T) { runQuantities(t, open()) })
	t.Run("Identity", func(t *testing.T) { runIdentity(t, open()) })
	t.Run("States", func(t *testing.T) { runStates(t, open()) })
	t.Run("Kept", func(t *testing.T) { runKept(t, open()) })
	t.Run("Days", func(t *testing.T) { runDays(t, open()) })
	t.Run("Mapping", func(t *testing.T) { runMapping(t, open()) })
	t.Run("Account", func(t *testing.T) { runAccount(t, open()) })
	t.Run("Overflow", func(t *testing.T) { runOverflow(t, open()) })
	t.Run("Digests", func(t *testing.T) { runDigests(t, open()) })
	t.Run("Contradictions", func(t *testing.T) { runContradictions(t, open()) })
	t.Run("Random", func(t *testing.T) { runRandom(t, open()) })
}

// runRandom compares the engine with the oracle on random usage, and with
// itself on every concurrency and order of the files.
func runRandom(t *testing.T, e usage.Engine) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		want := w.expect()
		r := w.request(t)
		for _, procs := range []int{1, 2, 8} {
			runtime.GOMAXPROCS(procs)
			r.Workers = rapid.IntRange(1, 8).Draw(t, "workers")
			r.Files = rapid.Permutation(r.Files).Draw(t, "order")
			got, err := collect(t.Context(), e, r)
			if err != nil {
				t.Fatalf("roll up: %v", err)
			}
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("differs from the oracle with %d workers on %d processors (-want +got):\n%s", r.Workers, procs, diff)
			}
		}
	})
}

// outcome is a usage.Day in a form that compares by value and prints well.
type outcome struct {
	UTCDay   pricing.Date
	Rows     []pricing.UsageState
	Counts   usage.Counts
	Meters   []meterOutcome
	Files    []fileOutcome
	Rejected []usage.Rejected // without Value, which engines may word differently
	Keys     []string
	Parked   []parked
}

type fileOutcome struct {
	Key, SHA256 string
	Size        int64
	Counts      usage.Counts
	Meters      []meterOutcome
}

type meterOutcome struct {
	Meter                                            string
	Read, Kept, Duplicate, Rejected, Outside, Parked tally
}

type tally struct {
	Rows     int64
	Quantity string
}

type parked struct {
	Account, Reason string
	Since           pricing.Date
}

// collect runs a request and returns its days.
func collect(ctx context.Context, e usage.Engine, r usage.Request) ([]outcome, error) {
	var out []outcome
	err := e.Rollup(ctx, r, func(d usage.Day) error {
		out = append(out, outcomeOf(d))
		return d.Check()
	})
	return out, err
}

func outcomeOf(d usage.Day) outcome {
	o := outcome{UTCDay: d.UTCDay, Counts: d.Counts, Meters: metersOf(d.Meters), Keys: d.Keys}
	for i := range d.Batch.Len() {
		o.Rows = append(o.Rows, d.Batch.Row(i))
	}
	for _, f := range d.Files {
		o.Files = append(o.Files, fileOutcome{f.Key, f.SHA256, f.Size, f.Counts, metersOf(f.Meters)})
	}
	for _, r := range d.Rejected {
		r.Value = ""
		o.Rejected = append(o.Rejected, r)
	}
	for _, p := range d.Parked {
		o.Parked = append(o.Parked, parked{p.Account, p.Reason, p.Since})
	}
	return o
}

func metersOf(meters []usage.MeterCounts) []meterOutcome {
	var out []meterOutcome
	for _, m := range meters {
		o := meterOutcome{Meter: m.Meter}
		for _, t := range []struct {
			to   *tally
			from usage.Tally
		}{{&o.Read, m.Read}, {&o.Kept, m.Kept}, {&o.Duplicate, m.Duplicate}, {&o.Rejected, m.Rejected}, {&o.Outside, m.Outside}, {&o.Parked, m.Parked}} {
			*t.to = tally{t.from.Rows, t.from.Quantity.Quantity(12).String()}
		}
		out = append(out, o)
	}
	return out
}

// put stores a file and returns it as one of the request's.
func put(t failer, s blob.Store, key string, body []byte, home pricing.Date, days ...pricing.Date) usage.File {
	o, err := s.Put(context.Background(), key, body, blob.Cond{})
	if err != nil {
		t.Fatalf("put %s: %v", key, err)
	}
	return usage.File{Object: o, Days: days, Home: home}
}

// failer is what *testing.T and *rapid.T share.
type failer interface {
	Fatalf(format string, args ...any)
}

func newStore() blob.Store { return mem.New("usagetest") }

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hexOf(sum[:])
}

func hexOf(b []byte) string { return hex.EncodeToString(b) }
