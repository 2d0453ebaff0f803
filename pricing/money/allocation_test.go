package money_test

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"daybook/pricing/money"
	"daybook/pricing/pricingtest"
)

func amounts(texts ...string) []money.Amount {
	out := make([]money.Amount, len(texts))
	for i, text := range texts {
		out[i] = money.MustAmount(text)
	}
	return out
}

func TestAllocate_GivesRemaindersToTheLargest(t *testing.T) {
	for _, c := range []struct {
		name    string
		total   string
		weights []money.Amount
		places  int32
		want    []money.Amount
	}{
		{"thirds, ties to the earlier", "100", amounts("1", "1", "1"), 2, amounts("33.34", "33.33", "33.33")},
		{"negated total", "-100", amounts("1", "1", "1"), 2, amounts("-33.34", "-33.33", "-33.33")},
		{"negative weights", "-10", amounts("-1", "-3"), 2, amounts("-2.5", "-7.5")},
		// Shares 1.25, 2.5 and 6.25 cents: 1, 2 and 6 and the largest rest is the second's.
		{"largest rest", "0.10", amounts("1", "2", "5"), 2, amounts("0.01", "0.03", "0.06")},
		{"no weight, no part", "1", amounts("0", "3", "0"), 2, amounts("0", "1", "0")},
		{"all zero: evenly", "0.05", amounts("0", "0", "0"), 2, amounts("0.02", "0.02", "0.01")},
		{"whole units", "10", amounts("1", "1", "1"), 0, amounts("4", "3", "3")},
		{"fractional weights", "1", amounts("0.001", "0.0005"), 2, amounts("0.67", "0.33")},
		{"nothing", "0", amounts("5", "1"), 2, amounts("0", "0")},
		{"both signs", "1", amounts("3", "-1"), 2, amounts("1.5", "-0.5")},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := money.Allocate(money.MustAmount(c.total), c.weights, c.places)
			if err != nil {
				t.Fatal(err)
			}
			for i := range c.want {
				if got[i].Cmp(c.want[i]) != 0 {
					t.Errorf("part %d is %s, want %s (all: %s)", i, got[i], c.want[i], got)
				}
			}
		})
	}
}

func TestAllocate_RefusesWhatCannotSumUp(t *testing.T) {
	for name, c := range map[string]struct {
		total   string
		weights []money.Amount
	}{
		"a total with more places": {"0.001", amounts("1")},
		"nobody":                   {"1", nil},
		"weights that cancel":      {"1", amounts("2", "-2")},
	} {
		if parts, err := money.Allocate(money.MustAmount(c.total), c.weights, 2); err == nil {
			t.Errorf("%s: got %s, want an error", name, parts)
		}
	}
	if parts, err := money.Allocate(money.Amount{}, nil, 2); err != nil || len(parts) != 0 {
		t.Errorf("nothing to nobody: %s, %v", parts, err)
	}
}

func TestAllocate_PartsSumAndAgreeWithTheOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.Map(pricingtest.Decimals(10_000, 2, false), money.MustAmount).Draw(t, "total")
		weights := rapid.SliceOfN(pricingtest.Amounts(5, false), 1, 8).Draw(t, "weights")
		got, err := money.Allocate(total, weights, 2)
		if err != nil {
			t.Fatal(err)
		}
		rats := make([]*big.Rat, len(weights))
		for i, w := range weights {
			rats[i] = pricingtest.Rat(w)
		}
		var sum money.Amount
		for i, want := range pricingtest.Allocate(pricingtest.Rat(total), rats, 2) {
			if pricingtest.Rat(got[i]).Cmp(want) != 0 {
				t.Fatalf("part %d of %s by %s is %s, want %s", i, total, weights, got[i], want)
			}
			sum = sum.Add(got[i])
		}
		if sum.Cmp(total) != 0 {
			t.Fatalf("parts of %s sum to %s", total, sum)
		}
		mirrored, err := money.Allocate(total.Neg(), weights, 2)
		for i := range got {
			if err != nil || mirrored[i].Cmp(got[i].Neg()) != 0 {
				t.Fatalf("−%s gives %s, want the negation of %s", total, mirrored, got)
			}
		}
	})
}

func TestRoundTogether_KeepsLinesWithinACentAndTheirSum(t *testing.T) {
	// 0.005 + 0.005 − 0.003 = 0.007, which rounds to one cent: the first of the
	// two largest remainders gets it after the third (−0.01 + 0.007) had its own.
	parts, total := money.RoundTogether(amounts("0.005", "0.005", "-0.003"), 2, money.HalfUp)
	want := amounts("0.01", "0", "0")
	if total.String() != "0.01" || parts[0].Cmp(want[0]) != 0 || parts[1].Cmp(want[1]) != 0 || parts[2].Cmp(want[2]) != 0 {
		t.Errorf("got %s, sum %s; want %s", parts, total, want)
	}
	if parts, total := money.RoundTogether(nil, 2, money.HalfUp); len(parts) != 0 || !total.IsZero() {
		t.Errorf("no lines: %s, %s", parts, total)
	}
	rapid.Check(t, func(t *rapid.T) {
		exact := rapid.SliceOfN(pricingtest.Amounts(6, true), 1, 8).Draw(t, "exact")
		places, mode := rapid.Int32Range(0, 4).Draw(t, "places"), pricingtest.Roundings().Draw(t, "mode")
		parts, total := money.RoundTogether(exact, places, mode)
		var sum, want money.Amount
		unit := money.MustAmount("1").Fraction()
		for range places {
			unit = unit.Mul(money.Ratio(1, 10))
		}
		for i, part := range parts {
			sum, want = sum.Add(part), want.Add(exact[i])
			if gap := part.Sub(exact[i]).Fraction().Abs(); gap.Cmp(unit) > 0 {
				t.Fatalf("part %d of %s is %s", i, exact, part)
			}
			if part.Round(places, money.Down).Cmp(part) != 0 {
				t.Fatalf("part %s has more than %d places", part, places)
			}
		}
		if sum.Cmp(total) != 0 || total.Cmp(want.Round(places, mode)) != 0 {
			t.Fatalf("parts of %s sum to %s; total %s", exact, sum, total)
		}
	})
}
