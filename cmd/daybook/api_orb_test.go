package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// orbSchemas are the published schemas of Orb's answers, by name.
func orbSchemas(t *testing.T) map[string]*jsonschema.Schema {
	t.Helper()
	out, err := compiledOrbSchemas()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

var compiledOrbSchemas = sync.OnceValues(func() (map[string]*jsonschema.Schema, error) {
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	files, err := filepath.Glob(filepath.Join(module, "docs", "schemas", "orb-*.schema.json"))
	if err != nil {
		return nil, err
	}
	out := map[string]*jsonschema.Schema{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(content))
		if err != nil {
			return nil, err
		}
		name, _ := strings.CutSuffix(filepath.Base(file), ".schema.json")
		out[name] = nil
		if err := c.AddResource("urn:daybook:schema:"+name+":1", schema); err != nil {
			return nil, err
		}
	}
	for name := range out {
		if out[name], err = c.Compile("urn:daybook:schema:" + name + ":1"); err != nil {
			return nil, err
		}
	}
	return out, nil
})

// orbSchemaOf is the schema of a route's answer.
func orbSchemaOf(path string) string {
	path, _, _ = strings.Cut(path, "?")
	switch {
	case strings.HasSuffix(path, "/costs"):
		return "orb-costs"
	case strings.HasSuffix(path, "/usage"):
		return "orb-usage"
	case strings.HasSuffix(path, "/summary"):
		return "orb-invoice-summaries"
	case strings.HasSuffix(path, "/invoices"):
		return "orb-invoices"
	}
	return "orb-invoice"
}

// ofJune asks for costs from the 1st to before another day of June 2023.
func ofJune(customer, day, more string) string {
	return "/v1/customers/" + customer + "/costs?timeframe_start=2023-06-01&timeframe_end=2023-06-" + day + more
}

