package pricing_test

import (
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
)

// billing-api-vectors.md 18 to 26: hours to four places, each amount to eight,
// half up; the product of the first is 0.020547945.
func TestRounding_ComputeStacksHours(t *testing.T) {
	model := pricing.Price{
		ID: "vm", Resource: "vm", RoundTo: &pricing.QuantityRounding{Places: 4, Mode: money.HalfUp},
		RoundAmount: &pricing.AmountRounding{Places: 8, Mode: money.HalfUp},
		Model:       pricing.ResourceTime{Unit: money.MustAmount("0.00685"), PerSeconds: 3600},
	}
	w := oneAccount(model)
	for _, c := range []struct{ start, end, hours, total string }{
		{"2020-06-04T14:15:01.116225Z", "2020-06-04T17:15:00.129173Z", "2.9997", "0.02054795"},
		{"2020-06-04T08:15:01.353072Z", "2020-06-04T11:15:00.786707Z", "2.9998", "0.02054863"},
		{"2020-06-04T02:15:01.344492Z", "2020-06-04T05:15:00.900248Z", "2.9999", "0.02054932"},
		{"2020-06-02T22:15:01.55601Z", "2020-06-02T23:15:00.395865Z", "0.9997", "0.00684795"},
		{"2020-06-02T19:15:01.101276Z", "2020-06-02T21:15:00.199602Z", "1.9997", "0.01369795"},
	} {
		w.resources = []pricing.Resource{vm("a", c.start, c.end)}
		l := w.exactLine(t, "2020-06")
		if l.ExactSubtotal.Cmp(money.MustAmount(c.total)) != 0 || l.Quantity.String() != c.hours {
			t.Errorf("%s to %s: %s for %s h, want %s for %s", c.start, c.end, l.ExactSubtotal, l.Quantity, c.total, c.hours)
		}
	}
	// Two of them are added as they were rounded: 0.02054795 + 0.02054863.
	w.resources = []pricing.Resource{
		vm("a", "2020-06-04T14:15:01.116225Z", "2020-06-04T17:15:00.129173Z"), vm("b", "2020-06-04T08:15:01.353072Z", "2020-06-04T11:15:00.786707Z"),
	}
	if l := w.exactLine(t, "2020-06"); l.ExactSubtotal.Cmp(money.MustAmount("0.04109658")) != 0 {
		t.Errorf("together they cost %s", l.ExactSubtotal)
	}
}

// Windows of 1, 1 and 2 at 0.333 are 0.33 + 0.33 + 0.67; as a whole 1.33.
func TestRounding_EachWindowBeforeTheyAreAdded(t *testing.T) {
	p := metered("x", "hourly", unitOf("0.333"))
	p.RoundAmount = &pricing.AmountRounding{Places: 2, Mode: money.HalfUp}
	w := oneAccount(p)
	w.addHourly(pricing.Sum)
	for hour, used := range map[string]string{"01": "1", "02": "1", "03": "2"} {
		w.useIn("s", at("2026-10-07T"+hour+":00:00Z"), used, `{"region":"r`+hour+`"}`)
	}
	for _, c := range []struct {
		each  pricing.Each
		model pricing.Model
		want  string
	}{
		{pricing.Each{}, unitOf("0.333"), "1.33"},
		{pricing.Each{Window: pricing.GrainHour}, unitOf("0.333"), "1.33"},
		{pricing.Each{}, pricing.Matrix{By: []string{"region"}, HasDefault: true, Default: money.MustAmount("0.335")}, "1.35"}, // 0.34 + 0.34 + 0.67
		{pricing.Each{By: []string{"region"}}, unitOf("0.335"), "1.35"},
		{pricing.Each{}, unitOf("0.335"), "1.34"},
	} {
		price := &w.plan().Prices[0]
		price.Each, price.Model = c.each, c.model
		rows := w.daily(t, "2026-10-07").Rows
		wantCost(t, rows, pricing.ScopeBilled, c.want, c.want)
	}
}

// Orb's tiered package: the quantity is rounded up to the package first, bounds
// are in units. 11 units in packages of 10 are 20: 10 at 5.00 and 10 at 4.00.
func TestRounding_ToWholePackages(t *testing.T) {
	p := metered("x", "sum", pricing.Graduated{Tiers: []pricing.Tier{
		{UpTo: money.QuantityOf(10), Unit: money.MustAmount("5"), Block: money.QuantityOf(10)},
		{Open: true, Unit: money.MustAmount("4"), Block: money.QuantityOf(10)},
	}})
	p.RoundTo = &pricing.QuantityRounding{Step: money.QuantityOf(10), Mode: money.Up}
	for used, want := range map[string]string{"11": "9", "10": "5", "20": "9", "20.5": "13"} {
		w := oneAccount(p)
		w.use("s", "sum", "2026-10-07T00:00:00Z", used)
		wantCost(t, w.daily(t, "2026-10-07").Rows, pricing.ScopeBilled, want, want)
	}
	p.RoundTo = &pricing.QuantityRounding{Step: money.MustQuantity("0.25"), Mode: money.HalfUp}
	p.Model = unitOf("1")
	w := oneAccount(p)
	w.use("s", "sum", "2026-10-07T00:00:00Z", "1.375") // halfway between 1.25 and 1.5
	wantCost(t, w.daily(t, "2026-10-07").Rows, pricing.ScopeBilled, "1.5", "1.5")
}
