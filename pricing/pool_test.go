package pricing_test

import (
	"fmt"
	"slices"
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
)

// pooledWorld is a master organisation that pays for two organisations, each
// with a subscription to a plan of pooled storage and unpooled traffic.
func pooledWorld(pool pricing.Pool) *world {
	storage := metered("storage", "max", rokkaStorage())
	storage.Pool = pool
	w := oneAccount(storage, metered("traffic", "sum", unitOf("0.50")))
	w.accounts = []pricing.Account{{ID: "acme", Bills: true}, account("one", "acme"), account("two", "acme")}
	w.subs = []pricing.Subscription{
		{ID: "s1", Account: "one", Plan: "p", Start: at("2026-01-01T00:00:00Z")},
		{ID: "s2", Account: "two", Plan: "p", Start: at("2026-01-01T00:00:00Z")},
	}
	w.use("s1", "max", "2026-10-05T00:00:00Z", "300")
	w.use("s2", "max", "2026-10-06T00:00:00Z", "300")
	w.use("s2", "sum", "2026-10-06T00:00:00Z", "10")
	return w
}

func shares(rows []pricing.CostRow) []string {
	var out []string
	for _, r := range rows {
		out = append(out, fmt.Sprintf("%s/%s %s %s %s", r.Account, r.Subscription, r.Price, r.Scope, r.CumulativeTotal))
	}
	return out
}

// rokka 66 of billing-api-vectors.md: 300 GB + 300 GB: per org 120.00 each,
// combined 220.00.
func TestPool_CountsTheWholeTreeAndShowsEachItsOwn(t *testing.T) {
	w := pooledWorld(pricing.PoolBillingAccount)
	got := w.closed(t, "2026-10", false)
	wantLines(t, got, "storage 220.00 220.00", "traffic 5.00 5.00")
	own := got.Invoices[0].Own
	if len(own) != 2 || own[0].Account != "one" || own[0].Total.String() != "120" || own[1].Total.String() != "120" || own[1].Number != 2 {
		t.Errorf("shares are %+v", own)
	}
	if got.Invoices[0].BillingAccount != "acme" || len(got.Invoices) != 1 {
		t.Errorf("invoices are %+v", got.Invoices)
	}
	day := w.daily(t, "2026-10-06").Rows
	want := []string{
		"acme/ storage billed 220", "one/s1 storage own 120", "one/s1 traffic billed 0", "two/s2 storage own 120", "two/s2 traffic billed 5",
	}
	if got := shares(day); !slices.Equal(got, want) {
		t.Errorf("rows are %q, want %q", got, want)
	}
	wantCost(t, day, pricing.ScopeBilled, "225", "105") // 120 stood the day before
}

func TestPool_ByAccountCountsItsSubscriptions(t *testing.T) {
	w := pooledWorld(pricing.PoolAccount)
	w.subs = append(w.subs, pricing.Subscription{ID: "s3", Account: "two", Plan: "p", Start: at("2026-10-10T00:00:00Z")})
	w.use("s3", "max", "2026-10-11T00:00:00Z", "300")
	wantLines(t, w.closed(t, "2026-10", false), "storage 120.00 120.00", "storage 220.00 220.00", "traffic 5.00 5.00")
	want := []string{"one/ storage billed 120", "one/s1 storage own 120"}
	if got := shares(w.daily(t, "2026-10-20").Rows); !slices.Equal(got[:2], want) {
		t.Errorf("rows are %q, want first %q", got, want)
	}
}

func TestPool_OtherPeriodsAreOtherPools(t *testing.T) {
	w := pooledWorld(pricing.PoolBillingAccount)
	w.subs[1].Anchor = 15
	wantLines(t, w.closed(t, "2026-10", false), "storage 120.00 120.00", "storage 120.00 120.00", "traffic 5.00 5.00")
}

func TestPool_IsBilledWhenItsLastPartEnds(t *testing.T) {
	w := pooledWorld(pricing.PoolBillingAccount)
	w.plan().Cycle.Anchor.Day = 15
	w.subs[1].End = at("2026-10-10T00:00:00Z")
	wantLines(t, w.closed(t, "2026-10", false), "storage 220.00 220.00", "traffic 5.00 5.00")
	w.subs[0].End = at("2026-09-20T00:00:00Z")
	w.usage[0].Day = day("2026-09-16")
	// The period is 15 September to 15 October; the first part ends in September.
	wantLines(t, w.closed(t, "2026-09", false))
	got := w.closed(t, "2026-10", false)
	wantLines(t, got, "storage 220.00 220.00", "traffic 5.00 5.00")
	if l := got.Invoices[0].Lines[0]; !l.PeriodStart.Equal(at("2026-09-15T00:00:00Z")) || !l.PeriodEnd.Equal(at("2026-10-10T00:00:00Z")) {
		t.Errorf("the pool's line is of %s to %s", l.PeriodStart, l.PeriodEnd)
	}
}

func TestPool_AdjustmentsOfThePlanLookAtThePool(t *testing.T) {
	for _, c := range []struct {
		name string
		pool pricing.Pool
		on   []string
		want []string
	}{
		// 220 + 5 + 0 together are 75 short, all lines above zero share it.
		{"over the tree", pricing.PoolBillingAccount, nil, []string{"storage 220.00 293.33", "traffic 5.00 6.67"}},
		{"on what is not pooled", pricing.PoolBillingAccount, []string{"traffic"}, []string{"storage 220.00 220.00", "traffic 0.00 300.00", "traffic 5.00 300.00"}},
		// one: 120 + 0; two: 120 + 5.
		{"over each account", pricing.PoolAccount, nil, []string{"storage 120.00 300.00", "storage 120.00 288.00", "traffic 5.00 12.00"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := pooledWorld(c.pool)
			minimum := minimumCharge("300")
			minimum.On = c.on
			w.plan().Adjust = []pricing.Adjustment{minimum}
			wantLines(t, w.closed(t, "2026-10", false), c.want...)
		})
	}
}

