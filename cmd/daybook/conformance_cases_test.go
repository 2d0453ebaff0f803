package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// trial returns how the case is asked of `daybook price` and which figure of the
// answer it expects; nil where nothing asks it. To add a case, write a line:
// its id or its model, a book, the flags, the figure.
func (v vector) trial() func(*trialCase) {
	if ask := casesByID()[v.ID]; ask != nil {
		return ask
	}
	return casesByModel()[v.Model]
}

// casesByID are cases that are asked otherwise than their model.
func casesByID() map[string]func(*trialCase) {
	out := map[string]func(*trialCase){
		"spendmin-4":       creditedTotalCase, // an invoice's total, with taxes and a credit note
		"trueup-lago-unit": unitTrueUpCase,
	}
	for id, c := range heldCases() {
		out[id] = c.ask
	}
	return out
}

func casesByModel() map[string]func(*trialCase) {
	return map[string]func(*trialCase){
		"graduated":            quantityCase,
		"volume":               quantityCase,
		"package":              quantityCase,
		"unit":                 quantityCase,
		"blocks_graduated":     quantityCase,
		"blocks_volume":        quantityCase,
		"step_tariff":          quantityCase,
		"quantity_rounding":    quantityCase,
		"percentage":           quantityCase,
		"graduated_percentage": quantityCase,
		"dynamic":              quantityCase,
		"capacity":             capacityCase,

		"graduated_delta":      secondBillCase,
		"package_delta":        secondBillCase,
		"unit_delta":           secondBillCase,
		"usage_discount_delta": secondBillCase,
		"late_usage_delta":     secondBillCase,
		"dynamic_delta":        dynamicDeltaCase,

		"graduated_per_window": apartCase,
		"volume_per_window":    apartCase,
		"package_per_window":   apartCase,
		"unit_per_window":      apartCase,
		"graduated_per_group":  apartCase,
		"volume_per_group":     apartCase,

		"currency_rounding":       roundingCase,
		"percent_discount":        percentDiscountCase,
		"coupons":                 couponsCase,
		"minimum_true_up":         trueUpCase,
		"minimum_true_up+tax":     endedTrueUpCase,
		"plan_minimum_commitment": commitmentCase,
		"discount_distribution":   distributionCase,
		"coupon_allocation+tax":   couponTaxCase,
		"free_quota":              freeQuotaCase,
		"invoice_total":           invoiceTotalCase,

		"agg_weighted_sum":        levelCase,
		"monthly_hour_cap":        hourCapCase,
		"weighted_unit_hours":     unitHoursCase,
		"month_to_date_proration": monthToDateCase,
		"proration_factor":        prorationCase,
		"subscription_proration":  subscriptionCase,
		"billing_cycles":          cyclesCase,

		"period_length_hours": periodHoursCase,
		"period_end_utc":      periodEndCase,
		"period_containing":   periodContainingCase,
		"billing_periods":     billingPeriodsCase,
		"next_billing_date":   nextBillingCase,
		"calendar_days":       calendarDaysCase,
		"rows_per_day":        rowsPerDayCase,
		"rows_per_month":      rowsPerMonthCase,

		"tax":                        taxCase,
		"subscription_proration+tax": taxedFeeCase,
		"credit_note":                creditNoteCase,
		"credits":                    creditsCase,
		"discount_then_credit":       discountThenCreditCase,
		"credit_cap":                 creditCapCase,
		"plan_change_proration":      planChangeCase,
		"commitment_per_window":      commitmentPerWindowCase,
		"commitment_time_of_day":     timeOfDayCase,
		"agg_sum_dedup":              dedupCase,

		"cumulative_cost_series": cumulativeSeriesCase,
		"periodic_cost_series":   periodicSeriesCase,
		"cumulative_windows":     windowsCase,
	}
}

// texts writes a list of the case.
func texts(list any) []string {
	var out []string
	items, _ := list.([]any)
	for _, item := range items {
		out = append(out, fmt.Sprint(item))
	}
	return out
}

// used writes the usage of a case as flags.
func (v vector) used() []string {
	rows := texts(v.Input["rows"])
	for _, key := range []string{"quantity", "new_quantity"} {
		if q := say(v.Input, key); q != "" {
			rows = append(rows, q)
		}
	}
	if own := say(v.Input, "precise_total_amount_cents"); own != "" {
		rows = []string{own} // the price that comes with the event, not its quantity
	}
	var out []string
	for _, q := range rows {
		out = append(out, "--usage", "m="+q)
	}
	return out
}

