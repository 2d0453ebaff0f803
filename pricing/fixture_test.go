package pricing_test

import (
	"slices"
	"testing"
	"time"
	_ "time/tzdata" // zones do not depend on the machine

	"daybook/pricing"
	"daybook/pricing/money"
)

// world is what a test rates: a book, who has what, and what was used.
type world struct {
	book      *pricing.Book
	accounts  []pricing.Account
	subs      []pricing.Subscription
	resources []pricing.Resource
	usage     []pricing.UsageState
	levels    []pricing.ScheduledLevel
	void      []pricing.VoidUsage
}

// usageMeters are meters of every aggregation that the tests price.
func usageMeters() []pricing.Meter {
	one := money.QuantityOf(1)
	var out []pricing.Meter
	for _, a := range []pricing.Aggregation{pricing.Count, pricing.First, pricing.Latest, pricing.Maximum, pricing.Minimum, pricing.Sum, pricing.Average, pricing.Counter} {
		out = append(out, pricing.Meter{ID: string(a), Aggregate: a, DivideBy: one, Unit: "unit", By: []string{"region", "type"}})
		if a == pricing.Counter {
			out[len(out)-1].CarryDays = 31
		}
	}
	return append(out,
		pricing.Meter{ID: "storage", Aggregate: pricing.TimeAverage, DivideBy: money.QuantityOf(1000), Unit: "GB", CarryDays: 31},
		pricing.Meter{ID: "unique", Aggregate: pricing.Unique, Of: "type", DivideBy: one, Unit: "type", By: []string{"region"}},
		pricing.Meter{ID: "traffic", Aggregate: pricing.Sum, DivideBy: money.QuantityOf(1000), Unit: "GB"},
	)
}

// oneAccount is a world of account "acme" (in UTC) with subscription "s" to
// plan "p" of those prices since 2020.
func oneAccount(prices ...pricing.Price) *world {
	return &world{
		book: &pricing.Book{
			Name: "test", Currency: money.Currency{Code: "CHF", Digits: 2},
			Versions: []pricing.Version{versionOf("2000-01-01", pricing.Plan{
				ID: "p", Cycle: pricing.Cycle{Months: 1, Anchor: pricing.Anchor{Day: 1}}, Prices: prices,
			})},
		},
		accounts: []pricing.Account{{ID: "acme", Bills: true}},
		subs:     []pricing.Subscription{{ID: "s", Account: "acme", Plan: "p", Start: at("2020-01-01T00:00:00Z")}},
	}
}

func versionOf(effective string, plans ...pricing.Plan) pricing.Version {
	return pricing.Version{
		ID: "test@" + effective, Effective: day(effective), Meters: usageMeters(), Plans: plans,
		Conventions: pricing.Conventions{Rounding: money.HalfUp, Month: pricing.MonthCalendar, Proration: pricing.ProrateTime},
	}
}

// plan is the plan of the book's first version, to be changed.
func (w *world) plan() *pricing.Plan { return &w.book.Versions[0].Plans[0] }

// addVersion adds a version with a copy of the first one's plans.
func (w *world) addVersion(effective string, change func(*pricing.Plan)) {
	plan := *w.plan()
	plan.Prices = slices.Clone(plan.Prices)
	change(&plan)
	v := versionOf(effective, plan)
	v.Conventions = w.book.Versions[0].Conventions
	w.book.Versions = append(w.book.Versions, v)
}

func (w *world) conventions() *pricing.Conventions { return &w.book.Versions[0].Conventions }

// use adds one event, as a state of its own.
func (w *world) use(sub, meter, when, quantity string, dimensions ...string) {
	account, loc := "acme", time.UTC
	registry, _ := pricing.NewRegistry(w.accounts, w.subs, nil)
	for _, e := range registry.Attribution().Of(pricing.SubscriptionKey(sub)) {
		account, loc = e.Account, zone(e.Zone)
	}
	q, err := money.MustQuantity(quantity).Fixed(12)
	if err != nil {
		panic(err)
	}
	t := at(when)
	u := pricing.UsageState{
		Day: pricing.LocalDay(t, loc), Meter: meter, Dimensions: "{}", Account: account, Subscription: sub,
		Sum: q, Events: 1, Min: q, Max: q, First: q, Last: q, FirstTime: t.UnixMicro(), LastTime: t.UnixMicro(),
	}
	if len(dimensions) > 0 {
		u.Dimensions = dimensions[0]
	}
	w.usage = append(w.usage, u)
}

