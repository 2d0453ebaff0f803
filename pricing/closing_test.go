package pricing_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"daybook/pricing"
	"daybook/pricing/money"
)

func rokkaStorage() pricing.Graduated {
	return pricing.Graduated{Tiers: steps("400", "0.40", "800", "0.30", "1200", "0.20", "", "0.08")}
}

// The figures are those of billing-api-vectors.md, by their numbers.
func TestClose_BillsTheWorkedExamplesOfOtherSystems(t *testing.T) {
	adjusted := func(p pricing.Price, a ...pricing.Adjustment) pricing.Price { p.Adjust = a; return p }
	cliff := []pricing.FreeBelow{{Meter: "max", UpTo: money.QuantityOf(2)}, {Meter: "sum", UpTo: money.QuantityOf(10)}}
	rokka := []pricing.Price{metered("storage", "max", rokkaStorage()), metered("traffic", "sum", unitOf("0.50"))}
	calls := metered("calls", "sum", pricing.Graduated{Tiers: steps("10000", "0.001", "100000", "0.0008", "", "0.0005")})
	hours := metered("hours", "sum", unitOf("0.10"))
	one := metered("one", "sum", unitOf("1.00"))
	for _, c := range []struct {
		name   string
		prices []pricing.Price
		free   []pricing.FreeBelow
		max    string
		sum    string
		want   []string
	}{
		{"rokka 59", rokka, nil, "", "0.05", []string{"traffic 0.03 0.03"}},
		{"rokka 60", rokka, nil, "", "20.25", []string{"traffic 10.13 10.13"}},
		{"rokka 61", rokka, nil, "40", "5", []string{"storage 16.00 16.00", "traffic 2.50 2.50"}},
		{"rokka 62", rokka, nil, "1000", "", []string{"storage 320.00 320.00"}},
		{"rokka 62, 401", rokka, nil, "401", "", []string{"storage 160.30 160.30"}},
		{"rokka 64, free", rokka, cliff, "2", "10", []string{"storage 0.80 0.00", "traffic 5.00 0.00"}},
		{"rokka 64, storage", rokka, cliff, "3", "0", []string{"storage 1.20 1.20"}},
		{"rokka 64, traffic", rokka, cliff, "", "11", []string{"traffic 5.50 5.50"}},
		{"Orb 79", []pricing.Price{calls}, nil, "", "150000", []string{"calls 107.00 107.00"}},
		{"Orb 81", []pricing.Price{adjusted(hours, maximumCharge("500"), minimumCharge("50"), percentDiscount("10"))}, nil, "", "200", []string{"hours 20.00 50.00"}},
		{"Orb 83", []pricing.Price{adjusted(one, usageDiscount("100"))}, nil, "", "150", []string{"one 150.00 50.00"}},
		{"Orb 83, all of it", []pricing.Price{adjusted(one, usageDiscount("100"))}, nil, "", "80", []string{"one 80.00 0.00"}},
		{"Orb 84", []pricing.Price{adjusted(one, percentDiscount("10"), amountDiscount("10"))}, nil, "", "100", []string{"one 100.00 81.00"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := oneAccount(c.prices...)
			w.plan().FreeBelow = c.free
			if c.max != "" {
				w.use("s", "max", "2026-10-05T00:00:00Z", c.max)
			}
			if c.sum != "" {
				w.use("s", "sum", "2026-10-05T00:00:00Z", c.sum)
			}
			wantLines(t, w.closed(t, "2026-10", false), c.want...)
		})
	}
}

