package usage

import (
	"math"
	"math/rand/v2"
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/sources/parquet"
)

// TestPlainMeter_QuickIsTheLongWay: whatever a quantity's column, places and sign,
// what the multiplication gives is what the exact number is stored as.
func TestPlainMeter_QuickIsTheLongWay(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	values := []int64{0, 1, -1, 999, math.MaxInt64, math.MinInt64, math.MinInt64 + 1}
	for range 200 {
		values = append(values, int64(rng.Uint64())>>rng.IntN(64))
	}
	var wides []parquet.Decimal128
	for _, v := range values {
		wides = append(wides, parquet.Decimal128(money.Int128Of(v)))
	}
	decimal := func(scale int) parquet.Field {
		return parquet.Field{Kind: parquet.KindFixedBytes, Logical: parquet.LogicalDecimal, Precision: 38, Scale: scale}
	}
	for scale := range places + 1 {
		m := &meter{Meter: pricing.Meter{Scale: places, AllowNegative: scale%2 == 0}}
		p := plainMeter{negative: m.AllowNegative}
		p.quantities(&parquet.Vector{Field: decimal(scale), Wides: wides}, m)
		for i, v := range values {
			got, rounded, ok := p.quick(i)
			if ok == (v < 0 && !m.AllowNegative) {
				t.Fatalf("%d at %d places: quick says %t", v, scale, ok)
			}
			if want, _, _ := wholeNumber(v, scale).store(places); ok && (got != want || rounded) {
				t.Fatalf("%d at %d places: %v, want %v (rounded %t)", v, scale, got, want, rounded)
			}
		}
		finer := &meter{Meter: pricing.Meter{Scale: int32(scale) - 1}}
		if p = (plainMeter{}); scale > 0 {
			p.quantities(&parquet.Vector{Field: decimal(scale), Wides: wides}, finer)
		}
		if _, _, ok := p.quick(1); ok {
			t.Errorf("a decimal of %d places is not rounded to %d", scale, finer.Scale)
		}
	}
	large := plainMeter{wides: []parquet.Decimal128{{Lo: 1 << 63}, {Hi: 1}, {Hi: -2}}, unit: 1, negative: true}
	for i := range large.wides {
		if _, _, ok := large.quick(i); ok {
			t.Errorf("%v passes for 64 bits", large.wides[i])
		}
	}
}
