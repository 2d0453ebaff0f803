package pricing_test

import (
	"errors"
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
)

func usageDiscount(units string) pricing.Adjustment {
	return pricing.Adjustment{Kind: pricing.UsageDiscount, Quantity: money.MustQuantity(units)}
}

func amountDiscount(amount string) pricing.Adjustment {
	return pricing.Adjustment{Kind: pricing.AmountDiscount, Amount: money.MustAmount(amount)}
}

func percentDiscount(percent string) pricing.Adjustment {
	return pricing.Adjustment{Kind: pricing.PercentDiscount, Percent: money.MustQuantity(percent)}
}

func minimumCharge(amount string) pricing.Adjustment {
	return pricing.Adjustment{Kind: pricing.MinimumCharge, Amount: money.MustAmount(amount)}
}

func maximumCharge(amount string) pricing.Adjustment {
	return pricing.Adjustment{Kind: pricing.MaximumCharge, Amount: money.MustAmount(amount)}
}

// lineOf is a line of a unit price of 1, so that the quantity is the subtotal.
func lineOf(t testing.TB, id, amount string, own ...pricing.Adjustment) pricing.Adjustable {
	t.Helper()
	p := unitPrice("1")
	p.ID, p.Adjust = id, own
	return pricing.Adjustable{Price: p, Charge: mustCharge(t, p, amount)}
}

func mustAdjust(t testing.TB, plan []pricing.Adjustment, items ...pricing.Adjustable) []pricing.Adjusted {
	t.Helper()
	got, err := pricing.Adjust(items, plan)
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range got {
		sum := items[i].Charge.Subtotal
		for _, step := range line.Steps {
			sum = sum.Add(step.Amount)
		}
		if sum.Cmp(line.Total) != 0 {
			t.Errorf("line %d: subtotal and steps %v make %s, total is %s", i, line.Steps, sum, line.Total)
		}
	}
	return got
}

func wantTotals(t testing.TB, got []pricing.Adjusted, want ...string) {
	t.Helper()
	for i, w := range want {
		if got[i].Total.Cmp(money.MustAmount(w)) != 0 {
			t.Errorf("line %d is %s, want %s", i, got[i].Total, w)
		}
	}
}

// Example 68 (Orb costs SDK): minimum 50, unit 2.50, cumulative usage.
func TestAdjust_MinimumShowsInFullFromTheFirstDay(t *testing.T) {
	p := unitPrice("2.50")
	p.Adjust = []pricing.Adjustment{minimumCharge("50")}
	subtotals := []string{"22.50", "47.50", "50.00", "70.00", "90.00"}
	totals := []string{"50", "50", "50", "70", "90"}
	for i, quantity := range []string{"9", "19", "20", "28", "36"} {
		c := mustCharge(t, p, quantity)
		wantAmount(t, "subtotal of "+quantity, c.Subtotal, subtotals[i])
		wantTotals(t, mustAdjust(t, nil, pricing.Adjustable{Price: p, Charge: c}), totals[i])
	}
}

// Example 81 (Orb invoice calculation): 200 hours × 0.10, 10 % off, minimum 50,
// maximum 500: 20, 18, 50, 50.
func TestAdjust_StepsShowWhatEachAdjustmentDid(t *testing.T) {
	p := unitPrice("0.10")
	p.Adjust = []pricing.Adjustment{maximumCharge("500"), minimumCharge("50"), percentDiscount("10")}
	got := mustAdjust(t, nil, pricing.Adjustable{Price: p, Charge: mustCharge(t, p, "200")})
	wantTotals(t, got, "50")
	want := []pricing.AdjustmentStep{{Kind: pricing.PercentDiscount, Amount: money.MustAmount("-2")}, {Kind: pricing.MinimumCharge, Amount: money.MustAmount("32")}}
	if len(got[0].Steps) != len(want) {
		t.Fatalf("steps are %v, want %v", got[0].Steps, want)
	}
	for i, step := range got[0].Steps {
		if step.Kind != want[i].Kind || step.Amount.Cmp(want[i].Amount) != 0 {
			t.Errorf("step %d is %v, want %v", i, step, want[i])
		}
	}
}

