package pricing_test

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/pricing/pricingtest"
)

// threeTiers is 0.10 a unit up to 100, 0.08 up to 1000, then 0.0525, and 1.00
// once for entering the second tier.
func threeTiers() []pricing.Tier {
	return []pricing.Tier{
		{UpTo: money.QuantityOf(100), Unit: money.MustAmount("0.10")},
		{UpTo: money.QuantityOf(1000), Unit: money.MustAmount("0.08"), Flat: money.MustAmount("1")},
		{Open: true, Unit: money.MustAmount("0.0525")},
	}
}

func tariffOf(t *testing.T, p pricing.Price, m pricing.Meter) *pricing.Tariff {
	t.Helper()
	tariff, ok := pricing.NewTariff(&p, m)
	if !ok {
		t.Fatalf("no tariff of %+v", p)
	}
	return tariff
}

func sumMeter(divideBy string) pricing.Meter {
	return pricing.Meter{ID: "m", Aggregate: pricing.Sum, DivideBy: money.MustQuantity(divideBy)}
}

// Figures by hand; quantities are those of events, before DivideBy.
func TestTariff_PricesByHand(t *testing.T) {
	blocks := []pricing.Tier{
		{UpTo: money.QuantityOf(100), Unit: money.MustAmount("5"), Block: money.QuantityOf(30)},
		{Open: true, Unit: money.MustAmount("0.5")},
	}
	for _, c := range []struct {
		name                      string
		price                     pricing.Price
		divideBy, units           string
		quantity, subtotal, total string
	}{
		{"unit", pricing.Price{Model: unitOf("0.0317")}, "1", "3", "3", "0.0951", "0.0951"},
		{"bounds are inclusive: 100 × 0.10", pricing.Price{Model: pricing.Graduated{Tiers: threeTiers()}}, "1", "100", "100", "10", "10"},
		{"100 × 0.10 + 1 + 1 × 0.08", pricing.Price{Model: pricing.Graduated{Tiers: threeTiers()}}, "1", "101", "101", "11.08", "11.08"},
		{"10 + 1 + 72 + 1000 × 0.0525", pricing.Price{Model: pricing.Graduated{Tiers: threeTiers()}}, "1000", "2000000", "2000", "135.5", "135.5"},
		{"all 2000 at 0.0525", pricing.Price{Model: pricing.Volume{Tiers: threeTiers()}}, "1", "2000", "2000", "105", "105"},
		{"101 in the second tier", pricing.Price{Model: pricing.Volume{Tiers: threeTiers()}}, "1", "101", "101", "9.08", "9.08"},
		{"4 started blocks of 30 to 100, then 2 × 0.5", pricing.Price{Model: pricing.Graduated{Tiers: blocks}}, "1", "102", "102", "21", "21"},
		{"2 started packages", pricing.Price{Model: pricing.Package{Size: money.QuantityOf(10), Price: money.MustAmount("3")}}, "1", "11", "11", "6", "6"},
		{"1 full package", pricing.Price{Model: pricing.Package{Size: money.QuantityOf(10), Price: money.MustAmount("3"), Full: true}}, "1", "19", "19", "3", "3"},
		{"1.3 % of 250", pricing.Price{Model: pricing.Percentage{Rate: money.MustQuantity("1.3")}}, "1", "250", "250", "3.25", "3.25"},
		{"the first tier's flat fee for nothing", pricing.Price{Model: pricing.Graduated{Tiers: threeTiers()[1:], FlatOnZero: true}}, "1", "0", "0", "1", "1"},
		{"what events say that they cost, and a fifth", pricing.Price{Model: pricing.Dynamic{Multiplier: money.MustQuantity("1.2")}}, "1", "12.5", "12.5", "15", "15"},
		{
			"a bound finer than a quantity can be: 1 × 3 in the first tier, 1 × 5 in the second but for 10^−13 × 2",
			pricing.Price{Model: pricing.Graduated{Tiers: []pricing.Tier{{UpTo: money.MustQuantity("1.0000000000001"), Unit: money.MustAmount("3")}, {Open: true, Unit: money.MustAmount("5")}}}},
			"1", "2", "2", "7.9999999999998", "7.9999999999998",
		},
		{"a third of a unit at 1: one division, to 20 places", pricing.Price{Model: unitOf("1")}, "3", "1", "0.333333333333", "0.33333333333333333333", "0.33333333333333333333"},
		{"the allowance goes first: (12 − 5) × 2", pricing.Price{Model: unitOf("2"), Allowance: money.QuantityOf(5)}, "1", "12", "12", "14", "14"},
		{"usage taken back mirrors it", pricing.Price{Model: unitOf("2"), Allowance: money.QuantityOf(5)}, "1", "-12", "-12", "-14", "-14"},
		{"all within the allowance", pricing.Price{Model: unitOf("2"), Allowance: money.QuantityOf(50)}, "1", "-12", "-12", "0", "0"},
		{"rounded to hundreds first", pricing.Price{Model: unitOf("0.01"), RoundTo: &pricing.QuantityRounding{Places: -2, Mode: money.HalfEven}}, "1", "250", "200", "2", "2"},
		{
			"4 units free, then 2 off, 10 % off, at least 1: (10 − 4) × 1 − 2 = 4, 3.6",
			pricing.Price{Model: unitOf("1"), Adjust: []pricing.Adjustment{
				{Kind: pricing.MinimumCharge, Amount: money.MustAmount("1")},
				{Kind: pricing.PercentDiscount, Percent: money.QuantityOf(10)},
				{Kind: pricing.AmountDiscount, Amount: money.MustAmount("2")},
				{Kind: pricing.UsageDiscount, Quantity: money.QuantityOf(4)},
			}},
			"1", "10", "10", "10", "3.6",
		},
		{
			"a minimum raises what is taken back too, a maximum lowers",
			pricing.Price{Model: unitOf("1"), Adjust: []pricing.Adjustment{{Kind: pricing.MinimumCharge, Amount: money.MustAmount("1")}, {Kind: pricing.MaximumCharge, Amount: money.MustAmount("0.5")}}},
			"1", "-3", "-3", "-3", "0.5",
		},
	} {
		c.price.ID = "p"
		units, err := money.MustQuantity(c.units).Fixed(money.QuantityPlaces)
		if err != nil {
			t.Fatal(err)
		}
		cost, ok := tariffOf(t, c.price, sumMeter(c.divideBy)).Cost(units, 0)
		quantity := cost.Quantity.Quantity(money.QuantityPlaces).String()
		subtotal, total := money.AmountFromFixed(cost.Subtotal, 20).String(), money.AmountFromFixed(cost.Total, 20).String()
		if !ok || quantity != c.quantity || subtotal != c.subtotal || total != c.total {
			t.Errorf("%s: quantity %s, subtotal %s, total %s, %v; want %s, %s, %s", c.name, quantity, subtotal, total, ok, c.quantity, c.subtotal, c.total)
		}
	}
}

