package main

import (
	"encoding/json"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/sinks/documents"
	"daybook/sources/book"
)

// orbModels has the models that the ready books have not.
const orbModels = `
book: models
currency: USD
effective: 2026-01-01
meters:
  m: {aggregate: sum, by: [zone]}
plans:
  p:
    prices:
      free_units: {meter: m, allowance: 100, unit: 0.25}
      free_tiers: {meter: m, allowance: 100, graduated: [{up_to: 10, unit: 1.00}, {up_to: 900, unit: 0.5}, {unit: 0.10}]}
      free_packages: {meter: m, allowance: 100, package: {size: 10, price: 3.00}}
      free_matrix: {meter: m, allowance: 100, matrix: {by: [zone], default: 1.00, prices: {a: 2.00}}}
      blocks: {meter: m, round_quantity: {step: 10, mode: up}, graduated: [{up_to: 100, package: {size: 10, price: 5.00}}, {package: {size: 10, price: 4.00}}]}
      blocks_unrounded: {meter: m, graduated: [{up_to: 100, package: {size: 10, price: 5.00}}, {package: {size: 10, price: 4.00}}]}
      blocks_askew: {meter: m, graduated: [{up_to: 101, package: {size: 10, price: 5.00}}, {package: {size: 10, price: 4.00}}]}
      zones: {meter: m, each: zone, graduated: [{up_to: 10, unit: 1.00}, {unit: 0.5}]}
      zones_alike: {meter: m, each: zone, unit: 1.00}
      free_in_zones: {meter: m, each: zone, allowance: 10, unit: 1.00}
      rate: {meter: m, percentage: {rate: 1.3}}
      rates: {meter: m, graduated_percentage: [{up_to: 10000, rate: 0.5}, {rate: 0.1}]}
      passed: {meter: m, threshold: [{from: 1, total: 10.00}, {from: 100, total: 50.00}]}
`

// Every price of the ready books is one of Orb's prices. Where Orb has words for all
// of it, its configuration alone gives the subtotal that we bill, computed here as
// Orb's reference says (billing-apis.md, 4.5).
func TestOrbPrices_TheConfigurationGivesTheFigure(t *testing.T) {
	schema := orbSchemas(t)["orb-price"]
	files, err := filepath.Glob(filepath.Join(module, "testdata", "books", "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	compared, models := 0, map[string]int{}
	for _, file := range append(files, filepath.Join(module, "cmd", "daybook", "world", "orb.yaml"), "models") {
		content := []byte(orbModels)
		if file != "models" {
			if content, err = os.ReadFile(file); err != nil {
				t.Fatal(err)
			}
		}
		b, err := book.Parse([]book.File{{Name: file, Content: content}})
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range heldPrices([]*pricing.Book{b}) {
			p := documents.NewOrbPrice(&h, "")
			body, err := json.Marshal(p)
			if err != nil {
				t.Fatal(err)
			}
			where := filepath.Base(file) + " " + h.Plan.ID + "." + h.Price.ID
			wantValid(t, schema, where, string(body))
			var shown map[string]any
			d := json.NewDecoder(strings.NewReader(string(body)))
			d.UseNumber()
			if err := d.Decode(&shown); err != nil {
				t.Fatal(err)
			}
			model := shown["model_type"].(string)
			models[model]++
			if len(shown["metadata"].(map[string]any)) > 0 {
				continue
			}
			for _, quantity := range []string{"0", "0.5", "1", "9.75", "10", "10.5", "11", "99", "100", "101", "150", "1000", "10001", "123456.789"} {
				want, ok := orbAmount(model, shown[model+"_config"].(map[string]any), rat(t, quantity))
				if !ok {
					continue
				}
				charge, err := h.Price.Charge(inOneGroup(&h.Price, money.MustQuantity(quantity).Fraction()), money.Whole(1))
				if err != nil {
					t.Fatalf("%s: %v", where, err)
				}
				compared++
				if charge.Subtotal.Cmp(money.MustAmount(want.FloatString(20))) != 0 {
					t.Errorf("%s: %s of model %s cost %s, by Orb's configuration %s\n%s", where, quantity, model, charge.Subtotal, want.FloatString(20), body)
				}
			}
		}
	}
	if compared < 200 {
		t.Errorf("%d figures were compared, want at least 200", compared)
	}
	for _, model := range []string{
		"unit", "tiered", "bulk", "package", "package_with_allocation", "tiered_package", "matrix", "matrix_with_allocation",
		"threshold_total_amount", "unit_with_percent", "grouped_allocation", "grouped_tiered",
	} {
		if models[model] == 0 {
			t.Errorf("no price is of model %s", model)
		}
	}
}

// heldPrices are all prices of books, as one has them who subscribed at the end of
// all phases.
func heldPrices(books []*pricing.Book) []pricing.HeldPrice {
	var out []pricing.HeldPrice
	s := &pricing.Subscription{ID: "s", Start: time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)}
	for _, b := range books {
		for _, v := range b.Versions {
			for _, plan := range v.Plans {
				for _, p := range plan.Prices {
					if h, ok := pricing.PriceHeld(books, v.ID, plan.ID, p.ID, s, time.UTC, time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)); ok {
						out = append(out, h)
					}
				}
			}
		}
	}
	return out
}

