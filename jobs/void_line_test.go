package jobs

import (
	"strings"
	"testing"

	"daybook/pricing"
)

const aheadBook = `
book: shop
currency: CHF
effective: 2026-01-01
plans:
  standard:
    cycle: {every: month, anchor: calendar}
    prices:
      ahead: {description: Ahead, fixed: 31.00, due: in_advance, prorate: started_days}
`

func (w *testWorld) voidLine(t *testing.T, invoice string, line int) {
	t.Helper()
	if _, err := w.pipeline(t).Void(t.Context(), invoice, line, "disputed", ""); err != nil {
		t.Fatal(err)
	}
}

func (w *testWorld) subscribe(t *testing.T, rest string) {
	t.Helper()
	w.put(t, "registry/subscriptions.ndjson", `{"id":"sub-a",`+rest+"}\n")
}

// A line that is void is billed to nobody: not to him who pays for its subscription
// afterwards either, in whatever order the two are told, nor to him who paid before
// when it comes back. October is 10 GB at 0.50 and a fee of 10.00; the 5.00 are void.
func TestVoid_HoldsWhoeverPays(t *testing.T) {
	november, december := october.Next(), october.Next().Next()
	moves := map[string][2]string{ // registry objects that make beta pay, and acme again
		"subscription": {
			`{"id":"sub-a","account":"beta","plan":"standard","start":"2026-10-01"}` + "\n",
			`{"id":"sub-a","account":"acme","plan":"standard","start":"2026-10-01"}` + "\n",
		},
		"account": {
			`{"id":"acme","kind":"organization","name":"Acme","parent":"beta"}
{"id":"beta","kind":"organization","name":"Beta","bills":true,"currency":"CHF"}
`, tinyAccounts,
		},
	}
	keys := map[string]string{"subscription": "registry/subscriptions.ndjson", "account": "registry/accounts.ndjson"}
	for what, told := range moves {
		t.Run(what, func(t *testing.T) {
			move := func(w *testWorld, n int) { w.put(t, keys[what], told[n]) }
			w := oneAccount(t, "standard")
			defer w.wantProven(t)
			w.closeUntil(t, october)
			if got, want := w.lines(t, october), "invoice 2026-000001 acme CHF 15\n  traffic 10 5\n  fee 1 10\n"; got != want {
				t.Fatalf("October:\n%swant:\n%s", got, want)
			}
			w.voidLine(t, "2026-000001", 1)
			move(w, 0)
			w.closeUntil(t, november)
			want := "credit_note NOTE-2026-000001 acme CHF -15\n  fee -1 -10 for 2026-10 corrected\n  traffic -10 -5 for 2026-10 corrected\n" +
				"invoice 2026-000002 beta CHF 20\n  fee 1 10\n  fee 1 10 for 2026-10\n"
			if got := w.lines(t, november); got != want {
				t.Errorf("November:\n%swant:\n%s", got, want)
			}
			move(w, 1)
			w.closeUntil(t, december)
			want = "invoice 2026-000003 acme CHF 30\n  fee 1 10\n  fee 1 10 for 2026-11\n  fee 1 10 for 2026-10 corrected\n" +
				"credit_note NOTE-2026-000002 beta CHF -20\n  fee -1 -10 for 2026-10 corrected\n  fee -1 -10 for 2026-11 corrected\n"
			if got := w.lines(t, december); got != want {
				t.Errorf("December:\n%swant:\n%s", got, want)
			}
		})
		t.Run(what+" moved before", func(t *testing.T) {
			w := oneAccount(t, "standard")
			defer w.wantProven(t)
			w.settings.Corrections.Notes = true
			w.closeUntil(t, october)
			w.put(t, keys[what], told[0])
			w.closeUntil(t, october) // a supplement: acme has it back, beta is billed
			if got, want := w.lines(t, october), "invoice 2026-000002 beta CHF 15\n  fee 1 10\n  traffic 10 5\n"; !strings.HasSuffix(got, want) {
				t.Fatalf("October:\n%swant at its end:\n%s", got, want)
			}
			w.voidLine(t, "2026-000001", 1) // of the invoice to acme, who owes nothing any more
			w.closeUntil(t, october)
			if got, want := w.lines(t, october), "  traffic -10 -5 for 2026-10 corrected\n"; !strings.Contains(got, "beta CHF -5\n"+want) {
				t.Errorf("October:\n%swant in it a note to beta:\n%s", got, want)
			}
			w.put(t, keys[what], told[1])
			if _, err := w.pipeline(t).Draft(t.Context(), []pricing.Month{november}, closingOptions); err != nil {
				t.Fatal(err)
			}
			w.closeUntil(t, november)
			w.wantIssuedAsDrafted(t, november)
			if got := w.lines(t, november); strings.Contains(got, "traffic") {
				t.Errorf("November has a line that is void:\n%s", got)
			}
		})
	}
}

