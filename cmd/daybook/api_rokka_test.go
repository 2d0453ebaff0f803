package main

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
)

// The worked examples 59 to 67 of rokka, and the figures of its specification that
// are consistent, from usage files to the answer.
func TestServedRokka_WorkedExamples(t *testing.T) {
	s := servedSystem(t, "rokka")
	bodies, schema := map[string]string{}, publishedSchema(t, "rokka-billing")
	for _, c := range []struct{ example, org, query, path, want string }{
		{"59", "acme", "from=2019-08-01&to=2019-08-31", "acme/2019-08/organizations/acme-shop/traffic/tier1/price_in_chf", "0.03"},
		{"59, units", "acme", "from=2019-08-01&to=2019-08-31", "acme/2019-08/organizations/acme-shop/traffic/tier1/units_consumed", "0.05"},
		{"specification: 20.66 x 0.4", "acme", "from=2019-08-01&to=2019-08-31", "acme/2019-08/organizations/acme-shop/storage/tier1/price_in_chf", "8.26"},
		{"60: forecast of traffic", "acme", "", "acme/2019-09/combined_forecast/traffic/tier1/price_in_chf", "10.13"},
		{"60, units", "acme", "", "acme/2019-09/combined_forecast/traffic/total/amount_in_gb", "20.25"},
		{"specification: 200.99 x 0.4", "acme", "", "acme/2019-09/combined_forecast/storage/total/price_in_chf", "80.4"},
		{"61: traffic", "acme", "from=2019-08-01", "acme/2019-08/combined/traffic/total/price_in_chf", "2.5"},
		{"61: storage", "acme", "from=2019-08-01", "acme/2019-08/combined/storage/total/price_in_chf", "16"},
		{"61: together", "acme", "from=2019-08-01", "acme/2019-08/combined/total/price_in_chf", "18.5"},
		{"62: 400", "calculator-400", "from=2019-08-01", "calculator-400/2019-08/combined/storage/total/price_in_chf", "160"},
		{"62: 401", "calculator-401", "from=2019-08-01", "calculator-401/2019-08/combined/storage/total/price_in_chf", "160.3"},
		{"62: 500", "calculator-500", "from=2019-08-01", "calculator-500/2019-08/combined/storage/total/price_in_chf", "190"},
		{"62: 800", "calculator-800", "from=2019-08-01", "calculator-800/2019-08/combined/storage/total/price_in_chf", "280"},
		{"62: 1000", "calculator-1000", "from=2019-08-01", "calculator-1000/2019-08/combined/storage/total/price_in_chf", "320"},
		{"62: 1200", "calculator-1200", "from=2019-08-01", "calculator-1200/2019-08/combined/storage/total/price_in_chf", "360"},
		{"62: 1600", "calculator-1600", "from=2019-08-01", "calculator-1600/2019-08/combined/storage/total/price_in_chf", "400"},
		{"62: 2000", "calculator-2000", "from=2019-08-01", "calculator-2000/2019-08/combined/storage/total/price_in_chf", "432"},
		{"62: 5000", "calculator-5000", "from=2019-08-01", "calculator-5000/2019-08/combined/storage/total/price_in_chf", "672"},
		{"62: the open tier", "calculator-5000", "from=2019-08-01", "calculator-5000/2019-08/combined/storage/tier5/range/to", "999999999"},
		{"64: both below", "free-both", "from=2019-08-01", "free-both/2019-08/combined/total/price_in_chf", "0"},
		{"64: its storage", "free-both", "from=2019-08-01", "free-both/2019-08/combined/storage/total/units_consumed", "2"},
		{"64: storage above", "free-storage", "from=2019-08-01", "free-storage/2019-08/combined/total/price_in_chf", "1.2"},
		{"64: traffic above", "free-traffic", "from=2019-08-01", "free-traffic/2019-08/combined/total/price_in_chf", "5.5"},
		{"66: alone", "pool", "from=2019-08-01", "pool/2019-08/organizations/pool-a/storage/total/price_in_chf", "120"},
		{"66: alone", "pool", "from=2019-08-01", "pool/2019-08/organizations/pool-b/total/price_in_chf", "120"},
		{"66: together", "pool", "from=2019-08-01", "pool/2019-08/combined/total/price_in_chf", "220"},
		{"66: first tier", "pool", "from=2019-08-01", "pool/2019-08/combined/storage/tier1/price_in_chf", "160"},
		{"66: second tier", "pool", "from=2019-08-01", "pool/2019-08/combined/storage/tier2/price_in_chf", "60"},
		{"66, of an organization", "pool-a", "from=2019-08-01", "pool/2019-08/combined/total/price_in_chf", "220"},
		{"67", "acme", "from=2019-08-1&to=2019-08-1", "acme/2019-08/combined/storage/total/units_consumed", "40"},
	} {
		path := "/billing/" + c.org + "?" + c.query // the client writes the ? without a query too
		if bodies[path] == "" {
			res, body := s.get(t, "admin", path)
			if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "application/json" {
				t.Fatalf("%s: %s %s\n%s", path, res.Status, res.Header, body)
			}
			wantValid(t, schema, path, body)
			bodies[path] = body
		}
		if got := valueAt(t, bodies[path], c.path); got != json.Number(c.want) {
			t.Errorf("example %s: %s of %s is %v, want %s", c.example, c.path, path, got, c.want)
		}
	}
	if got := valueAt(t, bodies["/billing/acme?from=2019-08-01"], "acme/2019-08/combined_forecast"); got != nil {
		t.Errorf("a closed month has a forecast: %v", got)
	}
}

