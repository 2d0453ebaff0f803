package documents

import (
	"daybook/pricing"
	"daybook/pricing/money"
)

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
