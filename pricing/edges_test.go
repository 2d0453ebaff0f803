package pricing_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
)

// Each test here stands at an edge where a step beside it would otherwise go
// unnoticed: `make check-mutants` found them.

// A meter by five minutes serves a price for each hour: 8 at 10:00 and 7 at 10:55
// are 15 in one hour, 10 × 0.10 + 5 × 0.05 = 1.25; 4 at 11:00 are another, 0.40.
func TestEach_HoursOfFiveMinutes(t *testing.T) {
	w := oneAccount(eachHour())
	w.addHourly(pricing.Sum)
	w.book.Versions[0].Meters[len(w.book.Versions[0].Meters)-1].Grain = pricing.GrainFiveMinutes
	for when, quantity := range map[string]string{"10:00": "8", "10:55": "7", "11:00": "4"} {
		moment := at("2026-10-07T" + when + ":00Z")
		w.use("s", "hourly", moment.Format(time.RFC3339), quantity, "{}")
		w.usage[len(w.usage)-1].Slot = moment.UnixMicro()
	}
	wantLines(t, w.closed(t, "2026-10", false), "gpus 1.65 1.65")
}

// One price for every hour is the unit price of the line, of one hour as of two;
// two prices by volume are none.
func TestEach_HasAUnitPriceWhereAllHoursHaveOne(t *testing.T) {
	for _, c := range []struct {
		model   pricing.Model
		hours   []string
		has     bool
		costing string
	}{
		{unitOf("0.10"), []string{"10"}, true, "0.80"},
		{unitOf("0.10"), []string{"10", "11"}, true, "1.60"},
		{pricing.Volume{Tiers: steps("10", "0.10", "", "0.05")}, []string{"10", "11", "11"}, false, "1.60"}, // 8 × 0.10 and 16 × 0.05
	} {
		p := eachHour()
		p.Model = c.model
		w := oneAccount(p)
		w.addHourly(pricing.Sum)
		for _, hour := range c.hours {
			w.useIn("s", at("2026-10-07T"+hour+":20:00Z"), "8", "{}")
		}
		got := w.closed(t, "2026-10", false)
		wantLines(t, got, "gpus "+c.costing+" "+c.costing)
		if l := got.Invoices[0].Lines[0]; l.HasUnitPrice != c.has {
			t.Errorf("%s in the hours %v: unit price %s, %v; want %v", c.model.Name(), c.hours, l.UnitPrice, l.HasUnitPrice, c.has)
		}
	}
}

// Tiers that end below the usage of one hour are an error for that hour too.
func TestEach_AnHourThatNoTierHoldsParksTheAccount(t *testing.T) {
	p := eachHour()
	p.Model = pricing.Graduated{Tiers: steps("10", "0.10")}
	w := oneAccount(p)
	w.addHourly(pricing.Sum)
	w.useIn("s", at("2026-10-07T10:00:00Z"), "11", "{}")
	wantParked(t, w.closed(t, "2026-10", false).Parked, "acme cannot_rate")
}

// 8 units of 10^−20 off three lines of 3: each cut share is 2, the largest line
// bears one of the two that are left and the next the other.
func TestAdjust_RemainderGoesOnWhereALineCanBearNoMore(t *testing.T) {
	three := "0.00000000000000000003"
	got := mustAdjust(t, []pricing.Adjustment{amountDiscount("0.00000000000000000008")}, lineOf(t, "a", three), lineOf(t, "b", three), lineOf(t, "c", three))
	wantTotals(t, got, "0", "0", "0.00000000000000000001")
}

// From 31 January the first month is complete on 28 February, so that a discount
// for one month is over in the period that begins then.
func TestClose_FirstMonthsEndOnAMonthsLastDay(t *testing.T) {
	w := oneAccount(fixedFee("fee", "100.00"))
	w.plan().Cycle = anniversary(1)
	w.subs[0].Start = at("2026-01-31T00:00:00Z")
	off := percentDiscount("10")
	off.FirstMonths = 1
	w.plan().Adjust = []pricing.Adjustment{off}
	wantLines(t, w.closed(t, "2026-02", false), "fee 100.00 90.00")  // 31 January to 28 February
	wantLines(t, w.closed(t, "2026-03", false), "fee 100.00 100.00") // 28 February to 31 March
}