// inOneGroup is a quantity all of which has the value "a" in every dimension.
func inOneGroup(p *pricing.Price, q money.Fraction) pricing.Measured {
	by := len(p.Each.By)
	if m, ok := p.Model.(pricing.Matrix); ok {
		by = len(m.By)
	}
	out := pricing.Measured{Quantity: q}
	if by > 0 {
		out.Groups = []pricing.Group{{Values: slices.Repeat([]string{"a"}, by), Quantity: q}}
	}
	return out
}

// orbAmount is what a quantity costs by the configuration of a model; of a model by
// groups, all of it in the group "a".
func orbAmount(model string, config map[string]any, q *big.Rat) (*big.Rat, bool) {
	number := func(of map[string]any, key string) *big.Rat {
		var text string
		switch v := of[key].(type) {
		case string:
			text = v
		case json.Number:
			text = v.String()
		default:
			return nil
		}
		r, _ := new(big.Rat).SetString(text)
		return r
	}
	each := func(key string) (out []map[string]any) {
		for _, one := range config[key].([]any) {
			out = append(out, one.(map[string]any))
		}
		return out
	}
	packages := func(q, size *big.Rat) *big.Rat { // started ones
		n := new(big.Rat).Quo(q, size)
		whole := new(big.Int).Div(new(big.Int).Add(n.Num(), new(big.Int).Sub(n.Denom(), big.NewInt(1))), n.Denom())
		return new(big.Rat).SetInt(whole)
	}
	sum := new(big.Rat)
	add := func(units, price *big.Rat) { sum.Add(sum, new(big.Rat).Mul(units, price)) }
	switch model {
	case "unit":
		add(q, number(config, "unit_amount"))
	case "unit_with_percent":
		add(new(big.Rat).Mul(q, number(config, "unit_amount")), new(big.Rat).Quo(number(config, "percent"), big.NewRat(100, 1)))
	case "tiered":
		for _, tier := range each("tiers") {
			units := new(big.Rat).Sub(q, number(tier, "first_unit"))
			if last := number(tier, "last_unit"); last != nil && q.Cmp(last) > 0 {
				units = new(big.Rat).Sub(last, number(tier, "first_unit"))
			}
			if units.Sign() > 0 {
				add(units, number(tier, "unit_amount"))
			}
		}
	case "bulk":
		for _, tier := range each("tiers") {
			if most := number(tier, "maximum_units"); most == nil || q.Cmp(most) <= 0 {
				add(q, number(tier, "unit_amount"))
				break
			}
		}
	case "package":
		add(packages(q, number(config, "package_size")), number(config, "package_amount"))
	case "package_with_allocation":
		if over := new(big.Rat).Sub(q, number(config, "allocation")); over.Sign() > 0 {
			add(packages(over, number(config, "package_size")), number(config, "package_amount"))
		}
	case "tiered_package":
		size, tiers := number(config, "package_size"), each("tiers")
		q = new(big.Rat).Mul(packages(q, size), size)
		for i, tier := range tiers {
			units := new(big.Rat).Sub(q, number(tier, "tier_lower_bound"))
			if i+1 < len(tiers) && q.Cmp(number(tiers[i+1], "tier_lower_bound")) > 0 {
				units = new(big.Rat).Sub(number(tiers[i+1], "tier_lower_bound"), number(tier, "tier_lower_bound"))
			}
			if units.Sign() > 0 {
				add(new(big.Rat).Quo(units, size), number(tier, "per_unit"))
			}
		}
	case "grouped_allocation":
		if over := new(big.Rat).Sub(q, number(config, "allocation")); over.Sign() > 0 {
			add(over, number(config, "overage_unit_rate"))
		}
	case "grouped_tiered":
		tiers := each("tiers")
		for i, tier := range tiers {
			units := new(big.Rat).Sub(q, number(tier, "tier_lower_bound"))
			if i+1 < len(tiers) && q.Cmp(number(tiers[i+1], "tier_lower_bound")) > 0 {
				units = new(big.Rat).Sub(number(tiers[i+1], "tier_lower_bound"), number(tier, "tier_lower_bound"))
			}
			if units.Sign() > 0 {
				add(units, number(tier, "unit_amount"))
			}
		}
	case "matrix", "matrix_with_allocation":
		price, over := number(config, "default_unit_amount"), q
		for _, cell := range each("matrix_values") {
			values := cell["dimension_values"].([]any)
			if values[0] == "a" && (values[1] == nil || values[1] == "a") {
				price = number(cell, "unit_amount")
			}
		}
		if free := number(config, "allocation"); free != nil {
			over = new(big.Rat).Sub(q, free)
		}
		if over.Sign() > 0 {
			add(over, price)
		}
	case "threshold_total_amount":
		for _, step := range each("consumption_table") {
			if q.Cmp(number(step, "threshold")) >= 0 {
				sum = number(step, "total_amount")
			}
		}
	default:
		return nil, false
	}
	return sum, true
}
