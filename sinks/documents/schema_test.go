package documents

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"daybook/pricing"
)

// schemas compiles the published schemas. Readers should not mind keys they do
// not know, so the schemas allow them; strict closes every object, to find keys
// that a document has and its schema does not describe.
func schemas(t *testing.T, strict bool) map[string]*jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	names := []string{"invoice", "costs", "event", "forecast", "rokka-billing", "akkeris-invoice", "akkeris-invoices"}
	for _, name := range names {
		content, err := os.ReadFile(filepath.Join("..", "..", "docs", "schemas", name+".schema.json"))
		if err != nil {
			t.Fatal(err)
		}
		schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		if strict {
			closeObjects(schema)
		}
		if err := c.AddResource("urn:daybook:schema:"+name+":1", schema); err != nil {
			t.Fatal(err)
		}
	}
	out := map[string]*jsonschema.Schema{}
	for _, name := range names {
		schema, err := c.Compile("urn:daybook:schema:" + name + ":1")
		if err != nil {
			t.Fatal(err)
		}
		out[name] = schema
	}
	return out
}

func closeObjects(v any) {
	switch v := v.(type) {
	case map[string]any:
		if v["type"] == "object" && v["properties"] != nil && v["additionalProperties"] == nil {
			v["additionalProperties"] = false
		}
		for _, child := range v {
			closeObjects(child)
		}
	case []any:
		for _, child := range v {
			closeObjects(child)
		}
	}
}

func validate(schema *jsonschema.Schema, document []byte) error {
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		return err
	}
	return schema.Validate(v)
}

func TestSchemas_DescribeEveryDocument(t *testing.T) {
	invoice := mustInvoice(t, octoberInvoice(), zurichParty)
	bare := mustInvoice(t, pricing.Invoice{ID: "i", Kind: pricing.KindInvoice, Status: "draft", Currency: chf}, Parties{})
	event, err := InvoiceIssuedEvent(Origin{ID: "evt_abc", Period: "2026-10", Revision: 2, Supersedes: 1}, written(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, strict := range []bool{false, true} {
		s := schemas(t, strict)
		for _, c := range []struct {
			schema   string
			document []byte
		}{
			{"invoice", invoice},
			{"invoice", bare},
			{"invoice", mustInvoice(t, octoberNote(), zurichParty)},
			{"costs", CostSeries("globex", twoDays())},
			{"costs", CostSeries("", nil)},
			{"event", event},
			{"forecast", Forecast("globex", pricing.NewDate(2026, 10, 10), openPeriods())},
			{"forecast", Forecast("", pricing.NewDate(2026, 10, 10), nil)},
		} {
			if err := validate(s[c.schema], c.document); err != nil {
				t.Errorf("strict %t: %v\n%s", strict, err, c.document)
			}
		}
	}
}

func TestSchemas_RefuseWhatIsNotPromised(t *testing.T) {
	invoice := string(mustInvoice(t, octoberInvoice(), zurichParty))
	s := schemas(t, false)
	for _, c := range []struct{ what, old, new string }{
		{"money as a number", `"tax":"16.20","taxes"`, `"tax":16.20,"taxes"`},
		{"money in scientific notation", `"tax":"16.20","taxes"`, `"tax":"1.62e1","taxes"`},
		{"a time with an offset", `2026-11-02T11:00:00Z`, `2026-11-02T11:00:00+00:00`},
		{"another schema", `daybook/invoice/1`, `daybook/invoice/2`},
		{"a missing key", `"currency":"CHF",`, ``},
		{"an unknown status", `"status":"issued"`, `"status":"paid"`},
	} {
		changed := strings.Replace(invoice, c.old, c.new, 1)
		if changed == invoice {
			t.Fatalf("%s: %s is not in the document", c.what, c.old)
		}
		if validate(s["invoice"], []byte(changed)) == nil {
			t.Errorf("the schema accepts %s", c.what)
		}
	}
}
