package money_test

import (
	"math/big"
	"regexp"
	"strings"
	"testing"

	"daybook/pricing/money"
)

var strictDecimal = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

// FuzzParse checks that strict parsing takes exactly the strict decimals of up
// to 38 digits, as the numbers that they are, and gives the others a reason.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"0", "-0.00", "12.50", "1e1000000", "NaN", "-Inf", "+1", ".5", "5.", "1_000", "0x1p-2", "٣", strings.Repeat("9", 38),
		strings.Repeat("9", 39), "0." + strings.Repeat("0", 37) + "1", strings.Repeat("0", 76) + "1", "-" + strings.Repeat("1", 20) + "." + strings.Repeat("1", 18),
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := money.ParseAmount(text)
		q, errQ := money.ParseQuantity(text)
		if (err == nil) != (errQ == nil) {
			t.Fatalf("%q: amount %v, quantity %v", text, err, errQ)
		}
		if err != nil {
			if len(err.Error()) > 400 {
				t.Fatalf("%q is quoted whole: %v", text, err)
			}
			if strictDecimal.MatchString(text) && digits(text) <= money.MaxDigits {
				t.Fatalf("%q is refused: %v", text, err)
			}
			return
		}
		want, ok := new(big.Rat).SetString(text)
		if !strictDecimal.MatchString(text) || !ok {
			t.Fatalf("%q is taken as %s", text, a)
		}
		for _, got := range []string{a.String(), q.String()} {
			if back, ok := new(big.Rat).SetString(got); !ok || back.Cmp(want) != 0 {
				t.Fatalf("%q is read as %s", text, got)
			}
		}
	})
}

// digits is the number of digits that a decimal is written with, or of those
// after the point and before it.
func digits(text string) int {
	return len(strings.TrimLeft(strings.ReplaceAll(text, ".", ""), "-"))
}
