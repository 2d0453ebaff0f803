package pricing_test

import (
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
)

// packaged prices storage, of which packages bring 10 and 50 GB, or all.
func packaged(packages ...pricing.Resource) *world {
	p := metered("storage", "storage", unitOf("1"))
	p.Included = &pricing.Included{Resource: "package", Units: []pricing.IncludedUnits{
		{SKU: "huge", All: true}, {SKU: "large", Units: money.QuantityOf(50)}, {SKU: "small", Units: money.QuantityOf(10)},
	}}
	w := oneAccount(p)
	w.resources = packages
	return w
}

func pack(id, sku, quantity, created, deleted string) pricing.Resource {
	r := vm(id, created, deleted)
	r.Kind, r.SKU, r.Quantity = "package", sku, money.MustQuantity(quantity)
	return r
}

// billing-api-vectors.md 34: 10 GB are included; 12.5 are billed as 2.5, 9 as 0.
// The others follow: units × quantity × the part of the period.
func TestIncluded_ComesWithPackages(t *testing.T) {
	since := "2026-01-01T00:00:00Z"
	for what, c := range map[string]struct {
		bytes    string
		packages []pricing.Resource
		want     []string
	}{
		"34":                 {"12500", []pricing.Resource{pack("a", "small", "1", since, "")}, []string{"storage 2.50 2.50"}},
		"34 below":           {"9000", []pricing.Resource{pack("a", "small", "1", since, "")}, []string{"storage 0.00 0.00"}},
		"none":               {"12500", nil, []string{"storage 12.50 12.50"}},
		"two packages":       {"70000", []pricing.Resource{pack("a", "small", "1", since, ""), pack("b", "large", "1", since, "")}, []string{"storage 10.00 10.00"}},
		"three of one":       {"31000", []pricing.Resource{pack("a", "small", "3", since, "")}, []string{"storage 1.00 1.00"}},
		"everything":         {"70000", []pricing.Resource{pack("a", "huge", "1", since, "")}, []string{"storage 0.00 0.00"}},
		"none of everything": {"70000", []pricing.Resource{pack("a", "huge", "0", since, "")}, []string{"storage 70.00 70.00"}},
		"gone before":        {"12500", []pricing.Resource{pack("a", "huge", "1", since, "2026-10-01T00:00:00Z")}, []string{"storage 12.50 12.50"}},
		"another kind":       {"12500", []pricing.Resource{vm("a", since, "")}, []string{"storage 12.50 12.50"}},
		// 10 × 15.5 ÷ 31 days = 5 are included.
		"half of the month": {"12500", []pricing.Resource{pack("a", "small", "1", "2026-10-16T12:00:00Z", "")}, []string{"storage 7.50 7.50"}},
		// An upgrade: 10 × 0.5 + 50 × 0.5 = 30.
		"an upgrade": {"31000", []pricing.Resource{
			pack("a", "small", "1", since, "2026-10-16T12:00:00Z"), pack("b", "large", "1", "2026-10-16T12:00:00Z", ""),
		}, []string{"storage 1.00 1.00"}},
	} {
		w := packaged(c.packages...)
		w.use("s", "storage", "2026-09-20T00:00:00Z", c.bytes)
		got := w.closed(t, "2026-10", false)
		t.Run(what, func(t *testing.T) { wantLines(t, got, c.want...) })
	}
}