func TestPool_MinimumOverNothingGoesToTheLineItNames(t *testing.T) {
	w := pooledWorld(pricing.PoolBillingAccount)
	w.usage = nil
	minimum := minimumCharge("10")
	minimum.To = "storage"
	w.plan().Adjust = []pricing.Adjustment{minimum}
	got := w.closed(t, "2026-10", false)
	wantLines(t, got, "storage 0.00 10.00")
	if inv := got.Invoices[0]; inv.Discount.String() != "-10" || inv.AmountDue.String() != "10" {
		t.Errorf("discount is %s, due %s", inv.Discount, inv.AmountDue)
	}
}

func TestPool_IsFreeOnlyTogether(t *testing.T) {
	w := pooledWorld(pricing.PoolBillingAccount)
	w.plan().FreeBelow = []pricing.FreeBelow{{Meter: "max", UpTo: money.QuantityOf(599)}}
	got := w.closed(t, "2026-10", false)
	wantLines(t, got, "storage 220.00 220.00", "traffic 5.00 5.00")
	if own := got.Invoices[0].Own; !own[0].Total.IsZero() || own[0].Discount.String() != "120" {
		t.Errorf("by itself an organisation is below the bound, but its share is %+v", own[0])
	}
	w.plan().FreeBelow[0].UpTo = money.QuantityOf(600)
	wantLines(t, w.closed(t, "2026-10", false), "storage 220.00 0.00", "traffic 5.00 0.00")
}

func TestPool_GroupsOfAMatrixAddUp(t *testing.T) {
	w := pooledWorld(pricing.PoolBillingAccount)
	w.usage = nil
	price := metered("compute", "sum", matrixOf("a", "x", "2.00"))
	price.Pool = pricing.PoolBillingAccount
	w.plan().Prices = []pricing.Price{price}
	w.use("s1", "sum", "2026-10-06T00:00:00Z", "1", `{"region":"x","type":"a"}`)
	w.use("s2", "sum", "2026-10-06T00:00:00Z", "2", `{"region":"x","type":"a"}`)
	w.use("s2", "sum", "2026-10-06T00:00:00Z", "1", `{"region":"y","type":"a"}`)
	wantLines(t, w.closed(t, "2026-10", false), "compute 6.00 6.00", "compute 3.00 3.00")
}

func TestPool_OverridesMustAgree(t *testing.T) {
	w := pooledWorld(pricing.PoolBillingAccount)
	w.plan().Prices[0].Model = unitOf("0.40")
	w.subs[0].PriceOverrides = map[string]money.Amount{"storage": money.MustAmount("0.10")}
	wantParked(t, w.closed(t, "2026-10", false).Parked, "one override_conflict", "two override_conflict")
	w.subs[1].PriceOverrides = map[string]money.Amount{"storage": money.MustAmount("0.1")}
	wantLines(t, w.closed(t, "2026-10", false), "storage 60.00 60.00", "traffic 5.00 5.00")
}

func TestPool_IsNotPricedWithoutAllItsAccounts(t *testing.T) {
	fine := pricing.Subscription{ID: "s4", Account: "three", Plan: "q", Start: at("2026-01-01T00:00:00Z")}
	withOther := func() *world {
		w := pooledWorld(pricing.PoolBillingAccount)
		w.book.Versions[0].Plans = append(w.book.Versions[0].Plans, pricing.Plan{ID: "q", Cycle: calendar(1, 1), Prices: []pricing.Price{fixedFee("fee", "5")}})
		w.accounts = append(w.accounts, account("three", "acme"))
		w.subs = append(w.subs, fine)
		return w
	}
	for _, c := range []struct {
		name   string
		change func(*world)
		want   []string
	}{
		{"an account that cannot be rated", func(w *world) {
			w.use("s1", "sum", "2026-10-05T00:00:00Z", "1")
			w.usage[len(w.usage)-1].Subscription = "gone"
		}, []string{"one subscription_gone", "two pool_incomplete"}},
		{"a subscription that was left out", func(w *world) { w.subs[0].End = at("2025-01-01T00:00:00Z") }, []string{"two pool_incomplete"}},
		{"an account that was left out", func(w *world) { w.accounts[1].TimeZone = "Nowhere" }, []string{"two pool_incomplete"}},
		{"another currency", func(w *world) { w.accounts[1].Currency = "EUR" }, []string{"one currency_mismatch", "two pool_incomplete"}},
		{"a quantity that does not fit", func(w *world) {
			for range 3 {
				w.use("s1", "sum", "2026-10-05T00:00:00Z", "99999999999999999999999999")
			}
		}, []string{"one overflow", "two pool_incomplete"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := withOther()
			c.change(w)
			got := w.closed(t, "2026-10", false)
			wantParked(t, got.Parked, c.want...)
			wantLines(t, got, "fee 5.00 5.00")
			wantParked(t, w.daily(t, "2026-10-05").Parked, c.want...)
		})
	}
}

func TestPool_ThatCannotBePricedParksItsMembers(t *testing.T) {
	w := pooledWorld(pricing.PoolBillingAccount)
	w.plan().Prices[0].Model = unitOf("999999999999999999")
	w.usage[0].Max, _ = money.MustQuantity("0.9").Fixed(12)
	w.usage[1].Max, _ = money.MustQuantity("0.9").Fixed(12)
	wantParked(t, w.closed(t, "2026-10", false).Parked, "one overflow", "two overflow")
}
