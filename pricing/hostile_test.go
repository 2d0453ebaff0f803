package pricing_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
)

// The cases of this file are what nobody should send and somebody will. Each is
// priced right, to the last digit, or refused with a reason: never a panic, never
// a number cut to what fits.

func TestHostile_NumbersThatAreNone(t *testing.T) {
	for _, text := range []string{"1e1000000", "1E-1000000", "NaN", "-NaN", "Infinity", "-Inf", "0x1p1000", "1e", "١٢", strings.Repeat("9", 1_000_000)} {
		began := time.Now()
		_, amount := money.ParseAmount(text)
		_, quantity := money.ParseQuantity(text)
		if amount == nil || quantity == nil || len(amount.Error()) > 300 || time.Since(began) > 10*time.Second {
			t.Errorf("%.20q: %v, %v after %s", text, amount, quantity, time.Since(began))
		}
	}
}

// 26 digits before the point and 12 behind are the most that a quantity can have.
// At 10^−9 the largest costs 99,999,999,999,999,999.999999999 and some; at 1 it
// needs 26 digits before the point, of which an amount has 18.
func TestHostile_QuantitiesOf38Digits(t *testing.T) {
	const largest = "99999999999999999999999999.999999999999"
	w := oneAccount(metered("x", "sum", unitOf("0.000000001")))
	w.use("s", "sum", "2026-10-05T00:00:00Z", largest)
	want := money.MustAmount("99999999999999999.999999999999999999999") // × 10^−9, 21 places
	rows := w.daily(t, "2026-10-05").Rows
	if len(rows) != 1 || rows[0].CumulativeTotal.Cmp(want.Round(20, money.HalfEven)) != 0 || rows[0].CumulativeQuantity.String() != largest {
		t.Errorf("rows are %+v, want %s", rows, want)
	}
	w.plan().Prices[0].Model = unitOf("1")
	wantParked(t, w.daily(t, "2026-10-05").Parked, "acme overflow")
	wantParked(t, w.closed(t, "2026-10", false).Parked, "acme overflow")

	digits := money.MustQuantity(strings.Repeat("9", 38))
	if _, err := digits.Fixed(money.QuantityPlaces); !errors.Is(err, money.ErrOverflow) {
		t.Errorf("38 digits before the point: %v", err)
	}
	if _, err := (&pricing.Price{ID: "p", Model: unitOf("0")}).Charge(pricing.Measured{Quantity: digits.Fraction()}, unscaled); !errors.Is(err, money.ErrOverflow) {
		t.Errorf("38 digits before the point for nothing: %v", err)
	}
}

// 10^−30 a unit: 10^9 units cost 10^−21, which is 0 at 20 places; 5 × 10^9 cost
// half of the last place and round to even, 0; 6 × 10^9 round up to 10^−20. The
// unit price on the bill is the one of the book.
func TestHostile_APriceOf30Decimals(t *testing.T) {
	for units, want := range map[string]string{
		"1000000000": "0", "5000000000": "0", "6000000000": "0.00000000000000000001", "15000000000": "0.00000000000000000002", "1000000000000": "0.000000000000000001",
	} {
		w := oneAccount(metered("x", "sum", unitOf("0.000000000000000000000000000001")))
		w.use("s", "sum", "2026-10-05T00:00:00Z", units)
		if rows := w.daily(t, "2026-10-05").Rows; len(rows) != 1 || rows[0].CumulativeTotal.String() != want {
			t.Errorf("%s units cost %+v, want %s", units, rows, want)
		}
	}
}

// Usage that is taken back gives back what it had cost, through the same tiers:
// 150 are 100 × 0.10 + 1 + 50 × 0.08 = 15; so −150 are −15. It cannot make a
// minimum of 20 less.
func TestHostile_NegativeUsage(t *testing.T) {
	w := oneAccount(metered("x", "sum", pricing.Graduated{Tiers: threeTiers()}))
	w.use("s", "sum", "2026-10-05T00:00:00Z", "-150")
	wantCost(t, w.daily(t, "2026-10-05").Rows, pricing.ScopeBilled, "-15", "-15")
	w.plan().Prices[0].Adjust = []pricing.Adjustment{minimumCharge("20")}
	wantCost(t, w.daily(t, "2026-10-05").Rows, pricing.ScopeBilled, "20", "0")
	w.use("s", "sum", "2026-10-06T00:00:00Z", "150") // what is taken back and used again is nothing
	w.plan().Prices[0].Adjust = nil
	wantCost(t, w.daily(t, "2026-10-06").Rows, pricing.ScopeBilled, "0", "15")
}

