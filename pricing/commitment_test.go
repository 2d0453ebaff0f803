package pricing_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/pricing/pricingtest"
)

func committed(of pricing.Model, amount, overage string, trueUp bool) pricing.Committed {
	return pricing.Committed{Of: of, Commitment: pricing.Commitment{
		Amount: money.MustAmount(amount), Overage: money.MustQuantity(overage), TrueUp: trueUp,
	}}
}

// lineParts writes the parts of an invoice's first line.
func lineParts(got pricing.ClosingResult) string {
	var out []string
	for _, p := range got.Invoices[0].Lines[0].Parts {
		out = append(out, fmt.Sprint(p.Label, " ", p.Quantity, " ", p.UnitPrice, " ", p.Amount))
	}
	return strings.Join(out, "; ")
}

// docs/billing-rules.md, Price models, Commitments.
func TestCommitment_OfAPeriod(t *testing.T) {
	for _, c := range []struct {
		model pricing.Committed
		used  string
		want  string
		parts string
	}{
		{committed(unitOf("2"), "10", "2", true), "2", "10.00", "usage 2 2 4; true-up to the commitment of 10 6 1 6"},
		{committed(unitOf("2"), "10", "2", true), "5", "10.00", ""},
		{committed(unitOf("2"), "10", "2", true), "8", "22.00", "usage 8 2 16; overage above the commitment of 10 6 1 6"},
		{committed(unitOf("2"), "10", "2", false), "2", "4.00", ""},
		{committed(unitOf("2"), "10", "1", true), "8", "16.00", ""},
		{committed(unitOf("2"), "10", "0.5", false), "8", "13.00", "usage 8 2 16; overage above the commitment of 10 6 -0.5 -3"},
		{committed(unitOf("2"), "10", "2", true), "", "10.00", "true-up to the commitment of 10 10 1 10"},
		// 10 units at 0.10 and 10 at 0.05 are committed, 1.50; 30 units are 2.00.
		{
			pricing.Committed{Of: pricing.Graduated{Tiers: steps("10", "0.10", "", "0.05")}, Commitment: pricing.Commitment{Quantity: money.QuantityOf(20), Overage: money.QuantityOf(3)}},
			"30", "3.00", "tier 1 (0 to 10) 10 0.1 1; tier 2 (above 10) 20 0.05 1; overage above the commitment of 1.5 0.5 2 1",
		},
	} {
		w := oneAccount(metered("x", "sum", c.model))
		if c.used != "" {
			w.use("s", "sum", "2026-10-05T00:00:00Z", c.used)
		}
		got := w.closed(t, "2026-10", false)
		wantLines(t, got, "x "+c.want+" "+c.want)
		if parts := lineParts(got); parts != c.parts {
			t.Errorf("%s of %+v has parts %q, want %q", c.used, c.model, parts, c.parts)
		}
		if l := got.Invoices[0].Lines[0]; l.Model != c.model.Of.Name() || l.HasUnitPrice != (c.parts == "") {
			t.Errorf("line says model %s, one unit price %v", l.Model, l.HasUnitPrice)
		}
	}
}

// A true-up shows in full from the first day, and a version that splits the
// period splits the commitment: 21 and 10 of 31.
func TestCommitment_IsOwedOnceAPeriod(t *testing.T) {
	w := oneAccount(metered("x", "sum", committed(unitOf("1"), "31", "1", true)))
	wantCost(t, w.daily(t, "2026-10-01").Rows, pricing.ScopeBilled, "31", "31")
	wantCost(t, w.daily(t, "2026-10-02").Rows, pricing.ScopeBilled, "31", "0")
	w.addVersion("2026-10-11", func(*pricing.Plan) {})
	wantLines(t, w.closed(t, "2026-10", false), "x 10.00 10.00", "x 21.00 21.00")
	w.subs[0].PriceOverrides = map[string]money.Amount{"x": money.MustAmount("40")}
	w.use("s", "sum", "2026-10-05T00:00:00Z", "1")
	wantLines(t, w.closed(t, "2026-10", false), "x 40.00 40.00", "x 21.00 21.00")
	w.plan().Prices[0].Pool = pricing.PoolAccount
	w.subs[0].PriceOverrides = nil
	w.book.Versions = w.book.Versions[:1]
	wantLines(t, w.closed(t, "2026-10", false), "x 31.00 31.00")
}

