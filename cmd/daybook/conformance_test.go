package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"daybook/pricing/money"
	"daybook/sources/book"
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
	content, err := os.ReadFile(filepath.Join(module, "testdata", "vectors", "pricing-vectors.jsonl"))
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

// leftOut returns why cases are left out, by their ids.
func leftOut(t *testing.T) map[string]string {
	t.Helper()
	file, err := os.Open(filepath.Join(module, "testdata", "vectors", "left-out.csv"))
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

// trialCase is one case on its way through `daybook price`.
type trialCase struct {
	t      *testing.T
	v      vector
	schema *jsonschema.Schema
	asked  int // how often the command ran
	wanted int // how many figures were compared
}

// price runs the command on a book and returns its JSON answer. Flags that the
// case does not give are --plan p and --period 2026-10.
func (k *trialCase) price(text string, args ...string) explainedDocument {
	k.t.Helper()
	k.asked++
	if err := validates(k.schema, text); err != nil {
		k.t.Fatalf("the schema refuses the book: %v\n%s", err, text)
	}
	path := filepath.Join(k.t.TempDir(), "book.yaml")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		k.t.Fatal(err)
	}
	line := []string{"price", "-o", "json", "--book", path}
	for _, other := range [][2]string{{"--period", "2026-10"}, {"--plan", "p"}} {
		if !slices.Contains(args, other[0]) && (other[0] != "--plan" || !slices.Contains(args, "--registry")) {
			line = append(line, other[:]...)
		}
	}
	root, out := newRoot(), &bytes.Buffer{}
	root.SetArgs(append(line, args...))
	root.SetOut(out)
	if err := root.ExecuteContext(k.t.Context()); err != nil {
		k.t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, text)
	}
	var d explainedDocument
	if err := json.Unmarshal(out.Bytes(), &d); err != nil {
		k.t.Fatal(err)
	}
	for _, l := range d.Lines {
		k.recomputes(l)
	}
	return d
}

// recomputes adds a line up from its steps, whatever its price.
func (k *trialCase) recomputes(l explainedLine) {
	k.t.Helper()
	last, worth := "round", money.Whole(1)
	if l.PricingUnit != nil {
		last, worth = "worth", money.MustAmount(l.PricingUnit.Worth).Fraction()
	}
	in := func(a string) string { return money.MustAmount(a).Fraction().Mul(worth).Amount().String() }
	parts, adjusted := "0", "0"
	at := map[string]string{}
	for _, s := range l.Steps {
		switch s.Step {
		case "part":
			parts = sum(parts, s.Amount)
		case "adjustment":
			adjusted = sum(adjusted, s.Amount)
		default:
			at[s.Step] = s.Amount
		}
	}
	if len(l.Steps) < 4 || parts != less(at["subtotal"], "0") || sum(parts, adjusted) != less(at["total"], "0") ||
		in(at["subtotal"]) != l.ExactSubtotal || in(at["total"]) != l.ExactTotal {
		k.t.Errorf("the steps of line %d do not add up: parts %s, adjustments %s: %+v", l.Line, parts, adjusted, l)
	}
	if off := less(at["round"], at["total"]); less(at[last], l.Total) != "0" || money.MustAmount(off).Fraction().Abs().Cmp(money.Whole(1)) > 0 {
		k.t.Errorf("line %d is %s, its last step %s of %s", l.Line, l.Total, at[last], at["total"])
	}
}

// wants compares a figure of the answer with one that the case expects: as
// numbers where both are.
func (k *trialCase) wants(what, got string, expected any) {
	k.t.Helper()
	k.wanted++
	want := fmt.Sprint(expected)
	a, errA := money.ParseAmount(got)
	b, errB := money.ParseAmount(want)
	if errA == nil && errB == nil && a.Cmp(b) == 0 || got == want {
		return
	}
	k.t.Errorf("%s of %s (%s) is %s, want %s", what, k.v.ID, k.v.Source, got, want)
}

// pricedCases counts how many of the cases `daybook price` prices.
const pricedCases = 172

func TestConformance_CasesOfOtherSystemsByDaybookPrice(t *testing.T) {
	left, schema, count := leftOut(t), bookSchema(t), 0
	for _, v := range vectors(t) {
		ask := v.trial()
		if ask == nil || left[v.ID] != "" {
			continue
		}
		count++
		if testing.Short() && count%10 != 0 {
			continue // under the race detector, which is after goroutines and not after figures
		}
		t.Run(v.ID, func(t *testing.T) {
			t.Parallel()
			k := &trialCase{t: t, v: v, schema: schema}
			ask(k)
			if k.asked == 0 || k.wanted == 0 {
				t.Errorf("the command ran %d times and %d figures were compared", k.asked, k.wanted)
			}
		})
	}
	if count != pricedCases {
		t.Errorf("priced %d cases, want %d", count, pricedCases)
	}
}

func bookSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	b, err := book.Schema()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("book.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("book.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validates(s *jsonschema.Schema, text string) error {
	b, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		return err
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		return err
	}
	return s.Validate(v)
}

// tally counts the cases of one system and model.
type tally struct {
	system, model        string
	cases, priced, rules int
	reasons              []string
}

func tallies(t *testing.T) []*tally {
	t.Helper()
	left := leftOut(t)
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
		case v.trial() != nil:
			c.priced++
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
	for _, c := range tallies(t) {
		left := c.cases - c.priced - c.rules
		fmt.Fprintf(&b, "| %s | `%s` | %d | %d | %d | %d | %s |\n", c.system, c.model, c.cases, c.priced, c.rules, left, strings.Join(c.reasons, "; "))
		sum.cases, sum.priced, sum.rules = sum.cases+c.cases, sum.priced+c.priced, sum.rules+c.rules
	}
	fmt.Fprintf(&b, "| **all** | | **%d** | **%d** | **%d** | **%d** | |\n", sum.cases, sum.priced, sum.rules, sum.cases-sum.priced-sum.rules)
	name := filepath.Join(module, "docs", "conformance.md")
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
