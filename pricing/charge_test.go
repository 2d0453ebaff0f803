package pricing_test

import (
	"errors"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
)

// unscaled is the scale of everything that is not a prorated fee.
var unscaled = money.Whole(1)

func mustCharge(t testing.TB, p *pricing.Price, quantity string) pricing.Charge {
	t.Helper()
	c, err := p.Charge(pricing.Measured{Quantity: money.MustQuantity(quantity).Fraction()}, unscaled)
	if err != nil {
		t.Fatalf("charge %s of %s: %v", quantity, p.Model.Name(), err)
	}
	return c
}

func wantAmount(t testing.TB, what string, got money.Amount, want string) {
	t.Helper()
	if got.Cmp(money.MustAmount(want)) != 0 {
		t.Errorf("%s is %s, want %s", what, got, want)
	}
}

// steps builds tiers from bound, price pairs; the last bound is "".
func steps(pairs ...string) []pricing.Tier {
	var tiers []pricing.Tier
	for i := 0; i < len(pairs); i += 2 {
		tier := pricing.Tier{Unit: money.MustAmount(pairs[i+1]), Open: pairs[i] == ""}
		if !tier.Open {
			tier.UpTo = money.MustQuantity(pairs[i])
		}
		tiers = append(tiers, tier)
	}
	return tiers
}

func unitPrice(price string) *pricing.Price {
	return &pricing.Price{ID: "p", Model: pricing.Unit{Price: money.MustAmount(price)}}
}

// Numbers are those of the worked examples of the five billing APIs, from their
// public documentation, sources and tests.
func TestCharge_WorkedExamples(t *testing.T) {
	rokkaStorage := &pricing.Price{ID: "storage", Model: pricing.Graduated{Tiers: steps("400", "0.4", "800", "0.3", "1200", "0.2", "1600", "0.1", "", "0.08")}}
	bandwidth := &pricing.Price{ID: "bandwidth", Model: pricing.Volume{Tiers: steps("1024", "0", "10240", "0.09", "", "0.07")}}
	includedStorage := unitPrice("1")
	includedStorage.Allowance = money.QuantityOf(10)
	orbTiered := &pricing.Price{ID: "tiered", Model: pricing.Graduated{Tiers: steps("10", "0.50", "", "0.10")}}
	orbBulk := &pricing.Price{ID: "bulk", Model: pricing.Volume{Tiers: steps("10", "0.50", "1000", "0.40", "", "0")}}
	orbPackage := &pricing.Price{ID: "package", Model: pricing.Package{Size: money.QuantityOf(10), Price: money.MustAmount("0.80")}}
	apiCalls := &pricing.Price{ID: "calls", Model: pricing.Graduated{Tiers: steps("10000", "0.001", "100000", "0.0008", "", "0.0005")}}
	for _, c := range []struct {
		example, source string
		price           *pricing.Price
		quantity, want  string
	}{
		{"30", "ComputeStacks webhook docs", unitPrice("0.004"), "762.0", "3.048"},
		{"31", "ComputeStacks subscription_test.rb", unitPrice("0.0137"), "730", "10.0010"},
		{"31", "ComputeStacks subscription_test.rb", unitPrice("0.00685"), "730", "5.0005"},
		{"32", "ComputeStacks bandwidth tiers", bandwidth, "500", "0"},
		{"32", "ComputeStacks bandwidth tiers", bandwidth, "5000", "450.00"},
		{"32", "ComputeStacks bandwidth tiers", bandwidth, "20000", "1400.00"},
		{"34", "ComputeStacks included storage", includedStorage, "12.5", "2.5"},
		{"34", "ComputeStacks included storage", includedStorage, "9", "0"},
		{"59", "rokka issue #71", unitPrice("0.5"), "0.05", "0.025"},
		{"61", "rokka issue #71", unitPrice("0.5"), "5", "2.50"},
		{"61", "rokka issue #71", rokkaStorage, "40", "16.00"},
		{"62", "rokka calculator", rokkaStorage, "400", "160.00"},
		{"62", "rokka calculator", rokkaStorage, "401", "160.30"},
		{"62", "rokka calculator", rokkaStorage, "500", "190.00"},
		{"62", "rokka calculator", rokkaStorage, "800", "280.00"},
		{"62", "rokka calculator", rokkaStorage, "1000", "320.00"},
		{"62", "rokka calculator", rokkaStorage, "1200", "360.00"},
		{"62", "rokka calculator", rokkaStorage, "1600", "400.00"},
		{"62", "rokka calculator", rokkaStorage, "2000", "432.00"},
		{"62", "rokka calculator", rokkaStorage, "5000", "672.00"},
		{"66", "rokka pooled organizations", rokkaStorage, "300", "120.00"},
		{"66", "rokka pooled organizations", rokkaStorage, "600", "220.00"},
		{"73", "Orb tiered", orbTiered, "10", "5.00"},
		{"73", "Orb tiered", orbTiered, "11", "5.10"},
		{"73", "Orb tiered", orbTiered, "15", "5.50"},
		{"73", "Orb tiered", orbTiered, "10.5", "5.05"},
		{"74", "Orb SDK, bulk", orbBulk, "10", "5.00"},
		{"74", "Orb SDK, bulk", orbBulk, "101", "40.40"},
		{"75", "Orb price configuration", orbPackage, "4", "0.80"},
		{"75", "Orb price configuration", orbPackage, "11", "1.60"},
		{"75", "Orb price configuration", orbPackage, "0", "0"},
		{"79", "Orb invoice calculation examples", apiCalls, "150000", "107.00"},
	} {
		got := mustCharge(t, c.price, c.quantity)
		wantAmount(t, "example "+c.example+" ("+c.source+"): "+c.quantity, got.Subtotal, c.want)
	}
}

