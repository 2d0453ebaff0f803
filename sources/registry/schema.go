package registry

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/invopop/jsonschema"
)

// shape is how a column is written in NDJSON; CSV and Parquet write the same
// values as text, or in their own types (docs/formats.md, Registry).
type shape string

// The shapes of columns. Any other is the words that a column may say, between
// bars.
const (
	shapeText    shape = "text"
	shapeFlag    shape = "true or false"
	shapeNumber  shape = "number"
	shapeDay     shape = "day of the month"
	shapeMoment  shape = "instant or date"
	shapeDate    shape = "date"
	shapeSigned  shape = "number of either sign"
	shapeRank    shape = "whole number"
	shapeLevel   shape = "whole number, 0 or more"
	shapeList    shape = "list of texts"
	shapeLabels  shape = "object of texts"
	shapeAmounts shape = "object of numbers"
	shapeNumbers shape = "object of numbers, or of lists of numbers with dates"
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

			"jurisdiction": {shapeText, "Whose taxes it owes, such as CH or US-NY; inherited from the parent."},
		},
		Subscriptions: {
			"id":              {shapeText, "Your key of the subscription."},
			"account":         {shapeText, "The account that has it."},
			"plan":            {shapeText, "A key of the price book's plans."},
			"start":           {shapeMoment, "The first moment that counts."},
			"end":             {shapeMoment, "The first moment that no longer counts; none is open."},
			"anchor":          {shapeDay, "The day on which its periods begin, instead of the plan's."},
			"time_zone":       {shapeText, "Instead of the account's."},
			"quantities":      {shapeNumbers, "Price to number, for fixed fees; a number that changes is a list, each but the first with the time from which it holds."},
			"price_overrides": {shapeAmounts, "Price to amount, instead of the plan's."},
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
		Credits: {
			"id":         {shapeText, "Your key of the credit."},
			"account":    {shapeText, "It pays lines of the account and of those below it."},
			"amount":     {shapeNumber, "How much it pays, above zero."},
			"currency":   {shapeText, "ISO 4217 code: the price book's."},
			"time":       {shapeMoment, "From when it counts."},
			"expires":    {shapeMoment, "The first moment that it no longer counts; none is never."},
			"priority":   {shapeRank, "Smaller ones are used first; 0 unless said otherwise."},
			"kind":       {"paid|promotional", "paid unless said otherwise."},
			"recurring":  {"monthly", "Given anew by each closing."},
			"plans":      {shapeList, "Only lines of these plans."},
			"prices":     {shapeList, "Only lines of these prices."},
			"cost_basis": {shapeNumber, "What was paid for one unit of it."},
		},
		Payments: {
			"id":       {shapeText, "Your key of the payment."},
			"account":  {shapeText, "Whose balance it is paid to, or an account below it."},
			"amount":   {shapeNumber, "How much was paid, above zero."},
			"currency": {shapeText, "ISO 4217 code: the price book's."},
			"time":     {shapeMoment, "When it was paid."},
		},
		Adjustments: {
			"id":          {shapeText, "Your key of the adjustment."},
			"account":     {shapeText, "Whose balance it changes, or an account below it."},
			"amount":      {shapeSigned, "Above zero where more is owed, below zero where less."},
			"currency":    {shapeText, "ISO 4217 code: the price book's."},
			"time":        {shapeMoment, "When it changes the balance."},
			"payment":     {shapeText, "The payment that it gives back."},
			"description": {shapeText, "For people."},
		},
		Taxes: {
			"id":           {shapeText, "Your key of the tax."},
			"jurisdiction": {shapeText, "It holds there and within: CH-ZH is within CH."},
			"rate":         {shapeNumber, "Per cent: 8.1."},
			"inclusive":    {shapeFlag, "true: prices contain it."},
			"start":        {shapeDate, "The first day with it; none is always."},
			"end":          {shapeDate, "The first day without it; none is for ever."},
			"plans":        {shapeList, "Only lines of these plans."},
			"prices":       {shapeList, "Only lines of these prices."},
		},
		Levels: {
			"schedule": {shapeText, "What a burst price calls `schedule:`."},
			"from":     {shapeMoment, "From when on the level holds, until the schedule's next one; a date is midnight UTC."},
			"level":    {shapeLevel, "0, 1, 2 and up; the price book has their prices."},
		},
	}
}

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
	case Credits:
		return schemaOf(k, creditFields())
	case Payments:
		return schemaOf(k, paymentFields())
	case Adjustments:
		return schemaOf(k, adjustmentFields())
	case Taxes:
		return schemaOf(k, taxFields())
	case Levels:
		return schemaOf(k, levelFields())
	}
	return nil, fmt.Errorf("schema of %q: it is not a kind of registry file; write one of %v", k, kinds())
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
	case shapeSigned:
		choices = one(&jsonschema.Schema{Type: "number"}, &jsonschema.Schema{Type: "string", Pattern: `^-?[0-9]+(\.[0-9]+)?$`})
	case shapeLevel:
		choices = one(&jsonschema.Schema{Type: "integer", Minimum: "0"}, &jsonschema.Schema{Type: "string", Pattern: "^[0-9]+$"})
	case shapeRank:
		choices = one(&jsonschema.Schema{Type: "integer"}, &jsonschema.Schema{Type: "string", Pattern: `^[+-]?[0-9]+$`})
	case shapeList:
		name := &jsonschema.Schema{Type: "string", Pattern: `^\S(.*\S)?$`}
		choices = one(&jsonschema.Schema{Type: "array", Items: name, UniqueItems: true})
	case shapeDate:
		choices = one(&jsonschema.Schema{Type: "string", Pattern: `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`})
	case shapeMoment:
		choices = one(&jsonschema.Schema{Type: "string", Pattern: `^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}(:?[0-9]{2})?))?$`})
	case shapeLabels:
		value := &jsonschema.Schema{AnyOf: one(&jsonschema.Schema{Type: "string"}, &jsonschema.Schema{Type: "number"}, &jsonschema.Schema{Type: "boolean"}, &jsonschema.Schema{Type: "null"})}
		choices = one(&jsonschema.Schema{Type: "object", AdditionalProperties: value})
	case shapeAmounts:
		value := &jsonschema.Schema{AnyOf: one(number(), decimal(), &jsonschema.Schema{Type: "null"})}
		choices = one(&jsonschema.Schema{Type: "object", AdditionalProperties: value})
	case shapeNumbers:
		change := &jsonschema.Schema{
			Type: "object", Properties: jsonschema.NewProperties(), Required: []string{"quantity"}, AdditionalProperties: jsonschema.FalseSchema,
		}
		change.Properties.Set("from", shapeMoment.schema(false))
		change.Properties.Set("quantity", shapeNumber.schema(false))
		value := &jsonschema.Schema{AnyOf: one(number(), decimal(), &jsonschema.Schema{Type: "null"}, &jsonschema.Schema{Type: "array", Items: change})}
		choices = one(&jsonschema.Schema{Type: "object", AdditionalProperties: value})
	case shapeText:
		choices = one(&jsonschema.Schema{Type: "string", Pattern: `^\S(.*\S)?$`}, &jsonschema.Schema{Type: "number"})
	default:
		words := &jsonschema.Schema{Type: "string"}
		for word := range strings.SplitSeq(string(s), "|") {
			words.Enum = append(words.Enum, word)
		}
		choices = one(words)
	}
	if optional {
		choices = append(choices, &jsonschema.Schema{Type: "null"}, &jsonschema.Schema{Const: ""})
	}
	return &jsonschema.Schema{AnyOf: choices}
}
