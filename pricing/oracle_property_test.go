package pricing_test

import (
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/pricing/pricingtest"
)

func amountOf(r *big.Rat, places int) money.Amount {
	return money.MustAmount(pricingtest.Round(r, places, money.HalfEven).FloatString(places))
}

func chance(t *rapid.T, what string) bool { return rapid.Bool().Draw(t, what) }

// randomAccount is a tree of three accounts, of which the last pays for itself,
// with a book of every model, pool, adjustment, cycle and convention that the
// oracle knows.
func randomAccount(t *rapid.T) *world {
	pool := rapid.SampledFrom([]pricing.Pool{pricing.PoolSubscription, pricing.PoolAccount, pricing.PoolBillingAccount})
	prices := []pricing.Price{
		metered("tiers", "sum", pricing.Graduated{Tiers: pricingtest.Tiers().Draw(t, "tiers")}),
		metered("level", "storage", unitOf("0.0317")),
		metered("blocks", "count", pricing.Package{Size: money.QuantityOf(3), Price: money.MustAmount("0.77")}),
		metered("volume", "traffic", pricing.Volume{Tiers: pricingtest.Tiers().Draw(t, "volume")}),
		metered("compute", "max", matrixOf("a", "x", "0.123", "b", "x", "1.1")),
		fixedFee("advance", "31.31"), fixedFee("arrears", "9.99"), monthly("7.77"),
	}
	prices[5].Due = pricing.InAdvance
	prices[7].Prorate = pricing.ProrateTime
	if chance(t, "by the hour") {
		prices[7].Model = pricing.ResourceTime{Unit: money.MustAmount("0.05"), PerSeconds: 3600, CapSeconds: 200 * 3600}
	}
	for i := range prices {
		p := &prices[i]
		if i < 5 {
			p.Pool = pool.Draw(t, "pool")
			if chance(t, "has allowance") {
				p.Allowance = pricingtest.Quantities(1, false).Draw(t, "allowance")
			}
		}
		if chance(t, "adjusted") {
			p.Adjust = []pricing.Adjustment{pricingtest.Adjustments(nil).Filter(func(a pricing.Adjustment) bool {
				return a.Kind != pricing.UsageDiscount || i < 4
			}).Draw(t, "own")}
		}
	}
	prices[0].Meter = rapid.SampledFrom([]string{"sum", "sum", "average", "counter", "unique"}).Draw(t, "tiers of")
	w := oneAccount(prices...)
	w.accounts = []pricing.Account{{ID: "acme", Bills: true}, account("one", "acme"), {ID: "two", Parent: "acme", Bills: chance(t, "two pays")}}
	w.accounts[0].TimeZone = rapid.SampledFrom(oddZones()).Draw(t, "zone")
	if chance(t, "other zone") {
		w.accounts[1].TimeZone = rapid.SampledFrom(oddZones()).Draw(t, "zone of one")
	}
	cycle := rapid.Custom(func(t *rapid.T) pricing.Cycle {
		if days := rapid.SampledFrom([]int{0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 7, 10}).Draw(t, "days"); days > 0 {
			return pricing.Cycle{Days: days, Anchor: pricing.Anchor{Subscription: days == 10 || chance(t, "from its start"), Day: 1}}
		}
		return pricing.Cycle{Months: rapid.SampledFrom([]int{1, 1, 1, 3}).Draw(t, "months"), Anchor: pricing.Anchor{
			Day: rapid.SampledFrom([]int{1, 15, 31}).Draw(t, "anchor"), Subscription: rapid.IntRange(0, 3).Draw(t, "anniversary") == 0,
		}}
	})
	w.plan().Cycle = cycle.Draw(t, "cycle")
	if chance(t, "fees with a cycle of their own") {
		yearly, setup := inAdvance("yearly", "120"), inAdvance("setup", "55")
		yearly.Cycle, setup.Once = cycle.Draw(t, "own cycle"), true
		if chance(t, "at the end") {
			yearly.Due = pricing.InArrears
		}
		w.plan().Prices = append(w.plan().Prices, yearly, setup)
	}
	w.conventions().Proration = rapid.SampledFrom([]pricing.Proration{pricing.ProrateTime, pricing.ProrateDays, pricing.ProrateStartedDays, pricing.ProrateNone}).Draw(t, "proration")
	w.conventions().Month = rapid.SampledFrom([]pricing.MonthLength{
		pricing.MonthCalendar, pricing.MonthCalendar, pricing.Month730Hours, pricing.MonthFirst730Hours, pricing.Month30Days, pricing.MonthLessOneSecond,
	}).Draw(t, "month")
	if w.conventions().Proration != pricing.ProrateTime && prices[7].Model.(pricing.ResourceTime).PerSeconds > 0 && chance(t, "months of thirty days") {
		w.conventions().Month = pricing.Month30Of360
	}
	for range rapid.IntRange(0, 3).Draw(t, "adjustments") {
		w.plan().Adjust = append(w.plan().Adjust, pricingtest.Adjustments([]string{"tiers", "level", "compute", "advance", "arrears"}).Filter(func(a pricing.Adjustment) bool {
			return a.Kind != pricing.UsageDiscount
		}).Draw(t, "of the plan"))
	}
	if rapid.IntRange(0, 3).Draw(t, "cliff") == 0 {
		w.plan().FreeBelow = []pricing.FreeBelow{{Meter: "sum", UpTo: money.QuantityOf(30)}, {Meter: "storage", UpTo: money.QuantityOf(1)}}
	}
	if rapid.IntRange(0, 2).Draw(t, "phases") == 0 {
		for i := range w.plan().Prices {
			w.plan().Prices[i].Pool = pricing.PoolSubscription // whose members would be in different phases
		}
		w.plan().Phases = []pricing.Phase{
			{Name: "trial", Days: rapid.IntRange(1, 40).Draw(t, "trial"), Free: chance(t, "free"), PercentOff: money.QuantityOf(int64(rapid.IntRange(0, 50).Draw(t, "off")))},
			{Name: "discount", Months: rapid.IntRange(1, 2).Draw(t, "discount"), Prices: map[string]money.Amount{"advance": money.MustAmount("11.11"), "arrears": money.MustAmount("3.33")}},
		}
		if chance(t, "for good") {
			w.plan().Phases = append(w.plan().Phases, pricing.Phase{PercentOff: money.QuantityOf(25)})
		}
	}
	if chance(t, "version") {
		w.addVersion(day("2018-10-01").AddDays(rapid.IntRange(0, 90).Draw(t, "effective")).String(), func(p *pricing.Plan) {
			p.Prices[6] = fixedFee("arrears", "19.99")
			if chance(t, "new cycle") {
				p.Cycle = cycle.Draw(t, "second cycle")
			}
		})
	}
	w.randomSubscriptions(t)
	return w
}

