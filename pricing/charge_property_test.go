package pricing_test

import (
	"testing"

	"pgregory.net/rapid"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/pricing/pricingtest"
)

var anyScale = rapid.Custom(func(t *rapid.T) money.Fraction {
	return money.Ratio(rapid.Int64Range(0, 2678400).Draw(t, "seconds"), 2678400)
})

func drawCharge(t *rapid.T, p *pricing.Price, m pricing.Measured, scale money.Fraction) pricing.Charge {
	c, err := p.Charge(m, scale)
	if err != nil {
		t.Fatalf("charge %s of %s: %v", m.Quantity, p.Model.Name(), err)
	}
	return c
}

func TestCharge_AgreesWithTheOracleAndMirrors(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := pricingtest.Prices(pricingtest.QuantityModels()).Draw(t, "price")
		q, scale := pricingtest.Fractions(true).Draw(t, "quantity"), anyScale.Draw(t, "scale")
		got := drawCharge(t, p, pricing.Measured{Quantity: q}, scale)
		want := pricingtest.Round(pricingtest.Subtotal(p, q.Rat(), nil, scale.Rat()), money.SeriesPlaces, money.HalfEven)
		if pricingtest.Rat(got.Subtotal).Cmp(want) != 0 {
			t.Fatalf("%s of %+v costs %s, want %s", q, p.Model, got.Subtotal, want.FloatString(20))
		}
		if got.Billable.Rat().Cmp(pricingtest.Billable(p, q.Rat())) != 0 {
			t.Fatalf("billable %s", got.Billable)
		}
		partsSum(t, got)
		mirrored := drawCharge(t, p, pricing.Measured{Quantity: q.Neg()}, scale)
		if !got.Billable.IsZero() && mirrored.Subtotal.Cmp(got.Subtotal.Neg()) != 0 {
			t.Fatalf("−%s costs %s, want −%s", q, mirrored.Subtotal, got.Subtotal)
		}
	})
}

func TestPercentage_AgreesWithTheOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		model := pricingtest.Percentages().Draw(t, "percentage")
		p := pricingtest.Prices(rapid.Just[pricing.Model](model)).Draw(t, "price")
		m := pricing.Measured{Quantity: pricingtest.Fractions(true).Draw(t, "amount"), Events: rapid.Int64Range(0, 9).Draw(t, "events")}
		got := drawCharge(t, p, m, unscaled)
		exact := pricingtest.Percentage(p, model, m.Quantity.Rat(), m.Events)
		if want := pricingtest.Round(exact, money.SeriesPlaces, money.HalfEven); pricingtest.Rat(got.Subtotal).Cmp(want) != 0 {
			t.Fatalf("%s in %d events at %+v costs %s, want %s", m.Quantity, m.Events, model, got.Subtotal, want.FloatString(20))
		}
		partsSum(t, got)
	})
}

func partsSum(t *rapid.T, c pricing.Charge) {
	if len(c.Parts) == 0 {
		return
	}
	var sum money.Amount
	for _, part := range c.Parts {
		sum = sum.Add(part.Amount)
	}
	if sum.Cmp(c.Subtotal) != 0 {
		t.Fatalf("parts %+v sum to %s, subtotal %s", c.Parts, sum, c.Subtotal)
	}
}

func TestCharge_MoreUsageNeverCostsLess(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := pricingtest.Prices(pricingtest.QuantityModels()).Draw(t, "price")
		switch p.Model.(type) {
		case pricing.Volume, pricing.Capacity:
			t.Skip("the tier that a greater quantity falls in may cost less as a whole")
		}
		q, more := pricingtest.Fractions(true).Draw(t, "quantity"), pricingtest.Fractions(false).Draw(t, "more")
		less := drawCharge(t, p, pricing.Measured{Quantity: q}, unscaled)
		if got := drawCharge(t, p, pricing.Measured{Quantity: q.Add(more)}, unscaled); got.Subtotal.Cmp(less.Subtotal) < 0 {
			t.Fatalf("%s costs %s, %s more costs %s", q, less.Subtotal, more, got.Subtotal)
		}
	})
}

func TestMatrix_AgreesWithTheOracleAndItsGroupsSumUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := pricingtest.Matrices(rapid.Bool().Draw(t, "signed")).Draw(t, "case")
		p := pricingtest.Prices(rapid.Just[pricing.Model](c.Model)).Draw(t, "price")
		got := drawCharge(t, p, c.Measured, unscaled)
		exact := pricingtest.Subtotal(p, nil, c.Measured.Groups, nil)
		if want := pricingtest.Round(exact, money.SeriesPlaces, money.HalfEven); pricingtest.Rat(got.Subtotal).Cmp(want) != 0 {
			t.Fatalf("%+v costs %s, want %s", c.Measured, got.Subtotal, want.FloatString(20))
		}
		var sum money.Amount
		for i, g := range got.Groups {
			sum = sum.Add(g.Subtotal)
			if g.Values[0] != c.Measured.Groups[i].Values[0] {
				t.Fatalf("group %d changed its place", i)
			}
		}
		if sum.Cmp(got.Subtotal) != 0 {
			t.Fatalf("groups sum to %s, subtotal %s", sum, got.Subtotal)
		}
	})
}