// Bills list tiers and unit prices, which a tariff does not: 100 × 0.10 and, with
// the 1.00 for entering it, 50 × 0.08.
func TestClose_ListsTheTiersOfAPriceThatHasATariff(t *testing.T) {
	w := oneAccount(metered("tiers", "sum", pricing.Graduated{Tiers: threeTiers()}), metered("unit", "sum", unitOf("0.50")))
	w.use("s", "sum", "2026-10-05T00:00:00Z", "150")
	got := w.closed(t, "2026-10", false)
	wantLines(t, got, "tiers 15.00 15.00", "unit 75.00 75.00")
	lines := got.Invoices[0].Lines
	if parts := lines[0].Parts; len(parts) != 2 || parts[0].Amount.String() != "10" || parts[1].Amount.String() != "5" || parts[1].Quantity.String() != "50" {
		t.Errorf("the tiers are %+v", parts)
	}
	if !lines[1].HasUnitPrice || lines[1].UnitPrice.String() != "0.5" {
		t.Errorf("the unit price is %s, %v", lines[1].UnitPrice, lines[1].HasUnitPrice)
	}
	if w.rater(t).Tariffs() != 2 {
		t.Error("the prices have no tariff")
	}
}

func TestTariff_FirstMonthsEnd(t *testing.T) {
	p := pricing.Price{ID: "p", Model: unitOf("1"), Adjust: []pricing.Adjustment{{Kind: pricing.PercentDiscount, Percent: money.QuantityOf(50), FirstMonths: 2}}}
	tariff := tariffOf(t, p, pricing.Meter{ID: "m", Aggregate: pricing.Count, DivideBy: money.QuantityOf(1)})
	for months, want := range []string{"4", "4", "8"} {
		cost, ok := tariff.Cost(money.Int128Of(8), months) // of a meter that counts: 8 events
		if got := money.AmountFromFixed(cost.Total, 20).String(); !ok || got != want {
			t.Errorf("8 events after %d months cost %s, want %s", months, got, want)
		}
	}
}

