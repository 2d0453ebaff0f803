package money_test

import (
	"errors"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"daybook/pricing/money"
	"daybook/pricing/pricingtest"
)

// fractions draws sums and products of ratios, so that denominators grow past
// the size at which they are reduced.
var fractions = rapid.Custom(func(t *rapid.T) money.Fraction {
	f := pricingtest.Fractions(true).Draw(t, "f")
	for range rapid.IntRange(0, 4).Draw(t, "factors") {
		f = f.Mul(money.Ratio(rapid.Int64Range(-1<<40, 1<<40).Draw(t, "num"), rapid.Int64Range(1, 1<<40).Draw(t, "den")))
	}
	return f
})

func TestFraction_ComputesAsRationalsDo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, g := fractions.Draw(t, "f"), fractions.Draw(t, "g")
		x, y := f.Rat(), g.Rat()
		same(t, "add", f.Add(g), new(big.Rat).Add(x, y))
		same(t, "sub", f.Sub(g), new(big.Rat).Sub(x, y))
		same(t, "sub self", f.Sub(f), new(big.Rat))
		same(t, "mul", f.Mul(g), new(big.Rat).Mul(x, y))
		same(t, "neg", f.Neg(), new(big.Rat).Neg(x))
		same(t, "abs", f.Abs(), new(big.Rat).Abs(x))
		if f.Cmp(g) != x.Cmp(y) || f.Sign() != x.Sign() || f.IsZero() != (x.Sign() == 0) {
			t.Fatalf("Cmp(%s, %s) = %d", f, g, f.Cmp(g))
		}
		if f.Min(g).Cmp(f) > 0 || f.Min(g).Cmp(g) > 0 || f.Min(g).Cmp(g.Min(f)) != 0 {
			t.Fatalf("Min(%s, %s) = %s", f, g, f.Min(g))
		}
		switch quotient, err := f.Quo(g); {
		case g.IsZero():
			if !errors.Is(err, money.ErrDivideByZero) {
				t.Fatalf("%s / 0: %v", f, err)
			}
		case err != nil:
			t.Fatal(err)
		default:
			same(t, "quo", quotient, new(big.Rat).Quo(x, y))
		}
	})
}

func same(t *rapid.T, op string, got money.Fraction, want *big.Rat) {
	if got.Rat().Cmp(want) != 0 {
		t.Fatalf("%s = %s, want %s", op, got, want)
	}
}

func TestFraction_RoundsOnceAsTheOracleDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := fractions.Draw(t, "f")
		places, mode := rapid.Int32Range(-3, 20).Draw(t, "places"), pricingtest.Roundings().Draw(t, "mode")
		same(t, "round", f.Round(places, mode), pricingtest.Round(f.Rat(), int(places), mode))
		if got, want := f.Amount(), pricingtest.Round(f.Rat(), 20, money.HalfEven); pricingtest.Rat(got).Cmp(want) != 0 {
			t.Fatalf("Amount of %s = %s", f, got)
		}
		if got, want := f.Quantity(), pricingtest.Round(f.Rat(), 12, money.HalfEven); pricingtest.Rat(got).Cmp(want) != 0 {
			t.Fatalf("Quantity of %s = %s", f, got)
		}
		if f.Sign() >= 0 {
			same(t, "ceil", f.Ceil(), pricingtest.Round(f.Rat(), 0, money.Up))
			same(t, "floor", f.Floor(), pricingtest.Round(f.Rat(), 0, money.Down))
		} else {
			same(t, "ceil", f.Ceil(), pricingtest.Round(f.Rat(), 0, money.Down))
			same(t, "floor", f.Floor(), pricingtest.Round(f.Rat(), 0, money.Up))
		}
	})
}

func TestFraction_DividesOnceAndNotBefore(t *testing.T) {
	third := money.Ratio(1, 3)
	if got := third.Mul(money.Whole(3)).Amount(); got.String() != "1" {
		t.Errorf("1/3 × 3 = %s, want 1", got)
	}
	if got := third.Amount().String(); got != "0."+strings.Repeat("3", 20) {
		t.Errorf("1/3 = %s, want 20 places", got)
	}
	if got := third.Quantity().String(); got != "0."+strings.Repeat("3", 12) {
		t.Errorf("1/3 as a quantity = %s, want 12 places", got)
	}
}

// The amounts of the CloudSigma ledger (cloudsigma-docs dumps, examples 39 to
// 47 of the worked examples): quantity × seconds × price ÷ the unit's size,
// divided once, to 20 places.
func TestFraction_CloudSigmaLedgerAmounts(t *testing.T) {
	const gigabyteMonth, gigahertzHour = 1 << 30 * 2592000, 1000 * 3600
	for _, c := range []struct {
		name              string
		quantity, seconds int64
		price             string
		per               int64
		want              string
	}{
		{"39 dssd", 4831838208, 300, "0.28", gigabyteMonth, "0.00014583333333333333"},
		{"41 cpu", 12000, 137, "0.01989", gigahertzHour, "0.0090831"},
		{"43 cpu", 12000, 134, "0.01989", gigahertzHour, "0.0088842"},
		{"45 cpu", 8500, 135, "0.01989", gigahertzHour, "0.0063399375"},
		{"47 cpu", 7500, 133, "0.01938", gigahertzHour, "0.005369875"},
	} {
		f := money.Whole(c.quantity).Mul(money.Whole(c.seconds)).Mul(money.MustAmount(c.price).Fraction()).Mul(money.Ratio(1, c.per))
		if got := f.Amount().String(); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestFraction_ZeroValueIsZero(t *testing.T) {
	var zero money.Fraction
	if !zero.IsZero() || zero.Amount().String() != "0" || zero.Add(money.Whole(2)).Cmp(money.Whole(2)) != 0 || zero.String() != "0" {
		t.Error("the zero value is not 0")
	}
	if !money.Ratio(1, 0).IsZero() {
		t.Error("a ratio over zero charges something")
	}
}

func TestFraction_KeepsOneFormOfSigns(t *testing.T) {
	if got := money.Ratio(1, -2); got.Sign() != -1 || got.Cmp(money.Ratio(-1, 2)) != 0 || got.String() != "-1/2" {
		t.Errorf("1/−2 = %s", got)
	}
}

func TestFraction_ReducesLongDenominators(t *testing.T) {
	f := money.Ratio(1, 86400)
	for range 50 {
		f = f.Mul(money.Ratio(86400, 2592000)).Mul(money.Ratio(2592000, 86400))
	}
	if got := len(f.String()); got > 60 {
		t.Errorf("1/86400 takes %d characters after multiplying by 1 a hundred times", got)
	}
	if f.Cmp(money.Ratio(1, 86400)) != 0 {
		t.Errorf("it became %s", f)
	}
}
