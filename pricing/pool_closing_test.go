package pricing_test

import (
	"testing"

	"daybook/pricing"
)

// docs/billing-rules.md, Accounts: a pool is billed when its billing period
// ends. It cannot wait for "the last part": who joins after an earlier closing
// would have everybody's usage billed again.
func TestPool_IsBilledOnceWhoeverJoinsLater(t *testing.T) {
	w := pooledWorld(pricing.PoolBillingAccount)
	w.plan().Cycle.Anchor.Day = 15
	w.subs = w.subs[:1]
	w.subs[0].End = at("2026-10-20T00:00:00Z")
	w.usage = nil
	w.use("s1", "max", "2026-10-16T00:00:00Z", "300") // of 15 October to 15 November
	wantLines(t, w.closed(t, "2026-10", false))
	w.subs = append(w.subs, pricing.Subscription{ID: "s2", Account: "two", Plan: "p", Start: at("2026-11-05T00:00:00Z")})
	w.use("s2", "max", "2026-11-06T00:00:00Z", "300")
	wantLines(t, w.closed(t, "2026-10", false))
	wantLines(t, w.closed(t, "2026-11", false), "storage 220.00 220.00")
}

// docs/billing-rules.md, Starts and ends: minimums are shared by time, so that
// nobody owes one twice for a period: also where one member had the first
// version and another one the second.
func TestPool_OwesAMinimumOnceThroughVersions(t *testing.T) {
	w := pooledWorld(pricing.PoolBillingAccount)
	w.usage = nil
	w.plan().Prices = w.plan().Prices[:1]
	w.plan().Adjust = []pricing.Adjustment{minimumCharge("31")}
	w.addVersion("2026-10-11", func(*pricing.Plan) {})
	w.subs[0].End = at("2026-10-05T00:00:00Z")
	w.subs[1].Start = at("2026-10-20T00:00:00Z")
	wantLines(t, w.closed(t, "2026-10", false), "storage 0.00 10.00", "storage 0.00 21.00")
}

// A plan minimum looks the same on each day whether or not a later member of
// the pool has begun: what one closing bills together is one sum.
func TestPool_ADaysMinimumIsThatOfTheClosing(t *testing.T) {
	w := pooledWorld(pricing.PoolBillingAccount)
	w.plan().Cycle.Anchor.Day = 15
	w.plan().Adjust = []pricing.Adjustment{minimumCharge("300")}
	w.usage = nil
	w.subs[0].Start = at("2026-10-15T00:00:00Z")
	w.subs[0].End = at("2026-10-20T00:00:00Z") // its traffic is billed in October, the pool in November
	w.subs[1].Start = at("2026-11-05T00:00:00Z")
	w.use("s1", "max", "2026-10-16T00:00:00Z", "300")
	w.use("s1", "sum", "2026-10-16T00:00:00Z", "10")
	wantLines(t, w.closed(t, "2026-10", false), "traffic 5.00 5.00")
	wantLines(t, w.closed(t, "2026-11", false), "storage 120.00 300.00")
	for _, date := range []string{"2026-10-16", "2026-10-25", "2026-11-04", "2026-11-05", "2026-11-14"} {
		diff := "0"
		if date == "2026-10-16" {
			diff = "5" // the minimum stood since the day before
		}
		wantCost(t, w.daily(t, date).Rows, pricing.ScopeBilled, "305", diff)
	}
}
