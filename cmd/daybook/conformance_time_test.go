package main

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"daybook/pricing/money"
)

// The cases about periods and parts of them. They are read off the dates and
// figures of a price by the period.

// monthsFrom lists a case's months from that of a date on.
func monthsFrom(date string, n int) []string {
	first, err := time.Parse("2006-01", date[:7])
	if err != nil {
		return nil
	}
	var out []string
	for i := range n {
		out = append(out, first.AddDate(0, i, 0).Format("2006-01"))
	}
	return out
}

func rounded(amount string, places int32) string {
	return money.MustAmount(amount).Round(places, money.HalfUp).String()
}

func quotient(a, b string) string {
	q, err := money.MustQuantity(a).Fraction().Quo(money.MustQuantity(b).Fraction())
	if err != nil {
		return ""
	}
	return q.Quantity().String()
}

// days writes a period by its days in a zone.
func days(s spanOfTime, zone string) string {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return err.Error()
	}
	day := func(text string) string {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return err.Error()
		}
		return at.In(loc).Format(time.DateOnly)
	}
	return day(s.Start) + "/" + day(s.End)
}

// onlyLine returns the answer's one line.
func (k *trialCase) onlyLine(d explainedDocument) explainedLine {
	k.t.Helper()
	if len(d.Lines) != 1 {
		k.t.Fatalf("the answer has %d lines, want 1", len(d.Lines))
	}
	return d.Lines[0]
}

func periodHoursCase(k *trialCase) {
	d := k.price(planOf("{resource: thing, unit: 1, per: hour}", ""), "--resource", "thing=1",
		"--time-zone", say(k.v.Config, "timezone"), "--period", say(k.v.Config, "month"))
	k.wants("hours of the month", k.onlyLine(d).Quantity, k.v.Expected)
}

// periodEndCase names the period's last second, the answer the first after it.
func periodEndCase(k *trialCase) {
	year := say(k.v.Config, "year")
	d := k.price(planOf("{fixed: 1}", "cycle: {every: year}, "), "--time-zone", say(k.v.Config, "timezone"), "--period", year+"-12")
	end, err := time.Parse(time.RFC3339, k.onlyLine(d).BillingPeriod.End)
	if err != nil {
		k.t.Fatal(err)
	}
	k.wants("the last second", end.Add(-time.Second).Format(time.RFC3339), k.v.Expected)
}

func periodContainingCase(k *trialCase) {
	want := fmt.Sprint(k.v.Expected)
	d := k.price(planOf("{fixed: 1}", "cycle: {anchor: "+say(k.v.Config, "anchor_day")+"}, "),
		"--start", say(k.v.Config, "start"), "--period", monthOfEnd(want))
	var got string
	for _, l := range d.Lines {
		if date := say(k.v.Input, "date"); l.Covered.Start[:10] <= date && date < l.Covered.End[:10] {
			got = days(l.Covered, "UTC")
		}
	}
	k.wants("the period", got, want)
}

// monthOfEnd is the closing that bills a period of days: that of its last one.
func monthOfEnd(period string) string {
	_, end, _ := strings.Cut(period, "/")
	at, err := time.Parse(time.DateOnly, end)
	if err != nil {
		return err.Error()
	}
	return at.AddDate(0, 0, -1).Format("2006-01")
}

// anchored prices a fee in the closing of a month, under a subscription that
// bills on the day on which it started.
func (k *trialCase) anchored(start, month string) explainedLine {
	k.t.Helper()
	return k.onlyLine(k.price(planOf("{fixed: 1}", "cycle: {anchor: subscription}, "), "--start", start, "--period", month))
}

func billingPeriodsCase(k *trialCase) {
	want := texts(k.v.Expected)
	anchor := say(k.v.Config, "anchor")
	for i, month := range monthsFrom(anchor, len(want)+1)[1:] { // a period ends in the month after it began
		got := days(k.anchored(anchor, month).BillingPeriod, "UTC")
		if say(k.v.Input, "until") != "" {
			got, _, _ = strings.Cut(got, "/")
		}
		k.wants("a period", got, want[i])
	}
}

// nextBillingCase looks at the period that ends so many months on: each month
// ends one.
func nextBillingCase(k *trialCase) {
	var months int
	if _, err := fmt.Sscan(say(k.v.Input, "months"), &months); err != nil {
		k.t.Fatal(err)
	}
	from := say(k.v.Input, "from")
	line := k.anchored(from, monthsFrom(from, months+1)[months])
	k.wants("the end of the period", line.BillingPeriod.End[:10], k.v.Expected)
}

