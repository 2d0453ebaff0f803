package pricing_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"daybook/pricing"
	"daybook/pricing/money"
)

// Orb 68 and 69 of billing-api-vectors.md: unit 2.50, minimum 50, cumulative
// usage 9/19/20/28/36.
func TestDaily_ShowsTheMinimumInFullFromTheFirstDay(t *testing.T) {
	price := metered("usage", "sum", unitOf("2.50"))
	price.Adjust = []pricing.Adjustment{minimumCharge("50")}
	w := oneAccount(price)
	w.subs[0].Start = at("2026-10-01T00:00:00Z")
	for i, quantity := range []string{"9", "10", "1", "8", "8"} {
		w.use("s", "sum", fmt.Sprintf("2026-10-0%dT12:00:00Z", i+1), quantity)
	}
	for i, want := range [][6]string{
		{"9", "22.5", "50", "9", "22.5", "50"},
		{"19", "47.5", "50", "10", "25", "0"},
		{"20", "50", "50", "1", "2.5", "0"},
		{"28", "70", "70", "8", "20", "20"},
		{"36", "90", "90", "8", "20", "20"},
	} {
		rows := w.daily(t, fmt.Sprintf("2026-10-0%d", i+1)).Rows
		if len(rows) != 1 {
			t.Fatalf("day %d has rows %+v", i+1, rows)
		}
		r := rows[0]
		got := [6]string{r.CumulativeQuantity.String(), r.CumulativeSubtotal.String(), r.CumulativeTotal.String(), r.Quantity.String(), r.Subtotal.String(), r.Total.String()}
		if got != want {
			t.Errorf("day %d is %q, want %q", i+1, got, want)
		}
	}
}

// Orb 71's day windows: local days of America/Los_Angeles, here of both changes
// of clocks.
func TestDaily_FramesAreLocalDays(t *testing.T) {
	w := oneAccount(fixedFee("fee", "31"))
	w.accounts[0].TimeZone = "America/Los_Angeles"
	for date, want := range map[string][2]string{
		"2022-02-02": {"2022-02-02T08:00:00Z", "2022-02-03T08:00:00Z"},
		"2022-03-13": {"2022-03-13T08:00:00Z", "2022-03-14T07:00:00Z"}, // 23 hours
		"2022-11-06": {"2022-11-06T07:00:00Z", "2022-11-07T08:00:00Z"}, // 25 hours
	} {
		r := w.daily(t, date).Rows[0]
		if !r.TimeframeStart.Equal(at(want[0])) || !r.TimeframeEnd.Equal(at(want[1])) {
			t.Errorf("%s is %s to %s, want %q", date, r.TimeframeStart, r.TimeframeEnd, want)
		}
	}
}

func TestDaily_EveryDayIsPresentUsedOrNot(t *testing.T) {
	w := oneAccount(metered("usage", "sum", unitOf("1.00")), fixedFee("fee", "31"))
	w.subs[0].Start, w.subs[0].End = at("2026-10-05T15:00:00Z"), at("2026-10-20T09:00:00Z")
	w.use("s", "sum", "2026-10-06T00:00:00Z", "2")
	for d := day("2026-09-30"); d <= day("2026-11-02"); d++ {
		rows := w.daily(t, d.String()).Rows
		want := 0
		if d >= day("2026-10-05") && d <= day("2026-10-31") { // to the end of the period
			want = 2
		}
		if len(rows) != want {
			t.Errorf("%s has %d rows, want %d", d, len(rows), want)
		}
	}
	// The fee is that of 5 October 15:00 to 20 October 09:00: 14.75 of 31 days.
	wantCost(t, w.daily(t, "2026-10-05").Rows, pricing.ScopeBilled, "14.75", "14.75")
	wantCost(t, w.daily(t, "2026-10-06").Rows, pricing.ScopeBilled, "16.75", "2")
	wantCost(t, w.daily(t, "2026-10-31").Rows, pricing.ScopeBilled, "16.75", "0")
	r := w.daily(t, "2026-10-31").Rows[0]
	if !r.PeriodStart.Equal(at("2026-10-05T15:00:00Z")) || !r.PeriodEnd.Equal(at("2026-10-20T09:00:00Z")) {
		t.Errorf("the period is %s to %s", r.PeriodStart, r.PeriodEnd)
	}
}

