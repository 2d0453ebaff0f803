package pricing_test

import (
	"slices"
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
)

func inAdvance(id, amount string) pricing.Price {
	p := fixedFee(id, amount)
	p.Due = pricing.InAdvance
	return p
}

// datedLines writes "subscription price MMDD-MMDD quantity total" of a closing.
func datedLines(got pricing.ClosingResult) []string {
	var out []string
	for _, i := range got.Invoices {
		for _, l := range i.Lines {
			out = append(out, l.Subscription+" "+l.Price+" "+l.PeriodStart.Format("0102")+"-"+l.PeriodEnd.Format("0102")+" "+l.Quantity.String()+" "+l.Total.Decimal().StringFixed(2))
		}
	}
	return out
}

func wantDated(t *testing.T, got pricing.ClosingResult, want ...string) {
	t.Helper()
	if lines := datedLines(got); !slices.Equal(lines, want) {
		t.Errorf("lines are %q, want %q (parked: %+v)", lines, want, got.Parked)
	}
}

// changesPlan is a subscription "old" that ends on a day, and "new" that goes on
// from there at another price.
func changesPlan(start, change, before, after string) *world {
	w := oneAccount(inAdvance("fee", before))
	w.plan().Cycle.Anchor.Day = dayOfMonth(start)
	next := *w.plan()
	next.ID, next.Prices = "q", []pricing.Price{inAdvance("fee", after)}
	w.book.Versions[0].Plans = append(w.book.Versions[0].Plans, next)
	w.subs = []pricing.Subscription{
		{ID: "old", Account: "acme", Plan: "p", Start: day(start).UTC(), End: day(change).UTC()},
		{ID: "new", Account: "acme", Plan: "q", Start: day(change).UTC()},
	}
	return w
}

// Orb 87 of billing-api-vectors.md: on 4 July 2023 a fee in advance of 100
// becomes one of 500. 100 x 28/31 = 90.32 go back, 500 x 28/31 = 451.61 are owed.
func TestClose_AChangeOfPlanGivesBackAsOrbDoes(t *testing.T) {
	for _, convention := range []pricing.Proration{pricing.ProrateTime, pricing.ProrateDays, pricing.ProrateStartedDays} {
		w := changesPlan("2023-06-01", "2023-07-04", "100", "500")
		w.conventions().Proration = convention
		wantDated(t, w.closed(t, "2023-06", false), "old fee 0701-0801 1 100.00")
		wantDated(t, w.closed(t, "2023-07", false),
			"new fee 0704-0801 1 451.61", "new fee 0801-0901 1 500.00", "old fee 0704-0801 -1 -90.32")
	}
}

// flexprice's cases, testdata/vectors: on 15 March 17 of 31 days are left. Each
// line is rounded, and the sum is of rounded lines: prorate-fp-upgrade nets 5.49.
func TestClose_AChangeOfPlanNetsRoundedLines(t *testing.T) {
	w := changesPlan("2024-03-01", "2024-03-15", "10", "20")
	got := w.closed(t, "2024-03", false)
	wantDated(t, got, "new fee 0315-0401 1 10.97", "new fee 0401-0501 1 20.00", "old fee 0315-0401 -1 -5.48")
	if total := got.Invoices[0].Total.Sub(money.MustAmount("20")); total.String() != "5.49" {
		t.Errorf("the change costs %s, want 5.49", total)
	}
}

