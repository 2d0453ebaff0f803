package pricing_test

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
)

// vector is one line of testdata/vectors/pricing-vectors.jsonl: a case from the
// public tests or documentation of a billing system, which source names.
type vector struct {
	ID       string
	Source   string
	Model    string
	Config   vectorConfig `json:"-"`
	Input    vectorInput  `json:"-"`
	Expected json.RawMessage

	RawConfig json.RawMessage `json:"config"`
	RawInput  json.RawMessage `json:"input"`
}

// read reads what a case says into the fields that a check looks at.
func (v vector) read(t *testing.T, config, input any) {
	t.Helper()
	if err := errors.Join(json.Unmarshal(v.RawConfig, config), json.Unmarshal(v.RawInput, input)); err != nil {
		t.Fatal(err)
	}
}

type vectorConfig struct {
	Tiers []struct {
		UpTo       *string `json:"up_to"`
		Unit       string
		Flat       string
		BlockSize  int64  `json:"block_size"`
		MaxBlocks  int64  `json:"max_blocks"`
		BlockPrice string `json:"block_price"`
	}
	FlatOnZero   bool `json:"flat_on_zero_usage"`
	Unit         string
	BlockSize    json.Number `json:"block_size"`
	BlockPrice   string      `json:"block_price"`
	Round        string
	PackageSize  string      `json:"package_size"`
	PackagePrice string      `json:"package_price"`
	FreeUnits    json.Number `json:"free_units"`
	FreeQuantity string      `json:"free_quantity"`
	Minimum      string
	Maximum      string
	Monthly      string `json:"monthly_minimum"`
	Discount     string `json:"usage_discount_quantity"`
	Percent      string
	Function     string
	Precision    int32
	Currency     string
	Decimals     int32
	MinimumCents json.Number `json:"minimum_cents"`
	Commitment   json.Number `json:"commitment_cents"`
	CouponCents  json.Number `json:"coupon_cents"`
	Convert      *struct {
		Divide int64 `json:",string"`
		Round  string
	}
	Coupons []struct{ Percent, Fixed string }
}

type vectorInput struct {
	Quantity        json.Number
	QuantityGB      string `json:"quantity_gb"`
	Unit            string
	Amount          string
	Rows            []string
	AlreadyBilled   string        `json:"already_billed_quantity"`
	AlreadyAmount   string        `json:"already_billed_amount"`
	AlreadyUsed     string        `json:"already_used"`
	NewQuantity     string        `json:"new_quantity"`
	Cumulative      []json.Number `json:"cumulative_quantity"`
	SubtotalCents   json.Number   `json:"subtotal_cents"`
	UsedCents       json.Number   `json:"used_cents"`
	DiscountCents   json.Number   `json:"discount_cents"`
	LinesCents      []json.Number `json:"lines_cents"`
	Fees            []json.Number
	SubscriptionFee json.Number   `json:"subscription_fee"`
	UsageFees       []json.Number `json:"usage_fees"`
}

// The file holds so many cases, and so many of them are left out, for the
// reasons that left-out.csv names; a case may not get lost.
const (
	vectorsHeld    = 180
	vectorsLeftOut = 5
)

func TestVectors_OfOtherBillingSystems(t *testing.T) {
	file, err := os.Open("../testdata/vectors/pricing-vectors.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	left := leftOut(t)
	count, byModel := 0, map[string]int{}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var v vector
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatalf("vector %d: %v", count+1, err)
		}
		count++
		if left[v.ID] {
			delete(left, v.ID)
			continue
		}
		byModel[v.Model]++
		t.Run(v.ID, func(t *testing.T) { v.check(t) })
	}
	if err := lines.Err(); err != nil || count != vectorsHeld || len(left) > 0 {
		t.Errorf("saw %d vectors, want %d; left out, but not there: %v; %v", count, vectorsHeld, left, err)
	}
	t.Logf("vectors by model: %v", byModel)
}

