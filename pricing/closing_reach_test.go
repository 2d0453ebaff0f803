package pricing_test

import (
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
)

// docs/billing-rules.md, Usage that does not fit: an account is parked when what
// is due cannot be rated, not for what a later closing bills.
func TestClose_AFeeInAdvanceDoesNotWaitForUsageThatIsNotDue(t *testing.T) {
	fee := fixedFee("fee", "30.00")
	fee.Due = pricing.InAdvance
	w := oneAccount(fee, metered("compute", "sum", pricing.Matrix{By: []string{"region"}, Cells: []pricing.MatrixCell{{Values: []string{"eu"}, Unit: money.MustAmount("1")}}}))
	w.plan().Adjust = []pricing.Adjustment{percentDiscount("10"), minimumCharge("50")}
	w.plan().FreeBelow = []pricing.FreeBelow{{Meter: "sum", UpTo: money.QuantityOf(1)}}
	w.use("s", "sum", "2026-10-05T00:00:00Z", "60", `{"region":"eu"}`)
	w.use("s", "sum", "2026-11-01T00:00:00Z", "60", `{"region":"nowhere"}`)
	got := w.closed(t, "2026-10", false)
	wantParked(t, got.Parked)
	wantLines(t, got, "compute 60.00 54.00", "fee 30.00 27.00")
	wantParked(t, w.closed(t, "2026-11", false).Parked, "acme missing_cell")
}

// The series owe nothing before the book's first version; the closing of the
// month in which it takes effect agrees with them.
func TestClose_TimeBeforeTheFirstVersionIsNotOwed(t *testing.T) {
	w := oneAccount(fixedFee("fee", "31"))
	w.book.Versions[0].Effective = day("2026-10-11")
	got := w.closed(t, "2026-10", false)
	wantParked(t, got.Parked)
	wantLines(t, got, "fee 21.00 21.00")
	wantParked(t, w.closed(t, "2026-09", false).Parked, "acme no_price_version")
}

// A cliff looks at levels too: the days of a level that only free_below asks for
// are read, or the answer would depend on what else is read.
func TestWindow_ReachesBackToTheLevelsOfFreeBelow(t *testing.T) {
	w := oneAccount(metered("usage", "sum", unitOf("1.00")))
	w.plan().FreeBelow = []pricing.FreeBelow{{Meter: "storage", UpTo: money.QuantityOf(1)}}
	if from, to := w.rater(t).Window(day("2026-10-20")); from != day("2026-08-30") || to != day("2026-10-21") {
		t.Errorf("window is %s to %s, want 31 days of levels before October", from, to)
	}
	if from, _ := w.rater(t).ClosingWindow(pricing.MonthOf(day("2026-10-20"))); from != day("2026-08-30") {
		t.Errorf("closing window begins on %s, want 31 days of levels before October", from)
	}
}

// docs/billing-rules.md, The order of an amount: `to` names a price in arrears.
// A fee in advance beside it is in no sum with it, whatever was used.
func TestClose_AMinimumOverNothingGoesToAPriceInArrears(t *testing.T) {
	fee := fixedFee("base", "99.00")
	fee.Due = pricing.InAdvance
	w := oneAccount(fee, metered("calls", "count", unitOf("1.00")), metered("traffic", "sum", unitOf("1.00")))
	minimum := minimumCharge("100")
	minimum.To = "traffic"
	w.plan().Adjust = []pricing.Adjustment{minimum}
	wantLines(t, w.closed(t, "2026-10", false), "traffic 0.00 100.00", "base 99.00 99.00")
	minimum.To = "base"
	w.plan().Adjust = []pricing.Adjustment{minimum}
	wantLines(t, w.closed(t, "2026-10", false), "calls 0.00 50.00", "traffic 0.00 50.00", "base 99.00 99.00")
}

// docs/billing-rules.md, The order of an amount: what is taken together does not
// depend on how much is used, for the fee is billed before that is known.
func TestClose_AFreePlanLeavesTheFeeInAdvanceAlone(t *testing.T) {
	fee := fixedFee("base", "99.00")
	fee.Due = pricing.InAdvance
	w := oneAccount(fee, metered("traffic", "sum", unitOf("1.00")))
	w.plan().FreeBelow = []pricing.FreeBelow{{Meter: "sum", UpTo: money.QuantityOf(10)}}
	w.plan().Adjust = []pricing.Adjustment{amountDiscount("10")}
	w.use("s", "sum", "2026-10-05T00:00:00Z", "5")
	wantLines(t, w.closed(t, "2026-10", false), "traffic 5.00 0.00", "base 99.00 99.00")
	wantCost(t, w.daily(t, "2026-10-05").Rows, pricing.ScopeBilled, "99", "0")
	w.use("s", "sum", "2026-10-06T00:00:00Z", "15")
	wantLines(t, w.closed(t, "2026-10", false), "traffic 20.00 10.00", "base 99.00 99.00")
	wantCost(t, w.daily(t, "2026-10-06").Rows, pricing.ScopeBilled, "109", "10")
}

// Usage of a meter that the book dropped in mid-period is kept and unpriced from
// that day on; what was used before is billed.
func TestClose_UsageOfAMeterThatAVersionDroppedIsUnpriced(t *testing.T) {
	w := oneAccount(metered("traffic", "sum", unitOf("1.00")), metered("level", "storage", unitOf("1.00")))
	w.addVersion("2026-10-11", func(p *pricing.Plan) { p.Prices = []pricing.Price{fixedFee("fee", "31")} })
	w.book.Versions[1].Meters = nil
	w.use("s", "sum", "2026-10-10T00:00:00Z", "5")
	w.use("s", "sum", "2026-10-11T00:00:00Z", "7")
	w.use("s", "storage", "2026-09-20T00:00:00Z", "31000") // is 31 GB for 10 days of 31, then nobody asks
	got := w.closed(t, "2026-10", false)
	wantParked(t, got.Parked)
	wantLines(t, got, "traffic 5.00 5.00", "level 10.00 10.00", "fee 21.00 21.00")
	if want := (pricing.Rated{Kept: 2, Billed: 1, Unpriced: 1}); got.Rated != want {
		t.Errorf("the closing counts %+v, want %+v", got.Rated, want)
	}
	wantCost(t, w.daily(t, "2026-10-11").Rows, pricing.ScopeBilled, "36", "21")
}

// A resource that spans versions pays each version's price for its time, and the
// days of the series follow.
func TestClose_AResourcePaysEachVersionForItsTime(t *testing.T) {
	w := oneAccount(monthly("31"))
	w.addVersion("2026-10-11", func(p *pricing.Plan) { p.Prices = []pricing.Price{monthly("62")} })
	w.resources = []pricing.Resource{vm("r", "2026-10-09T00:00:00Z", "2026-10-12T12:00:00Z")}
	wantLines(t, w.closed(t, "2026-10", false), "vm 2.00 2.00", "vm 3.00 3.00") // 2 days of 1.00, 1½ of 2.00
	wantCost(t, w.daily(t, "2026-10-10").Rows, pricing.ScopeBilled, "2", "1")
	wantCost(t, w.daily(t, "2026-10-11").Rows, pricing.ScopeBilled, "4", "2")
	wantCost(t, w.daily(t, "2026-10-31").Rows, pricing.ScopeBilled, "5", "0")
}