func (w *world) randomSubscriptions(t *rapid.T) {
	w.subs = nil
	moment := func(from time.Time, hours int, what string) time.Time {
		return from.Add(time.Duration(rapid.IntRange(0, hours).Draw(t, what)) * time.Hour)
	}
	for i := range rapid.IntRange(1, 3).Draw(t, "subscriptions") {
		s := pricing.Subscription{ID: fmt.Sprint("s", i), Plan: "p", Start: moment(at("2018-09-10T05:00:00Z"), 100*24, "start")}
		s.Account = rapid.SampledFrom([]string{"acme", "one", "two"}).Draw(t, "account")
		if chance(t, "ends") {
			s.End = moment(s.Start, 60*24, "end")
		}
		if rapid.IntRange(0, 4).Draw(t, "own anchor") == 0 {
			s.Anchor = 20
		}
		if rapid.IntRange(0, 2).Draw(t, "own terms") == 0 {
			s.Quantities = map[string]money.Quantity{"arrears": money.QuantityOf(3), "advance": money.MustQuantity("0.5")}
			s.PriceOverrides = map[string]money.Amount{"advance": money.MustAmount("17.17")}
			s.QuantityChanges = map[string][]pricing.QuantityChange{}
			for _, fee := range []string{"advance", "arrears"} {
				when := s.Start
				for range rapid.IntRange(0, 3).Draw(t, "changes") {
					when = moment(when, 30*24, "change").Add(time.Minute)
					s.QuantityChanges[fee] = append(s.QuantityChanges[fee], pricing.QuantityChange{From: when, Quantity: money.QuantityOf(int64(rapid.IntRange(0, 4).Draw(t, "number")))})
				}
			}
		}
		w.subs = append(w.subs, s)
		r := vm("r"+s.ID, s.Start.Add(-time.Hour).Format(time.RFC3339), moment(s.Start, 40*24, "deleted").Format(time.RFC3339))
		r.Account, r.Subscription = s.Account, s.ID
		w.resources = append(w.resources, r)
		length := 90 * 24 * 60
		if !s.End.IsZero() {
			length = int(s.End.Sub(s.Start)/time.Minute) - 1
		}
		for n := range rapid.IntRange(0, 12).Draw(t, "events") {
			if length <= 0 {
				break
			}
			// Minutes of their own: which of two events of one instant is first is another test's.
			when := s.Start.Add(time.Duration(rapid.IntRange(0, length).Draw(t, "when"))*time.Minute + time.Duration(n)*time.Second)
			tiersOf := w.plan().Prices[0].Meter
			meter := rapid.SampledFrom([]string{"sum", "storage", "count", "max", "traffic", tiersOf, tiersOf, tiersOf}).Draw(t, "meter")
			w.use(s.ID, meter, when.Format(time.RFC3339), fmt.Sprint(rapid.IntRange(0, 4000).Draw(t, "quantity")), fmt.Sprintf(`{"region":"x","type":"%c"}`, 'a'+n%3))
		}
	}
}

