package tables

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
)

// busyDay is a day of usage as testdata/tools/rollupbench has them: rows sorted by
// account and subscription, five meters, quantities that all differ.
func busyDay(rows int) *pricing.UsageBatch {
	rng := rand.New(rand.NewPCG(1, 2))
	b := &pricing.UsageBatch{UTCDay: day1}
	const perSubscription, perAccount = 2, 6
	quantity := func() money.Int128 {
		hi, lo := bits.Mul64(rng.Uint64N(1_000_000_000), 1_000_000_000_000)
		return money.Int128{Hi: int64(hi), Lo: lo}
	}
	for i := range rows {
		if i%perAccount == 0 {
			b.Account.Values = append(b.Account.Values, fmt.Sprintf("account-%06d", i/perAccount))
		}
		if i%perSubscription == 0 {
			b.Subscription.Values = append(b.Subscription.Values, fmt.Sprintf("sub-%07d", i/perSubscription))
		}
		b.Account.Index = append(b.Account.Index, int32(i/perAccount))
		b.Subscription.Index = append(b.Subscription.Index, int32(i/perSubscription))
		b.Meter.Index = append(b.Meter.Index, int32(i%perSubscription))
		b.Dimensions.Index = append(b.Dimensions.Index, int32(rng.IntN(96)))
		b.Day, b.Slot, b.Events = append(b.Day, int64(day1)), append(b.Slot, 0), append(b.Events, 1+rng.Int64N(12))
		first := rng.Int64N(43_200_000_000)
		b.FirstTime, b.LastTime = append(b.FirstTime, first), append(b.LastTime, first+rng.Int64N(43_200_000_000))
		b.Sum, b.Min, b.Max = append(b.Sum, quantity()), append(b.Min, quantity()), append(b.Max, quantity())
		b.First, b.Last, b.LevelSeconds = append(b.First, quantity()), append(b.Last, quantity()), append(b.LevelSeconds, money.Int128{})
	}
	b.Meter.Values = []string{"compute", "traffic"}
	for i := range 96 {
		b.Dimensions.Values = append(b.Dimensions.Values, fmt.Sprintf(`{"instance_type":"type-%02d","region":"region-%d"}`, i/8, i%8))
	}
	return b
}

var busyUnits = map[string]string{"compute": "hour", "traffic": "GB"}

func BenchmarkEncodeUsageDaily(b *testing.B) {
	const rows = 33_000
	day := busyDay(rows)
	b.ReportAllocs()
	for b.Loop() {
		body, err := EncodeUsageDaily(day, busyUnits)
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(len(body)))
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
}

// TestEncodeUsageDaily_AllocatesNothingPerRow: twice the rows of the same
// accounts and columns take as many allocations.
func TestEncodeUsageDaily_AllocatesNothingPerRow(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector drops what pools keep at random, so memory that stays is allocated anew")
	}
	allocations := func(rows int) float64 {
		day := busyDay(rows)
		day.Account.Index, day.Subscription.Index = make([]int32, rows), make([]int32, rows)
		return testing.AllocsPerRun(2, func() {
			if _, err := EncodeUsageDaily(day, busyUnits); err != nil {
				t.Fatal(err)
			}
		})
	}
	small, large := allocations(10_000), allocations(40_000)
	if large > small+100 {
		t.Errorf("%.0f allocations for 10,000 rows, %.0f for 40,000", small, large)
	}
}