// counting is a book that counts events.
func counting() string { return planOf("{meter: m, unit: 1}", "") }

// calendarDaysCase counts from the local day of one event to that of another.
func calendarDaysCase(k *trialCase) {
	from, to := say(k.v.Input, "from_utc"), say(k.v.Input, "to_utc")
	d := k.price(counting(), "--time-zone", say(k.v.Config, "timezone"), "--period", from[:7], "--series",
		"--usage", "m=1@"+from, "--usage", "m=1@"+to)
	var on []time.Time
	for _, row := range d.Series {
		if row.Quantity == "1" {
			day, err := time.Parse(time.DateOnly, row.Day)
			if err != nil {
				k.t.Fatal(err)
			}
			on = append(on, day)
		}
	}
	if len(on) != 2 {
		k.t.Fatalf("events on %v, want 2 days", on)
	}
	k.wants("days between", fmt.Sprint(int(on[1].Sub(on[0]).Hours())/24), k.v.Expected)
}

func rowsPerDayCase(k *trialCase) {
	args := []string{"--time-zone", say(k.v.Config, "timezone"), "--series"}
	instants := texts(k.v.Input["utc"])
	for _, at := range instants {
		args = append(args, "--usage", "m=1@"+at)
	}
	d := k.price(counting(), append(args, "--period", instants[0][:7])...)
	for day, n := range k.v.Expected.(map[string]any) {
		k.wants("rows on "+day, k.on(d, day).Quantity, n)
	}
}

func rowsPerMonthCase(k *trialCase) {
	args := []string{"--time-zone", say(k.v.Config, "timezone"), "--start", "2023-01-01"}
	for _, at := range texts(k.v.Input["local_times"]) {
		args = append(args, "--usage", "m=1@"+at)
	}
	for month, n := range k.v.Expected.(map[string]any) {
		d := k.price(counting(), append([]string{"--period", month}, args...)...)
		k.wants("rows in "+month, k.onlyLine(d).Quantity, n)
	}
}

func prorationCase(k *trialCase) {
	c, start := k.v.Config, say(k.v.Input, "start")
	places := int32(12) // those of the case from a yearly period
	args := []string{"--start", start}
	terms := "cycle: {anchor: " + say(c, "anchor_day") + "}, "
	conventions := ""
	switch basis := say(c, "basis"); {
	case say(c, "period") == "year":
		// Years from the month in which the subscription starts, on the anchor's day.
		terms = "cycle: {every: year, anchor: subscription}, "
		args = append(args, "--anchor", say(c, "anchor_day"), "--period", "2026-03")
	case strings.HasPrefix(basis, "30/360"):
		// From the start to the next bill, or from one bill to the end.
		next := say(k.v.Input, "next_billing_date")
		conventions, places = "conventions: {month: 30/360, proration: days}\n", 9
		args = append(args, "--period", next[:7])
		anchor := next
		if next[:7] == start[:7] {
			anchor, args = start, append(args, "--end", next)
		}
		terms = "cycle: {anchor: " + strings.TrimLeft(anchor[8:], "0") + "}, "
	default:
		places = 9
		args = append(args, "--period", say(k.v.Input, "next_billing_date")[:7])
	}
	text := strings.Replace(planOf("{fixed: 1}", terms), "meters:", conventions+"meters:", 1)
	d := k.price(text, args...)
	k.wants("the part of the fee", rounded(k.onlyLine(d).ExactSubtotal, places), k.v.Expected)
}

// cyclesCase adds the fees in advance of a subscription up to a day.
func cyclesCase(k *trialCase) {
	start, target := say(k.v.Input, "start"), say(k.v.Config, "target")
	text := planOf("{fixed: 1, due: in_advance}", "cycle: {anchor: "+say(k.v.Config, "anchor_day")+"}, ")
	cycles, seen := "0", map[string]bool{}
	for _, month := range monthsFrom(start, 3) {
		for _, l := range k.price(text, "--start", start, "--period", month).Lines {
			if l.Period.Start[:10] <= target && !seen[l.Period.Start] {
				seen[l.Period.Start] = true
				cycles = money.MustAmount(cycles).Add(money.MustAmount(l.ExactSubtotal)).String()
			}
		}
	}
	k.wants("the cycles", rounded(cycles, 9), k.v.Expected)
}

