package documents

import (
	"encoding/json"
	"strconv"

	"daybook/pricing"
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