// Example 83 (Orb): 100 units for nothing at 1.00.
func TestAdjust_UsageDiscountPricesWhatItLeaves(t *testing.T) {
	wantTotals(t, mustAdjust(t, nil, lineOf(t, "a", "150", usageDiscount("100"))), "50")
	wantTotals(t, mustAdjust(t, nil, lineOf(t, "a", "80", usageDiscount("100"))), "0")
	tiers := &pricing.Price{Model: pricing.Graduated{Tiers: steps("10", "5", "", "1")}, Adjust: []pricing.Adjustment{usageDiscount("3"), usageDiscount("2")}}
	// 12 units less 5 are 7 in the first tier.
	wantTotals(t, mustAdjust(t, nil, pricing.Adjustable{Price: tiers, Charge: mustCharge(t, tiers, "12")}), "35")
}

func TestAdjust_UsageDiscountNeverRaisesACharge(t *testing.T) {
	// 101 units cost 101 × 0.5; 100 would fall in the tier at 2.
	p := &pricing.Price{Model: pricing.Volume{Tiers: steps("100", "2", "", "0.5")}, Adjust: []pricing.Adjustment{usageDiscount("1")}}
	wantTotals(t, mustAdjust(t, nil, pricing.Adjustable{Price: p, Charge: mustCharge(t, p, "101")}), "50.5")
}

// Example 84 (Orb): (100 − 10) × 0.9, whatever order the book lists them in.
func TestAdjust_AmountComesBeforePercentage(t *testing.T) {
	wantTotals(t, mustAdjust(t, nil, lineOf(t, "a", "100", percentDiscount("10"), amountDiscount("10"))), "81")
	wantTotals(t, mustAdjust(t, []pricing.Adjustment{amountDiscount("10")}, lineOf(t, "a", "100", percentDiscount("10"))), "81")
}

// Example 52 (CloudSigma): 30 GB for 366 days at 0.105 per 30 days, 25 % off.
func TestAdjust_CloudSigmaSubscriptionDiscount(t *testing.T) {
	p := unitPrice("0.105")
	p.Adjust = []pricing.Adjustment{percentDiscount("25")}
	quantity := money.Ratio(32212254720, 1<<30).Mul(money.Ratio(366, 30))
	c, err := p.Charge(pricing.Measured{Quantity: quantity}, unscaled)
	if err != nil {
		t.Fatal(err)
	}
	wantAmount(t, "gross", c.Subtotal, "38.43")
	got := mustAdjust(t, nil, pricing.Adjustable{Price: p, Charge: c})
	wantTotals(t, got, "28.8225")
	wantAmount(t, "discount", got[0].Steps[0].Amount, "-9.6075")
}

func TestAdjust_AppliesAPricesOwnBeforeSpanningOnes(t *testing.T) {
	// Own: max(10, 30) = 30. Spanning minimum 60 over 30 + 20: 10 more, 3 : 2.
	got := mustAdjust(t, []pricing.Adjustment{minimumCharge("60")}, lineOf(t, "a", "10", minimumCharge("30")), lineOf(t, "b", "20"))
	wantTotals(t, got, "36", "24")
}

