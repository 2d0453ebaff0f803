package jobs

import (
	"strings"
	"testing"
)

// A supplement that bills whom months before have parked leaves the corrections of
// everybody else to the next closing: of another account, and of one under the same
// billing account. October's late 6 GB of acme are 3.00.
func TestMonthly_ASupplementLeavesCorrectionsOfMonthsBeforeToTheNextClosing(t *testing.T) {
	for name, accounts := range map[string]string{
		"another billing account": "",
		"the same":                `,"parent":"beta"`,
	} {
		t.Run(name, func(t *testing.T) {
			w := unplanned(t)
			defer w.wantProven(t)
			bills := `"bills":true,"currency":"CHF"`
			if accounts != "" {
				bills = strings.TrimPrefix(accounts, ",")
			}
			w.put(t, "registry/accounts.ndjson", `{"id":"acme","kind":"organization","name":"Acme",`+bills+`}
{"id":"beta","kind":"organization","name":"Beta","bills":true,"currency":"CHF"}
`)
			w.closeUntil(t, october.Next())
			w.mend(t)
			w.usage(t, "dt=2026-10-07/late.parquet", usageRow{"e9", "2026-10-07T08:00:00Z", "sub-a", 6})
			w.closeUntil(t, october.Next()) // a supplement of November bills beta's October too
			if got, want := w.lines(t, october.Next()), "traffic 4 2 for 2026-10\n"; !strings.Contains(got, want) || strings.Contains(got, "corrected") {
				t.Fatalf("November:\n%swant in it, and no correction:\n%s", got, want)
			}
			december := october.Next().Next()
			w.closeUntil(t, december)
			if got, want := w.lines(t, december), "  traffic 6 3 for 2026-10 corrected\n"; !strings.Contains(got, want) {
				t.Errorf("December:\n%swant in it:\n%s", got, want)
			}
		})
	}
}