func quantityCase(k *trialCase) {
	k.wants("the exact total", k.price(k.v.metered(), k.v.used()...).ExactTotal, k.v.Expected)
}

// secondBillCase prices what was used before on the 5th and the rest on the 20th.
// What the second bill comes to is the cost of the 20th, or the whole less what
// the case says was billed.
func secondBillCase(k *trialCase) {
	var before []string
	for _, key := range []string{"already_billed_quantity", "already_used"} {
		if q := say(k.v.Input, key); q != "" {
			before = append(before, "--usage", "m="+q+"@2026-10-05")
		}
	}
	after := k.v.used()
	for i := 1; i < len(after); i += 2 {
		after[i] += "@2026-10-20"
	}
	d := k.price(k.v.metered(), append(append(before, after...), "--series")...)
	if billed := say(k.v.Input, "already_billed_amount"); billed != "" {
		k.wants("the total less what was billed", less(d.ExactTotal, billed), k.v.Expected)
		return
	}
	k.wants("the cost of the day", k.on(d, "2026-10-20").Total, k.v.Expected)
}

// on returns the one row of a day.
func (k *trialCase) on(d explainedDocument, day string) seriesRow {
	k.t.Helper()
	var out []seriesRow
	for _, row := range d.Series {
		if row.Day == day {
			out = append(out, row)
		}
	}
	if len(out) != 1 {
		k.t.Fatalf("%s has %d rows in the series", day, len(out))
	}
	return out[0]
}

// dynamicDeltaCase finds what was used before from what it was billed at.
func dynamicDeltaCase(k *trialCase) {
	billed := say(k.v.Input, "already_billed_amount")
	before := quotient(billed, say(k.v.Config, "multiplier"))
	d := k.price(k.v.metered(), "--usage", "m="+before, "--usage", "m="+say(k.v.Input, "new_amount"))
	k.wants("the total less what was billed", less(d.Total, billed), k.v.Expected)
}

// apartCase has events of different hours or groups.
func apartCase(k *trialCase) {
	var args []string
	windows, _ := k.v.Input["windows"].([]any)
	for hour, w := range windows {
		several := texts(w)
		if len(several) == 0 {
			several = []string{fmt.Sprint(w)}
		}
		for minute, q := range several {
			args = append(args, "--usage", fmt.Sprintf("m=%s@2026-10-07T%02d:%02d", q, hour, minute))
		}
	}
	groups, _ := k.v.Input["groups"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		args = append(args, "--usage", "m="+say(groups, name)+",group="+name)
	}
	k.wants("the exact total", k.price(k.v.metered(), args...).ExactTotal, k.v.Expected)
}

// capacityCase has one event for the peak of each unit.
func capacityCase(k *trialCase) {
	var args []string
	peaks, _ := k.v.Input["peaks"].(map[string]any)
	for _, unit := range slices.Sorted(maps.Keys(peaks)) {
		args = append(args, "--usage", unit+"="+say(peaks, unit))
	}
	k.wants("the exact total", k.price(k.v.capacityBook(), args...).ExactTotal, k.v.Expected)
}

func roundingCase(k *trialCase) {
	currency := say(k.v.Config, "currency")
	if gb := say(k.v.Input, "quantity_gb"); gb != "" {
		text := planOf("{meter: m, unit: "+say(k.v.Input, "unit")+"}", "")
		text = strings.Replace(text, "aggregate: count", "aggregate: sum", 1)
		k.wants("the total", k.price(text, "--usage", "m="+gb).Total, k.v.Expected)
		return
	}
	k.wants("the total", k.price(fees(currency, []string{say(k.v.Input, "amount")})).Total, k.v.Expected)
}

func percentDiscountCase(k *trialCase) {
	currency := map[string]string{"0": "KRW"}[say(k.v.Config, "decimals")]
	d := k.price(fees(currency, []string{say(k.v.Input, "amount")}, "{percent_off: "+say(k.v.Config, "percent")+"}"))
	k.wants("the total", d.Total, say(k.v.Expected, "final"))
	k.wants("the discount", d.Discount, say(k.v.Expected, "discount"))
}

func couponsCase(k *trialCase) {
	var adjustments []string
	for _, c := range k.v.Config["coupons"].([]any) {
		adjustments = append(adjustments, "{"+keys("percent_off", say(c, "percent"), "amount_off", say(c, "fixed"))+"}")
	}
	d := k.price(fees("", []string{cents(say(k.v.Input, "subtotal_cents"))}, adjustments...))
	k.wants("the discount in cents", inCents(d.Discount), k.v.Expected)
}

