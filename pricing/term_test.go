package pricing_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/pricing/pricingtest"
)

// cloudTerms is CloudSigma's discount table (billing-api-vectors.md 54) with a
// price for a GB of 2^30 bytes for 30 days.
func cloudTerms(unit string) pricing.Term {
	t := pricing.Term{Unit: money.MustAmount(unit), DivideBy: money.QuantityOf(1 << 30), PerSeconds: 30 * 86400}
	for _, d := range []struct {
		name    string
		months  int
		percent int64
	}{{"1 month", 1, 0}, {"3 months", 3, 3}, {"6 months", 6, 10}, {"1 year", 12, 25}, {"2 years", 24, 35}, {"3 years", 36, 45}} {
		t.Discounts = append(t.Discounts, pricing.TermDiscount{Name: d.name, Months: d.months, Percent: money.QuantityOf(d.percent)})
	}
	return t
}

func buying(t pricing.Term, bought ...pricing.Resource) *world {
	w := oneAccount(pricing.Price{ID: "disk", Resource: "disk", Model: t})
	w.subs[0].Start = at("2014-01-01T00:00:00Z")
	w.resources = bought
	return w
}

func disk(id, sku, bytes, created, deleted string) pricing.Resource {
	r := pricing.Resource{ID: id, Account: "acme", Kind: "disk", SKU: sku, Quantity: money.MustQuantity(bytes), Created: at(created)}
	if deleted != "" {
		r.Deleted = at(deleted)
	}
	return r
}

func TestTerm_CloudSigmaSubscriptions(t *testing.T) {
	for _, c := range []struct {
		vector string
		bought pricing.Resource
		month  string
		want   string
		parts  []string
	}{
		// The vector has 24 places: 1.010484993457794189453125; amounts have 20.
		{"50", disk("r", "1 month", "10000000000", "2015-03-19T13:55:00Z", "2015-04-20T12:00:00Z"), "2015-03", "1.01048499345779418945", []string{"r 1.01048499345779418945"}},
		{"52", disk("r", "1 year", "32212254720", "2015-08-26T12:00:00Z", ""), "2015-08", "28.8225", []string{"r 38.43", "r, 1 year: 25 % off -9.6075"}},
		// The same by its dates: 366 days hold a year.
		{"52 by dates", disk("r", "", "32212254720", "2015-08-26T12:00:00Z", "2016-08-26T12:00:00Z"), "2015-08", "28.8225", []string{"r 38.43", "r, 1 year: 25 % off -9.6075"}},
		// A second less than a year is at the discount of six months:
		// 30 × (366 × 86400 − 1) ÷ 2592000 × 0.105 × 0.9.
		{"less than a year", disk("r", "", "32212254720", "2015-08-26T12:00:00Z", "2016-08-26T11:59:59Z"), "2015-08", "34.58699890625", nil},
		// A month from 31 January has 28 days: 1 × 28 ÷ 30 × 0.105.
		{"clamped", disk("r", "1 month", "1073741824", "2015-01-31T00:00:00Z", ""), "2015-01", "0.098", nil},
	} {
		w := buying(cloudTerms("0.105"), c.bought)
		l := w.exactLine(t, c.month)
		if l.ExactSubtotal.Cmp(money.MustAmount(c.want)) != 0 {
			t.Errorf("vector %s costs %s, want %s", c.vector, l.ExactSubtotal, c.want)
		}
		var parts []string
		for _, p := range l.Parts {
			parts = append(parts, fmt.Sprint(p.Label, " ", p.Amount))
		}
		if c.parts != nil && !slices.Equal(parts, c.parts) {
			t.Errorf("vector %s has parts %q, want %q", c.vector, parts, c.parts)
		}
	}
}

// billing-api-vectors.md 54: 30 GB for the nominal days from 1 January 2015, at
// 0.10: days × 0.10, less the discount.
func TestTerm_DiscountsByPeriod(t *testing.T) {
	for sku, want := range map[string]string{
		"1 month":  "3.1",    // 31 days
		"3 months": "8.73",   // 90 days: 9.00 × 0.97
		"6 months": "16.29",  // 181 days: 18.10 × 0.90
		"1 year":   "27.375", // 365 days: 36.50 × 0.75
		"2 years":  "47.515", // 731 days, 2016 is a leap year: 73.10 × 0.65
		"3 years":  "60.28",  // 1096 days: 109.60 × 0.55
	} {
		w := buying(cloudTerms("0.10"), disk("r", sku, "32212254720", "2015-01-01T00:00:00Z", ""))
		if l := w.exactLine(t, "2015-01"); l.ExactSubtotal.Cmp(money.MustAmount(want)) != 0 {
			t.Errorf("%s costs %s, want %s", sku, l.ExactSubtotal, want)
		}
	}
}