// What a tariff cannot do exactly it does not do.
func TestTariff_LeavesTheRestToCharge(t *testing.T) {
	unit := pricing.Price{ID: "p", Model: unitOf("1")}
	with := func(change func(*pricing.Price)) pricing.Price {
		p := unit
		change(&p)
		return p
	}
	for name, c := range map[string]struct {
		price pricing.Price
		meter pricing.Meter
	}{
		"a level":              {unit, pricing.Meter{ID: "m", Aggregate: pricing.TimeAverage, DivideBy: money.QuantityOf(1)}},
		"slots added up":       {unit, pricing.Meter{ID: "m", Aggregate: pricing.Maximum, AddSlots: true, DivideBy: money.QuantityOf(1)}},
		"a meter divided by 0": {unit, sumMeter("0")},
		"a negative division":  {unit, sumMeter("-1")},
		"a matrix":             {with(func(p *pricing.Price) { p.Model = matrixOf("a", "x", "1") }), sumMeter("1")},
		"a quantity prorated by the time it is held": {with(func(p *pricing.Price) { p.Prorate = pricing.ProrateTime }), sumMeter("1")},
		"each hour":           {with(func(p *pricing.Price) { p.Each = pricing.Each{Window: pricing.GrainHour} }), sumMeter("1")},
		"fees for each event": {with(func(p *pricing.Price) { p.Model = pricing.Percentage{PerEvent: money.MustAmount("0.1")} }), sumMeter("1")},
		"an empty package":    {with(func(p *pricing.Price) { p.Model = pricing.Package{} }), sumMeter("1")},
		"no tiers":            {with(func(p *pricing.Price) { p.Model = pricing.Graduated{} }), sumMeter("1")},
		"no model":            {with(func(p *pricing.Price) { p.Model = nil }), sumMeter("1")},
		"no open tier":        {with(func(p *pricing.Price) { p.Model = pricing.Volume{Tiers: threeTiers()[:2]} }), sumMeter("1")},
		"an open tier first":  {with(func(p *pricing.Price) { p.Model = pricing.Volume{Tiers: []pricing.Tier{{Open: true}, {Open: true}}} }), sumMeter("1")},
		"falling tiers": {with(func(p *pricing.Price) {
			p.Model = pricing.Graduated{Tiers: []pricing.Tier{threeTiers()[1], threeTiers()[0], threeTiers()[2]}}
		}), sumMeter("1")},
		"a negative price":     {with(func(p *pricing.Price) { p.Model = unitOf("-1") }), sumMeter("1")},
		"a price of 30 places": {with(func(p *pricing.Price) { p.Model = unitOf("12345678.000000000000000000000000000001") }), sumMeter("1")},
		"included units":       {with(func(p *pricing.Price) { p.Included = &pricing.Included{Resource: "package"} }), sumMeter("1")},
		"rounded amounts":      {with(func(p *pricing.Price) { p.RoundAmount = &pricing.AmountRounding{Places: 8} }), sumMeter("1")},
		"rounded to a step":    {with(func(p *pricing.Price) { p.RoundTo = &pricing.QuantityRounding{Step: money.QuantityOf(10)} }), sumMeter("1")},
		"a commitment":         {with(func(p *pricing.Price) { p.Model = committed(unitOf("1"), "5", "1", true) }), sumMeter("1")},
		"hours of the day":     {with(func(p *pricing.Price) { p.Model = pricing.TimeOfDay{Other: unitOf("1")} }), sumMeter("1")},
		"a capacity":           {with(func(p *pricing.Price) { p.Model = pricing.Capacity{Tiers: threeTiers()} }), sumMeter("1")},
		"a negative allowance": {with(func(p *pricing.Price) { p.Allowance = money.QuantityOf(-1) }), sumMeter("1")},
		"a negative discount": {with(func(p *pricing.Price) {
			p.Adjust = []pricing.Adjustment{{Kind: pricing.AmountDiscount, Amount: money.MustAmount("-1")}}
		}), sumMeter("1")},
		"too much of a discount": {with(func(p *pricing.Price) {
			p.Adjust = []pricing.Adjustment{{Kind: pricing.PercentDiscount, Percent: money.QuantityOf(101)}}
		}), sumMeter("1")},
	} {
		if _, ok := pricing.NewTariff(&c.price, c.meter); ok {
			t.Errorf("%s has a tariff", name)
		}
	}
	for name, units := range map[string]money.Int128{
		"−2^127": {Hi: math.MinInt64}, "2^127 − 1": {Hi: math.MaxInt64, Lo: math.MaxUint64}, "a cost of 19 digits": {Hi: 54210108625},
	} {
		if cost, ok := tariffOf(t, unit, sumMeter("1")).Cost(units, 0); ok {
			t.Errorf("%s has the cost %+v", name, cost)
		}
	}
}

