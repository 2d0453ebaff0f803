package book

import (
	"cmp"
	"slices"

	"daybook/pricing"
	"daybook/sources/spelling"
)

// matrix reads prices by one or two dimensions. A price may ask only for what
// its meter keeps (docs/billing-rules.md, Meters and aggregations).
func (c *checker) matrix(m matrix, of pricing.Meter, known bool) pricing.Matrix {
	out := pricing.Matrix{Default: c.amount(m.Default), HasDefault: m.Default.written()}
	for _, t := range m.By.items {
		switch {
		case !t.written(), t.bad:
			continue
		case slices.Contains(out.By, t.value):
			c.add(t.place, quote(t.value)+" is listed twice", "name one or two different dimensions")
		case known && !slices.Contains(of.By, t.value):
			c.add(t.place, "the meter "+quote(of.ID)+" does not keep the dimension "+quote(t.value),
				cmp.Or(spelling.DidYouMean(t.value, of.By), "add it to the meter's `by`; usage is then read again"))
		}
		out.By = append(out.By, t.value)
	}
	if m.By.written() && !m.By.bad && (len(m.By.items) < 1 || len(m.By.items) > 2) {
		c.add(m.By.place, "a matrix has one or two dimensions", "write `by: [region]` or `by: [region, type]`")
		return out
	}
	if m.Prices.written() && m.Prices.price.written() {
		c.add(m.Prices.place, "is a number where prices by "+firstOf(out.By)+" are wanted", "write `prices: {<value>: <price>}`")
		return out
	}
	if len(out.By) == len(m.By.items) && len(out.By) > 0 {
		c.cells(&out, m.Prices.rows, nil)
	}
	if m.Prices.written() && !m.Prices.bad && len(m.Prices.rows) == 0 && !out.HasDefault {
		c.add(m.Prices.place, "this matrix has no price", "add prices or a `default`")
	}
	slices.SortFunc(out.Cells, func(a, b pricing.MatrixCell) int { return slices.Compare(a.Values, b.Values) })
	c.missingCells(m, out)
	return out
}

// cells collects the prices below the given values of the first dimensions.
func (c *checker) cells(out *pricing.Matrix, rows []row[grid], values []string) {
	for _, r := range rows {
		here := append(slices.Clone(values), r.name)
		deep := r.value.rows != nil || !r.value.price.written()
		switch {
		case !r.value.written(), r.value.bad:
		case len(here) < len(out.By) && deep && len(r.value.rows) > 0:
			c.cells(out, r.value.rows, here)
		case len(here) < len(out.By) && deep:
			c.add(r.value.place, "has no prices", "add `<value of "+out.By[len(here)]+">: <price>`, or leave it out")
		case len(here) < len(out.By):
			c.add(r.value.place, "is a price for all values of "+quote(out.By[len(here)])+", which no usage would reach",
				"write a price for each value; `default` holds for what is not listed")
		case len(r.value.rows) > 0:
			c.add(r.value.place, "goes deeper than `by` has dimensions, so no usage would reach these prices", "add the dimension to `by`, or write one price")
		case r.value.price.written() && len(here) == len(out.By):
			out.Cells = append(out.Cells, pricing.MatrixCell{Values: here, Unit: c.amount(r.value.price)})
		}
	}
}

func firstOf(by []string) string {
	if len(by) == 0 {
		return "a dimension"
	}
	return quote(by[0])
}