// prorate-fp-qty and prorate-fp-remove: seats of 10.00 from 5 to 10, and of 4 to none.
func TestClose_AChangedQuantityGivesBackAndCharges(t *testing.T) {
	w := oneAccount(inAdvance("seats", "10"))
	w.subs[0].Start = at("2024-02-01T00:00:00Z")
	w.subs[0].Quantities = map[string]money.Quantity{"seats": money.QuantityOf(5)}
	change := func(quantity int64) {
		w.subs[0].QuantityChanges = map[string][]pricing.QuantityChange{"seats": {{From: at("2024-03-15T00:00:00Z"), Quantity: money.QuantityOf(quantity)}}}
	}
	change(10)
	wantDated(t, w.closed(t, "2024-02", false), "s seats 0301-0401 5 50.00")
	wantDated(t, w.closed(t, "2024-03", false),
		"s seats 0315-0401 -5 -27.42", "s seats 0315-0401 10 54.84", "s seats 0401-0501 10 100.00")
	// The series shows what each part owes from its first day on: 14/31 of 50, and
	// on the 15th 17/31 of 100 more, in one row.
	for date, want := range map[string]string{"2024-03-01": "5 22.58 22.58", "2024-03-14": "5 22.58 0", "2024-03-15": "10 77.42 54.84", "2024-03-16": "10 77.42 0"} {
		rows := w.daily(t, date).Rows
		row := rows[0]
		got := row.CumulativeQuantity.String() + " " + row.CumulativeTotal.Round(2, money.HalfUp).String() + " " + row.Total.Round(2, money.HalfUp).String()
		if len(rows) != 1 || got != want {
			t.Errorf("%s has %d rows, the first %q, want %q", date, len(rows), got, want)
		}
	}
	w.subs[0].Quantities["seats"] = money.QuantityOf(4)
	change(0)
	wantDated(t, w.closed(t, "2024-03", false), "s seats 0315-0401 -4 -21.94")
}

// A fee in arrears with a new quantity has a line for each, both when its period
// has ended: 5 x 10 x 14/31 = 22.58 and 10 x 10 x 17/31 = 54.84.
func TestClose_AFeeInArrearsHasALineForEachQuantity(t *testing.T) {
	w := oneAccount(fixedFee("seats", "10"))
	w.subs[0].Quantities = map[string]money.Quantity{"seats": money.QuantityOf(5)}
	w.subs[0].QuantityChanges = map[string][]pricing.QuantityChange{"seats": {
		{From: at("2024-03-01T00:00:00Z"), Quantity: money.QuantityOf(5)}, // no change
		{From: at("2024-03-15T00:00:00Z"), Quantity: money.QuantityOf(10)},
	}}
	wantDated(t, w.closed(t, "2024-03", false), "s seats 0301-0315 5 22.58", "s seats 0315-0401 10 54.84")
	wantDated(t, w.closed(t, "2024-04", false), "s seats 0401-0501 10 100.00")
}

// By hand: fees of 10 x 1 x 10/31 and 10 x 2 x 21/31 are 16.77, which a minimum of
// 100.00 for the plan raises to 100.00; by 83.225806..., in proportion 16.0049... and
// 67.2208..., so that the lines are 19.23 and 80.77. Each part of a fee with a
// minimum of its own has its share of that: 32.26 and 67.74.
func TestClose_AMinimumIsOwedOnceWhenAQuantityChanges(t *testing.T) {
	w := oneAccount(fixedFee("seats", "10"))
	w.subs[0].QuantityChanges = map[string][]pricing.QuantityChange{"seats": {{From: at("2026-10-11T00:00:00Z"), Quantity: money.QuantityOf(2)}}}
	least := []pricing.Adjustment{{Kind: pricing.MinimumCharge, Amount: money.MustAmount("100")}}
	w.plan().Adjust = least
	wantLines(t, w.closed(t, "2026-10", false), "seats 3.23 19.23", "seats 13.55 80.77")
	w.plan().Adjust, w.plan().Prices[0].Adjust = nil, least
	wantLines(t, w.closed(t, "2026-10", false), "seats 3.23 32.26", "seats 13.55 67.74")
}