// Text that ends within an escape is no string, whatever could follow.
func TestMeasure_AnEscapeThatIsNoneParksTheAccount(t *testing.T) {
	for _, bad := range []string{`{"region":"\q}`, `{"region":"\`, `{"region":"\u123}`} {
		w := oneAccount(metered("compute", "sum", matrixOf()))
		w.use("s", "sum", "2026-10-03T00:00:00Z", "2", bad)
		wantParked(t, w.closed(t, "2026-10", false).Parked, "acme cannot_rate")
	}
}

// Two subscriptions of an account in another currency are one fault; two accounts
// are two.
func TestForeseen_NamesAFaultOnceForEachAccount(t *testing.T) {
	w := oneAccount(fixedFee("fee", "5"))
	w.accounts[0].Currency = "EUR"
	w.accounts = append(w.accounts, pricing.Account{ID: "other", Bills: true, Currency: "EUR"})
	for _, s := range []pricing.Subscription{{ID: "s2", Account: "acme"}, {ID: "o", Account: "other"}} {
		s.Plan, s.Start = "p", at("2026-01-01T00:00:00Z")
		w.subs = append(w.subs, s)
	}
	wantParked(t, w.rater(t).Foreseen(), "acme currency_mismatch", "other currency_mismatch")
}

// However many accounts of a tree are parked, they come in the order of their
// names.
func TestParked_ComeInOrder(t *testing.T) {
	w := oneAccount(fixedFee("fee", "5"))
	var want []string
	for _, id := range []string{"b", "c", "d", "e", "f", "g", "h"} {
		w.accounts = append(w.accounts, pricing.Account{ID: id, Parent: "acme", Currency: "EUR"})
		w.subs = append(w.subs, pricing.Subscription{ID: "s" + id, Account: id, Plan: "p", Start: at("2026-01-01T00:00:00Z")})
		want = append(want, id+" currency_mismatch")
	}
	got := w.closed(t, "2026-10", false)
	wantParked(t, got.Parked, want...)
	wantParked(t, w.daily(t, "2026-10-05").Parked, want...)
	wantLines(t, got, "fee 5.00 5.00")
}

// A book that cannot be rated is refused with what is wrong in it.
func TestNewRater_SaysWhatIsWrong(t *testing.T) {
	for want, change := range map[string]func(*pricing.Book){
		`price usage: meter "x" is not in the version`:              func(b *pricing.Book) { b.Versions[0].Plans[0].Prices[0].Meter = "x" },
		"price fee: only metered prices can be pooled":              func(b *pricing.Book) { b.Versions[0].Plans[0].Prices[1].Pool = pricing.PoolAccount },
		"price usage: only fixed fees can be due in advance":        func(b *pricing.Book) { b.Versions[0].Plans[0].Prices[0].Due = pricing.InAdvance },
		"price usage: model fixed does not fit what it prices":      func(b *pricing.Book) { b.Versions[0].Plans[0].Prices[0].Model = pricing.Fixed{} },
		"a cycle of 5 months: want 1, 3, 6 or 12":                   func(b *pricing.Book) { b.Versions[0].Plans[0].Cycle.Months = 5 },
		"meter count: divide_by is zero":                            func(b *pricing.Book) { b.Versions[0].Meters[0].DivideBy = money.Quantity{} },
		`free_below names meter "x", which the version does not`:    func(b *pricing.Book) { b.Versions[0].Plans[0].FreeBelow = []pricing.FreeBelow{{Meter: "x"}} },
		"takes effect on 2000-01-01, not after the one before it":   func(b *pricing.Book) { b.Versions = append(b.Versions, b.Versions[0]) },
		"book test: it has no version":                              func(b *pricing.Book) { b.Versions = nil },
		"prices a sum of amounts, but meter max is a max":           func(b *pricing.Book) { b.Versions[0].Plans[0].Prices[0] = metered("usage", "max", pricing.Dynamic{}) },
		"price usage: each hour, but meter sum keeps usage by the ": func(b *pricing.Book) { b.Versions[0].Plans[0].Prices[0].Each.Window = pricing.GrainHour },
	} {
		w := oneAccount(metered("usage", "sum", unitOf("1")), fixedFee("fee", "5"))
		change(w.book)
		registry, _ := pricing.NewRegistry(w.accounts, w.subs, nil)
		if _, err := pricing.NewRater(w.book, registry); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want one that says %q", err, want)
		}
	}
}

