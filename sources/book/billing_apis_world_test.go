package book

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // zones do not depend on the machine

	"daybook/pricing"
	"daybook/pricing/money"
)

// apiWorld is what a figure rates: its book, a paying account, and below it an
// account with one subscription for each account that used something.
type apiWorld struct {
	figure apiFigure
	book   *pricing.Book
}

func moment(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	return t
}

// rater returns a rater of the world's registry and its one tree.
func (w apiWorld) rater(t *testing.T) (*pricing.Rater, pricing.Tree) {
	t.Helper()
	rater, err := pricing.NewRater(w.book, w.registry(t))
	if err != nil {
		t.Fatal(err)
	}
	return rater, rater.Trees()[0]
}

func (w apiWorld) registry(t *testing.T) *pricing.Registry {
	t.Helper()
	f := w.figure
	accounts := []pricing.Account{{ID: "master", Bills: true, TimeZone: f.Zone, Jurisdiction: "here"}}
	var subs []pricing.Subscription
	start := w.book.Versions[0].Effective.String() + "T00:00:00Z"
	for _, id := range w.users() {
		accounts = append(accounts, pricing.Account{ID: id, Parent: "master"})
		has := f.Subscriptions
		if len(has) == 0 {
			has = []apiSubscription{{Plan: f.Plan, Start: start}}
		}
		for i, s := range has {
			sub := pricing.Subscription{ID: id + strings.Repeat("+", i), Account: id, Plan: s.Plan, Start: moment(s.Start)}
			if s.End != "" {
				sub.End = moment(s.End)
			}
			subs = append(subs, sub)
		}
	}
	var resources []pricing.Resource
	for i, r := range f.Resources {
		out := pricing.Resource{
			ID: cmp.Or(r.SKU, r.Kind) + "/" + ordinal(i), Account: "customer", Kind: r.Kind, SKU: r.SKU,
			Quantity: qty(r.Quantity), Created: moment(r.Created),
		}
		if r.Deleted != "" {
			out.Deleted = moment(r.Deleted)
		}
		resources = append(resources, out)
	}
	registry, problems := pricing.NewRegistry(accounts, subs, resources)
	problems = append(problems, registry.AddFunds(f.funds(w.book.Currency.Code), []string{w.book.Currency.Code}, nil, nil)...)
	var levels []pricing.ScheduledLevel
	for _, l := range f.Levels {
		levels = append(levels, pricing.ScheduledLevel{Schedule: l.Schedule, LevelChange: pricing.LevelChange{From: moment(l.From), Level: l.Level}})
	}
	registry.AddLevels(levels)
	if len(problems) > 0 {
		t.Fatalf("the registry has problems: %+v", problems)
	}
	return registry
}

// funds are the figure's tax, and a payment and adjustment on its month's first
// days.
func (f apiFigure) funds(currency string) (out pricing.Funds) {
	if f.TaxRate != "" {
		out.Taxes = []pricing.Tax{{ID: "tax", Jurisdiction: "here", Rate: qty(f.TaxRate)}}
	}
	if f.Payment != "" {
		out.Payments = []pricing.Payment{{ID: "p", Account: "master", Amount: amt(f.Payment), Currency: currency, Time: moment(f.Month + "-02T00:00:00Z")}}
	}
	if f.Adjustment != "" {
		out.Adjustments = []pricing.BalanceAdjustment{{ID: "a", Account: "master", Amount: amt(f.Adjustment), Currency: currency, Time: moment(f.Month + "-03T00:00:00Z")}}
	}
	return out
}

// users are the accounts with a subscription: those that used something.
func (w apiWorld) users() []string {
	users := []string{}
	for _, u := range w.figure.Usage {
		if id := cmp.Or(u.Account, "customer"); !slices.Contains(users, id) {
			users = append(users, id)
		}
	}
	if len(users) == 0 {
		return []string{"customer"}
	}
	return users
}

// event is the state that a rollup keeps of one usage event.
func (w apiWorld) event(t *testing.T, u apiUsage) pricing.UsageState {
	t.Helper()
	m, known := w.book.Versions[0].MeterOf(u.Meter)
	if !known {
		t.Fatalf("the book has no meter %s", u.Meter)
	}
	at := moment(u.Time)
	quantity := u.Quantity
	if u.From != "" { // how long something ran, in seconds
		quantity = money.Ratio(at.Sub(moment(u.From)).Microseconds(), 1_000_000).Quantity().String()
	}
	q, err := qty(quantity).Fixed(12)
	if err != nil {
		t.Fatal(err)
	}
	id, dimensions := cmp.Or(u.Account, "customer"), "{}"
	if len(u.Dimensions) > 0 {
		text, err := json.Marshal(u.Dimensions) // keys are sorted
		if err != nil {
			t.Fatal(err)
		}
		dimensions = string(text)
	}
	out := pricing.UsageState{
		Day: pricing.LocalDay(at, time.UTC), Meter: u.Meter, Dimensions: dimensions, Account: id, Subscription: id,
		Sum: q, Events: 1, Min: q, Max: q, First: q, Last: q, FirstTime: at.UnixMicro(), LastTime: at.UnixMicro(),
	}
	switch m.Grain {
	case pricing.GrainHour:
		out.Slot = at.Truncate(time.Hour).UnixMicro()
	case pricing.GrainFiveMinutes:
		out.Slot = at.Truncate(5 * time.Minute).UnixMicro()
	}
	return out
}
