package jobs

import (
	"errors"
	"strings"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/sinks/publish"
	"daybook/sinks/tables"
	"daybook/sources/blob"
)

// withCredit is the test world with a credit of 100 for acme, which October's 20
// GB at 0.50 and its fee of 10.00 reduce by 30, and November's fee by 10.
func withCredit(t *testing.T) *testWorld {
	t.Helper()
	w := newTestWorld(t)
	w.put(t, "registry/credits.csv", "id,account,amount,currency,time\nwelcome,acme,100,CHF,2026-10-01\n")
	return w
}

// november closes November, which has no usage.
func (w *testWorld) november(t *testing.T) error {
	t.Helper()
	o := RunOptions{Now: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), AllowIncomplete: true}
	_, err := w.pipeline(t).Monthly(t.Context(), []pricing.Month{october.Next()}, o)
	return err
}

// left is what a closing published as left of the credit.
func (w *testWorld) left(t *testing.T, m pricing.Month) string {
	t.Helper()
	p := w.pipeline(t)
	body, key, err := p.tableBody(t.Context(), w.history(t, "monthly", m.String()).Published, "balances")
	if err != nil {
		t.Fatal(err)
	}
	balances, err := tables.DecodeBalances(key, body)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range balances {
		if b.Credit == "welcome" {
			return b.End.String()
		}
	}
	return "nothing"
}

func TestMonthly_CreditsCarryOverFromWhatWasPublished(t *testing.T) {
	w := withCredit(t)
	if _, err := w.billOctober(t); err != nil {
		t.Fatal(err)
	}
	if got := w.left(t, october); got != "70" {
		t.Errorf("after October %s are left, want 70", got)
	}
	// The registry has another amount by now: what was entered stands.
	w.put(t, "registry/credits.csv", "id,account,amount,currency,time\nwelcome,acme,5,CHF,2026-10-01\n")
	if err := w.november(t); err != nil {
		t.Fatal(err)
	}
	if got := w.left(t, october.Next()); got != "60" {
		t.Errorf("after November %s are left, want 60", got)
	}
}

func TestMonthly_RefusesToOpenTheBooksFromDamagedObjects(t *testing.T) {
	for _, what := range []string{"/balances.", "/posted."} {
		w := withCredit(t)
		if _, err := w.billOctober(t); err != nil {
			t.Fatal(err)
		}
		for _, o := range w.history(t, "monthly", "2026-10").Published.Objects {
			if !strings.Contains(o.Key, what) {
				continue
			}
			if err := w.out.Delete(t.Context(), o.Key); err != nil {
				t.Fatal(err)
			}
			if _, err := w.out.Put(t.Context(), o.Key, []byte("something else"), blob.Cond{}); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.november(t); !errors.Is(err, publish.ErrDamaged) {
			t.Errorf("%s: %v, want ErrDamaged", what, err)
		}
	}
}
