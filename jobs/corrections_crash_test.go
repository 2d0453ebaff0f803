package jobs

import (
	"crypto/sha256"
	"fmt"
	"os"
	"testing"

	"daybook/pricing"
	"daybook/sources/blob"
	"daybook/sources/blob/fault"
	"daybook/sources/blob/mem"
)

// correctingWorld has October closed without beta, which is mended since, and a late
// file of acme: its next run supplements October, and November corrects it.
func correctingWorld(t *testing.T) *testWorld {
	t.Helper()
	w := unplanned(t)
	w.closeUntil(t, october)
	w.mend(t)
	w.usage(t, "dt=2026-10-07/late.parquet", usageRow{"e9", "2026-10-07T08:00:00Z", "sub-a", 6})
	return w
}

// A supplement and a closing with corrections that die at a store call, before its
// effect and after it, are finished by the next run: the same bytes, no number twice.
// Where deaths leave the very same state, one of them is finished for all.
func TestMonthly_CorrectionsSurviveADeathAtEveryStoreCall(t *testing.T) {
	base := correctingWorld(t)
	// Quiet days die like any other rollup (cmd/daybook/rigs): two of them are enough.
	quiet := Span{october.Next().First(), october.Next().First().AddDays(27)}
	if _, err := base.pipeline(t).Rollup(t.Context(), quiet.Days(), closingOptions); err != nil {
		t.Fatal(err)
	}
	closed := base.out.(*mem.Store)
	run := func(w *testWorld) error {
		_, err := w.pipeline(t).Monthly(t.Context(), october.Through(october.Next()), closingOptions)
		return err
	}
	undisturbed := *base
	counter, err := fault.New(closed.Clone(), fault.Options{})
	if err != nil {
		t.Fatal(err)
	}
	undisturbed.out = counter
	if err := run(&undisturbed); err != nil {
		t.Fatal(err)
	}
	calls := len(counter.Calls()) // of the run alone: what looks at it below reads too
	if h := undisturbed.history(t, "monthly", "2026-10"); h.Published.Revision != 2 {
		t.Fatalf("r%d of October stands, want the supplement r2", h.Published.Revision)
	}
	invoices, err := undisturbed.pipeline(t).Invoices(t.Context(), october.Next(), "acme")
	if err != nil || len(invoices) != 1 || len(invoices[0].Lines) != 2 || invoices[0].Lines[1].Corrects == (pricing.Corrects{}) {
		t.Fatalf("November of acme is %+v, %v; want its fee and a correction", invoices, err)
	}
	want := contents(t, undisturbed.out)
	step := calls / 12
	if os.Getenv("DAYBOOK_CRASH") == "all" {
		step = 1
	}
	finished := map[[sha256.Size]byte]bool{}
	for n := 1; n <= calls; n += step {
		for _, how := range []string{"stop", "stop-after"} {
			w := *base
			inner := closed.Clone()
			faulty, err := fault.New(inner, fault.Options{Script: fmt.Sprintf("any %d %s", n, how)})
			if err != nil {
				t.Fatal(err)
			}
			w.out = faulty
			if died := run(&w); died == nil || faulty.Injected() == 0 {
				t.Errorf("call %d %s: the run did not notice (%v)", n, how, died)
			}
			state := stateOf(t, []blob.Store{inner})
			if finished[state] {
				continue
			}
			finished[state] = true
			w.out = inner
			if err := run(&w); err != nil {
				t.Fatalf("call %d %s: the second run failed: %v", n, how, err)
			}
			wantSame(t, fmt.Sprintf("call %d %s", n, how), contents(t, inner), want)
			if t.Failed() {
				return
			}
		}
	}
	t.Logf("%d calls, %d different states finished", calls, len(finished))
}