// Usage never goes free because a book that was not validated has no tier for it.
func TestHostile_TiersThatHoldNothing(t *testing.T) {
	for name, model := range map[string]pricing.Model{
		"no tiers":            pricing.Graduated{},
		"no volume tiers":     pricing.Volume{},
		"a last tier of 0":    pricing.Graduated{Tiers: []pricing.Tier{{}}},
		"a bound below zero":  pricing.Volume{Tiers: []pricing.Tier{{UpTo: money.QuantityOf(-1)}}},
		"a package of 0":      pricing.Package{},
		"a package below 0":   pricing.Package{Size: money.QuantityOf(-1), Price: money.MustAmount("1")},
		"no capacity at all":  pricing.Capacity{},
		"no model whatsoever": nil,
	} {
		p := &pricing.Price{ID: "p", Model: model}
		if c, err := p.Charge(pricing.Measured{Quantity: money.Whole(5)}, unscaled); err == nil {
			t.Errorf("%s: 5 units cost %s", name, c.Subtotal)
		}
	}
}

// Periods by the 31st and by 29 February fall to a month's last day and come back.
func TestHostile_AnchorsThatAMonthLacks(t *testing.T) {
	for _, c := range []struct {
		start string
		cycle int
		want  []string
	}{
		{"2027-12-31T00:00:00Z", 1, []string{"2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30", "2028-05-31"}},
		{"2028-02-29T00:00:00Z", 12, []string{"2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"}},
	} {
		w := oneAccount(fixedFee("fee", "12.00"))
		w.plan().Cycle = anniversary(c.cycle)
		w.subs[0].Start = at(c.start)
		var starts []string
		first, last := pricing.MonthOf(day(c.want[0])), pricing.MonthOf(day(c.want[len(c.want)-1]))
		for _, month := range first.Through(last) {
			for _, i := range w.closed(t, month.String(), false).Invoices {
				for _, l := range i.Lines {
					starts = append(starts, l.PeriodStart.Format(time.DateOnly), l.PeriodEnd.Format(time.DateOnly))
				}
			}
		}
		if starts = slices.Compact(starts); !slices.Equal(starts, c.want) {
			t.Errorf("periods from %s are cut on %q, want %q", c.start, starts, c.want)
		}
	}
}

// Samoa left out 30 December 2011: that day has no rows, the fee of the month is
// whole, and what was used on its neighbours is billed once.
func TestHostile_AZoneThatSkipsADay(t *testing.T) {
	w := oneAccount(metered("x", "sum", unitOf("1.00")), fixedFee("fee", "31.00"))
	w.accounts[0].TimeZone = "Pacific/Apia"
	w.subs[0].Start = at("2011-01-01T00:00:00Z")
	w.use("s", "sum", "2011-12-30T09:59:59Z", "2") // 29 December, one second before midnight
	w.use("s", "sum", "2011-12-30T10:00:00Z", "3") // 31 December
	if rows := w.daily(t, "2011-12-30").Rows; len(rows) != 0 {
		t.Errorf("a day that was not has rows %+v", rows)
	}
	wantCost(t, w.daily(t, "2011-12-31").Rows, pricing.ScopeBilled, "36", "3")
	wantLines(t, w.closed(t, "2011-12", false), "x 5.00 5.00", "fee 31.00 31.00")
}

// A subscription that ends when it starts never was and owes nothing; one that ends
// before it starts is reported, with its account. Other accounts go on.
func TestHostile_SubscriptionsWithoutTime(t *testing.T) {
	for end, want := range map[string][]string{"2026-10-05T12:00:00Z": nil, "2026-10-01T00:00:00Z": {"other ends_before_start"}} {
		w := oneAccount(fixedFee("fee", "31.00"))
		w.accounts = append(w.accounts, pricing.Account{ID: "other", Bills: true})
		w.subs = append(w.subs, pricing.Subscription{ID: "none", Account: "other", Plan: "p", Start: at("2026-10-05T12:00:00Z"), End: at(end)})
		_, problems := pricing.NewRegistry(w.accounts, w.subs, nil)
		if got := codes(problems); !slices.Equal(got, want) {
			t.Errorf("a subscription from 5 October 12:00 to %s: problems are %q, want %q", end, got, want)
		}
		wantLines(t, w.closed(t, "2026-10", false), "fee 31.00 31.00") // the sound account's
	}
}

// 6 × 10^25 units in each of two phases, for nothing: each fits, and 1.2 × 10^26 in
// one row of the cost series would need 27 digits before the point.
func TestHostile_ARowOfTwoPhasesThatDoesNotFitParksItsAccount(t *testing.T) {
	w := oneAccount(metered("x", "sum", unitOf("0")))
	w.subs[0].Start = at("2026-10-01T00:00:00Z")
	w.plan().Phases = []pricing.Phase{{Name: "first", Days: 10}}
	const half = "60000000000000000000000000"
	w.use("s", "sum", "2026-10-05T00:00:00Z", half)
	if rows := w.daily(t, "2026-10-05").Rows; len(rows) != 1 || rows[0].CumulativeQuantity.String() != half {
		t.Errorf("rows are %+v, want one of %s", rows, half)
	}
	w.use("s", "sum", "2026-10-15T00:00:00Z", half)
	got := w.daily(t, "2026-10-15")
	wantParked(t, got.Parked, "acme overflow")
	if len(got.Rows) > 0 {
		t.Errorf("a parked account has rows: %+v", got.Rows)
	}
}
