package pricing

import (
	"testing"
	"time"

	"daybook/pricing/money"
)

// By hand: three fees of 10.00 raised to 100.00 together are 33.33…, 33.33… and
// 33.33…; the cent that is left goes to one of them. Two charges of 50.05 and
// 50.05 lowered to 100.01 are 50.005 each, of which one cent is one line's.
func TestInvoice_AnAmountSpreadOverLinesStandsToTheCent(t *testing.T) {
	fee := func(id, price string) Price { return Price{ID: id, Model: Fixed{money.MustAmount(price)}} }
	for _, c := range []struct {
		name  string
		adj   Adjustment
		items []Price
		want  string
	}{
		{"minimum", Adjustment{Kind: MinimumCharge, Amount: money.MustAmount("100")}, []Price{fee("a", "10"), fee("b", "10"), fee("c", "10")}, "100"},
		{"minimum of nothing", Adjustment{Kind: MinimumCharge, Amount: money.MustAmount("100")}, []Price{fee("a", "0"), fee("b", "0"), fee("c", "0")}, "100"},
		{"maximum", Adjustment{Kind: MaximumCharge, Amount: money.MustAmount("100.01")}, []Price{fee("a", "50.05"), fee("b", "50.05")}, "100.01"},
		{"amount off", Adjustment{Kind: AmountDiscount, Amount: money.MustAmount("10")}, []Price{fee("a", "20"), fee("b", "20"), fee("c", "20")}, "50"},
	} {
		plan := Plan{ID: "p", Prices: c.items, Adjust: []Adjustment{c.adj}}
		version := &Version{ID: "v", Conventions: Conventions{Rounding: money.HalfUp}}
		var items []*item
		for i := range plan.Prices {
			charge, err := plan.Prices[i].Charge(Measured{Quantity: money.QuantityOf(1).Fraction()}, money.Ratio(1, 1))
			if err != nil {
				t.Fatal(err)
			}
			items = append(items, &item{price: &plan.Prices[i], order: i, plan: &plan, version: version, charge: charge, share: money.Ratio(1, 1), loc: time.UTC, due: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)})
		}
		if err := adjustItems(&plan, items, func(*item, Adjustment) string { return "" }, false); err != nil {
			t.Fatal(err)
		}
		var sum money.Amount
		for _, parts := range roundedTotals(items, money.Currency{Code: "CHF", Digits: 2}) {
			for _, part := range parts {
				if part.Round(2, money.HalfUp).Cmp(part) != 0 {
					t.Errorf("%s: a line of %s is not rounded", c.name, part)
				}
				sum = sum.Add(part)
			}
		}
		if sum.Cmp(money.MustAmount(c.want)) != 0 {
			t.Errorf("%s: the lines sum to %s, want %s", c.name, sum, c.want)
		}
	}
}