func TestDaily_AnniversariesBeginAgainAtZero(t *testing.T) {
	w := oneAccount(metered("usage", "sum", unitOf("1.00")))
	w.plan().Cycle = anniversary(1)
	w.subs[0].Start = at("2026-01-31T00:00:00Z")
	w.use("s", "sum", "2026-02-27T23:00:00Z", "5")
	w.use("s", "sum", "2026-02-28T00:00:00Z", "7")
	wantCost(t, w.daily(t, "2026-02-27").Rows, pricing.ScopeBilled, "5", "5")
	wantCost(t, w.daily(t, "2026-02-28").Rows, pricing.ScopeBilled, "7", "7")
	wantCost(t, w.daily(t, "2026-03-30").Rows, pricing.ScopeBilled, "7", "0")
}

func TestDaily_ListsOverlappingSubscriptionsBoth(t *testing.T) {
	w := oneAccount(fixedFee("fee", "31"))
	w.subs = append(w.subs, pricing.Subscription{ID: "t", Account: "acme", Plan: "p", Start: at("2026-10-16T00:00:00Z")})
	rows := w.daily(t, "2026-10-20").Rows
	if len(rows) != 2 || rows[0].Subscription != "s" || rows[1].Subscription != "t" {
		t.Fatalf("rows are %+v", rows)
	}
	wantCost(t, rows, pricing.ScopeBilled, "47", "0")
}

func TestDaily_ListsTheGroupsOfAMatrix(t *testing.T) {
	price := metered("compute", "sum", matrixOf())
	price.Adjust = []pricing.Adjustment{minimumCharge("10")}
	w := oneAccount(price)
	w.use("s", "sum", "2026-10-02T00:00:00Z", "1", `{"region":"eu","type":"small"}`)
	w.use("s", "sum", "2026-10-03T00:00:00Z", "1", `{"region":"us","type":"small"}`)
	for date, want := range map[string][]string{
		"2026-10-01": {"{} 10 10"},
		// What the row of no group showed is taken back by the first group's day.
		"2026-10-02": {`{"region":"eu","type":"small"} 10 10`, "{} 0 -10"},
		"2026-10-03": {`{"region":"eu","type":"small"} 5 -5`, `{"region":"us","type":"small"} 5 5`},
		"2026-10-04": {`{"region":"eu","type":"small"} 5 0`, `{"region":"us","type":"small"} 5 0`},
	} {
		var got []string
		for _, r := range w.daily(t, date).Rows {
			got = append(got, fmt.Sprintf("%s %s %s", r.Grouping, r.CumulativeTotal, r.Total))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s is %q, want %q", date, got, want)
		}
	}
}

func TestDaily_RunningResourcesEndAtTheDayOrAsOf(t *testing.T) {
	w := oneAccount(monthly("31"))
	w.resources = []pricing.Resource{vm("r", "2026-10-01T12:00:00Z", "")}
	wantCost(t, w.daily(t, "2026-10-01").Rows, pricing.ScopeBilled, "0.5", "0.5")
	wantCost(t, w.daily(t, "2026-10-03").Rows, pricing.ScopeBilled, "2.5", "1")
	wantCost(t, w.dailyAsOf(t, day("2026-10-03"), at("2026-10-03T06:00:00Z")).Rows, pricing.ScopeBilled, "1.75", "0.25")
	wantCost(t, w.dailyAsOf(t, day("2026-10-03"), at("2026-10-01T00:00:00Z")).Rows, pricing.ScopeBilled, "0", "0")
}

func TestDaily_ADayThatAZoneLeftOutHasNoRows(t *testing.T) {
	w := oneAccount(fixedFee("fee", "31"))
	w.subs[0].Start = at("2011-01-01T00:00:00Z")
	w.accounts[0].TimeZone = "Pacific/Apia"
	for date, want := range map[string]int{"2011-12-29": 1, "2011-12-30": 0, "2011-12-31": 1} {
		if got := len(w.daily(t, date).Rows); got != want {
			t.Errorf("%s has %d rows, want %d", date, got, want)
		}
	}
}

