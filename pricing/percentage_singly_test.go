package pricing_test

import (
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
)

// paid is a world whose payments are kept by themselves; amounts are in cents.
func paid(model pricing.Percentage) *world {
	w := oneAccount(metered("paid", "paid", model))
	w.book.Versions[0].Meters = []pricing.Meter{{ID: "paid", Aggregate: pricing.Sum, PerEvent: true, DivideBy: money.QuantityOf(100), By: []string{"card"}}}
	return w
}

func (w *world) pay(sub, when, cents, card string) {
	w.use(sub, "paid", when, cents, `{"card":"`+card+`"}`)
	u := &w.usage[len(w.usage)-1]
	u.Slot = u.FirstTime
}

// docs/billing-rules.md, Percentages of single events: the first payment by time
// is free, whatever the order of rows, cards and amounts. 1 % of 200 and of 10,
// and 0.30 each.
func TestPercentage_FreeEventsGoByTime(t *testing.T) {
	w := paid(pricing.Percentage{Rate: money.MustQuantity("1"), PerEvent: money.MustAmount("0.30"), FreeEvents: 1})
	w.pay("s", "2026-10-05T10:00:00Z", "20000", "a")
	w.pay("s", "2026-10-06T10:00:00Z", "1000", "a")
	w.pay("s", "2026-10-04T10:00:00Z", "5000", "b")
	w.pay("s", "2026-09-30T10:00:00Z", "99900", "a") // of the month before
	wantLines(t, w.closed(t, "2026-10", false), "paid 2.70 2.70")
	// The cost of the days sums to that: nothing on the first.
	wantCost(t, w.daily(t, "2026-10-04").Rows, pricing.ScopeBilled, "0", "0")
	wantCost(t, w.daily(t, "2026-10-05").Rows, pricing.ScopeBilled, "2.30", "2.30")
}

// Two payments of one microsecond are two; the smaller one is first.
func TestPercentage_OfOneInstantTheSmallerIsFirst(t *testing.T) {
	for _, order := range [][2]string{{"1000", "5000"}, {"5000", "1000"}} {
		w := paid(pricing.Percentage{Rate: money.MustQuantity("1"), FreeEvents: 1})
		w.pay("s", "2026-10-05T10:00:00Z", order[0], "b")
		w.pay("s", "2026-10-05T10:00:00Z", order[1], "a")
		wantLines(t, w.closed(t, "2026-10", false), "paid 0.50 0.50") // 1 % of 50, 10 are free
	}
}

// The free part: by amounts 30 and 30 of 50, then 40; the second payment owes its
// fee and 10 of it are charged. With two free events the amount ends first, with
// one the events do.
func TestPercentage_WhicheverIsUsedUpFirstEndsTheFreePart(t *testing.T) {
	for _, c := range []struct {
		events int64
		amount string
		want   string
	}{
		{0, "50", "paid 2.50 2.50"}, // 1 % of 10 + 40, and 2 × 1.00
		{2, "50", "paid 2.50 2.50"},
		{1, "50", "paid 2.70 2.70"}, // 1 % of 30 + 40
		{3, "1000", ""},
		{2, "60", "paid 1.40 1.40"}, // 1 % of 40; the second is wholly free
		{0, "60", "paid 1.40 1.40"},
	} {
		w := paid(pricing.Percentage{
			Rate: money.MustQuantity("1"), PerEvent: money.MustAmount("1.00"), FreeEvents: c.events, FreeAmount: money.MustQuantity(c.amount),
		})
		w.pay("s", "2026-10-05T10:00:00Z", "3000", "a")
		w.pay("s", "2026-10-06T10:00:00Z", "3000", "a")
		w.pay("s", "2026-10-07T10:00:00Z", "4000", "a")
		if c.want == "" {
			c.want = "paid 0.00 0.00"
		}
		wantLines(t, w.closed(t, "2026-10", false), c.want)
	}
}

// The least and most are of the part and the fee together: 0.10 + 0.20 is raised
// to 0.50, 1.00 + 0.20 stays, 9.00 + 0.20 is lowered to 5.00.
func TestPercentage_TheLeastAndMostOfAnEvent(t *testing.T) {
	model := pricing.Percentage{
		Rate: money.MustQuantity("1"), PerEvent: money.MustAmount("0.20"), EventMin: money.MustAmount("0.50"), EventMax: money.MustAmount("5.00"),
	}
	w := paid(model)
	w.pay("s", "2026-10-05T10:00:00Z", "1000", "a")
	w.pay("s", "2026-10-06T10:00:00Z", "10000", "a")
	w.pay("s", "2026-10-07T10:00:00Z", "90000", "a")
	wantLines(t, w.closed(t, "2026-10", false), "paid 6.70 6.70")
	p := w.plan().Prices[0]
	c, err := p.Charge(pricing.Measured{Quantity: money.Whole(1010), ByEvent: []pricing.EventAmount{
		{1, money.Whole(10)}, {2, money.Whole(100)}, {3, money.Whole(900)},
	}}, unscaled)
	if err != nil {
		t.Fatal(err)
	}
	var sum money.Amount
	var amounts []string
	for _, part := range c.Parts { // 10.10 + 3 × 0.20 + 0.20 − 4.20
		sum, amounts = sum.Add(part.Amount), append(amounts, part.Amount.String())
	}
	if sum.Cmp(c.Subtotal) != 0 || len(amounts) != 4 || amounts[2] != "0.2" || amounts[3] != "-4.2" {
		t.Errorf("parts of %s are %v", c.Subtotal, amounts)
	}
}