// Akkeris 1 to 11 of billing-api-vectors.md: by exact time over the month less
// one second.
func TestClose_ProratesResourcesAsAkkerisDoes(t *testing.T) {
	for _, c := range []struct{ name, month, price, created, deleted, asOf, want string }{
		{"1", "2017-07", "1000", "2017-06-05T00:00:00Z", "2017-07-10T00:00:00Z", "", "vm 290.32 290.32"},
		{"3", "2017-07", "2000", "2017-06-05T00:00:00Z", "2017-07-10T00:00:00Z", "", "vm 580.65 580.65"},
		{"5", "2017-07", "1000", "2017-07-05T00:00:00Z", "2017-08-10T00:00:00Z", "", "vm 870.97 870.97"},
		{"7", "2017-06", "1000", "2017-06-05T00:00:00Z", "", "", "vm 866.67 866.67"},
		{"9", "2017-07", "1000", "2017-06-05T00:00:00Z", "2017-06-10T00:00:00Z", "", ""},
		{"11", "2017-02", "140", "2016-08-15T00:00:00Z", "", "2017-02-05T22:16:56.616Z", "vm 24.64 24.64"},
		{"a whole month is not more than its price", "2017-07", "100000000", "2017-06-05T00:00:00Z", "", "", "vm 100000000.00 100000000.00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := oneAccount(monthly(c.price))
			w.subs[0].Start = at("2016-01-01T00:00:00Z")
			w.conventions().Month = pricing.MonthLessOneSecond
			w.resources = []pricing.Resource{vm("r", c.created, c.deleted)}
			m, _ := pricing.ParseMonth(c.month)
			closing := pricing.Closing{Month: m, AsOf: m.Next().First().UTC()}
			if c.asOf != "" {
				closing.AsOf, closing.Draft = at(c.asOf), true
			}
			var want []string
			if c.want != "" {
				want = []string{c.want}
			}
			wantLines(t, w.closing(t, closing), want...)
		})
	}
}

// docs/billing-rules.md, Proration: 99.00 a month from 16 October 2026 12:00 in
// Europe/Zurich, of 745 hours and 31 days.
func TestClose_ProratesFeesByTheConvention(t *testing.T) {
	for _, c := range []struct {
		convention pricing.Proration
		month      pricing.MonthLength
		want       string
	}{
		{pricing.ProrateTime, pricing.MonthCalendar, "fee 49.57 49.57"},        // 373 h of 745 h
		{pricing.ProrateTime, pricing.Month730Hours, "fee 50.58 50.58"},        // 373 h of 730 h
		{pricing.ProrateTime, pricing.Month30Days, "fee 51.29 51.29"},          // 373 h of 720 h
		{pricing.ProrateDays, pricing.MonthCalendar, "fee 47.90 47.90"},        // 15 days of 31
		{pricing.ProrateDays, pricing.Month30Days, "fee 49.50 49.50"},          // 15 days of 30
		{pricing.ProrateStartedDays, pricing.MonthCalendar, "fee 51.10 51.10"}, // 16 days of 31
		{pricing.ProrateNone, pricing.MonthCalendar, "fee 99.00 99.00"},        // a started period
		{pricing.ProrateTime, pricing.MonthLessOneSecond, "fee 49.57 49.57"},   // a second is nothing here
		{pricing.ProrateStartedDays, pricing.Month730Hours, "fee 51.10 51.10"}, // days are counted in days
	} {
		w := oneAccount(fixedFee("fee", "99.00"))
		w.accounts[0].TimeZone = "Europe/Zurich"
		w.subs[0].Start = at("2026-10-16T10:00:00Z")
		w.conventions().Proration, w.conventions().Month = c.convention, c.month
		t.Run(string(c.convention)+" over "+string(c.month), func(t *testing.T) {
			wantLines(t, w.closed(t, "2026-10", false), c.want)
			wantLines(t, w.closed(t, "2026-11", false), "fee 99.00 99.00")
		})
	}
}

func TestClose_APricesOwnConventionComesFirst(t *testing.T) {
	fee := fixedFee("fee", "99.00")
	fee.Prorate = pricing.ProrateNone
	w := oneAccount(fee)
	w.subs[0].Start = at("2026-10-31T23:00:00Z")
	wantLines(t, w.closed(t, "2026-10", false), "fee 99.00 99.00")
}