// leftOut returns the cases that are about something Daybook does not do.
func leftOut(t *testing.T) map[string]bool {
	t.Helper()
	file, err := os.Open("../testdata/vectors/left-out.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil || len(rows) != vectorsLeftOut+1 {
		t.Fatalf("%d rows below a header, want %d; %v", len(rows)-1, vectorsLeftOut, err)
	}
	out := map[string]bool{}
	for _, row := range rows[1:] {
		if row[1] == "" || out[row[0]] {
			t.Errorf("%s has no reason, or two", row[0])
		}
		out[row[0]] = true
	}
	return out
}

func (v vector) check(t *testing.T) {
	if slices.Contains(pricedOnly(), v.Model) || slices.Contains(pricedOnly(), v.ID) {
		t.Skip("see pricedOnly")
	}
	if check, ok := timeChecks[v.Model]; ok {
		check(t, v)
		return
	}
	check, ok := vectorChecks[v.Model]
	if !ok {
		t.Fatalf("no check for model %s: write one, or leave the case out with a reason", v.Model)
	}
	v.read(t, &v.Config, &v.Input)
	check(t, v)
}

// pricedOnly lists models, or ids of cases, that only TestConformance of cmd/daybook checks: what
// they are about needs more than one function of this package, or is shown best by
// the command. Held levels and single events have tests of their own here, too.
func pricedOnly() []string {
	return []string{
		"agg_sum_dedup", "capacity", "commitment_per_window", "commitment_time_of_day", "credit_cap", "credit_note", "credits",
		"discount_then_credit", "minimum_true_up+tax", "plan_change_proration", "subscription_proration+tax", "tax",
		"spendmin-4", "trueup-lago-unit", "agg_unique_count_prorated", "agg_sum_prorated", "graduated_prorated", "volume_prorated",
		"pct-lago-1", "pct-lago-3", "pct-lago-minmax", "pct-lago-minmax-fe", "pct-lago-minmax-both",
		"prorate-kb-30-2023-05-23-2023-06-15",
	}
}

var vectorChecks = map[string]func(*testing.T, vector){
	"graduated":               checkTotal,
	"volume":                  checkTotal,
	"package":                 checkTotal,
	"unit":                    checkTotal,
	"graduated_delta":         checkDelta,
	"package_delta":           checkDelta,
	"unit_delta":              checkDelta,
	"late_usage_delta":        checkDelta,
	"late_corrections":        checkLate,
	"blocks_graduated":        checkTotal,
	"blocks_volume":           checkTotal,
	"step_tariff":             checkStepTariff,
	"percentage":              checkPercentage,
	"graduated_percentage":    checkGraduatedPercentage,
	"graduated_per_window":    checkEach,
	"volume_per_window":       checkEach,
	"package_per_window":      checkEach,
	"unit_per_window":         checkEach,
	"graduated_per_group":     checkEach,
	"volume_per_group":        checkEach,
	"dynamic":                 checkDynamic,
	"dynamic_delta":           checkDynamicDelta,
	"usage_discount_delta":    checkDelta,
	"quantity_rounding":       checkQuantityRounding,
	"currency_rounding":       checkCurrencyRounding,
	"percent_discount":        checkPercentDiscount,
	"coupons":                 checkCoupons,
	"discount_distribution":   checkDistribution,
	"coupon_allocation+tax":   checkCouponShares,
	"minimum_true_up":         checkTrueUp,
	"plan_minimum_commitment": checkCommitment,
	"free_quota":              checkFreeQuota,
	"cumulative_cost_series":  checkCumulativeSeries,
	"periodic_cost_series":    checkPeriodicSeries,
}

func (v vector) want(t *testing.T, into any) {
	t.Helper()
	if err := json.Unmarshal(v.Expected, into); err != nil {
		t.Fatalf("expected value %s: %v", v.Expected, err)
	}
}

