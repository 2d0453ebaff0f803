package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"daybook/cmd/daybook/world"
	"daybook/pricing"
)

// itemOf finds the item of an app and a description in an invoice.
func itemOf(t *testing.T, body, app, description string) map[string]any {
	t.Helper()
	items, _ := valueAt(t, body, "items").([]any)
	for _, i := range items {
		item, _ := i.(map[string]any)
		of, _ := item["app"].(map[string]any)
		if of["name"] == app && item["description"] == description {
			return item
		}
	}
	return nil
}

// Examples 1 to 9 of Akkeris: its own tests of proration in summer 2017, of which
// only two months are closed.
func TestServedAkkeris_ProrationExamples(t *testing.T) {
	summer := world.Systems()["akkeris"]
	june := pricing.Month{Year: 2017, Month: 6}
	summer.First, summer.Last, summer.LastDay = june, june.Next().Next(), june.First()
	s := newServed(t, t.TempDir(), summer)
	t.Cleanup(s.server.Close)
	for _, c := range []struct {
		example, month, app, size, want string
	}{
		{"1", "2017-07-01", "ex1-tests", "metal", "290.32"},
		{"3", "2017-07-01", "ex3-tests", "metal-2x", "580.65"},
		{"5", "2017-07-01", "ex5-tests", "metal", "870.97"},
		{"7", "2017-06-01", "ex7-tests", "metal", "866.67"},
	} {
		res, body := s.get(t, "admin", "/organizations/proration/invoices/"+c.month)
		if res.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s\n%s", c.example, res.Status, body)
		}
		if item := itemOf(t, body, c.app, c.size+" web dyno"); item["billed_price"] != json.Number(c.want) || item["quantity"] != json.Number("1") {
			t.Errorf("example %s: %v, want %s", c.example, item, c.want)
		}
	}
	_, body := s.get(t, "admin", "/spaces/tests/invoices/2017-07-31")
	if strings.Contains(body, "ex9") {
		t.Errorf("example 9: what was gone before the month is billed: %s", body)
	}
}

// Examples 11 to 17 of Akkeris, from the registry's files to the answer.
func TestServedAkkeris_WorkedExamples(t *testing.T) {
	s := servedSystem(t, "akkeris")
	invoice := publishedSchema(t, "akkeris-invoice")
	bodies := map[string]string{}
	get := func(path string) string {
		if bodies[path] == "" {
			res, body := s.get(t, "account", path)
			if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "application/json" || res.Header.Get("RateLimit-Remaining") != "2400" {
				t.Fatalf("%s: %s %v\n%s", path, res.Status, res.Header, body)
			}
			wantValid(t, invoice, path, body)
			bodies[path] = body
		}
		return bodies[path]
	}
	for _, c := range []struct{ example, path, key, want string }{
		{"13", "/organizations/docs/invoices/2017-02-01", "number", "1485907200000"},
		{"13", "/organizations/docs/invoices/2017-02-01", "dyno_units", "61"},
		{"13", "/organizations/docs/invoices/2017-02-01", "weighted_dyno_hours", "7320"},
		{"13", "/organizations/docs/invoices/2017-02-01", "period_end", "2017-02-05T23:59:59.000Z"},
		{"14", "/organizations/docs/invoices/2017-02-01", "addons_total", "25"},
		{"14", "/organizations/docs/invoices/2017-02-01", "platform_total", "188.51"},
		{"14", "/organizations/docs/invoices/2017-02-01", "charges_total", "213.51"},
		{"14", "/organizations/docs/invoices/2017-02-01", "total", "213.51"},
		{"16", "/account/invoices/2017-02-01", "state", "2"},
		{"16", "/account/invoices/2017-02-01", "payment_status", "Pending"},
		{"16", "/account/invoices/2017-01-01", "state", "1"},
		{"16", "/account/invoices/2017-01-01", "payment_status", "Paid"},
		{"16", "/account/invoices/2017-01-01", "period_end", "2017-01-31T23:59:59.000Z"},
		{"17", "/organizations/media/invoices/2017-01-01", "addons_total", "15"},
		{"17", "/organizations/media/invoices/2017-01-01", "database_total", "10"},
		{"17", "/organizations/media/invoices/2017-01-01", "total", "15"},
		{"an id is any date", "/organizations/media/invoices/2017-01-31", "id", "2017-01-01"},
		{"by uuid", "/organizations/9a0d7c51-94a8-4a2b-8a37-1f4b6f0f5c22/invoices/2017-01", "total", "15"},
		{"singular", "/organization/media/invoices/2017-01-01", "total", "15"},
		{"singular", "/space/streams/invoices/2017-02-01", "total", "213.51"},
	} {
		if got := fmt.Sprint(valueAt(t, get(c.path), c.key)); got != c.want {
			t.Errorf("example %s: %s of %s is %s, want %s", c.example, c.key, c.path, got, c.want)
		}
	}
	for _, c := range []struct{ example, path, app, description, want string }{
		{"11", "/account/invoices/2017-02-01", "shop-prod", "large web dyno", "24.64"},
		{"11, by whole days", "/account/invoices/2017-02-01", "stream-streams", "alamo-postgresql:large addon", "25"},
		{"17", "/account/invoices/2017-01-01", "video-prod", "alamo-postgresql:small addon", "10"},
		{"17", "/account/invoices/2017-01-01", "video-prod", "alamo-redis:small addon", "5"},
	} {
		if item := itemOf(t, get(c.path), c.app, c.description); item["billed_price"] != json.Number(c.want) {
			t.Errorf("example %s: %v, want %s", c.example, item, c.want)
		}
	}
	// A change of a formation on 16 January makes two items, which meet.
	january := get("/spaces/prod/invoices/2017-01-01")
	before, after := itemOf(t, january, "shop-prod", "standard web dyno"), itemOf(t, january, "shop-prod", "large web dyno")
	if before["deleted_at"] != "2017-01-16T12:00:00.000Z" {
		t.Errorf("before the change: %v", before)
	}
	items, _ := valueAt(t, january, "items").([]any)
	if len(items) != 5 || after == nil {
		t.Errorf("%d items in space prod, want 3 of the shop and 2 of the video: %s", len(items), january)
	}
	if worker := itemOf(t, get("/spaces/default/invoices/2017-01-01"), "wiki-default", "standard worker dyno"); worker["billed_price"] != json.Number("60") || worker["deleted_at"] != nil {
		t.Errorf("the worker is %v", worker)
	}
}