// Examples 18 to 26 of ComputeStacks (aggregated_usage.yml.erb of whmcs-ruby):
// hours to four places, the price to eight, half up.
func TestCharge_ComputeStacksHours(t *testing.T) {
	price := unitPrice("0.00685")
	price.RoundTo = &pricing.QuantityRounding{Places: 4, Mode: money.HalfUp}
	for _, c := range []struct{ example, start, end, hours, total string }{
		{"18", "2020-06-04T14:15:01.116225Z", "2020-06-04T17:15:00.129173Z", "2.9997", "0.02054795"},
		{"20", "2020-06-04T08:15:01.353072Z", "2020-06-04T11:15:00.786707Z", "2.9998", "0.02054863"},
		{"22", "2020-06-04T02:15:01.344492Z", "2020-06-04T05:15:00.900248Z", "2.9999", "0.02054932"},
		{"24", "2020-06-02T22:15:01.556010Z", "2020-06-02T23:15:00.395865Z", "0.9997", "0.00684795"},
		{"26", "2020-06-02T19:15:01.101276Z", "2020-06-02T21:15:00.199602Z", "1.9997", "0.01369795"},
	} {
		start, err1 := time.Parse(time.RFC3339Nano, c.start)
		end, err2 := time.Parse(time.RFC3339Nano, c.end)
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		hours := money.Ratio(end.Sub(start).Microseconds(), time.Hour.Microseconds())
		got, err := price.Charge(pricing.Measured{Quantity: hours}, unscaled)
		if err != nil {
			t.Fatal(err)
		}
		if got.Measured.String() != c.hours {
			t.Errorf("example %s: %s hours, want %s", c.example, got.Measured, c.hours)
		}
		wantAmount(t, "example "+c.example, got.Subtotal.Round(8, money.HalfUp), c.total)
	}
}

func TestCharge_PartsNameTheTiersAndSumUp(t *testing.T) {
	price := &pricing.Price{ID: "storage", Model: pricing.Graduated{Tiers: steps("400", "0.4", "800", "0.3", "", "0.2")}}
	got := mustCharge(t, price, "1000.5")
	want := []struct{ label, quantity, unit, amount string }{
		{"tier 1 (0 to 400)", "400", "0.4", "160"},
		{"tier 2 (400 to 800)", "400", "0.3", "120"},
		{"tier 3 (above 800)", "200.5", "0.2", "40.1"},
	}
	if len(got.Parts) != len(want) {
		t.Fatalf("%d parts, want %d", len(got.Parts), len(want))
	}
	for i, w := range want {
		part := got.Parts[i]
		if part.Label != w.label || part.Quantity.String() != w.quantity || part.UnitPrice.String() != w.unit || part.Amount.String() != w.amount {
			t.Errorf("part %d is %+v, want %v", i, part, w)
		}
	}
	if got.HasUnitPrice {
		t.Error("one unit price over three tiers")
	}
	if first := mustCharge(t, price, "12"); !first.HasUnitPrice || first.UnitPrice.String() != "0.4" {
		t.Errorf("unit price within the first tier is %s, %v", first.UnitPrice, first.HasUnitPrice)
	}
}