func (v vector) wantTotal(t *testing.T, got money.Amount) {
	t.Helper()
	var want string
	v.want(t, &want)
	wantAmount(t, v.ID+" ("+v.Source+")", got, want)
}

// price builds the vector's price with its own adjustments.
func (v vector) price() *pricing.Price {
	p := &pricing.Price{ID: v.ID}
	switch {
	case v.Config.PackageSize != "":
		p.Model = pricing.Package{
			Size: money.MustQuantity(v.Config.PackageSize), Price: money.MustAmount(v.Config.PackagePrice),
			Full: v.Config.Round == "floor",
		}
	case v.Config.BlockSize != "":
		p.Model = pricing.Package{Size: money.MustQuantity(v.Config.BlockSize.String()), Price: money.MustAmount(v.Config.BlockPrice)}
	case len(v.Config.Tiers) > 0 && strings.Contains(v.Model, "volume"):
		p.Model = pricing.Volume{Tiers: v.tiers(), FlatOnZero: v.Config.FlatOnZero}
	case len(v.Config.Tiers) > 0:
		p.Model = pricing.Graduated{Tiers: v.tiers(), FlatOnZero: v.Config.FlatOnZero}
	case v.Config.Unit != "":
		p.Model = pricing.Unit{Price: money.MustAmount(v.Config.Unit)}
	default:
		p.Model = pricing.Unit{Price: money.MustAmount("1")}
	}
	if v.Config.FreeUnits != "" {
		p.Allowance = money.MustQuantity(v.Config.FreeUnits.String())
	}
	if v.Config.Convert != nil && v.Config.Convert.Round == "ceil" {
		p.RoundTo = &pricing.QuantityRounding{Mode: money.Up}
	}
	for _, own := range []struct {
		value string
		build func(string) pricing.Adjustment
	}{
		{v.Config.Discount, usageDiscount},
		{v.Config.FreeQuantity, usageDiscount},
		{v.Config.Minimum, minimumCharge},
		{v.Config.Monthly, minimumCharge},
		{v.Config.Maximum, maximumCharge},
	} {
		if own.value != "" {
			p.Adjust = append(p.Adjust, own.build(own.value))
		}
	}
	return p
}

func (v vector) tiers() []pricing.Tier {
	var tiers []pricing.Tier
	var bound int64 // of tiers that count their blocks
	for i, c := range v.Config.Tiers {
		if c.BlockSize > 0 {
			bound += c.BlockSize * c.MaxBlocks
			tiers = append(tiers, pricing.Tier{
				UpTo: money.QuantityOf(bound), Open: i == len(v.Config.Tiers)-1,
				Unit: money.MustAmount(c.BlockPrice), Block: money.QuantityOf(c.BlockSize),
			})
			continue
		}
		tier := pricing.Tier{Open: c.UpTo == nil, Unit: money.MustAmount(c.Unit), Flat: money.MustAmount(c.Flat)}
		if c.UpTo != nil {
			tier.UpTo = money.MustQuantity(*c.UpTo)
		}
		tiers = append(tiers, tier)
	}
	return tiers
}

// totalOf is what a quantity comes to under a price, own adjustments included.
func totalOf(t *testing.T, p *pricing.Price, quantity money.Fraction) money.Amount {
	t.Helper()
	c, err := p.Charge(pricing.Measured{Quantity: quantity}, unscaled)
	if err != nil {
		t.Fatal(err)
	}
	return mustAdjust(t, nil, pricing.Adjustable{Price: p, Charge: c})[0].Total
}

func checkTotal(t *testing.T, v vector) {
	var quantity money.Fraction
	rows := v.Input.Rows
	if v.Input.Quantity != "" {
		rows = []string{v.Input.Quantity.String()}
	}
	for _, row := range rows {
		quantity = quantity.Add(money.MustQuantity(row).Fraction())
	}
	if v.Config.Convert != nil {
		quantity = quantity.Mul(money.Ratio(1, v.Config.Convert.Divide))
	}
	v.wantTotal(t, totalOf(t, v.price(), quantity))
}