func TestServedRokka_TokensAndFaults(t *testing.T) {
	s := servedSystem(t, "rokka")
	for _, c := range []struct {
		what, token, path string
		headers           []string
		status            int
	}{
		{"its master", "master", "/billing/acme", nil, 200},
		{"by Api-Key", "", "/billing/acme", []string{"Api-Version: 1", "Api-Key: " + s.tokens["master"]}, 200},
		{"a sub-organization", "master", "/billing/acme-shop", nil, 200},
		{"a wrong Api-Key", "", "/billing/acme", []string{"Api-Key: wrong"}, 401},
		{"no token", "", "/billing/acme", nil, 401},
		{"another master", "master", "/billing/pool", nil, 404},
		{"the master of an organization", "organization", "/billing/acme", nil, 404},
		{"its neighbour", "organization", "/billing/acme-press", nil, 404},
		{"a master of another", "other", "/billing/acme", nil, 404},
		{"an organization of another", "other", "/billing/acme-shop?from=2019-08-01", nil, 404},
		{"nobody", "admin", "/billing/nobody", nil, 404},
		{"no organization", "admin", "/billing/", nil, 404},
		{"more than an organization", "admin", "/billing/acme/x", nil, 404},
		{"a bad date", "master", "/billing/acme?from=2019-02-30", nil, 400},
		{"bytes that are no text", "master", "/billing/%ff?from=%ff", nil, 404},
	} {
		res, body := s.get(t, c.token, c.path, c.headers...)
		if res.StatusCode != c.status || res.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: %s %s, want %d", c.what, res.Status, res.Header.Get("Content-Type"), c.status)
		}
		if c.status != 200 && (valueAt(t, body, "error/code") == nil || valueAt(t, body, "error/message") == nil) {
			t.Errorf("%s: fault %s", c.what, body)
		}
	}
	// An organization's token sees its own share and not what all together cost.
	_, body := s.get(t, "organization", "/billing/acme-shop?from=2019-08-01")
	if strings.Contains(body, "acme-press") || valueAt(t, body, "acme/2019-08/combined") != nil || valueAt(t, body, "acme/2019-08/organizations/acme-shop/total") == nil {
		t.Errorf("the organization's token reads %s", body)
	}
}

// Rokka's own library reads our answers: with and without dates, of an
// organization, and what is refused. It answers without a body of its own where
// the content type is not exactly what it knows.
func TestNodeClients_RokkaReadsBilling(t *testing.T) {
	if os.Getenv("DAYBOOK_NODE_CLIENTS") == "" {
		t.Skip("tests with the systems' own clients need DAYBOOK_NODE_CLIENTS; run make check")
	}
	s := servedSystem(t, "rokka")
	input, err := json.Marshal(map[string]any{
		"apiHost": s.server.URL, "apiKey": s.tokens["master"],
		"calls": [][]string{{"acme", "2019-08-01", "2019-08-31"}, {"acme"}, {"acme-shop", "2019-08-1", "2019-08-1"}, {"pool"}, {"acme", "2019-02-30"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []struct {
		StatusCode int             `json:"statusCode"`
		Body       json.RawMessage `json:"body"`
	}
	if err := json.Unmarshal(nodeClient(t, "rokka-billing", input), &got); err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		status int
		path   string
		value  json.Number
	}{
		{200, "acme/2019-08/combined/total/price_in_chf", "18.5"},
		{200, "acme/2019-09/combined_forecast/traffic/total/price_in_chf", "10.13"},
		{200, "acme/2019-08/organizations/acme-shop/traffic/total/price_in_chf", "0.03"},
		{404, "error/code", "404"},
		{400, "error/code", "400"},
	} {
		if v := valueAt(t, string(got[i].Body), want.path); got[i].StatusCode != want.status || v != want.value {
			t.Errorf("call %d: %d, %s is %v in %s; want %d and %s", i, got[i].StatusCode, want.path, v, got[i].Body, want.status, want.value)
		}
	}
}