// subscriptionCase names the last day of what was active.
func subscriptionCase(k *trialCase) {
	period, active := texts(k.v.Config["period"]), texts(k.v.Input["active"])
	last, err := time.Parse(time.DateOnly, active[1])
	if err != nil {
		k.t.Fatal(err)
	}
	end := last.AddDate(0, 0, 1).Format(time.DateOnly)
	d := k.price(planOf("{fixed: "+cents(say(k.v.Config, "amount_cents"))+"}", "cycle: {every: quarter, anchor: "+period[0][8:]+"}, "),
		"--start", active[0], "--end", end, "--period", end[:7])
	k.wants("the fee in cents", inCents(k.onlyLine(d).ExactSubtotal), k.v.Expected)
}

func monthToDateCase(k *trialCase) {
	asOf := say(k.v.Input, "as_of")
	text := strings.Replace(planOf("{resource: dyno, unit: "+say(k.v.Config, "monthly_price")+"}", ""), "meters:", "conventions: {proration: started_days}\nmeters:", 1)
	d := k.price(text, "--resource", "dyno=1", "--period", asOf[:7], "--series")
	k.wants("the cost so far", k.on(d, asOf[:10]).CumulativeSubtotal, k.v.Expected)
}

func unitHoursCase(k *trialCase) {
	d := k.price(planOf("{resource: dyno, unit: 1, per: hour}", ""), "--resource", "dyno="+say(k.v.Config, "units"), "--series")
	k.wants("the hours so far", k.on(d, fmt.Sprintf("2026-10-%02s", say(k.v.Input, "started_days"))).CumulativeQuantity, k.v.Expected)
}

func hourCapCase(k *trialCase) {
	hours := func(minutes string) string { return quotient(minutes, "60") }
	d := k.price(planOf("{resource: vm, unit: 1, per: hour, cap: "+hours(say(k.v.Config, "cap_minutes"))+"h}", ""), "--resource", "vm=1")
	l := k.onlyLine(d)
	// October is as long as the machine of the case ran.
	k.wants("the period in hours", quotient(seconds(l.Period), "3600"), hours(say(k.v.Input, "minutes")))
	k.wants("the minutes charged", money.MustQuantity(l.Quantity).Fraction().Mul(money.Whole(60)).Quantity().String(), k.v.Expected)
}

func seconds(s spanOfTime) string {
	from, errFrom := time.Parse(time.RFC3339, s.Start)
	to, errTo := time.Parse(time.RFC3339, s.End)
	if errFrom != nil || errTo != nil {
		return "0"
	}
	return fmt.Sprint(int64(to.Sub(from) / time.Second))
}

// levelCase writes changes of a level as levels, which is what a meter of time
// averages reads.
func levelCase(k *trialCase) {
	by := say(k.v.Config, "group_by")
	model := "{meter: m, unit: 1}"
	if by != "" {
		model = "{meter: m, matrix: {by: [" + by + "], default: 1, prices: {none: 1}}}"
	}
	text := strings.Replace(planOf(model, ""), "{aggregate: count}", "{aggregate: time_average, by: [region]}", 1)
	levels := map[string]money.Quantity{}
	args := []string{"--period", texts(k.v.Config["period"])[0][:7]}
	for _, change := range k.v.Input["deltas"].([]any) {
		parts := texts(change)
		region := strings.Join(parts[2:], "")
		levels[region] = levels[region].Add(money.MustQuantity(parts[1]))
		args = append(args, "--usage", fmt.Sprintf("m=%s@%s,region=%s", levels[region], parts[0], cmp.Or(region, "all")))
	}
	places := int32(12)
	if say(k.v.Config, "round") != "" {
		places = 5
	}
	d := k.price(text, args...)
	if by == "" {
		k.wants("the average", rounded(k.onlyLine(d).ExactSubtotal, places), k.v.Expected)
		return
	}
	for region, average := range k.v.Expected.(map[string]any) {
		for _, l := range d.Lines {
			if strings.Contains(string(l.Grouping), `"`+region+`"`) {
				k.wants("the average of "+region, rounded(l.ExactSubtotal, places), average)
			}
		}
	}
}
