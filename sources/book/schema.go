package book

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"github.com/invopop/jsonschema"
)

// Schema returns the JSON Schema (draft 2020-12) of one version of a book, which
// is one YAML document. It comes from the types that books are read into.
// Numbers may be written as numbers or as text.
func Schema() ([]byte, error) {
	r := jsonschema.Reflector{Anonymous: true, ExpandedStruct: true, Namer: reflect.Type.Name}
	s := r.Reflect(&document{})
	s.Title = "Daybook price book"
	out, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write schema of price books: %w", err)
	}
	return out, nil
}

// JSONSchemaAlias tells the reflector that a text is a string.
func (text) JSONSchemaAlias() any { return "" }

// JSONSchema implements the reflector's interface.
func (number) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{OneOf: []*jsonschema.Schema{
		{Type: "number"},
		{Type: "string", Pattern: `^-?[0-9]+(\.[0-9]+)?$`},
	}}
}

// JSONSchema implements the reflector's interface.
func (b bound) JSONSchema() *jsonschema.Schema {
	s := b.number.JSONSchema()
	s.OneOf = append(s.OneOf, &jsonschema.Schema{Type: "null"})
	return s
}

// JSONSchema implements the reflector's interface.
func (anchor) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{OneOf: []*jsonschema.Schema{
		{Type: "string", Pattern: `^(calendar|subscription|[1-9]|[12][0-9]|3[01])$`},
		{Type: "integer", Minimum: "1", Maximum: "31"},
	}}
}

// JSONSchemaAlias tells the reflector that a toggle is true or false.
func (toggle) JSONSchemaAlias() any { return false }

// JSONSchema implements the reflector's interface.
func (words) JSONSchema() *jsonschema.Schema {
	word := &jsonschema.Schema{Type: "string"}
	return &jsonschema.Schema{OneOf: []*jsonschema.Schema{word, {Type: "array", Items: word}}}
}

// JSONSchema implements the reflector's interface. A matrix has one or two
// dimensions, so prices are at most two levels deep.
func (grid) JSONSchema() *jsonschema.Schema {
	price := number{}.JSONSchema()
	inner := &jsonschema.Schema{Type: "object", AdditionalProperties: price}
	return &jsonschema.Schema{Type: "object", AdditionalProperties: &jsonschema.Schema{
		AnyOf: []*jsonschema.Schema{price, inner},
	}}
}

// JSONSchema implements the reflector's interface.
func (m measure) JSONSchema() *jsonschema.Schema {
	s := m.number.JSONSchema()
	s.OneOf = append(s.OneOf, &jsonschema.Schema{Const: "all"})
	return s
}

// JSONSchema implements the reflector's interface.
func (levelSchedule) JSONSchema() *jsonschema.Schema {
	change := &jsonschema.Schema{
		Type: "object", Properties: jsonschema.NewProperties(), Required: []string{"from", "level"}, AdditionalProperties: jsonschema.FalseSchema,
	}
	change.Properties.Set("from", &jsonschema.Schema{Type: "string", Description: "Instant from which on the level holds, with its offset: 2026-10-01T00:00:00Z."})
	change.Properties.Set("level", number{}.JSONSchema())
	return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{{Type: "string"}, {Type: "array", Items: change}}}
}

// JSONSchema implements the reflector's interface.
func (bounds) JSONSchema() *jsonschema.Schema {
	bound := number{}.JSONSchema()
	return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{bound, {Type: "object", AdditionalProperties: bound}}}
}

// JSONSchemaAlias tells the reflector that a list is an array of its items.
func (list[T]) JSONSchemaAlias() any { return []T{} }

// JSONSchemaAlias tells the reflector that a table is an object of its rows.
func (table[T]) JSONSchemaAlias() any { return map[string]T{} }

// JSONSchemaExtend says that a price is for exactly one thing: capacity names its
// meters itself where it has several.
func (price) JSONSchemaExtend(s *jsonschema.Schema) {
	for _, key := range []string{"meter", "fixed", "resource"} {
		s.OneOf = append(s.OneOf, &jsonschema.Schema{Required: []string{key}})
	}
	s.OneOf = append(s.OneOf, &jsonschema.Schema{
		Required: []string{"capacity"},
		Not:      &jsonschema.Schema{AnyOf: slices.Clone(s.OneOf)},
	})
}
