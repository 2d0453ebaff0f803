package book

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
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

// priced counts how many of the cases are priced through a book.
const priced = 89

func TestConformance_CasesOfOtherSystemsPriceThroughABook(t *testing.T) {
	left, schema, count := reasons(t), compiledSchema(t), 0
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
		switch v.Model {
		case "free_quota":
			want = say(v.Expected, "cost")
		case "percent_discount":
			want = say(v.Expected, "final")
		}
		if got := v.outcome(t, b); got.Cmp(amt(want)) != 0 {
			t.Errorf("%s (%s) costs %s, want %s\n%s", v.ID, v.Source, got, want, text)
		}
		if err := validate(t, schema, text); err != nil {
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
