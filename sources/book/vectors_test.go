package book

import (
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
)

// The worked examples of rokka's public price list, numbered as in the reference
// vectors of the billing APIs (59 to 66).
func TestParse_RokkaPricesThePublishedExamples(t *testing.T) {
	b := parseFile(t, "rokka.yaml")
	for _, c := range []struct{ vector, price, quantity, want string }{
		{"59", "traffic", "0.05", "0.03"},
		{"60", "traffic", "20.25", "10.13"},
		{"61", "traffic", "5", "2.50"},
		{"61", "storage", "40", "16.00"},
		{"62", "storage", "400", "160.00"},
		{"62", "storage", "401", "160.30"},
		{"62", "storage", "500", "190.00"},
		{"62", "storage", "800", "280.00"},
		{"62", "storage", "1000", "320.00"},
		{"62", "storage", "1200", "360.00"},
		{"62", "storage", "1600", "400.00"},
		{"62", "storage", "2000", "432.00"},
		{"62", "storage", "5000", "672.00"},
		{"64, above the cliff", "storage", "3", "1.20"},
		{"64, above the cliff", "traffic", "11", "5.50"},
		{"66, one organisation", "storage", "300", "120.00"},
		{"66, pooled", "storage", "600", "220.00"},
	} {
		p := priceOf(t, b, 0, "standard", c.price)
		charge, err := p.Charge(pricing.Measured{Quantity: qty(c.quantity).Fraction()}, money.Ratio(1, 1))
		if err != nil {
			t.Fatal(err)
		}
		got := charge.Subtotal.Round(b.Currency.Digits, b.Versions[0].Conventions.Rounding)
		if got.Cmp(amt(c.want)) != 0 {
			t.Errorf("vector %s: %s GB of %s cost %s, want %s", c.vector, c.quantity, c.price, got, c.want)
		}
	}
}