// near reports whether an exact amount is the oracle's but for the 20th places
// that divisions and shares cut.
func near(got money.Amount, want *big.Rat) bool {
	diff := new(big.Rat).Sub(pricingtest.Rat(got), want)
	return diff.Abs(diff).Cmp(pricingtest.RatOf("0.000000000001")) < 0
}

// Whatever the book, tree, zones and usage: the costs of any day and the lines of
// all closings are those of an oracle that walks days and seconds.
func TestRater_AgreesWithAnOracleThatWalksTheDays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := randomAccount(t)
		registry, problems := pricing.NewRegistry(w.accounts, w.subs, w.resources)
		r, err := pricing.NewRater(w.book, registry)
		if err != nil || len(problems) > 0 {
			t.Fatal(err, problems)
		}
		limit := day("2019-12-31")
		// Usage is priced by what is known when its closing ends: what comes later
		// cannot end a plan's being free. Fees in advance are of the period after.
		var charges []*slowItem
		ahead := map[string][]*slowItem{}
		for _, it := range w.slowCharges(forever, limit) {
			if it.price.Due == pricing.InAdvance {
				charges = append(charges, w.billedAhead(it, ahead, limit)...)
			}
		}
		for _, m := range pricing.MonthOf(day("2018-09-01")).Through(pricing.MonthOf(day("2019-02-01"))) {
			for _, it := range w.slowCharges(m.Next().First()-1, limit) {
				if it.closing() == m && it.price.Due != pricing.InAdvance {
					charges = append(charges, it)
				}
			}
		}
		compareClosings(t, w, r, charges)
		for range 3 {
			d := day("2018-09-10").AddDays(rapid.IntRange(0, 130).Draw(t, "day"))
			compareDay(t, w, r, d, w.slowCharges(d, limit))
		}
	})
}

