package pricing_test

import (
	"strings"
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
)

func fees(pool pricing.Pool) pricing.Price {
	p := metered("payments", "sum", pricing.Percentage{Rate: money.MustQuantity("1"), PerEvent: money.MustAmount("0.50"), FreeFees: 1})
	p.Pool = pool
	return p
}

// 1 % of 300 and of 100, and 0.50 for each event but the first.
func TestPercentage_CountsTheEventsOfThePeriod(t *testing.T) {
	w := oneAccount(fees(pricing.PoolSubscription))
	w.use("s", "sum", "2026-09-30T23:00:00Z", "1000")
	w.use("s", "sum", "2026-10-05T10:00:00Z", "300", `{"region":"eu"}`)
	w.use("s", "sum", "2026-10-05T11:00:00Z", "100", `{"region":"us"}`)
	w.use("s", "sum", "2026-10-20T11:00:00Z", "0")
	wantCost(t, w.daily(t, "2026-10-04").Rows, pricing.ScopeBilled, "0", "0")
	wantCost(t, w.daily(t, "2026-10-05").Rows, pricing.ScopeBilled, "4.50", "4.50")
	wantCost(t, w.daily(t, "2026-10-20").Rows, pricing.ScopeBilled, "5.00", "0.50")
	wantLines(t, w.closed(t, "2026-10", false), "payments 5.00 5.00")
}

func TestPercentage_PoolCountsTheEventsOfAll(t *testing.T) {
	w := oneAccount(fees(pricing.PoolBillingAccount))
	w.subs = append(w.subs, pricing.Subscription{ID: "s2", Account: "acme", Plan: "p", Start: at("2020-01-01T00:00:00Z")})
	w.use("s", "sum", "2026-10-05T10:00:00Z", "300")
	w.use("s2", "sum", "2026-10-05T10:00:00Z", "100")
	got := w.daily(t, "2026-10-05").Rows
	wantCost(t, got, pricing.ScopeBilled, "4.50", "4.50")
	wantCost(t, got, pricing.ScopeOwn, "4", "4")
}

func TestNewRater_RefusesAmountsThatTheMeterDoesNotSum(t *testing.T) {
	for _, model := range []pricing.Model{pricing.Percentage{}, pricing.GraduatedPercentage{}, pricing.Dynamic{}} {
		w := oneAccount(metered("payments", "max", model))
		registry, _ := pricing.NewRegistry(w.accounts, w.subs, nil)
		if _, err := pricing.NewRater(w.book, registry); err == nil || !strings.Contains(err.Error(), "sum of amounts") {
			t.Errorf("%s over a maximum: %v", model.Name(), err)
		}
	}
}
