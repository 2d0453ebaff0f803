package pricing_test

import (
	"fmt"
	"math/big"
	"testing"
	"time"

	"pgregory.net/rapid"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/pricing/pricingtest"
)

// running is a world with one running meter and a price of 1.00.
func running(m pricing.Meter, prorate pricing.Proration, model pricing.Model) *world {
	price := metered("held", "held", model)
	price.Prorate = prorate
	w := oneAccount(price)
	m.ID, m.DivideBy, m.Running = "held", money.QuantityOf(1), true
	if m.CarryDays == 0 {
		m.CarryDays = 366
	}
	w.book.Versions[0].Meters = []pricing.Meter{m}
	return w
}

func pods() pricing.Meter { return pricing.Meter{Aggregate: pricing.Sum, AllowNegative: true} }

func seats() pricing.Meter { return pricing.Meter{Aggregate: pricing.Unique, Of: "user"} }

// seat adds (1) or takes away (0) a value, as a rollup keeps it.
func (w *world) seat(when, value, there string) {
	w.use("s", "held", when, there, fmt.Sprintf(`{"user":%q}`, value))
}

// docs/billing-rules.md, Running meters: what was added holds, also in later
// months; the quantity is the level at the end.
func TestMeasureRunning_IsTheLevelAtTheEnd(t *testing.T) {
	w := running(pods(), "", unitOf("1.00"))
	w.use("s", "held", "2026-08-20T00:00:00Z", "5")
	w.use("s", "held", "2026-10-10T00:00:00Z", "3")
	w.use("s", "held", "2026-10-20T00:00:00Z", "-1")
	w.use("s", "held", "2026-11-01T00:00:00Z", "90")
	wantLines(t, w.closed(t, "2026-10", false), "held 7.00 7.00")
	wantCost(t, w.daily(t, "2026-10-10").Rows, pricing.ScopeBilled, "8", "3")

	w = running(seats(), "", unitOf("1.00"))
	w.seat("2026-08-20T00:00:00Z", "ann", "1")
	w.seat("2026-08-21T00:00:00Z", "bob", "1")
	w.seat("2026-09-21T00:00:00Z", "bob", "0")
	w.seat("2026-10-10T00:00:00Z", "cat", "1")
	w.seat("2026-10-11T00:00:00Z", "dan", "1")
	w.seat("2026-10-12T00:00:00Z", "dan", "0")
	w.seat("2026-10-13T00:00:00Z", "cat", "1") // again
	wantLines(t, w.closed(t, "2026-10", false), "held 2.00 2.00")
	wantLines(t, w.closed(t, "2026-09", false), "held 1.00 1.00")
}

func TestMeasureRunning_IsCarriedForSoManyDays(t *testing.T) {
	for _, m := range []pricing.Meter{pods(), seats()} {
		for carry, want := range map[int][]string{31: {"held 1.00 1.00"}, 30: nil} {
			m.CarryDays = carry
			w := running(m, "", unitOf("1.00"))
			w.seat("2026-08-31T12:00:00Z", "ann", "1") // 31 days before 1 October
			wantLines(t, w.closed(t, "2026-10", false), want...)
		}
	}
}

// docs/billing-rules.md, Running meters: each seat for the days that it touches.
func TestMeasureHeld_SeatsByStartedDays(t *testing.T) {
	for _, c := range []struct {
		what string
		use  []string // when, value, there
		want string   // at 31.00 a month of 31 days: the days
	}{
		{"the whole month", []string{"2026-09-03T00:00:00Z", "ann", "1"}, "31"},
		{"from the 16th", []string{"2026-10-16T23:59:59Z", "ann", "1"}, "16"},
		{"from the 2nd to the 30th", []string{"2026-10-02T08:00:00Z", "ann", "1", "2026-10-30T08:00:00Z", "ann", "0"}, "29"},
		{"gone with the first instant of the 30th", []string{"2026-10-02T08:00:00Z", "ann", "1", "2026-10-30T00:00:00Z", "ann", "0"}, "28"},
		{"for an hour", []string{"2026-10-02T08:00:00Z", "ann", "1", "2026-10-02T09:00:00Z", "ann", "0"}, "1"},
		{"away for two nights", []string{
			"2026-09-01T08:00:00Z", "ann", "1", "2026-10-05T08:00:00Z", "ann", "0", "2026-10-07T08:00:00Z", "ann", "1",
		}, "30"},
		{"two seats", []string{"2026-09-01T08:00:00Z", "ann", "1", "2026-10-31T08:00:00Z", "bob", "1"}, "32"},
	} {
		t.Run(c.what, func(t *testing.T) {
			w := running(seats(), pricing.ProrateStartedDays, unitOf("31.00"))
			for i := 0; i < len(c.use); i += 3 {
				w.seat(c.use[i], c.use[i+1], c.use[i+2])
			}
			wantCost(t, w.daily(t, "2026-10-31").Rows, pricing.ScopeBilled, c.want, lastDays(w))
		})
	}
}

