package jobs

import (
	"strings"
	"testing"
)

// withdrawAcme takes acme and its subscription out of the registry on purpose. What
// stands beside it stays.
func (w *testWorld) withdrawAcme(t *testing.T) {
	t.Helper()
	for kind, id := range map[string]string{"account": "acme", "subscription": "sub-a"} {
		if _, err := w.pipeline(t).WithdrawRow(t.Context(), kind, id, "never was one", ""); err != nil {
			t.Fatal(err)
		}
	}
	w.put(t, "registry/accounts.ndjson", `{"id":"beta","kind":"organization","name":"Beta","bills":true,"currency":"CHF"}`+"\n")
	w.put(t, "registry/subscriptions.ndjson", strings.Split(testSubscriptions, "\n")[1]+"\n")
}

const acmePaidBack = "credit_note NOTE-2026-000001 acme CHF -30\n  fee -1 -10 for 2026-10 corrected\n  traffic -40 -20 for 2026-10 corrected\n"

// Acme is withdrawn before a supplement bills beta: the supplement leaves what acme
// is paid back, its 40 × 0.50 + 10.00, to the next closing.
func TestMonthly_ASupplementLeavesWhatIsPaidBackToTheNextClosing(t *testing.T) {
	w := unplanned(t)
	defer w.wantProven(t)
	w.closeUntil(t, october)
	w.withdrawAcme(t)
	w.closeUntil(t, october)
	if got := w.lines(t, october); !strings.Contains(got, "beta CHF 12\n") || strings.Contains(got, "corrected") {
		t.Fatalf("October:\n%swant beta's invoice, and no correction", got)
	}
	w.closeUntil(t, october.Next())
	if got := w.lines(t, october.Next()); !strings.HasPrefix(got, acmePaidBack) {
		t.Errorf("November:\n%swant first:\n%s", got, acmePaidBack)
	}
}

// A closing parked acme's lab and billed acme: when both are withdrawn, what was
// billed is paid back all the same.
func TestMonthly_PaysBackAWithdrawnAccountOfWhomAnotherWasParked(t *testing.T) {
	w := newTestWorld(t)
	defer w.wantProven(t)
	accounts := `{"id":"acme","kind":"organization","name":"Acme","bills":true,"currency":"CHF"}
{"id":"beta","kind":"organization","name":"Beta","bills":true,"currency":"CHF"}
`
	w.put(t, "registry/accounts.ndjson", accounts+`{"id":"lab","kind":"organization","name":"Lab","parent":"acme"}`+"\n")
	w.put(t, "registry/subscriptions.ndjson", testSubscriptions+`{"id":"sub-l","account":"lab","plan":"standart","start":"2026-10-01"}`+"\n")
	w.closeUntil(t, october)
	for kind, id := range map[string]string{"account": "lab", "subscription": "sub-l"} {
		if _, err := w.pipeline(t).WithdrawRow(t.Context(), kind, id, "never was one", ""); err != nil {
			t.Fatal(err)
		}
	}
	w.withdrawAcme(t)
	w.closeUntil(t, october.Next())
	if got := w.lines(t, october.Next()); !strings.HasPrefix(got, acmePaidBack) {
		t.Errorf("November:\n%swant first:\n%s", got, acmePaidBack)
	}
}

