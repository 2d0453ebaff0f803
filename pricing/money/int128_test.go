package money_test

import (
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"daybook/pricing/money"
	"daybook/pricing/pricingtest"
)

var int128s = rapid.Custom(func(t *rapid.T) money.Int128 {
	edges := []uint64{0, 1, math.MaxInt64, 1 << 63, math.MaxUint64}
	word := rapid.OneOf(rapid.SampledFrom(edges), rapid.Uint64())
	return money.Int128{Lo: word.Draw(t, "lo"), Hi: int64(word.Draw(t, "hi"))}
})

func fits128(v *big.Int) bool {
	bound := new(big.Int).Lsh(big.NewInt(1), 127)
	return v.Cmp(bound) < 0 && v.Cmp(new(big.Int).Neg(bound)) >= 0
}

func TestInt128_IsABigIntThatReportsOverflow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := int128s.Draw(t, "a"), int128s.Draw(t, "b")
		sum, ok := a.Add(b)
		check128(t, "add", sum, ok, new(big.Int).Add(a.Big(), b.Big()))
		diff, ok := a.Sub(b)
		check128(t, "sub", diff, ok, new(big.Int).Sub(a.Big(), b.Big()))
		if a.Cmp(b) != a.Big().Cmp(b.Big()) || a.Cmp(a) != 0 {
			t.Fatalf("Cmp(%s, %s) = %d", a.Big(), b.Big(), a.Cmp(b))
		}
		back, ok := money.Int128FromBig(a.Big())
		if !ok || back != a {
			t.Fatalf("%s came back as %s, %v", a.Big(), back.Big(), ok)
		}
	})
}

func check128(t *rapid.T, op string, got money.Int128, ok bool, want *big.Int) {
	if ok != fits128(want) {
		t.Fatalf("%s: ok = %v for %s", op, ok, want)
	}
	if ok && got.Big().Cmp(want) != 0 {
		t.Fatalf("%s = %s, want %s", op, got.Big(), want)
	}
}

func TestInt128_WidensSigned(t *testing.T) {
	for _, n := range []int64{0, 1, -1, math.MinInt64, math.MaxInt64} {
		if got := money.Int128Of(n).Big(); got.Cmp(big.NewInt(n)) != 0 {
			t.Errorf("Int128Of(%d) = %s", n, got)
		}
	}
	a := money.Int128Of(-5)
	if a.Cmp(money.Int128Of(3)) != -1 || money.Int128Of(3).Cmp(a) != 1 || money.Int128Of(4).Cmp(money.Int128Of(3)) != 1 || money.Int128Of(3).Cmp(money.Int128Of(4)) != -1 {
		t.Error("order is not that of integers")
	}
}

func TestInt128FromBig_RefusesWhatDoesNotFit(t *testing.T) {
	bound := new(big.Int).Lsh(big.NewInt(1), 127)
	if _, ok := money.Int128FromBig(bound); ok {
		t.Error("2^127 fits")
	}
	if v, ok := money.Int128FromBig(new(big.Int).Neg(bound)); !ok || v != (money.Int128{Hi: math.MinInt64}) {
		t.Errorf("−2^127 = %v, %v", v, ok)
	}
	if _, ok := money.Int128FromBig(new(big.Int).Sub(new(big.Int).Neg(bound), big.NewInt(1))); ok {
		t.Error("−2^127 − 1 fits")
	}
}

func TestFixed_RoundsHalfEvenAtTheScale(t *testing.T) {
	for _, c := range []struct {
		text  string
		scale int32
		want  int64
	}{
		{"1", 12, 1_000_000_000_000},
		{"0.0000000000005", 12, 0},
		{"0.0000000000015", 12, 2},
		{"0.00000000000051", 12, 1},
		{"-0.0000000000015", 12, -2},
		{"2.5", 0, 2},
		{"3.5", 0, 4},
		{"1250", -2, 12},
		{"1350", -2, 14},
	} {
		got, err := money.MustQuantity(c.text).Fixed(c.scale)
		if err != nil || got != money.Int128Of(c.want) {
			t.Errorf("Fixed(%s, %d) = %s, %v; want %d", c.text, c.scale, got.Big(), err, c.want)
		}
	}
}

func TestFixed_RoundTripsAtItsScale(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := pricingtest.Decimals(1<<40, 20, true).Draw(t, "text")
		a := money.MustAmount(text)
		fixed, err := a.Fixed(20)
		if err != nil || money.AmountFromFixed(fixed, 20).Cmp(a) != 0 {
			t.Fatalf("%s: %v", text, err)
		}
		q := money.MustQuantity(text)
		fixed, err = q.Fixed(12)
		want := pricingtest.Round(pricingtest.RatOf(text), 12, money.HalfEven)
		if err != nil || pricingtest.Rat(fixed.Quantity(12)).Cmp(want) != 0 {
			t.Fatalf("%s: %s, %v; want %s", text, fixed.Quantity(12), err, want)
		}
	})
}

func TestFixed_OverflowsAbove38Digits(t *testing.T) {
	nines := strings.Repeat("9", 38)
	if v, err := money.MustAmount(nines).Fixed(0); err != nil || v.Big().String() != nines {
		t.Errorf("38 nines: %s, %v", v.Big(), err)
	}
	if _, err := money.MustAmount(nines).Add(money.MustAmount("1")).Fixed(0); !errors.Is(err, money.ErrOverflow) {
		t.Errorf("10^38: %v, want ErrOverflow", err)
	}
	// 2^127 − 1 has 39 digits: it fits the integer, but no DECIMAL(38).
	if _, err := money.MustQuantity(nines).Fixed(1); !errors.Is(err, money.ErrOverflow) {
		t.Errorf("39 digits: %v, want ErrOverflow", err)
	}
}

// However many zeros a fixed number ends in, of whatever sign and size, it is
// the same number as a decimal.
func TestAmountFromFixed_IsTheWholeNumberShifted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := int128s.Draw(t, "v").Big()
		zeros := new(big.Int).Exp(big.NewInt(10), big.NewInt(rapid.Int64Range(0, 38).Draw(t, "zeros")), nil)
		v.Mul(v.Quo(v, zeros), zeros)
		fixed, ok := money.Int128FromBig(v)
		if !ok {
			t.Fatalf("%s does not fit", v)
		}
		want := new(big.Rat).Quo(new(big.Rat).SetInt(v), pricingtest.RatOf("100000000000000000000"))
		if got := money.AmountFromFixed(fixed, 20); pricingtest.Rat(got).Cmp(want) != 0 {
			t.Fatalf("%s × 10^−20 is %s", v, got)
		}
		if got := fixed.Quantity(20); pricingtest.Rat(got).Cmp(want) != 0 {
			t.Fatalf("%s × 10^−20 is the quantity %s", v, got)
		}
	})
}

// Short numbers take a way of their own.
func TestFixed_ShortNumbersAreTheSameAsLong(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(-999_999_999_999_999_999, 999_999_999_999_999_999).Draw(t, "n")
		places := rapid.Int32Range(0, 20).Draw(t, "places")
		scale := rapid.Int32Range(places, 20).Draw(t, "scale")
		got, err := money.Int128Of(n).Quantity(places).Fixed(scale)
		want := new(big.Int).Mul(big.NewInt(n), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale-places)), nil))
		if err != nil || got.Big().Cmp(want) != 0 {
			t.Fatalf("%d × 10^-%d at %d places: %s, %v; want %s", n, places, scale, got.Big(), err, want)
		}
	})
}