// docs/billing-rules.md, Resource time.
func TestClose_ChargesHoursUpToTheCap(t *testing.T) {
	hourly := pricing.Price{ID: "vm", Resource: "vm", Model: pricing.ResourceTime{Unit: money.MustAmount("0.05"), PerSeconds: 3600, CapSeconds: 672 * 3600}}
	w := oneAccount(hourly)
	w.resources = []pricing.Resource{vm("r", "2026-10-01T00:00:00Z", "2026-10-01T10:30:00Z")}
	got := w.closed(t, "2026-10", false)
	wantLines(t, got, "vm 0.53 0.53")
	line := got.Invoices[0].Lines[0]
	wantAmount(t, "exact subtotal", line.ExactSubtotal, "0.525")
	if line.Unit != "hour" || line.Quantity.String() != "10.5" || len(line.Parts) != 1 || line.Parts[0].Label != "r" {
		t.Errorf("line is %+v", line)
	}
	w.resources = []pricing.Resource{vm("r", "2026-01-01T00:00:00Z", "")}
	wantLines(t, w.closed(t, "2026-10", false), "vm 33.60 33.60")
	w.addVersion("2026-10-25", func(p *pricing.Plan) {}) // the cap is the period's, not the part's
	wantLines(t, w.closed(t, "2026-10", false), "vm 28.80 28.80", "vm 4.80 4.80")
	wantCost(t, w.daily(t, "2026-10-28").Rows, pricing.ScopeBilled, "33.6", "1.2")
	wantCost(t, w.daily(t, "2026-10-29").Rows, pricing.ScopeBilled, "33.6", "0")
}

// ComputeStacks 36 of billing-api-vectors.md: 10 a month over 730 hours, printed
// cut to eight places.
func TestClose_AMonthOf730HoursCostsMoreWhenItIsLonger(t *testing.T) {
	w := oneAccount(monthly("10"))
	w.conventions().Month = pricing.Month730Hours
	for created, want := range map[string]string{"2023-02-15T00:00:00Z": "4.60273972", "2023-01-01T00:00:00Z": "10.19178082"} {
		w.resources = []pricing.Resource{vm("r", created, "")}
		got := w.closed(t, created[:7], false)
		wantAmount(t, "from "+created, got.Invoices[0].Lines[0].ExactSubtotal.Round(8, money.Down), want)
	}
}

func TestClose_ResourcesByDaysAndBySKU(t *testing.T) {
	w := oneAccount(pricing.Price{ID: "addons", Resource: "vm", Prorate: pricing.ProrateStartedDays, Model: pricing.ResourceTime{
		PriceBy: "sku", Prices: []pricing.SKUPrice{{SKU: "large", Price: money.MustAmount("62")}, {SKU: "small", Price: money.MustAmount("31")}},
	}})
	small, large, other := vm("b", "2026-10-01T12:00:00Z", "2026-10-03T12:00:00Z"), vm("a", "2026-10-31T00:00:00Z", ""), vm("c", "2026-11-01T00:00:00Z", "")
	small.SKU, large.SKU, large.Quantity, other.SKU = "small", "large", money.QuantityOf(2), "unheard of"
	w.resources = []pricing.Resource{small, large, other}
	got := w.closed(t, "2026-10", false)
	wantLines(t, got, "addons 7.00 7.00") // 3 days of 1.00 and 2 × 1 day of 2.00
	if parts := got.Invoices[0].Lines[0].Parts; len(parts) != 2 || parts[0].Label != "a" || parts[0].Amount.String() != "4" || parts[1].Amount.String() != "3" {
		t.Errorf("parts are %+v", parts)
	}
	wantParked(t, w.closed(t, "2026-11", false).Parked, "acme missing_sku")
}

func TestClose_ResourceProratedByNoneIsOwedOnce(t *testing.T) {
	price := monthly("30")
	price.Prorate = pricing.ProrateNone
	w := oneAccount(price)
	w.resources = []pricing.Resource{vm("r", "2026-10-05T00:00:00Z", "2026-10-06T00:00:00Z")}
	w.addVersion("2026-10-10", func(*pricing.Plan) {})
	wantLines(t, w.closed(t, "2026-10", false), "vm 30.00 30.00")
}