func TestCharge_FlatFeesAreOwedOnceATierIsEntered(t *testing.T) {
	tiers := steps("10", "1", "", "0.5")
	tiers[0].Flat, tiers[1].Flat = money.MustAmount("100"), money.MustAmount("20")
	for _, c := range []struct{ quantity, graduated, volume string }{
		{"0", "0", "0"}, // nothing enters no tier
		{"0.001", "100.001", "100.001"},
		{"10", "110", "110"},
		{"10.001", "130.0005", "25.0005"},
		{"-10.001", "-130.0005", "-25.0005"},
	} {
		graduated := mustCharge(t, &pricing.Price{Model: pricing.Graduated{Tiers: tiers}}, c.quantity)
		wantAmount(t, "graduated "+c.quantity, graduated.Subtotal, c.graduated)
		volume := mustCharge(t, &pricing.Price{Model: pricing.Volume{Tiers: tiers}}, c.quantity)
		wantAmount(t, "volume "+c.quantity, volume.Subtotal, c.volume)
		if c.quantity == "0" && (volume.HasUnitPrice || len(volume.Parts)+len(graduated.Parts) > 0) {
			t.Errorf("nothing entered a tier: %+v, %+v", graduated.Parts, volume.Parts)
		}
	}
	got := mustCharge(t, &pricing.Price{Model: pricing.Volume{Tiers: tiers}}, "-20")
	part := got.Parts[0]
	if part.Label != "tier 2 (above 10)" || part.Flat.String() != "-20" || part.Quantity.String() != "-20" || part.UnitPrice.String() != "0.5" {
		t.Errorf("the part of −20 units is %+v", part)
	}
}

func TestCharge_PackagePartsCountBlocks(t *testing.T) {
	price := &pricing.Price{Model: pricing.Package{Size: money.MustQuantity("10"), Price: money.MustAmount("0.80")}}
	got := mustCharge(t, price, "11")
	if len(got.Parts) != 1 || got.Parts[0].Label != "blocks of 10" || got.Parts[0].Quantity.String() != "2" || got.Parts[0].Amount.String() != "1.6" {
		t.Errorf("parts are %+v, want 2 blocks of 10", got.Parts)
	}
	if got.HasUnitPrice {
		t.Error("a block's price is no unit price")
	}
}

func TestCharge_FullBlocksLeaveTheLastOneFree(t *testing.T) {
	price := &pricing.Price{Model: pricing.Package{Size: money.MustQuantity("100"), Price: money.MustAmount("1"), Full: true}}
	for quantity, want := range map[string]string{"0": "0", "99.9": "0", "100": "1", "250": "2", "-250": "-2"} {
		got := mustCharge(t, price, quantity)
		wantAmount(t, quantity+" in full blocks of 100", got.Subtotal, want)
		if got.Subtotal.IsZero() != (len(got.Parts) == 0) {
			t.Errorf("parts of %s are %+v", quantity, got.Parts)
		}
	}
	if label := mustCharge(t, price, "250").Parts[0].Label; label != "full blocks of 100" {
		t.Errorf("the part says %q", label)
	}
}

// The figures are those of docs/billing-rules.md, Price models, Blocks.
func TestCharge_TiersOfBlocksCountThemWithinTheTier(t *testing.T) {
	tiers := []pricing.Tier{
		{UpTo: money.QuantityOf(10), Unit: money.MustAmount("1.50"), Block: money.QuantityOf(1)},
		{Open: true, Unit: money.MustAmount("8"), Block: money.QuantityOf(10)},
	}
	graduated := mustCharge(t, &pricing.Price{Model: pricing.Graduated{Tiers: tiers}}, "25")
	wantAmount(t, "graduated", graduated.Subtotal, "31")
	second := graduated.Parts[1]
	if second.Label != "tier 2 (above 10), blocks of 10" || second.Quantity.String() != "2" || second.UnitPrice.String() != "8" {
		t.Errorf("the second part is %+v", second)
	}
	volume := mustCharge(t, &pricing.Price{Model: pricing.Volume{Tiers: tiers}}, "25")
	wantAmount(t, "volume", volume.Subtotal, "24")
	if volume.HasUnitPrice {
		t.Error("the price of a block is no unit price")
	}
}

