package jobs

import (
	"strings"
	"testing"
	"time"

	"daybook/pricing"
)

// With notes, a late event of 2 GB is a debit note of 1.00 of its own: by a supplement
// of October while nothing stands on it; else with the next closing, beside its
// invoice.
func TestMonthly_NotesCorrectOneClosingEach(t *testing.T) {
	w := newTestWorld(t)
	defer w.wantProven(t)
	w.settings.Corrections.Notes = true
	w.closeUntil(t, october)
	w.usage(t, "dt=2026-10-07/late.parquet", usageRow{"e8", "2026-10-07T08:00:00Z", "sub-b", 2})
	w.closeUntil(t, october)
	if got, want := w.lines(t, october), "debit_note NOTE-2026-000001 beta CHF 1\n  traffic 2 1 for 2026-10 corrected\n"; !strings.Contains(got, want) {
		t.Errorf("October:\n%swant in it:\n%s", got, want)
	}
	if out := w.closeUntil(t, october); out[len(out)-1].State != StateAlready {
		t.Errorf("again: %s, want already", out[len(out)-1].State)
	}
	w.closeUntil(t, october.Next())
	w.usage(t, "dt=2026-10-08/late.parquet", usageRow{"e9", "2026-10-08T08:00:00Z", "sub-b", 4})
	w.put(t, "registry/subscriptions.ndjson", strings.Replace(testSubscriptions, `"acme","plan":"standard","start":"2026-10-01"`, `"acme","plan":"standard","start":"2026-10-01","end":"2026-11-16"`, 1))
	december := october.Next().Next()
	if _, err := w.pipeline(t).Monthly(t.Context(), []pricing.Month{december}, closingOptions); err != nil {
		t.Fatal(err)
	}
	// October: 4 × 0.50 more for beta. November: half of acme's fee less, its lines to
	// the month's end taken back and those to the 16th new.
	want := "credit_note NOTE-2026-000002 acme CHF -5\n  fee 1 5 for 2026-11 corrected\n  fee -1 -10 for 2026-11 corrected\n" +
		"debit_note NOTE-2026-000003 beta CHF 2\n  traffic 4 2 for 2026-10 corrected\n" +
		"invoice 2026-000005 beta CHF 10\n  fee 1 10\n"
	if got := w.lines(t, december); got != want {
		t.Errorf("December:\n%swant:\n%s", got, want)
	}
	for _, number := range []string{"NOTE-2026-000001", "NOTE-2026-000002"} {
		if e, err := w.pipeline(t).Explain(t.Context(), number, 0); err != nil || len(e.Lines[0].Steps) == 0 {
			t.Errorf("explain %s: %+v, %v", number, e, err)
		}
	}
}

func TestMonthly_AVoidLineIsTakenBackOnce(t *testing.T) {
	w := newTestWorld(t)
	defer w.wantProven(t)
	w.closeUntil(t, october)
	p := w.pipeline(t)
	// Acme's first invoice: line 1 is its traffic of 20.00.
	if _, err := p.Void(t.Context(), "2026-000001", 9, "no such line", ""); err == nil {
		t.Error("a line that is not there was voided")
	}
	if _, err := p.Void(t.Context(), "2026-000001", 1, "disputed", "2026-11-20T00:00:00Z"); err != nil {
		t.Fatal(err)
	}
	w.closeUntil(t, october.Next())
	want := "credit_note NOTE-2026-000001 acme CHF -10\n  fee 1 10\n  traffic -40 -20 for 2026-10 corrected\ninvoice 2026-000003 beta CHF 10\n  fee 1 10\n"
	if got := w.lines(t, october.Next()); got != want {
		t.Errorf("November:\n%swant:\n%s", got, want)
	}
	// Even when more usage comes, nothing is owed for that line any more.
	w.usage(t, "dt=2026-10-07/late.parquet", usageRow{"e8", "2026-10-07T08:00:00Z", "sub-a", 2})
	w.closeUntil(t, october.Next().Next())
	if got := w.lines(t, october.Next().Next()); strings.Contains(got, "corrected") {
		t.Errorf("December corrects a void line:\n%s", got)
	}
}

func TestMonthly_NothingIsPaidBackForARowThatVanished(t *testing.T) {
	w := newTestWorld(t)
	defer w.wantProven(t)
	w.closeUntil(t, october)
	w.put(t, "registry/subscriptions.ndjson", strings.Split(testSubscriptions, "\n")[0]+"\n")
	november := october.Next()
	outcomes := w.closeUntil(t, november)
	last := outcomes[len(outcomes)-1]
	if len(last.Vanished) != 1 || last.Vanished[0] != (Vanished{"beta", "subscription sub-b"}) {
		t.Errorf("vanished %+v, want beta's subscription", last.Vanished)
	}
	if got := w.lines(t, november); strings.Contains(got, "beta") {
		t.Errorf("November:\n%swant nothing of beta", got)
	}
	// It is gone on purpose: all of October is taken back.
	if _, err := w.pipeline(t).WithdrawRow(t.Context(), "subscription", "sub-b", "never was one", ""); err != nil {
		t.Fatal(err)
	}
	w.closeUntil(t, november.Next())
	if got, want := w.lines(t, november.Next()), "credit_note NOTE-2026-000001 beta CHF -12\n  fee -1 -10 for 2026-10 corrected\n  traffic -4 -2 for 2026-10 corrected\n"; !strings.HasSuffix(got, want) {
		t.Errorf("December:\n%swant at its end:\n%s", got, want)
	}
}

func TestCorrectionSettings_LooksBackAsFarAsClosedAfter(t *testing.T) {
	start := pricing.Month{Year: 2026, Month: time.January}
	for _, c := range []struct {
		days int
		of   pricing.Month
		want string
	}{
		{0, pricing.Month{Year: 2036, Month: 1}, "2026-01"},
		{400, pricing.Month{Year: 2026, Month: 12}, "2026-01"},
		// 31 March 2027 is 400 days after 24 February 2026: February ends later.
		{400, pricing.Month{Year: 2027, Month: 3}, "2026-02"},
		{31, pricing.Month{Year: 2027, Month: 3}, "2027-02"},
		{1, pricing.Month{Year: 2027, Month: 3}, "2027-03"},
	} {
		if got := (CorrectionSettings{ClosedAfterDays: c.days}).earliest(start, c.of).String(); got != c.want {
			t.Errorf("%d days before the end of %s: %s, want %s", c.days, c.of, got, c.want)
		}
	}
}
