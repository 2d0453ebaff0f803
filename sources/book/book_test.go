package book

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daybook/pricing"
	"daybook/pricing/money"
)

func parseFile(t *testing.T, name string) *pricing.Book {
	t.Helper()
	content, err := os.ReadFile("../../testdata/books/" + name)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Parse([]File{{Name: name, Content: content}})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// wantEqual compares by value: numbers by what they are worth, positions not.
func wantEqual(t *testing.T, what string, got, want any) {
	t.Helper()
	position := reflect.TypeFor[pricing.Position]()
	if d := cmp.Diff(want, got,
		cmp.Comparer(func(a, b money.Amount) bool { return a.Cmp(b) == 0 }),
		cmp.Comparer(func(a, b money.Quantity) bool { return a.Cmp(b) == 0 }),
		cmp.FilterPath(func(p cmp.Path) bool { return p.Last().Type() == position }, cmp.Ignore()),
	); d != "" {
		t.Errorf("%s: -want +got\n%s", what, d)
	}
}

func priceOf(t *testing.T, b *pricing.Book, version int, plan, price string) pricing.Price {
	t.Helper()
	p, ok := b.Versions[version].PlanOf(plan)
	if !ok {
		t.Fatalf("no plan %s", plan)
	}
	for _, pr := range p.Prices {
		if pr.ID == price {
			return pr
		}
	}
	t.Fatalf("no price %s in %s", price, plan)
	return pricing.Price{}
}

func amt(s string) money.Amount   { return money.MustAmount(s) }
func qty(s string) money.Quantity { return money.MustQuantity(s) }

// The figures are those of rokka's public price list, as the published
// calculator applies them.
func TestParse_RokkaIsThePublishedPriceList(t *testing.T) {
	b := parseFile(t, "rokka.yaml")
	if b.Name != "rokka" || b.Currency != (money.Currency{Code: "CHF", Digits: 2}) || len(b.Versions) != 1 {
		t.Fatalf("book is %s in %v with %d versions", b.Name, b.Currency, len(b.Versions))
	}
	v := b.Versions[0]
	if v.ID != "rokka@2019-01-01" || v.Conventions != (pricing.Conventions{Rounding: money.HalfUp, Month: pricing.MonthCalendar, Proration: pricing.ProrateTime}) {
		t.Errorf("version %s has conventions %+v", v.ID, v.Conventions)
	}
	wantEqual(t, "storage meter", v.Meters[0], pricing.Meter{
		ID: "storage", Aggregate: pricing.TimeAverage, Of: "bytes", Unit: "GB", DivideBy: qty("1000000000"),
		Grain: pricing.GrainDay, Scale: 12, CarryDays: 31,
	})
	wantEqual(t, "storage", priceOf(t, b, 0, "standard", "storage"), pricing.Price{
		ID: "storage", Description: "Storage", Meter: "storage", Unit: "GB", Pool: pricing.PoolBillingAccount,
		Model: pricing.Graduated{Tiers: []pricing.Tier{
			{UpTo: qty("400"), Unit: amt("0.40")},
			{UpTo: qty("800"), Unit: amt("0.30")},
			{UpTo: qty("1200"), Unit: amt("0.20")},
			{UpTo: qty("1600"), Unit: amt("0.10")},
			{Open: true, Unit: amt("0.08")},
		}},
	})
	plan, _ := v.PlanOf("standard")
	wantEqual(t, "free_below", plan.FreeBelow, []pricing.FreeBelow{{Meter: "storage", UpTo: qty("2")}, {Meter: "traffic", UpTo: qty("10")}})
	if plan.Position != (pricing.Position{File: "rokka.yaml", Line: 18, Column: 3}) {
		t.Errorf("plan stands at %+v, want rokka.yaml:18:3", plan.Position)
	}
}

func TestParse_AkkerisPricesTimeOfResources(t *testing.T) {
	b := parseFile(t, "akkeris.yaml")
	if c := b.Versions[0].Conventions; c.Month != pricing.MonthLessOneSecond || c.Proration != pricing.ProrateTime {
		t.Errorf("conventions are %+v", c)
	}
	wantEqual(t, "addons", priceOf(t, b, 0, "platform", "addons"), pricing.Price{
		ID: "addons", Description: "Add-ons", Resource: "addon", RoundAmount: &pricing.AmountRounding{Places: 2, Mode: money.HalfUp},
		Model: pricing.ResourceTime{OwnLines: true, PriceBy: "sku", Prices: []pricing.SKUPrice{
			{SKU: "alamo-postgresql:small", Price: amt("10")}, {SKU: "alamo-redis:small", Price: amt("5")},
		}},
	})
}

func TestParse_SaasHasOneOfEverything(t *testing.T) {
	b := parseFile(t, "saas.yaml")
	if len(b.Versions) != 2 || b.Versions[1].ID != "saas@2026-04-01" {
		t.Fatalf("versions: %d", len(b.Versions))
	}
	v := b.Versions[0]
	want := []struct {
		plan  string
		price pricing.Price
	}{
		{"starter", pricing.Price{ID: "api_calls", Meter: "api_calls", Allowance: qty("1000"), Model: pricing.Unit{Price: amt("0.001")}}},
		{"business", pricing.Price{ID: "base", Description: "Platform fee", Due: pricing.InAdvance, Prorate: pricing.ProrateTime, Model: pricing.Fixed{Price: amt("99")}}},
		{"business", pricing.Price{ID: "api_calls", Description: "API calls", Meter: "api_calls", Unit: "calls", Model: pricing.Package{Size: qty("1000"), Price: amt("0.8")}}},
		{"business", pricing.Price{ID: "traffic", Description: "Traffic", Meter: "traffic", Unit: "GB", Pool: pricing.PoolBillingAccount, Model: pricing.Graduated{Tiers: []pricing.Tier{
			{UpTo: qty("100")}, {UpTo: qty("1000"), Unit: amt("0.09"), Flat: amt("5")}, {Open: true, Unit: amt("0.07")},
		}}}},
		{"business", pricing.Price{
			ID: "storage", Meter: "storage", Unit: "GB", RoundTo: &pricing.QuantityRounding{Places: 2, Mode: money.HalfUp},
			Model: pricing.Volume{Tiers: []pricing.Tier{{UpTo: qty("500"), Unit: amt("0.20")}, {Open: true, Unit: amt("0.15")}}},
			Adjust: []pricing.Adjustment{
				{Kind: pricing.MinimumCharge, Amount: amt("2")}, {Kind: pricing.MaximumCharge, Amount: amt("400")},
			},
		}},
		{"business", pricing.Price{ID: "instances", Description: "Instances", Meter: "instance_hours", Unit: "hour", Model: pricing.Matrix{
			By: []string{"region", "size"}, Default: amt("0.10"), HasDefault: true, Cells: []pricing.MatrixCell{
				{Values: []string{"eu-west", "large"}, Unit: amt("0.31")},
				{Values: []string{"eu-west", "small"}, Unit: amt("0.08")},
				{Values: []string{"us-east", "small"}, Unit: amt("0.07")},
			},
		}}},
		{"business", pricing.Price{ID: "seats", Meter: "seats", Unit: "seat", Model: pricing.Unit{Price: amt("12.5")}, Adjust: []pricing.Adjustment{
			{Kind: pricing.UsageDiscount, Quantity: qty("2")}, {Kind: pricing.PercentDiscount, Percent: qty("10")},
		}}},
		{"business", pricing.Price{ID: "machines", Resource: "machine", Model: pricing.ResourceTime{Unit: amt("0.05"), PerSeconds: 3600, CapSeconds: 672 * 3600}}},
		{"yearly", pricing.Price{ID: "base", Due: pricing.InAdvance, Model: pricing.Fixed{Price: amt("990")}}},
	}
	for _, w := range want {
		wantEqual(t, w.plan+"/"+w.price.ID, priceOf(t, b, 0, w.plan, w.price.ID), w.price)
	}
	business, _ := v.PlanOf("business")
	wantEqual(t, "adjustments", business.Adjust, []pricing.Adjustment{
		{Kind: pricing.PercentDiscount, Percent: qty("20"), On: []string{"traffic", "storage"}, FirstMonths: 3},
		{Kind: pricing.AmountDiscount, Amount: amt("10"), On: []string{"api_calls"}},
		{Kind: pricing.MinimumCharge, Amount: amt("100"), To: "traffic"},
		{Kind: pricing.MaximumCharge, Amount: amt("5000"), On: []string{"traffic", "storage", "api_calls"}},
	})
	starter, _ := v.PlanOf("starter")
	yearly, _ := v.PlanOf("yearly")
	for _, c := range []struct {
		plan *pricing.Plan
		want pricing.Cycle
	}{
		{starter, pricing.Cycle{Months: 1, Anchor: pricing.Anchor{Subscription: true}}},
		{business, pricing.Cycle{Months: 1, Anchor: pricing.Anchor{Day: 1}}},
		{yearly, pricing.Cycle{Months: 12, Anchor: pricing.Anchor{Day: 15}}},
	} {
		if c.plan.Cycle != c.want {
			t.Errorf("%s has cycle %+v, want %+v", c.plan.ID, c.plan.Cycle, c.want)
		}
	}
	if order := []string{business.Prices[0].ID, business.Prices[4].ID}; order[0] != "base" || order[1] != "instances" {
		t.Errorf("prices are not in the order written: %v", order)
	}
}

func TestParse_PaymentsPricesAmountsOfMoney(t *testing.T) {
	b := parseFile(t, "payments.yaml")
	for _, want := range []pricing.Price{
		{ID: "cards", Description: "Card payments", Meter: "card_payments", Unit: "CHF", Allowance: qty("1000"), Model: pricing.Percentage{
			Rate: qty("1.3"), PerEvent: amt("0.20"), FreeFees: 10,
		}},
		{ID: "transfers", Meter: "transfers", Unit: "CHF", Model: pricing.GraduatedPercentage{FlatOnZero: true, Tiers: []pricing.Tier{
			{UpTo: qty("10000"), Unit: amt("0.005"), Flat: amt("5")}, {UpTo: qty("100000"), Unit: amt("0.003")}, {Open: true, Unit: amt("0.001")},
		}}},
		{ID: "partners", Meter: "partner_fees", Unit: "CHF", Model: pricing.Dynamic{Multiplier: qty("1.05")}},
		{ID: "checks", Meter: "checks", Model: pricing.Threshold{Steps: []pricing.ThresholdStep{
			{From: qty("1"), Total: amt("10")}, {From: qty("100"), Total: amt("50")}, {From: qty("1000"), Total: amt("200")},
		}}},
		{ID: "messages", Meter: "messages", Model: pricing.Graduated{Tiers: []pricing.Tier{
			{UpTo: qty("1000"), Unit: amt("1"), Block: qty("100")}, {Open: true, Unit: amt("8"), Block: qty("1000")},
		}}},
		{
			ID: "bursts", Meter: "messages_by_hour", Allowance: qty("100"), Each: pricing.Each{Window: pricing.GrainHour, By: []string{"channel"}},
			Model: pricing.Volume{Tiers: []pricing.Tier{{UpTo: qty("10000"), Unit: amt("0.001")}, {Open: true, Unit: amt("0.0005")}}},
		},
		{
			ID: "archive", Meter: "checks", RoundTo: &pricing.QuantityRounding{Places: -1, Mode: money.Down},
			Model: pricing.Package{Size: qty("500"), Price: amt("2"), Full: true},
		},
	} {
		wantEqual(t, want.ID, priceOf(t, b, 0, "merchant", want.ID), want)
	}
}

const head = "book: b\ncurrency: CHF\neffective: 2026-01-01\n"

func parseText(texts ...string) (*pricing.Book, error) {
	var files []File
	for i, s := range texts {
		files = append(files, File{Name: string(rune('a'+i)) + ".yaml", Content: []byte(s)})
	}
	return Parse(files)
}

func TestParse_FilesAndDocumentsMergeAsVersions(t *testing.T) {
	const plans = "plans: {p: {prices: {x: {fixed: 1}}}}\n"
	versionOn := func(day string) string {
		return strings.Replace(head, "2026-01-01", day, 1) + plans
	}
	b, err := parseText(versionOn("2026-03-01")+"---\n"+versionOn("2026-01-01"), "---\n---\n# nothing\n---\n"+versionOn("2026-02-01")+"...\n")
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, v := range b.Versions {
		ids = append(ids, v.ID)
	}
	if got, want := strings.Join(ids, " "), "b@2026-01-01 b@2026-02-01 b@2026-03-01"; got != want {
		t.Errorf("versions are %s, want %s", got, want)
	}
}

func TestParse_NumbersAreTheirText(t *testing.T) {
	// Neither fits a float64, one in digits and the other in its last place.
	for _, n := range []string{"123456789012345678.12345678901234567891", "0.1", "0.30000000000000000001", `"7.10"`, "0"} {
		b, err := parseText(head + "plans: {p: {prices: {x: {fixed: " + n + "}}}}\n")
		if err != nil {
			t.Errorf("%s: %v", n, err)
			continue
		}
		got := b.Versions[0].Plans[0].Prices[0].Model.(pricing.Fixed).Price
		if want := amt(strings.Trim(n, `"`)); got.Cmp(want) != 0 {
			t.Errorf("%s was read as %s", n, got)
		}
	}
}

func TestParse_AliasesStandForTheirValues(t *testing.T) {
	b, err := parseText(head + "plans:\n  p: &plan\n    prices: {x: {fixed: &fee 5.50}, y: {fixed: *fee}}\n  q: *plan\n")
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "q", b.Versions[0].Plans[1].Prices, b.Versions[0].Plans[0].Prices)
	wantEqual(t, "y", b.Versions[0].Plans[0].Prices[1].Model, pricing.Model(pricing.Fixed{Price: amt("5.50")}))
}

