package pricing_test

import (
	"slices"
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
)

// counted is a world with a unique meter of users, kept by region too.
func counted(price pricing.Price) *world {
	w := oneAccount(price)
	w.book.Versions[0].Meters = []pricing.Meter{{
		ID: "users", Aggregate: pricing.Unique, Of: "user", By: []string{"region"}, DivideBy: money.QuantityOf(1),
	}}
	return w
}

func (w *world) seen(sub, when, region, user string) {
	w.use(sub, "users", when, "1", `{"region":"`+region+`","user":"`+user+`"}`)
}

// docs/billing-rules.md, Unique values: ann on two days and in two regions, and
// bob, are two users; the ann of September is another month's.
func TestMeasureUnique_CountsEachValueOnce(t *testing.T) {
	w := counted(metered("users", "users", unitOf("1.00")))
	w.seen("s", "2026-09-30T10:00:00Z", "eu", "cat")
	w.seen("s", "2026-10-01T10:00:00Z", "eu", "ann")
	w.seen("s", "2026-10-02T10:00:00Z", "us", "ann")
	w.seen("s", "2026-10-02T10:00:00Z", "us", "bob")
	wantLines(t, w.closed(t, "2026-10", false), "users 2.00 2.00")
	// The cost grows on the day on which a value is new.
	wantCost(t, w.daily(t, "2026-10-01").Rows, pricing.ScopeBilled, "1", "1")
	wantCost(t, w.daily(t, "2026-10-02").Rows, pricing.ScopeBilled, "2", "1")
	wantCost(t, w.daily(t, "2026-10-03").Rows, pricing.ScopeBilled, "2", "0")
}

// Each day, or each region, counts by itself: 1 + 2 users a day; ann in both
// regions and bob in one.
func TestMeasureUnique_InEachWindowAndGroup(t *testing.T) {
	for _, each := range []pricing.Each{{Window: pricing.GrainDay}, {By: []string{"region"}}} {
		price := metered("users", "users", unitOf("1.00"))
		price.Each = each
		w := counted(price)
		w.seen("s", "2026-10-01T10:00:00Z", "eu", "ann")
		w.seen("s", "2026-10-02T10:00:00Z", "us", "ann")
		w.seen("s", "2026-10-02T10:00:00Z", "us", "bob")
		wantLines(t, w.closed(t, "2026-10", false), "users 3.00 3.00")
	}
	w := counted(metered("users", "users", pricing.Matrix{By: []string{"region"}, Default: money.MustAmount("10"), HasDefault: true}))
	w.seen("s", "2026-10-01T10:00:00Z", "eu", "ann")
	w.seen("s", "2026-10-02T10:00:00Z", "us", "ann")
	w.seen("s", "2026-10-02T10:00:00Z", "us", "bob")
	wantLines(t, w.closed(t, "2026-10", false), "users 10.00 10.00", "users 20.00 20.00")
}

// In a pool, and where a plan is free below a bound, a value that two accounts
// used is one.
func TestMeasureUnique_IsOneInAPool(t *testing.T) {
	price := metered("users", "users", unitOf("1.00"))
	price.Pool = pricing.PoolBillingAccount
	w := counted(price)
	w.accounts = []pricing.Account{{ID: "acme", Bills: true}, account("one", "acme")}
	w.subs = append(w.subs, pricing.Subscription{ID: "t", Account: "one", Plan: "p", Start: at("2020-01-01T00:00:00Z")})
	w.seen("s", "2026-10-01T10:00:00Z", "eu", "ann")
	w.seen("t", "2026-10-02T10:00:00Z", "eu", "ann")
	w.seen("t", "2026-10-02T10:00:00Z", "eu", "bob")
	wantLines(t, w.closed(t, "2026-10", false), "users 2.00 2.00")
	wantCost(t, w.daily(t, "2026-10-02").Rows, pricing.ScopeBilled, "2", "1")
	wantCost(t, w.daily(t, "2026-10-02").Rows, pricing.ScopeOwn, "3", "2") // one and two
	for bound, want := range map[string][]string{"2": {"users 2.00 0.00"}, "1": {"users 2.00 2.00"}} {
		w.plan().FreeBelow = []pricing.FreeBelow{{Meter: "users", UpTo: money.MustQuantity(bound)}}
		wantLines(t, w.closed(t, "2026-10", false), want...)
	}
	// A subscription's own time cuts what counts of it.
	w.plan().FreeBelow = nil
	w.subs[1].End = at("2026-10-02T00:00:00Z")
	wantLines(t, w.closed(t, "2026-10", false), "users 1.00 1.00")
}

// The explanation of a pool's line tells what each member used, and the values
// of all of them once.
func TestMeasureUnique_ExplainsAPool(t *testing.T) {
	price := metered("users", "users", unitOf("1.00"))
	price.Pool = pricing.PoolAccount
	w := counted(price)
	w.subs = append(w.subs, pricing.Subscription{ID: "t", Account: "acme", Plan: "p", Start: at("2020-01-01T00:00:00Z")})
	w.seen("s", "2026-10-01T10:00:00Z", "eu", "ann")
	w.seen("t", "2026-10-02T10:00:00Z", "eu", "ann")
	w.seen("t", "2026-10-02T10:00:00Z", "eu", "bob")
	var got []string
	m := pricing.MonthOf(day("2026-10-01"))
	w.closing(t, pricing.Closing{Month: m, AsOf: m.Next().First().AddDays(2).UTC(), Issuer: "Acme AG", Tracer: func(e pricing.Explanation) {
		for _, s := range e.Steps {
			if !e.Own && (s.Kind == pricing.StepMeasure || s.Kind == pricing.StepConvert) {
				got = append(got, s.Subscription+" "+s.Label+" "+s.Quantity.String())
			}
		}
	}})
	if want := []string{"s unique of users 1", "t unique of users 2", " together, each value once 2"}; !slices.Equal(got, want) {
		t.Errorf("steps are %q, want %q", got, want)
	}
}
