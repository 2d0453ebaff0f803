package pricing_test

import (
	"slices"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
)

// docs/billing-rules.md, Anchors: weeks begin on Mondays, or on the weekday on
// which the subscription began; other days count from its start.
func TestPeriods_OfDays(t *testing.T) {
	sub := pricing.Subscription{Start: at("2026-10-08T15:00:00Z")} // a Thursday
	own := pricing.Anchor{Subscription: true}
	for _, c := range []struct {
		cycle pricing.Cycle
		when  string
		want  string
	}{
		{pricing.Cycle{Days: 1}, "2026-10-25", "2026-10-25/2026-10-26"},
		{pricing.Cycle{Days: 7}, "2026-10-11", "2026-10-05/2026-10-12"},
		{pricing.Cycle{Days: 7}, "2026-10-12", "2026-10-12/2026-10-19"},
		{pricing.Cycle{Days: 7, Anchor: own}, "2026-10-14", "2026-10-08/2026-10-15"},
		{pricing.Cycle{Days: 30, Anchor: own}, "2026-11-06", "2026-10-08/2026-11-07"},
		{pricing.Cycle{Days: 30, Anchor: own}, "2026-11-07", "2026-11-07/2026-12-07"},
		{pricing.Cycle{Days: 7}, "1969-12-31", "1969-12-29/1970-01-05"},
		{pricing.Cycle{Days: 7}, "1969-12-28", "1969-12-22/1969-12-29"},
	} {
		zurich := zone("Europe/Zurich")
		cadence := pricing.CadenceOf(c.cycle, sub, zurich)
		if got := dates(pricing.PeriodAt(cadence, zurich, day(c.when).In(zurich)), zurich); got != c.want {
			t.Errorf("%+v: %s is in %s, want %s", c.cycle, c.when, got, c.want)
		}
	}
}

// Samoa left out 30 December 2011: no period is of that day, and none is empty.
func TestPeriods_ADayThatAZoneLeavesOutIsNoPeriod(t *testing.T) {
	apia := zone("Pacific/Apia")
	var got []string
	for p := range pricing.Periods(pricing.Cadence{Days: 1}, apia, day("2011-12-28").In(apia), day("2012-01-01").In(apia)) {
		got = append(got, dates(p, apia))
		if p.Length() != 24*time.Hour {
			t.Errorf("%s has %s", got[len(got)-1], p.Length())
		}
	}
	// The 29th ends as the 31st begins.
	want := []string{"2011-12-28/2011-12-29", "2011-12-29/2011-12-31", "2011-12-31/2012-01-01", "2012-01-01/2012-01-02"}
	if !slices.Equal(got, want) {
		t.Errorf("periods are %q, want %q", got, want)
	}
	w := oneAccount(fixedFee("fee", "1"))
	w.plan().Cycle = pricing.Cycle{Days: 1}
	w.accounts[0].TimeZone, w.subs[0].Start = "Pacific/Apia", at("2011-01-01T00:00:00Z")
	if lines := w.closed(t, "2011-12", false).Invoices[0].Lines; len(lines) != 30 {
		t.Errorf("December 2011 bills %d days, want 30", len(lines))
	}
}

// A week costs 7.00: it ends on Monday 5, 12, 19 and 26 October, and the fourth
// week's fee began on 26 October.
func TestClose_BillsTheWeeksThatEnd(t *testing.T) {
	w := oneAccount(fixedFee("fee", "7"), inAdvance("advance", "70"))
	w.plan().Cycle = pricing.Cycle{Days: 7}
	w.conventions().Month = pricing.Month730Hours // weeks have no months to be measured by
	w.subs[0].Start, w.subs[0].End = at("2026-10-06T00:00:00Z"), at("2026-10-21T00:00:00Z")
	wantDated(t, w.closed(t, "2026-10", false),
		"s fee 1006-1012 1 6.00", "s advance 1006-1012 1 60.00",
		"s fee 1012-1019 1 7.00", "s advance 1012-1019 1 70.00",
		"s fee 1019-1021 1 2.00", "s advance 1019-1026 1 70.00", "s advance 1021-1026 -1 -50.00")
}