// A subscription that came after October was closed, with a start in it, was billed
// for it by November. When its row vanishes, no closing pays it back: not the next,
// which still saw it, nor those after.
func TestMonthly_NothingIsPaidBackForARowThatCameLaterAndVanished(t *testing.T) {
	w := newTestWorld(t)
	defer w.wantProven(t)
	w.put(t, "registry/subscriptions.ndjson", strings.Split(testSubscriptions, "\n")[0]+"\n"+`{"id":"sub-c","account":"beta","plan":"standard","start":"2026-10-01"}`+"\n")
	w.closeUntil(t, october)
	w.put(t, "registry/subscriptions.ndjson", testSubscriptions+`{"id":"sub-c","account":"beta","plan":"standard","start":"2026-10-01"}`+"\n")
	november := october.Next()
	w.closeUntil(t, november)
	if got, want := w.lines(t, november), "  fee 1 10 for 2026-10 corrected\n"; !strings.Contains(got, want) {
		t.Fatalf("November:\n%swant in it:\n%s", got, want)
	}
	w.put(t, "registry/subscriptions.ndjson", strings.Split(testSubscriptions, "\n")[0]+"\n"+`{"id":"sub-c","account":"beta","plan":"standard","start":"2026-10-01"}`+"\n")
	for m := november.Next(); m.Year == 2026 || m.Month < 3; m = m.Next() {
		outcomes := w.closeUntil(t, m)
		if got := w.lines(t, m); strings.Contains(got, "corrected") {
			t.Errorf("%s pays back:\n%s", m, got)
		}
		if last := outcomes[len(outcomes)-1]; len(last.Vanished) != 1 || last.Vanished[0] != (Vanished{"beta", "subscription sub-b"}) {
			t.Errorf("%s: vanished %+v, want beta's subscription", m, last.Vanished)
		}
	}
	// It is gone on purpose: October, billed late, and November are taken back.
	if _, err := w.pipeline(t).WithdrawRow(t.Context(), "subscription", "sub-b", "never was one", ""); err != nil {
		t.Fatal(err)
	}
	march := november.Next().Next().Next().Next()
	w.closeUntil(t, march)
	if got := w.lines(t, march); !strings.Contains(got, "  fee -1 -10 for 2026-10 corrected\n") || !strings.Contains(got, "  fee -1 -10 for 2026-11 corrected\n") {
		t.Errorf("%s:\n%swant October and November taken back", march, got)
	}
}

// Acme's subscription vanishes before a supplement bills beta: the registry that the
// supplement pins lacks it, and the closing after pays nothing back all the same.
func TestMonthly_NothingIsPaidBackForARowThatVanishedBeforeASupplement(t *testing.T) {
	for name, notes := range map[string]bool{"next invoice": false, "notes": true} {
		t.Run(name, func(t *testing.T) {
			w := unplanned(t)
			w.settings.Corrections.Notes = notes
			defer w.wantProven(t)
			w.closeUntil(t, october)
			w.put(t, "registry/subscriptions.ndjson", strings.Split(testSubscriptions, "\n")[1]+"\n")
			w.closeUntil(t, october)
			if got := w.lines(t, october); !strings.Contains(got, "beta CHF 12\n") {
				t.Fatalf("October:\n%swant beta's invoice", got)
			}
			for _, m := range october.Next().Through(october.Next().Next()) {
				w.closeUntil(t, m)
				if got := w.lines(t, m); strings.Contains(got, "acme") {
					t.Errorf("%s:\n%swant nothing of acme", m, got)
				}
			}
		})
	}
}

// A month that closed_after has passed is compared no more, also when closed_after is
// made longer: the chain has let go of what was charged for it since. October's late
// 2 GB are billed once.
func TestMonthly_ClosedAfterThatGrowsOpensNoMonthAgain(t *testing.T) {
	w := newTestWorld(t)
	defer w.wantProven(t)
	w.closeUntil(t, october)
	w.usage(t, "dt=2026-10-07/late.parquet", usageRow{"e9", "2026-10-07T08:00:00Z", "sub-b", 2})
	m := october.Next()
	w.closeUntil(t, m)
	if got := w.lines(t, m); !strings.Contains(got, "traffic 2 1 for 2026-10 corrected\n") {
		t.Fatalf("November:\n%swant the late 2 GB", got)
	}
	w.settings.Corrections.ClosedAfterDays = 31
	m = m.Next()
	w.closeUntil(t, m) // October is behind it
	w.settings.Corrections.ClosedAfterDays = 0
	for range 2 {
		m = m.Next()
		w.closeUntil(t, m)
		if got := w.lines(t, m); strings.Contains(got, "corrected") {
			t.Errorf("%s corrects October again:\n%s", m, got)
		}
	}
}