// The worked examples 68 to 87 of Orb from usage files to the answer. The numbers
// are those of the reference (docs/conformance.md).
func TestServedOrb_WorkedExamples(t *testing.T) {
	s := servedSystem(t, "orb")
	schemas, bodies := orbSchemas(t), map[string]string{}
	table, periodic := ofJune("metered", "06", ""), ofJune("metered", "06", "&view_mode=periodic")
	const per = "/per_price_costs/0/"
	for _, c := range []struct{ example, path, at, want string }{
		{"68: day 1", table, "data/0/timeframe_start", "2023-06-01T00:00:00+00:00"},
		{"68: day 1", table, "data/0/timeframe_end", "2023-06-02T00:00:00+00:00"},
		{"68: day 1", table, "data/0/subtotal", "22.50"},
		{"68: day 1", table, "data/0/total", "50.00"},
		{"68: day 2", table, "data/1" + per + "quantity", "19"},
		{"68: day 2", table, "data/1" + per + "subtotal", "47.50"},
		{"68: day 2", table, "data/1" + per + "total", "50.00"},
		{"68: day 3", table, "data/2/timeframe_start", "2023-06-01T00:00:00+00:00"},
		{"68: day 3", table, "data/2/subtotal", "50.00"},
		{"68: day 3", table, "data/2/total", "50.00"},
		{"68: day 4", table, "data/3/subtotal", "70.00"},
		{"68: day 4", table, "data/3/total", "70.00"},
		{"68: day 5", table, "data/4/timeframe_end", "2023-06-06T00:00:00+00:00"},
		{"68: day 5", table, "data/4" + per + "quantity", "36"},
		{"68: day 5", table, "data/4/subtotal", "90.00"},
		{"68: day 5", table, "data/4/total", "90.00"},
		{"68: no day 6", table, "data/5", ""},
		{"69: day 1", periodic, "data/0/total", "50.00"},
		{"69: day 2", periodic, "data/1/timeframe_start", "2023-06-02T00:00:00+00:00"},
		{"69: day 2", periodic, "data/1/timeframe_end", "2023-06-03T00:00:00+00:00"},
		{"69: day 2", periodic, "data/1/subtotal", "25.00"},
		{"69: day 2", periodic, "data/1/total", "0.00"},
		{"69: day 3", periodic, "data/2" + per + "quantity", "1"},
		{"69: day 3", periodic, "data/2/subtotal", "2.50"},
		{"69: day 3", periodic, "data/2/total", "0.00"},
		{"69: day 4", periodic, "data/3/subtotal", "20.00"},
		{"69: day 4", periodic, "data/3/total", "20.00"},
		{"69: day 5", periodic, "data/4" + per + "quantity", "8"},
		{"69: day 5", periodic, "data/4/total", "20.00"},
		{"73: 10", ofJune("tiered-10", "02", ""), "data/0/total", "5.00"},
		{"73: 11", ofJune("tiered-11", "02", ""), "data/0/total", "5.10"},
		{"73: 15", ofJune("tiered-15", "02", ""), "data/0/total", "5.50"},
		{"73: 10.5", ofJune("tiered-10-5", "02", ""), "data/0/total", "5.05"},
		{"73: 10.5", ofJune("tiered-10-5", "02", ""), "data/0" + per + "quantity", "10.5"},
		{"73: bounds", ofJune("tiered-10", "02", ""), "data/0" + per + "price/tiered_config/tiers/1/first_unit", "10"},
		{"74: 10", ofJune("bulk-10", "02", ""), "data/0/total", "5.00"},
		{"74: 101", ofJune("bulk-101", "02", ""), "data/0/total", "40.40"},
		{"75: 4 of size 10", ofJune("package-4", "02", ""), "data/0/total", "0.80"},
		{"75: 11 of size 10", ofJune("package-11", "02", ""), "data/0/total", "1.60"},
		{"75: 4 of size 5", ofJune("small-package-4", "02", ""), "data/0/total", "0.40"},
		{"75: 6 of size 5", ofJune("small-package-6", "02", ""), "data/0/total", "0.80"},
		{"77", ofJune("matrix", "03", ""), "data/1/total", "16.00"},
		{"77: 5 alpha/west", ofJune("matrix", "03", ""), "data/1" + per + "price_groups/1/total", "10.00"},
		{"79: subtotal", "/v1/invoices?customer_id=api", "data/0/subtotal", "107.00"},
		{"79: tier 1", "/v1/invoices?customer_id=api", "data/0/line_items/0/sub_line_items/0/amount", "10.00"},
		{"79: tier 2", "/v1/invoices?customer_id=api", "data/0/line_items/0/sub_line_items/1/amount", "72.00"},
		{"79: tier 2", "/v1/invoices?customer_id=api", "data/0/line_items/0/sub_line_items/1/tier_config/first_unit", "10000"},
		{"79: tier 3", "/v1/invoices?customer_id=api", "data/0/line_items/0/sub_line_items/2/amount", "25.00"},
		{"79: tax", "/v1/invoices?customer_id=api", "data/0/line_items/0/tax_amounts/0/amount", "8.56"},
		{"79: tax", "/v1/invoices?customer_id=api", "data/0/line_items/0/tax_amounts/0/tax_rate_percentage", "8"},
		{"79: total", "/v1/invoices?customer_id=api", "data/0/total", "115.56"},
		{"79: due", "/v1/invoices?customer_id=api", "data/0/amount_due", "115.56"},
		{"81: subtotal", "/v1/invoices?customer_id=compute", "data/0/line_items/0/subtotal", "20.00"},
		{"81: 10 % off", "/v1/invoices?customer_id=compute", "data/0/line_items/0/adjustments/0/amount", "-2.00"}, // 18.00
		{"81: minimum", "/v1/invoices?customer_id=compute", "data/0/line_items/0/adjustments/1/amount", "32.00"},
		{"81: no maximum", "/v1/invoices?customer_id=compute", "data/0/line_items/0/adjustments/2", ""},
		{"81: total", "/v1/invoices?customer_id=compute", "data/0/line_items/0/adjusted_subtotal", "50.00"},
		{"83: 150", ofJune("free-units-150", "02", ""), "data/0/total", "50.00"},
		{"83: 80", ofJune("free-units-80", "02", ""), "data/0/total", "0.00"},
		{"84", ofJune("discounts-100", "02", ""), "data/0/total", "81.00"},
		{"84: amount first", "/v1/invoices?customer_id=discounts-100", "data/0/line_items/0/adjustments/0/amount", "-10.00"},
		{"84: then per cent", "/v1/invoices?customer_id=discounts-100", "data/0/line_items/0/adjustments/1/amount", "-9.00"},
		{"87: charge", "/v1/invoices/upcoming?subscription_id=sub-pro", "line_items/0/subtotal", "451.61"},
	} {
		if bodies[c.path] == "" {
			res, body := s.get(t, "admin", c.path)
			if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "application/json" {
				t.Fatalf("%s: %s %s\n%s", c.path, res.Status, res.Header, body)
			}
			wantValid(t, schemas[orbSchemaOf(c.path)], c.path, body)
			bodies[c.path] = body
		}
		got := valueAt(t, bodies[c.path], c.at)
		if number, ok := got.(json.Number); ok {
			got = number.String()
		}
		if got == nil {
			got = ""
		}
		if got != c.want {
			t.Errorf("example %s: %s of %s is %v, want %s", c.example, c.at, c.path, got, c.want)
		}
	}
}
