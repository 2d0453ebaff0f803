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

// burstMeters are CloudSigma's: GHz from MHz, GB of 2^30 bytes, each with the
// length of the poll.
func burstMeters() []pricing.Meter {
	by := []string{"object", "seconds"}
	return []pricing.Meter{
		{ID: "cpu", Aggregate: pricing.Sum, DivideBy: money.QuantityOf(1000), Unit: "GHz", Grain: pricing.GrainFiveMinutes, By: by},
		{ID: "dssd", Aggregate: pricing.Sum, DivideBy: money.QuantityOf(1 << 30), Unit: "GB", Grain: pricing.GrainFiveMinutes, By: by},
		{ID: "peak", Aggregate: pricing.Maximum, DivideBy: money.QuantityOf(1), Grain: pricing.GrainFiveMinutes},
		{ID: "values", Aggregate: pricing.Unique, Of: "host", DivideBy: money.QuantityOf(1), Grain: pricing.GrainFiveMinutes},
	}
}

func levels(prices ...string) (out []pricing.LevelPrice) {
	for i, p := range prices {
		if p != "" {
			out = append(out, pricing.LevelPrice{Level: int64(i), Unit: money.MustAmount(p)})
		}
	}
	return out
}

func bursting(prices ...pricing.Price) *world {
	w := oneAccount(prices...)
	w.book.Versions[0].Meters = append(w.book.Versions[0].Meters, burstMeters()...)
	slices.SortFunc(w.book.Versions[0].Meters, func(a, b pricing.Meter) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	return w
}

// poll is use in a slot of five minutes.
func (w *world) poll(meter, when, quantity, seconds string) {
	dimensions := "{}"
	if seconds != "" {
		dimensions = `{"seconds":"` + seconds + `"}`
	}
	w.use("s", meter, when, quantity, dimensions)
	w.usage[len(w.usage)-1].Slot = at(when).Truncate(5 * time.Minute).UnixMicro()
}

// exactLine closes a month and returns its one line.
func (w *world) exactLine(t testing.TB, month string) pricing.Line {
	t.Helper()
	got := w.closed(t, month, false)
	if len(got.Invoices) == 0 && len(got.Parked) == 0 {
		return pricing.Line{}
	}
	if len(got.Invoices) != 1 || len(got.Invoices[0].Lines) != 1 {
		t.Fatalf("closing gives %+v, want one line", got)
	}
	return got.Invoices[0].Lines[0]
}

// billing-api-vectors.md 39 to 47, 53 and 55: one poll of each, priced from its
// usage event. Vector 53's multipliers are 1073741824 × 2592000 for GB a month
// of 30 days and 1000 × 3600 for a GHz hour.
func TestBurst_CloudSigmaLedger(t *testing.T) {
	cases := []struct {
		vector, meter           string
		per                     int64
		price, amount, seconds  string
		subscribed, want, units string
	}{
		{"39", "dssd", 2592000, "0.28", "4831838208", "300", "0", "0.00014583333333333333", "0.000520833333"},
		{"41", "cpu", 3600, "0.01989", "12000", "137", "0", "0.0090831", "0.456666666667"},
		{"43", "cpu", 3600, "0.01989", "12000", "134", "0", "0.0088842", "0.446666666667"},
		{"45", "cpu", 3600, "0.01989", "8500", "135", "0", "0.0063399375", "0.31875"},
		{"47", "cpu", 3600, "0.01938", "7500", "133", "0", "0.005369875", "0.277083333333"},
		{"55 below", "dssd", 2592000, "0.28", "30064771072", "300", "32212254720", "0", "0"},
		// 2147483648 B are 2 GB above 30: 2 × 300 ÷ 2592000 × 0.28.
		{"55 above", "dssd", 2592000, "0.28", "34359738368", "300", "32212254720", "0.00006481481481481481", "0.000231481481"},
	}
	for _, c := range cases {
		w := bursting(metered("burst", c.meter, pricing.Burst{
			Over: pricing.OverSubscribed, PerSeconds: c.per, Seconds: "seconds", Levels: levels("", c.price),
			Schedule: []pricing.LevelChange{{From: at("2014-06-01T00:00:00Z"), Level: 1}},
		}))
		w.subs[0].Start = at("2014-01-01T00:00:00Z")
		w.subs[0].Quantities = map[string]money.Quantity{"burst": money.MustQuantity(c.subscribed)}
		w.poll(c.meter, "2014-06-05T08:31:00Z", c.amount, c.seconds)
		l := w.exactLine(t, "2014-06")
		if l.ExactSubtotal.Cmp(money.MustAmount(c.want)) != 0 || l.Quantity.Cmp(money.MustQuantity(c.units)) != 0 {
			t.Errorf("vector %s costs %s for %s, want %s for %s", c.vector, l.ExactSubtotal, l.Quantity, c.want, c.units)
		}
	}
}

// docs/billing-rules.md, Price models, Burst: 12 GHz where 5 are subscribed.
func TestBurst_LevelOfEachInterval(t *testing.T) {
	b := pricing.Burst{
		Over: pricing.OverSubscribed, PerSeconds: 3600, Levels: levels("0.01", "0.02", "", "0.04"),
		Schedule: []pricing.LevelChange{
			{From: at("2026-10-01T00:00:00Z"), Level: 1}, {From: at("2026-10-10T08:05:00Z"), Level: 2}, {From: at("2026-10-10T08:10:00Z"), Level: 7},
		},
	}
	w := bursting(metered("burst", "cpu", b))
	w.subs[0].Quantities = map[string]money.Quantity{"burst": money.MustQuantity("5000")}
	w.poll("cpu", "2026-10-10T08:04:59Z", "12000", "") // level 1: 7 × 300/3600 × 0.02
	w.poll("cpu", "2026-10-10T08:05:00Z", "12000", "") // level 2 has no price: that of level 1
	w.poll("cpu", "2026-10-10T08:12:00Z", "12000", "") // level 7: that of level 3, 7 × 300/3600 × 0.04
	w.poll("cpu", "2026-10-10T08:15:00Z", "4999", "")  // below the subscription
	l := w.exactLine(t, "2026-10")
	want := []string{
		"level 1 0.583333333333 0.02 0.01166666666666666667",
		"level 2 at the price of level 1 0.583333333333 0.02 0.01166666666666666667",
		"level 7 at the price of level 3 0.583333333333 0.04 0.02333333333333333333",
	}
	var got []string
	for _, p := range l.Parts {
		got = append(got, fmt.Sprint(p.Label, " ", p.Quantity, " ", p.UnitPrice, " ", p.Amount))
	}
	// 7/12 × (0.02 + 0.02 + 0.04) = 0.56/12 = 0.0466…; the parts sum to it.
	if l.ExactSubtotal.Cmp(money.MustAmount("0.04666666666666666667")) != 0 || !slices.Equal(got, want) {
		t.Errorf("costs %s in %q, want 0.04666… in %q", l.ExactSubtotal, got, want)
	}
	if l.HasUnitPrice {
		t.Errorf("has the unit price %s, but two held", l.UnitPrice)
	}
}

func TestBurst_LevelFollowsTheUsageOfTheIntervalBefore(t *testing.T) {
	w := bursting(metered("burst", "peak", pricing.Burst{
		Over: pricing.OverSubscribed, PerSeconds: 300, Levels: levels("1.00", "2.00", "3.00"),
		UsageLevels: []pricing.UsageLevel{{}, {From: money.QuantityOf(10), Level: 1}, {From: money.QuantityOf(20), Level: 2}},
	}))
	w.poll("peak", "2026-09-30T23:57:00Z", "20", "") // sets level 2 for the first interval of October
	w.poll("peak", "2026-10-01T00:01:00Z", "10", "") // 10 × 3.00, and level 1 for the next
	w.poll("peak", "2026-10-01T00:04:00Z", "9", "")  // the same interval, whose greatest is 10
	w.poll("peak", "2026-10-01T00:05:00Z", "1", "")  // 1 × 2.00
	w.poll("peak", "2026-10-01T00:15:00Z", "1", "")  // nothing five minutes before: level 0, 1 × 1.00
	if l := w.exactLine(t, "2026-10"); l.ExactSubtotal.Cmp(money.MustAmount("33")) != 0 {
		t.Errorf("costs %s, want 30 + 2 + 1", l.ExactSubtotal)
	}
}

func TestBurst_ResourcesCoverWhileTheyExist(t *testing.T) {
	w := bursting(metered("burst", "dssd", pricing.Burst{Over: "disk", PerSeconds: 300, Levels: levels("1.00")}))
	disk := func(id, gb, created, deleted string) pricing.Resource {
		q := money.MustQuantity(gb).Fraction().Mul(money.Whole(1 << 30)).Quantity()
		r := pricing.Resource{ID: id, Account: "acme", Kind: "disk", Quantity: q, Created: at(created)}
		if deleted != "" {
			r.Deleted = at(deleted)
		}
		return r
	}
	w.resources = []pricing.Resource{disk("a", "10", "2026-10-01T00:00:00Z", ""), disk("b", "5", "2026-10-02T00:00:00Z", "2026-10-03T00:00:00Z")}
	for _, when := range []string{"2026-10-01T12:00:00Z", "2026-10-02T00:00:00Z", "2026-10-03T00:00:00Z"} {
		w.poll("dssd", when, "17179869184", "") // 16 GB: 6, 1 and 6 too many
	}
	if l := w.exactLine(t, "2026-10"); l.ExactSubtotal.Cmp(money.MustAmount("13")) != 0 {
		t.Errorf("costs %s, want 6 + 1 + 6", l.ExactSubtotal)
	}
}

func TestBurst_SubscriptionThatGrowsCoversMore(t *testing.T) {
	w := bursting(metered("burst", "peak", pricing.Burst{Over: pricing.OverSubscribed, PerSeconds: 300, Levels: levels("1.00")}))
	w.subs[0].Quantities = map[string]money.Quantity{"burst": money.MustQuantity("2")}
	w.subs[0].QuantityChanges = map[string][]pricing.QuantityChange{"burst": {
		{From: at("2026-10-02T00:00:00Z"), Quantity: money.MustQuantity("4")}, {From: at("2026-10-03T00:01:00Z"), Quantity: money.MustQuantity("9")},
	}}
	for _, when := range []string{"2026-10-01T23:59:00Z", "2026-10-02T00:00:00Z", "2026-10-03T00:02:00Z", "2026-10-03T00:07:00Z"} {
		w.poll("peak", when, "10", "") // 8, 6, 6 (it grew within these five minutes) and 1
	}
	if l := w.exactLine(t, "2026-10"); l.ExactSubtotal.Cmp(money.MustAmount("21")) != 0 {
		t.Errorf("costs %s, want 8 + 6 + 6 + 1", l.ExactSubtotal)
	}
}

func TestBurst_PollsOfOneIntervalAreOfTheirOwnLength(t *testing.T) {
	w := bursting(metered("burst", "cpu", pricing.Burst{Over: pricing.OverSubscribed, PerSeconds: 1, Seconds: "seconds", Levels: levels("1.00")}))
	w.subs[0].Quantities = map[string]money.Quantity{"burst": money.MustQuantity("1000")}
	w.poll("cpu", "2026-10-01T00:00:00Z", "1000", "100") // two objects at one poll: 2 of 3 GHz in excess,
	w.poll("cpu", "2026-10-01T00:00:00Z", "2000", "100") // for 100 s
	w.poll("cpu", "2026-10-01T00:02:00Z", "2000", "50")  // 1 GHz for 50 s
	if l := w.exactLine(t, "2026-10"); l.ExactSubtotal.Cmp(money.MustAmount("250")) != 0 {
		t.Errorf("costs %s, want 200 + 50", l.ExactSubtotal)
	}
}

// In a pool, each subscription is held against its own.
func TestBurst_PoolAddsWhatExceedsEachSubscription(t *testing.T) {
	price := metered("burst", "peak", pricing.Burst{Over: pricing.OverSubscribed, PerSeconds: 300, Levels: levels("1.00")})
	price.Pool = pricing.PoolBillingAccount
	w := bursting(price)
	w.subs[0].Quantities = map[string]money.Quantity{"burst": money.MustQuantity("5")}
	w.subs = append(w.subs, pricing.Subscription{ID: "t", Account: "acme", Plan: "p", Start: at("2020-01-01T00:00:00Z")})
	w.poll("peak", "2026-10-01T00:00:00Z", "3", "")
	w.poll("peak", "2026-10-01T00:00:00Z", "4", "")
	w.usage[1].Subscription = "t"
	if l := w.exactLine(t, "2026-10"); l.ExactSubtotal.Cmp(money.MustAmount("4")) != 0 {
		t.Errorf("costs %s, want 0 + 4", l.ExactSubtotal)
	}
}

func TestBurst_ParksWhatItCannotPrice(t *testing.T) {
	for want, b := range map[string]pricing.Burst{
		"acme missing_level": {Over: pricing.OverSubscribed, PerSeconds: 300, Levels: levels("1.00"), Schedule: []pricing.LevelChange{{From: at("2026-10-01T00:05:00Z")}}},
		"acme cannot_rate":   {Over: pricing.OverSubscribed, PerSeconds: 300, Levels: levels("1.00"), Seconds: "seconds"},
	} {
		w := bursting(metered("burst", "cpu", b))
		w.poll("cpu", "2026-10-01T00:00:00Z", "1", "soon")
		wantParked(t, w.closed(t, "2026-10", false).Parked, want)
	}
	w := bursting(metered("burst", "cpu", pricing.Burst{
		Over: pricing.OverSubscribed, PerSeconds: 300, Levels: levels("", "1.00"),
		Schedule: []pricing.LevelChange{{From: at("2026-10-01T00:00:00Z")}},
	}))
	w.poll("cpu", "2026-10-01T00:00:00Z", "1", "")
	wantParked(t, w.closed(t, "2026-10", false).Parked, "acme missing_level")
}

func TestNewRater_RefusesBurstThatItsMeterCannotServe(t *testing.T) {
	good := pricing.Burst{Over: pricing.OverSubscribed, PerSeconds: 300, Levels: levels("1.00")}
	byUsage := good
	byUsage.UsageLevels = []pricing.UsageLevel{{}}
	seconds, free := good, good
	seconds.Seconds, free.Levels = "poll", nil
	for what, p := range map[string]pricing.Price{
		"a meter of days":     metered("x", "max", good),
		"a level":             metered("x", "storage", good),
		"a window":            {ID: "x", Meter: "cpu", Model: good, Each: pricing.Each{Window: pricing.GrainFiveMinutes}},
		"no such dimension":   metered("x", "cpu", seconds),
		"no level":            metered("x", "cpu", free),
		"usage of a pool":     {ID: "x", Meter: "cpu", Model: byUsage, Pool: pricing.PoolAccount},
		"each of nothing":     {ID: "x", Meter: "peak", Model: good, Each: pricing.Each{By: []string{"object"}}},
		"a pool of values":    {ID: "x", Meter: "values", Model: good, Pool: pricing.PoolAccount},
		"burst without meter": {ID: "x", Model: good},
	} {
		w := bursting(p)
		registry, _ := pricing.NewRegistry(w.accounts, w.subs, nil)
		if _, err := pricing.NewRater(w.book, registry); err == nil {
			t.Errorf("%s: NewRater accepts it", what)
		}
	}
}

// Rows of a schedule come in any order and twice; two that contradict each other
// leave their time without a level.
func TestBurst_ScheduleOfTheRegistry(t *testing.T) {
	w := bursting(metered("burst", "peak", pricing.Burst{Over: pricing.OverSubscribed, PerSeconds: 300, Levels: levels("1.00", "2.00"), ScheduleName: "cloud"}))
	row := func(schedule, from string, level int64) pricing.ScheduledLevel {
		return pricing.ScheduledLevel{Schedule: schedule, LevelChange: pricing.LevelChange{From: at(from), Level: level}}
	}
	w.levels = []pricing.ScheduledLevel{
		row("cloud", "2026-10-01T01:00:00Z", 1), row("cloud", "2026-10-01T00:00:00Z", 0), row("cloud", "2026-10-01T01:00:00Z", 1),
		row("another", "2026-10-01T00:30:00Z", 1), row("cloud", "2026-10-03T00:00:00Z", 0), row("cloud", "2026-10-02T00:00:00Z", 1), row("cloud", "2026-10-02T00:00:00Z", 0),
	}
	w.poll("peak", "2026-10-01T00:55:00Z", "10", "") // 10 × 1.00
	w.poll("peak", "2026-10-01T23:55:00Z", "10", "") // 10 × 2.00
	w.poll("peak", "2026-10-03T00:00:00Z", "10", "") // 10 × 1.00
	if l := w.exactLine(t, "2026-10"); l.ExactSubtotal.Cmp(money.MustAmount("40")) != 0 {
		t.Errorf("costs %s, want 10 + 20 + 10", l.ExactSubtotal)
	}
	for when, want := range map[string]string{
		"2026-10-02T12:00:00Z": `schedule "cloud" of the registry says two levels for 2026-10-02T12:00:00Z`,
		"2026-09-30T12:00:00Z": `add a row to schedule "cloud"`,
	} {
		w.usage = nil
		w.poll("peak", when, "10", "")
		got := w.closed(t, at(when).Format("2006-01"), false).Parked
		wantParked(t, got, "acme missing_level")
		if !strings.Contains(got[0].Detail, want) {
			t.Errorf("%q does not say %q", got[0].Detail, want)
		}
	}
}

// The oracle prices poll by poll; the rater adds them up by level first.
func TestBurst_AgreesWithTheOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := pricing.Burst{Over: pricing.OverSubscribed, PerSeconds: rapid.SampledFrom([]int64{1, 7, 3600, 2592000}).Draw(t, "per"), Seconds: "seconds"}
		for i := range rapid.IntRange(1, 4).Draw(t, "levels") {
			b.Levels = append(b.Levels, pricing.LevelPrice{Level: int64(2 * i), Unit: pricingtest.Amounts(8, false).Draw(t, "price")})
		}
		begin := at("2026-10-01T00:00:00Z")
		if rapid.Bool().Draw(t, "by usage") {
			b.UsageLevels = []pricing.UsageLevel{{}, {From: pricingtest.Quantities(3, false).Draw(t, "from").Add(money.QuantityOf(1)), Level: 3}}
		} else {
			b.Schedule = []pricing.LevelChange{{From: begin}, {From: begin.Add(time.Duration(rapid.IntRange(1, 9000).Draw(t, "change")) * time.Second), Level: 5}}
		}
		w := bursting(metered("burst", "cpu", b))
		subscribed := pricingtest.Quantities(3, false).Draw(t, "subscribed")
		w.subs[0].Quantities = map[string]money.Quantity{"burst": subscribed}
		var polls []pricingtest.Poll
		for slot := range 30 {
			if rapid.Bool().Draw(t, "idle") {
				continue
			}
			when := begin.Add(time.Duration(slot*300+rapid.IntRange(0, 299).Draw(t, "second")) * time.Second)
			used := pricingtest.Quantities(3, false).Draw(t, "used")
			seconds := fmt.Sprint(rapid.IntRange(0, 300).Draw(t, "seconds"))
			w.poll("cpu", when.Format(time.RFC3339), used.String(), seconds)
			thousandth := pricingtest.RatOf("1/1000")
			quantity, covered := pricingtest.Rat(used), pricingtest.Rat(subscribed)
			polls = append(polls, pricingtest.Poll{At: when, Seconds: pricingtest.RatOf(seconds), Quantity: quantity.Mul(quantity, thousandth), Covered: covered.Mul(covered, thousandth)})
		}
		r := rater(t, w)
		for _, tree := range r.Trees() {
			got, err := r.Daily(tree, pricing.TreeUsage{Rows: w.usage}, day("2026-10-01"), at("2026-11-01T00:00:00Z"))
			if err != nil || len(got.Parked) > 0 || len(got.Rows) != 1 {
				t.Fatalf("day gives %+v, %v", got, err)
			}
			want := pricingtest.Round(pricingtest.Burst(b, polls), 20, money.HalfEven)
			if pricingtest.Rat(got.Rows[0].CumulativeSubtotal).Cmp(want) != 0 {
				t.Fatalf("burst %+v over %+v costs %s, want %s", b, polls, got.Rows[0].CumulativeSubtotal, want.FloatString(22))
			}
		}
	})
}

func rater(t *rapid.T, w *world) *pricing.Rater {
	registry, _ := pricing.NewRegistry(w.accounts, w.subs, w.resources)
	r, err := pricing.NewRater(w.book, registry)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
