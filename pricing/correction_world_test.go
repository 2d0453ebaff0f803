package pricing_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/pricing/pricingtest"
)

// everyModel is an account with prices of every model that randomAccount does not
// have, each in some worlds, and usage from September 2018 on.
func everyModel(t *rapid.T) *world {
	var prices []pricing.Price
	add := func(p pricing.Price) {
		if chance(t, "has "+p.ID) {
			prices = append(prices, p)
		}
	}
	models := pricingtest.QuantityModels().Filter(func(m pricing.Model) bool { return m.Name() != "fixed" })
	for _, meter := range []string{"sum", "traffic"} {
		p := metered("by "+meter, meter, models.Draw(t, "model"))
		if chance(t, "allowed") {
			p.Allowance = pricingtest.Quantities(1, false).Draw(t, "allowance")
		}
		for range rapid.IntRange(0, 2).Draw(t, "adjusted") {
			p.Adjust = append(p.Adjust, pricingtest.Adjustments(nil).Filter(func(a pricing.Adjustment) bool { return a.Kind != pricing.UsageDiscount }).Draw(t, "adjustment"))
		}
		add(p)
	}
	add(metered("capacity", "max", pricing.Capacity{Tiers: []pricing.Tier{
		{UpTo: money.QuantityOf(100), Flat: money.MustAmount("10")}, {UpTo: money.QuantityOf(1000), Flat: money.MustAmount("20.55")}, {Open: true, Flat: money.MustAmount("30")},
	}}))
	add(metered("committed", "sum", committed(unitOf("0.37"), "50", "1.5", true)))
	add(metered("percent", "sum", pricingtest.Percentages().Draw(t, "percentage")))
	add(metered("cells", "sum", matrixOf("a", "x", "0.123", "b", "x", "1.1")))
	add(metered("singly", "paid", pricing.Percentage{Rate: money.MustQuantity("1.3"), PerEvent: money.MustAmount("0.30"), FreeEvents: 1}))
	hourly := eachHour()
	if chance(t, "by the hours of the day") {
		hourly.Model = pricing.TimeOfDay{Other: unitOf("1"), Bands: []pricing.HourBand{{From: 9, To: 12, Model: unitOf("2")}}}
	}
	add(hourly)
	held := metered("seats", "held", unitOf("31"))
	held.Prorate = pricing.ProrateStartedDays
	add(held)
	add(metered("burst", "cpu", pricing.Burst{
		Over: pricing.OverSubscribed, PerSeconds: 3600, Seconds: "seconds", Levels: levels("", "0.01989"),
		Schedule: []pricing.LevelChange{{From: at("2014-06-01T00:00:00Z"), Level: 1}},
	}))
	add(pricing.Price{ID: "term", Resource: "disk", Model: cloudTerms("0.105")})
	add(pricing.Price{ID: "bundle", Meter: "max", Model: seatsAndStorage()})
	stored := packaged().plan().Prices[0]
	add(stored)
	add(inAdvance("ahead", "31.31"))
	add(fixedFee("after", "9.99"))
	if len(prices) == 0 {
		prices = append(prices, fixedFee("fee", "5"))
	}
	w := oneAccount(prices...)
	if chance(t, "in tokens") {
		w.book.Unit = &pricing.PricingUnit{Name: "token", Digits: 2}
		w.book.Versions[0].Worth = money.MustAmount("0.333")
	}
	w.everyMeter()
	for range rapid.IntRange(0, 2).Draw(t, "of the plan") {
		w.plan().Adjust = append(w.plan().Adjust, pricingtest.Adjustments([]string{prices[0].ID}).Filter(func(a pricing.Adjustment) bool {
			return a.Kind != pricing.UsageDiscount
		}).Draw(t, "adjustment of the plan"))
	}
	w.subs[0].Start = at("2018-09-01T00:00:00Z").Add(time.Duration(rapid.IntRange(0, 40*24).Draw(t, "start")) * time.Hour)
	w.resources = []pricing.Resource{
		disk("d", "3 months", "32212254720", "2018-09-20T00:00:00Z", ""), pack("k", "small", "1", "2018-09-05T00:00:00Z", "2018-11-03T00:00:00Z"),
	}
	for n := range rapid.IntRange(0, 15).Draw(t, "events") {
		w.someUse(t, n)
	}
	return w
}

// everyMeter gives the book the meters that single tests have.
func (w *world) everyMeter() {
	w.addHourly(pricing.Maximum)
	v := &w.book.Versions[0]
	v.Meters = append(v.Meters, burstMeters()...)
	v.Meters = append(v.Meters,
		pricing.Meter{ID: "paid", Aggregate: pricing.Sum, PerEvent: true, DivideBy: money.QuantityOf(100), By: []string{"card"}},
		pricing.Meter{ID: "held", Aggregate: pricing.Sum, AllowNegative: true, Running: true, DivideBy: money.QuantityOf(1), CarryDays: 366},
	)
	slices.SortFunc(v.Meters, func(a, b pricing.Meter) int { return strings.Compare(a.ID, b.ID) })
}