// lastDays is what the 31st adds: a day for each seat that is there on it.
func lastDays(w *world) string {
	last := map[string]string{}
	for _, u := range w.usage {
		last[u.Dimensions] = u.Last.Quantity(12).String()
	}
	n := 0
	for _, there := range last {
		if there == "1" {
			n++
		}
	}
	return fmt.Sprint(n)
}

// Half of October, a month of 744 hours: 372 of them.
func TestMeasureHeld_ByTime(t *testing.T) {
	for _, m := range []pricing.Meter{pods(), seats()} {
		w := running(m, pricing.ProrateTime, unitOf("744.00"))
		w.seat("2026-10-16T12:00:00Z", "ann", "1")
		wantLines(t, w.closed(t, "2026-10", false), "held 372.00 372.00")
		wantLines(t, w.closed(t, "2026-11", false), "held 744.00 744.00")
		wantCost(t, w.daily(t, "2026-10-16").Rows, pricing.ScopeBilled, "12", "12")
	}
}

// 5 at 10:00, 3 more at 14:00, 8 taken away at 20:00 of 31 October, one state:
// 5 × 4 h + 8 × 6 h in it, nothing after: 68 unit hours.
func TestMeasureHeld_TakesWhatAStateHasIntegrated(t *testing.T) {
	w := running(pods(), pricing.ProrateTime, unitOf("744.00"))
	w.use("s", "held", "2026-10-31T10:00:00Z", "0")
	u := &w.usage[0]
	u.Events, u.LastTime, u.LevelSeconds = 3, at("2026-10-31T20:00:00Z").UnixMicro(), fixed("244800") // 68 × 3600
	wantLines(t, w.closed(t, "2026-10", false), "held 68.00 68.00")
	// What was there before counts beside it: one unit for all 744 hours.
	w.use("s", "held", "2026-09-30T10:00:00Z", "1")
	wantLines(t, w.closed(t, "2026-10", false), "held 812.00 812.00")
}

// docs/billing-rules.md, Levels that are held: tiers to 2 at 31.00 and above at
// 3.10. Two from before: 62.00. A third and fourth on the 22nd, ten days of two:
// 2 × 10 ÷ 31 × 3.10 = 2.00. Four gone on the 31st: two of them in each tier,
// each for a day less: 2 × 0.10 and 2 × 1.00 back.
func TestMeasureHeld_ChangesCrossTiers(t *testing.T) {
	tiers := pricing.Graduated{Tiers: steps("2", "31.00", "", "3.10")}
	w := running(pods(), pricing.ProrateStartedDays, tiers)
	w.use("s", "held", "2026-09-30T10:00:00Z", "2")
	w.use("s", "held", "2026-10-22T10:00:00Z", "2")
	wantLines(t, w.closed(t, "2026-10", false), "held 64.00 64.00")
	w.use("s", "held", "2026-10-31T10:00:00Z", "-4")
	wantLines(t, w.closed(t, "2026-10", false), "held 61.80 61.80")

	// By time, with the events by themselves: 2 from the 22nd 12:00, 9.5 days.
	m := pods()
	m.PerEvent = true
	w = running(m, pricing.ProrateTime, tiers)
	w.use("s", "held", "2026-10-22T12:00:00Z", "2")
	w.use("s", "held", "2026-10-30T00:00:00Z", "2")
	wantLines(t, w.closed(t, "2026-10", false), "held 19.40 19.40") // 2 × 9.5 × 1.00 + 2 × 2 × 0.10
}

func TestMeasureHeld_BelowZeroCostsNothing(t *testing.T) {
	for _, c := range []struct {
		model pricing.Model
		want  string
	}{
		{unitOf("31.00"), "held 149.00 149.00"}, // 31 × 5 − 6
		{pricing.Volume{Tiers: steps("", "31.00")}, "held 0.00 0.00"},
		{pricing.Graduated{Tiers: steps("", "31.00")}, "held 0.00 0.00"},
	} {
		w := running(pods(), pricing.ProrateStartedDays, c.model)
		w.use("s", "held", "2026-10-01T10:00:00Z", "5")
		w.use("s", "held", "2026-10-31T10:00:00Z", "-6")
		wantLines(t, w.closed(t, "2026-10", false), c.want)
		w.use("s", "held", "2026-10-01T10:00:00Z", "-50")
		wantLines(t, w.closed(t, "2026-10", false), "held 0.00 0.00")
	}
}

// A new version of the book splits the period; what was added before holds on.
func TestMeasureHeld_HoldsThroughAVersion(t *testing.T) {
	for _, m := range []pricing.Meter{pods(), seats()} {
		for _, prorate := range []pricing.Proration{pricing.ProrateTime, pricing.ProrateStartedDays} {
			w := running(m, prorate, unitOf("31.00"))
			w.addVersion("2026-10-11", func(p *pricing.Plan) { p.Prices[0].Model = unitOf("310.00") })
			w.book.Versions[1].Meters = w.book.Versions[0].Meters
			w.seat("2026-10-06T00:00:00Z", "ann", "1")
			wantLines(t, w.closed(t, "2026-10", false), "held 5.00 5.00", "held 210.00 210.00")
		}
	}
}

