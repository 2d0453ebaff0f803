package pricing

import "daybook/pricing/money"

// byResource returns an item for each of the resources that an item is for,
// where its price asks for lines of their own: with the dates on which each
// existed, and rounded by itself (docs/billing-rules.md, Resource time). What an
// adjustment changed is shared in proportion. An item of no resource stays.
func (it *item) byResource() []*item {
	model, ok := it.price.Model.(ResourceTime)
	if !ok || !model.OwnLines || len(it.charge.of) == 0 {
		return []*item{it}
	}
	parts := it.charge.Parts
	totals := make([]money.Amount, len(parts))
	for i, p := range parts {
		totals[i] = p.Amount
	}
	if it.total.Cmp(it.charge.Subtotal) != 0 {
		if shared, err := money.Allocate(it.total, totals, money.SeriesPlaces); err == nil {
			totals = shared
		} else { // all are for nothing: there is no proportion
			totals, _ = money.Allocate(it.total, make([]money.Amount, len(parts)), money.SeriesPlaces)
		}
	}
	out := make([]*item, len(parts))
	for i, r := range it.charge.of {
		own := *it
		own.resource, own.total = r, totals[i]
		own.part = it.charge.over.Cut(Period{Start: r.Created.UTC(), End: r.Deleted.UTC()})
		own.charge = Charge{
			Measured: parts[i].Quantity, Billable: parts[i].Quantity.Fraction(), Subtotal: parts[i].Amount, UnitPrice: parts[i].UnitPrice, HasUnitPrice: true,
			Parts: parts[i : i+1 : i+1],
		}
		out[i] = &own
	}
	return out
}

// grouping names the resource of a line of its own.
func (it *item) grouping() string {
	switch {
	case it.resource == nil:
		return noGroup
	case it.resource.SKU == "":
		return groupText([]string{"resource"}, []string{it.resource.ID})
	}
	return groupText([]string{"resource", "sku"}, []string{it.resource.ID, it.resource.SKU})
}

// named says which resource a line is for.
func (it *item) named() string {
	switch {
	case it.resource == nil:
		return ""
	case it.resource.SKU == "":
		return ": " + it.resource.ID
	}
	return ": " + it.resource.ID + " (" + it.resource.SKU + ")"
}