// Sums leave 128 bits at their edge, also where one of the numbers has no upper
// half.
func TestInt128_SumsOverflowAtTheEdge(t *testing.T) {
	largest, smallest := money.Int128{Lo: math.MaxUint64, Hi: math.MaxInt64}, money.Int128{Hi: math.MinInt64}
	one := money.Int128Of(1)
	if sum, ok := one.Add(largest); ok {
		t.Errorf("1 + (2^127 − 1) is %s", sum.Big())
	}
	if sum, ok := largest.Add(one); ok {
		t.Errorf("(2^127 − 1) + 1 is %s", sum.Big())
	}
	if diff, ok := smallest.Sub(one); ok {
		t.Errorf("−2^127 − 1 is %s", diff.Big())
	}
	if diff, ok := (money.Int128{}).Sub(smallest); ok {
		t.Errorf("0 − (−2^127) is %s", diff.Big())
	}
	if sum, ok := largest.Add(smallest); !ok || sum != money.Int128Of(-1) {
		t.Errorf("(2^127 − 1) + (−2^127) is %s, %v; want −1", sum.Big(), ok)
	}
}

// Minimums of 30 over a and b, then of 50 over b and c, tie all three: what one
// of them is rounded to decides on the others. A fourth line stays by itself.
func TestAdjust_LinesThatShareALineAreRoundedTogether(t *testing.T) {
	first, second := minimumCharge("30"), minimumCharge("50")
	first.On, second.On = []string{"a", "b"}, []string{"b", "c"}
	got := mustAdjust(t, []pricing.Adjustment{first, second}, lineOf(t, "a", "10"), lineOf(t, "b", "10"), lineOf(t, "c", "10"), lineOf(t, "d", "10"))
	wantTotals(t, got, "15", "30", "20", "10") // b and c are 15 and 10, short of 25, which is shared 15 : 10
	for i, together := range []bool{true, true, true, false} {
		if (got[i].Together == got[0].Together) != together || got[i].Together == 0 == together {
			t.Errorf("line %d is rounded with %d, the first with %d", i, got[i].Together, got[0].Together)
		}
	}
}

// The smallest of 7, 3 and 5 on three days is 3.
func TestMeasure_TheSmallestOfSeveralDays(t *testing.T) {
	w := oneAccount(metered("x", "min", unitOf("1.00")))
	for i, quantity := range []string{"7", "3", "5"} {
		w.use("s", "min", day("2026-10-05").AddDays(i).UTC().Format(time.RFC3339), quantity)
	}
	wantLines(t, w.closed(t, "2026-10", false), "x 3.00 3.00")
}

// On the second day of a phase, when nothing was used, no row of the period
// changes, and there is still one row for each price.
func TestDaily_NothingChangesOnAPhasesSecondDay(t *testing.T) {
	w := trialPlan()
	w.use("s", "sum", "2026-10-07T12:00:00Z", "10")
	w.use("s", "sum", "2026-10-08T12:00:00Z", "4")
	rows := w.daily(t, "2026-10-09").Rows
	if len(rows) != 2 {
		t.Fatalf("%d rows, want one for each of two prices: %+v", len(rows), rows)
	}
	for _, r := range rows {
		if !r.Quantity.IsZero() || !r.Subtotal.IsZero() || !r.Total.IsZero() {
			t.Errorf("%s changes by %s, %s and %s", r.Price, r.Quantity, r.Subtotal, r.Total)
		}
	}
}