func TestWindow_ReachesBackToThePeriodAndItsLevels(t *testing.T) {
	w := oneAccount(metered("usage", "sum", unitOf("1.00")))
	w.plan().Cycle = calendar(1, 15)
	window := func(date, from, to string) {
		t.Helper()
		if f, u := w.rater(t).Window(day(date)); f != day(from) || u != day(to) {
			t.Errorf("window of %s is %s to %s, want %s to %s", date, f, u, from, to)
		}
	}
	month := func(date, from, to string) {
		t.Helper()
		if f, u := w.rater(t).ClosingWindow(pricing.MonthOf(day(date))); f != day(from) || u != day(to) {
			t.Errorf("window of %s is %s to %s, want %s to %s", date[:7], f, u, from, to)
		}
	}
	window("2026-10-20", "2026-10-14", "2026-10-21")
	month("2026-10-01", "2026-09-14", "2026-11-01")
	w.plan().Prices = []pricing.Price{metered("storage", "storage", unitOf("1.00"))}
	window("2026-10-20", "2026-09-13", "2026-10-21")
	month("2026-10-01", "2026-08-14", "2026-11-01")
	w.plan().Prices = []pricing.Price{fixedFee("fee", "1")}
	window("2026-10-20", "2026-10-19", "2026-10-21")
	month("2026-10-01", "2026-09-30", "2026-11-01")
	w.plan().Prices = []pricing.Price{metered("usage", "sum", unitOf("1.00"))}
	w.plan().Cycle = calendar(12, 1) // a year is read when it ends, and not before
	month("2026-10-01", "2026-09-30", "2026-11-01")
	month("2026-12-01", "2025-12-31", "2027-01-01")
}

func TestRated_CountsEachEventOnce(t *testing.T) {
	w := oneAccount(metered("usage", "sum", unitOf("1.00")))
	w.use("s", "sum", "2026-10-05T01:00:00Z", "5")
	w.use("s", "max", "2026-10-05T02:00:00Z", "5") // no price asks for it
	w.use("s", "sum", "2026-10-06T01:00:00Z", "5")
	w.usage[0].Events, w.usage[1].Events = 10, 3
	if got, want := w.daily(t, "2026-10-05").Rated, (pricing.Rated{Kept: 13, Billed: 10, Unpriced: 3}); got != want {
		t.Errorf("the day counts %+v, want %+v", got, want)
	}
	if got, want := w.closed(t, "2026-10", false).Rated, (pricing.Rated{Kept: 14, Billed: 11, Unpriced: 3}); got != want {
		t.Errorf("the month counts %+v, want %+v", got, want)
	}
	if got := w.closed(t, "2026-11", false).Rated; got != (pricing.Rated{}) {
		t.Errorf("the month after counts %+v", got)
	}
	w.subs[0].End = at("2026-10-05T00:00:00Z") // the registry changed after the rollup
	if got, want := w.closed(t, "2026-10", false).Rated, (pricing.Rated{Kept: 14, Unpriced: 14}); got != want {
		t.Errorf("usage after the end counts %+v, want %+v", got, want)
	}
}

// randomWorld has prices of all kinds, adjustments, a version within the month
// and usage.
func randomWorld(t *rapid.T) *world {
	minimum := metered("sum", "sum", pricing.Graduated{Tiers: steps("10", "1.01", "20", "0.333", "", "0.07")})
	minimum.Adjust = []pricing.Adjustment{minimumCharge(rapid.SampledFrom([]string{"0", "7.77", "50"}).Draw(t, "minimum"))}
	w := oneAccount(
		minimum, metered("storage", "storage", unitOf("0.0317")), metered("blocks", "count", pricing.Package{Size: money.QuantityOf(3), Price: money.MustAmount("0.77")}),
		metered("compute", "max", matrixOf("a", "x", "0.123", "b", "x", "1.1")), fixedFee("fee", "9.99"), monthly("7"),
	)
	w.accounts[0].TimeZone = rapid.SampledFrom(oddZones()).Draw(t, "zone")
	w.subs[0].Start = at("2018-10-01T12:00:00Z").Add(time.Duration(rapid.IntRange(0, 600).Draw(t, "start")) * time.Hour)
	w.plan().Adjust = []pricing.Adjustment{percentDiscount(rapid.SampledFrom([]string{"0", "12.5"}).Draw(t, "percent")), maximumCharge("500")}
	if rapid.Bool().Draw(t, "version") {
		w.addVersion(day("2018-10-20").AddDays(rapid.IntRange(0, 30).Draw(t, "effective")).String(), func(p *pricing.Plan) {
			p.Prices[4] = fixedFee("fee", "19.99")
		})
	}
	w.resources = []pricing.Resource{vm("r", "2018-10-20T01:02:03Z", "2018-11-20T00:00:00Z")}
	for i := range rapid.IntRange(0, 25).Draw(t, "events") {
		when := w.subs[0].Start.Add(time.Duration(rapid.IntRange(0, 60*24*60).Draw(t, "when")) * time.Minute)
		meter := rapid.SampledFrom([]string{"sum", "storage", "count", "max"}).Draw(t, "meter")
		w.use("s", meter, when.Format(time.RFC3339), fmt.Sprint(rapid.IntRange(0, 40).Draw(t, "quantity")), fmt.Sprintf(`{"region":"x","type":"%c"}`, 'a'+i%3))
	}
	return w
}