// docs/billing-rules.md, Starts and ends: a version from 11 October on takes 21
// of a minimum of 31 and leaves 10.
func TestClose_AVersionSplitsThePeriod(t *testing.T) {
	usage := metered("traffic", "sum", pricing.Graduated{Tiers: steps("10", "1.00", "", "0.50")})
	w := oneAccount(usage, fixedFee("fee", "31.00"))
	w.addVersion("2026-10-11", func(p *pricing.Plan) { p.Prices[1] = fixedFee("fee", "62.00") })
	w.use("s", "sum", "2026-10-10T23:59:59Z", "12")
	w.use("s", "sum", "2026-10-11T00:00:00Z", "12")
	got := w.closed(t, "2026-10", false)
	// Tiers start anew: 10 × 1.00 + 2 × 0.50 in each part; 31 × 10/31 and 62 × 21/31.
	wantLines(t, got, "traffic 11.00 11.00", "fee 10.00 10.00", "traffic 11.00 11.00", "fee 42.00 42.00")
	if l := got.Invoices[0].Lines; l[0].BookVersion != "test@2000-01-01" || !l[0].PeriodEnd.Equal(at("2026-10-11T00:00:00Z")) || !l[2].PeriodStart.Equal(at("2026-10-11T00:00:00Z")) {
		t.Errorf("the parts have the dates %s and %s", l[0].PeriodEnd, l[2].PeriodStart)
	}
	wantCost(t, w.daily(t, "2026-10-10").Rows, pricing.ScopeBilled, "21", "11") // 10 of the fee were owed from the first day on
	wantCost(t, w.daily(t, "2026-10-11").Rows, pricing.ScopeBilled, "74", "53")
	wantCost(t, w.daily(t, "2026-10-31").Rows, pricing.ScopeBilled, "74", "0")

	w.usage, w.plan().Prices, w.book.Versions[1].Plans[0].Prices = nil, []pricing.Price{usage}, []pricing.Price{usage}
	for i := range w.book.Versions {
		w.book.Versions[i].Plans[0].Adjust = []pricing.Adjustment{minimumCharge("31")}
	}
	wantLines(t, w.closed(t, "2026-10", false), "traffic 0.00 10.00", "traffic 0.00 21.00")
}

func TestClose_AChangedAnchorCutsThePeriodAndGoesOnFromThere(t *testing.T) {
	w := oneAccount(fixedFee("fee", "31.00"))
	w.addVersion("2026-10-11", func(p *pricing.Plan) { p.Cycle.Anchor.Day = 20 })
	got := w.closed(t, "2026-10", false)
	wantLines(t, got, "fee 10.00 10.00", "fee 9.30 9.30") // 10 of 31 days; 9 of the 30 from 20 September
	got = w.closed(t, "2026-11", false)
	wantLines(t, got, "fee 31.00 31.00")
	if l := got.Invoices[0].Lines[0]; !l.PeriodStart.Equal(at("2026-10-20T00:00:00Z")) {
		t.Errorf("the next period starts at %s", l.PeriodStart)
	}
	rows := w.daily(t, "2026-10-11").Rows
	if len(rows) != 1 || !rows[0].PeriodStart.Equal(at("2026-10-11T00:00:00Z")) || !rows[0].PeriodEnd.Equal(at("2026-10-20T00:00:00Z")) {
		t.Errorf("rows after the change are %+v", rows)
	}
	if rows := w.daily(t, "2026-10-10").Rows; len(rows) != 1 || !rows[0].PeriodEnd.Equal(at("2026-10-11T00:00:00Z")) {
		t.Errorf("rows before the change are %+v", rows)
	}
}

// docs/billing-rules.md, Closings: into 2026-10 fall October, 15 September to 15
// October, what ended on 20 October, and November's fee in advance.
func TestClose_TakesWhatEndsInTheMonthAndWhatStartsInAdvance(t *testing.T) {
	advance := fixedFee("advance", "30.00")
	advance.Due = pricing.InAdvance
	w := oneAccount(fixedFee("arrears", "31.00"), advance)
	plan := *w.plan()
	plan.ID, plan.Cycle = "anniversary", anniversary(1)
	w.book.Versions[0].Plans = append(w.book.Versions[0].Plans, plan)
	w.subs = append(w.subs,
		pricing.Subscription{ID: "t", Account: "acme", Plan: "anniversary", Start: at("2026-01-15T00:00:00Z")},
		pricing.Subscription{ID: "u", Account: "acme", Plan: "p", Start: at("2026-01-01T00:00:00Z"), End: at("2026-10-20T00:00:00Z")},
	)
	got := w.closed(t, "2026-10", false)
	var lines []string
	for _, l := range got.Invoices[0].Lines {
		lines = append(lines, l.Subscription+" "+l.Price+" "+l.PeriodStart.Format("0102")+"-"+l.PeriodEnd.Format("0102")+" "+l.Total.String())
	}
	want := []string{
		"s arrears 1001-1101 31", "s advance 1101-1201 30",
		"t arrears 0915-1015 31", "t advance 1015-1115 30",
		"u arrears 1001-1020 19", "u advance 1020-1101 -11.61", // 12 of the 31 days of a fee of 30
	}
	if !slices.Equal(lines, want) {
		t.Errorf("lines are %q, want %q", lines, want)
	}
	inv := got.Invoices[0]
	if !inv.PeriodStart.Equal(at("2026-09-15T00:00:00Z")) || !inv.PeriodEnd.Equal(at("2026-12-01T00:00:00Z")) {
		t.Errorf("the invoice covers %s to %s", inv.PeriodStart, inv.PeriodEnd)
	}
	if !inv.DueAt.Equal(at("2026-12-03T00:00:00Z")) || inv.Number != "" || inv.Status != "issued" {
		t.Errorf("issued %s, due %s, number %q, status %s", inv.IssuedAt, inv.DueAt, inv.Number, inv.Status)
	}
	first := w.closed(t, "2026-10", true)
	if n := len(first.Invoices[0].Lines); n != 8 { // October's advance of s and u too
		t.Errorf("the first closing has %d lines, want 8", n)
	}
}

