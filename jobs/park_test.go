package jobs

import (
	"errors"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/sources/parquet"
)

// huge writes two events of sub-a whose sum does not fit 128 bits at 12 places.
func (w *testWorld) huge(t *testing.T, key string) {
	t.Helper()
	q, err := money.MustQuantity("99999999999999999999999999").Fixed(12)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 10, 7, 8, 0, 0, 0, time.UTC).UnixMicro()
	body, err := parquet.Encode([]parquet.Column{
		{Name: "event_id", Type: parquet.String, Strings: []string{"h1", "h2"}},
		{Name: "time", Type: parquet.TimestampMicrosUTC, Ints: []int64{at, at + 1}},
		{Name: "subscription_id", Type: parquet.String, Strings: []string{"sub-a", "sub-a"}},
		{Name: "meter", Type: parquet.String, Strings: []string{"traffic", "traffic"}},
		{Name: "quantity", Type: parquet.Decimal(38, 12), Decimals: []parquet.Decimal128{parquet.Decimal128(q), parquet.Decimal128(q)}},
	}, 2)
	if err != nil {
		t.Fatal(err)
	}
	w.put(t, "usage/"+key, string(body))
}

// An account whose sums overflow has no rows in that rollup: to bill the rest of
// its month would be to bill too little, in silence.
func TestMonthly_AnAccountThatOverflowsIsParkedAndOthersAreBilled(t *testing.T) {
	w := newTestWorld(t)
	w.huge(t, "dt=2026-10-07/huge.parquet")
	outcomes, err := w.billOctober(t)
	if err != nil {
		t.Fatal(err)
	}
	last := outcomes[len(outcomes)-1]
	if len(last.Invoices) != 1 || last.Invoices[0].BillingAccount != "beta" {
		t.Errorf("invoices %+v, want beta's alone", last.Invoices)
	}
	if len(last.Parked) != 1 || last.Parked[0].Account != "acme" {
		t.Errorf("parked %+v, want acme", last.Parked)
	}
}

// Two payments of 18 digits make a balance of 19. Acme's 2 usage rows are not
// billed then, beta's one is: 4 GB at 0.50 and the fee of 10.00 are 12.00, and its
// invoice has the first number.
func TestMonthly_BooksThatOverflowParkTheirAccountAndOthersAreBilled(t *testing.T) {
	w := newTestWorld(t)
	w.put(t, "registry/payments.csv", "id,account,amount,currency,time\nx,acme,999999999999999999,CHF,2026-10-02\ny,acme,999999999999999999,CHF,2026-10-03\n")
	outcomes, err := w.billOctober(t)
	if err != nil {
		t.Fatal(err)
	}
	last := outcomes[len(outcomes)-1]
	if len(last.Invoices) != 1 || last.Invoices[0].BillingAccount != "beta" || last.Invoices[0].Total.String() != "12" || last.Invoices[0].Number != "2026-000001" {
		t.Errorf("invoices %+v, want beta's alone", last.Invoices)
	}
	if len(last.Parked) != 1 || last.Parked[0].Account != "acme" || last.Parked[0].Reason != "overflow" {
		t.Errorf("parked %+v, want acme by overflow", last.Parked)
	}
	if last.Rated.Kept != 1 || last.Rated.Billed != 1 {
		t.Errorf("rated %+v, want beta's row alone", *last.Rated)
	}
}

func TestMonthly_RefusesAMonthWithoutAnyUsage(t *testing.T) {
	w := newTestWorld(t)
	w.settings.Layout.Partition = "day" // the files lie under dt=
	o := RunOptions{Now: time.Date(2026, 11, 10, 0, 0, 0, 0, time.UTC)}
	if _, err := w.pipeline(t).Monthly(t.Context(), []pricing.Month{october}, o); !errors.Is(err, ErrIncomplete) {
		t.Fatalf("error %v, want %v", err, ErrIncomplete)
	}
	o.AllowIncomplete = true
	outcomes, err := w.pipeline(t).Monthly(t.Context(), []pricing.Month{october}, o)
	if err != nil || len(outcomes[len(outcomes)-1].Invoices) != 2 {
		t.Errorf("with --allow-incomplete: %+v, %v; want the two fees", outcomes, err)
	}
}

func TestRollup_OfADayThatHasNotBegunIsNotDue(t *testing.T) {
	w := newTestWorld(t)
	o := RunOptions{Now: time.Date(2026, 10, 5, 12, 0, 0, 0, time.UTC)}
	if _, err := w.pipeline(t).Rollup(t.Context(), []pricing.Date{pricing.NewDate(2026, 10, 6)}, o); !errors.Is(err, ErrNotDue) {
		t.Errorf("error %v, want %v", err, ErrNotDue)
	}
}