// The differences of a period's days sum to its cumulative cost, and that of its
// last day is what the closing bills, exactly.
func TestDaily_DaysSumToThePeriodAndThePeriodToTheInvoice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := randomWorld(t)
		registry, _ := pricing.NewRegistry(w.accounts, w.subs, w.resources)
		r, err := pricing.NewRater(w.book, registry)
		if err != nil {
			t.Fatal(err)
		}
		tree, usage, asOf := r.Trees()[0], pricing.TreeUsage{Rows: w.usage}, at("2019-02-01T00:00:00Z")
		var subtotal, total money.Amount
		var last []pricing.CostRow
		for d := day("2018-11-01"); d <= day("2018-11-30"); d++ {
			got, err := r.Daily(tree, usage, d, asOf)
			if err != nil || len(got.Parked) > 0 {
				t.Fatal(err, got.Parked)
			}
			var cumulative money.Amount
			for _, row := range got.Rows {
				subtotal, total = subtotal.Add(row.Subtotal), total.Add(row.Total)
				cumulative = cumulative.Add(row.CumulativeTotal)
			}
			if cumulative.Cmp(total) != 0 {
				t.Fatalf("on %s the days sum to %s, the period to %s", d, total, cumulative)
			}
			last = got.Rows
		}
		got, err := r.Close(tree, usage, pricing.Closing{Month: pricing.MonthOf(day("2018-11-01")), AsOf: asOf})
		if err != nil || len(got.Parked) > 0 {
			t.Fatal(err, got.Parked)
		}
		var exact money.Amount
		billed := map[string]money.Amount{}
		for _, i := range got.Invoices {
			if err := pricing.CheckInvoice(i); err != nil {
				t.Fatal(err)
			}
			for _, l := range i.Lines {
				exact = exact.Add(l.ExactSubtotal)
				billed[l.Price+l.BookVersion] = billed[l.Price+l.BookVersion].Add(l.Total)
			}
		}
		if exact.Cmp(subtotal) != 0 {
			t.Fatalf("days sum to a subtotal of %s, the invoice to %s", subtotal, exact)
		}
		type priced struct{ version, price string }
		costs := func(rows []pricing.CostRow) (out map[priced]money.Amount, sums map[string]money.Amount) {
			out, sums = map[priced]money.Amount{}, map[string]money.Amount{}
			for _, row := range rows {
				key := priced{row.BookVersion, row.Price}
				out[key], sums[key.version] = out[key].Add(row.CumulativeTotal), sums[key.version].Add(row.CumulativeTotal)
			}
			return out, sums
		}
		prices, sums := costs(last)
		for i := range w.book.Versions { // what the lines come to where no maximum is spread over them
			plan := &w.book.Versions[i].Plans[0]
			plan.Adjust = plan.Adjust[:1]
		}
		if r, err = pricing.NewRater(w.book, registry); err != nil {
			t.Fatal(err)
		}
		free, err := r.Daily(tree, usage, day("2018-11-30"), asOf)
		if err != nil {
			t.Fatal(err)
		}
		_, unbounded := costs(free.Rows)
		whole := map[string]money.Amount{}
		for of, exact := range prices {
			got, want := billed[of.price+of.version], exact.Round(2, money.HalfUp)
			whole[of.version] = whole[of.version].Add(got)
			// Lines that share a maximum are rounded as one, each up or down by less
			// than a cent (docs/billing-rules.md, The order of an amount, step 5).
			shared := unbounded[of.version].Cmp(sums[of.version]) != 0
			off := got.Sub(exact)
			if shared && off.Cmp(money.MustAmount("0.01")) < 0 && off.Cmp(money.MustAmount("-0.01")) > 0 {
				continue
			}
			if got.Cmp(want) != 0 {
				t.Fatalf("%s costs %s on the last day but %s on the invoice", of.price, exact, got)
			}
		}
		for version, sum := range sums {
			if unbounded[version].Cmp(sum) != 0 && whole[version].Cmp(sum.Round(2, money.HalfUp)) != 0 {
				t.Fatalf("lines that share a maximum cost %s on the last day but %s on the invoice", sum, whole[version])
			}
		}
	})
}
