package pricing_test

import (
	"math/big"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/pricing/pricingtest"
)

// tracedClosings closes a world's months with a tracer and without, and returns
// what the tracer was told.
func tracedClosings(t *rapid.T, w *world) (told []pricing.Explanation) {
	registry, _ := pricing.NewRegistry(w.accounts, w.subs, w.resources)
	r, err := pricing.NewRater(w.book, registry)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range pricing.MonthOf(day("2018-09-01")).Through(pricing.MonthOf(day("2019-01-01"))) {
		for _, tree := range r.Trees() {
			c := pricing.Closing{Month: m, AsOf: m.Next().First().AddDays(2).UTC()}
			silent, err := r.Close(tree, pricing.TreeUsage{Rows: w.usageOf(tree)}, c)
			if err != nil {
				t.Fatal(err)
			}
			var lines []pricing.Line
			c.Tracer = func(e pricing.Explanation) {
				told = append(told, e)
				lines = append(lines, e.Line)
			}
			traced, err := r.Close(tree, pricing.TreeUsage{Rows: w.usageOf(tree)}, c)
			if err != nil || !reflect.DeepEqual(silent, traced) {
				t.Fatalf("%s of %s comes out otherwise when it is traced: %v", m, tree.BillingAccount, err)
			}
			var billed []pricing.Line
			for _, i := range silent.Invoices {
				billed = append(append(billed, i.Lines...), i.Own...)
			}
			if !reflect.DeepEqual(lines, billed) {
				t.Fatalf("the tracer was told of %d lines, %d are billed", len(lines), len(billed))
			}
		}
	}
	return told
}

// No figure depends on whether somebody traces it, every line is told once, and
// the steps of each recompute to it.
func TestTracer_StepsRecomputeToTheLinesAndChangeNone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := randomAccount(t)
		for _, e := range tracedClosings(t, w) {
			recompute(t, w, e)
		}
	})
}

// recompute works out a line from its steps alone.
func recompute(t *rapid.T, w *world, e pricing.Explanation) {
	var parts, subtotal, adjusted, total, rounded money.Amount
	var measured, converted money.Quantity
	var measures int
	converts, together, share := false, false, money.QuantityOf(1)
	for _, s := range e.Steps {
		switch s.Kind {
		case pricing.StepMeasure:
			measured, measures = measured.Add(s.Quantity), measures+1
		case pricing.StepConvert:
			converted, converts = s.Quantity, true
		case pricing.StepProrate:
			share = s.Quantity
		case pricing.StepPart:
			parts = parts.Add(s.Amount)
			wantPart(t, s, share)
		case pricing.StepSubtotal:
			subtotal = s.Amount
		case pricing.StepAdjust:
			adjusted = adjusted.Add(s.Amount)
		case pricing.StepTotal:
			total = s.Amount
		case pricing.StepRound:
			rounded, together = s.Amount, strings.Contains(s.Label, "with other lines")
		}
	}
	l := e.Line
	if parts.Cmp(subtotal) != 0 || subtotal.Cmp(l.ExactSubtotal) != 0 {
		t.Fatalf("parts make %s, the subtotal is %s, the line's %s: %+v", parts, subtotal, l.ExactSubtotal, e)
	}
	if subtotal.Add(adjusted).Cmp(total) != 0 {
		t.Fatalf("%s and adjustments of %s are not %s: %+v", subtotal, adjusted, total, e)
	}
	if len(e.Readings) > 0 {
		var each, all money.Amount
		for _, r := range e.Readings {
			each, all = each.Add(r.Subtotal), all.Add(r.Total)
		}
		if each.Cmp(subtotal) != 0 || all.Cmp(total) != 0 {
			t.Fatalf("readings make %s and %s, the line %s and %s: %+v", each, all, subtotal, total, e)
		}
	}
	want := total.Round(2, money.HalfUp)
	off := rounded.Sub(want).Fraction().Abs()
	if rounded.Cmp(l.Total) != 0 || !together && !off.IsZero() || off.Cmp(money.Ratio(1, 100)) > 0 {
		t.Fatalf("%s is rounded to %s, the line's total is %s: %+v", total, rounded, l.Total, e)
	}
	if measures > 0 && w.book.Versions[0].Meters != nil {
		if !converts {
			converted = measured
		}
		if !closeTo(converted.Fraction(), l.Quantity.Fraction(), "0.000000001") {
			t.Fatalf("%s measured, the line's quantity is %s: %+v", converted, l.Quantity, e)
		}
	}
}

// wantPart checks that a part is its quantity at its price and its flat fee, but
// for the places at which quantities are cut.
func wantPart(t *rapid.T, s pricing.Step, share money.Quantity) {
	if s.Quantity.IsZero() && s.UnitPrice.IsZero() && s.Flat.IsZero() {
		return // an amount alone: what was billed ahead, a discount of one resource
	}
	made := s.Quantity.Fraction().Mul(share.Fraction()).Mul(s.UnitPrice.Fraction()).Add(s.Flat.Fraction())
	if !closeTo(made, s.Amount.Fraction(), "0.000001") {
		t.Fatalf("part %+v makes %s", s, made.Amount())
	}
}

func closeTo(a, b money.Fraction, within string) bool {
	diff := new(big.Rat).Abs(a.Sub(b).Rat())
	return diff.Cmp(pricingtest.RatOf(within)) <= 0
}
