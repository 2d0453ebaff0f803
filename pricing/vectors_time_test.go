package pricing_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
)

// timeChecks are the checks of cases about days, periods and parts of them.
var timeChecks = map[string]func(*testing.T, vector){
	"period_length_hours":     checkPeriodHours,
	"period_end_utc":          checkPeriodEnd,
	"billing_periods":         checkBillingPeriods,
	"next_billing_date":       checkNextBillingDate,
	"period_containing":       checkPeriodContaining,
	"calendar_days":           checkCalendarDays,
	"rows_per_day":            checkRowsPerDay,
	"rows_per_month":          checkRowsPerMonth,
	"proration_factor":        checkProrationFactor,
	"billing_cycles":          checkBillingCycles,
	"subscription_proration":  checkSubscriptionProration,
	"month_to_date_proration": checkMonthToDate,
	"weighted_unit_hours":     checkWeightedHours,
	"monthly_hour_cap":        checkHourCap,
	"agg_weighted_sum":        checkTimeAverage,
	"cumulative_windows":      checkCumulativeWindows,
	"invoice_total":           checkInvoiceTotal,
}

func (v vector) wantText(t *testing.T, got string) {
	t.Helper()
	var want string
	v.want(t, &want)
	if got != want {
		t.Errorf("%s (%s) is %s, want %s", v.ID, v.Source, got, want)
	}
}

func localZone(name string) *time.Location {
	if name == "" {
		return time.UTC
	}
	return zone(name)
}

// dates writes a period by its local days, the end exclusive.
func dates(p pricing.Period, loc *time.Location) string {
	return pricing.LocalDay(p.Start, loc).String() + "/" + pricing.LocalDay(p.End, loc).String()
}

func monthlyOn(day int) pricing.Cadence { return pricing.Cadence{Months: 1, Day: day} }

func dayOfMonth(date string) int {
	_, _, d := day(date).UTC().Date()
	return d
}

func checkPeriodHours(t *testing.T, v vector) {
	var config struct{ Timezone, Month string }
	v.read(t, &config, &struct{}{})
	loc := localZone(config.Timezone)
	p := pricing.PeriodAt(monthlyOn(1), loc, day(config.Month+"-10").In(loc))
	v.wantText(t, money.Ratio(p.Length().Milliseconds(), time.Hour.Milliseconds()).Quantity().String())
}

func checkPeriodEnd(t *testing.T, v vector) {
	var config struct {
		Timezone string
		Year     int
	}
	v.read(t, &config, &struct{}{})
	loc := localZone(config.Timezone)
	p := pricing.PeriodAt(pricing.Cadence{Months: 12, Day: 1}, loc, time.Date(config.Year, 6, 1, 0, 0, 0, 0, loc))
	v.wantText(t, p.End.Add(-time.Second).UTC().Format(time.RFC3339)) // the case names the last second
}

func checkBillingPeriods(t *testing.T, v vector) {
	var config struct{ Anchor, Timezone string }
	var input struct {
		Count int
		Until string
	}
	v.read(t, &config, &input)
	var want, got []string
	v.want(t, &want)
	loc := localZone(config.Timezone)
	for p := range pricing.Periods(monthlyOn(dayOfMonth(config.Anchor)), loc, day(config.Anchor).In(loc), at("2100-01-01T00:00:00Z")) {
		if len(got) == input.Count && input.Count > 0 || input.Until != "" && !p.Start.Before(day(input.Until).In(loc)) {
			break
		}
		text := dates(p, loc)
		if input.Until != "" {
			text, _, _ = strings.Cut(text, "/")
		}
		got = append(got, text)
	}
	if !slices.Equal(got, want) {
		t.Errorf("periods are %v, want %v", got, want)
	}
}

func checkNextBillingDate(t *testing.T, v vector) {
	var config struct{ Anchor string }
	var input struct {
		From   string
		Months int
	}
	v.read(t, &config, &input)
	next := day(input.From).UTC()
	for range input.Months {
		next = pricing.PeriodAt(monthlyOn(dayOfMonth(config.Anchor)), time.UTC, next).End
	}
	v.wantText(t, pricing.LocalDay(next, time.UTC).String())
}

func checkPeriodContaining(t *testing.T, v vector) {
	var config struct {
		Start     string
		AnchorDay int `json:"anchor_day"`
	}
	var input struct{ Date string }
	v.read(t, &config, &input)
	p := pricing.PeriodAt(monthlyOn(config.AnchorDay), time.UTC, day(input.Date).UTC())
	v.wantText(t, dates(p.Cut(pricing.Period{Start: day(config.Start).UTC()}), time.UTC))
}

func checkCalendarDays(t *testing.T, v vector) {
	var config struct{ Timezone string }
	var input struct {
		From string `json:"from_utc"`
		To   string `json:"to_utc"`
	}
	v.read(t, &config, &input)
	loc := localZone(config.Timezone)
	days := pricing.LocalDay(at(input.To), loc) - pricing.LocalDay(at(input.From), loc)
	v.wantText(t, money.QuantityOf(int64(days)).String())
}

