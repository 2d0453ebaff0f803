package pricingtest

import (
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"daybook/pricing"
	"daybook/pricing/money"
)

// Decimals generates decimal texts between −max and max with at most so many
// places, with whole numbers, ties and zero among them. With signed false none
// is negative.
func Decimals(maximum int64, places int, signed bool) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		whole := rapid.Int64Range(0, maximum).Draw(t, "whole")
		text := fmt.Sprint(whole)
		if digits := rapid.IntRange(0, places).Draw(t, "places"); digits > 0 && whole < maximum {
			fraction := rapid.StringOfN(rapid.SampledFrom([]rune("0123455999")), digits, digits, -1).Draw(t, "fraction")
			text += "." + fraction
		}
		if signed && rapid.Bool().Draw(t, "negative") {
			text = "-" + text
		}
		return text
	})
}

// Amounts generates amounts below a million with at most so many places.
func Amounts(places int, signed bool) *rapid.Generator[money.Amount] {
	return rapid.Map(Decimals(1_000_000, places, signed), money.MustAmount)
}

// Quantities generates quantities below 500 with at most so many places.
func Quantities(places int, signed bool) *rapid.Generator[money.Quantity] {
	return rapid.Map(Decimals(500, places, signed), money.MustQuantity)
}

// Fractions generates quantities below 500 that were divided by something, as a
// meter's DivideBy does.
func Fractions(signed bool) *rapid.Generator[money.Fraction] {
	return rapid.Custom(func(t *rapid.T) money.Fraction {
		q := Quantities(6, signed).Draw(t, "quantity").Fraction()
		return q.Mul(money.Ratio(1, rapid.SampledFrom([]int64{1, 1, 3, 7, 60, 1024, 86400}).Draw(t, "divide by")))
	})
}

// Tiers generates one to five tiers with rising bounds, the last one open.
func Tiers() *rapid.Generator[[]pricing.Tier] {
	return rapid.Custom(func(t *rapid.T) []pricing.Tier {
		n := rapid.IntRange(1, 5).Draw(t, "tiers")
		tiers, bound := make([]pricing.Tier, n), money.Quantity{}
		for i := range tiers {
			bound = bound.Add(Quantities(2, false).Draw(t, "width")).Add(money.MustQuantity("0.01"))
			tiers[i] = pricing.Tier{UpTo: bound, Unit: Amounts(6, false).Draw(t, "unit"), Open: i == n-1}
			if rapid.Bool().Draw(t, "has flat") {
				tiers[i].Flat = Amounts(2, false).Draw(t, "flat")
			}
			if rapid.IntRange(0, 3).Draw(t, "has blocks") == 0 {
				tiers[i].Block = Quantities(1, false).Draw(t, "block").Add(money.MustQuantity("1.5"))
			}
		}
		return tiers
	})
}

