package documents

import (
	"bytes"
	"testing"
	"time"

	"pgregory.net/rapid"

	"daybook/pricing"
)

// openPeriods are a pool of 600 GB in 240 of 745 hours, which will be 1,862.5, at
// 400 x 0.40 + 400 x 0.30 + 400 x 0.20 + 662.5 x 0.08 = 413.00 (220.00 so far), a
// share in it, and a fee.
func openPeriods() []pricing.ForecastRow {
	row := pricing.ForecastRow{
		PeriodStart: october, PeriodEnd: november, BillingAccount: "globex", Account: "globex", Plan: "standard", Price: "storage",
		BookVersion: "rokka@2026-01-01", Unit: "GB", Grouping: "{}", Scope: pricing.ScopeBilled, Currency: "CHF", Method: pricing.ForecastRunRate,
		AsOf: october.AddDate(0, 0, 10), Elapsed: 240 * time.Hour, Length: 745 * time.Hour,
		Quantity: q("600"), Subtotal: a("220"), Total: a("220"), ForecastQuantity: q("1862.5"), ForecastSubtotal: a("413"), ForecastTotal: a("413"),
	}
	share, fee := row, row
	share.Account, share.Subscription, share.Scope = "globex-web", "sub-1", pricing.ScopeOwn
	fee.Subscription, fee.Price, fee.Unit, fee.Method = "sub-1", "fee", "", pricing.ForecastKnown
	fee.Quantity, fee.Subtotal, fee.Total, fee.ForecastQuantity, fee.ForecastSubtotal, fee.ForecastTotal = q("1"), a("9"), a("8.10"), q("1"), a("9"), a("8.10")
	return []pricing.ForecastRow{row, share, fee}
}

func TestForecast_Golden(t *testing.T) {
	checkGolden(t, "forecast.json", Forecast("globex", pricing.NewDate(2026, 10, 10), openPeriods()))
}

// 220.00 and the fee's 8.10 so far; 413.00 and 8.10 at the end. The share is none
// of it.
func TestForecast_SumsBilledRowsOnly(t *testing.T) {
	d := parsed(t, Forecast("globex", pricing.NewDate(2026, 10, 10), openPeriods()))
	totals := d["totals"].([]any)
	if len(totals) != 1 {
		t.Fatalf("%d totals, want 1", len(totals))
	}
	for key, want := range map[string]string{"currency": "CHF", "subtotal": "229", "total": "228.1", "forecast_subtotal": "422", "forecast_total": "421.1"} {
		if got := totals[0].(map[string]any)[key]; got != want {
			t.Errorf("%s is %v, want %s", key, got, want)
		}
	}
	inputs := d["per_price"].([]any)[0].(map[string]any)["inputs"].(map[string]any)
	if inputs["elapsed_seconds"] != "864000" || inputs["period_seconds"] != "2682000" {
		t.Errorf("inputs are %v", inputs)
	}
}

func TestForecast_OrderOfRowsDoesNotMatter(t *testing.T) {
	day := pricing.NewDate(2026, 10, 10)
	want := Forecast("globex", day, openPeriods())
	rapid.Check(t, func(t *rapid.T) {
		if got := Forecast("globex", day, rapid.Permutation(openPeriods()).Draw(t, "rows")); !bytes.Equal(got, want) {
			t.Fatalf("another order gave\n%s\nwant\n%s", got, want)
		}
	})
}