// A fee that is owed once is owed when the subscription begins, in full, and an
// end gives nothing of it back.
func TestClose_AFeeOnceIsOfTheStart(t *testing.T) {
	setup := inAdvance("setup", "200")
	setup.Once = true
	w := oneAccount(fixedFee("fee", "31"), setup)
	w.subs[0].Start, w.subs[0].End = at("2026-10-11T10:00:00Z"), at("2026-12-01T00:00:00Z")
	w.subs[0].Quantities = map[string]money.Quantity{"setup": money.QuantityOf(2)}
	w.addVersion("2026-10-20", func(p *pricing.Plan) { p.Prices[1].Model = pricing.Fixed{Price: money.MustAmount("999")} })
	w.plan().Adjust = []pricing.Adjustment{percentDiscount("10")}
	got := w.closed(t, "2026-10", false)
	wantDated(t, got, "s fee 1011-1020 1 7.73", "s setup 1011-1012 2 360.00", "s fee 1020-1101 1 12.00") // 31 x 206/744 h x 0.9 = 7.725
	wantDated(t, w.closed(t, "2026-11", false), "s fee 1101-1201 1 31.00")
	rows := w.daily(t, "2026-10-11").Rows
	wantCost(t, rows, pricing.ScopeBilled, "367.725", "367.725")
}

// A yearly fee in a monthly plan: 120.00 from 15 October to 15 October in
// advance, and what an end in March leaves of it. A minimum over the plan is for
// each month and leaves it out.
func TestClose_AFeeMayHaveACycleOfItsOwn(t *testing.T) {
	yearly := inAdvance("licence", "365")
	yearly.Cycle = pricing.Cycle{Months: 12, Anchor: pricing.Anchor{Subscription: true}}
	w := oneAccount(metered("usage", "sum", unitOf("1.00")), yearly)
	w.plan().Cycle.Anchor = pricing.Anchor{Subscription: true}
	w.plan().Adjust = []pricing.Adjustment{minimumCharge("5")}
	w.subs[0].Start, w.subs[0].End = at("2026-10-15T00:00:00Z"), at("2027-03-15T00:00:00Z")
	wantDated(t, w.closed(t, "2026-10", false), "s licence 1015-1015 1 365.00")
	wantDated(t, w.closed(t, "2026-11", false), "s usage 1015-1115 0 5.00")
	wantDated(t, w.closed(t, "2027-03", false), "s usage 0215-0315 0 5.00", "s licence 0315-1015 -1 -214.00") // 214 of 365 days
	rows := w.daily(t, "2026-12-20").Rows
	wantCost(t, rows, pricing.ScopeBilled, "156", "0") // 5 and 151 of 365 days
	if len(rows) != 2 {
		t.Errorf("rows are %+v", rows)
	}
}

