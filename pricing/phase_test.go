package pricing_test

import (
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
)

func trialPlan() *world {
	w := oneAccount(fixedFee("fee", "31"), metered("usage", "sum", unitOf("1.00")))
	w.plan().Phases = []pricing.Phase{
		{Name: "trial", Days: 7, Free: true},
		{Name: "discount", Months: 3, PercentOff: money.QuantityOf(50), Prices: map[string]money.Amount{"fee": money.MustAmount("15.50")}},
	}
	w.subs[0].Start = at("2026-10-01T15:00:00Z")
	return w
}

// docs/billing-rules.md, Phases: a trial of 7 days from 1 October at 15:00 ends
// at midnight of the 8th; three months of discount later, on 8 January, the plan
// is as it stands.
func TestClose_BillsEachPhaseByItsTerms(t *testing.T) {
	w := trialPlan()
	w.use("s", "sum", "2026-10-07T23:59:59Z", "10")
	w.use("s", "sum", "2026-10-08T00:00:00Z", "4")
	got := w.closed(t, "2026-10", false)
	// 153 hours of 744 are of the trial; 24 days of 15.50 are 12.00, and half of that.
	wantLines(t, got, "fee 6.38 0.00", "usage 10.00 0.00", "fee 12.00 6.00", "usage 4.00 2.00")
	if l := got.Invoices[0].Lines; l[0].Description != "fee (trial)" || l[2].Description != "fee (discount)" || !l[2].PeriodStart.Equal(at("2026-10-08T00:00:00Z")) {
		t.Errorf("lines are %+v", l)
	}
	wantLines(t, w.closed(t, "2026-12", false), "fee 15.50 7.75")
	got = w.closed(t, "2027-01", false) // 7 of 31 days of 15.50 at half, 24 of 31.00
	wantLines(t, got, "fee 3.50 1.75", "fee 24.00 24.00")
	if l := got.Invoices[0].Lines[1]; l.Description != "fee" {
		t.Errorf("after the phases the line says %q", l.Description)
	}
	// The series has one row for each price of a period, of all of its phases.
	rows := w.daily(t, "2026-10-08").Rows
	wantCost(t, rows, pricing.ScopeBilled, "8", "8")
	if len(rows) != 2 || rows[0].CumulativeQuantity.String() != "1" || rows[1].CumulativeQuantity.String() != "14" || rows[1].Quantity.String() != "4" {
		t.Errorf("rows are %+v", rows)
	}
}

// A fee in advance is billed by the terms with which its period begins: nothing
// in a trial, and from the trial's end the rest of the month.
func TestClose_AFeeInAdvanceAfterATrial(t *testing.T) {
	w := trialPlan()
	w.plan().Prices, w.plan().Phases = []pricing.Price{inAdvance("fee", "31")}, w.plan().Phases[:1]
	w.subs[0].Start = at("2026-10-02T00:00:00Z")
	got := w.closed(t, "2026-10", false)
	wantDated(t, got, "s fee 1002-1101 1 0.00", "s fee 1009-1101 -1 0.00", "s fee 1009-1101 1 23.00", "s fee 1101-1201 1 31.00")
	if total := got.Invoices[0].Total.String(); total != "54" {
		t.Errorf("October bills %s, want 54", total)
	}
}

// Months end where their day is missing: a phase of a month from 31 January ends
// on 28 February. One without an end stays.
func TestClose_PhasesOfMonthsEndOnAMonthsLastDay(t *testing.T) {
	w := trialPlan()
	w.plan().Prices = w.plan().Prices[:1]
	w.plan().Phases = []pricing.Phase{{Name: "a", Months: 1, Free: true}, {Name: "b", PercentOff: money.QuantityOf(10)}}
	w.subs[0].Start = at("2026-01-31T00:00:00Z")
	got := w.closed(t, "2026-02", false)
	wantLines(t, got, "fee 29.89 0.00", "fee 1.11 1.00") // 27 and 1 of 28 days: 31 x 27/28, and 31/28 x 0.9 = 0.996
	wantLines(t, w.closed(t, "2030-01", false), "fee 31.00 27.90")
}

// A new version changes the terms of a phase, whose end does not move; amounts
// once a period are shared by time.
func TestClose_AVersionWithinAPhase(t *testing.T) {
	w := trialPlan()
	w.plan().Prices = w.plan().Prices[:1]
	w.subs[0].Start = at("2026-10-01T00:00:00Z")
	w.plan().Adjust = []pricing.Adjustment{minimumCharge("62")}
	w.addVersion("2026-10-05", func(p *pricing.Plan) {
		p.Phases = []pricing.Phase{{Name: "trial", Days: 7, PercentOff: money.QuantityOf(100)}}
		p.Adjust = nil
	})
	wantLines(t, w.closed(t, "2026-10", false), "fee 4.00 0.00", "fee 3.00 0.00", "fee 24.00 24.00")
}

func TestNewRater_RefusesPhasesThatCannotBe(t *testing.T) {
	trial := pricing.Phase{Name: "trial", Days: 7}
	for name, phases := range map[string][]pricing.Phase{
		"an endless one before another": {{Name: "a"}, trial},
		"a length below nothing":        {{Name: "a", Days: -1}},
		"more than all off":             {{Name: "a", Days: 7, PercentOff: money.QuantityOf(101)}},
		"less than nothing off":         {{Name: "a", Days: 7, PercentOff: money.QuantityOf(-1)}},
		"an unknown price":              {{Name: "a", Days: 7, Prices: map[string]money.Amount{"fee": {}, "x": {}}}},
		"a price of tiers":              {{Name: "a", Days: 7, Prices: map[string]money.Amount{"tiers": {}}}},
	} {
		w := oneAccount(fixedFee("fee", "1"), metered("tiers", "sum", rokkaStorage()))
		w.plan().Phases = phases
		registry, _ := pricing.NewRegistry(w.accounts, w.subs, nil)
		if _, err := pricing.NewRater(w.book, registry); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	w := oneAccount(metered("usage", "sum", unitOf("1")))
	w.plan().Phases, w.plan().Prices[0].Pool = []pricing.Phase{trial}, pricing.PoolAccount
	registry, _ := pricing.NewRegistry(w.accounts, w.subs, nil)
	if _, err := pricing.NewRater(w.book, registry); err == nil {
		t.Error("a pool in phases: no error")
	}
}