// checkDelta prices a second bill of a period as what the whole now comes to
// less what was billed: the amount that the case names, else the earlier total.
func checkDelta(t *testing.T, v vector) {
	var before, after money.Fraction
	for _, q := range []string{v.Input.AlreadyBilled, v.Input.AlreadyUsed} {
		if q != "" {
			before = before.Add(money.MustQuantity(q).Fraction())
		}
	}
	after = before
	for _, q := range append(v.Input.Rows, v.Input.NewQuantity) {
		if q != "" {
			after = after.Add(money.MustQuantity(q).Fraction())
		}
	}
	billed := totalOf(t, v.price(), before)
	if v.Input.AlreadyAmount != "" {
		billed = money.MustAmount(v.Input.AlreadyAmount)
	}
	v.wantTotal(t, totalOf(t, v.price(), after).Sub(billed))
}

// checkStepTariff writes steps of their own length and block as graduated tiers:
// only the length of a step counts, and what exceeds the last one is free.
func checkStepTariff(t *testing.T, v vector) {
	var config struct {
		Steps []struct {
			From, To, Price, Interval json.Number
			Ceil                      *bool
		}
	}
	v.read(t, &config, &struct{}{})
	var tiers []pricing.Tier
	var bound money.Quantity
	for _, s := range config.Steps {
		bound = bound.Add(money.MustQuantity(s.To.String())).Sub(money.MustQuantity(s.From.String()))
		tier := pricing.Tier{UpTo: bound, Unit: money.MustAmount(s.Price.String()), Block: money.MustQuantity(s.Interval.String())}
		if s.Ceil != nil && !*s.Ceil {
			unit, err := tier.Unit.Fraction().Quo(tier.Block.Fraction())
			if err != nil {
				t.Fatal(err)
			}
			tier.Unit, tier.Block = unit.Amount(), money.Quantity{}
		}
		tiers = append(tiers, tier)
	}
	p := &pricing.Price{ID: v.ID, Model: pricing.Graduated{Tiers: append(tiers, pricing.Tier{Open: true})}}
	v.wantTotal(t, mustCharge(t, p, v.Input.Quantity.String()).Subtotal)
}

func checkQuantityRounding(t *testing.T, v vector) {
	mode := map[string]money.Rounding{"half_up": money.HalfUp, "ceil": money.Up, "floor": money.Down}[v.Config.Function]
	p := unitPrice("1")
	p.RoundTo = &pricing.QuantityRounding{Places: v.Config.Precision, Mode: mode}
	v.wantTotal(t, totalOf(t, p, money.MustQuantity(v.Input.Quantity.String()).Fraction()))
}

func checkCurrencyRounding(t *testing.T, v vector) {
	digits := map[string]int32{"USD": 2, "CHF": 2, "KRW": 0, "CLP": 0}[v.Config.Currency]
	exact := v.Input.Amount
	if v.Input.QuantityGB != "" {
		exact = mustCharge(t, unitPrice(v.Input.Unit), v.Input.QuantityGB).Subtotal.String()
	}
	v.wantTotal(t, money.MustAmount(exact).Round(digits, money.HalfUp))
}

func checkPercentDiscount(t *testing.T, v vector) {
	var want struct{ Discount, Final string }
	v.want(t, &want)
	got := mustAdjust(t, nil, lineOf(t, "a", v.Input.Amount, percentDiscount(v.Config.Percent)))
	final := got[0].Total.Round(v.Config.Decimals, money.HalfUp)
	wantAmount(t, "final", final, want.Final)
	wantAmount(t, "discount", money.MustAmount(v.Input.Amount).Sub(final), want.Discount)
}

