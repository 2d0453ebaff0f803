package pricing_test

import (
	"testing"

	"daybook/pricing"
)

// docs/billing-rules.md, Running meters: a level holds on, so a forecast keeps it
// to the end of the period, and does not let it grow at the pace of its changes.
// One seat from 1 October, a second from the 11th: 31 + 21 days of 31.
func TestForecast_ARunningLevelHoldsOn(t *testing.T) {
	for prorate, want := range map[pricing.Proration]string{"": "62", pricing.ProrateStartedDays: "52"} {
		for _, m := range []pricing.Meter{pods(), seats()} {
			w := running(m, prorate, unitOf("31.00"))
			w.seat("2026-10-01T00:00:00Z", "ann", "1")
			w.seat("2026-10-11T00:00:00Z", "bob", "1")
			r := w.rater(t)
			got, err := r.Forecast(r.Trees()[0], pricing.TreeUsage{Rows: w.usage}, day("2026-10-15"), at("2026-10-16T00:00:00Z"))
			if err != nil || len(got.Rows) != 1 {
				t.Fatal(got, err)
			}
			if row := got.Rows[0]; row.ForecastTotal.String() != want || row.Method != pricing.ForecastLevel {
				t.Errorf("%s %q: %s by %s, want %s", m.Aggregate, prorate, row.ForecastTotal, row.Method, want)
			}
		}
	}
}
