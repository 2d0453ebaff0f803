package pricing_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"daybook/pricing"
	"daybook/pricing/money"
)

// Whatever the book and whatever comes to light, several closings deep: what was
// issued for a closing and its corrections are what it owes, to the cent and for
// each charge, and nothing is corrected twice.
func TestCorrect_IssuedAndCorrectionsAreTheTruth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := &chain{
			mode:  rapid.SampledFrom([]pricing.CorrectionMode{pricing.NextInvoice, pricing.Notes}).Draw(t, "mode"),
			since: pricing.Month{Year: 2018, Month: 9}, invoices: map[pricing.Month][]pricing.Invoice{}, parked: map[pricing.Month]map[string]bool{},
		}
		if c.w = everyModel(t); chance(t, "pools, phases and cycles") {
			c.w = randomAccount(t)
		}
		if chance(t, "taxed") {
			c.w.taxed("CH")
			c.funds.Taxes = []pricing.Tax{tax("vat", "CH", "8.1"), tax("levy", "CH", "3")}
			c.funds.Taxes[1].Inclusive = true
		}
		if chance(t, "credited") {
			c.funds.Credits = []pricing.Grant{grant("g", "50", "2018-09-01T00:00:00Z", ""), grant("m", "10", "2018-09-01T00:00:00Z", "")}
			c.funds.Credits[1].Monthly = true
		}
		var withheld []pricing.UsageState
		for i := 0; i < len(c.w.usage); i += 3 {
			withheld = append(withheld, c.w.usage[i])
		}
		for _, m := range (pricing.Month{Year: 2018, Month: 9}).Through(pricing.Month{Year: 2018, Month: 12}) {
			for range rapid.IntRange(0, 2).Draw(t, "changes") {
				c.w.change(t, &withheld)
			}
			if len(c.funds.Taxes) > 0 && chance(t, "another rate") {
				c.funds.Taxes = slices.Clone(c.funds.Taxes)
				c.funds.Taxes[0].Rate = money.MustQuantity(rapid.SampledFrom([]string{"7.7", "8.1"}).Draw(t, "rate"))
			}
			c.close(t, m)
			c.check(t)
		}
	})
}