// wantCounts compares how many instants fall into each local day or month.
func (v vector) wantCounts(t *testing.T, got map[string]int64) {
	t.Helper()
	var want map[string]string
	v.want(t, &want)
	if len(got) != len(want) {
		t.Errorf("counted %v, want %v", got, want)
	}
	for when, n := range want {
		if money.QuantityOf(got[when]).String() != n {
			t.Errorf("%s has %d, want %s", when, got[when], n)
		}
	}
}

func checkRowsPerDay(t *testing.T, v vector) {
	var config struct{ Timezone string }
	var input struct{ UTC []string }
	v.read(t, &config, &input)
	got := map[string]int64{}
	for _, instant := range input.UTC {
		got[pricing.LocalDay(at(instant), localZone(config.Timezone)).String()]++
	}
	v.wantCounts(t, got)
}

func checkRowsPerMonth(t *testing.T, v vector) {
	var config struct{ Timezone string }
	var input struct {
		Times []string `json:"local_times"`
	}
	v.read(t, &config, &input)
	loc, got := localZone(config.Timezone), map[string]int64{}
	for _, text := range input.Times {
		instant, err := time.ParseInLocation("2006-01-02T15:04", text, loc)
		if err != nil {
			t.Fatal(err)
		}
		got[pricing.MonthOf(pricing.LocalDay(instant.UTC(), loc)).String()]++
	}
	v.wantCounts(t, got)
}

// feeOn returns what a fee of so much costs by the series of a day, exactly, and
// the row that says it.
func feeOn(t *testing.T, w *world, date string) (money.Amount, pricing.CostRow) {
	t.Helper()
	got := w.daily(t, date)
	if len(got.Rows) != 1 {
		t.Fatalf("%s has %d rows, parked %+v", date, len(got.Rows), got.Parked)
	}
	return got.Rows[0].CumulativeSubtotal, got.Rows[0]
}

func checkProrationFactor(t *testing.T, v vector) {
	var config struct {
		Period   string
		Basis    string
		Anchor   int `json:"anchor_day"`
		Decimals int32
	}
	var input struct {
		Start string
		Next  string `json:"next_billing_date"`
	}
	v.read(t, &config, &input)
	w := oneAccount(fixedFee("fee", "1"))
	w.subs[0].Start = day(input.Start).UTC()
	places := int32(12) // those of the case from a yearly period
	switch {
	case config.Period == "year":
		w.plan().Cycle = pricing.Cycle{Months: 12, Anchor: pricing.Anchor{Subscription: true}}
		w.subs[0].Anchor = config.Anchor
	case strings.HasPrefix(config.Basis, "30/360"):
		w.conventions().Month, w.conventions().Proration = pricing.Month30Days, pricing.ProrateDays
		w.plan().Cycle.Anchor.Day, places = dayOfMonth(input.Start), config.Decimals
		w.subs[0].End = day(input.Next).UTC()
	default:
		w.plan().Cycle.Anchor.Day, places = config.Anchor, config.Decimals
	}
	factor, _ := feeOn(t, w, input.Start)
	v.wantText(t, factor.Round(places, money.HalfUp).String())
}

func checkBillingCycles(t *testing.T, v vector) {
	var config struct {
		Anchor int `json:"anchor_day"`
		Target string
	}
	var input struct{ Start string }
	v.read(t, &config, &input)
	fee := fixedFee("fee", "1")
	fee.Due = pricing.InAdvance
	w := oneAccount(fee)
	w.plan().Cycle.Anchor.Day, w.subs[0].Start = config.Anchor, day(input.Start).UTC()
	var cycles money.Amount
	for p := range pricing.Periods(monthlyOn(config.Anchor), time.UTC, day(input.Start).UTC(), day(config.Target).UTC()) {
		began := max(pricing.LocalDay(p.Start, time.UTC), day(input.Start))
		part, _ := feeOn(t, w, began.String())
		cycles = cycles.Add(part)
	}
	v.wantText(t, cycles.Round(9, money.HalfUp).String())
}

func checkSubscriptionProration(t *testing.T, v vector) {
	var config struct {
		Period []string
		Cents  json.Number `json:"amount_cents"`
	}
	var input struct{ Active []string }
	v.read(t, &config, &input)
	w := oneAccount(fixedFee("fee", cents(config.Cents).String()))
	w.plan().Cycle = pricing.Cycle{Months: 3, Anchor: pricing.Anchor{Day: dayOfMonth(config.Period[0])}}
	w.subs[0].Start, w.subs[0].End = day(input.Active[0]).UTC(), day(input.Active[1]).AddDays(1).UTC() // the case names the last day
	fee, row := feeOn(t, w, input.Active[0])
	if got := dates(pricing.Period{Start: row.PeriodStart, End: row.PeriodEnd}, time.UTC); got != dates(pricing.Period{Start: w.subs[0].Start, End: w.subs[0].End}, time.UTC) {
		t.Errorf("the row is of %s", got)
	}
	var want json.Number
	v.want(t, &want)
	wantAmount(t, v.ID, fee, cents(want).String())
}

