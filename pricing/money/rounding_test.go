package money_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"daybook/pricing/money"
	"daybook/pricing/pricingtest"
)

func TestRound_FollowsItsNamedRule(t *testing.T) {
	for _, c := range []struct {
		in     string
		places int32
		up     [4]string // half up, half even, up, down
	}{
		{"10.125", 2, [4]string{"10.13", "10.12", "10.13", "10.12"}},
		{"10.135", 2, [4]string{"10.14", "10.14", "10.14", "10.13"}},
		{"-10.125", 2, [4]string{"-10.13", "-10.12", "-10.13", "-10.12"}},
		{"10.121", 2, [4]string{"10.12", "10.12", "10.13", "10.12"}},
		{"10.129", 2, [4]string{"10.13", "10.13", "10.13", "10.12"}},
		{"0.5", 0, [4]string{"1", "0", "1", "0"}},
		{"1.5", 0, [4]string{"2", "2", "2", "1"}},
		{"-0.5", 0, [4]string{"-1", "0", "-1", "0"}},
		{"150", -2, [4]string{"200", "200", "200", "100"}},
		{"250", -2, [4]string{"300", "200", "300", "200"}},
		{"12", 2, [4]string{"12", "12", "12", "12"}},
		{"0.004", 2, [4]string{"0", "0", "0.01", "0"}},
	} {
		for i, mode := range []money.Rounding{money.HalfUp, money.HalfEven, money.Up, money.Down} {
			if got := money.MustAmount(c.in).Round(c.places, mode); got.Cmp(money.MustAmount(c.up[i])) != 0 {
				t.Errorf("Round(%s, %d, %s) = %s, want %s", c.in, c.places, mode, got, c.up[i])
			}
			if got := money.MustQuantity(c.in).Round(c.places, mode); got.Cmp(money.MustQuantity(c.up[i])) != 0 {
				t.Errorf("quantity Round(%s, %d, %s) = %s, want %s", c.in, c.places, mode, got, c.up[i])
			}
		}
	}
}

func TestRound_AgreesWithTheOracleAndMirrors(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := pricingtest.Amounts(8, true).Draw(t, "a")
		places, mode := rapid.Int32Range(-3, 9).Draw(t, "places"), pricingtest.Roundings().Draw(t, "mode")
		got := a.Round(places, mode)
		if want := pricingtest.Round(pricingtest.Rat(a), int(places), mode); pricingtest.Rat(got).Cmp(want) != 0 {
			t.Fatalf("Round(%s, %d, %s) = %s, want %s", a, places, mode, got, want)
		}
		if a.Neg().Round(places, mode).Cmp(got.Neg()) != 0 {
			t.Fatalf("Round(−%s) is not −Round(%s)", a, a)
		}
	})
}

func TestRound_UnnamedRuleIsHalfUp(t *testing.T) {
	if got := money.MustAmount("0.125").Round(2, ""); got.String() != "0.13" {
		t.Errorf("got %s, want 0.13", got)
	}
	if money.Rounding("").Valid() || money.Rounding("nearest").Valid() || !money.HalfEven.Valid() {
		t.Error("Valid does not tell the four roundings from others")
	}
}

func TestCheck_StopsWhatAColumnCannotHold(t *testing.T) {
	for _, c := range []struct {
		text string
		fits bool
	}{
		{"999999999999999999.99999999999999999999", true}, // 18 + 20 digits
		{"-999999999999999999.99999999999999999999", true},
		{"999999999999999999.999999999999999999994", false}, // 39 digits: it does not even parse
		{"1000000000000000000", false},
		{"-1000000000000000000", false},
	} {
		a, err := money.ParseAmount(c.text)
		if err == nil {
			err = a.Check()
		}
		if (err == nil) != c.fits || !c.fits && !errors.Is(err, money.ErrOverflow) {
			t.Errorf("%s: %v, want fits = %v", c.text, err, c.fits)
		}
	}
	largest := money.MustQuantity("99999999999999999999999999.999999999999") // 26 + 12 digits
	if err := largest.Check(); err != nil {
		t.Errorf("26 digits before the point: %v", err)
	}
	if err := largest.Add(money.MustQuantity("0.0000000000005")).Check(); !errors.Is(err, money.ErrOverflow) {
		t.Errorf("rounding up to 27 digits: %v, want ErrOverflow", err)
	}
}

// The quick answer of Check and the exact one of Fixed never contradict each
// other, at the last digit that fits least of all.
func TestCheck_AgreesWithFixed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`-?[1-9][0-9]{0,28}(\.[0-9]{1,9})?|9{17,19}(\.9{1,19})?|9{25,27}(\.9{1,11})?`).Draw(t, "number")
		a, err := money.ParseAmount(text)
		q, errQ := money.ParseQuantity(text)
		if err != nil || errQ != nil {
			t.Skip("more digits than are read")
		}
		if _, err := a.Fixed(money.SeriesPlaces); (err == nil) != (a.Check() == nil) {
			t.Fatalf("amount %s: Check is %v, Fixed %v", a, a.Check(), err)
		}
		if _, err := q.Fixed(money.QuantityPlaces); (err == nil) != (q.Check() == nil) {
			t.Fatalf("quantity %s: Check is %v, Fixed %v", q, q.Check(), err)
		}
	})
}

func TestRound_ManyPlacesAreExact(t *testing.T) {
	third, _ := money.Whole(1).Quo(money.Whole(3))
	got := third.Round(70, money.Down).Rat() // beyond the powers of ten that are kept
	want := pricingtest.Round(third.Rat(), 70, money.Down)
	if got.Cmp(want) != 0 {
		t.Errorf("a third to 70 places is %s, want %s", got.FloatString(70), want.FloatString(70))
	}
}