func TestTerm_IsBilledOnceWhereItWasBought(t *testing.T) {
	bought := disk("r", "3 months", "1073741824", "2026-10-31T23:00:00Z", "")
	w := buying(cloudTerms("0.30"), bought, disk("free", "1 month", "0", "2026-09-05T00:00:00Z", ""))
	// 31 October + 3 months is 31 January: 92 days ÷ 30 × 0.30 × 0.97 = 0.8924.
	wantLines(t, w.closed(t, "2026-09", false))
	wantLines(t, w.closed(t, "2026-10", false), "disk 0.89 0.89")
	wantLines(t, w.closed(t, "2026-11", false))
	// In Zurich it was bought on 1 November: 92 days again, in the next closing.
	w.accounts[0].TimeZone = "Europe/Zurich"
	wantLines(t, w.closed(t, "2026-10", false))
	wantLines(t, w.closed(t, "2026-11", false), "disk 0.89 0.89")
	w.accounts[0].TimeZone = ""
	w.subs[0].PriceOverrides = map[string]money.Amount{"disk": money.MustAmount("30")}
	wantLines(t, w.closed(t, "2026-10", false), "disk 89.24 89.24")
	wantCost(t, w.daily(t, "2026-10-30").Rows, pricing.ScopeBilled, "0", "0")
	wantCost(t, w.daily(t, "2026-10-31").Rows, pricing.ScopeBilled, "89.24", "89.24")
}

func TestTerm_ParksWhatNamesNoLength(t *testing.T) {
	w := buying(cloudTerms("0.30"), disk("r", "5 weeks", "1", "2026-10-05T00:00:00Z", ""))
	wantParked(t, w.closed(t, "2026-10", false).Parked, "acme missing_sku")
	w.resources[0].SKU = "" // nor a time when it ends
	wantParked(t, w.closed(t, "2026-10", false).Parked, "acme missing_sku")
	w.resources[0].SKU, w.resources[0].Quantity = "1 month", money.MustQuantity("99999999999999999999999999")
	w.plan().Prices[0].Model = pricing.Term{Unit: money.MustAmount("99999999999"), DivideBy: money.QuantityOf(1), PerSeconds: 1, Discounts: cloudTerms("1").Discounts}
	wantParked(t, w.closed(t, "2026-10", false).Parked, "acme overflow")
	for _, bad := range []pricing.Term{{PerSeconds: 1}, {DivideBy: money.QuantityOf(1)}} {
		registry, _ := pricing.NewRegistry(w.accounts, w.subs, nil)
		w.plan().Prices[0].Model = bad
		if _, err := pricing.NewRater(w.book, registry); err == nil {
			t.Errorf("NewRater accepts %+v", bad)
		}
	}
}

func TestTerm_AgreesWithTheOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		model := cloudTerms(pricingtest.Amounts(6, false).Draw(t, "unit").String())
		model.PerSeconds = rapid.SampledFrom([]int64{3600, 86400, 2592000, 7}).Draw(t, "per")
		model.DivideBy = rapid.SampledFrom([]money.Quantity{money.QuantityOf(1), money.QuantityOf(1 << 30), money.MustQuantity("0.7")}).Draw(t, "divide by")
		created := at("2023-12-15T00:00:00Z").Add(time.Duration(rapid.Int64Range(0, 900*86400).Draw(t, "created")) * time.Second)
		bought := disk("r", rapid.SampledFrom([]string{"", "1 month", "3 months", "6 months", "1 year", "3 years"}).Draw(t, "sku"),
			pricingtest.Quantities(3, false).Draw(t, "quantity").String(), created.Format(time.RFC3339), "")
		if bought.SKU == "" {
			bought.Deleted = created.Add(time.Duration(rapid.Int64Range(1, 1200*86400).Draw(t, "held")) * time.Second)
		}
		w := buying(model, bought)
		r := rater(t, w)
		month := pricing.MonthOf(pricing.DateOf(created))
		last := month.Next().First().AddDays(-1)
		got, err := r.Daily(r.Trees()[0], pricing.TreeUsage{}, last, at("2030-01-01T00:00:00Z"))
		if err != nil || len(got.Parked) > 0 || len(got.Rows) != 1 {
			t.Fatalf("day gives %+v, %v", got, err)
		}
		want := pricingtest.Round(pricingtest.TermPrice(model, bought), 20, money.HalfEven)
		if pricingtest.Rat(got.Rows[0].CumulativeSubtotal).Cmp(want) != 0 {
			t.Fatalf("%+v at %+v costs %s, want %s", bought, model, got.Rows[0].CumulativeSubtotal, want.FloatString(22))
		}
	})
}
