package registry

import (
	"encoding/json"
	"fmt"

	"github.com/invopop/jsonschema"
)

// shape is how a column is written in NDJSON; CSV and Parquet write the same
// values as text, or in their own types (docs/formats.md, Registry).
type shape string

// The shapes of columns.
const (
	shapeText    shape = "text"
	shapeFlag    shape = "true or false"
	shapeNumber  shape = "number"
	shapeDay     shape = "day of the month"
	shapeMoment  shape = "instant or date"
	shapeLabels  shape = "object of texts"
	shapeNumbers shape = "object of numbers"
)

// described is a column's shape and what it means, for editors.
type described struct {
	shape shape
	about string
}

// columnsOf describes the columns of each kind.
func columnsOf() map[Kind]map[string]described {
	return map[Kind]map[string]described{
		Accounts: {
			"id":          {shapeText, "Your key of the account."},
			"parent":      {shapeText, "The account above; none is a root."},
			"kind":        {shapeText, "For people: organization, space, app, user."},
			"name":        {shapeText, "For people."},
			"external_id": {shapeText, "Its key in another system."},
			"bills":       {shapeFlag, "true: invoices of it and of everything below go here."},
			"currency":    {shapeText, "ISO 4217 code; inherited from the parent."},
			"time_zone":   {shapeText, "IANA name such as Europe/Zurich; inherited from the parent, UTC at a root."},
			"labels":      {shapeLabels, "Anything for people and other systems."},
		},
		Subscriptions: {
			"id":              {shapeText, "Your key of the subscription."},
			"account":         {shapeText, "The account that has it."},
			"plan":            {shapeText, "A key of the price book's plans."},
			"start":           {shapeMoment, "The first moment that counts."},
			"end":             {shapeMoment, "The first moment that no longer counts; none is open."},
			"anchor":          {shapeDay, "The day on which its periods begin, instead of the plan's."},
			"time_zone":       {shapeText, "Instead of the account's."},
			"quantities":      {shapeNumbers, "Price to number, for fixed fees."},
			"price_overrides": {shapeNumbers, "Price to amount, instead of the plan's."},
			"external_id":     {shapeText, "Its key in another system."},
			"phase":           {shapeText, "For people and other systems."},
			"labels":          {shapeLabels, "Anything for people and other systems."},
		},
		Resources: {
			"id":           {shapeText, "Your key of the resource."},
			"account":      {shapeText, "The account that has it."},
			"subscription": {shapeText, "The subscription that pays; none: the account's that prices its kind."},
			"kind":         {shapeText, "What a price calls `resource:`."},
			"sku":          {shapeText, "A key of the price's `prices`."},
			"quantity":     {shapeNumber, "How many; 1 unless said otherwise."},
			"created":      {shapeMoment, "The first moment that counts."},
			"deleted":      {shapeMoment, "The first moment that no longer counts; none is still there."},
			"labels":       {shapeLabels, "Anything for people and other systems."},
		},
	}
}

// Kinds returns the kinds of registry files, in the order of the documentation.
func Kinds() []Kind { return []Kind{Accounts, Subscriptions, Resources} }

// Schema returns the JSON Schema (draft 2020-12) of one line of an NDJSON file
// of a kind, which is one row of the others. It comes from the columns that are
// read.
func Schema(k Kind) ([]byte, error) {
	switch k {
	case Accounts:
		return schemaOf(k, accountFields())
	case Subscriptions:
		return schemaOf(k, subscriptionFields())
	case Resources:
		return schemaOf(k, resourceFields())
	}
	return nil, fmt.Errorf("schema of %q: it is not a kind of registry file; write one of %v", k, Kinds())
}

func schemaOf[T any](k Kind, fields []field[T]) ([]byte, error) {
	s := &jsonschema.Schema{
		Version: jsonschema.Version, Title: "Daybook registry: a row of " + string(k), Type: "object",
		Properties:           jsonschema.NewProperties(),
		PatternProperties:    map[string]*jsonschema.Schema{"^x_": {Description: "A column of your own; it is not read."}},
		AdditionalProperties: jsonschema.FalseSchema,
	}
	columns := columnsOf()[k]
	for _, f := range fields {
		c, known := columns[f.name]
		if !known {
			return nil, fmt.Errorf("schema of %s: column %s is not described", k, f.name)
		}
		p := c.shape.schema(!f.need)
		p.Description = c.about
		s.Properties.Set(f.name, p)
		if f.need {
			s.Required = append(s.Required, f.name)
		}
	}
	out, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write schema of %s: %w", k, err)
	}
	return out, nil
}

// schema describes a value; one that may be absent may also be null or empty.
func (s shape) schema(optional bool) *jsonschema.Schema {
	number := func() *jsonschema.Schema { return &jsonschema.Schema{Type: "number", Minimum: "0"} }
	decimal := func() *jsonschema.Schema {
		return &jsonschema.Schema{Type: "string", Pattern: `^[0-9]+(\.[0-9]+)?$`}
	}
	one := func(of ...*jsonschema.Schema) []*jsonschema.Schema { return of }
	var choices []*jsonschema.Schema
	switch s {
	case shapeFlag:
		choices = one(&jsonschema.Schema{Type: "boolean"}, &jsonschema.Schema{Type: "string", Pattern: "^([Tt]([Rr][Uu][Ee])?|[Ff]([Aa][Ll][Ss][Ee])?|[01])$"}, &jsonschema.Schema{Enum: []any{0, 1}})
	case shapeNumber:
		choices = one(number(), decimal())
	case shapeDay:
		choices = one(&jsonschema.Schema{Type: "integer", Minimum: "1", Maximum: "31"}, &jsonschema.Schema{Type: "string", Pattern: "^0*([1-9]|[12][0-9]|3[01])$"})
	case shapeMoment:
		choices = one(&jsonschema.Schema{Type: "string", Pattern: `^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}(:?[0-9]{2})?))?$`})
	case shapeLabels:
		value := &jsonschema.Schema{AnyOf: one(&jsonschema.Schema{Type: "string"}, &jsonschema.Schema{Type: "number"}, &jsonschema.Schema{Type: "boolean"}, &jsonschema.Schema{Type: "null"})}
		choices = one(&jsonschema.Schema{Type: "object", AdditionalProperties: value})
	case shapeNumbers:
		value := &jsonschema.Schema{AnyOf: one(number(), decimal(), &jsonschema.Schema{Type: "null"})}
		choices = one(&jsonschema.Schema{Type: "object", AdditionalProperties: value})
	default:
		choices = one(&jsonschema.Schema{Type: "string", Pattern: `^\S(.*\S)?$`}, &jsonschema.Schema{Type: "number"})
	}
	if optional {
		choices = append(choices, &jsonschema.Schema{Type: "null"}, &jsonschema.Schema{Const: ""})
	}
	return &jsonschema.Schema{AnyOf: choices}
}
