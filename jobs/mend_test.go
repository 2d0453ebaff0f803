package jobs

import (
	"errors"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/sources/blob"
)

// A file of the current view that somebody damaged or deleted, and that the cheap
// look of a run does not see, is written again by a run that is told to recompute:
// of a day that is computed, and of a closing that is not computed again.
func TestRecompute_WritesADamagedCurrentViewAgain(t *testing.T) {
	w := newTestWorld(t)
	w.closeUntil(t, october)
	now := RunOptions{Now: time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC)}
	day := pricing.NewDate(2026, 10, 6)
	if _, err := w.pipeline(t).Daily(t.Context(), []pricing.Date{day}, now); err != nil {
		t.Fatal(err)
	}
	before := map[string]string{
		"current/tables/daily_costs/day=2026-10-06/part.parquet":        "",
		"current/tables/usage_daily/utc_day=2026-10-06/part.parquet":    "",
		"current/tables/invoices/closing=2026-10/part.parquet":          "",
		"current/tables/invoice_taxes/closing=2026-10/part.parquet":     "",
		"current/tables/ledger_entries/closing=2026-10/part.parquet":    "",
		"current/tables/parked_accounts/period=2026-10-06/part.parquet": "",
	}
	deleted := 0
	for key := range before {
		body, _, err := blob.ReadAll(t.Context(), w.out, key, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		before[key] = string(body)
		if deleted++; deleted%2 == 0 {
			err = w.out.Delete(t.Context(), key)
		} else {
			body[len(body)/2] ^= 1
			_, err = w.out.Put(t.Context(), key, body, blob.Cond{})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	now.Recompute = true
	outcomes, err := w.pipeline(t).Daily(t.Context(), []pricing.Date{day}, now)
	if err != nil {
		t.Fatal(err)
	}
	if trees := outcomes[len(outcomes)-1].Trees; trees == nil || trees.Copied != 0 {
		t.Errorf("recomputing a day took trees from the revision before: %+v", trees)
	}
	if _, err := w.pipeline(t).Rollup(t.Context(), []pricing.Date{day}, now); err != nil {
		t.Fatal(err)
	}
	if _, err := w.pipeline(t).Monthly(t.Context(), []pricing.Month{october}, now); err != nil {
		t.Fatal(err)
	}
	for key, want := range before {
		if body, _, err := blob.ReadAll(t.Context(), w.out, key, 1<<20); err != nil || string(body) != want {
			t.Errorf("%s was not written again: %v", key, err)
		}
	}
}

// A request is for good: a file that nobody knows is a slip of the pen.
func TestWithdrawFile_RefusesWhatIsNoUsageFile(t *testing.T) {
	w := newTestWorld(t)
	w.closeUntil(t, october)
	for _, key := range []string{"dt=2026-10-06/b.parquet", "/dt=2026-10-06/a.parquet", ""} {
		if _, err := w.pipeline(t).WithdrawFile(t.Context(), key, "written twice", ""); !errors.Is(err, ErrNoUsageFile) {
			t.Errorf("file %q: %v, want ErrNoUsageFile", key, err)
		}
	}
	if err := w.bucket.Delete(t.Context(), "usage/dt=2026-10-06/a.parquet"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.pipeline(t).WithdrawFile(t.Context(), "dt=2026-10-06/a.parquet", "written twice", ""); err != nil {
		t.Errorf("a file that was counted and is gone: %v", err)
	}
}
