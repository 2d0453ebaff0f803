package book

import (
	"cmp"
	"slices"

	"daybook/pricing"
)

// included reads units that come with resources (docs/billing-rules.md, Price
// models, Included units).
func (c *checker) included(p price) *pricing.Included {
	in := p.Included
	if !in.written() || in.bad {
		return nil
	}
	out := &pricing.Included{Resource: c.name(in.Resource)}
	for _, r := range in.Units.rows {
		c.nameAt(r.place, r.name)
		units := pricing.IncludedUnits{SKU: r.name, All: r.value.all}
		if !units.All {
			units.Units = c.quantity(r.value.number)
		}
		out.Units = append(out.Units, units)
	}
	if in.Units.written() && !in.Units.bad && len(in.Units.rows) == 0 {
		c.add(in.Units.place, "includes nothing", "write units by sku: {small: 10, large: 50, huge: all}")
	}
	slices.SortFunc(out.Units, func(a, b pricing.IncludedUnits) int { return cmp.Compare(a.SKU, b.SKU) })
	const remedy = "leave one of the two out; `allowance` is of each window"
	for _, k := range written(said{"each", p.Each.place}, said{"hours", p.Hours.place}, said{"burst", p.Burst.place}, said{"prorate", p.Prorate.place}) {
		c.add(in.place, "units are included in the one quantity of a period, and this price has `"+k.key+"`", remedy)
	}
	return out
}