// By hand: fees in advance of 10 x 2 and 5 under a minimum of 100.00 are billed as
// 80.00 and 20.00. From 11 October on it is 3: 20 x 10/31 = 6.45, 30 x 21/31 = 20.32
// and 5 are 31.77, so what October owes is 100.00 whatever was billed ahead.
func TestClose_AMinimumOverFeesInAdvanceIsOwedOnceWhenAQuantityChanges(t *testing.T) {
	w := oneAccount(inAdvance("seats", "10"), inAdvance("base", "5"))
	w.subs[0].Start, w.subs[0].End = at("2026-10-01T00:00:00Z"), at("2026-11-01T00:00:00Z")
	w.subs[0].Quantities = map[string]money.Quantity{"seats": money.QuantityOf(2)}
	w.subs[0].QuantityChanges = map[string][]pricing.QuantityChange{"seats": {{From: at("2026-10-11T00:00:00Z"), Quantity: money.QuantityOf(3)}}}
	w.plan().Adjust = []pricing.Adjustment{minimumCharge("100")}
	ahead := w.closed(t, "2026-09", false)
	wantLines(t, ahead, "seats 20.00 80.00", "base 5.00 20.00")
	rest := w.closed(t, "2026-10", false).Invoices[0]
	if off := rest.Total.Fraction().Abs(); off.Cmp(money.Ratio(2, 100)) > 0 { // lines given back are rounded by themselves
		t.Errorf("beside the 100.00 of September's closing October bills %s: %+v", rest.Total, rest.Lines)
	}
}

// By hand, of a minimum of 31.00: a subscription from 11 October at 12:00 covers
// 20.5 of 31 days, 20 of them wholly, and touches 21.
func TestClose_AMinimumIsSharedByTimeWhereItSaysSo(t *testing.T) {
	w := oneAccount(fixedFee("fee", "0"))
	w.subs[0].Start = at("2026-10-11T12:00:00Z")
	for convention, want := range map[pricing.Proration]string{
		"": "31.00", pricing.ProrateTime: "20.50", pricing.ProrateDays: "20.00", pricing.ProrateStartedDays: "21.00",
	} {
		w.plan().Adjust = []pricing.Adjustment{{Kind: pricing.MinimumCharge, Amount: money.MustAmount("31"), Prorate: convention}}
		wantLines(t, w.closed(t, "2026-10", false), "fee 0.00 "+want)
		wantLines(t, w.closed(t, "2026-11", false), "fee 0.00 31.00")
	}
	// A version from 21 October on splits what is left: 10 days less a half of the
	// 20.5 are the first one's, and 11 the second's.
	w.plan().Adjust[0].Prorate = pricing.ProrateTime
	w.addVersion("2026-10-21", func(*pricing.Plan) {})
	wantLines(t, w.closed(t, "2026-10", false), "fee 0.00 9.50", "fee 0.00 11.00")
}

// docs/billing-rules.md, Fees in advance: when an end became known changes
// nothing, and a discount that the fee had is taken off what goes back.
func TestClose_WhatIsBilledAheadKnowsNoEnd(t *testing.T) {
	w := oneAccount(inAdvance("fee", "62"))
	w.plan().Prices[0].Adjust = []pricing.Adjustment{percentDiscount("10")}
	open := w.closed(t, "2026-09", false)
	w.subs[0].End = at("2026-10-11T00:00:00Z")
	if ends := w.closed(t, "2026-09", false); !slices.Equal(datedLines(open), datedLines(ends)) {
		t.Errorf("September bills %q, and %q when the end is known", datedLines(open), datedLines(ends))
	}
	wantLines(t, open, "fee 62.00 55.80")
	wantLines(t, w.closed(t, "2026-10", false), "fee -42.00 -37.80") // 21 of 31 days
	wantCost(t, w.daily(t, "2026-10-11").Rows, pricing.ScopeBilled, "18", "0")
}

// A new version changes the price of what is left: 31 a month becomes 62 on the 11th.
func TestClose_AVersionGivesBackWhatItsPriceWasBilledFor(t *testing.T) {
	w := oneAccount(inAdvance("fee", "31"))
	w.addVersion("2026-10-11", func(p *pricing.Plan) { p.Prices[0] = inAdvance("fee", "62") })
	wantDated(t, w.closed(t, "2026-09", false), "s fee 1001-1101 1 31.00")
	wantDated(t, w.closed(t, "2026-10", false), "s fee 1011-1101 -1 -21.00", "s fee 1011-1101 1 42.00", "s fee 1101-1201 1 62.00")
}