func TestAdjust_SpansInProportionWithTheRemainderToTheLargest(t *testing.T) {
	// 10 over lines of 1, 1 and 1: thirds to 20 places, the rest to the first.
	got := mustAdjust(t, []pricing.Adjustment{minimumCharge("10")}, lineOf(t, "a", "1"), lineOf(t, "b", "1"), lineOf(t, "c", "1"))
	wantTotals(t, got, "3.33333333333333333334", "3.33333333333333333333", "3.33333333333333333333")
	// 1 off lines of 1, 4 and 1: sixths; the largest takes the remainder.
	got = mustAdjust(t, []pricing.Adjustment{amountDiscount("1")}, lineOf(t, "a", "1"), lineOf(t, "b", "4"), lineOf(t, "c", "1"))
	wantTotals(t, got, "0.83333333333333333334", "3.33333333333333333332", "0.83333333333333333334")
	got = mustAdjust(t, []pricing.Adjustment{maximumCharge("30")}, lineOf(t, "a", "10"), lineOf(t, "b", "30"))
	wantTotals(t, got, "7.5", "22.5")
	got = mustAdjust(t, []pricing.Adjustment{percentDiscount("10")}, lineOf(t, "a", "10"), lineOf(t, "b", "-20"))
	wantTotals(t, got, "9", "-18")
}

func TestAdjust_RemainderNeverMakesALineNegative(t *testing.T) {
	// Two units of 10^−20 off three lines of one: cut shares are zero, and the
	// largest line can bear only one of the two.
	smallest := "0.00000000000000000001"
	got := mustAdjust(t, []pricing.Adjustment{amountDiscount("0.00000000000000000002")}, lineOf(t, "a", smallest), lineOf(t, "b", smallest), lineOf(t, "c", smallest))
	wantTotals(t, got, "0", "0", smallest)
}

func TestAdjust_NamedPricesAloneAreSpanned(t *testing.T) {
	on := amountDiscount("6")
	on.On = []string{"b", "c"}
	got := mustAdjust(t, []pricing.Adjustment{on}, lineOf(t, "a", "100"), lineOf(t, "b", "10"), lineOf(t, "c", "20"))
	wantTotals(t, got, "100", "8", "16")
	on.On = []string{"nowhere"}
	wantTotals(t, mustAdjust(t, []pricing.Adjustment{on}, lineOf(t, "a", "100")), "100")
	wantTotals(t, mustAdjust(t, []pricing.Adjustment{on}))
}

func TestAdjust_MinimumOverNothingGoesToItsLineOrEvenly(t *testing.T) {
	named := minimumCharge("10")
	named.To = "b"
	wantTotals(t, mustAdjust(t, []pricing.Adjustment{named}, lineOf(t, "a", "0"), lineOf(t, "b", "0"), lineOf(t, "c", "0")), "0", "10", "0")
	wantTotals(t, mustAdjust(t, []pricing.Adjustment{named}, lineOf(t, "a", "5"), lineOf(t, "b", "0")), "10", "0")
	wantTotals(t, mustAdjust(t, []pricing.Adjustment{minimumCharge("10")}, lineOf(t, "a", "0"), lineOf(t, "b", "0"), lineOf(t, "c", "0")),
		"3.33333333333333333334", "3.33333333333333333333", "3.33333333333333333333")
	wantTotals(t, mustAdjust(t, []pricing.Adjustment{named}, lineOf(t, "a", "-4"), lineOf(t, "b", "0")), "-4", "14")
}

func TestAdjust_DiscountsNeverMakeALineNegative(t *testing.T) {
	wantTotals(t, mustAdjust(t, nil, lineOf(t, "a", "5", amountDiscount("8"))), "0")
	wantTotals(t, mustAdjust(t, []pricing.Adjustment{amountDiscount("100")}, lineOf(t, "a", "5"), lineOf(t, "b", "7"), lineOf(t, "c", "-3")), "0", "0", "-3")
	wantTotals(t, mustAdjust(t, nil, lineOf(t, "a", "5", percentDiscount("100"))), "0")
	wantTotals(t, mustAdjust(t, nil, lineOf(t, "a", "-5", amountDiscount("2"), usageDiscount("2"), maximumCharge("0"))), "-5")
}