func trueUpCase(k *trialCase) {
	d := k.price(fees("", []string{cents(say(k.v.Input, "used_cents"))}, "{minimum: "+cents(say(k.v.Config, "minimum_cents"))+"}"))
	k.wants("what the minimum adds in cents", inCents(less(d.Total, d.Subtotal)), k.v.Expected)
}

// unitTrueUpCase has the minimum in a unit of the book's own.
func unitTrueUpCase(k *trialCase) {
	text := fees("", []string{cents(say(k.v.Input, "used_cents"))}, "{minimum: "+cents(say(k.v.Config, "minimum_cents"))+"}")
	text = strings.Replace(text, "plans:", "pricing_unit: {name: unit, worth: "+say(k.v.Config, "custom_unit_rate")+"}\nplans:", 1)
	d := k.price(text)
	k.wants("what the minimum adds in cents", inCents(less(d.Total, d.Subtotal)), k.v.Expected)
}

func commitmentCase(k *trialCase) {
	amounts := []string{cents(say(k.v.Input, "subscription_fee"))}
	for _, fee := range texts(k.v.Input["usage_fees"]) {
		amounts = append(amounts, cents(fee))
	}
	d := k.price(fees("", amounts, "{minimum: "+cents(say(k.v.Config, "commitment_cents"))+"}"))
	k.wants("what the minimum adds in cents", inCents(less(d.Total, d.Subtotal)), k.v.Expected)
}

func distributionCase(k *trialCase) {
	var amounts []string
	for _, line := range texts(k.v.Input["lines_cents"]) {
		amounts = append(amounts, cents(line))
	}
	d := k.price(fees("", amounts, "{amount_off: "+cents(say(k.v.Input, "discount_cents"))+"}"))
	for i, want := range texts(k.v.Expected) {
		k.wants(fmt.Sprintf("line %d in cents", i+1), inCents(d.Lines[i].Total), want)
	}
}

func freeQuotaCase(k *trialCase) {
	paid := k.price(k.v.metered(), k.v.used()...)
	k.wants("the exact total", paid.ExactTotal, say(k.v.Expected, "cost"))
	k.v.Config["free_units"] = nil
	whole := k.price(k.v.metered(), k.v.used()...)
	k.wants("what the allowance saves", less(whole.ExactTotal, paid.ExactTotal), say(k.v.Expected, "credit"))
}

func invoiceTotalCase(k *trialCase) {
	d := k.price(fees("", []string{say(k.v.Input, "addons"), say(k.v.Input, "platform"), say(k.v.Input, "database")}))
	k.wants("the amount due", d.AmountDue, k.v.Expected)
}

func cumulativeSeriesCase(k *trialCase) {
	for i, row := range k.series() {
		want := k.v.Expected.(map[string]any)
		k.wants("the cumulative subtotal", row.CumulativeSubtotal, texts(want["subtotal"])[i])
		k.wants("the cumulative total", row.CumulativeTotal, texts(want["total"])[i])
	}
}

func periodicSeriesCase(k *trialCase) {
	for i, row := range k.series() {
		k.wants("the day's total", row.Total, texts(k.v.Expected.(map[string]any)["total"])[i])
	}
}

// series prices the differences of a case's cumulative quantities, one a day.
func (k *trialCase) series() []seriesRow {
	var args []string
	before := "0"
	quantities := texts(k.v.Input["cumulative_quantity"])
	for i, q := range quantities {
		args = append(args, "--usage", fmt.Sprintf("m=%s@2023-02-%02d", less(q, before), i+1))
		before = q
	}
	d := k.price(k.v.metered(), append(args, "--period", "2023-02", "--series")...)
	return d.Series[:len(quantities)]
}

// windowsCase looks up the window that each day's cumulative cost is of.
func windowsCase(k *trialCase) {
	text := planOf("{fixed: 1}", "cycle: {anchor: "+say(k.v.Config, "anchor_day")+"}, ")
	want := k.v.Expected.(map[string]any)
	windows := append(texts(want["switch"]), say(want, "first"), say(want, "last"))
	answers := map[string]explainedDocument{}
	for _, window := range windows {
		_, end, _ := strings.Cut(window, "/")
		last, err := time.Parse(time.DateOnly, end)
		if err != nil {
			k.t.Fatal(err)
		}
		last = last.AddDate(0, 0, -1)
		month := last.Format("2006-01")
		if _, known := answers[month]; !known {
			answers[month] = k.price(text, "--start", "2023-01-15", "--period", month, "--series")
		}
		row := k.on(answers[month], last.Format(time.DateOnly))
		k.wants("the window", row.Period.Start[:10]+"/"+row.Timeframe.End[:10], window)
	}
}