// docs/billing-rules.md: with a fee of 99 in advance, usage of 20 and `minimum:
// 150` on all, usage is raised to 150; percentages apply to all.
func TestClose_AMinimumCountsWhatOneClosingBills(t *testing.T) {
	fee := fixedFee("fee", "99.00")
	fee.Due = pricing.InAdvance
	w := oneAccount(fee, metered("usage", "sum", unitOf("1.00")))
	w.plan().Adjust = []pricing.Adjustment{minimumCharge("150")}
	w.use("s", "sum", "2026-10-05T00:00:00Z", "20")
	wantLines(t, w.closed(t, "2026-10", false), "usage 20.00 150.00", "fee 99.00 99.00")
	w.plan().Adjust = []pricing.Adjustment{percentDiscount("10")}
	wantLines(t, w.closed(t, "2026-10", false), "usage 20.00 18.00", "fee 99.00 89.10")
}

// docs/billing-rules.md: began on 15 January, by the calendar: to April.
func TestClose_FirstMonthsEndWithTheLastThatBeginsInThem(t *testing.T) {
	w := oneAccount(fixedFee("fee", "100.00"))
	w.subs[0].Start = at("2026-01-15T00:00:00Z")
	off := percentDiscount("10")
	off.FirstMonths = 3
	w.plan().Adjust = []pricing.Adjustment{off}
	for month, want := range map[string]string{"2026-02": "90.00", "2026-04": "90.00", "2026-05": "100.00"} {
		wantLines(t, w.closed(t, month, false), "fee 100.00 "+want)
	}
}

// docs/billing-rules.md, Rounding: three groups of 3.335 are 10.005 together, so
// 10.01, and show 3.34, 3.34 and 3.33.
func TestClose_GroupsOfAPriceShareOneRounding(t *testing.T) {
	w := oneAccount(metered("compute", "sum", matrixOf("a", "x", "3.335", "b", "x", "3.335", "c", "x", "3.335")))
	for _, typ := range []string{"c", "a", "b"} {
		w.use("s", "sum", "2026-10-05T00:00:00Z", "1", `{"region":"x","type":"`+typ+`"}`)
	}
	wantLines(t, w.closed(t, "2026-10", false), "compute 3.34 3.34", "compute 3.34 3.34", "compute 3.33 3.33")
	w.conventions().Rounding = money.Down
	wantLines(t, w.closed(t, "2026-10", false), "compute 3.34 3.34", "compute 3.33 3.33", "compute 3.33 3.33")
}

func TestClose_GroupsThatCancelOutShareAMinimumEvenly(t *testing.T) {
	price := metered("compute", "sum", matrixOf())
	price.Adjust, price.Unit = []pricing.Adjustment{minimumCharge("10")}, "core"
	w := oneAccount(price)
	w.use("s", "sum", "2026-10-05T00:00:00Z", "1", `{"type":"a"}`)
	w.use("s", "sum", "2026-10-05T00:00:00Z", "-1", `{"type":"b"}`)
	got := w.closed(t, "2026-10", false)
	wantLines(t, got, "compute 3.00 8.00", "compute -3.00 2.00")
	if unit := got.Invoices[0].Lines[0].Unit; unit != "core" {
		t.Errorf("unit is %q, want the price's own", unit)
	}
}