// A field that is new to a price or a meter must be weighed in NewTariff (does a
// tariff price by it, or refuse it?) before it is listed here. Otherwise series
// would quietly ignore it.
func TestTariff_KnowsEveryFieldOfWhatItReads(t *testing.T) {
	for of, want := range map[reflect.Type]string{
		reflect.TypeFor[pricing.Price]():            "ID Description Meter Resource Unit Pool Due Model Each Allowance Included RoundTo RoundAmount Adjust Prorate Cycle Once Position",
		reflect.TypeFor[pricing.Meter]():            "ID Aggregate Of Unit DivideBy Grain By Scale AllowNegative Exact CarryDays AddSlots PerEvent Running",
		reflect.TypeFor[pricing.Tier]():             "UpTo Open Unit Flat Block",
		reflect.TypeFor[pricing.Adjustment]():       "Kind Quantity Amount Percent On To FirstMonths Prorate Position",
		reflect.TypeFor[pricing.Each]():             "Window By",
		reflect.TypeFor[pricing.QuantityRounding](): "Places Mode Step",
		reflect.TypeFor[pricing.Graduated]():        "Tiers FlatOnZero",
		reflect.TypeFor[pricing.Volume]():           "Tiers FlatOnZero",
		reflect.TypeFor[pricing.Package]():          "Size Price Full",
		reflect.TypeFor[pricing.Percentage]():       "Rate PerEvent FreeFees FreeEvents FreeAmount EventMin EventMax",
		reflect.TypeFor[pricing.Unit]():             "Price",
		reflect.TypeFor[pricing.Dynamic]():          "Multiplier",
	} {
		var got []string
		for field := range of.Fields() {
			got = append(got, field.Name)
		}
		if names := strings.Join(got, " "); names != want {
			t.Errorf("%s has the fields %s; NewTariff knows %s", of, names, want)
		}
	}
	kinds := []pricing.Aggregation{pricing.Sum, pricing.Count, pricing.Maximum, pricing.Minimum, pricing.First, pricing.Latest}
	for _, kind := range append(kinds, "", "new") {
		p := pricing.Price{ID: "p", Model: unitOf("1")}
		_, ok := pricing.NewTariff(&p, pricing.Meter{ID: "m", Aggregate: kind, DivideBy: money.QuantityOf(1)})
		if ok != slices.Contains(kinds, kind) {
			t.Errorf("aggregation %q has a tariff: %v", kind, ok)
		}
	}
}

// Whatever the book, tree and usage: a day's rows are the same with tariffs and
// without.
func TestRater_TariffsChangeNoFigure(t *testing.T) {
	tariffs := 0
	rapid.Check(t, func(t *rapid.T) {
		w := randomAccount(t)
		registry, _ := pricing.NewRegistry(w.accounts, w.subs, w.resources)
		r, err := pricing.NewRater(w.book, registry)
		if err != nil {
			t.Fatal(err)
		}
		tariffs += r.Tariffs()
		date := day("2018-09-10").AddDays(rapid.IntRange(0, 130).Draw(t, "day"))
		for _, tree := range r.Trees() {
			rate := func(r *pricing.Rater) string {
				got, err := r.Daily(tree, pricing.TreeUsage{Rows: w.usageOf(tree)}, date, date.AddDays(7).UTC())
				return fmt.Sprintf("%+v, %v", got, err)
			}
			if quick, exact := rate(r), rate(r.WithoutTariffs()); quick != exact {
				t.Fatalf("with tariffs\n%s\nwithout\n%s", quick, exact)
			}
		}
	})
	if tariffs == 0 {
		t.Error("no price had a tariff")
	}
}

// FuzzTariff prices any quantity at a case's price by tariff and by charge.
func FuzzTariff(f *testing.F) {
	f.Add(uint64(1), uint64(3), int64(0), uint64(1_500_000_000_000))
	f.Add(uint64(1), uint64(7), int64(-1), uint64(1)<<63)
	f.Add(uint64(2), uint64(9), int64(54_210_108), uint64(0))
	f.Fuzz(func(t *testing.T, seed, number uint64, hi int64, lo uint64) {
		c := pricingtest.NewCase(pricingtest.NewDice(seed, number))
		c.Units = money.Int128{Hi: hi, Lo: lo}
		tariff, ok := pricing.NewTariff(c.Price, c.Meter)
		if !ok {
			t.Skip("a price without a tariff")
		}
		if _, ok := tariff.Cost(c.Units, c.Months); !ok {
			t.Skip("a quantity that its tariff leaves to charge")
		}
		charge, err := c.Price.Charge(pricing.Measured{Quantity: c.Quantity(), Events: c.Events}, c.Scale)
		if err != nil {
			t.Fatalf("a tariff prices what charge refuses: %v", err)
		}
		adjusted, err := pricing.Adjust([]pricing.Adjustable{{Price: c.Price, Charge: charge, Months: c.Months}}, nil)
		if err != nil {
			t.Fatalf("a tariff prices what adjust refuses: %v", err)
		}
		if _, err := checkTariff(c, charge, adjusted[0].Total); err != nil {
			t.Fatal(err)
		}
	})
}
