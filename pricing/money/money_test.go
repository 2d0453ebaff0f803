package money_test

import (
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"daybook/pricing/money"
	"daybook/pricing/pricingtest"
)

func TestParse_ReadsStrictDecimals(t *testing.T) {
	for text, want := range map[string]string{
		"0": "0", "-0": "0", "-0.00": "0", "007": "7", "1": "1", "12.50": "12.5", "-12.5": "-12.5", "0.10": "0.1", "100": "100",
		"99999999999999999999999999999999999999":   "99999999999999999999999999999999999999",
		"0.00000000000000000000000000000000000001": "0.00000000000000000000000000000000000001",
	} {
		a, err := money.ParseAmount(text)
		if err != nil || a.String() != want {
			t.Errorf("ParseAmount(%q) = %s, %v; want %s", text, a, err, want)
		}
		q, err := money.ParseQuantity(text)
		if err != nil || q.String() != want {
			t.Errorf("ParseQuantity(%q) = %s, %v; want %s", text, q, err, want)
		}
	}
}

func TestParse_RejectsWhatIsNotAStrictDecimal(t *testing.T) {
	for _, text := range []string{
		"", "-", ".", "1e5", "1E5", "+1", " 1", "1 ", "NaN", "Inf", "-Inf", ".5", "1.", "-.5", "1.2.3", "--1", "1-", "0x10", "1_000", "1,5", "١٢", "1\n",
	} {
		if a, err := money.ParseAmount(text); err == nil {
			t.Errorf("ParseAmount(%q) = %s, want an error", text, a)
		} else if errors.Is(err, money.ErrOverflow) {
			t.Errorf("ParseAmount(%q): %v, want a syntax error", text, err)
		}
	}
}

func TestParse_RejectsMoreThan38Digits(t *testing.T) {
	nines := strings.Repeat("9", 39)
	for _, text := range []string{nines, "-" + nines, nines[:20] + "." + nines[20:], "0." + strings.Repeat("0", 38) + "1", strings.Repeat("0", 77)} {
		if _, err := money.ParseQuantity(text); !errors.Is(err, money.ErrOverflow) {
			t.Errorf("ParseQuantity(%q): %v, want ErrOverflow", text, err)
		}
	}
}

func TestParse_NeverQuotesAWholeLongText(t *testing.T) {
	_, err := money.ParseAmount("x" + strings.Repeat("secret", 100))
	if err == nil || len(err.Error()) > 200 {
		t.Errorf("error has %d bytes: %v", len(err.Error()), err)
	}
}

func TestParse_RoundTripsWhatItFormats(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := pricingtest.Decimals(1<<62, 18, true).Draw(t, "text")
		a := money.MustAmount(text)
		again, err := money.ParseAmount(a.String())
		if err != nil || again.Cmp(a) != 0 || again.String() != a.String() {
			t.Fatalf("%q formats as %q, which parses as %s, %v", text, a, again, err)
		}
		if pricingtest.RatOf(text).Cmp(pricingtest.Rat(a)) != 0 {
			t.Fatalf("%q became %s", text, a)
		}
	})
}

func TestMust_PanicsOnALiteralThatDoesNotParse(t *testing.T) {
	for name, must := range map[string]func(){
		"amount":   func() { money.MustAmount("1e5") },
		"quantity": func() { money.MustQuantity("") },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			must()
		}()
	}
}

func TestAmounts_AddAndCompareExactly(t *testing.T) {
	// One tenth and two tenths make three tenths, which binary floats deny.
	a, b, c := money.MustAmount("0.1"), money.MustAmount("0.2"), money.MustAmount("0.3")
	if a.Add(b).Cmp(c) != 0 || c.Sub(b).Cmp(a) != 0 || a.Cmp(b) != -1 || !a.Sub(a).IsZero() || a.Neg().Sign() != -1 {
		t.Error("amounts are not exact")
	}
	q, r := money.MustQuantity("0.1"), money.MustQuantity("0.2")
	if q.Add(r).Sub(r).Cmp(q) != 0 || r.Cmp(q) != 1 || q.IsZero() || q.Neg().Sign() != -1 {
		t.Error("quantities are not exact")
	}
	if money.QuantityOf(-7).String() != "-7" {
		t.Error("QuantityOf(-7) is not -7")
	}
	if money.AmountOf(a.Decimal()).Cmp(a) != 0 || money.QuantityFrom(q.Decimal()).Cmp(q) != 0 {
		t.Error("decimals do not come back")
	}
}

func TestString_IsThatOfTheDecimal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		coefficient := big.NewInt(rapid.Int64().Draw(t, "coefficient"))
		if rapid.Bool().Draw(t, "wide") {
			coefficient.Mul(coefficient, big.NewInt(rapid.Int64().Draw(t, "times")))
		}
		if zeros := rapid.IntRange(0, 17).Draw(t, "zeros"); coefficient.IsInt64() {
			coefficient.Quo(coefficient, big.NewInt(int64(math.Pow10(zeros))))
			coefficient.Mul(coefficient, big.NewInt(int64(math.Pow10(zeros))))
		}
		d := decimal.NewFromBigInt(coefficient, int32(rapid.IntRange(-45, 5).Draw(t, "exponent")))
		if got, want := money.AmountOf(d).String(), d.String(); got != want {
			t.Fatalf("amount %q, want %q", got, want)
		}
		if got, want := money.QuantityFrom(d).String(), d.String(); got != want {
			t.Fatalf("quantity %q, want %q", got, want)
		}
	})
}