// The order in which accounts, subscriptions, resources and usage come changes
// nothing, to the last digit.
func TestRater_NoOrderOfItsInputMatters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := randomAccount(t)
		month, date := pricing.MonthOf(day("2018-10-01")), day("2018-10-20")
		rate := func() (closings []pricing.ClosingResult, days []pricing.DailyResult) {
			registry, _ := pricing.NewRegistry(w.accounts, w.subs, w.resources)
			r, err := pricing.NewRater(w.book, registry)
			if err != nil {
				t.Fatal(err)
			}
			for _, tree := range r.Trees() {
				closing, err := r.Close(tree, pricing.TreeUsage{Rows: w.usageOf(tree)}, pricing.Closing{Month: month, AsOf: at("2018-11-03T00:00:00Z")})
				if err != nil {
					t.Fatal(err)
				}
				daily, err := r.Daily(tree, pricing.TreeUsage{Rows: w.usageOf(tree)}, date, at("2018-11-03T00:00:00Z"))
				if err != nil {
					t.Fatal(err)
				}
				closings, days = append(closings, closing), append(days, daily)
			}
			return closings, days
		}
		closings, days := rate()
		w.accounts, w.subs = rapid.Permutation(w.accounts).Draw(t, "accounts"), rapid.Permutation(w.subs).Draw(t, "subscriptions")
		w.resources, w.usage = rapid.Permutation(w.resources).Draw(t, "resources"), rapid.Permutation(w.usage).Draw(t, "usage")
		otherClosings, otherDays := rate()
		if !reflect.DeepEqual(closings, otherClosings) || !reflect.DeepEqual(days, otherDays) {
			t.Fatal("another order of the input gives other costs")
		}
	})
}

// compareClosings looks for every charge in the one closing that bills it.
func compareClosings(t *rapid.T, w *world, r *pricing.Rater, charges []*slowItem) {
	type key struct{ month, account, subscription, price, version, start, end string }
	lines, want, tied := map[key]money.Amount{}, map[key]*big.Rat{}, map[key]bool{}
	text := func(t time.Time) string { return t.UTC().Format(time.RFC3339) }
	first := pricing.MonthOf(day("2018-09-01"))
	last := pricing.MonthOf(day("2019-02-01"))
	for _, m := range first.Through(last) {
		for _, tree := range r.Trees() {
			got, err := r.Close(tree, pricing.TreeUsage{Rows: w.usageOf(tree)}, pricing.Closing{Month: m, AsOf: m.Next().First().AddDays(2).UTC()})
			if err != nil || len(got.Parked) > 0 {
				t.Fatal(err, got.Parked)
			}
			for _, i := range got.Invoices {
				if err := pricing.CheckInvoice(i); err != nil {
					t.Fatal(err)
				}
				for _, l := range i.Lines {
					k := key{m.String(), l.Account, l.Subscription, l.Price, l.BookVersion, text(l.PeriodStart), text(l.PeriodEnd)}
					if k.subscription == "" { // a pool's dates are its members'
						k.start, k.end = "", ""
					}
					lines[k] = lines[k].Add(l.Total)
				}
			}
		}
	}
	keyOf := func(it *slowItem) key {
		k := key{it.closing().String(), it.account, it.subscription, it.price.ID, it.version, text(it.part.Start), text(it.part.End)}
		if k.subscription == "" {
			k.start, k.end = "", ""
		}
		return k
	}
	charges = slices.DeleteFunc(slices.Clone(charges), func(it *slowItem) bool {
		return it.own || it.closing().Before(first) || last.Before(it.closing())
	})
	shared := map[key]bool{} // lines that are rounded together with others
	for _, it := range charges {
		if it.bundle != nil {
			shared[keyOf(it)] = true
		}
	}
	exact, parts, bundles := map[key]*big.Rat{}, map[key]int64{}, map[string]map[*int]*big.Rat{}
	for _, it := range charges {
		k := keyOf(it)
		if shared[k] {
			bundle := it.bundle
			if bundle == nil {
				bundle = &it.months // a bundle of its own: any address will do
			}
			// A matrix price has a line for each group, and each line its own cent.
			exact[k], parts[k] = plus(exact[k], it.total), parts[k]+int64(max(len(it.groups), 1))
			if bundles[k.month] == nil {
				bundles[k.month] = map[*int]*big.Rat{}
			}
			bundles[k.month][bundle] = plus(bundles[k.month][bundle], it.total)
			continue
		}
		want[k] = plus(want[k], pricingtest.Round(it.total, 2, money.HalfUp))
		tied[k] = tied[k] || onTie(it.total)
	}
	billed := map[string]*big.Rat{}
	for k, amount := range exact { // by largest remainder: within a cent each, of shares cut to 20 places
		line := pricingtest.Rat(lines[k])
		billed[k.month] = plus(billed[k.month], line)
		if diff := new(big.Rat).Sub(line, amount); diff.Abs(diff).Cmp(plus(big.NewRat(parts[k], 100), pricingtest.RatOf("0.000000000001"))) > 0 {
			t.Errorf("%+v is billed %s together with others, and is %s", k, lines[k], amount.FloatString(20))
		}
		delete(lines, k)
	}
	for month, of := range bundles { // and to the cent together
		sum, near := new(big.Rat), false
		for _, amount := range of {
			sum.Add(sum, pricingtest.Round(amount, 2, money.HalfUp))
			near = near || onTie(amount)
		}
		if billed[month].Cmp(sum) != 0 && !near {
			t.Errorf("%s bills %s by lines that are rounded together, want %s", month, billed[month].FloatString(2), sum.FloatString(2))
		}
	}
	for k, amount := range want {
		diff := new(big.Rat).Sub(pricingtest.Rat(lines[k]), amount)
		if diff.Abs(diff).Cmp(big.NewRat(1, 100)) > 0 || diff.Sign() != 0 && !tied[k] {
			t.Errorf("%+v is billed %s, want %s", k, lines[k], amount.FloatString(20))
		}
		delete(lines, k)
	}
	for k, amount := range lines {
		t.Errorf("%+v is billed %s, want no such line", k, amount)
	}
}

