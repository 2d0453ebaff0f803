package pricing_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"daybook/pricing"
	"daybook/pricing/money"
)

// forecast returns what every tree's open periods will cost, as of a day's end.
func (w *world) forecast(t testing.TB, date string) pricing.ForecastResult {
	t.Helper()
	var out pricing.ForecastResult
	r := w.rater(t)
	for _, tree := range r.Trees() {
		known := slices.DeleteFunc(w.usageOf(tree), func(u pricing.UsageState) bool { return u.Day > day(date) })
		got, err := r.Forecast(tree, pricing.TreeUsage{Rows: known}, day(date), day(date).AddDays(7).UTC())
		if err != nil {
			t.Fatal(err)
		}
		out.Rows, out.Parked = append(out.Rows, got.Rows...), append(out.Parked, got.Parked...)
	}
	return out
}

// wantForecast compares "price method total>forecast" of each row.
func wantForecast(t *testing.T, got pricing.ForecastResult, want ...string) {
	t.Helper()
	var rows []string
	for _, r := range got.Rows {
		rows = append(rows, fmt.Sprintf("%s %s %s>%s", r.Price, r.Method, r.Total.Round(2, money.HalfUp), r.ForecastTotal.Round(2, money.HalfUp)))
	}
	if !slices.Equal(rows, want) {
		t.Errorf("forecast is %q, want %q (parked: %+v)", rows, want, got.Parked)
	}
}

// docs/billing-rules.md, Forecast: on the evening of 10 October a third of the
// month's 31 days has passed, but for four hours.
func TestForecast_GoesOnAsTheBookPrices(t *testing.T) {
	day10 := metered("daily", "sum", pricing.Graduated{Tiers: steps("10", "0.10", "", "0.05")})
	day10.Each = pricing.Each{Window: pricing.GrainDay}
	minimum := metered("least", "sum", unitOf("1.00"))
	minimum.Adjust = []pricing.Adjustment{minimumCharge("500")}
	for _, c := range []struct {
		name  string
		price pricing.Price
		meter string
		use   []string // "day quantity"
		want  string
	}{
		// 100 in 10 days are 310 in 31: 40.00 so far, 124.00.
		{"a flow at the run rate", metered("p", "sum", rokkaStorage()), "sum", []string{"01 60", "10 40"}, "p run_rate 40>124"},
		// 200 in 10 days are 620: 400 x 0.40 + 220 x 0.30 = 226.00.
		{"tiers are of the whole", metered("p", "sum", rokkaStorage()), "sum", []string{"03 200"}, "p run_rate 80>226"},
		{"a minimum", minimum, "sum", []string{"03 100"}, "least run_rate 500>500"},
		{"a minimum that will be passed", minimum, "sum", []string{"03 200"}, "least run_rate 500>620"},
		// 10 GB from the 1st and 20 from the 6th: (5 x 10 + 5 x 20) / 31 so far, (5 x 10 + 26 x 20) / 31 = 18.387.
		{"a level holds", metered("p", "storage", unitOf("1.00")), "storage", []string{"01 10000", "06 20000"}, "p level 4.84>18.39"},
		{"a maximum stays", metered("p", "max", unitOf("1.00")), "max", []string{"01 7", "06 3"}, "p latest 7>7"},
		{"a fee", fixedFee("p", "99"), "", nil, "p known 99>99"},
		// Every second day 15: 5 x (1.00 + 0.25) so far, and 2.1 times as much in 21 days.
		{"windows of time", day10, "sum", []string{"01 15", "03 15", "05 15", "07 15", "09 15"}, "daily run_rate 6.25>19.38"},
		{"nothing", metered("p", "sum", unitOf("1.00")), "", nil, "p run_rate 0>0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := oneAccount(c.price)
			for _, use := range c.use {
				var on, quantity string
				fmt.Sscan(use, &on, &quantity)
				w.use("s", c.meter, "2026-10-"+on+"T00:00:00Z", quantity)
			}
			got := w.forecast(t, "2026-10-10")
			wantForecast(t, got, c.want)
			if r := got.Rows[0]; r.Elapsed != 240*3600e9 || r.Length != 744*3600e9 || !r.AsOf.Equal(at("2026-10-11T00:00:00Z")) {
				t.Errorf("of %s have passed %s, as of %s", r.Length, r.Elapsed, r.AsOf)
			}
		})
	}
}

