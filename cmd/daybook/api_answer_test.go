package main

import (
	"encoding/json"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// valueAt walks to a value of a JSON answer by keys and places in arrays, as
// "acme/2019-08/combined"; numbers stay as they are written, what is not there is
// nil.
func valueAt(t *testing.T, body, path string) any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	for _, key := range strings.Split(path, "/") {
		switch of := v.(type) {
		case map[string]any:
			v = of[key]
		case []any:
			i, err := strconv.Atoi(key)
			if v = nil; err == nil && i >= 0 && i < len(of) {
				v = of[i]
			}
		default:
			v = nil
		}
	}
	return v
}

// publishedSchema compiles a schema of docs/schemas.
func publishedSchema(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	s, err := c.Compile(filepath.Join(module, "docs", "schemas", name+".schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// wantValid holds an answer against a schema.
func wantValid(t *testing.T, s *jsonschema.Schema, what, body string) {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
	if err == nil {
		err = s.Validate(v)
	}
	if err != nil {
		t.Errorf("%s: %v\n%s", what, err, body)
	}
}
