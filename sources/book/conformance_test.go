package book

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
)

// vector is one case of testdata/vectors, from the public tests or documentation
// of a billing system. Numbers keep their text.
type vector struct {
	ID, Source, Model string
	Config, Input     map[string]any
	Expected          any
}

// system is whose case it is.
func (v vector) system() string {
	name, _, _ := strings.Cut(v.Source, "@")
	name, _, _ = strings.Cut(name, " (")
	return name
}

func vectors(t *testing.T) []vector {
	t.Helper()
	content, err := os.ReadFile("../../testdata/vectors/pricing-vectors.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var out []vector
	for d := json.NewDecoder(bytes.NewReader(content)); d.More(); {
		d.UseNumber()
		var v vector
		if err := d.Decode(&v); err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

// reasons returns why cases are left out, by their ids.
func reasons(t *testing.T) map[string]string {
	t.Helper()
	file, err := os.Open("../../testdata/vectors/left-out.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, r := range rows[1:] {
		out[r[0]] = r[1]
	}
	return out
}

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
	case "unit", "unit_delta", "free_quota":
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
	case "dynamic":
		return "dynamic: {multiplier: 1}"
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

// book writes a case as a price book of one meter and one price; "" where the
// case is not about the price of a quantity.
func (v vector) book() string {
	model := v.model()
	if model == "" {
		return ""
	}
	c := v.Config
	beside := keys(
		"allowance", say(c, "free_units"), "units_off", say(c, "usage_discount_quantity")+say(c, "free_quantity"),
		"minimum", say(c, "minimum"), "maximum", say(c, "maximum"), "flat_on_zero", say(c, "flat_on_zero_usage"),
	)
	if say(c["convert"], "round") == "ceil" {
		beside = strings.TrimPrefix(beside+", round_quantity: {places: 0, mode: up}", ", ")
	}
	if beside != "" {
		model += ", " + beside
	}
	divide := say(c["convert"], "divide")
	if v.Model == "dynamic" {
		divide = "100" // the case's events name cents
	}
	aggregate := "sum"
	if say(c, "aggregation") == "max" {
		aggregate = "max"
	}
	meter := "{" + keys("aggregate", aggregate, "grain", "hour", "by", "[group]", "divide_by", divide) + "}"
	return head + "meters: {m: " + meter + "}\nplans: {p: {prices: {x: {meter: m, " + model + "}}}}\n"
}

// total prices an amount of usage with the book's one price and its adjustments.
func total(t *testing.T, b *pricing.Book, used money.Quantity, events int64) money.Amount {
	t.Helper()
	q, err := used.Fraction().Quo(b.Versions[0].Meters[0].DivideBy.Fraction())
	if err != nil {
		t.Fatal(err)
	}
	return totalOf(t, b, pricing.Measured{Quantity: q, Events: events})
}

func totalOf(t *testing.T, b *pricing.Book, m pricing.Measured) money.Amount {
	t.Helper()
	p := &b.Versions[0].Plans[0].Prices[0]
	charge, err := p.Charge(m, money.Ratio(1, 1))
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pricing.Adjust([]pricing.Adjustable{{Price: p, Charge: charge}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return lines[0].Total
}

func sumOf(t *testing.T, texts ...string) (sum money.Quantity) {
	t.Helper()
	for _, s := range texts {
		if s != "" {
			sum = sum.Add(qty(s))
		}
	}
	return sum
}

// apart returns the quantity of each window or group of a case; of a window's
// several values the greatest, as the meter of those cases has it.
func (v vector) apart(t *testing.T) []pricing.Group {
	t.Helper()
	var out []pricing.Group
	windows, _ := v.Input["windows"].([]any)
	for i, w := range windows {
		values, several := w.([]any)
		if !several {
			values = []any{w}
		}
		var most money.Quantity
		for _, value := range values {
			if q := qty(fmt.Sprint(value)); q.Cmp(most) > 0 {
				most = q
			}
		}
		out = append(out, pricing.Group{Values: []string{fmt.Sprint(i)}, Quantity: most.Fraction()})
	}
	groups, _ := v.Input["groups"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		out = append(out, pricing.Group{Values: []string{name}, Quantity: qty(say(groups, name)).Fraction()})
	}
	return out
}

// outcome is what a case comes to: a total, or for a second bill of a period
// what the whole now costs less what was billed.
func (v vector) outcome(t *testing.T, b *pricing.Book) money.Amount {
	t.Helper()
	if apart := v.apart(t); len(apart) > 0 {
		m := pricing.Measured{Groups: apart}
		for _, g := range apart {
			m.Quantity = m.Quantity.Add(g.Quantity)
		}
		return totalOf(t, b, m)
	}
	before := sumOf(t, say(v.Input, "already_billed_quantity"), say(v.Input, "already_used"))
	var rows []string
	list, _ := v.Input["rows"].([]any)
	for _, r := range list {
		rows = append(rows, fmt.Sprint(r))
	}
	used := sumOf(t, append(rows, say(v.Input, "quantity"), say(v.Input, "new_quantity"))...)
	if own := say(v.Input, "precise_total_amount_cents"); own != "" {
		used = qty(own)
	}
	now := total(t, b, before.Add(used), int64(len(rows)))
	switch billed := say(v.Input, "already_billed_amount"); {
	case billed != "":
		return now.Sub(amt(billed))
	case strings.HasSuffix(v.Model, "_delta"):
		return now.Sub(total(t, b, before, 0))
	}
	return now
}

// priced counts how many of the cases are priced through a book.
const priced = 79

func TestConformance_CasesOfOtherSystemsPriceThroughABook(t *testing.T) {
	left, count := reasons(t), 0
	for _, v := range vectors(t) {
		text := v.book()
		if text == "" || left[v.ID] != "" {
			continue
		}
		count++
		b, err := parseText(text)
		if err != nil {
			t.Errorf("%s: %v\n%s", v.ID, err, text)
			continue
		}
		want := fmt.Sprint(v.Expected)
		if v.Model == "free_quota" {
			want = say(v.Expected, "cost")
		}
		if got := v.outcome(t, b); got.Cmp(amt(want)) != 0 {
			t.Errorf("%s (%s) costs %s, want %s\n%s", v.ID, v.Source, got, want, text)
		}
		if err := validate(t, compiledSchema(t), text); err != nil {
			t.Errorf("%s: the schema refuses it: %v", v.ID, err)
		}
	}
	if count != priced {
		t.Errorf("priced %d cases, want %d", count, priced)
	}
}

// tally counts the cases of one system and model.
type tally struct {
	system, model       string
	cases, books, rules int
	reasons             []string
}

func tallies(t *testing.T) []*tally {
	t.Helper()
	left := reasons(t)
	at := map[[2]string]*tally{}
	var out []*tally
	for _, v := range vectors(t) {
		key := [2]string{v.system(), v.Model}
		if at[key] == nil {
			at[key] = &tally{system: key[0], model: key[1]}
			out = append(out, at[key])
		}
		c := at[key]
		c.cases++
		switch reason := left[v.ID]; {
		case reason != "":
			if !slices.Contains(c.reasons, reason) {
				c.reasons = append(c.reasons, reason)
			}
		case v.book() != "":
			c.books++
		default:
			c.rules++
		}
	}
	slices.SortFunc(out, func(a, b *tally) int {
		return slices.Compare([]string{strings.ToLower(a.system), a.model}, []string{strings.ToLower(b.system), b.model})
	})
	return out
}

func TestConformance_TheTableTellsTheCases(t *testing.T) {
	var b strings.Builder
	var sum tally
	rows := tallies(t)
	for _, c := range rows {
		left := c.cases - c.books - c.rules
		fmt.Fprintf(&b, "| %s | `%s` | %d | %d | %d | %d | %s |\n", c.system, c.model, c.cases, c.books, c.rules, left, strings.Join(c.reasons, "; "))
		sum.cases, sum.books, sum.rules = sum.cases+c.cases, sum.books+c.books, sum.rules+c.rules
	}
	fmt.Fprintf(&b, "| **all** | | **%d** | **%d** | **%d** | **%d** | |\n", sum.cases, sum.books, sum.rules, sum.cases-sum.books-sum.rules)
	const name = "../../docs/conformance.md"
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	const rule = "|---|---|---|---|---|---|---|\n"
	prose, table, found := strings.Cut(string(content), rule)
	if !found {
		t.Fatalf("%s has no table", name)
	}
	if *update {
		if err := os.WriteFile(name, []byte(prose+rule+b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if table != b.String() {
		t.Errorf("%s tells other cases than testdata/vectors; run this test with -update\n%s", name, b.String())
	}
}