func TestCharge_FlatOnZeroEntersTheFirstTierAlone(t *testing.T) {
	tiers := steps("10", "1", "", "0.5")
	tiers[0].Flat, tiers[1].Flat = money.MustAmount("5"), money.MustAmount("2")
	for quantity, want := range map[string]struct{ graduated, volume string }{
		"0": {"5", "5"}, "10": {"15", "15"}, "15": {"19.5", "9.5"}, "-15": {"-19.5", "-9.5"},
	} {
		graduated := &pricing.Price{Model: pricing.Graduated{Tiers: tiers, FlatOnZero: true}}
		wantAmount(t, "graduated "+quantity, mustCharge(t, graduated, quantity).Subtotal, want.graduated)
		volume := &pricing.Price{Model: pricing.Volume{Tiers: tiers, FlatOnZero: true}}
		wantAmount(t, "volume "+quantity, mustCharge(t, volume, quantity).Subtotal, want.volume)
	}
	free := &pricing.Price{Model: pricing.Graduated{Tiers: tiers, FlatOnZero: true}, Allowance: money.QuantityOf(20)}
	wantAmount(t, "what an allowance made free", mustCharge(t, free, "15").Subtotal, "5")
}

func TestCharge_ThresholdCostsTheTotalOfTheHighestReached(t *testing.T) {
	price := &pricing.Price{Model: pricing.Threshold{Steps: []pricing.ThresholdStep{
		{From: money.QuantityOf(10), Total: money.MustAmount("5")},
		{From: money.QuantityOf(100), Total: money.MustAmount("20")},
	}}}
	for quantity, want := range map[string]string{"0": "0", "9.99": "0", "10": "5", "99.99": "5", "100": "20", "5000": "20", "-100": "-20"} {
		wantAmount(t, quantity+" units", mustCharge(t, price, quantity).Subtotal, want)
	}
	if got := mustCharge(t, price, "150"); len(got.Parts) != 1 || got.Parts[0].Label != "threshold 2 (from 100)" || got.HasUnitPrice {
		t.Errorf("charge is %+v", got)
	}
	price.Model = pricing.Threshold{Steps: []pricing.ThresholdStep{{Total: money.MustAmount("5")}}}
	wantAmount(t, "nothing, from 0", mustCharge(t, price, "0").Subtotal, "5")
}

// The figures are those of docs/billing-rules.md, Price models, Percentages.
func TestCharge_PercentageAsksForEachEventToo(t *testing.T) {
	price := &pricing.Price{Allowance: money.QuantityOf(250), Model: pricing.Percentage{
		Rate: money.MustQuantity("1.3"), PerEvent: money.MustAmount("2"), FreeFees: 3,
	}}
	for _, c := range []struct {
		amount string
		events int64
		want   string
	}{
		{"800", 4, "9.15"}, {"200", 3, "0"}, {"0", 5, "4"}, {"-800", 4, "-5.15"}, {"0", 0, "0"},
	} {
		got, err := price.Charge(pricing.Measured{Quantity: money.MustQuantity(c.amount).Fraction(), Events: c.events}, unscaled)
		if err != nil {
			t.Fatal(err)
		}
		wantAmount(t, c.amount+" in events", got.Subtotal, c.want)
		if len(got.Parts) != 2 || got.Parts[0].Label != "1.3 % of the amount" || got.HasUnitPrice {
			t.Errorf("charge is %+v", got)
		}
	}
	price.Model = pricing.Percentage{Rate: money.MustQuantity("1.3")}
	if got := mustCharge(t, price, "800"); !got.HasUnitPrice || got.UnitPrice.String() != "0.013" {
		t.Errorf("a rate alone is a unit price of 0.013, not %s", got.UnitPrice)
	}
}