func (w *world) rater(t testing.TB) *pricing.Rater {
	t.Helper()
	registry, problems := pricing.NewRegistry(w.accounts, w.subs, w.resources)
	if len(problems) > 0 {
		t.Logf("registry problems: %+v", problems)
	}
	registry.AddLevels(w.levels)
	registry.AddVoidUsage(w.void)
	r, err := pricing.NewRater(w.book, registry)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// closed closes a month for every tree, well after its end.
func (w *world) closed(t testing.TB, month string, first bool) pricing.ClosingResult {
	t.Helper()
	m, err := pricing.ParseMonth(month)
	if err != nil {
		t.Fatal(err)
	}
	return w.closing(t, pricing.Closing{Month: m, AsOf: m.Next().First().AddDays(2).UTC(), First: first, TermsDays: 30, Issuer: "Acme AG"})
}

func (w *world) closing(t testing.TB, c pricing.Closing) pricing.ClosingResult {
	t.Helper()
	var out pricing.ClosingResult
	r := w.rater(t)
	for _, tree := range r.Trees() {
		got, err := r.Close(tree, pricing.TreeUsage{Rows: w.usageOf(tree)}, c)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range got.Invoices {
			if err := pricing.CheckInvoice(i); err != nil {
				t.Error(err)
			}
		}
		if err := got.Meters.Check(pricing.StateSums(w.usageOf(tree))); err != nil {
			t.Error(err)
		}
		out.Invoices = append(out.Invoices, got.Invoices...)
		out.Parked = append(out.Parked, got.Parked...)
		out.Rated, out.Meters = out.Rated.Add(got.Rated), out.Meters.Add(got.Meters)
	}
	return out
}

// daily returns one day of every tree, rated a week later.
func (w *world) daily(t testing.TB, date string) pricing.DailyResult {
	t.Helper()
	return w.dailyAsOf(t, day(date), day(date).AddDays(7).UTC())
}

func (w *world) dailyAsOf(t testing.TB, d pricing.Date, asOf time.Time) pricing.DailyResult {
	t.Helper()
	var out pricing.DailyResult
	r := w.rater(t)
	for _, tree := range r.Trees() {
		got, err := r.Daily(tree, pricing.TreeUsage{Rows: w.usageOf(tree)}, d, asOf)
		if err != nil {
			t.Fatal(err)
		}
		if err := got.Meters.Check(pricing.StateSums(w.usageOf(tree))); err != nil {
			t.Error(err)
		}
		out.Rows = append(out.Rows, got.Rows...)
		out.Parked = append(out.Parked, got.Parked...)
		out.Rated, out.Meters = out.Rated.Add(got.Rated), out.Meters.Add(got.Meters)
	}
	return out
}

func (w *world) usageOf(tree pricing.Tree) []pricing.UsageState {
	return slices.DeleteFunc(slices.Clone(w.usage), func(u pricing.UsageState) bool {
		return !slices.Contains(tree.Accounts, u.Account)
	})
}

func metered(id, meter string, model pricing.Model) pricing.Price {
	return pricing.Price{ID: id, Meter: meter, Model: model}
}

func unitOf(amount string) pricing.Unit { return pricing.Unit{Price: money.MustAmount(amount)} }

func fixedFee(id, amount string) pricing.Price {
	return pricing.Price{ID: id, Model: pricing.Fixed{Price: money.MustAmount(amount)}}
}

func monthly(amount string) pricing.Price {
	return pricing.Price{ID: "vm", Resource: "vm", Model: pricing.ResourceTime{Unit: money.MustAmount(amount)}}
}

func vm(id, created, deleted string) pricing.Resource {
	r := pricing.Resource{ID: id, Account: "acme", Kind: "vm", Quantity: money.QuantityOf(1), Created: at(created)}
	if deleted != "" {
		r.Deleted = at(deleted)
	}
	return r
}

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	return t
}

func day(s string) pricing.Date {
	d, err := pricing.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func zone(name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return loc
}

// wantLines compares "price subtotal total" of all lines of all invoices.
func wantLines(t testing.TB, got pricing.ClosingResult, want ...string) {
	t.Helper()
	var lines []string
	for _, i := range got.Invoices {
		for _, l := range i.Lines {
			lines = append(lines, l.Price+" "+l.Subtotal.Decimal().StringFixed(2)+" "+l.Total.Decimal().StringFixed(2))
		}
	}
	if !slices.Equal(lines, want) {
		t.Errorf("lines are %q, want %q (parked: %+v)", lines, want, got.Parked)
	}
}

func wantParked(t testing.TB, got []pricing.Parked, want ...string) {
	t.Helper()
	var parked []string
	for _, p := range got {
		parked = append(parked, p.Account+" "+p.Reason)
		if p.Detail == "" {
			t.Errorf("account %s is parked without a sentence", p.Account)
		}
	}
	if !slices.Equal(parked, want) {
		t.Errorf("parked are %q, want %q: %+v", parked, want, got)
	}
}

func wantCost(t testing.TB, rows []pricing.CostRow, scope pricing.Scope, cumulative, difference string) {
	t.Helper()
	var sum, diff money.Amount
	for _, r := range rows {
		if r.Scope == scope {
			sum, diff = sum.Add(r.CumulativeTotal), diff.Add(r.Total)
		}
	}
	if sum.Cmp(money.MustAmount(cumulative)) != 0 || diff.Cmp(money.MustAmount(difference)) != 0 {
		t.Errorf("%s rows come to %s, by %s; want %s, by %s", scope, sum, diff, cumulative, difference)
	}
}