// QuantityModels generates every model that prices a quantity by itself.
func QuantityModels() *rapid.Generator[pricing.Model] {
	return rapid.OneOf(
		rapid.Map(Amounts(8, false), func(a money.Amount) pricing.Model { return pricing.Unit{Price: a} }),
		rapid.Map(Amounts(2, false), func(a money.Amount) pricing.Model { return pricing.Fixed{Price: a} }),
		rapid.Custom(func(t *rapid.T) pricing.Model {
			return pricing.Graduated{Tiers: Tiers().Draw(t, "tiers"), FlatOnZero: rapid.Bool().Draw(t, "flat on zero")}
		}),
		rapid.Custom(func(t *rapid.T) pricing.Model {
			return pricing.Volume{Tiers: Tiers().Draw(t, "tiers"), FlatOnZero: rapid.Bool().Draw(t, "flat on zero")}
		}),
		rapid.Custom(func(t *rapid.T) pricing.Model {
			size := Quantities(1, false).Draw(t, "size").Add(money.MustQuantity("1.5"))
			return pricing.Package{Size: size, Price: Amounts(2, false).Draw(t, "price"), Full: rapid.Bool().Draw(t, "full blocks")}
		}),
		rapid.Custom(func(t *rapid.T) pricing.Model {
			return pricing.GraduatedPercentage{Tiers: Tiers().Draw(t, "tiers"), FlatOnZero: rapid.Bool().Draw(t, "flat on zero")}
		}),
		rapid.Custom(func(t *rapid.T) pricing.Model {
			tiers := Tiers().Draw(t, "tiers")
			var price money.Amount // of a larger size is not less
			for i := range tiers {
				price = price.Add(tiers[i].Flat)
				tiers[i].Unit, tiers[i].Flat, tiers[i].Block = money.Amount{}, price, money.Quantity{}
			}
			return pricing.Capacity{Tiers: tiers, FlatOnZero: rapid.Bool().Draw(t, "flat on zero")}
		}),
		rapid.Map(Quantities(5, false), func(q money.Quantity) pricing.Model { return pricing.Dynamic{Multiplier: q} }),
		rapid.Map(Thresholds(), func(s []pricing.ThresholdStep) pricing.Model { return pricing.Threshold{Steps: s} }),
	)
}

// CommittedModels generates models under a commitment of an amount or a quantity.
func CommittedModels() *rapid.Generator[pricing.Model] {
	return rapid.Custom(func(t *rapid.T) pricing.Model {
		c := pricing.Commitment{
			Overage: rapid.SampledFrom([]money.Quantity{money.QuantityOf(1), money.MustQuantity("1.5"), money.MustQuantity("0.25")}).Draw(t, "overage"),
			TrueUp:  rapid.Bool().Draw(t, "true up"),
		}
		if rapid.Bool().Draw(t, "of a quantity") {
			c.Quantity = Quantities(2, false).Draw(t, "committed").Add(money.MustQuantity("0.01"))
		} else {
			c.Amount = Amounts(2, false).Draw(t, "committed")
		}
		return pricing.Committed{Of: QuantityModels().Draw(t, "of"), Commitment: c}
	})
}

// Thresholds generates one to four thresholds with rising totals, the first one
// from 0 or higher.
func Thresholds() *rapid.Generator[[]pricing.ThresholdStep] {
	return rapid.Custom(func(t *rapid.T) []pricing.ThresholdStep {
		out := make([]pricing.ThresholdStep, rapid.IntRange(1, 4).Draw(t, "thresholds"))
		var from money.Quantity
		var total money.Amount
		for i := range out {
			if i > 0 || rapid.Bool().Draw(t, "above zero") {
				from = from.Add(Quantities(2, false).Draw(t, "width")).Add(money.MustQuantity("0.01"))
			}
			total = total.Add(Amounts(2, false).Draw(t, "more"))
			out[i] = pricing.ThresholdStep{From: from, Total: total}
		}
		return out
	})
}

// Percentages generates percentages with or without a fee for each event.
func Percentages() *rapid.Generator[pricing.Percentage] {
	return rapid.Custom(func(t *rapid.T) pricing.Percentage {
		p := pricing.Percentage{Rate: rapid.Map(Decimals(100, 4, false), money.MustQuantity).Draw(t, "rate")}
		if rapid.Bool().Draw(t, "has fee") {
			p.PerEvent = Amounts(2, false).Draw(t, "per event")
			p.FreeFees = rapid.Int64Range(0, 5).Draw(t, "free fees")
		}
		return p
	})
}

