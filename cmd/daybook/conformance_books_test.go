package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"daybook/pricing/money"
)

// bookHead begins the book of every case.
const bookHead = "book: b\ncurrency: CHF\neffective: 2010-01-01\n"

// say returns a value as text, "" where there is none.
func say(from any, key string) string {
	m, _ := from.(map[string]any)
	if m[key] == nil {
		return ""
	}
	return fmt.Sprint(m[key])
}

// keys writes those of the pairs (key of the book, value) that have a value.
func keys(pairs ...string) string {
	var out []string
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			out = append(out, pairs[i]+": "+pairs[i+1])
		}
	}
	return strings.Join(out, ", ")
}

// model writes a case's price model as a book says it; "" where the case is not
// about the price of a quantity.
func (v vector) model() string {
	c := v.Config
	switch name, per, _ := strings.Cut(v.Model, "_per_"); {
	case per == "window" || per == "group":
		alone := v
		alone.Model = name
		each := map[string]string{"window": "hour", "group": "group"}[per]
		return alone.model() + ", each: " + each
	}
	switch v.Model {
	case "graduated", "graduated_delta", "blocks_graduated":
		return "graduated: " + v.tiers()
	case "volume", "blocks_volume":
		return "volume: " + v.tiers()
	case "package", "package_delta":
		blocks := map[string]string{"floor": "full"}[say(c, "round")]
		return "package: {" + keys("size", say(c, "package_size"), "price", say(c, "package_price"), "blocks", blocks) + "}"
	case "late_usage_delta":
		return "package: {" + keys("size", say(c, "block_size"), "price", say(c, "block_price")) + "}"
	case "step_tariff":
		return "graduated: " + v.steps()
	case "unit", "unit_delta", "free_quota", "cumulative_cost_series", "periodic_cost_series":
		return "unit: " + say(c, "unit")
	case "quantity_rounding":
		mode := map[string]string{"half_up": "half_up", "ceil": "up", "floor": "down"}[say(c, "function")]
		return "unit: 1, round_quantity: {places: " + say(c, "precision") + ", mode: " + mode + "}"
	case "usage_discount_delta":
		return "unit: 1"
	case "percentage":
		return "percentage: {" + keys("rate", say(c, "rate_percent"), "per_event", say(c, "fixed_per_event")) + "}"
	case "graduated_percentage":
		return "flat_on_zero: true, graduated_percentage: " + v.tiers()
	case "dynamic", "dynamic_delta":
		return "dynamic: {multiplier: " + cmp.Or(say(c, "multiplier"), "1") + "}"
	}
	return ""
}