func TestServedAkkeris_ListsTokensAndFaults(t *testing.T) {
	s := servedSystem(t, "akkeris")
	list := publishedSchema(t, "akkeris-invoices")
	both := func(path string) string {
		return fmt.Sprintf(`[{"$ref":"%s/invoices/2017-01-01"},{"$ref":"%s/invoices/2017-02-01"}]`, path, path)
	}
	for _, c := range []struct {
		token, path string
		status      int
		body        string // "": any
	}{
		{"account", "/account/invoices", 200, both("/account")},
		{"account", "/organizations/media/invoices", 200, both("/organizations/media")},
		{"account", "/organization/media/invoices", 200, both("/organizations/media")},
		{"account", "/spaces/streams/invoices", 200, both("/spaces/streams")},
		{"account", "/organizations/proration/invoices/2017-01-01", 404, ""}, // nothing yet
		{"account", "/account/invoices/2016-12-01", 404, ""},
		{"account", "/account/invoices/2017-03-01", 404, ""},
		{"account", "/account/invoices/latest", 404, ""},
		{"account", "/account/invoices/2017-02-30", 404, ""},
		{"account", "/account/invoices/..%2f..%2fetc", 404, ""},
		{"account", "/account/nothing", 404, ""},
		{"account", "/organizations/other-org/invoices", 404, ""},
		{"account", "/organizations/other-org/invoices/2017-01-01", 404, ""},
		{"account", "/organizations/design-prod/invoices", 404, ""}, // a space is no organization
		{"account", "/spaces/nowhere/invoices/2017-01-01", 404, ""},
		{"organization", "/organizations/media/invoices/2017-01-01", 200, ""},
		{"organization", "/organizations/design/invoices/2017-01-01", 404, ""},
		{"organization", "/account/invoices", 403, ""},
		{"organization", "/spaces/prod/invoices", 403, ""},
		{"space", "/spaces/prod/invoices/2017-01-01", 200, ""},
		{"space", "/spaces/streams/invoices/2017-01-01", 404, ""},
		{"space", "/organizations/design/invoices", 403, ""},
		{"", "/account/invoices", 401, ""},
		{"", "/spaces/prod/invoices/2017-01-01", 401, ""},
	} {
		res, body := s.get(t, c.token, c.path)
		if res.StatusCode != c.status || c.body != "" && body != c.body || res.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s as %s: %s %s, want %d %s", c.path, c.token, res.Status, body, c.status, c.body)
		}
		switch {
		case c.status != 200:
			if valueAt(t, body, "code") != json.Number(fmt.Sprint(c.status)) || valueAt(t, body, "message") == nil {
				t.Errorf("%s: fault %s", c.path, body)
			}
		case strings.HasSuffix(c.path, "/invoices"):
			wantValid(t, list, c.path, body)
		}
	}
	// Two organizations have a space of that name; each token sees its own part.
	_, own := s.get(t, "space", "/spaces/prod/invoices/2017-01-01")
	if strings.Contains(own, "video") || !strings.Contains(own, "shop-prod") {
		t.Errorf("the space's token reads %s", own)
	}
	packed, _ := s.get(t, "account", "/account/invoices/2017-01-01", "Accept-Encoding: gzip") // its command line asks for it
	if packed.Header.Get("Content-Encoding") != "gzip" {
		t.Errorf("an invoice is not packed: %v", packed.Header)
	}
	_, everything := s.get(t, "account", "/account/invoices/2017-01-01")
	if strings.Contains(everything, "other") {
		t.Errorf("the account's token reads another's: %s", everything)
	}
}

// A token of one account reads nothing of another's, by any route or name.
func TestServedAkkeris_NothingOfAnotherAccount(t *testing.T) {
	s := servedSystem(t, "akkeris")
	names := []string{"acme", "design", "design-prod", "prod", "media", "9a0d7c51-94a8-4a2b-8a37-1f4b6f0f5c22", "streams", "tests", "shop", "wiki"}
	paths := []string{"/account/invoices", "/account/invoices/2017-01-01", "/account/invoices/2017-02-01"}
	for _, name := range names {
		for _, kind := range []string{"organizations", "organization", "spaces", "space"} {
			paths = append(paths, "/"+kind+"/"+name+"/invoices", "/"+kind+"/"+name+"/invoices/2017-01-01")
		}
	}
	for _, path := range paths {
		res, body := s.get(t, "other", path)
		if account := strings.HasPrefix(path, "/account"); res.StatusCode != map[bool]int{true: 200, false: 404}[account] {
			t.Errorf("%s: %s %s", path, res.Status, body)
		}
		for _, word := range []string{"acme", "shop-", "video-", "stream-", "wiki-"} {
			if strings.Contains(body, word) {
				t.Errorf("%s tells of %s: %s", path, word, body)
			}
		}
	}
}