func TestIncluded_BesideAllowanceMonthPoolAndVersion(t *testing.T) {
	since := "2026-01-01T00:00:00Z"
	w := packaged(pack("a", "small", "1", since, ""))
	w.use("s", "storage", "2026-09-20T00:00:00Z", "31000")
	w.plan().Prices[0].Allowance = money.QuantityOf(1)
	wantLines(t, w.closed(t, "2026-10", false), "storage 20.00 20.00")
	w.conventions().Month = pricing.Month730Hours // 744 hours include 10, not 10 × 744 ÷ 730
	wantLines(t, w.closed(t, "2026-10", false), "storage 20.00 20.00")
	w.plan().Prices[0].Allowance = money.Quantity{}
	w.plan().Prices[0].Pool = pricing.PoolAccount
	w.subs = append(w.subs, pricing.Subscription{ID: "t", Account: "acme", Plan: "p", Start: at("2020-01-01T00:00:00Z")})
	w.resources[0].Subscription = "s"
	w.resources = append(w.resources, pack("b", "large", "1", since, ""))
	w.resources[1].Subscription = "t"
	w.use("t", "storage", "2026-09-20T00:00:00Z", "40000") // 71 together, of which 60 are included
	wantLines(t, w.closed(t, "2026-10", false), "storage 11.00 11.00")
	w.resources[1].Subscription = "" // it could be either's
	wantParked(t, w.closed(t, "2026-10", false).Parked, "acme ambiguous_resource")

	w = packaged(pack("a", "small", "1", since, "")) // 21 and 10 of 31 days, each with its part
	w.use("s", "storage", "2026-09-20T00:00:00Z", "41000")
	w.addVersion("2026-10-11", func(*pricing.Plan) {})
	wantLines(t, w.closed(t, "2026-10", false), "storage 10.00 10.00", "storage 21.00 21.00")
	wantCost(t, w.daily(t, "2026-10-01").Rows, pricing.ScopeBilled, "0", "0") // 41 ÷ 31 of the 100 ÷ 31 that come
}

func TestIncluded_ParksAPackageWithoutUnits(t *testing.T) {
	w := packaged(pack("a", "tiny", "1", "2026-01-01T00:00:00Z", ""))
	w.use("s", "storage", "2026-09-20T00:00:00Z", "31000")
	wantParked(t, w.closed(t, "2026-10", false).Parked, "acme missing_sku")
	wantParked(t, w.rater(t).Foreseen(), "acme missing_sku")
}

func TestNewRater_RefusesUnitsInWhatHasNoOneQuantity(t *testing.T) {
	in := &pricing.Included{Resource: "package"}
	for what, p := range map[string]pricing.Price{
		"each":     {ID: "x", Meter: "sum", Model: unitOf("1"), Each: pricing.Each{Window: pricing.GrainDay}, Included: in},
		"a bundle": {ID: "x", Meter: "max", Model: seatsAndStorage(), Included: in},
		"a fee":    {ID: "x", Model: pricing.Fixed{}, Included: in},
		"prorated": {ID: "x", Meter: "sum", Model: unitOf("1"), Prorate: pricing.ProrateTime, Included: in},
	} {
		w := oneAccount(p)
		registry, _ := pricing.NewRegistry(w.accounts, w.subs, nil)
		if _, err := pricing.NewRater(w.book, registry); err == nil {
			t.Errorf("%s: NewRater accepts it", what)
		}
	}
}

// Two members of a pool use the values a, b, c and c, d: four. A package brings
// two, so that two are billed: a value that both used is one, and what comes with
// resources comes with them in a pool too.
func TestIncluded_OfAPoolOfUniqueValues(t *testing.T) {
	p := metered("users", "users", unitOf("1"))
	p.Pool = pricing.PoolAccount
	p.Included = &pricing.Included{Resource: "package", Units: []pricing.IncludedUnits{{SKU: "small", Units: money.QuantityOf(2)}}}
	w := oneAccount(p)
	w.book.Versions[0].Meters = append(w.book.Versions[0].Meters, pricing.Meter{ID: "users", Aggregate: pricing.Unique, Of: "user", DivideBy: money.QuantityOf(1)})
	w.subs = append(w.subs, pricing.Subscription{ID: "s2", Account: "acme", Plan: w.subs[0].Plan, Start: w.subs[0].Start})
	r := pack("a", "small", "1", "2026-01-01T00:00:00Z", "")
	r.Subscription = "s"
	w.resources = []pricing.Resource{r}
	for _, u := range [][2]string{{"s", "a"}, {"s", "b"}, {"s", "c"}, {"s2", "c"}, {"s2", "d"}} {
		w.usage = append(w.usage, pricing.UsageState{
			Day: day("2026-10-05"), Meter: "users", Dimensions: `{"user":"` + u[1] + `"}`, Account: "acme", Subscription: u[0], Events: 1,
		})
	}
	wantLines(t, w.closed(t, "2026-10", false), "users 2.00 2.00")
}
