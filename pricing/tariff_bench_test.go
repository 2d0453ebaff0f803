package pricing_test

import (
	"testing"

	"github.com/shopspring/decimal"

	"daybook/pricing"
	"daybook/pricing/money"
)

// A graduated price in three tiers, and what the accounts of the benchmarks use
// in a day: together they pass through all tiers within the month.
var (
	benchTiers = []pricing.Tier{
		{UpTo: money.QuantityOf(100), Unit: money.MustAmount("0.10")},
		{UpTo: money.QuantityOf(1000), Unit: money.MustAmount("0.08")},
		{Open: true, Unit: money.MustAmount("0.0525")},
	}
	benchPrice = pricing.Price{ID: "p", Meter: "m", Model: pricing.Graduated{Tiers: benchTiers}}
	benchMeter = pricing.Meter{ID: "m", Aggregate: pricing.Sum, DivideBy: money.QuantityOf(1)}
)

const benchAccounts, benchDays = 1000, 30

// benchStates are each account's sums of each day.
func benchStates() []money.Int128 {
	out := make([]money.Int128, 0, benchAccounts*benchDays)
	for account := range int64(benchAccounts) {
		for day := range int64(benchDays) {
			out = append(out, money.Int128Of((1+account%97+day)*1_234_567_890_123))
		}
	}
	return out
}

// perEvaluation reports the figures of one (account, price, day state) each.
func perEvaluation(b *testing.B) {
	n := float64(b.N) * benchAccounts * benchDays
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/n, "ns/eval")
	b.ReportMetric(n/b.Elapsed().Seconds()/1e6, "Mevals/s")
}

// BenchmarkEvaluate goes from (account, price, day state) to the cumulative
// subtotal and total of the period so far: four ways.
func BenchmarkEvaluate(b *testing.B) {
	b.Run("tariff", func(b *testing.B) { benchTariff(b, benchPrice) })
	b.Run("tariff-adjusted", func(b *testing.B) {
		p := benchPrice
		p.Allowance = money.QuantityOf(10)
		p.Adjust = []pricing.Adjustment{
			{Kind: pricing.PercentDiscount, Percent: money.QuantityOf(10)}, {Kind: pricing.MinimumCharge, Amount: money.MustAmount("5")},
		}
		benchTariff(b, p)
	})
	b.Run("charge", benchCharge)
	b.Run("shopspring", benchShopspring)
	b.Run("fixed", benchFixed)
}

func benchTariff(b *testing.B, p pricing.Price) {
	states := benchStates()
	tariff, ok := pricing.NewTariff(&p, benchMeter)
	if !ok {
		b.Fatal("no tariff")
	}
	b.ReportAllocs()
	var last pricing.Cost
	for b.Loop() {
		for account := range benchAccounts {
			var sum money.Int128
			for _, state := range states[account*benchDays:][:benchDays] {
				sum, _ = sum.Add(state)
				if last, ok = tariff.Cost(sum, 0); !ok {
					b.Fatal("no cost")
				}
			}
		}
	}
	perEvaluation(b)
	if last.Total.Cmp(money.Int128{}) <= 0 {
		b.Fatal("nothing was billed")
	}
}

// benchCharge is the exact path: fractions on shopspring decimals, with tiers.
func benchCharge(b *testing.B) {
	states, one := benchStates(), money.Whole(1)
	b.ReportAllocs()
	for b.Loop() {
		for account := range benchAccounts {
			var sum money.Int128
			for _, state := range states[account*benchDays:][:benchDays] {
				sum, _ = sum.Add(state)
				if _, err := benchPrice.Charge(pricing.Measured{Quantity: sum.Quantity(money.QuantityPlaces).Fraction()}, one); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
	perEvaluation(b)
}

// benchShopspring is the obvious loop over decimals, without parts, labels,
// checks or rounding.
func benchShopspring(b *testing.B) {
	states := benchStates()
	one, two := benchTiers[0].UpTo.Decimal(), benchTiers[1].UpTo.Decimal()
	b.ReportAllocs()
	for b.Loop() {
		for account := range benchAccounts {
			var sum decimal.Decimal
			for _, state := range states[account*benchDays:][:benchDays] {
				sum = sum.Add(decimal.New(int64(state.Lo), -money.QuantityPlaces))
				total := decimal.Min(sum, one).Mul(benchTiers[0].Unit.Decimal())
				if sum.Cmp(one) > 0 {
					total = total.Add(decimal.Min(sum, two).Sub(one).Mul(benchTiers[1].Unit.Decimal()))
				}
				if sum.Cmp(two) > 0 {
					total = total.Add(sum.Sub(two).Mul(benchTiers[2].Unit.Decimal()))
				}
				if total.Sign() <= 0 {
					b.Fatal("nothing was billed")
				}
			}
		}
	}
	perEvaluation(b)
}

// benchFixed is the floor: 64-bit whole numbers of a millionth of a unit and of
// a ten-thousandth of a cent, without any check, rounding or general scale.
func benchFixed(b *testing.B) {
	states := benchStates()
	micros := make([]int64, len(states))
	for i, state := range states {
		micros[i] = int64(state.Lo / 1_000_000)
	}
	const one, two = 100_000_000, 1_000_000_000
	for b.Loop() {
		for account := range benchAccounts {
			var sum, total int64
			for _, state := range micros[account*benchDays:][:benchDays] {
				sum += state
				switch {
				case sum <= one:
					total = sum * 1000
				case sum <= two:
					total = one*1000 + (sum-one)*800
				default:
					total = one*1000 + (two-one)*800 + (sum-two)*525
				}
			}
			if total <= 0 {
				b.Fatal("nothing was billed")
			}
		}
	}
	perEvaluation(b)
}