func checkMonthToDate(t *testing.T, v vector) {
	var config struct {
		Monthly string `json:"monthly_price"`
	}
	var input struct {
		AsOf string `json:"as_of"`
	}
	v.read(t, &config, &input)
	w := oneAccount(monthly(config.Monthly))
	w.conventions().Proration = pricing.ProrateStartedDays
	w.subs[0].Start = at("2016-01-01T00:00:00Z")
	w.resources = []pricing.Resource{vm("a", "2016-08-15T00:00:00Z", "")}
	asOf := at(input.AsOf)
	got := w.dailyAsOf(t, pricing.LocalDay(asOf, time.UTC), asOf)
	v.wantText(t, got.Rows[0].CumulativeSubtotal.String())
}

func checkWeightedHours(t *testing.T, v vector) {
	var config struct{ Units int64 }
	var input struct {
		Days int `json:"started_days"`
	}
	v.read(t, &config, &input)
	w := oneAccount(pricing.Price{ID: "vm", Resource: "vm", Model: pricing.ResourceTime{Unit: money.MustAmount("1"), PerSeconds: 3600}})
	w.subs[0].Start = at("2016-01-01T00:00:00Z")
	dynos := vm("dynos", "2017-02-01T00:00:00Z", "")
	dynos.Quantity = money.QuantityOf(config.Units)
	w.resources = []pricing.Resource{dynos}
	_, row := feeOn(t, w, day("2017-02-01").AddDays(input.Days-1).String())
	v.wantText(t, row.CumulativeQuantity.String())
}

func checkHourCap(t *testing.T, v vector) {
	var config struct {
		Cap int64 `json:"cap_minutes"`
	}
	var input struct{ Minutes int64 }
	v.read(t, &config, &input)
	w := oneAccount(pricing.Price{ID: "vm", Resource: "vm", Model: pricing.ResourceTime{
		Unit: money.MustAmount("1"), PerSeconds: 3600, CapSeconds: config.Cap * 60,
	}})
	created := at("2026-10-01T00:00:00Z")
	w.resources = []pricing.Resource{vm("a", created.Format(time.RFC3339), created.Add(time.Duration(input.Minutes)*time.Minute).Format(time.RFC3339))}
	_, row := feeOn(t, w, "2026-10-31")
	v.wantText(t, row.CumulativeQuantity.Fraction().Mul(money.Whole(60)).Quantity().String())
}

// checkTimeAverage writes the case's changes of a level as levels, which is what
// a meter of time averages reads.
func checkTimeAverage(t *testing.T, v vector) {
	var config struct {
		GroupBy string `json:"group_by"`
		Round   int32
	}
	var input struct{ Deltas [][]string }
	v.read(t, &config, &input)
	price := metered("average", "level", pricing.Matrix{By: []string{"region"}, HasDefault: true, Default: money.MustAmount("1")})
	w := oneAccount(price)
	v1 := &w.book.Versions[0]
	v1.Meters = append(v1.Meters, pricing.Meter{ID: "level", Aggregate: pricing.TimeAverage, DivideBy: money.QuantityOf(1), By: []string{"region"}})
	levels := map[string]money.Quantity{}
	for _, delta := range input.Deltas {
		region := ""
		if len(delta) > 2 {
			region = delta[2]
		}
		levels[region] = levels[region].Add(money.MustQuantity(delta[1]))
		w.use("s", "level", delta[0], levels[region].String(), `{"region":"`+region+`"}`)
	}
	places := config.Round
	if places == 0 {
		places = 12
	}
	got := map[string]string{}
	for _, row := range w.daily(t, "2023-08-31").Rows {
		got[row.Grouping] = row.CumulativeSubtotal.Round(places, money.HalfUp).String()
	}
	if config.GroupBy == "" {
		v.wantText(t, got[`{"region":""}`])
		return
	}
	var want map[string]string
	v.want(t, &want)
	for region, average := range want {
		if got[`{"region":"`+region+`"}`] != average {
			t.Errorf("%s averages %v, want %s", region, got, average)
		}
	}
}

func checkCumulativeWindows(t *testing.T, v vector) {
	var config struct {
		Anchor int `json:"anchor_day"`
	}
	v.read(t, &config, &struct{}{})
	var want struct {
		First, Last string
		Switch      []string
	}
	v.want(t, &want)
	w := oneAccount(fixedFee("fee", "1"))
	w.plan().Cycle.Anchor.Day = config.Anchor
	for _, window := range append(want.Switch, want.First, want.Last) {
		_, end, _ := strings.Cut(window, "/")
		_, row := feeOn(t, w, day(end).AddDays(-1).String())
		if got := dates(pricing.Period{Start: row.PeriodStart, End: row.TimeframeEnd}, time.UTC); got != window {
			t.Errorf("the window that ends on %s is %s, want %s", end, got, window)
		}
	}
}

func checkInvoiceTotal(t *testing.T, v vector) {
	var input struct{ Addons, Platform, Database string }
	v.read(t, &struct{}{}, &input)
	w := oneAccount(fixedFee("addons", input.Addons), fixedFee("platform", input.Platform), fixedFee("database", input.Database))
	v.wantText(t, w.closed(t, "2026-10", false).Invoices[0].Total.String())
}