// Whatever the events: the quantity of a prorated price is what walking the days,
// or the instants, comes to.
func TestMeasureHeld_AgreesWithAnOracleThatWalks(tb *testing.T) {
	rapid.Check(tb, func(t *rapid.T) {
		unique, byTime := chance(t, "unique"), chance(t, "by time")
		m, prorate := pods(), pricing.ProrateStartedDays
		if unique {
			m = seats()
		}
		if byTime {
			prorate = pricing.ProrateTime
		}
		w := running(m, prorate, unitOf("1.00"))
		w.subs[0].Start = at("2018-01-01T00:00:00Z")
		loc := zone(rapid.SampledFrom(oddZones()).Draw(t, "zone"))
		w.accounts[0].TimeZone = loc.String()
		first := day("2018-10-01")
		var events []heldEvent
		for i := range rapid.IntRange(0, 12).Draw(t, "events") {
			e := heldEvent{
				at:    first.In(loc).Add(time.Duration(rapid.IntRange(-40*24, 31*24-1).Draw(t, "hour"))*time.Hour + time.Duration(i)*time.Second).UTC(),
				value: rapid.SampledFrom([]string{"ann", "bob"}).Draw(t, "value"), by: int64(rapid.IntRange(0, 9).Draw(t, "by")),
			}
			if unique {
				e.by = min(e.by, 1)
			}
			events = append(events, e)
			w.seat(e.at.Format(time.RFC3339), e.value, fmt.Sprint(e.by))
		}
		through := first.AddDays(rapid.IntRange(0, 30).Draw(t, "through"))
		want := slowHeld(events, first, through, loc, unique, byTime)
		rows := w.daily(tb, through.String()).Rows
		if len(rows) != 1 {
			t.Fatalf("%d rows", len(rows))
		}
		if got := pricingtest.Rat(rows[0].CumulativeQuantity); got.Cmp(pricingtest.Round(want, 12, money.HalfEven)) != 0 {
			t.Fatalf("%s on %s, want %s", got.FloatString(12), through, want.FloatString(12))
		}
	})
}

type heldEvent struct {
	at    time.Time
	value string
	by    int64
}

// slowHeld walks the local days of October 2018, or its seconds, one by one.
func slowHeld(events []heldEvent, first, through pricing.Date, loc *time.Location, unique, byTime bool) *big.Rat {
	before := day("2018-11-01").In(loc)
	sum, seconds := new(big.Rat), int64(before.Sub(first.In(loc))/time.Second)
	end := through.AddDays(1).In(loc)
	if byTime {
		for _, at := range instants(events, first.In(loc), end) {
			level := big.NewRat(levelAt(events, at.from, unique), 1)
			sum.Add(sum, level.Mul(level, big.NewRat(int64(at.to.Sub(at.from)/time.Second), seconds)))
		}
		return sum
	}
	days := int64(0)
	for d := first; d.In(loc).Before(before); d++ {
		if d.In(loc).Before(d.AddDays(1).In(loc)) {
			days++
		}
	}
	for d := first; d <= through; d++ {
		start, next := d.In(loc), d.AddDays(1).In(loc)
		if !start.Before(next) {
			continue
		}
		level := levelAt(events, next.Add(-time.Nanosecond), unique)
		if unique { // who is there at any instant of the day
			there := map[string]bool{}
			for _, at := range instants(events, start, next) {
				for _, value := range []string{"ann", "bob"} {
					there[value] = there[value] || presentAt(events, value, at.from)
				}
			}
			level = 0
			for _, is := range there {
				if is {
					level++
				}
			}
		}
		sum.Add(sum, big.NewRat(level, days))
	}
	return sum
}

type stretch struct{ from, to time.Time }

// instants cuts a time where an event is.
func instants(events []heldEvent, from, to time.Time) []stretch {
	var out []stretch
	for from.Before(to) {
		next := to
		for _, e := range events {
			if e.at.After(from) && e.at.Before(next) {
				next = e.at
			}
		}
		out = append(out, stretch{from, next})
		from = next
	}
	return out
}

func levelAt(events []heldEvent, t time.Time, unique bool) int64 {
	var level int64
	for _, e := range events {
		if !unique && !e.at.After(t) {
			level += e.by
		}
	}
	for _, value := range []string{"ann", "bob"} {
		if unique && presentAt(events, value, t) {
			level++
		}
	}
	return level
}

func presentAt(events []heldEvent, value string, t time.Time) bool {
	var last heldEvent
	for _, e := range events {
		if e.value == value && !e.at.After(t) && (last.value == "" || e.at.After(last.at)) {
			last = e
		}
	}
	return last.by > 0
}