func checkCoupons(t *testing.T, v vector) {
	var want string
	v.want(t, &want)
	var coupons []pricing.Adjustment
	for _, c := range v.Config.Coupons {
		if c.Percent != "" {
			coupons = append(coupons, percentDiscount(c.Percent))
		} else {
			coupons = append(coupons, amountDiscount(c.Fixed))
		}
	}
	subtotal := cents(v.Input.SubtotalCents)
	got := mustAdjust(t, coupons, lineOf(t, "a", subtotal.String()))
	wantAmount(t, "discount", subtotal.Sub(got[0].Total), cents(json.Number(want)).String())
}

func cents(n json.Number) money.Amount {
	return money.MustAmount(n.String()).Fraction().Mul(money.Ratio(1, 100)).Amount()
}

// spanned applies a plan's adjustment to lines of so many cents.
func spanned(t *testing.T, a pricing.Adjustment, lines []json.Number) []pricing.Adjusted {
	t.Helper()
	var items []pricing.Adjustable
	for _, line := range lines {
		items = append(items, lineOf(t, "a", cents(line).String()))
	}
	return mustAdjust(t, []pricing.Adjustment{a}, items...)
}

func checkDistribution(t *testing.T, v vector) {
	var want []json.Number
	v.want(t, &want)
	for i, line := range spanned(t, amountDiscount(cents(v.Input.DiscountCents).String()), v.Input.LinesCents) {
		wantAmount(t, v.ID, line.Total, cents(want[i]).String())
	}
}

func checkCouponShares(t *testing.T, v vector) {
	var want struct {
		Shares []json.Number `json:"coupon_share"`
	}
	v.want(t, &want)
	for i, line := range spanned(t, amountDiscount(cents(v.Config.CouponCents).String()), v.Input.Fees) {
		wantAmount(t, v.ID, cents(v.Input.Fees[i]).Sub(line.Total), cents(want.Shares[i]).String())
	}
}

func checkTrueUp(t *testing.T, v vector) {
	var want string
	v.want(t, &want)
	got := mustAdjust(t, nil, lineOf(t, "a", cents(v.Input.UsedCents).String(), minimumCharge(cents(v.Config.MinimumCents).String())))
	wantAmount(t, "true-up", got[0].Steps[0].Amount, cents(json.Number(want)).String())
}

func checkCommitment(t *testing.T, v vector) {
	var want string
	v.want(t, &want)
	var raised money.Amount
	fees := append([]json.Number{v.Input.SubscriptionFee}, v.Input.UsageFees...)
	for _, line := range spanned(t, minimumCharge(cents(v.Config.Commitment).String()), fees) {
		raised = raised.Add(line.Steps[0].Amount)
	}
	wantAmount(t, "raised to the commitment", raised, cents(json.Number(want)).String())
}

func checkFreeQuota(t *testing.T, v vector) {
	var want struct{ Credit, Cost string }
	v.want(t, &want)
	quantity := v.Input.Quantity.String()
	cost := mustCharge(t, v.price(), quantity).Subtotal
	wantAmount(t, "cost", cost, want.Cost)
	wantAmount(t, "credit", mustCharge(t, unitPrice(v.Config.Unit), quantity).Subtotal.Sub(cost), want.Credit)
}

func checkCumulativeSeries(t *testing.T, v vector) {
	var want struct{ Subtotal, Total []string }
	v.want(t, &want)
	for i, n := range v.Input.Cumulative {
		wantAmount(t, "subtotal", mustCharge(t, v.price(), n.String()).Subtotal, want.Subtotal[i])
		wantAmount(t, "total", totalOf(t, v.price(), money.MustQuantity(n.String()).Fraction()), want.Total[i])
	}
}

func checkPeriodicSeries(t *testing.T, v vector) {
	var want struct{ Total []string }
	v.want(t, &want)
	var before money.Amount
	for i, n := range v.Input.Cumulative {
		now := totalOf(t, v.price(), money.MustQuantity(n.String()).Fraction())
		wantAmount(t, "day", now.Sub(before), want.Total[i])
		before = now
	}
}