// fp-window-1 of testdata/vectors: 4 is trued up to 10, 16 is 10 + 6 × 2.
func TestCommitment_OfEachHour(t *testing.T) {
	p := metered("x", "hourly", committed(unitOf("2"), "10", "2", true))
	p.Each = pricing.Each{Window: pricing.GrainHour}
	w := oneAccount(p)
	w.addHourly(pricing.Sum)
	w.useIn("s", at("2026-10-07T09:00:00Z"), "2", "{}")
	w.useIn("s", at("2026-10-07T10:00:00Z"), "8", "{}")
	got := w.closed(t, "2026-10", false)
	wantLines(t, got, "x 32.00 32.00")
	if want := "usage 10 2 20; true-up to the commitment of 10 6 1 6; overage above the commitment of 10 6 1 6"; lineParts(got) != want {
		t.Errorf("parts are %q, want %q", lineParts(got), want)
	}
	w.addVersion("2026-10-08", func(*pricing.Plan) {}) // the hours' commitments are not shared
	w.book.Versions[1].Meters = w.book.Versions[0].Meters
	wantLines(t, w.closed(t, "2026-10", false), "x 32.00 32.00")
}

func ofDay(each pricing.Grain, other pricing.Model, bands ...pricing.HourBand) *world {
	p := metered("x", "hourly", pricing.TimeOfDay{Bands: bands, Other: other})
	p.Each = pricing.Each{Window: each}
	w := oneAccount(p)
	w.addHourly(pricing.Sum)
	return w
}

// fp-tod-1 of testdata/vectors: at 09:00 10 units at 2 are 20, of which 5 are
// committed: 5 + 15 × 2 = 35; at 10:00 it is 2; at 18:00 3 are trued up to 10.
// fp-tod-3: 60 units at 5 are 300 and 40 are 200, both beyond 50 at a factor of
// 1; 30 at 1 are 30.
func TestTimeOfDay_EachHourWithACommitmentOfItsBand(t *testing.T) {
	w := ofDay(pricing.GrainHour, committed(unitOf("1"), "10", "2", true), pricing.HourBand{From: 9, To: 12, Model: committed(unitOf("2"), "5", "2", false)})
	for when, used := range map[string]string{"09": "10", "10": "1", "18": "3"} {
		w.useIn("s", at("2026-10-07T"+when+":00:00Z"), used, "{}")
	}
	got := w.closed(t, "2026-10", false)
	wantLines(t, got, "x 47.00 47.00")
	want := "09-12, usage 11 2 22; 09-12, overage above the commitment of 5 15 1 15; " +
		"other hours, usage 3 1 3; other hours, true-up to the commitment of 10 7 1 7"
	if lineParts(got) != want {
		t.Errorf("parts are %q, want %q", lineParts(got), want)
	}
	w = ofDay(pricing.GrainHour, unitOf("1"), pricing.HourBand{From: 9, To: 12, Model: committed(unitOf("5"), "50", "1", false)})
	for when, used := range map[string]string{"09": "60", "10": "40", "00": "30"} {
		w.useIn("s", at("2026-10-07T"+when+":00:00Z"), used, "{}")
	}
	wantLines(t, w.closed(t, "2026-10", false), "x 530.00 530.00")
}

