package documents

import (
	"encoding/json"
	"strconv"

	"daybook/pricing"
	"daybook/pricing/money"
)

// orbOther is for the models that Orb has none like: the nearest, with a note of
// what it is here.
func orbOther(model pricing.Model) orbModel {
	switch m := model.(type) {
	case pricing.Threshold:
		steps := make([]orbThreshold, len(m.Steps))
		for i, s := range m.Steps {
			steps[i] = orbThreshold{s.From.String(), orbRate(s.Total)}
		}
		return orbTotals(steps)
	case pricing.Capacity:
		out := orbTotals(orbCapacity(m.Tiers))
		out.note("model", m.Name())
		return out
	case pricing.Bundle:
		steps := make([]orbThreshold, len(m.Tiers))
		lower := "0"
		for i, t := range m.Tiers {
			steps[i] = orbThreshold{lower, orbRate(t.Price)}
			for _, bound := range t.UpTo {
				if bound.Meter == m.Meters[0] {
					lower = bound.UpTo.String()
				}
			}
		}
		out := orbTotals(steps)
		out.note("model", m.Name())
		return out
	case pricing.ResourceTime:
		return orbResources(m)
	case pricing.Term:
		out := orbModel{name: "unit", config: orbUnit{orbRate(m.Unit)}}
		out.note("model", m.Name())
		out.note("per_seconds", strconv.FormatInt(m.PerSeconds, 10))
		return out
	case pricing.Burst:
		return orbBurst(m)
	case pricing.Committed:
		out := orbPlain(m.Of)
		out.note("commitment", committed(m.Commitment))
		return out
	case pricing.TimeOfDay:
		out := orbPlain(m.Other)
		for _, band := range m.Bands {
			inner, err := json.Marshal(orbPlain(band.Model).config)
			if err == nil {
				out.note("hours_"+band.String(), string(inner))
			}
		}
		return out
	}
	return orbModel{name: "unit", config: orbUnit{"0"}, notes: map[string]string{"daybook_model": model.Name()}}
}

func orbTotals(steps []orbThreshold) orbModel {
	return orbModel{name: "threshold_total_amount", config: struct {
		Table []orbThreshold `json:"consumption_table"`
	}{steps}}
}

// orbCapacity are the totals of sizes, each from the bound of the one before.
func orbCapacity(tiers []pricing.Tier) []orbThreshold {
	steps := make([]orbThreshold, len(tiers))
	lower := "0"
	for i, t := range tiers {
		steps[i] = orbThreshold{lower, orbRate(t.Flat)}
		lower = t.UpTo.String()
	}
	return steps
}

// orbResources prices the time that resources exist, whose quantity is in the
// price's own time: a unit price, or a matrix by SKU.
func orbResources(m pricing.ResourceTime) orbModel {
	out := orbModel{name: "unit", config: orbUnit{orbRate(m.Unit)}}
	if m.PriceBy != "" {
		cells := make([]pricing.MatrixCell, len(m.Prices))
		for i, p := range m.Prices {
			cells[i] = pricing.MatrixCell{Values: []string{p.SKU}, Unit: p.Price}
		}
		out = orbMatrixOf(pricing.Matrix{By: []string{m.PriceBy}, Cells: cells})
	}
	out.note("model", m.Name())
	return out
}

// orbBurst is a matrix by the level in force.
func orbBurst(m pricing.Burst) orbModel {
	cells := make([]pricing.MatrixCell, len(m.Levels))
	for i, l := range m.Levels {
		cells[i] = pricing.MatrixCell{Values: []string{strconv.FormatInt(l.Level, 10)}, Unit: l.Unit}
	}
	out := orbMatrixOf(pricing.Matrix{By: []string{"level"}, Cells: cells})
	out.note("model", m.Name())
	out.note("per_seconds", strconv.FormatInt(m.PerSeconds, 10))
	return out
}

func committed(c pricing.Commitment) string {
	if c.Quantity.Sign() > 0 {
		return c.Quantity.String() + " units"
	}
	return orbRate(c.Amount)
}

// allow puts an allowance before a model; false where Orb has no such model.
func (m *orbModel) allow(of pricing.Model, free money.Quantity) bool {
	switch model := of.(type) {
	case pricing.Unit:
		*m = orbGraduated(pricing.Graduated{Tiers: []pricing.Tier{{UpTo: free}, {Open: true, Unit: model.Price}}})
	case pricing.Graduated:
		if m.name != "tiered" || len(m.notes) > 0 {
			return false
		}
		tiers := []pricing.Tier{{UpTo: free}}
		for _, t := range model.Tiers {
			t.UpTo = t.UpTo.Add(free)
			tiers = append(tiers, t)
		}
		*m = orbGraduated(pricing.Graduated{Tiers: tiers})
	case pricing.Package:
		if model.Full {
			return false
		}
		*m = orbModel{name: "package_with_allocation", config: struct {
			Allocation string `json:"allocation"`
			Amount     string `json:"package_amount"`
			Size       string `json:"package_size"`
		}{free.String(), orbRate(model.Price), model.Size.String()}}
	case pricing.Matrix:
		m.name = "matrix_with_allocation"
		config, _ := m.config.(orbMatrix)
		m.config = struct {
			Allocation string `json:"allocation"`
			orbMatrix
		}{free.String(), config}
	default:
		return false
	}
	return true
}

// grouped makes a model one for each group by itself; false where Orb has none
// such.
func (m *orbModel) grouped(p *pricing.Price) bool {
	key := p.Each.By[0]
	switch model := p.Model.(type) {
	case pricing.Unit:
		if p.Allowance.Sign() <= 0 {
			return true // the same for all groups together
		}
		*m = orbModel{name: "grouped_allocation", config: struct {
			Allocation string `json:"allocation"`
			Key        string `json:"grouping_key"`
			Overage    string `json:"overage_unit_rate"`
		}{p.Allowance.String(), key, orbRate(model.Price)}}
		return true
	case pricing.Graduated:
		if p.Allowance.Sign() > 0 || m.name != "tiered" || len(m.notes) > 0 {
			return false
		}
		*m = orbModel{name: "grouped_tiered", config: struct {
			Key   string         `json:"grouping_key"`
			Tiers []orbLowerTier `json:"tiers"`
		}{key, orbLowerTiers(model.Tiers)}}
		return true
	}
	return false
}

type orbLowerTier struct {
	Lower string `json:"tier_lower_bound"`
	Unit  string `json:"unit_amount"`
}

func orbLowerTiers(tiers []pricing.Tier) []orbLowerTier {
	out := make([]orbLowerTier, len(tiers))
	lower := "0"
	for i, t := range tiers {
		out[i] = orbLowerTier{lower, orbRate(t.Unit)}
		lower = t.UpTo.String()
	}
	return out
}
