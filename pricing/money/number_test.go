package money_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"daybook/pricing/money"
	"daybook/pricing/pricingtest"
)

// edgeDecimals have coefficients on both sides of what one word holds.
var edgeDecimals = rapid.Custom(func(t *rapid.T) decimal.Decimal {
	exp := rapid.Int32Range(-22, 4).Draw(t, "exp")
	word := rapid.OneOf(
		rapid.SampledFrom([]int64{0, 1, -1, 5, -5, 10, math.MaxInt64, math.MinInt64, math.MaxInt64 - 1, math.MinInt64 + 1, 1e18, -1e18, 1e18 - 1, 5e17}),
		rapid.Int64Range(-1_000_000, 1_000_000), rapid.Int64(),
	).Draw(t, "word")
	if rapid.IntRange(0, 7).Draw(t, "long") > 0 {
		return decimal.New(word, exp)
	}
	wide := new(big.Int).Mul(big.NewInt(word), big.NewInt(rapid.Int64().Draw(t, "by")))
	return decimal.NewFromBigInt(wide, exp)
})

func TestAmounts_DoWhatTheDecimalLibraryDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, y := edgeDecimals.Draw(t, "x"), edgeDecimals.Draw(t, "y")
		a, b := money.AmountOf(x), money.AmountOf(y)
		for name, pair := range map[string][2]decimal.Decimal{
			"x": {a.Decimal(), x}, "-x": {a.Neg().Decimal(), x.Neg()},
			"x + y": {a.Add(b).Decimal(), x.Add(y)}, "x - y": {a.Sub(b).Decimal(), x.Sub(y)},
			"x × y": {a.Fraction().Mul(b.Fraction()).Round(90, money.Down).Amount().Decimal(), x.Mul(y).RoundBank(20)},
		} {
			if got, want := pair[0], pair[1]; got.Cmp(want) != 0 || name != "x × y" && got.Exponent() != want.Exponent() {
				t.Fatalf("%s: x = %s, y = %s: got %s, want %s", name, x, y, got, want)
			}
		}
		if a.Cmp(b) != x.Cmp(y) || a.Sign() != x.Sign() || a.IsZero() != x.IsZero() {
			t.Fatalf("%s is compared with %s as %d, its sign is %d", x, y, a.Cmp(b), a.Sign())
		}
		if text, _ := a.MarshalText(); a.String() != x.String() || string(text) != x.String() {
			t.Fatalf("%s is written %s and %s", x, a, text)
		}
	})
}

func TestAmounts_RoundLongAndShortNumbersAlike(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, mode := edgeDecimals.Draw(t, "x"), pricingtest.Roundings().Draw(t, "mode")
		den := rapid.OneOf(rapid.Int64Range(1, 50), rapid.Int64Range(1, math.MaxInt64)).Draw(t, "den")
		places := rapid.Int32Range(-3, 21).Draw(t, "places")
		a, exact := money.AmountOf(x), new(big.Rat).Quo(x.Rat(), new(big.Rat).SetInt64(den))
		got := a.Fraction().Mul(money.Ratio(1, den)).Round(places, mode)
		if want := pricingtest.Round(exact, int(places), mode); got.Rat().Cmp(want) != 0 {
			t.Fatalf("%s ÷ %d to %d places, %s: got %s, want %s", x, den, places, mode, got, want.FloatString(25))
		}
		v, err := a.Fixed(20)
		want := pricingtest.Round(new(big.Rat).Mul(x.Rat(), new(big.Rat).SetInt(tenTo(20))), 0, money.HalfEven).Num()
		if fits := new(big.Int).Abs(want).Cmp(tenTo(money.MaxDigits)) < 0; fits != (err == nil) || fits && v.Big().Cmp(want) != 0 {
			t.Fatalf("%s has 20 places as %s, %v; want %s", x, v.Big(), err, want)
		}
		if (a.Check() == nil) != (err == nil) {
			t.Fatalf("Check of %s is %v, of its digits %v", x, a.Check(), err)
		}
	})
}

func TestRoundTogether_RoundsLongAndShortNumbersAlike(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		short := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) money.Amount {
			return money.AmountOf(decimal.New(rapid.Int64Range(-5_000_000_000, 5_000_000_000).Draw(t, "n"), rapid.Int32Range(-6, 0).Draw(t, "exp")))
		}), 1, 8).Draw(t, "amounts")
		places, mode := rapid.Int32Range(-2, 4).Draw(t, "places"), pricingtest.Roundings().Draw(t, "mode")
		// The same numbers with zeros that do not fit a word.
		long := make([]money.Amount, len(short))
		for i, a := range short {
			d := a.Decimal()
			zeros := new(big.Int).Mul(d.Coefficient(), tenTo(30))
			long[i] = money.AmountOf(decimal.NewFromBigInt(zeros, d.Exponent()-30))
		}
		parts, total := money.RoundTogether(short, places, mode)
		others, same := money.RoundTogether(long, places, mode)
		if total.Cmp(same) != 0 {
			t.Fatalf("%v: total %s, with zeros %s", short, total, same)
		}
		for i := range parts {
			if parts[i].Cmp(others[i]) != 0 {
				t.Fatalf("%v: part %d is %s, with zeros %s", short, i, parts[i], others[i])
			}
		}
	})
}

func tenTo(n int64) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(n), nil) }

func TestAmounts_OfOneWordTakeNoMemory(t *testing.T) {
	a, b := money.MustAmount("123456.78"), money.MustAmount("-0.0375")
	var c money.Amount
	allocated := testing.AllocsPerRun(100, func() {
		c = a.Add(b).Sub(b).Neg().Round(2, money.HalfUp)
		if _, err := c.Fixed(20); err != nil || c.Check() != nil || c.Cmp(a) > 0 {
			c = b
		}
	})
	if allocated > 0 || c.String() != "-123456.78" {
		t.Errorf("%g allocations for %s", allocated, c)
	}
}
