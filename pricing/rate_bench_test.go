package pricing_test

import (
	"fmt"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
)

// BenchmarkDaily rates the last day of a month for one account a time: five
// metered prices with usage on each day, a fee and a resource.
func BenchmarkDaily(b *testing.B) {
	w := oneAccount(
		metered("sum", "sum", rokkaStorage()), metered("storage", "storage", rokkaStorage()), metered("count", "count", unitOf("0.01")),
		metered("max", "max", unitOf("0.01")), metered("compute", "traffic", matrixOf("a", "x", "2.00")), fixedFee("fee", "9"), monthly("5"),
	)
	w.accounts[0].TimeZone = "Europe/Zurich"
	w.resources = []pricing.Resource{vm("r", "2026-01-01T00:00:00Z", "")}
	for d := range 31 {
		for _, meter := range []string{"sum", "storage", "count", "max", "traffic"} {
			w.use("s", meter, fmt.Sprintf("2026-10-%02dT12:00:00Z", d+1), "123.456")
		}
	}
	r := w.rater(b)
	tree, usage, asOf := r.Trees()[0], pricing.TreeUsage{Rows: w.usage}, at("2026-11-02T00:00:00Z")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Daily(tree, usage, day("2026-10-31"), asOf); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkMonth rates accounts of one subscription with five metered prices
// through a month, with usage of each meter on each day: every day's cost rows as
// daily runs write them, then the closing. A step is one price on one day.
func BenchmarkMonth(b *testing.B) {
	const accounts, days = 50, 31
	w := oneAccount(
		metered("sum", "sum", pricing.Graduated{Tiers: benchTiers}), metered("count", "count", unitOf("0.01")),
		metered("max", "max", pricing.Package{Size: money.QuantityOf(100), Price: money.MustAmount("2.50")}),
		metered("latest", "latest", unitOf("1.20")), metered("traffic", "traffic", pricing.Volume{Tiers: benchTiers}),
	)
	usage := make([][]pricing.UsageState, accounts)
	for i := range accounts {
		id := fmt.Sprintf("a%03d", i)
		w.accounts = append(w.accounts, pricing.Account{ID: id, Bills: true})
		w.subs = append(w.subs, pricing.Subscription{ID: "s" + id, Account: id, Plan: "p", Start: at("2020-01-01T00:00:00Z")})
		usage[i] = dailyStates(id, days)
	}
	w.accounts, w.subs = w.accounts[1:], w.subs[1:]
	r := w.rater(b)
	b.Run("daily", func(b *testing.B) { benchMonth(b, r, usage, days) })
	b.Run("daily-without-tariffs", func(b *testing.B) { benchMonth(b, r.WithoutTariffs(), usage, days) })
	b.Run("closing", func(b *testing.B) { benchMonth(b, r, usage, 0) })
}

func dailyStates(account string, days int) []pricing.UsageState {
	var out []pricing.UsageState
	for d := range days {
		for i, meter := range []string{"sum", "count", "max", "latest", "traffic"} {
			q := money.Int128Of(int64(10+d+i+int(account[3])) * 1_234_567_890_123)
			when := day("2026-10-01").AddDays(d).UTC().Add(12 * time.Hour).UnixMicro()
			out = append(out, pricing.UsageState{
				Day: day("2026-10-01").AddDays(d), Meter: meter, Dimensions: "{}", Account: account, Subscription: "s" + account,
				Sum: q, Events: 7, Min: q, Max: q, First: q, Last: q, FirstTime: when, LastTime: when,
			})
		}
	}
	return out
}

// benchMonth rates so many days, or closes the month where there are none.
func benchMonth(b *testing.B, r *pricing.Rater, usage [][]pricing.UsageState, days int) {
	month, err := pricing.ParseMonth("2026-10")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		for i, tree := range r.Trees() {
			for d := range days {
				date := month.First().AddDays(d)
				got, err := r.Daily(tree, pricing.TreeUsage{Rows: usage[i][:5*(d+1)]}, date, date.AddDays(1).UTC())
				if err != nil || len(got.Rows) != 5 {
					b.Fatal(err, len(got.Rows))
				}
			}
			if days == 0 {
				got, err := r.Close(tree, pricing.TreeUsage{Rows: usage[i]}, pricing.Closing{Month: month, AsOf: at("2026-11-03T00:00:00Z")})
				if err != nil || len(got.Invoices) != 1 {
					b.Fatal(err, len(got.Invoices))
				}
			}
		}
	}
	steps := float64(b.N) * float64(len(usage)*5*max(days, 1))
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/steps, "ns/price-day")
}