func TestCharge_FixedIsOwedForItsPartOfThePeriod(t *testing.T) {
	price := &pricing.Price{Model: pricing.Fixed{Price: money.MustAmount("100")}}
	// Orb example 87: 100 for a month, 28 of 31 days of it: 90.32.
	got, err := price.Charge(pricing.Measured{Quantity: money.Whole(1)}, money.Ratio(28, 31))
	if err != nil {
		t.Fatal(err)
	}
	wantAmount(t, "28 days of 31", got.Subtotal, "90.32258064516129032258")
	wantAmount(t, "28 days of 31, rounded", got.Subtotal.Round(2, money.HalfUp), "90.32")
	if got.UnitPrice.String() != "100" || !got.HasUnitPrice {
		t.Errorf("unit price is %s", got.UnitPrice)
	}
	got, err = price.Charge(pricing.Measured{Quantity: money.MustQuantity("2.5").Fraction()}, unscaled)
	if err != nil {
		t.Fatal(err)
	}
	wantAmount(t, "2.5 seats", got.Subtotal, "250")
}

func TestCharge_RoundsTheQuantityBeforeTheAllowance(t *testing.T) {
	price := unitPrice("10")
	price.RoundTo = &pricing.QuantityRounding{Places: 0, Mode: money.Up}
	price.Allowance = money.MustQuantity("0.5")
	got, err := price.Charge(pricing.Measured{Quantity: money.Ratio(1400, 1000)}, unscaled)
	if err != nil {
		t.Fatal(err)
	}
	wantAmount(t, "1400 in thousands, half of one free", got.Subtotal, "15")
	if got.Measured.String() != "2" || got.Billable.Cmp(money.Ratio(3, 2)) != 0 {
		t.Errorf("measured %s, billable %s; want 2 and 1.5", got.Measured, got.Billable)
	}
}

func TestCharge_AllowanceNeverCreditsWhatWasFree(t *testing.T) {
	price := unitPrice("2")
	price.Allowance = money.MustQuantity("10")
	for quantity, want := range map[string]string{"9": "0", "10": "0", "11": "2", "-9": "0", "-11": "-2", "0": "0"} {
		wantAmount(t, quantity+" with 10 free", mustCharge(t, price, quantity).Subtotal, want)
	}
}

func TestCharge_OverflowIsAnErrorAndNeverSaturates(t *testing.T) {
	for name, c := range map[string]struct{ price, quantity string }{
		"subtotal": {"999999999999999999", "2"},
		"quantity": {"0.000001", "99999999999999999999999999999"},
	} {
		p := unitPrice(c.price)
		_, err := p.Charge(pricing.Measured{Quantity: money.MustQuantity(c.quantity).Fraction()}, unscaled)
		if !errors.Is(err, money.ErrOverflow) {
			t.Errorf("%s: %v, want ErrOverflow", name, err)
		}
	}
	blocks := &pricing.Price{Model: pricing.Package{Size: money.MustQuantity("0.000000000001")}}
	if _, err := blocks.Charge(pricing.Measured{Quantity: money.MustQuantity("99999999999999999999999999").Fraction()}, unscaled); !errors.Is(err, money.ErrOverflow) {
		t.Errorf("10^38 blocks: %v, want ErrOverflow", err)
	}
}

func TestCharge_RefusesModelsThatAreNotSound(t *testing.T) {
	for name, model := range map[string]pricing.Model{
		"no open tier":        pricing.Graduated{Tiers: steps("10", "1")},
		"no open volume tier": pricing.Volume{Tiers: steps("10", "1")},
		"no tiers":            pricing.Graduated{},
		"empty package":       pricing.Package{},
		"resources":           pricing.ResourceTime{},
		"no model":            nil,
		"no groups":           pricing.Matrix{HasDefault: true},
	} {
		p := &pricing.Price{ID: "p", Model: model}
		if got, err := p.Charge(pricing.Measured{Quantity: money.Whole(11)}, unscaled); err == nil {
			t.Errorf("%s: charged %s, want an error", name, got.Subtotal)
		}
	}
	bounded := &pricing.Price{Model: pricing.Volume{Tiers: steps("10", "1")}}
	wantAmount(t, "within the last bound", mustCharge(t, bounded, "10").Subtotal, "10")
}
