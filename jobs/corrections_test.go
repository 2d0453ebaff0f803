package jobs

import (
	"errors"
	"strings"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
)

// correctionsBook has a price of each of the models in which a late event changes
// what earlier ones cost.
const correctionsBook = `
book: shop
currency: CHF
effective: 2026-01-01
meters:
  traffic: {aggregate: sum, unit: GB}
plans:
  graduated:
    cycle: {every: month, anchor: calendar}
    prices: {traffic: {description: Traffic, meter: traffic, graduated: [{up_to: 10, unit: 1}, {unit: 0.5}]}}
  volume:
    cycle: {every: month, anchor: calendar}
    prices: {traffic: {description: Traffic, meter: traffic, volume: [{up_to: 10, unit: 1}, {unit: 0.5}]}}
  floor:
    cycle: {every: month, anchor: calendar}
    prices: {traffic: {description: Traffic, meter: traffic, unit: 1, minimum: 20}}
  ceiling:
    cycle: {every: month, anchor: calendar}
    prices: {traffic: {description: Traffic, meter: traffic, unit: 1, maximum: 12}}
  standard:
    cycle: {every: month, anchor: calendar}
    prices:
      traffic: {description: Traffic, meter: traffic, unit: 0.50}
      fee: {description: Fee, fixed: 10.00}
`

// closeUntil closes months of a world, in order, as a scheduler would.
func (w *testWorld) closeUntil(t *testing.T, last pricing.Month) []Outcome {
	t.Helper()
	outcomes, err := w.tryClosing(t, last)
	if err != nil {
		t.Fatal(err)
	}
	return outcomes
}

func (w *testWorld) tryClosing(t *testing.T, last pricing.Month) ([]Outcome, error) {
	t.Helper()
	return w.pipeline(t).Monthly(t.Context(), pricing.MonthOf(w.settings.Start).Through(last), closingOptions)
}

// closingOptions close any month of these tests, with usage or without.
var closingOptions = RunOptions{Now: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC), AllowIncomplete: true}

// wantProven computes every closing of a world, and every supplement, again from what
// it pinned; a test of corrections defers it.
func (w *testWorld) wantProven(t *testing.T) {
	t.Helper()
	w.wantSound(t, "verify", VerifyOptions{Job: string(JobMonthly), All: true})
}

// lines writes the lines of a month's invoices, one a line: what stands on them
// and what they are for.
func (w *testWorld) lines(t *testing.T, m pricing.Month) string {
	t.Helper()
	invoices, err := w.pipeline(t).Invoices(t.Context(), m, "")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, i := range invoices {
		out = append(out, strings.Join([]string{string(i.Kind), i.Number, i.BillingAccount, i.Currency.Code, i.Total.String()}, " "))
		for _, l := range i.Lines {
			what := ""
			if l.For != (pricing.Month{}) {
				what = " for " + l.For.String()
			}
			if l.Corrects != (pricing.Corrects{}) {
				what += " corrected"
			}
			out = append(out, "  "+l.Price+" "+l.Quantity.String()+" "+l.Total.String()+what)
		}
	}
	return strings.Join(out, "\n") + "\n"
}

// oneAccount is the test world with one subscription, to a plan.
func oneAccount(t *testing.T, plan string) *testWorld {
	t.Helper()
	w := newTestWorld(t)
	w.put(t, "book/shop.yaml", correctionsBook)
	w.put(t, "registry/subscriptions.ndjson", `{"id":"sub-a","account":"acme","plan":"`+plan+`","start":"2026-10-01"}`+"\n")
	if err := w.bucket.Delete(t.Context(), "usage/dt=2026-10-05/a.parquet"); err != nil {
		t.Fatal(err)
	}
	if err := w.bucket.Delete(t.Context(), "usage/dt=2026-10-06/a.parquet"); err != nil {
		t.Fatal(err)
	}
	w.usage(t, "dt=2026-10-05/a.parquet", usageRow{"e1", "2026-10-05T08:00:00Z", "sub-a", 10})
	return w
}