// A pool has one free part, by the times of all its payments.
func TestPercentage_APoolHasOneFreePart(t *testing.T) {
	w := paid(pricing.Percentage{Rate: money.MustQuantity("1"), FreeEvents: 2})
	w.plan().Prices[0].Pool = pricing.PoolBillingAccount
	w.subs = append(w.subs, pricing.Subscription{ID: "t", Account: "acme", Plan: "p", Start: at("2020-01-01T00:00:00Z")})
	w.pay("s", "2026-10-05T10:00:00Z", "10000", "a")
	w.pay("t", "2026-10-06T10:00:00Z", "20000", "a")
	w.pay("s", "2026-10-07T10:00:00Z", "40000", "a")
	wantLines(t, w.closed(t, "2026-10", false), "paid 4.00 4.00")
}

// Windows may be of any length, and events of one window add up.
func TestMeasure_EventsByThemselvesInWindows(t *testing.T) {
	w := paid(pricing.Percentage{})
	p := &w.plan().Prices[0]
	p.Model, p.Each = pricing.Package{Size: money.QuantityOf(10), Price: money.MustAmount("1.00")}, pricing.Each{Window: pricing.GrainFiveMinutes}
	w.pay("s", "2026-10-05T10:00:00Z", "600", "a")
	w.pay("s", "2026-10-05T10:04:59Z", "600", "b") // 12: two blocks
	w.pay("s", "2026-10-05T10:05:00Z", "600", "a") // one
	wantLines(t, w.closed(t, "2026-10", false), "paid 3.00 3.00")
}

// Books that were not parsed are checked too.
func TestNewRater_RefusesWhatAMeterDoesNotKeep(t *testing.T) {
	for what, change := range map[string]func(*pricing.Meter, *pricing.Price){
		"events of a day's sum":   func(m *pricing.Meter, _ *pricing.Price) { m.PerEvent = false },
		"events below zero":       func(m *pricing.Meter, _ *pricing.Price) { m.AllowNegative = true },
		"an allowance beside":     func(_ *pricing.Meter, p *pricing.Price) { p.Allowance = money.QuantityOf(1) },
		"a percentage of a level": func(m *pricing.Meter, _ *pricing.Price) { m.Running = true },
		"proration of usage":      func(_ *pricing.Meter, p *pricing.Price) { p.Model, p.Prorate = unitOf("1"), pricing.ProrateTime },
		"a counter below zero": func(m *pricing.Meter, _ *pricing.Price) {
			m.Aggregate, m.AllowNegative, m.PerEvent = pricing.Counter, true, false
		},
		"a unique count of nothing": func(m *pricing.Meter, _ *pricing.Price) { m.Aggregate, m.PerEvent = pricing.Unique, false },
		"slots of a sum":            func(m *pricing.Meter, _ *pricing.Price) { m.AddSlots = true },
		"slots of single events":    func(m *pricing.Meter, _ *pricing.Price) { m.Grain = pricing.GrainHour },
		"a running maximum": func(m *pricing.Meter, _ *pricing.Price) {
			m.Aggregate, m.Running, m.PerEvent = pricing.Maximum, true, false
		},
		"proration by whole days": func(m *pricing.Meter, p *pricing.Price) {
			m.Running, p.Model, p.Prorate = true, unitOf("1"), pricing.ProrateDays
		},
		"blocks of a held level": func(m *pricing.Meter, p *pricing.Price) {
			m.Running, p.Prorate, p.Model = true, pricing.ProrateTime, pricing.Package{Size: money.QuantityOf(1)}
		},
		"a pool of held levels": func(m *pricing.Meter, p *pricing.Price) {
			m.Running, p.Prorate, p.Model, p.Pool = true, pricing.ProrateTime, unitOf("1"), pricing.PoolAccount
		},
		"an hour of a level": func(m *pricing.Meter, p *pricing.Price) {
			m.Running, p.Model, p.Each = true, unitOf("1"), pricing.Each{Window: pricing.GrainDay}
		},
		"units off graduated levels": func(m *pricing.Meter, p *pricing.Price) {
			m.Running, p.Prorate, p.Model, p.Adjust = true, pricing.ProrateTime, pricing.Graduated{Tiers: steps("", "1")}, []pricing.Adjustment{usageDiscount("1")}
		},
	} {
		w := paid(pricing.Percentage{Rate: money.MustQuantity("1"), FreeEvents: 1})
		registry, _ := pricing.NewRegistry(w.accounts, w.subs, nil)
		if _, err := pricing.NewRater(w.book, registry); err != nil {
			t.Fatal(err)
		}
		change(&w.book.Versions[0].Meters[0], &w.plan().Prices[0])
		if _, err := pricing.NewRater(w.book, registry); err == nil {
			t.Errorf("%s: accepted", what)
		}
	}
}
