package documents

import (
	"encoding/json"
	"strconv"

	"github.com/shopspring/decimal"

	"daybook/pricing"
	"daybook/pricing/money"
)

// orbModel is a price model under Orb's name. Notes say, for the price's metadata,
// what of it Orb has no words for: where there are none, the configuration alone
// gives the figure.
type orbModel struct {
	name   string
	config any
	notes  map[string]string
}

type orbUnit struct {
	Unit string `json:"unit_amount"`
}

type orbTier struct {
	First json.Number  `json:"first_unit"` // exclusive: the last unit of the tier before
	Last  *json.Number `json:"last_unit"`  // inclusive
	Unit  string       `json:"unit_amount"`
}

type orbTiers[T any] struct {
	Tiers []T `json:"tiers"`
}

type orbBulkTier struct {
	Maximum *json.Number `json:"maximum_units"` // inclusive
	Unit    string       `json:"unit_amount"`
}

type orbPackage struct {
	Amount string      `json:"package_amount"`
	Size   json.Number `json:"package_size"`
}

type orbMatrixCell struct {
	Values []*string `json:"dimension_values"`
	Unit   string    `json:"unit_amount"`
}

type orbMatrix struct {
	Default    string          `json:"default_unit_amount"`
	Dimensions []*string       `json:"dimensions"` // two, the second null where there is one
	Cells      []orbMatrixCell `json:"matrix_values"`
}

type orbThreshold struct {
	Threshold string `json:"threshold"`
	Total     string `json:"total_amount"`
}

type orbPackageTier struct {
	PerUnit string `json:"per_unit"` // of one package
	Lower   string `json:"tier_lower_bound"`
}

// orbModelOf says a price's model in Orb's words (docs/apis.md, Orb, Price models).
func orbModelOf(p *pricing.Price) orbModel {
	out := orbPlain(p.Model)
	switch {
	case p.Each.Window != "":
		out.note("each", string(p.Each.Window))
	case len(p.Each.By) == 1 && out.grouped(p):
		return out.rest(p)
	case len(p.Each.By) > 0:
		out.note("each", "group")
	}
	if p.Allowance.Sign() > 0 && !out.allow(p.Model, p.Allowance) {
		out.note("allowance", p.Allowance.String())
	}
	return out.rest(p)
}

// rest notes what is beside the model.
func (m orbModel) rest(p *pricing.Price) orbModel {
	if p.Included != nil {
		m.note("included_with", p.Included.Resource)
	}
	if p.RoundTo != nil && !m.wholePackages(p) {
		m.note("round_quantity", string(p.RoundTo.Mode))
	}
	if p.RoundAmount != nil {
		m.note("round_amount", strconv.Itoa(int(p.RoundAmount.Places)))
	}
	if p.Pool != pricing.PoolSubscription {
		m.note("pool", string(p.Pool))
	}
	return m
}

// wholePackages reports whether a price rounds up to its packages, as tiered_package
// does anyway.
func (m orbModel) wholePackages(p *pricing.Price) bool {
	g, ok := p.Model.(pricing.Graduated)
	return ok && m.name == "tiered_package" && p.RoundTo.Mode == money.Up && p.RoundTo.Step.Cmp(g.Tiers[0].Block) == 0
}

// note keeps what Orb has no words for, under "daybook_" and our own word.
func (m *orbModel) note(key, value string) {
	if m.notes == nil {
		m.notes = map[string]string{}
	}
	m.notes["daybook_"+key] = value
}

// orbPlain is a model without what stands around it.
func orbPlain(model pricing.Model) orbModel {
	switch m := model.(type) {
	case nil:
		return orbModel{name: "unit", config: orbUnit{"0.00"}, notes: map[string]string{"daybook_price": "no longer in the book"}}
	case pricing.Unit:
		return orbModel{name: "unit", config: orbUnit{orbRate(m.Price)}}
	case pricing.Fixed:
		return orbModel{name: "unit", config: orbUnit{orbRate(m.Price)}}
	case pricing.Dynamic: // the quantity is the amount
		return orbModel{name: "unit", config: orbUnit{m.Multiplier.String()}}
	case pricing.Graduated:
		return orbGraduated(m)
	case pricing.GraduatedPercentage:
		return orbGraduated(pricing.Graduated(m)) // whose rates are parts of one
	case pricing.Volume:
		return orbVolume(m)
	case pricing.Package:
		out := orbModel{name: "package", config: orbPackage{orbRate(m.Price), orbNumber(m.Size)}}
		if m.Full {
			out.note("blocks", "full")
		}
		return out
	case pricing.Matrix:
		return orbMatrixOf(m)
	case pricing.Percentage:
		return orbPercentage(m)
	}
	return orbOther(model)
}

func orbMatrixOf(m pricing.Matrix) orbModel {
	config := orbMatrix{Default: orbRate(m.Default), Dimensions: orbPair(m.By), Cells: make([]orbMatrixCell, len(m.Cells))}
	for i, c := range m.Cells {
		config.Cells[i] = orbMatrixCell{orbPair(c.Values), orbRate(c.Unit)}
	}
	out := orbModel{name: "matrix", config: config}
	if !m.HasDefault {
		out.note("default", "none")
	}
	return out
}

// orbPair is one or two texts, as two.
func orbPair(texts []string) []*string {
	out := make([]*string, 2)
	for i := range min(len(texts), 2) {
		out[i] = &texts[i]
	}
	return out
}

// orbPercentage is a percentage of an amount: that many hundredths of units of 1.
func orbPercentage(p pricing.Percentage) orbModel {
	out := orbModel{name: "unit_with_percent", config: struct {
		Percent string `json:"percent"`
		Unit    string `json:"unit_amount"`
	}{p.Rate.String(), "1"}}
	for _, n := range []struct {
		key    string
		amount decimal.Decimal
	}{
		{"per_event", p.PerEvent.Decimal()},
		{"free_fees", decimal.NewFromInt(p.FreeFees)},
		{"free_events", decimal.NewFromInt(p.FreeEvents)},
		{"free_amount", p.FreeAmount.Decimal()},
		{"event_min", p.EventMin.Decimal()},
		{"event_max", p.EventMax.Decimal()},
	} {
		if !n.amount.IsZero() {
			out.note(n.key, n.amount.String())
		}
	}
	return out
}