func TestNewRater_RefusesCyclesThatAreNone(t *testing.T) {
	for name, spoil := range map[string]func(*pricing.Plan){
		"days and months":      func(p *pricing.Plan) { p.Cycle.Days = 7 },
		"too many days":        func(p *pricing.Plan) { p.Cycle = pricing.Cycle{Days: 367} },
		"five months":          func(p *pricing.Plan) { p.Cycle.Months = 5 },
		"days below none":      func(p *pricing.Plan) { p.Cycle = pricing.Cycle{Days: -1} },
		"once in arrears":      func(p *pricing.Plan) { p.Prices[0].Once = true },
		"usage once":           func(p *pricing.Plan) { p.Prices[1].Once = true },
		"usage with a cycle":   func(p *pricing.Plan) { p.Prices[1].Cycle.Days = 7 },
		"a fee of five months": func(p *pricing.Plan) { p.Prices[0].Cycle.Months = 5 },
		"once with own cycle ": func(p *pricing.Plan) {
			p.Prices[0].Once, p.Prices[0].Due, p.Prices[0].Cycle.Days = true, pricing.InAdvance, 7
		},
	} {
		w := oneAccount(fixedFee("fee", "1"), metered("usage", "sum", unitOf("1")))
		spoil(w.plan())
		registry, _ := pricing.NewRegistry(w.accounts, w.subs, nil)
		if _, err := pricing.NewRater(w.book, registry); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// Kill Bill's cases of months of 30 days, testdata/vectors: prorate-kb-30-2023-05-23-2023-06-15
// is 22/30 and prorate-kb-30-2023-05-15-2023-05-23 is 8/30, of a fee of 30.00.
func TestClose_CountsDaysOfMonthsOfThirty(t *testing.T) {
	for _, c := range []struct{ start, end, want string }{
		{"2023-05-23", "2023-06-15", "fee 22.00 22.00"},
		{"2023-05-15", "2023-05-23", "fee 8.00 8.00"},
		{"2023-05-15", "2023-06-15", "fee 30.00 30.00"},
		{"2023-02-15", "2023-02-28", "fee 13.00 13.00"},
		{"2023-02-28", "2023-03-15", "fee 17.00 17.00"}, // 28 February to 1 March is three days
		{"2023-05-31", "2023-06-01", "fee 1.00 1.00"},   // the 31st is the 30th, and the 1st follows
		{"2023-05-30", "2023-05-31", "fee 0.00 0.00"},
	} {
		w := oneAccount(fixedFee("fee", "30"))
		w.conventions().Month, w.conventions().Proration = pricing.Month30Of360, pricing.ProrateDays
		w.plan().Cycle.Anchor.Day = 15
		w.subs[0].Start, w.subs[0].End = day(c.start).UTC(), day(c.end).UTC()
		wantLines(t, w.closed(t, pricing.MonthOf(day(c.end)-1).String(), false), c.want)
	}
	w := oneAccount(monthly("30")) // a resource of all of a period costs its price, however it is anchored
	w.conventions().Month, w.conventions().Proration = pricing.Month30Of360, pricing.ProrateStartedDays
	w.plan().Cycle.Anchor.Day = 31
	w.resources = []pricing.Resource{vm("r", "2023-01-01T00:00:00Z", "2023-04-10T12:00:00Z")}
	w.subs[0].Start = at("2022-12-31T00:00:00Z")
	for month, want := range map[string]string{"2023-02": "vm 30.00 30.00", "2023-03": "vm 30.00 30.00", "2023-04": "vm 11.00 11.00"} {
		wantLines(t, w.closed(t, month, false), want) // 31 March (as the 30th) to 11 April
	}
	w.conventions().Proration = pricing.ProrateTime
	registry, _ := pricing.NewRegistry(w.accounts, w.subs, nil)
	if _, err := pricing.NewRater(w.book, registry); err == nil {
		t.Error("months of 30/360 by time: no error")
	}
}

// ComputeStacks 36 of billing-api-vectors.md: the first month from its creation
// by hours of 730, later ones exactly the price.
func TestClose_TheFirstMonthBy730Hours(t *testing.T) {
	w := oneAccount(monthly("10"))
	w.conventions().Month = pricing.MonthFirst730Hours
	for created, want := range map[string]string{"2023-02-15T00:00:00Z": "4.60273972", "2023-01-01T00:00:00Z": "10.19178082"} {
		w.resources = []pricing.Resource{vm("r", created, "2023-04-16T00:00:00Z")}
		wantAmount(t, "from "+created, w.closed(t, created[:7], false).Invoices[0].Lines[0].ExactSubtotal.Round(8, money.Down), want)
		wantLines(t, w.closed(t, "2023-03", false), "vm 10.00 10.00")
		wantLines(t, w.closed(t, "2023-04", false), "vm 4.93 4.93") // 360 of 730 hours
	}
	w.addVersion("2023-03-11", func(*pricing.Plan) {}) // the parts of a whole month make its price
	wantLines(t, w.closed(t, "2023-03", false), "vm 3.29 3.29", "vm 6.71 6.71")
}