// Without windows each band is one quantity of the period, with tiers of its own.
func TestTimeOfDay_BandsOfAPeriodInLocalTime(t *testing.T) {
	night := pricing.HourBand{From: 22, To: 6, Model: pricing.Graduated{Tiers: steps("10", "0.10", "", "0.05")}}
	w := ofDay("", unitOf("1"), night)
	w.accounts[0].TimeZone = "Europe/Zurich"
	for _, when := range []string{
		"2026-10-07T20:00:00Z", "2026-10-08T03:00:00Z", // 22:00 and 05:00 in summer time
		"2026-10-25T22:00:00Z", // 23:00 in winter time
	} {
		w.useIn("s", at(when), "5", "{}")
	}
	w.useIn("s", at("2026-10-08T04:00:00Z"), "1", "{}") // 06:00 is day
	w.useIn("s", at("2026-10-07T19:00:00Z"), "1", "{}") // 21:00 too
	got := w.closed(t, "2026-10", false)
	wantLines(t, got, "x 3.25 3.25") // 10 × 0.10 + 5 × 0.05 + 2 × 1.00
	if want := "22-06, tier 1 (0 to 10) 10 0.1 1; 22-06, tier 2 (above 10) 5 0.05 0.25; other hours, usage 2 1 2"; lineParts(got) != want {
		t.Errorf("parts are %q, want %q", lineParts(got), want)
	}
	if l := got.Invoices[0].Lines[0]; l.Quantity.String() != "17" || l.Grouping != "{}" || l.Model != "unit" {
		t.Errorf("line is %s, %s of %s", l.Model, l.Quantity, l.Grouping)
	}
	w.plan().Prices[0].Allowance = money.QuantityOf(1) // of each band
	wantLines(t, w.closed(t, "2026-10", false), "x 2.20 2.20")
	w.plan().Prices[0].Allowance = money.Quantity{}
	w.plan().Prices[0].Each = pricing.Each{Window: pricing.GrainDay} // 5, 5 and 5 at night: none beyond 10
	wantLines(t, w.closed(t, "2026-10", false), "x 3.50 3.50")
}

// A commitment for the period is owed where nothing was used in its hours, one for
// each hour only where something was.
func TestTimeOfDay_UnusedBandOwesItsCommitment(t *testing.T) {
	w := ofDay("", committed(unitOf("1"), "10", "1", true), pricing.HourBand{From: 9, To: 12, Model: committed(unitOf("1"), "7", "1", true)})
	wantLines(t, w.closed(t, "2026-10", false), "x 17.00 17.00")
	w.useIn("s", at("2026-10-07T09:00:00Z"), "8", "{}")
	got := w.closed(t, "2026-10", false)
	wantLines(t, got, "x 18.00 18.00")
	if want := "09-12, usage 8 1 8; other hours, true-up to the commitment of 10 10 1 10"; lineParts(got) != want {
		t.Errorf("parts are %q, want %q", lineParts(got), want)
	}
	w.plan().Prices[0].Pool = pricing.PoolAccount // once for the pool
	w.subs = append(w.subs, pricing.Subscription{ID: "t", Account: "acme", Plan: "p", Start: at("2020-01-01T00:00:00Z")})
	wantLines(t, w.closed(t, "2026-10", false), "x 18.00 18.00")
	w.plan().Prices[0].Pool = pricing.PoolSubscription
	w.plan().Prices[0].Each.Window = pricing.GrainHour
	wantLines(t, w.closed(t, "2026-10", false), "x 8.00 8.00")
}

func TestHourBand_Holds(t *testing.T) {
	for band, hours := range map[pricing.HourBand][]int{
		{From: 9, To: 12}: {9, 10, 11}, {From: 0, To: 2}: {0, 1}, {From: 22, To: 24}: {22, 23}, {From: 23, To: 1}: {0, 23},
	} {
		var got []int
		for hour := range 24 {
			if band.Holds(hour) {
				got = append(got, hour)
			}
		}
		if !slices.Equal(got, hours) {
			t.Errorf("%s holds %v, want %v", band, got, hours)
		}
	}
}