// Resources go on: 31.00 a month from 5 October is 6.00 by the 10th and 27.00.
func TestForecast_ResourcesAndPartsOfPeriods(t *testing.T) {
	w := oneAccount(monthly("31"))
	w.resources = []pricing.Resource{vm("r", "2026-10-05T00:00:00Z", "")}
	wantForecast(t, w.forecast(t, "2026-10-10"), "vm known 6>27")
	// A subscription from the 6th has 5 days behind it and 21 before it: 50 are 260.
	w = oneAccount(metered("p", "sum", unitOf("1.00")))
	w.subs[0].Start = at("2026-10-06T00:00:00Z")
	w.use("s", "sum", "2026-10-07T00:00:00Z", "50")
	wantForecast(t, w.forecast(t, "2026-10-10"), "p run_rate 50>260")
	w.subs[0].End = at("2026-10-16T00:00:00Z") // 5 more
	wantForecast(t, w.forecast(t, "2026-10-10"), "p run_rate 50>100")
	wantForecast(t, w.forecast(t, "2026-10-20"), "p run_rate 50>50") // it has ended
	wantForecast(t, w.forecast(t, "2026-10-05"))
}

// A version from 21 October on doubles the price: 10 a day are 200 at 1.00 and
// 110 at 2.00. A maximum is for both what it is now, a level goes on.
func TestForecast_KnowsTheVersionsToCome(t *testing.T) {
	w := oneAccount(metered("flow", "sum", unitOf("1.00")), metered("level", "storage", unitOf("31")), metered("most", "max", unitOf("1.00")), fixedFee("fee", "31"))
	w.addVersion("2026-10-21", func(p *pricing.Plan) { p.Prices[0].Model = unitOf("2.00") })
	w.use("s", "sum", "2026-10-02T00:00:00Z", "100")
	w.use("s", "max", "2026-10-02T00:00:00Z", "7")
	w.use("s", "storage", "2026-10-01T00:00:00Z", "1000")
	wantForecast(t, w.forecast(t, "2026-10-10"),
		"fee known 20>20", "fee known 0>11", "flow run_rate 100>200", "flow run_rate 0>220",
		"level level 10>20", "level level 0>11", "most latest 7>7", "most latest 0>7")
}

// A free plan's cliff looks at the forecast: 5 in 10 days are 15.5, above 10.
func TestForecast_SeesTheEndOfAFreePlan(t *testing.T) {
	w := oneAccount(metered("p", "sum", unitOf("1.00")))
	w.plan().FreeBelow = []pricing.FreeBelow{{Meter: "sum", UpTo: money.QuantityOf(10)}}
	w.use("s", "sum", "2026-10-02T00:00:00Z", "5")
	wantForecast(t, w.forecast(t, "2026-10-10"), "p run_rate 0>15.5")
	w.usage = nil
	w.use("s", "sum", "2026-10-02T00:00:00Z", "3") // 9.3
	wantForecast(t, w.forecast(t, "2026-10-10"), "p run_rate 0>0")
}

// rokka 66 of billing-api-vectors.md as a forecast: two organizations that used
// 100 each in ten days will have used 310 each, 620 together.
func TestForecast_PoolsTogether(t *testing.T) {
	price := metered("storage", "sum", rokkaStorage())
	price.Pool = pricing.PoolBillingAccount
	w := oneAccount(price)
	w.accounts = []pricing.Account{{ID: "acme", Bills: true}, account("a", "acme"), account("b", "acme")}
	w.subs = []pricing.Subscription{{ID: "s", Account: "a", Plan: "p", Start: at("2026-01-01T00:00:00Z")}, {ID: "t", Account: "b", Plan: "p", Start: at("2026-01-01T00:00:00Z")}}
	w.use("s", "sum", "2026-10-02T00:00:00Z", "100")
	w.use("t", "sum", "2026-10-02T00:00:00Z", "100")
	// 310 x 0.40 each by themselves; 400 x 0.40 + 220 x 0.30 together.
	wantForecast(t, w.forecast(t, "2026-10-10"), "storage run_rate 40>124", "storage run_rate 80>226", "storage run_rate 40>124")
}

func TestForecast_ParksWhatCannotBeRated(t *testing.T) {
	w := oneAccount(metered("m", "sum", matrixOf("a", "x", "1")))
	model := w.plan().Prices[0].Model.(pricing.Matrix)
	model.HasDefault = false
	w.plan().Prices[0].Model = model
	w.use("s", "sum", "2026-10-02T00:00:00Z", "100", `{"region":"y","type":"a"}`)
	got := w.forecast(t, "2026-10-10")
	wantParked(t, got.Parked, "acme missing_cell")
	if len(got.Rows) > 0 {
		t.Errorf("rows are %+v", got.Rows)
	}
}