// What no closing billed is not given back: another system billed the period
// that had begun before the first one.
func TestClose_GivesBackOnlyWhatWasBilled(t *testing.T) {
	w := oneAccount(inAdvance("fee", "30"))
	w.plan().Cycle.Anchor.Day = 15
	w.subs[0].End = at("2026-10-10T00:00:00Z")
	month := pricing.MonthOf(day("2026-10-01"))
	closing := pricing.Closing{Month: month, AsOf: at("2026-11-03T00:00:00Z"), First: true, Since: month}
	wantDated(t, w.closing(t, closing))
	closing.First, closing.Since = false, month.Previous()
	wantDated(t, w.closing(t, closing), "s fee 1010-1015 -1 -5.00") // 5 of the 30 days from 15 September
	w.plan().Prices[0].Prorate = pricing.ProrateNone
	wantDated(t, w.closing(t, closing))
}

// The closing in which a fee's whole life lies has both lines; a subscription of
// no length has none.
func TestClose_AShortSubscriptionInAdvance(t *testing.T) {
	w := oneAccount(inAdvance("fee", "30"))
	w.subs[0].Start, w.subs[0].End = at("2026-11-10T00:00:00Z"), at("2026-11-13T00:00:00Z")
	wantDated(t, w.closed(t, "2026-11", false), "s fee 1110-1201 1 21.00", "s fee 1113-1201 -1 -18.00")
	w.subs[0].End = w.subs[0].Start
	wantDated(t, w.closed(t, "2026-11", false))
	w.subs[0].End = w.subs[0].Start.AddDate(0, 0, -1)
	wantDated(t, w.closed(t, "2026-11", false))
}

func TestNewRegistry_ReportsQuantitiesThatDoNotRise(t *testing.T) {
	w := oneAccount(inAdvance("fee", "30"))
	for _, second := range []string{"2026-10-01T00:00:00Z", "2026-09-30T00:00:00Z"} {
		w.subs[0].QuantityChanges = map[string][]pricing.QuantityChange{"fee": {{From: at("2026-10-01T00:00:00Z")}, {From: at(second)}}}
		_, problems := pricing.NewRegistry(w.accounts, w.subs, nil)
		if len(problems) != 1 || problems[0].Code != "bad_quantities" {
			t.Errorf("problems are %+v", problems)
		}
	}
}

// Meteroid's cases, testdata/vectors, of a period of 30 days from 1 January:
// prorate-met-half, -lastday, and -seats as numbers of a fee of 10.00.
func TestClose_AChangeOfPlanInAPeriodOfThirtyDays(t *testing.T) {
	thirty := pricing.Cycle{Days: 30, Anchor: pricing.Anchor{Subscription: true}}
	for _, c := range []struct{ change, before, after, back, charge string }{
		{"2025-01-16", "100", "200", "-50.00", "100.00"},
		{"2025-01-30", "300", "600", "-10.00", "20.00"},
	} {
		w := oneAccount(inAdvance("fee", c.before))
		w.plan().Cycle, w.subs[0].Start = thirty, at("2025-01-01T00:00:00Z")
		w.addVersion(c.change, func(p *pricing.Plan) { p.Prices[0] = inAdvance("fee", c.after) })
		rest := "s fee " + day(c.change).UTC().Format("0102") + "-0131 "
		wantDated(t, w.closed(t, "2025-01", false), rest+"-1 "+c.back, rest+"1 "+c.charge, "s fee 0131-0302 1 "+c.after+".00")
	}
	w := oneAccount(inAdvance("seats", "10"))
	w.plan().Cycle = thirty
	w.subs[0].Start = at("2025-01-01T00:00:00Z")
	w.subs[0].Quantities = map[string]money.Quantity{"seats": money.QuantityOf(5)}
	w.subs[0].QuantityChanges = map[string][]pricing.QuantityChange{"seats": {{From: at("2025-01-16T00:00:00Z"), Quantity: money.QuantityOf(10)}}}
	wantDated(t, w.closed(t, "2025-01", false), "s seats 0116-0131 -5 -25.00", "s seats 0116-0131 10 50.00", "s seats 0131-0302 10 100.00")
}