func TestClose_LeavesOutLinesOfNothingAndInvoicesWithoutLines(t *testing.T) {
	w := oneAccount(metered("usage", "sum", unitOf("1.00")))
	if got := w.closed(t, "2026-10", false); len(got.Invoices) != 0 || len(got.Parked) != 0 {
		t.Errorf("an unused plan gives %+v", got)
	}
	w.plan().Prices = append(w.plan().Prices, fixedFee("gift", "0"))
	wantLines(t, w.closed(t, "2026-10", false), "gift 0.00 0.00")
}

// docs/billing-rules.md, Accounts: 99.00 × 3 at an override of 90.00 is 270.00.
func TestClose_HonoursQuantitiesAndOverrides(t *testing.T) {
	w := oneAccount(fixedFee("fee", "99.00"), metered("usage", "sum", unitOf("1.00")), monthly("31"))
	w.subs[0].Quantities = map[string]money.Quantity{"fee": money.QuantityOf(3)}
	w.use("s", "sum", "2026-10-05T00:00:00Z", "2")
	w.resources = []pricing.Resource{vm("r", "2026-01-01T00:00:00Z", "")}
	wantLines(t, w.closed(t, "2026-10", false), "fee 297.00 297.00", "usage 2.00 2.00", "vm 31.00 31.00")
	w.subs[0].PriceOverrides = map[string]money.Amount{"fee": money.MustAmount("90"), "usage": money.MustAmount("0.25"), "vm": money.MustAmount("10")}
	wantLines(t, w.closed(t, "2026-10", false), "fee 270.00 270.00", "usage 0.50 0.50", "vm 10.00 10.00")
}

func TestInvoiceID_IsShortStableAndOfItsOwnFields(t *testing.T) {
	m, _ := pricing.ParseMonth("2026-10")
	id := pricing.InvoiceID("Acme", "a", "CHF", pricing.KindInvoice, m, 1)
	if len(id) != len("inv_")+26 || strings.Trim(id, "abcdefghijklmnopqrstuvwxyz234567_") != "" {
		t.Errorf("id is %q", id)
	}
	for _, other := range []string{
		pricing.InvoiceID("Acmea", "", "CHF", pricing.KindInvoice, m, 1),
		pricing.InvoiceID("Acme", "b", "CHF", pricing.KindInvoice, m, 1),
		pricing.InvoiceID("Acme", "a", "EUR", pricing.KindInvoice, m, 1),
		pricing.InvoiceID("Acme", "a", "CHF", pricing.KindCreditNote, m, 1),
		pricing.InvoiceID("Acme", "a", "CHF", pricing.KindInvoice, m.Next(), 1),
		pricing.InvoiceID("Acme", "a", "CHF", pricing.KindInvoice, m, 2),
	} {
		if other == id {
			t.Errorf("two invoices have the id %s", id)
		}
	}
	if again := pricing.InvoiceID("Acme", "a", "CHF", pricing.KindInvoice, m, 1); again != id {
		t.Errorf("the same invoice has the ids %s and %s", id, again)
	}
}

func TestCompareInvoices_OrdersByAccountCurrencyKindAndID(t *testing.T) {
	inv := func(account, currency, kind, id string) pricing.Invoice {
		return pricing.Invoice{BillingAccount: account, Currency: money.Currency{Code: currency}, Kind: pricing.InvoiceKind(kind), ID: id}
	}
	want := []pricing.Invoice{inv("a", "CHF", "credit_note", "2"), inv("a", "CHF", "invoice", "1"), inv("a", "CHF", "invoice", "3"), inv("a", "EUR", "credit_note", "0"), inv("b", "CHF", "credit_note", "0")}
	for i := range want {
		for j := range want {
			if got, less := pricing.CompareInvoices(want[i], want[j]), i-j; got*less < 0 || (got == 0) != (less == 0) {
				t.Errorf("invoices %d and %d compare as %d", i, j, got)
			}
		}
	}
}