func TestAdjust_SpanningUsageDiscountSharesUnits(t *testing.T) {
	dear := unitPrice("10")
	dear.ID = "dear"
	fee := &pricing.Price{ID: "fee", Model: pricing.Fixed{Price: money.MustAmount("7")}}
	items := []pricing.Adjustable{
		lineOf(t, "a", "30"),
		{Price: dear, Charge: mustCharge(t, dear, "10")},
		{Price: fee, Charge: mustCharge(t, fee, "1")},
		lineOf(t, "credit", "-5"),
	}
	// 8 of 40 units: 6 of the 30, 2 of the 10; a fee has no usage.
	wantTotals(t, mustAdjust(t, []pricing.Adjustment{usageDiscount("8")}, items...), "24", "80", "7", "-5")
	onFee := usageDiscount("8")
	onFee.On = []string{"fee"}
	wantTotals(t, mustAdjust(t, []pricing.Adjustment{onFee}, items...), "30", "100", "0", "-5")
}

func TestAdjust_UsageDiscountReachesMatrixGroups(t *testing.T) {
	p := &pricing.Price{Model: orbMatrix(), Adjust: []pricing.Adjustment{usageDiscount("4")}}
	c, err := p.Charge(grouped("6", "alpha", "west", "2", "beta", "east"), unscaled)
	if err != nil {
		t.Fatal(err)
	}
	wantTotals(t, mustAdjust(t, nil, pricing.Adjustable{Price: p, Charge: c}), "9") // 3 × 2 + 1 × 3
	wantAmount(t, "the charge itself, untouched,", c.Groups[0].Subtotal, "12")
}

func TestAdjust_FirstMonthsEnd(t *testing.T) {
	off := percentDiscount("50")
	off.FirstMonths = 3
	for months, want := range []string{"5", "5", "5", "10"} {
		own, spanned := lineOf(t, "a", "10", off), lineOf(t, "a", "10")
		own.Months, spanned.Months = months, months
		wantTotals(t, mustAdjust(t, nil, own), want)
		wantTotals(t, mustAdjust(t, []pricing.Adjustment{off}, spanned), want)
	}
}

func TestAdjust_RefusesWhatIsNotSound(t *testing.T) {
	resources := &pricing.Price{ID: "disk", Model: pricing.ResourceTime{}, Adjust: []pricing.Adjustment{usageDiscount("1")}}
	for name, item := range map[string]pricing.Adjustable{
		"negative units":      lineOf(t, "a", "1", usageDiscount("-1")),
		"negative amount":     lineOf(t, "a", "1", amountDiscount("-1")),
		"negative minimum":    lineOf(t, "a", "1", minimumCharge("-1")),
		"more than all":       lineOf(t, "a", "1", percentDiscount("100.01")),
		"negative percentage": lineOf(t, "a", "1", percentDiscount("-1")),
		"no kind":             lineOf(t, "a", "1", pricing.Adjustment{}),
		"units of resources":  {Price: resources, Charge: pricing.Charge{Billable: money.Whole(3)}},
	} {
		if got, err := pricing.Adjust([]pricing.Adjustable{item}, nil); err == nil {
			t.Errorf("%s: total %s, want an error", name, got[0].Total)
		}
	}
	if _, err := pricing.Adjust([]pricing.Adjustable{lineOf(t, "a", "1")}, []pricing.Adjustment{{Kind: 9}}); err == nil {
		t.Error("a plan's adjustment of no kind: no error")
	}
	spanned := usageDiscount("1")
	spanned.On = []string{"disk"}
	bare := pricing.Price{ID: "disk", Model: pricing.ResourceTime{}}
	if _, err := pricing.Adjust([]pricing.Adjustable{{Price: &bare, Charge: pricing.Charge{Billable: money.Whole(3)}}}, []pricing.Adjustment{spanned}); err == nil {
		t.Error("a plan's units of resources: no error")
	}
}

func TestAdjust_OverflowIsAnError(t *testing.T) {
	huge := minimumCharge("9999999999999999999")
	if _, err := pricing.Adjust([]pricing.Adjustable{lineOf(t, "a", "1", huge)}, nil); !errors.Is(err, money.ErrOverflow) {
		t.Errorf("got %v, want ErrOverflow", err)
	}
}
