package book

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

func compiledSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	b, err := Schema()
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

func validate(t *testing.T, s *jsonschema.Schema, text string) error {
	t.Helper()
	b, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(v)
}

func TestSchema_AcceptsEveryBookOfTestdata(t *testing.T) {
	s := compiledSchema(t)
	names, err := filepath.Glob("../../testdata/books/*.yaml")
	if err != nil || len(names) < 8 {
		t.Fatalf("found %d books, %v", len(names), err)
	}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range splitDocuments(strings.Split(string(content), "\n")) {
			if err := validate(t, s, p.text); err != nil {
				t.Errorf("%s:%d: %v", name, p.first, err)
			}
		}
	}
}

func TestSchema_RefusesWhatParseRefuses(t *testing.T) {
	s := compiledSchema(t)
	const head = "book: b\ncurrency: CHF\neffective: 2026-01-01\n"
	const good = head + "plans:\n  p:\n    prices:\n      x: {fixed: 1}\n"
	if err := validate(t, s, good); err != nil {
		t.Fatalf("a valid book: %v", err)
	}
	for name, text := range map[string]string{
		"unknown key at the top":   good + "metres: {}\n",
		"unknown key of a price":   strings.Replace(good, "fixed: 1", "fixed: 1, gradated: 2", 1),
		"unknown key of a meter":   good + "meters: {m: {aggregate: sum, uint: GB}}\n",
		"unknown aggregation":      good + "meters: {m: {aggregate: total}}\n",
		"missing currency":         strings.Replace(good, "currency: CHF\n", "", 1),
		"two bases of a price":     strings.Replace(good, "fixed: 1", "fixed: 1, resource: vm", 1),
		"no base of a price":       strings.Replace(good, "fixed: 1", "unit: 1", 1),
		"exponent in quotes":       strings.Replace(good, "fixed: 1", `fixed: "1e5"`, 1),
		"list where a table is":    strings.Replace(good, "x: {fixed: 1}", "[1]", 1),
		"anchor that is no day":    strings.Replace(good, "p:\n", "p:\n    cycle: {anchor: 32}\n", 1),
		"tiers that are no list":   strings.Replace(good, "fixed: 1", "meter: m, graduated: 5", 1),
		"matrix of three levels":   strings.Replace(good, "fixed: 1", "meter: m, matrix: {by: [a], prices: {x: {y: {z: 1}}}}", 1),
		"package without its size": strings.Replace(good, "fixed: 1", "meter: m, package: {price: 1}", 1),
	} {
		if err := validate(t, s, text); err == nil {
			t.Errorf("%s: the schema accepts it", name)
		}
		if _, err := Parse([]File{{Name: "b.yaml", Content: []byte(text)}}); err == nil {
			t.Errorf("%s: Parse accepts it", name)
		}
	}
}

func TestSchema_IsPublished(t *testing.T) {
	const name = "../../docs/schemas/book.schema.json"
	schema, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(name, append(schema, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	published, err := os.ReadFile(name)
	if err != nil || string(published) != string(schema)+"\n" {
		t.Errorf("%s is not the schema of what is read; run this test with -update (%v)", name, err)
	}
}
