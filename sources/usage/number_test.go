package usage

import (
	"math"
	"math/big"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"daybook/pricing/money"
)

func pow10(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// stored is the oracle of number.store: v rounded half-even to scale places, at 12.
func stored(v *big.Rat, scale int) (out *big.Int, rounded bool) {
	x := new(big.Rat).Mul(v, new(big.Rat).SetInt(pow10(scale)))
	q, rem := new(big.Int).DivMod(x.Num(), x.Denom(), new(big.Int))
	if c := new(big.Int).Lsh(rem, 1).Cmp(x.Denom()); c > 0 || (c == 0 && q.Bit(0) == 1) {
		q.Add(q, big.NewInt(1))
	}
	return q.Mul(q, pow10(places-scale)), rem.Sign() != 0
}

func TestStore_RoundsHalfEvenLikeFractions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := money.Int128{Lo: rapid.Uint64().Draw(t, "lo"), Hi: rapid.SampledFrom([]int64{0, 0, -1, 1, math.MaxInt64, math.MinInt64 + 1, rapid.Int64().Draw(t, "hi")}).Draw(t, "high")}
		if rapid.Bool().Draw(t, "near a tie") {
			v = money.Int128Of(5*int64(math.Pow10(rapid.IntRange(0, 17).Draw(t, "zeros"))) + int64(rapid.IntRange(-1, 1).Draw(t, "off")))
		}
		scale, keep := rapid.IntRange(-20, 50).Draw(t, "scale"), rapid.IntRange(0, 12).Draw(t, "keep")
		exact := new(big.Rat).SetInt(v.Big())
		if scale >= 0 {
			exact.Quo(exact, new(big.Rat).SetInt(pow10(scale)))
		} else {
			exact.Mul(exact, new(big.Rat).SetInt(pow10(-scale)))
		}
		want, wantRounded := stored(exact, keep)
		fits := new(big.Int).Abs(want).Cmp(pow10(38)) < 0
		got, rounded, ok := wideNumber(v, scale).store(int32(keep))
		if ok != fits {
			t.Fatalf("%s: fits %v, want %v", exact.RatString(), ok, fits)
		}
		if ok && (got.Big().Cmp(want) != 0 || rounded != wantRounded) {
			t.Fatalf("%s to %d places: %s (rounded %v), want %s (%v)", exact.RatString(), keep, got.Big(), rounded, want, wantRounded)
		}
	})
}

func TestParseNumber_AgreesWithMoney(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`-?[0-9]{0,3}(0{0,40}|[0-9]{0,40})\.?[0-9]{0,40}|[-+0-9.eE ]{0,8}`).Draw(t, "text")
		want, err := money.ParseQuantity(text)
		got, ok := parseNumber([]byte(text))
		if ok != (err == nil) {
			t.Fatalf("%q: ok %v, money says %v", text, ok, err)
		}
		if !ok {
			return
		}
		m := new(big.Int).SetUint64(got.coefficient.hi)
		m.Lsh(m, 64).Add(m, new(big.Int).SetUint64(got.coefficient.lo))
		if got.negative {
			m.Neg(m)
		}
		if have := new(big.Rat).SetFrac(m, pow10(got.scale)); have.Cmp(want.Decimal().Rat()) != 0 {
			t.Fatalf("%q: %s", text, have.RatString())
		}
	})
}

func TestFloatNumber_IsTheShortestDecimalText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.OneOf(rapid.Float64(), rapid.Float64Range(-1e6, 1e6), rapid.Map(rapid.IntRange(-1e6, 1e6), func(n int) float64 { return float64(n) / 100 })).Draw(t, "v")
		got, ok := floatNumber(v, 64)
		if math.IsNaN(v) || math.IsInf(v, 0) {
			if ok {
				t.Fatalf("%g is a number", v)
			}
			return
		}
		want, _ := new(big.Rat).SetString(strconv.FormatFloat(v, 'g', -1, 64))
		m := new(big.Rat).SetInt(new(big.Int).SetUint64(got.coefficient.lo))
		if got.coefficient.hi != 0 {
			t.Fatalf("%g: more digits than a double has", v)
		}
		if got.negative {
			m.Neg(m)
		}
		if p := new(big.Rat).SetInt(pow10(max(got.scale, -got.scale))); got.scale > 0 {
			m.Quo(m, p)
		} else {
			m.Mul(m, p)
		}
		if !ok || m.Cmp(want) != 0 {
			t.Fatalf("%g: %s, want %s", v, m.RatString(), want.RatString())
		}
	})
}

func TestFloatNumber_RefusesWhatIsNoNumberAndKeepsFloatsShort(t *testing.T) {
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if _, ok := floatNumber(v, 64); ok {
			t.Errorf("%g is a number", v)
		}
	}
	n, _ := floatNumber(float64(float32(1.1)), 32) // 1.10000002384185791015625 as a double
	if v, _, _ := n.store(12); v != (money.Int128{Lo: 1_100_000_000_000}) {
		t.Errorf("float 1.1 is stored as %s", v.Big())
	}
	for text, v := range map[string]float64{"overflow": 1e300, "27 digits before the point": 1e26} {
		if n, ok := floatNumber(v, 64); !ok {
			t.Errorf("%s is no number", text)
		} else if _, _, ok := n.store(12); ok {
			t.Errorf("%s fits 38 digits at 12 places", text)
		}
	}
	n, _ = floatNumber(5e-324, 64)
	if v, rounded, ok := n.store(12); !ok || !rounded || v != (money.Int128{}) {
		t.Errorf("the smallest double: %s, rounded %v, ok %v", v.Big(), rounded, ok)
	}
}

func TestTotal_IsExactBeyond128Bits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var sum Total
		want := new(big.Int)
		for range rapid.IntRange(0, 20).Draw(t, "n") {
			v := money.Int128{Lo: rapid.Uint64().Draw(t, "lo"), Hi: rapid.Int64Range(-0x4B3B4CA85A86C47A, 0x4B3B4CA85A86C479).Draw(t, "hi")}
			if rapid.Bool().Draw(t, "level") {
				n := rapid.Uint64Range(0, uint64(microsPerDay)).Draw(t, "micros")
				sum = sum.Plus(levelTotal(v, n))
				want.Add(want, new(big.Int).Mul(v.Big(), new(big.Int).SetUint64(n)))
				continue
			}
			sum = sum.Add(v)
			want.Add(want, v.Big())
		}
		if got := sum.Quantity(0).Decimal().BigInt(); got.Cmp(want) != 0 {
			t.Fatalf("sum %s, want %s", got, want)
		}
		v, ok := sum.fixed()
		if fits := new(big.Int).Abs(want).Cmp(pow10(38)) < 0; ok != fits || (ok && v.Big().Cmp(want) != 0) {
			t.Fatalf("fixed %s, %v; want %s, %v", v.Big(), ok, want, fits)
		}
		quotient, _ := stored(new(big.Rat).SetFrac(want, pow10(6+places)), places)
		if got := sum.perMillion().Quantity(0).Decimal().BigInt(); got.Cmp(quotient) != 0 {
			t.Fatalf("per million %s, want %s", got, quotient)
		}
	})
}
