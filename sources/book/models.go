package book

import (
	"daybook/pricing"
	"daybook/pricing/money"
)

// tariffs are the models that a price of a meter alone may have, as written. A
// unit price is a model too, and resources have it as well.
func tariffs(p price) []said {
	return []said{
		{"graduated", p.Graduated.place},
		{"volume", p.Volume.place},
		{"package", p.Package.place},
		{"matrix", p.Matrix.place},
		{"flat_on_zero", p.FlatOnZero.place},
	}
}

// model reads how a metered price turns its quantity into an amount
// (docs/billing-rules.md, Price models).
func (c *checker) model(r row[price], m pricing.Meter, known bool) pricing.Model {
	p := r.value
	models := written(said{"unit", p.Unit.place}, said{"graduated", p.Graduated.place}, said{"volume", p.Volume.place},
		said{"package", p.Package.place}, said{"matrix", p.Matrix.place})
	switch {
	case len(models) == 0 && p.strange:
		return nil
	case len(models) == 0:
		c.add(r.place, "this price has no model", "add one of unit, graduated, volume, package or matrix")
		return nil
	case len(models) > 1:
		c.add(models[1].at, "this price has two models, `"+models[0].key+"` and `"+models[1].key+"`", "keep one; two prices may share a meter")
		return nil
	}
	flatOnZero := c.flatOnZero(p, models[0].key)
	switch models[0].key {
	case "graduated":
		return pricing.Graduated{Tiers: c.tiers(p.Graduated), FlatOnZero: flatOnZero}
	case "volume":
		return pricing.Volume{Tiers: c.tiers(p.Volume), FlatOnZero: flatOnZero}
	case "package":
		return c.bundle(p.Package)
	case "matrix":
		return c.matrix(p.Matrix, m, known)
	}
	return pricing.Unit{Price: c.amount(p.Unit)}
}

// flatOnZero reads whether no usage owes the first tier's flat fee.
func (c *checker) flatOnZero(p price, model string) bool {
	switch model {
	case "graduated", "volume":
	default:
		if p.FlatOnZero.written() {
			c.add(p.FlatOnZero.place, "`flat_on_zero` needs tiers with a flat fee", "leave it out; a fee that is owed without usage is a price of its own: `fixed: <amount>`")
		}
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
