package jobs

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/sources/blob"
)

func (w *testWorld) draftOctober(t *testing.T, o RunOptions) (Outcome, error) {
	t.Helper()
	outcomes, err := w.pipeline(t).Draft(t.Context(), []pricing.Month{october}, o)
	if len(outcomes) == 0 {
		return Outcome{}, err
	}
	return outcomes[len(outcomes)-1], err
}

func TestDraft_IsWhatTheClosingIssuesWithoutANumber(t *testing.T) {
	w := newTestWorld(t)
	draft, err := w.draftOctober(t, wellAfter)
	if err != nil || draft.State != StatePublished {
		t.Fatalf("%+v, %v", draft, err)
	}
	if again, err := w.draftOctober(t, wellAfter); err != nil || again.State != StateAlready {
		t.Errorf("again: %s, %v, want it up to date", again.State, err)
	}
	closed, err := w.billOctober(t)
	if err != nil {
		t.Fatal(err)
	}
	issued := closed[len(closed)-1].Invoices
	if len(draft.Invoices) != 2 || len(issued) != 2 {
		t.Fatalf("%d drafts and %d invoices, want 2 each", len(draft.Invoices), len(issued))
	}
	// acme: 40 GB × 0.50 + 10; beta: 4 GB × 0.50 + 10.
	for i, want := range []string{"30", "12"} {
		d := draft.Invoices[i]
		if d.Kind != pricing.KindInvoice || d.Number != "" || d.Status != "draft" || d.Total.String() != want || issued[i].Total.String() != want {
			t.Errorf("%s: draft %s %q of %s, issued %s, want %s without a number", d.BillingAccount, d.Kind, d.Number, d.Total, issued[i].Total, want)
		}
	}
	if issued[0].Number != "2026-000001" {
		t.Errorf("the first invoice is %s: a draft has taken a number", issued[0].Number)
	}
	if _, err := w.out.Stat(t.Context(), "current/documents/drafts/acme/2026-10-CHF.json"); err != nil {
		t.Error(err)
	}
	for o, err := range w.out.List(t.Context(), "data/draft/", "") {
		if err != nil || strings.Contains(o.Key, "/events") {
			t.Errorf("%s, %v: want no events of drafts", o.Key, err)
		}
	}
}

func TestDraft_OfAnOpenMonthNeedsAnInstantAndCountsWholeDays(t *testing.T) {
	w := newTestWorld(t)
	within := RunOptions{Now: time.Date(2026, 10, 6, 12, 0, 0, 0, time.UTC)}
	if _, err := w.draftOctober(t, within); !errors.Is(err, ErrNotDue) || !strings.Contains(err.Error(), "--as-of") {
		t.Errorf("%v: want ErrNotDue that asks for --as-of", err)
	}
	within.AsOf = within.Now
	draft, err := w.draftOctober(t, within)
	// By noon of the 6th the 5th is over: 10 GB × 0.50 + 10, and 4 GB × 0.50 + 10.
	if err != nil || len(draft.Invoices) != 2 || draft.Invoices[0].Total.String() != "15" || draft.Invoices[1].Total.String() != "12" {
		t.Errorf("%+v, %v: want 15 and 12", draft.Invoices, err)
	}
	w.usage(t, "dt=2026-10-05/late.parquet", usageRow{"late", "2026-10-05T10:00:00Z", "sub-b", 2})
	if draft, err = w.draftOctober(t, within); err != nil || draft.Revision != 2 || draft.Invoices[1].Total.String() != "13" {
		t.Errorf("after a late file: r%d %+v, %v: want 13 as r2", draft.Revision, draft.Invoices, err)
	}
	within.AsOf = time.Date(2026, 9, 30, 0, 0, 0, 0, time.UTC)
	if _, err := w.draftOctober(t, within); !errors.Is(err, ErrNotDue) {
		t.Errorf("before the month: %v, want ErrNotDue", err)
	}
}

// The balance that a closing left is what the next month's draft begins with.
func TestDraft_BeginsWithWhatTheClosingBeforeLeft(t *testing.T) {
	w := newTestWorld(t)
	w.put(t, "registry/payments.ndjson", `{"id":"p1","account":"acme","amount":"100","currency":"CHF","time":"2026-10-20T00:00:00Z"}`+"\n")
	if _, err := w.billOctober(t); err != nil {
		t.Fatal(err)
	}
	later := RunOptions{Now: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)}
	outcomes, err := w.pipeline(t).Draft(t.Context(), []pricing.Month{october.Next()}, later)
	if err != nil {
		t.Fatal(err)
	}
	// October's invoice took 30 of the 100 that were paid, November's fee takes 10.
	if acme := outcomes[len(outcomes)-1].Invoices[0]; acme.BalanceApplied.String() != "10" || !acme.AmountDue.IsZero() {
		t.Errorf("%s applied, %s due: want 10 and 0", acme.BalanceApplied, acme.AmountDue)
	}
}

