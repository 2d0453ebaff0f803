package pricing_test

import (
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
)

func TestCorrectionLimits_AreReachedAndNotPassed(t *testing.T) {
	percent := func(s string) *money.Quantity {
		q := money.MustQuantity(s)
		return &q
	}
	one, five := pricing.CorrectionLimits{Accounts: percent("1")}, pricing.CorrectionLimits{Bill: percent("5")}
	for _, c := range []struct {
		corrected, all int
		want           bool
	}{
		{1, 2, false}, // at least one is always allowed
		{2, 199, true},
		{2, 200, false}, // exactly 1 %
		{3, 200, true},
	} {
		if got := one.Exceeded(c.corrected, c.all); got != c.want {
			t.Errorf("%d of %d accounts: exceeded %t, want %t", c.corrected, c.all, got, c.want)
		}
	}
	for _, c := range []struct {
		correction, charged string
		want                bool
	}{
		{"5", "100", false},
		{"5.01", "100", true},
		{"-5.01", "100", true},
		{"-5", "-100", false},
		{"0.01", "0", true},
		{"0", "0", false},
	} {
		if got := five.ExceededBy(money.MustAmount(c.correction), money.MustAmount(c.charged)); got != c.want {
			t.Errorf("%s of %s: exceeded %t, want %t", c.correction, c.charged, got, c.want)
		}
	}
	if none := (pricing.CorrectionLimits{}); none.Exceeded(9, 9) || none.ExceededBy(money.MustAmount("9"), money.MustAmount("1")) {
		t.Error("no limit is exceeded")
	}
}
