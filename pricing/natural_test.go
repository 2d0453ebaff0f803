package pricing

import (
	"math/big"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"daybook/pricing/money"
)

// anyNatural draws numbers of any bit length, all ones and round ones among them.
var anyNatural = rapid.Custom(func(t *rapid.T) natural {
	v := natural{rapid.Uint64().Draw(t, "hi"), rapid.Uint64().Draw(t, "lo")}
	switch rapid.IntRange(0, 3).Draw(t, "shape") {
	case 0:
		v.hi = 0
	case 1:
		v.lo = rapid.SampledFrom([]uint64{0, 1, ^uint64(0)}).Draw(t, "round")
	case 2:
		v.hi >>= rapid.IntRange(1, 63).Draw(t, "shift")
	}
	v.hi &= topBit - 1
	return v
})

func (a natural) big() *big.Int { return a.int128(false).Big() }

func sameNatural(t *rapid.T, what string, got natural, ok bool, want *big.Int) {
	fits := want.Sign() >= 0 && want.BitLen() <= 127
	if ok != fits || ok && got.big().Cmp(want) != 0 {
		t.Fatalf("%s is %s, %v; want %s", what, got.big(), ok, want)
	}
}

// Everything that a natural computes is what math/big computes.
func TestNatural_ComputesLikeBigIntegers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyNatural.Draw(t, "a"), anyNatural.Draw(t, "b")
		sum, ok := a.add(b)
		sameNatural(t, "sum", sum, ok, new(big.Int).Add(a.big(), b.big()))
		product, ok := a.mul(b)
		sameNatural(t, "product", product, ok, new(big.Int).Mul(a.big(), b.big()))
		if a.less(b) != (a.big().Cmp(b.big()) < 0) {
			t.Fatalf("%s less than %s: %v", a.big(), b.big(), a.less(b))
		}
		if !a.less(b) {
			sameNatural(t, "difference", a.sub(b), true, new(big.Int).Sub(a.big(), b.big()))
		}
		if got := a.int128(true).Big(); got.CmpAbs(a.big()) != 0 || got.Sign() > 0 {
			t.Fatalf("the negative of %s is %s", a.big(), got)
		}
		if back, negative, ok := magnitudeOf(a.int128(true)); back != a || negative == a.isZero() || !ok {
			t.Fatalf("the magnitude of −%s is %s", a.big(), back.big())
		}
		if b.isZero() {
			return
		}
		q, rest := a.quoRem(b)
		wantQ, wantRest := new(big.Int).QuoRem(a.big(), b.big(), new(big.Int))
		sameNatural(t, "quotient", q, true, wantQ)
		sameNatural(t, "rest", rest, true, wantRest)
	})
}

// A quotient next to a half goes the way its rule says: 7 ÷ 2, 5 ÷ 2, 7 ÷ 3 and
// 8 ÷ 3 are 3.5, 2.5, 2.33 and 2.67.
func TestNatural_RoundsByItsRule(t *testing.T) {
	for mode, want := range map[money.Rounding][4]uint64{
		money.HalfUp: {4, 3, 2, 3}, money.HalfEven: {4, 2, 2, 3}, money.Up: {4, 3, 3, 3}, money.Down: {3, 2, 2, 2}, "": {4, 3, 2, 3},
	} {
		for i, of := range [4][2]uint64{{7, 2}, {5, 2}, {7, 3}, {8, 3}} {
			if got := (natural{0, of[0]}).quo(natural{0, of[1]}, mode); got != (natural{0, want[i]}) {
				t.Errorf("%d ÷ %d %s is %s, want %d", of[0], of[1], mode, got.big(), want[i])
			}
		}
	}
	// 2^126 ÷ 2^127 would be one half, were there a 2^127; with 2^127 − 1 it is more.
	if got := (natural{1 << 62, 0}).quo(natural{topBit - 1, ^uint64(0)}, money.HalfEven); got != (natural{0, 1}) {
		t.Errorf("more than a half is %s, want 1", got.big())
	}
}

func TestNatural_ReadsWholeNumbersAlone(t *testing.T) {
	for _, c := range []struct {
		text   string
		places int32
		want   string // "" : refused
	}{
		{"12.34", 2, "1234"},
		{"12.34", 1, ""},
		{"12.340", 2, "1234"},
		{"-1", 0, ""},
		{"0", 12, "0"},
		{"1700", -2, "17"},
		{"170141183460469231731687303715884105727", 0, "170141183460469231731687303715884105727"}, // 2^127 − 1
		{"170141183460469231731687303715884105728", 0, ""},
		{"1", 40, ""},
		{"0.00000000000000000001", 20, "1"},
		{"0.00000000000000000000000000000000000001", 38, "1"},
	} {
		got, ok := wholeOf(decimal.RequireFromString(c.text), c.places)
		if ok != (c.want != "") || ok && got.big().String() != c.want {
			t.Errorf("%s × 10^%d is %s, %v; want %q", c.text, c.places, got.big(), ok, c.want)
		}
	}
}

func TestNatural_NamesItsBounds(t *testing.T) {
	for power, bound := range map[int64]natural{38: storable, 26: mostBlocks} {
		if want := new(big.Int).Exp(big.NewInt(10), big.NewInt(power), nil); bound.big().Cmp(want) != 0 {
			t.Errorf("10^%d is %s", power, bound.big())
		}
	}
	if _, _, ok := magnitudeOf(money.Int128{Hi: -1 << 63}); ok {
		t.Error("−2^127 has no magnitude of 127 bits")
	}
}