// wantIssuedAsDrafted compares every draft of a month with what its closing issued: it
// says the same, but for the number and that it is a draft.
func (w *testWorld) wantIssuedAsDrafted(t *testing.T, m pricing.Month) (drafted, closed int) {
	t.Helper()
	documentsOf := func(folder string) map[string]map[string]any {
		out := map[string]map[string]any{}
		for o, err := range w.out.List(t.Context(), "current/documents/"+folder+"/", "") {
			if err != nil {
				t.Fatal(err)
			}
			name := strings.TrimPrefix(o.Key, "current/documents/"+folder+"/")
			if !strings.Contains(name, "/"+m.String()+"-") {
				continue
			}
			body, err := blob.Read(t.Context(), w.out, o)
			if err != nil {
				t.Fatal(err)
			}
			var d map[string]any
			if err := json.Unmarshal(body, &d); err != nil {
				t.Fatal(err)
			}
			out[d["id"].(string)] = d
		}
		return out
	}
	drafts, issued := documentsOf("drafts"), documentsOf("invoices")
	for id, want := range issued {
		draft := drafts[id]
		if draft == nil {
			t.Errorf("there is no draft of %v", want["number"])
			continue
		}
		if draft["number"] != nil || draft["status"] != "draft" {
			t.Errorf("draft %s has the number %v and the status %v", id, draft["number"], draft["status"])
		}
		draft["number"], draft["status"] = want["number"], "issued"
		if !reflect.DeepEqual(draft, want) {
			t.Errorf("draft %s is\n%v\nissued was\n%v", id, draft, want)
		}
	}
	return len(drafts), len(issued)
}

// What a closing corrects, who was parked before, another anchor, a note of its own:
// its draft shows them all, and what is paid by a credit once only.
func TestDraft_IsTheClosingToBe(t *testing.T) {
	for _, notes := range []bool{false, true} {
		w := correctingWorld(t)
		w.settings.Corrections.Notes = notes
		w.put(t, "registry/credits.ndjson", `{"id":"c1","account":"acme","amount":"11","currency":"CHF","time":"2026-11-01T00:00:00Z"}`+"\n")
		w.put(t, "registry/subscriptions.ndjson", strings.Replace(testSubscriptions, `"start":"2026-10-01"`, `"start":"2026-10-01","anchor":15`, 1))
		november := []pricing.Month{october.Next()}
		outcomes, err := w.pipeline(t).Draft(t.Context(), november, closingOptions)
		if err != nil {
			t.Fatal(err)
		}
		if draft := outcomes[len(outcomes)-1]; len(draft.Corrections) == 0 {
			t.Errorf("the draft has no corrections: %+v", draft)
		}
		if _, err := w.pipeline(t).Monthly(t.Context(), november, closingOptions); err != nil {
			t.Fatal(err)
		}
		if drafts, issued := w.wantIssuedAsDrafted(t, october.Next()); drafts != issued || issued < 2 {
			t.Errorf("%d drafts and %d documents that were issued, want as many", drafts, issued)
		}
	}
}

// The second draft opens with what October's closing left, which has to be found
// again with it.
func TestVerify_MakesDraftsAgain(t *testing.T) {
	w := verifiedWorld(t)
	for _, m := range []pricing.Month{october, october.Next()} {
		o := RunOptions{Now: time.Date(2026, 12, 20, 0, 0, 0, 0, time.UTC)}
		if out, err := w.pipeline(t).Draft(t.Context(), []pricing.Month{m}, o); err != nil {
			t.Fatal(out, err)
		}
	}
	drafts := 0
	for _, r := range w.verify(t, VerifyOptions{All: true}) {
		if r.Job != string(JobDraft) {
			continue
		}
		drafts++
		if !r.Rederived || len(r.Faults)+len(r.Unproven) > 0 {
			t.Errorf("draft %s: computed again %t, faults %+v, unproven %v", r.Period, r.Rederived, r.Faults, r.Unproven)
		}
	}
	if drafts != 2 {
		t.Errorf("%d drafts verified, want 2", drafts)
	}
}
