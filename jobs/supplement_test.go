package jobs

import (
	"strings"
	"testing"
)

// unplanned is the test world in which beta's subscription is to a plan that no
// book has, and mend makes it one that has.
func unplanned(t *testing.T) *testWorld {
	t.Helper()
	w := newTestWorld(t)
	w.put(t, "registry/subscriptions.ndjson", strings.Replace(testSubscriptions, `"beta","plan":"standard"`, `"beta","plan":"standart"`, 1))
	return w
}

const testSubscriptions = `{"id":"sub-a","account":"acme","plan":"standard","start":"2026-10-01"}
{"id":"sub-b","account":"beta","plan":"standard","start":"2026-10-01"}
`

func (w *testWorld) mend(t *testing.T) {
	t.Helper()
	w.put(t, "registry/subscriptions.ndjson", testSubscriptions)
}

// By hand: acme 40 × 0.50 + 10.00 = 30, beta 4 × 0.50 + 10.00 = 12.
func TestMonthly_AMendedAccountIsBilledByASupplement(t *testing.T) {
	w := unplanned(t)
	defer w.wantProven(t)
	w.closeUntil(t, october)
	if got, want := w.lines(t, october), "invoice 2026-000001 acme CHF 30\n  traffic 40 20\n  fee 1 10\n"; got != want {
		t.Fatalf("October:\n%swant:\n%s", got, want)
	}
	if out := w.closeUntil(t, october); out[0].State != StateAlready {
		t.Errorf("again, with nothing mended: %s, want already", out[0].State)
	}
	w.mend(t)
	outcomes := w.closeUntil(t, october)
	last := outcomes[len(outcomes)-1]
	if last.State != StatePublished || last.Revision != 2 || len(last.Invoices) != 1 || last.Invoices[0].BillingAccount != "beta" {
		t.Fatalf("%s r%d with %+v, want beta's invoice by r2", last.State, last.Revision, last.Invoices)
	}
	want := "invoice 2026-000001 acme CHF 30\n  traffic 40 20\n  fee 1 10\ninvoice 2026-000002 beta CHF 12\n  fee 1 10\n  traffic 4 2\n"
	if got := w.lines(t, october); got != want {
		t.Errorf("October:\n%swant:\n%s", got, want)
	}
	m := w.history(t, "monthly", "2026-10").Published
	if len(m.Events) != 1 || m.Events[0].Subject != last.Invoices[0].ID {
		t.Errorf("events %+v, want beta's alone", m.Events)
	}
	for _, document := range []string{"acme", "beta"} {
		if _, err := w.out.Stat(t.Context(), "current/documents/invoices/"+document+"/2026-10-CHF.json"); err != nil {
			t.Errorf("%s's document is not in the current view: %v", document, err)
		}
	}
	if out := w.closeUntil(t, october); out[0].State != StateAlready {
		t.Errorf("after the supplement: %s, want already", out[0].State)
	}
	w.closeUntil(t, october.Next())
	want = "invoice 2026-000003 acme CHF 10\n  fee 1 10\ninvoice 2026-000004 beta CHF 10\n  fee 1 10\n"
	if got := w.lines(t, october.Next()); got != want {
		t.Errorf("November:\n%swant:\n%s", got, want)
	}
	for _, number := range []string{"2026-000001", "2026-000002", "2026-000004"} {
		e, err := w.pipeline(t).Explain(t.Context(), number, 0)
		if err != nil || len(e.Lines) == 0 || len(e.Lines[0].Steps) == 0 {
			t.Errorf("explain %s: %+v, %v", number, e, err)
		}
	}
}

func TestMonthly_AMendedAccountIsBilledByTheNextClosingAfterTheSeal(t *testing.T) {
	w := unplanned(t)
	defer w.wantProven(t)
	w.closeUntil(t, october.Next())
	w.mend(t)
	if out := w.closeUntil(t, october); out[len(out)-1].State != StateAlready {
		t.Errorf("the sealed October: %s, want already", out[len(out)-1].State)
	}
	december := october.Next().Next()
	w.closeUntil(t, december)
	// November is unsealed when it is run again: a supplement of it bills both.
	want := "invoice 2026-000002 acme CHF 10\n  fee 1 10\ninvoice 2026-000003 beta CHF 22\n  fee 1 10 for 2026-10\n  traffic 4 2 for 2026-10\n  fee 1 10\n"
	if got := w.lines(t, october.Next()); got != want {
		t.Errorf("November:\n%swant:\n%s", got, want)
	}
	want = "invoice 2026-000004 acme CHF 10\n  fee 1 10\ninvoice 2026-000005 beta CHF 10\n  fee 1 10\n"
	if got := w.lines(t, december); got != want {
		t.Errorf("December:\n%swant:\n%s", got, want)
	}
	w.closeUntil(t, december.Next())
	if got := w.lines(t, december.Next()); strings.Contains(got, " for ") {
		t.Errorf("January bills October again:\n%s", got)
	}
	if _, err := w.pipeline(t).Explain(t.Context(), "2026-000003", 0); err != nil {
		t.Error(err)
	}
}

// Beta's fee in advance of 31.00 for November, due in October, ends on the 11th,
// after 10 of 30 days. What was never billed is not given back by itself: the
// invoice that gives it back bills it too.
func TestMonthly_GivesNothingBackOfWhatAParkedAccountNeverPaid(t *testing.T) {
	w := unplanned(t)
	defer w.wantProven(t)
	w.put(t, "book/shop.yaml", strings.Replace(testBook, "fixed: 10.00", "fixed: 31.00, due: in_advance", 1))
	w.closeUntil(t, october)
	w.closeUntil(t, october.Next())
	w.put(t, "registry/subscriptions.ndjson", strings.TrimSuffix(testSubscriptions, "}\n")+`,"end":"2026-11-11"}`+"\n")
	november := october.Next()
	w.closeUntil(t, november)
	// October: 4 × 0.50, its own fee of 31.00, and November's; November gives back 31 × 20/30.
	want := "invoice 2026-000003 beta CHF 43.33\n  fee 1 31 for 2026-10\n  traffic 4 2 for 2026-10\n  fee 1 31 for 2026-10\n  fee -1 -20.67\n"
	if got := w.lines(t, november); !strings.HasSuffix(got, want) {
		t.Errorf("November:\n%swant at its end:\n%s", got, want)
	}
}
