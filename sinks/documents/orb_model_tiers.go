package documents

import (
	"encoding/json"
	"strconv"

	"daybook/pricing"
	"daybook/pricing/money"
)

// orbGraduated is tiered, or tiered_package where tiers count blocks of one size.
func orbGraduated(g pricing.Graduated) orbModel {
	if size, ok := oneBlock(g.Tiers); ok {
		return orbBlocks(g.Tiers, size)
	}
	tiers := make([]orbTier, len(g.Tiers))
	lower := json.Number("0")
	for i, t := range g.Tiers {
		tiers[i] = orbTier{First: lower, Unit: orbRate(t.Unit)}
		if !t.Open {
			last := orbNumber(t.UpTo)
			tiers[i].Last, lower = &last, last
		}
	}
	out := orbModel{name: "tiered", config: orbTiers[orbTier]{tiers}}
	out.flats(g.Tiers)
	return out
}

func oneBlock(tiers []pricing.Tier) (size money.Quantity, ok bool) {
	for _, t := range tiers {
		if t.Block.Sign() <= 0 || t.Block.Cmp(tiers[0].Block) != 0 || !t.Flat.IsZero() {
			return size, false
		}
	}
	return tiers[0].Block, len(tiers) > 0
}

// orbBlocks is tiered_package. Orb rounds the quantity up to the package first, we do
// in each tier: where bounds are whole packages that is the same.
func orbBlocks(tiers []pricing.Tier, size money.Quantity) orbModel {
	steps := make([]orbPackageTier, len(tiers))
	lower, whole := "0", true
	for i, t := range tiers {
		steps[i] = orbPackageTier{orbRate(t.Unit), lower}
		lower = t.UpTo.String()
		whole = whole && (t.Open || t.UpTo.Decimal().Mod(size.Decimal()).IsZero())
	}
	out := orbModel{name: "tiered_package", config: struct {
		Size  string           `json:"package_size"`
		Tiers []orbPackageTier `json:"tiers"`
	}{size.String(), steps}}
	if !whole {
		out.note("blocks", "in each tier")
	}
	return out
}

// flats notes what tiers owe beside their units.
func (m *orbModel) flats(tiers []pricing.Tier) {
	for i, t := range tiers {
		if !t.Flat.IsZero() {
			m.note("flat_"+strconv.Itoa(i+1), orbRate(t.Flat))
		}
		if t.Block.Sign() > 0 {
			m.note("block_"+strconv.Itoa(i+1), t.Block.String())
		}
	}
}

func orbVolume(v pricing.Volume) orbModel {
	tiers := make([]orbBulkTier, len(v.Tiers))
	for i, t := range v.Tiers {
		tiers[i].Unit = orbRate(t.Unit)
		if !t.Open {
			last := orbNumber(t.UpTo)
			tiers[i].Maximum = &last
		}
	}
	out := orbModel{name: "bulk", config: orbTiers[orbBulkTier]{tiers}}
	out.flats(v.Tiers)
	return out
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