func TestNewRater_RefusesUnsoundCommitmentsAndHours(t *testing.T) {
	band := func(from, to int) pricing.HourBand { return pricing.HourBand{From: from, To: to, Model: unitOf("1")} }
	hours := func(bands ...pricing.HourBand) pricing.Price {
		return metered("x", "hourly", pricing.TimeOfDay{Bands: bands, Other: unitOf("1")})
	}
	daily := hours(band(9, 12))
	daily.Meter = "sum"
	byFive := hours(band(9, 12))
	byFive.Each.Window = pricing.GrainFiveMinutes
	for what, p := range map[string]pricing.Price{
		"a meter of days":        daily,
		"a finer window":         byFive,
		"overlap":                hours(band(9, 12), band(11, 13)),
		"overlap at midnight":    hours(band(22, 2), band(0, 1)),
		"no hour":                hours(band(9, 9)),
		"hour 24":                hours(band(24, 1)),
		"to hour 0":              hours(band(9, 0)),
		"a matrix in a band":     hours(pricing.HourBand{From: 1, To: 2, Model: pricing.Matrix{}}),
		"a matrix in the others": metered("x", "hourly", pricing.TimeOfDay{Other: pricing.Matrix{}}),
		"committed matrix":       metered("x", "sum", pricing.Committed{Of: pricing.Matrix{}}),
		"negative usage":         metered("x", "refunds", committed(unitOf("1"), "1", "1", true)),
		"negative in a band":     metered("x", "refunds", pricing.TimeOfDay{Other: committed(unitOf("1"), "1", "1", true)}),
		"negative amount":        metered("x", "sum", committed(unitOf("1"), "-1", "1", true)),
		"negative factor":        metered("x", "sum", committed(unitOf("1"), "1", "-1", true)),
		"amounts of a maximum":   metered("x", "max", committed(pricing.Dynamic{Multiplier: money.QuantityOf(1)}, "1", "1", true)),
	} {
		w := oneAccount(p)
		w.addHourly(pricing.Sum)
		v := &w.book.Versions[0]
		v.Meters = append(v.Meters, pricing.Meter{ID: "refunds", Aggregate: pricing.Sum, DivideBy: money.QuantityOf(1), Grain: pricing.GrainHour, AllowNegative: true})
		registry, _ := pricing.NewRegistry(w.accounts, w.subs, nil)
		if _, err := pricing.NewRater(w.book, registry); err == nil {
			t.Errorf("%s: NewRater accepts it", what)
		}
	}
}

func TestCommitment_AgreesWithTheOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := pricingtest.Prices(pricingtest.CommittedModels()).Draw(t, "price")
		q, scale := pricingtest.Fractions(false).Draw(t, "quantity"), anyScale.Draw(t, "scale")
		got := drawCharge(t, p, pricing.Measured{Quantity: q}, scale)
		want := pricingtest.Round(pricingtest.Subtotal(p, q.Rat(), nil, scale.Rat()), money.SeriesPlaces, money.HalfEven)
		if pricingtest.Rat(got.Subtotal).Cmp(want) != 0 {
			t.Fatalf("%s of %+v costs %s, want %s", q, p.Model, got.Subtotal, want.FloatString(20))
		}
		partsSum(t, got)
	})
}

// The oracle prices hour by hour; windows, bands and commitments are in one price.
func TestTimeOfDay_AgreesWithTheOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		model := func(name string) pricing.Model {
			return rapid.OneOf(pricingtest.QuantityModels(), pricingtest.CommittedModels()).Draw(t, name)
		}
		from := rapid.IntRange(0, 23).Draw(t, "from")
		band := pricing.HourBand{From: from, To: (from+rapid.IntRange(1, 22).Draw(t, "hours")-1)%24 + 1, Model: model("band")}
		w := ofDay(pricing.GrainHour, model("other"), band)
		w.accounts[0].TimeZone = "Asia/Tokyo" // nine hours ahead
		want, zero := pricingtest.RatOf("0"), pricingtest.RatOf("1")
		for hour := range 48 {
			if rapid.Bool().Draw(t, "idle") {
				continue
			}
			used := pricingtest.Quantities(3, false).Draw(t, "used")
			w.useIn("s", at("2026-09-30T15:00:00Z").Add(time.Duration(hour)*time.Hour), used.String(), "{}")
			of := w.plan().Prices[0].Model.(pricing.TimeOfDay).Other
			if band.Holds(hour % 24) {
				of = band.Model
			}
			want.Add(want, pricingtest.Subtotal(&pricing.Price{Model: of}, pricingtest.Rat(used), nil, zero))
		}
		r := rater(t, w)
		got, err := r.Daily(r.Trees()[0], pricing.TreeUsage{Rows: w.usage}, day("2026-10-02"), at("2026-11-01T00:00:00Z"))
		if err != nil || len(got.Parked) > 0 || len(got.Rows) != 1 {
			t.Fatalf("day gives %+v, %v", got, err)
		}
		if pricingtest.Rat(got.Rows[0].CumulativeSubtotal).Cmp(pricingtest.Round(want, 20, money.HalfEven)) != 0 {
			t.Fatalf("costs %s, want %s", got.Rows[0].CumulativeSubtotal, want.FloatString(22))
		}
	})
}