// Matrices generates matrix models of two dimensions with a default, and with
// them the groups of a measured quantity.
func Matrices(signed bool) *rapid.Generator[MatrixCase] {
	return rapid.Custom(func(t *rapid.T) MatrixCase {
		values := rapid.SampledFrom([]string{"a", "b", "c", "ü"})
		pairs := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) string {
			return values.Draw(t, "first") + "/" + values.Draw(t, "second")
		}), 1, 6, rapid.ID)
		m := pricing.Matrix{By: []string{"region", "type"}, HasDefault: true, Default: Amounts(6, false).Draw(t, "default")}
		for _, pair := range sorted(pairs.Draw(t, "cells")) {
			m.Cells = append(m.Cells, pricing.MatrixCell{Values: pair, Unit: Amounts(6, false).Draw(t, "unit")})
		}
		var measured pricing.Measured
		for _, pair := range sorted(pairs.Draw(t, "groups")) {
			q := Fractions(signed).Draw(t, "quantity")
			measured.Groups = append(measured.Groups, pricing.Group{Values: pair, Quantity: q})
			measured.Quantity = measured.Quantity.Add(q)
		}
		return MatrixCase{m, measured}
	})
}

// MatrixCase is a matrix with a quantity for it.
type MatrixCase struct {
	Model    pricing.Matrix
	Measured pricing.Measured
}

func sorted(pairs []string) [][]string {
	out := make([][]string, len(pairs))
	for i, pair := range pairs {
		out[i] = strings.Split(pair, "/")
	}
	slices.SortFunc(out, slices.Compare)
	return out
}

// Prices generates prices around a model, with or without an allowance and a
// quantity rounding.
func Prices(models *rapid.Generator[pricing.Model]) *rapid.Generator[*pricing.Price] {
	return rapid.Custom(func(t *rapid.T) *pricing.Price {
		p := &pricing.Price{ID: "p", Model: models.Draw(t, "model")}
		if rapid.Bool().Draw(t, "has allowance") {
			p.Allowance = Quantities(2, false).Draw(t, "allowance")
		}
		if rapid.Bool().Draw(t, "rounds") {
			p.RoundTo = &pricing.QuantityRounding{Places: rapid.Int32Range(-1, 3).Draw(t, "places"), Mode: Roundings().Draw(t, "mode")}
			if rapid.Bool().Draw(t, "to a step") {
				p.RoundTo.Step = Quantities(1, false).Draw(t, "step").Add(money.MustQuantity("0.1"))
			}
		}
		if rapid.IntRange(0, 3).Draw(t, "rounds amounts") == 0 {
			p.RoundAmount = &pricing.AmountRounding{Places: rapid.Int32Range(0, 8).Draw(t, "places"), Mode: Roundings().Draw(t, "mode")}
		}
		return p
	})
}

// Roundings generates the four roundings.
func Roundings() *rapid.Generator[money.Rounding] {
	return rapid.SampledFrom([]money.Rounding{money.HalfUp, money.HalfEven, money.Up, money.Down})
}

// Adjustments generates an adjustment of any kind, on all prices or on some.
func Adjustments(priceIDs []string) *rapid.Generator[pricing.Adjustment] {
	return rapid.Custom(func(t *rapid.T) pricing.Adjustment {
		a := pricing.Adjustment{Kind: pricing.AdjustmentKind(rapid.IntRange(int(pricing.UsageDiscount), int(pricing.MaximumCharge)).Draw(t, "kind"))}
		switch a.Kind {
		case pricing.UsageDiscount:
			a.Quantity = Quantities(2, false).Draw(t, "units")
		case pricing.PercentDiscount:
			a.Percent = rapid.Map(Decimals(100, 2, false), money.MustQuantity).Draw(t, "percent")
		default:
			a.Amount = Amounts(2, false).Draw(t, "amount")
		}
		if len(priceIDs) > 0 && rapid.Bool().Draw(t, "names prices") {
			a.On = rapid.SliceOfNDistinct(rapid.SampledFrom(priceIDs), 1, -1, rapid.ID).Draw(t, "on")
			a.To = rapid.SampledFrom(a.On).Draw(t, "to")
		}
		if rapid.Bool().Draw(t, "ends") {
			a.FirstMonths = rapid.IntRange(1, 3).Draw(t, "months")
		}
		return a
	})
}