// plus adds to a sum that may not have begun.
func plus(sum, v *big.Rat) *big.Rat {
	if sum == nil {
		sum = new(big.Rat)
	}
	return sum.Add(sum, v)
}

// onTie reports whether a total is so close to half a cent that the 20th place
// decides, at which shares are cut.
func onTie(total *big.Rat) bool {
	halves := new(big.Rat).Mul(total, big.NewRat(200, 1))
	diff := new(big.Rat).Sub(halves, pricingtest.Round(halves, 0, money.HalfUp))
	return diff.Abs(diff).Cmp(pricingtest.RatOf("0.000000000001")) < 0
}

// compareDay compares the cumulative costs of a day, price by price: the
// segments of the billing periods that hold it, as far as they have begun.
func compareDay(t *rapid.T, w *world, r *pricing.Rater, d pricing.Date, charges []*slowItem) {
	type key struct{ account, subscription, price, version string }
	totals, subtotals := map[key]money.Amount{}, map[key]money.Amount{}
	for _, tree := range r.Trees() {
		got, err := r.Daily(tree, pricing.TreeUsage{Rows: w.usageOf(tree)}, d, d.AddDays(7).UTC())
		if err != nil || len(got.Parked) > 0 {
			t.Fatal(err, got.Parked)
		}
		for _, row := range got.Rows {
			k := key{row.Account, row.Subscription, row.Price, row.BookVersion}
			if row.Scope == pricing.ScopeOwn {
				subtotals[k] = subtotals[k].Add(row.CumulativeSubtotal)
			} else {
				totals[k], subtotals[k] = totals[k].Add(row.CumulativeTotal), subtotals[k].Add(row.CumulativeSubtotal)
			}
		}
	}
	want, wantSub := map[key]*big.Rat{}, map[key]*big.Rat{}
	for _, it := range charges {
		if d < it.from || d >= it.before {
			continue
		}
		k := key{it.account, it.subscription, it.price.ID, it.version}
		if want[k] == nil {
			want[k], wantSub[k] = new(big.Rat), new(big.Rat)
		}
		if !it.own {
			want[k].Add(want[k], it.total)
		}
		wantSub[k].Add(wantSub[k], it.subtotal)
	}
	for k := range want {
		if _, listed := subtotals[k]; !listed || !near(totals[k], want[k]) || !near(subtotals[k], wantSub[k]) {
			t.Errorf("%s: %+v costs %s (%s), want %s (%s)", d, k, totals[k], subtotals[k], want[k].FloatString(20), wantSub[k].FloatString(20))
		}
	}
	for k, got := range totals {
		if want[k] == nil {
			t.Errorf("%s: %+v costs %s, want no such row", d, k, got)
		}
	}
}
