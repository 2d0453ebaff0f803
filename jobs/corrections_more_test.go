package jobs

import (
	"strings"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
)

// A withdrawn file is read no more: its 30 GB at 0.50 are taken back.
func TestMonthly_CorrectsAWithdrawnFile(t *testing.T) {
	w := newTestWorld(t)
	defer w.wantProven(t)
	w.closeUntil(t, october)
	if _, err := w.pipeline(t).WithdrawFile(t.Context(), "dt=2026-10-06/a.parquet", "written twice", ""); err != nil {
		t.Fatal(err)
	}
	w.closeUntil(t, october.Next())
	want := "credit_note NOTE-2026-000001 acme CHF -5\n  fee 1 10\n  traffic -30 -15 for 2026-10 corrected\n"
	if got := w.lines(t, october.Next()); !strings.HasPrefix(got, want) {
		t.Errorf("November:\n%swant first:\n%s", got, want)
	}
	w.wantSound(t, "the day without the file", VerifyOptions{Job: string(JobRollup), From: "2026-10-06", To: "2026-10-06"})
}

// Tokens at 0.25 francs each: 20 GB more at 4 tokens are 80 tokens, which are 20.00.
func TestMonthly_CorrectsInThePricingUnit(t *testing.T) {
	w := newTestWorld(t)
	defer w.wantProven(t)
	book := strings.NewReplacer("currency: CHF\n", "currency: CHF\npricing_unit: {name: token, worth: 0.25}\n", "unit: 0.50", "unit: 4", "fixed: 10.00", "fixed: 40").Replace(testBook)
	w.put(t, "book/shop.yaml", book)
	w.closeUntil(t, october)
	w.usage(t, "dt=2026-10-07/late.parquet", usageRow{"e9", "2026-10-07T08:00:00Z", "sub-b", 20})
	w.closeUntil(t, october.Next())
	want := "invoice 2026-000004 beta CHF 30\n  fee 1 10\n  traffic 20 20 for 2026-10 corrected\n"
	if got := w.lines(t, october.Next()); !strings.HasSuffix(got, want) {
		t.Errorf("November:\n%swant at its end:\n%s", got, want)
	}
	w.closeUntil(t, october.Next().Next())
	if got := w.lines(t, october.Next().Next()); strings.Contains(got, "corrected") {
		t.Errorf("December corrects again:\n%s", got)
	}
}

// Billed to the month's end, acme's subscription gets the 15th as its anchor: nothing
// that was billed is cut anew, November begins where October ended, and a period from
// the 15th on follows.
func TestMonthly_AnotherAnchorGoesOnFromWhatIsBilled(t *testing.T) {
	w := newTestWorld(t)
	defer w.wantProven(t)
	w.put(t, "book/shop.yaml", strings.Replace(testBook, "anchor: calendar", "anchor: subscription", 1))
	w.closeUntil(t, october)
	w.put(t, "registry/subscriptions.ndjson", strings.Replace(testSubscriptions, `"start":"2026-10-01"`, `"start":"2026-10-01","anchor":15`, 1))
	december := october.Next().Next()
	w.closeUntil(t, december)
	// November's 14 days are of the 31 from 15 October on: 10 × 14/31 = 4.516…
	if got := w.lines(t, october.Next()); !strings.HasPrefix(got, "invoice 2026-000003 acme CHF 4.52\n  fee 1 4.52\n") {
		t.Errorf("November:\n%s", got)
	}
	// Its last day costs what the closing billed, and its draft what it is.
	last := pricing.NewDate(2026, 11, 14)
	if _, err := w.pipeline(t).Daily(t.Context(), []pricing.Date{last}, closingOptions); err != nil {
		t.Fatal(err)
	}
	costs, err := w.pipeline(t).Costs(t.Context(), "acme", []pricing.Date{last})
	if err != nil || len(costs) == 0 || costs[0].Price != "fee" || !costs[0].PeriodStart.Equal(october.Next().First().UTC()) || costs[0].CumulativeTotal.Round(2, money.HalfUp).String() != "4.52" {
		t.Errorf("acme on %s: %+v, %v; want a fee of 4.52 since 1 November", last, costs, err)
	}
	if _, err := w.pipeline(t).Draft(t.Context(), []pricing.Month{october.Next()}, closingOptions); err != nil {
		t.Fatal(err)
	}
	if drafts, issued := w.wantIssuedAsDrafted(t, october.Next()); drafts != issued {
		t.Errorf("%d drafts of %d invoices", drafts, issued)
	}
	if _, err := w.pipeline(t).Daily(t.Context(), []pricing.Date{last}, RunOptions{Now: closingOptions.Now, Recompute: true}); err != nil {
		t.Fatal(err)
	}
	for _, r := range w.verify(t, VerifyOptions{Job: string(JobDaily), All: true}) {
		if !r.Rederived || len(r.Faults)+len(r.Unproven) > 0 {
			t.Errorf("%s %s: computed again %t, faults %+v, unproven %v", r.Job, r.Period, r.Rederived, r.Faults, r.Unproven)
		}
	}
	for _, m := range []pricing.Month{october.Next(), december} {
		invoices, err := w.pipeline(t).Invoices(t.Context(), m, "acme")
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range invoices {
			for _, l := range i.Lines {
				if l.Corrects != (pricing.Corrects{}) {
					t.Errorf("%s corrects %s from %s to %s", m, l.Price, l.PeriodStart, l.PeriodEnd)
				}
				if l.PeriodStart.Before(time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)) {
					t.Errorf("%s bills %s from %s again", m, l.Price, l.PeriodStart)
				}
			}
		}
	}
}