// Closings partition all periods: whatever the anchor, zone, start, end and
// versions, the lines of a price over all closings follow each other without
// gap or overlap.
func TestClose_EachChargeIsInExactlyOneClosing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		advance := fixedFee("advance", "1000")
		advance.Due = pricing.InAdvance
		w := oneAccount(fixedFee("arrears", "1000"), advance)
		w.conventions().Proration = pricing.ProrateTime
		w.plan().Cycle.Months = rapid.SampledFrom([]int{1, 3, 6, 12}).Draw(t, "months")
		w.plan().Cycle.Anchor = pricing.Anchor{Day: rapid.IntRange(1, 31).Draw(t, "day"), Subscription: rapid.Bool().Draw(t, "anniversary")}
		w.accounts[0].TimeZone = rapid.SampledFrom(oddZones()).Draw(t, "zone")
		begin := at("2017-01-10T00:00:00Z")
		start := begin.Add(time.Duration(rapid.IntRange(0, 400*24).Draw(t, "start")) * time.Hour)
		w.subs[0].Start = start
		last := at("2019-12-31T00:00:00Z")
		if rapid.Bool().Draw(t, "ends") {
			w.subs[0].End = start.Add(time.Duration(rapid.IntRange(1, 500*24).Draw(t, "length")) * time.Hour)
			last = w.subs[0].End
		}
		if rapid.Bool().Draw(t, "versions") {
			w.addVersion(pricing.DateOf(begin).AddDays(rapid.IntRange(0, 700).Draw(t, "version")).String(), func(p *pricing.Plan) {
				p.Cycle.Anchor = pricing.Anchor{Day: rapid.IntRange(1, 31).Draw(t, "new day")}
			})
		}
		got := map[string][]pricing.Line{}
		for m := pricing.MonthOf(day("2017-01-01")); m.Before(pricing.MonthOf(day("2021-02-01"))); m = m.Next() {
			for _, i := range closedIn(t, w, m).Invoices {
				for _, l := range i.Lines {
					got[l.Price] = append(got[l.Price], l)
				}
			}
		}
		for _, price := range []string{"arrears", "advance"} {
			lines := lessGivenBack(t, got[price])
			slices.SortFunc(lines, func(a, b pricing.Line) int { return a.PeriodStart.Compare(b.PeriodStart) })
			if len(lines) == 0 || !lines[0].PeriodStart.Equal(start) {
				t.Fatalf("the first %s line does not begin with the subscription at %s: %+v", price, start, lines)
			}
			for i, l := range lines[1:] {
				if !l.PeriodStart.Equal(lines[i].PeriodEnd) {
					t.Fatalf("%s lines leave %s to %s unbilled, or bill it twice", price, lines[i].PeriodEnd, l.PeriodStart)
				}
			}
			end := lines[len(lines)-1].PeriodEnd
			if end.Before(last) || !w.subs[0].End.IsZero() && !end.Equal(w.subs[0].End) {
				t.Fatalf("%s lines end at %s, want %s", price, end, last)
			}
		}
	})
}

// lessGivenBack cuts the lines of fees by those that give a part of them back,
// each of which belongs to one fee and reaches to its end.
func lessGivenBack(t *rapid.T, lines []pricing.Line) []pricing.Line {
	var fees, back []pricing.Line
	for _, l := range lines {
		if l.Quantity.Sign() < 0 {
			back = append(back, l)
		} else {
			fees = append(fees, l)
		}
	}
	for _, b := range back {
		of := slices.IndexFunc(fees, func(l pricing.Line) bool {
			return l.BookVersion == b.BookVersion && l.PeriodEnd.Equal(b.PeriodEnd) && l.PeriodStart.Before(b.PeriodStart)
		})
		if of < 0 || b.Total.Sign() > 0 {
			t.Fatalf("line %+v gives back nothing that was billed", b)
		}
		fees[of].PeriodEnd = b.PeriodStart
	}
	return fees
}

func closedIn(t *rapid.T, w *world, m pricing.Month) pricing.ClosingResult {
	registry, _ := pricing.NewRegistry(w.accounts, w.subs, w.resources)
	r, err := pricing.NewRater(w.book, registry)
	if err != nil {
		t.Fatal(err)
	}
	got, err := r.Close(r.Trees()[0], pricing.TreeUsage{Rows: w.usage}, pricing.Closing{Month: m, AsOf: m.Next().First().AddDays(2).UTC(), First: m.Year == 2017 && m.Month == 1})
	if err != nil || len(got.Parked) > 0 {
		t.Fatal(err, got.Parked)
	}
	return got
}
