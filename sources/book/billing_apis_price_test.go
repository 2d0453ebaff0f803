package book

import (
	"fmt"
	"strings"
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
)

// checkPrice charges a quantity under one price and applies the adjustments of
// the price and its plan.
func (w apiWorld) checkPrice(t *testing.T) {
	f := w.figure
	planID, id, _ := strings.Cut(f.Price, "/")
	price := priceOf(t, w.book, 0, planID, id)
	plan, _ := w.book.Versions[0].PlanOf(planID)
	charge, err := price.Charge(f.measured(&price), money.Ratio(1, 1))
	if err != nil {
		t.Fatal(err)
	}
	adjusted, err := pricing.Adjust([]pricing.Adjustable{{Price: &price, Charge: charge}}, plan.Adjust)
	if err != nil {
		t.Fatal(err)
	}
	f.same(t, "total", adjusted[0].Total.Fraction(), f.Want)
	if f.Subtotal != "" {
		f.same(t, "subtotal", charge.Subtotal.Fraction(), f.Subtotal)
	}
	if f.Billable != "" {
		f.same(t, "billable quantity", charge.Billable, f.Billable)
	}
	if f.Units != "" { // of whole packages
		f.same(t, "billed units", charge.Parts[0].Quantity.Fraction().Mul(price.Model.(pricing.Package).Size.Fraction()), f.Units)
	}
	for label, want := range f.Parts {
		f.same(t, label, partsNamed(charge.Parts, label), want)
	}
	running := charge.Subtotal
	for i, step := range adjusted[0].Steps {
		running = running.Add(step.Amount)
		if i < len(f.Steps) {
			f.same(t, fmt.Sprintf("step %d", i+1), running.Fraction(), f.Steps[i])
		}
	}
	if len(f.Steps) > 0 && len(f.Steps) != len(adjusted[0].Steps) {
		t.Errorf("%d adjustments changed the amount, want %d", len(adjusted[0].Steps), len(f.Steps))
	}
}

// measured is the quantity, used in one window of time where that matters.
func (f apiFigure) measured(p *pricing.Price) pricing.Measured {
	out := pricing.Measured{Quantity: qty(f.Quantity).Fraction()}
	if p.Each.Window != "" {
		out.Groups = []pricing.Group{{Values: []string{"the one window"}, Quantity: out.Quantity}}
	}
	return out
}

// checkMultiplier compares for how many units × seconds a burst price is.
func (w apiWorld) checkMultiplier(t *testing.T) {
	planID, id, _ := strings.Cut(w.figure.Price, "/")
	price := priceOf(t, w.book, 0, planID, id)
	m, _ := w.book.Versions[0].MeterOf(price.Meter)
	seconds := money.Whole(price.Model.(pricing.Burst).PerSeconds)
	w.figure.same(t, "multiplier", m.DivideBy.Fraction().Mul(seconds), w.figure.Multiplier)
}

// partsNamed adds up the parts whose label says so.
func partsNamed(parts []pricing.Part, name string) (sum money.Fraction) {
	for _, p := range parts {
		if strings.Contains(p.Label, name) {
			sum = sum.Add(p.Amount.Fraction())
		}
	}
	return sum
}