// What is void is not given back for another reason as well, nor billed for a part of
// its time: by hand, 31.00 for November, in advance, are void; that the subscription
// ends on the 11th then changes nothing, whichever of the two is told first.
func TestVoid_IsNotGivenBackTwice(t *testing.T) {
	ends := `"account":"acme","plan":"standard","start":"2026-10-01","end":"2026-11-11"`
	for _, c := range []struct {
		name   string
		before bool // it is known that it ends before the line is void
	}{{"void, then it ends", false}, {"it ends, then void", true}} {
		t.Run(c.name, func(t *testing.T) {
			w := oneAccount(t, "standard")
			w.put(t, "book/shop.yaml", aheadBook)
			defer w.wantProven(t)
			w.closeUntil(t, october) // a fee each for October and November
			if got, want := w.lines(t, october), "invoice 2026-000001 acme CHF 62\n  ahead 1 31\n  ahead 1 31\n"; got != want {
				t.Fatalf("October:\n%swant:\n%s", got, want)
			}
			last := october.Next()
			if c.before {
				w.subscribe(t, ends)
				w.closeUntil(t, last) // 31.00 × 20 ÷ 30 are back
				last = last.Next()
			}
			w.voidLine(t, "2026-000001", 2)
			w.closeUntil(t, last)
			w.subscribe(t, ends)
			for range 2 {
				last = last.Next()
				w.closeUntil(t, last)
			}
			if got := w.owed(t, last); got != "31" {
				t.Errorf("all closings came to %s, want October's 31:\n%s", got, w.allLines(t, last))
			}
		})
	}
}

// A charge that is void stays so when its time is cut otherwise.
func TestVoid_HoldsForPartsOfItsTime(t *testing.T) {
	w := oneAccount(t, "standard")
	defer w.wantProven(t)
	w.closeUntil(t, october)
	w.voidLine(t, "2026-000001", 2) // the fee
	w.subscribe(t, `"account":"acme","plan":"standard","start":"2026-10-01","end":"2026-10-21"`)
	w.closeUntil(t, october.Next())
	// The usage of the 5th is the same, for other dates.
	want := "credit_note NOTE-2026-000001 acme CHF -10\n  fee -1 -10 for 2026-10 corrected\n" +
		"  traffic 10 5 for 2026-10 corrected\n  traffic -10 -5 for 2026-10 corrected\n"
	if got := w.lines(t, october.Next()); got != want {
		t.Errorf("November:\n%swant:\n%s", got, want)
	}
}

// owed is what all closings through a month come to.
func (w *testWorld) owed(t *testing.T, last pricing.Month) string {
	t.Helper()
	var sum pricing.Line
	for _, m := range pricing.MonthOf(w.settings.Start).Through(last) {
		invoices, err := w.pipeline(t).Invoices(t.Context(), m, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range invoices {
			sum.Total = sum.Total.Add(i.Total)
		}
	}
	return sum.Total.String()
}

func (w *testWorld) allLines(t *testing.T, last pricing.Month) (out string) {
	for _, m := range pricing.MonthOf(w.settings.Start).Through(last) {
		out += m.String() + "\n" + w.lines(t, m)
	}
	return out
}
