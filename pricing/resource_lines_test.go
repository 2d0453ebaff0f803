package pricing_test

import (
	"slices"
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
)

// akkeris is a price by SKU whose resources are lines of their own, over months
// less a second.
func akkeris() *world {
	w := oneAccount(pricing.Price{ID: "dynos", Description: "Dynos", Resource: "vm", Model: pricing.ResourceTime{
		PriceBy: "sku", OwnLines: true, Prices: []pricing.SKUPrice{
			{SKU: "alamo-postgresql:small", Price: money.MustAmount("10.00")},
			{SKU: "alamo-redis:small", Price: money.MustAmount("5.00")},
			{SKU: "metal", Price: money.MustAmount("1000")},
		},
	}})
	w.subs[0].Start = at("2016-01-01T00:00:00Z")
	w.conventions().Month = pricing.MonthLessOneSecond
	return w
}

func formation(id, sku, quantity, created, deleted string) pricing.Resource {
	r := vm(id, created, deleted)
	r.SKU, r.Quantity = sku, money.MustQuantity(quantity)
	return r
}

// Akkeris 1 of billing-api-vectors.md, and what follows when the dyno is scaled to
// two: 2000 x 22 d ÷ (31 d - 1 s) = 1419.355369…
func TestClose_EveryChangeOfFormationIsALine(t *testing.T) {
	w := akkeris()
	w.resources = []pricing.Resource{
		formation("web/1", "metal", "1", "2017-06-05T00:00:00Z", "2017-07-10T00:00:00Z"),
		formation("web/2", "metal", "2", "2017-07-10T00:00:00Z", ""),
		formation("old", "metal", "1", "2017-06-05T00:00:00Z", "2017-06-10T00:00:00Z"),
	}
	got := w.closed(t, "2017-07", false)
	wantLines(t, got, "dynos 290.32 290.32", "dynos 1419.36 1419.36")
	var lines []string
	for _, l := range got.Invoices[0].Lines {
		lines = append(lines, l.Description+" "+l.Grouping+" "+l.PeriodStart.Format("0102")+"-"+l.PeriodEnd.Format("0102")+" "+l.UnitPrice.String())
	}
	want := []string{
		`Dynos: web/1 (metal) {"resource":"web/1","sku":"metal"} 0701-0710 1000`,
		`Dynos: web/2 (metal) {"resource":"web/2","sku":"metal"} 0710-0801 1000`,
	}
	if !slices.Equal(lines, want) {
		t.Errorf("lines are %q, want %q", lines, want)
	}
}

// Akkeris 17 of billing-api-vectors.md: add-ons of 10.00 and 5.00 make 15.00, of
// which the database is 10.00.
func TestClose_AddonsAreLinesThatAddUp(t *testing.T) {
	w := akkeris()
	w.resources = []pricing.Resource{
		formation("pg", "alamo-postgresql:small", "1", "2017-06-05T00:00:00Z", ""),
		formation("redis", "alamo-redis:small", "1", "2017-06-05T00:00:00Z", ""),
	}
	got := w.closed(t, "2017-07", false)
	wantLines(t, got, "dynos 10.00 10.00", "dynos 5.00 5.00")
	wantAmount(t, "together", got.Invoices[0].Total, "15")
}

// Each line is rounded by itself: three of 5.00 for ten days are 1.6129… each,
// so 4.83, where one line of them would be 4.84. A discount is shared by amount.
func TestClose_LinesOfResourcesAreRoundedByThemselves(t *testing.T) {
	w := akkeris()
	for _, id := range []string{"a", "b", "c"} {
		w.resources = append(w.resources, formation(id, "alamo-redis:small", "1", "2017-07-01T00:00:00Z", "2017-07-11T00:00:00Z"))
	}
	got := w.closed(t, "2017-07", false)
	wantLines(t, got, "dynos 1.61 1.61", "dynos 1.61 1.61", "dynos 1.61 1.61")
	wantAmount(t, "together", got.Invoices[0].Total, "4.83")
	w.plan().Prices[0].Adjust = []pricing.Adjustment{amountDiscount("0.30")}
	wantLines(t, w.closed(t, "2017-07", false), "dynos 1.61 1.51", "dynos 1.61 1.51", "dynos 1.61 1.51")
	w.plan().Prices[0].Adjust = []pricing.Adjustment{minimumCharge("6")}
	wantLines(t, w.closed(t, "2017-07", false), "dynos 1.61 2.00", "dynos 1.61 2.00", "dynos 1.61 2.00")
	w.resources = nil // a minimum over nothing is one line
	wantLines(t, w.closed(t, "2017-07", false), "dynos 0.00 6.00")

	w.resources = []pricing.Resource{formation("a", "free", "1", "2017-07-01T00:00:00Z", ""), formation("b", "free", "1", "2017-07-01T00:00:00Z", "")}
	model := w.plan().Prices[0].Model.(pricing.ResourceTime)
	model.Prices = append(slices.Clone(model.Prices[:2]), pricing.SKUPrice{SKU: "free"})
	w.plan().Prices[0].Model = model
	wantLines(t, w.closed(t, "2017-07", false), "dynos 0.00 3.00", "dynos 0.00 3.00") // all are for nothing: evenly
}

// The series shows one row for the price, whose quantity is that of all.
func TestDaily_ResourcesWithLinesOfTheirOwnAreOneRow(t *testing.T) {
	w := akkeris()
	w.resources = []pricing.Resource{
		formation("pg", "alamo-postgresql:small", "1", "2017-07-01T00:00:00Z", ""),
		formation("redis", "alamo-redis:small", "2", "2017-07-01T00:00:00Z", ""),
	}
	rows := w.daily(t, "2017-07-31").Rows
	if len(rows) != 1 || rows[0].Grouping != "{}" {
		t.Errorf("rows are %+v", rows)
	}
	wantCost(t, rows, pricing.ScopeBilled, "20", rows[0].Total.String())
}