// On the last day of a period the forecast is what it costs, whatever the book,
// tree, zones and usage; on any day, what it costs so far is the series' figure.
func TestForecast_OfTheLastDayIsTheCost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := randomAccount(t)
		registry, _ := pricing.NewRegistry(w.accounts, w.subs, w.resources)
		r, err := pricing.NewRater(w.book, registry)
		if err != nil {
			t.Fatal(err)
		}
		d := day("2018-09-10").AddDays(rapid.IntRange(0, 130).Draw(t, "day"))
		for _, tree := range r.Trees() {
			usage := pricing.TreeUsage{Rows: w.usageOf(tree)}
			got, err := r.Forecast(tree, usage, d, d.AddDays(7).UTC())
			if err != nil || len(got.Parked) > 0 {
				t.Fatal(err, got.Parked)
			}
			series, err := r.Daily(tree, usage, d, d.AddDays(7).UTC())
			if err != nil {
				t.Fatal(err)
			}
			// Pools of members with anchors of their own may have rows that nothing tells
			// apart, and a member to come may lengthen a pool's row: so rows are added up.
			type key struct{ account, subscription, price, version, grouping, scope string }
			type sum struct{ total, subtotal money.Amount }
			type ending struct {
				key
				from, to string
			}
			costs, ends := map[key]sum{}, map[ending]sum{}
			add := func(to sum, total, subtotal money.Amount) sum {
				return sum{to.total.Add(total), to.subtotal.Add(subtotal)}
			}
			for _, row := range series.Rows {
				k := key{row.Account, row.Subscription, row.Price, row.BookVersion, row.Grouping, string(row.Scope)}
				end := ending{k, row.PeriodStart.String(), row.PeriodEnd.String()}
				costs[k], ends[end] = add(costs[k], row.CumulativeTotal, row.CumulativeSubtotal), add(ends[end], row.CumulativeTotal, row.CumulativeSubtotal)
			}
			// Members of a pool that go on move what is shared with those that ended.
			byItself := len(w.plan().Adjust) == 0 && len(w.plan().FreeBelow) == 0 ||
				!slices.ContainsFunc(got.Rows, func(row pricing.ForecastRow) bool { return row.AsOf.Before(row.PeriodEnd) })
			soFar, over := map[key]sum{}, map[ending]sum{}
			for _, row := range got.Rows {
				k := key{row.Account, row.Subscription, row.Price, row.BookVersion, row.Grouping, string(row.Scope)}
				soFar[k] = add(soFar[k], row.Total, row.Subtotal)
				if end := (ending{k, row.PeriodStart.String(), row.PeriodEnd.String()}); byItself && !row.AsOf.Before(row.PeriodEnd) {
					over[end] = add(over[end], row.ForecastTotal, row.ForecastSubtotal)
				}
			}
			same := func(a, b sum) bool { return a.total.Cmp(b.total) == 0 && a.subtotal.Cmp(b.subtotal) == 0 }
			for k, has := range soFar {
				if !same(has, costs[k]) {
					t.Errorf("%s has cost %s (%s) on %s, the series says %s (%s)", k.price, has.total, has.subtotal, d, costs[k].total, costs[k].subtotal)
				}
			}
			for k, will := range over {
				if !same(will, ends[k]) {
					t.Errorf("%s will cost %s (%s), and has cost %s (%s) at its end", k.price, will.total, will.subtotal, ends[k].total, ends[k].subtotal)
				}
			}
		}
	})
}

// Of a pool too, what stays as it is is so under the version to come, and prices
// of windows go on as they did: two members that used the values a and b, b and c
// have three; each day 5 units cost 5.00 in both, so that 10 days are 10.00 of 2
// days so far, 20.00 in 20 days, and at twice the price 22.00 in 11.
func TestForecast_OfAPoolKnowsTheVersionsToCome(t *testing.T) {
	users, daily := metered("users", "users", unitOf("1.00")), metered("windows", "sum", unitOf("1.00"))
	daily.Each = pricing.Each{Window: pricing.GrainDay}
	for _, p := range []*pricing.Price{&users, &daily} {
		p.Pool = pricing.PoolAccount
	}
	w := counted(users)
	w.plan().Prices = append(w.plan().Prices, daily)
	w.book.Versions[0].Meters = append([]pricing.Meter{{ID: "sum", Aggregate: pricing.Sum, DivideBy: money.QuantityOf(1)}}, w.book.Versions[0].Meters...)
	w.addVersion("2026-10-21", func(p *pricing.Plan) { p.Prices[1].Model = unitOf("2.00") })
	w.book.Versions[1].Meters = w.book.Versions[0].Meters
	w.subs = append(w.subs, pricing.Subscription{ID: "t", Account: "acme", Plan: "p", Start: at("2020-01-01T00:00:00Z")})
	w.seen("s", "2026-10-02T10:00:00Z", "eu", "a")
	w.seen("s", "2026-10-02T10:00:00Z", "eu", "b")
	w.seen("t", "2026-10-02T10:00:00Z", "eu", "b")
	w.seen("t", "2026-10-02T10:00:00Z", "eu", "c")
	w.use("s", "sum", "2026-10-02T10:00:00Z", "5")
	w.use("t", "sum", "2026-10-03T10:00:00Z", "5")
	got := w.forecast(t, "2026-10-10")
	got.Rows = slices.DeleteFunc(got.Rows, func(r pricing.ForecastRow) bool { return r.Scope == pricing.ScopeOwn })
	wantForecast(t, got, "users latest 3>3", "users latest 0>3", "windows run_rate 10>20", "windows run_rate 0>22")
}
