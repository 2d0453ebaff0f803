package registry

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func compiledSchema(t *testing.T, k Kind) *jsonschema.Schema {
	t.Helper()
	b, err := Schema(k)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("row.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("row.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func accepts(t *testing.T, s *jsonschema.Schema, line string) error {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(v)
}

// Every kind of file has its schema in docs/schemas.
func TestSchema_IsPublished(t *testing.T) {
	for _, k := range kinds() {
		b, err := Schema(k)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join("..", "..", "docs", "schemas", "registry-"+string(k)+".schema.json")
		if *update {
			if err := os.WriteFile(name, append(b, '\n'), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		published, err := os.ReadFile(name)
		if err != nil || string(published) != string(b)+"\n" {
			t.Errorf("%s is not the schema of what is read; run this test with -update (%v)", name, err)
		}
	}
	if _, err := Schema("plans"); err == nil {
		t.Error("plans have a schema")
	}
}

func TestSchema_AcceptsWhatIsRead(t *testing.T) {
	for k, text := range map[Kind]string{Accounts: accountsNDJSON, Subscriptions: subscriptionsNDJSON, Resources: resourcesNDJSON} {
		s := compiledSchema(t, k)
		for line := range strings.Lines(text) {
			if line = strings.TrimSpace(line); line == "" {
				continue
			}
			if err := accepts(t, s, line); err != nil {
				t.Errorf("%s: %v", line, err)
			}
		}
	}
	for _, c := range []struct {
		kind Kind
		line string
	}{
		{Subscriptions, `{"id":1,"account":"a","plan":"p","start":"2026-02-28 10:00:00+02","end":null,"anchor":"","labels":{"a":true}}`},
		{Subscriptions, `{"id":"s","account":"a","plan":"p","start":"2026-02-28","end":"","anchor":"31","x_own":[1]}`},
		{Credits, `{"id":"c","account":"acme","amount":"100.50","currency":"CHF","time":"2026-01-01","expires":null,"priority":-1,"kind":"promotional","recurring":"monthly","plans":["p"],"prices":[],"cost_basis":0.9}`},
		{Payments, `{"id":"p","account":"acme","amount":100,"currency":"CHF","time":"2026-01-01T10:00:00Z"}`},
		{Adjustments, `{"id":"a","account":"acme","amount":"-6.43","currency":"CHF","time":"2026-01-01","payment":"p","description":"Sorry"}`},
		{Adjustments, `{"id":"a","account":"acme","amount":-6.43,"currency":"CHF","time":"2026-01-01"}`},
		{Levels, `{"schedule":"load","from":"2026-10-01T00:00:00Z","level":0}`},
		{Levels, `{"schedule":"load","from":"2026-10-01","level":"2"}`},
		{Taxes, `{"id":"t","jurisdiction":"CH","rate":8.1,"inclusive":false,"start":"2024-01-01","end":"","plans":["p"]}`},
	} {
		if err := accepts(t, compiledSchema(t, c.kind), c.line); err != nil {
			t.Errorf("%s: %v", c.line, err)
		}
		if _, err := Parse(withFile(File{Name: string(c.kind) + ".ndjson", Content: []byte(c.line)}), Limits{}); err != nil {
			t.Errorf("Parse refuses %s: %v", c.line, err)
		}
	}
}

func TestSchema_RefusesWhatParseRefuses(t *testing.T) {
	for _, c := range []struct {
		kind Kind
		line string
	}{
		{Accounts, `{"name":"without an id"}`},
		{Accounts, `{"id":"a","bills":"perhaps"}`},
		{Accounts, `{"id":"a","colour":"red"}`},
		{Accounts, `{"id":" a"}`},
		{Accounts, `{"id":""}`},
		{Accounts, `{"id":null}`},
		{Subscriptions, `{"id":"s","account":"a","plan":"p"}`},
		{Subscriptions, `{"id":"s","account":"a","plan":"p","start":"01.02.2026"}`},
		{Subscriptions, `{"id":"s","account":"a","plan":"p","start":"2026-01-01T00:00:00"}`},
		{Subscriptions, `{"id":"s","account":"a","plan":"p","start":20260101}`},
		{Subscriptions, `{"id":"s","account":"a","plan":"p","start":"2026-01-01","anchor":32}`},
		{Subscriptions, `{"id":"s","account":"a","plan":"p","start":"2026-01-01","anchor":0}`},
		{Subscriptions, `{"id":"s","account":"a","plan":"p","start":"2026-01-01","quantities":{"seats":-1}}`},
		{Subscriptions, `{"id":"s","account":"a","plan":"p","start":"2026-01-01","quantities":{"seats":"1e3"}}`},
		{Subscriptions, `{"id":"s","account":"a","plan":"p","start":"2026-01-01","labels":[]}`},
		{Resources, `{"id":"r","account":"a","kind":"vm","created":"2026-01-01","quantity":"NaN"}`},
		{Resources, `{"id":"r","account":"a","kind":"vm","created":"2026-01-01","quantity":"1,000"}`},
		{Resources, `{"id":"r","account":"a","created":"2026-01-01"}`},
		{Credits, `{"id":"c","account":"acme","amount":"-1","currency":"CHF","time":"2026-01-01"}`},
		{Credits, `{"id":"c","account":"acme","amount":"1","currency":"CHF","time":"2026-01-01","kind":"gift"}`},
		{Credits, `{"id":"c","account":"acme","amount":"1","currency":"CHF","time":"2026-01-01","recurring":"daily"}`},
		{Credits, `{"id":"c","account":"acme","amount":"1","currency":"CHF","time":"2026-01-01","plans":["p","p"]}`},
		{Credits, `{"id":"c","account":"acme","amount":"1","currency":"CHF","time":"2026-01-01","priority":1.5}`},
		{Payments, `{"id":"p","account":"acme","amount":"1e3","currency":"CHF","time":"2026-01-01"}`},
		{Adjustments, `{"id":"a","account":"acme","amount":"--1","currency":"CHF","time":"2026-01-01"}`},
		{Levels, `{"schedule":"load","from":"2026-10-01","level":-1}`},
		{Levels, `{"schedule":"load","from":"2026-10-01"}`},
		{Taxes, `{"id":"t","jurisdiction":"CH","rate":"8.1%"}`},
		{Taxes, `{"id":"t","jurisdiction":"CH","rate":8.1,"start":"2026-01-01T00:00:00Z"}`},
	} {
		if accepts(t, compiledSchema(t, c.kind), c.line) == nil {
			t.Errorf("the schema accepts %s", c.line)
		}
		_, err := Parse(withFile(File{Name: string(c.kind) + ".ndjson", Content: []byte(c.line)}), Limits{})
		var faults *Errors
		if !errors.As(err, &faults) {
			t.Errorf("Parse accepts %s: %v", c.line, err)
		}
	}
}