// someUse adds an event of any meter within four months.
func (w *world) someUse(t *rapid.T, n int) {
	when := at("2018-09-01T00:00:00Z").Add(time.Duration(rapid.IntRange(0, 120*24*60).Draw(t, "when"))*time.Minute + time.Duration(n)*time.Second)
	quantity := fmt.Sprint(rapid.IntRange(1, 4000).Draw(t, "quantity"))
	text := when.Format(time.RFC3339)
	switch meter := rapid.SampledFrom([]string{"sum", "sum", "traffic", "max", "storage", "hourly", "cpu", "paid", "held"}).Draw(t, "meter"); meter {
	case "hourly":
		w.useIn("s", when, quantity, "{}")
	case "cpu":
		w.poll("cpu", text, quantity, "300")
	case "paid":
		w.pay("s", text, quantity, "a")
	case "held":
		w.use("s", meter, text, fmt.Sprint(rapid.IntRange(-2, 5).Draw(t, "seats")))
	default:
		w.use("s", meter, text, quantity, fmt.Sprintf(`{"region":"x","type":"%c"}`, 'a'+n%2))
	}
}

// change makes one change of what was known: late, withdrawn or changed usage, a
// price, an end, a number of a fee, a resource, or a subscription to a plan that
// the book does not have.
func (w *world) change(t *rapid.T, withheld *[]pricing.UsageState) {
	sub := &w.subs[rapid.IntRange(0, len(w.subs)-1).Draw(t, "whose")]
	switch what := rapid.IntRange(0, 11).Draw(t, "change"); {
	case what <= 1 && len(*withheld) > 0: // comes late
		w.usage, *withheld = append(w.usage, (*withheld)[0]), (*withheld)[1:]
	case what <= 3 && len(w.usage) > 0: // is withdrawn
		n := rapid.IntRange(0, len(w.usage)-1).Draw(t, "row")
		*withheld = append(*withheld, w.usage[n])
		w.usage = slices.Delete(slices.Clone(w.usage), n, n+1)
	case what == 4 && len(w.usage) > 0: // is mended
		w.usage = slices.Clone(w.usage)
		u := &w.usage[rapid.IntRange(0, len(w.usage)-1).Draw(t, "row")]
		if q, err := money.QuantityOf(int64(rapid.IntRange(0, 900).Draw(t, "mended"))).Fixed(12); err == nil {
			u.Sum, u.Min, u.Max, u.First, u.Last = q, q, q, q, q
		}
	case what == 5:
		w.changePrice(t)
	case what == 6:
		sub.End = time.Time{}
		if chance(t, "ends") {
			sub.End = sub.Start.Add(time.Duration(rapid.IntRange(1, 90*24).Draw(t, "end")) * time.Hour)
		}
	case what == 7:
		price := rapid.SampledFrom(w.plan().Prices).Draw(t, "of")
		if _, fee := price.Model.(pricing.Fixed); fee {
			sub.Quantities = map[string]money.Quantity{price.ID: money.QuantityOf(int64(rapid.IntRange(0, 4).Draw(t, "number")))}
			sub.QuantityChanges = nil
		}
	case what == 8 && len(w.resources) > 0:
		w.resources = slices.Clone(w.resources)
		r := &w.resources[rapid.IntRange(0, len(w.resources)-1).Draw(t, "resource")]
		r.Deleted = r.Created.Add(time.Duration(rapid.IntRange(1, 80*24).Draw(t, "deleted")) * time.Hour)
	case what == 9:
		sub.Anchor = rapid.SampledFrom([]int{0, 5, 20}).Draw(t, "anchor")
	case what == 10:
		sub.Start = sub.Start.Add(time.Duration(rapid.IntRange(-20*24, 20*24).Draw(t, "moved")) * time.Hour)
		if !sub.End.IsZero() && sub.End.Before(sub.Start) {
			sub.End = sub.Start
		}
		sub.QuantityChanges = nil
	case what == 11 && sub.Plan == "p" && chance(t, "is parked"):
		sub.Plan = "gone"
	default:
		sub.Plan = "p"
	}
}

// changePrice puts another unit price or fee into every version.
func (w *world) changePrice(t *rapid.T) {
	n := rapid.IntRange(0, len(w.plan().Prices)-1).Draw(t, "price")
	amount := pricingtest.Amounts(2, false).Draw(t, "amount")
	versions := slices.Clone(w.book.Versions)
	for v := range versions {
		plans := slices.Clone(versions[v].Plans)
		plans[0].Prices = slices.Clone(plans[0].Prices)
		p := &plans[0].Prices[n]
		switch m := p.Model.(type) {
		case pricing.Unit:
			p.Model = pricing.Unit{Price: amount}
		case pricing.Fixed:
			p.Model = pricing.Fixed{Price: amount}
		case pricing.Package:
			m.Price = amount
			p.Model = m
		default:
			p.Adjust = []pricing.Adjustment{{Kind: pricing.MinimumCharge, Amount: amount}}
		}
		versions[v].Plans = plans
	}
	book := *w.book
	book.Versions = versions
	if book.Unit != nil && chance(t, "worth") {
		for v := range versions {
			versions[v].Worth = money.MustAmount(rapid.SampledFrom([]string{"0.333", "0.25", "1.1"}).Draw(t, "worth"))
		}
	}
	w.book = &book
}
