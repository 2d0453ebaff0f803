package book

import (
	"daybook/pricing"
	"daybook/pricing/money"
)

// modelNames lists the models of metered prices, for messages.
const modelNames = "unit, graduated, volume, package, matrix, percentage, graduated_percentage, threshold, dynamic, capacity or burst"

// models are the models that a price may have beside unit, as written. Only
// prices of meters have them.
func models(p price) []said {
	return []said{
		{"graduated", p.Graduated.place},
		{"volume", p.Volume.place},
		{"package", p.Package.place},
		{"matrix", p.Matrix.place},
		{"percentage", p.Percentage.place},
		{"graduated_percentage", p.GraduatedPct.place},
		{"threshold", p.Threshold.place},
		{"dynamic", p.Dynamic.place},
		{"capacity", p.Capacity.place},
		{"burst", p.Burst.place},
	}
}

// model reads how a metered price turns its quantity into an amount
// (docs/billing-rules.md, Price models), with its commitment and hours of the day.
func (c *checker) model(r row[price], m pricing.Meter, known bool) pricing.Model {
	out := c.committed(r.value.Commitment, c.plainModel(r, m, known), m)
	return c.hours(r.value, out, m, known)
}

func (c *checker) plainModel(r row[price], m pricing.Meter, known bool) pricing.Model {
	p := r.value
	found := written(append([]said{{"unit", p.Unit.place}}, models(p)...)...)
	switch {
	case len(found) == 0 && p.strange:
		return nil
	case len(found) == 0:
		c.add(r.place, "this price has no model", "add one of "+modelNames)
		return nil
	case len(found) > 1:
		c.add(found[1].at, "this price has two models, `"+found[0].key+"` and `"+found[1].key+"`", "keep one; two prices may share a meter")
		return nil
	}
	flatOnZero := c.flatOnZero(p, found[0].key)
	if p.Each.written() && (found[0].key == "matrix" || found[0].key == "percentage") {
		c.add(p.Each.place, "a "+found[0].key+" price has no tiers, blocks or thresholds for each to begin anew", "leave `each` out")
	}
	switch found[0].key {
	case "graduated":
		return pricing.Graduated{Tiers: c.tiers(p.Graduated), FlatOnZero: flatOnZero}
	case "volume":
		return pricing.Volume{Tiers: c.tiers(p.Volume), FlatOnZero: flatOnZero}
	case "package":
		return c.bundle(p.Package)
	case "matrix":
		return c.matrix(p.Matrix, m, known)
	case "percentage":
		c.ofAmounts(found[0], m, known)
		return c.percentage(p.Percentage)
	case "graduated_percentage":
		c.ofAmounts(found[0], m, known)
		return pricing.GraduatedPercentage{Tiers: c.rateTiers(p.GraduatedPct), FlatOnZero: flatOnZero}
	case "threshold":
		return pricing.Threshold{Steps: c.thresholds(p.Threshold)}
	case "dynamic":
		c.ofAmounts(found[0], m, known)
		return pricing.Dynamic{Multiplier: c.quantity(p.Dynamic.Multiplier)}
	case "capacity":
		return pricing.Capacity{Tiers: c.sizes(p.Capacity), FlatOnZero: flatOnZero}
	case "burst":
		return c.burst(r, m, known)
	}
	return pricing.Unit{Price: c.amount(p.Unit)}
}

// flatOnZero reads whether no usage owes the first tier's flat fee.
func (c *checker) flatOnZero(p price, model string) bool {
	const remedy = "leave it out; a fee that is owed without usage is a price of its own: `fixed: <amount>`"
	tiered := model == "graduated" || model == "volume" || model == "capacity" || model == "graduated_percentage"
	switch {
	case p.FlatOnZero.written() && !tiered:
		c.add(p.FlatOnZero.place, "`flat_on_zero` needs tiers with a flat fee", remedy)
	case p.FlatOnZero.written() && (p.Each.written() || p.Hours.written()):
		c.add(p.FlatOnZero.place, "`each` and `hours` price only windows and groups in which something was used", remedy)
	}
	return p.FlatOnZero.value
}

func (c *checker) bundle(b bundle) pricing.Package {
	return pricing.Package{Size: c.blockSize(b.Size), Price: c.amount(b.Price), Full: b.Blocks.value == "full"}
}

// blockSize reads how many units a block has.
func (c *checker) blockSize(n number) money.Quantity {
	size := c.quantity(n)
	if n.written() && !n.bad && size.Sign() == 0 {
		c.add(n.place, "is zero", "write how many units are in a block")
	}
	return size
}