// A late event of 5 GB after 10 GB were billed. By hand: graduated 10 × 1, then
// 5 × 0.5 more; volume 10 × 1, then 15 × 0.5 = 7.50, so 2.50 less; a minimum of
// 20, which 15 do not reach, so no amount but the quantity; 10 of at most 12, then
// 2 more.
func TestMonthly_ALateEventIsCorrectedOnTheNextInvoice(t *testing.T) {
	for plan, want := range map[string]string{
		"graduated": "debit_note NOTE-2026-000001 acme CHF 2.5\n  traffic 5 2.5 for 2026-10 corrected\n",
		"volume":    "credit_note NOTE-2026-000001 acme CHF -2.5\n  traffic 5 -2.5 for 2026-10 corrected\n",
		"floor":     "invoice 2026-000002 acme CHF 20\n  traffic 0 20\n  traffic 5 0 for 2026-10 corrected\n",
		"ceiling":   "debit_note NOTE-2026-000001 acme CHF 2\n  traffic 5 2 for 2026-10 corrected\n",
	} {
		t.Run(plan, func(t *testing.T) {
			w := oneAccount(t, plan)
			defer w.wantProven(t)
			w.closeUntil(t, october)
			before := w.lines(t, october)
			w.usage(t, "dt=2026-10-06/late.parquet", usageRow{"e2", "2026-10-06T08:00:00Z", "sub-a", 5})
			w.closeUntil(t, october.Next())
			if got := w.lines(t, october.Next()); got != want {
				t.Errorf("November:\n%swant:\n%s", got, want)
			}
			if got := w.lines(t, october); got != before {
				t.Errorf("October's invoices became\n%swere\n%s", got, before)
			}
			// December looks again, and finds nothing: what was corrected counts as issued.
			w.closeUntil(t, october.Next().Next())
			if got := w.lines(t, october.Next().Next()); strings.Contains(got, "corrected") {
				t.Errorf("December corrects again:\n%s", got)
			}
		})
	}
}

func TestMonthly_CorrectsAPriceAndAnEnd(t *testing.T) {
	w := oneAccount(t, "standard") // 10 × 0.50 + 10.00
	w.closeUntil(t, october)
	// 10 × 0.60 are 1.00 more. The subscription has ended on the 16th, after 15 of
	// 31 days: the fee is 10 × 15/31 = 4.838…, 4.84.
	w.put(t, "book/shop.yaml", strings.Replace(correctionsBook, "unit: 0.50", "unit: 0.60", 1))
	w.closeUntil(t, october.Next())
	want := "invoice 2026-000002 acme CHF 11\n  fee 1 10\n  traffic 0 1 for 2026-10 corrected\n"
	if got := w.lines(t, october.Next()); got != want {
		t.Errorf("November:\n%swant:\n%s", got, want)
	}
	w.put(t, "registry/subscriptions.ndjson", `{"id":"sub-a","account":"acme","plan":"standard","start":"2026-10-01","end":"2026-10-16"}`+"\n")
	w.closeUntil(t, october.Next().Next())
	// The lines to the month's end are taken back whole, those to the 16th are new;
	// November is owed nothing.
	got := w.lines(t, october.Next().Next())
	for _, line := range []string{
		"credit_note NOTE-2026-000001 acme CHF -15.16\n", "  fee -1 -10 for 2026-10 corrected\n", "  traffic -10 -6 for 2026-10 corrected\n",
		"  traffic 10 6 for 2026-10 corrected\n", " 4.84 for 2026-10 corrected\n", "  fee -1 -10 for 2026-11 corrected\n",
	} {
		if !strings.Contains(got, line) {
			t.Errorf("December:\n%swant in it: %q", got, line)
		}
	}
}

func TestMonthly_StopsBeforeItCorrectsMoreThanItMay(t *testing.T) {
	w := oneAccount(t, "graduated")
	defer w.wantProven(t)
	five := quantityOf("5")
	w.settings.Corrections.Limits.Bill = &five
	w.closeUntil(t, october)
	w.usage(t, "dt=2026-10-06/late.parquet", usageRow{"e2", "2026-10-06T08:00:00Z", "sub-a", 5})
	_, err := w.tryClosing(t, october.Next())
	var stopped *CorrectionsError
	if !errors.As(err, &stopped) || len(stopped.Rows) != 1 || stopped.Rows[0].Difference != "2.5" || stopped.Rows[0].Truth != "12.5" || stopped.Rows[0].Issued != "10" {
		t.Fatalf("error %v with %+v, want the correction of 10 to 12.5", err, stopped)
	}
	if h, err := w.pipeline(t).publisher.Decided(t.Context(), "monthly", "2026-11"); err != nil || h.Next != 1 || h.PlanAtNext {
		t.Errorf("something of November was planned: %+v, %v", h, err)
	}
	o := closingOptions
	o.AcceptCorrections = "0123456789abcdef"
	if _, err := w.pipeline(t).Monthly(t.Context(), []pricing.Month{october.Next()}, o); !errors.Is(err, ErrCorrections) {
		t.Errorf("another digest: %v, want ErrCorrections", err)
	}
	o.AcceptCorrections = stopped.Digest
	if _, err := w.pipeline(t).Monthly(t.Context(), []pricing.Month{october.Next()}, o); err != nil {
		t.Fatal(err)
	}
	if plan, err := w.pipeline(t).publisher.Plan(t.Context(), "monthly", "2026-11", 1); err != nil || plan.Identity.Parameters[parameterAccepted] != stopped.Digest {
		t.Errorf("the plan does not keep what was accepted: %+v, %v", plan.Identity.Parameters, err)
	}
}

func quantityOf(s string) money.Quantity { return money.MustQuantity(s) }