// tiers writes tiers of units or of counted blocks.
func (v vector) tiers() string {
	var out []string
	var bound money.Quantity
	list := v.Config["tiers"].([]any)
	for i, t := range list {
		if size := say(t, "block_size"); size != "" {
			width := money.MustQuantity(size).Fraction().Mul(money.MustQuantity(say(t, "max_blocks")).Fraction())
			bound = bound.Add(width.Quantity())
			upTo := bound.String()
			if i == len(list)-1 {
				upTo = ""
			}
			out = append(out, "{"+keys("up_to", upTo, "package", "{"+keys("size", size, "price", say(t, "block_price"))+"}")+"}")
			continue
		}
		out = append(out, "{"+keys("up_to", say(t, "up_to"), "unit", say(t, "unit"), "rate", say(t, "rate_percent"), "flat", say(t, "flat"))+"}")
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// steps writes the steps of a step tariff, of which only the length counts; what
// exceeds the last is free.
func (v vector) steps() string {
	var out []string
	var bound money.Quantity
	for _, s := range v.Config["steps"].([]any) {
		bound = bound.Add(money.MustQuantity(say(s, "to"))).Sub(money.MustQuantity(say(s, "from")))
		price := "package: {" + keys("size", say(s, "interval"), "price", say(s, "price")) + "}"
		if say(s, "ceil") == "false" {
			unit, _ := money.MustAmount(say(s, "price")).Fraction().Quo(money.MustQuantity(say(s, "interval")).Fraction())
			price = "unit: " + unit.Amount().String()
		}
		out = append(out, "{up_to: "+bound.String()+", "+price+"}")
	}
	return "[" + strings.Join(append(out, "{unit: 0}"), ", ") + "]"
}

// metered writes a case as a book of one meter m and one price x.
func (v vector) metered() string {
	c := v.Config
	beside := keys(
		"allowance", say(c, "free_units"), "units_off", say(c, "usage_discount_quantity")+say(c, "free_quantity"),
		"minimum", say(c, "minimum")+say(c, "monthly_minimum"), "maximum", say(c, "maximum"), "flat_on_zero", say(c, "flat_on_zero_usage"),
	)
	if say(c["convert"], "round") == "ceil" {
		beside = strings.TrimPrefix(beside+", round_quantity: {places: 0, mode: up}", ", ")
	}
	model := v.model()
	if beside != "" {
		model += ", " + beside
	}
	divide := say(c["convert"], "divide")
	if v.Model == "dynamic" {
		divide = "100" // the case's events name cents
	}
	aggregate := cmp.Or(say(c, "aggregation"), "sum")
	meter := "{" + keys("aggregate", aggregate, "grain", "hour", "by", "[group]", "divide_by", divide, "allow_negative", "true") + "}"
	return bookHead + "meters: {m: " + meter + "}\nplans: {p: {prices: {x: {meter: m, " + model + "}}}}\n"
}

// capacityBook writes a case of Kill Bill's as a price book: a meter of peaks for
// each unit, and one price over them.
func (v vector) capacityBook() string {
	var sizes []string
	units := map[string]bool{}
	for _, t := range v.Config["tiers"].([]any) {
		limits, _ := t.(map[string]any)["limits"].(map[string]any)
		var bounds []string
		for _, unit := range slices.Sorted(maps.Keys(limits)) {
			units[unit] = true
			bounds = append(bounds, unit, say(limits, unit))
		}
		upTo := ""
		if len(bounds) > 0 {
			upTo = "{" + keys(bounds...) + "}"
		}
		sizes = append(sizes, "{"+keys("up_to", upTo, "price", say(t, "price"))+"}")
	}
	var meters []string
	for _, unit := range slices.Sorted(maps.Keys(units)) {
		meters = append(meters, unit+": {aggregate: max}")
	}
	return bookHead + "meters: {" + strings.Join(meters, ", ") + "}\nplans: {p: {prices: {x: {capacity: [" + strings.Join(sizes, ", ") + "]}}}}\n"
}

// fees writes a book of one plan with fixed fees, in arrears unless the terms of
// the price say otherwise, and with the plan's adjustments.
func fees(currency string, amounts []string, adjustments ...string) string {
	var prices []string
	for i, amount := range amounts {
		prices = append(prices, fmt.Sprintf("x%d: {fixed: %s}", i+1, amount))
	}
	return strings.Replace(bookHead, "CHF", cmp.Or(currency, "CHF"), 1) +
		"plans: {p: {prices: {" + strings.Join(prices, ", ") + "}, adjustments: [" + strings.Join(adjustments, ", ") + "]}}\n"
}

// planOf writes a book of one plan with a price for each period, and terms of
// the plan beside it.
func planOf(price, terms string) string {
	return bookHead + "meters: {m: {aggregate: count}}\nplans: {p: {" + terms + "prices: {x: " + price + "}}}\n"
}

// cents writes an amount of cents in units.
func cents(amount string) string {
	return money.MustQuantity(amount).Fraction().Mul(money.Ratio(1, 100)).Quantity().String()
}

// inCents is the other way about.
func inCents(amount string) string {
	return money.MustQuantity(amount).Fraction().Mul(money.Whole(100)).Quantity().String()
}

// less subtracts amounts.
func less(a, b string) string { return money.MustAmount(a).Sub(money.MustAmount(b)).String() }
