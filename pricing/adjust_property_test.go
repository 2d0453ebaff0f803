package pricing_test

import (
	"fmt"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/pricing/pricingtest"
)

// drawLines draws one to five charged lines with adjustments of their own.
func drawLines(t *rapid.T) ([]pricing.Adjustable, []string) {
	n := rapid.IntRange(1, 5).Draw(t, "lines")
	items, ids := make([]pricing.Adjustable, n), make([]string, n)
	for i := range items {
		p := pricingtest.Prices(pricingtest.QuantityModels()).Draw(t, "price")
		p.ID = fmt.Sprintf("p%d", i)
		p.Adjust = rapid.SliceOfN(pricingtest.Adjustments(nil), 0, 2).Draw(t, "own")
		q := pricingtest.Fractions(rapid.IntRange(0, 4).Draw(t, "sign") == 0).Draw(t, "quantity")
		items[i] = pricing.Adjustable{
			Price: p, Charge: drawCharge(t, p, pricing.Measured{Quantity: q}, unscaled),
			Months: rapid.IntRange(0, 3).Draw(t, "months"),
		}
		ids[i] = p.ID
	}
	return items, ids
}

func TestAdjust_AgreesWithTheOracle(t *testing.T) {
	// Each spanning step and each percentage divides once to 20 places; a dozen
	// of them stay far below this.
	tolerance := pricingtest.RatOf("0.00000000000001")
	rapid.Check(t, func(t *rapid.T) {
		items, ids := drawLines(t)
		plan := rapid.SliceOfN(pricingtest.Adjustments(ids), 0, 4).Draw(t, "plan")
		got, err := pricing.Adjust(items, plan)
		if err != nil {
			t.Fatal(err)
		}
		lines := make([]pricingtest.Line, len(items))
		for i, item := range items {
			lines[i] = pricingtest.Line{
				Price: item.Price, Months: item.Months,
				Quantity: item.Charge.Billable.Rat(), Total: pricingtest.Rat(item.Charge.Subtotal),
			}
		}
		for i, want := range pricingtest.Adjust(lines, plan) {
			if gap := new(big.Rat).Sub(pricingtest.Rat(got[i].Total), want); gap.Abs(gap).Cmp(tolerance) > 0 {
				t.Fatalf("line %d of %d is %s, want %s", i, len(items), got[i].Total, want.FloatString(20))
			}
		}
	})
}

func TestAdjust_KeepsItsPromisesForAnyLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		items, ids := drawLines(t)
		plan := rapid.SliceOfN(pricingtest.Adjustments(ids), 0, 4).Draw(t, "plan")
		least, most := pricingtest.Amounts(2, false).Draw(t, "least"), pricingtest.Amounts(2, false).Draw(t, "more")
		most = most.Add(least)
		plan = append(plan,
			pricing.Adjustment{Kind: pricing.MinimumCharge, Amount: least},
			pricing.Adjustment{Kind: pricing.MaximumCharge, Amount: most})
		got, err := pricing.Adjust(items, plan)
		if err != nil {
			t.Fatal(err)
		}
		var sum money.Amount
		for i, line := range got {
			sum = sum.Add(line.Total)
			steps := items[i].Charge.Subtotal
			for _, s := range line.Steps {
				steps = steps.Add(s.Amount)
			}
			if steps.Cmp(line.Total) != 0 {
				t.Fatalf("line %d: steps make %s, total %s", i, steps, line.Total)
			}
			if line.Total.Sign() < 0 && items[i].Charge.Subtotal.Sign() >= 0 {
				t.Fatalf("line %d of %s became %s", i, items[i].Charge.Subtotal, line.Total)
			}
		}
		// Other maximums of the plan may hold it below this minimum.
		if sum.Cmp(most) > 0 {
			t.Fatalf("the plan costs %s, at most %s", sum, most)
		}
	})
}