func TestMetersJSON_IsBlindToPrices(t *testing.T) {
	saas := parseFile(t, "saas.yaml")
	both := string(MetersJSON(saas))
	if one := string(MetersJSON(&pricing.Book{Versions: saas.Versions[:1]})); one != both {
		t.Errorf("a version that changes only prices changed the meters:\n%s\n%s", one, both)
	}
	if strings.Contains(both, "0.15") || strings.Contains(both, "plans") || strings.Contains(both, "EUR") {
		t.Errorf("prices reached the meters: %s", both)
	}
	const want = `[{"effective":"2026-01-01","meters":[{"id":"m","aggregate":"sum","of":"bytes","unit":"GB","divide_by":"1000","grain":"hour","by":["a","b"],"scale":3,"allow_negative":true,"exact":false,"carry_days":0}]}]`
	b, err := parseText(head + "meters: {m: {aggregate: sum, of: bytes, unit: GB, divide_by: 1000.0, grain: hour, by: [b, a], scale: 3, allow_negative: true}}\nplans: {p: {prices: {x: {fixed: 1}}}}\n")
	if err != nil {
		t.Fatal(err)
	}
	if got := string(MetersJSON(b)); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	changed, err := parseText(head + "meters: {m: {aggregate: max}}\nplans: {p: {prices: {x: {fixed: 1}}}}\n")
	if err != nil {
		t.Fatal(err)
	}
	if string(MetersJSON(changed)) == want {
		t.Error("another meter gives the same bytes")
	}
}
