package main

import (
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"daybook/jobs"
	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/sinks/api"
	"daybook/sinks/documents"
	"daybook/sinks/publish"
)

// csPages reads all pages of a list and returns its items, as they are written.
func csPages(t *testing.T, s *served, token, path string) []map[string]any {
	t.Helper()
	schema := publishedSchema(t, "computestacks-billing_usages")
	var out []map[string]any
	for page := 1; ; page++ {
		at := fmt.Sprintf("%s?page=%d&per_page=500", path, page)
		res, body := s.get(t, token, at)
		if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "application/json; charset=utf-8" {
			t.Fatalf("%s: %s %s\n%s", at, res.Status, res.Header, body)
		}
		wantValid(t, schema, at, body)
		var list struct {
			Items []map[string]any `json:"billing_usages"`
		}
		d := json.NewDecoder(strings.NewReader(body))
		d.UseNumber()
		if err := d.Decode(&list); err != nil {
			t.Fatal(err)
		}
		out = append(out, list.Items...)
		if !strings.Contains(res.Header.Get("Link"), `rel="next"`) {
			if want := fmt.Sprint(len(out)); res.Header.Get("Total") != want {
				t.Errorf("%s: Total is %s, its pages hold %s", at, res.Header.Get("Total"), want)
			}
			return out
		}
	}
}

// The worked examples 18 to 38 of ComputeStacks, from usage files to the answer:
// the item of that subscription, kind and end.
func TestServedComputeStacks_WorkedExamples(t *testing.T) {
	s := servedSystem(t, "computestacks")
	lists := map[string][]map[string]any{}
	for _, c := range []struct {
		example, subscription, kind, end string
		want                             map[string]string
	}{
		{"18", "sub-s", "package", "2020-06-04T17:15:00.129173Z", map[string]string{
			"period_start": "2020-06-04T14:15:01.116225Z", "total": "0.02054795", "rate": "0.00685", "rate_period": "1", "qty": "1.0", "processed": "true",
		}},
		{"20", "sub-s", "package", "2020-06-04T11:15:00.786707Z", map[string]string{"period_start": "2020-06-04T08:15:01.353072Z", "total": "0.02054863"}},
		{"22", "sub-s", "package", "2020-06-04T05:15:00.900248Z", map[string]string{"period_start": "2020-06-04T02:15:01.344492Z", "total": "0.02054932"}},
		{"24", "sub-s", "package", "2020-06-02T23:15:00.395865Z", map[string]string{"period_start": "2020-06-02T22:15:01.55601Z", "total": "0.00684795"}},
		{"26", "sub-s", "package", "2020-06-02T21:15:00.199602Z", map[string]string{"period_start": "2020-06-02T19:15:01.101276Z", "total": "0.01369795"}},
		{"30", "sub-xs", "package", "2020-06-30T23:59:59Z", map[string]string{"rate": "0.004", "total": "0.004", "qty": "1.0"}},
		{"31", "sub-m", "package", "2020-06-05T03:00:00Z", map[string]string{"rate": "0.0137"}},
		{"31, add-on", "sub-addon", "addon", "2020-06-04T17:00:00Z", map[string]string{"rate": "0.000343"}},
		{"32: 500 GB", "sub-small", "bandwidth", "2020-06-30T23:59:59Z", map[string]string{"qty": "500.0", "total": "0.0", "processed": "true"}},
		{"32: 5000 GB", "sub-m", "bandwidth", "2020-06-30T23:59:59Z", map[string]string{"qty": "5000.0", "total": "450.0", "rate": "0.09"}},
		{"32: 20000 GB", "sub-traffic", "bandwidth", "2020-06-30T23:59:59Z", map[string]string{"qty": "20000.0", "total": "1400.0", "rate": "0.07"}},
		{"34", "sub-s", "storage", "2020-06-30T23:59:59Z", map[string]string{"qty": "2.5", "qty_total": "12.5", "total": "0.25", "rate_period": "730"}},
		{"34: used 9", "sub-small", "storage", "2020-06-30T23:59:59Z", map[string]string{"qty": "0.0", "qty_total": "9.0", "total": "0.0", "processed": "true"}},
		{"36: 336 hours", "sub-feb", "package", "2020-06-30T23:59:59Z", map[string]string{"total": "4.60273972", "rate": "10.0", "rate_period": "730", "qty": "1.0"}},
		{"36: 744 hours", "sub-jan", "package", "2020-05-31T23:59:59Z", map[string]string{"total": "10.19178082", "rate": "10.0", "qty": "1.0"}},
		{"36: a later month", "sub-jan", "package", "2020-06-30T23:59:59Z", map[string]string{"total": "10.0", "qty": "1.0"}},
		{"38: a week", "sub-phased", "package", "2020-06-07T23:00:00Z", map[string]string{"total": "0.0", "processed": "true", "phase": "trial"}},
		{"38: after it", "sub-phased", "package", "2020-06-08T03:00:00Z", map[string]string{"total": "0.010275", "phase": "discount"}},
		{"an open month", "sub-s", "package", "2020-07-02T03:00:00Z", map[string]string{"processed": "false", "total": "0.02055"}},
	} {
		if lists[c.subscription] == nil {
			lists[c.subscription] = csPages(t, s, "admin", "/api/admin/subscriptions/"+c.subscription+"/billing_usages")
		}
		found := false
		for _, item := range lists[c.subscription] {
			body, _ := json.Marshal(item)
			if item["period_end"] != c.end || valueAt(t, string(body), "product/resource_kind") != c.kind {
				continue
			}
			found = true
			item["phase"] = valueAt(t, string(body), "subscription_product/phase_type")
			for key, want := range c.want {
				if got := fmt.Sprint(item[key]); got != want {
					t.Errorf("example %s: %s is %s, want %s", c.example, key, got, want)
				}
			}
		}
		if !found {
			t.Errorf("example %s: no item of %s ends at %s", c.example, c.kind, c.end)
		}
	}
}

// What 730 hours cost by an item's rate, to four places (example 31).
func TestServedComputeStacks_RunRates(t *testing.T) {
	s := servedSystem(t, "computestacks")
	for subscription, want := range map[string]string{"sub-m": "10.001", "sub-s": "5.0005", "sub-addon": "0.2504"} {
		for _, item := range csPages(t, s, "admin", "/api/admin/subscriptions/"+subscription+"/billing_usages") {
			if item["rate_period"] == json.Number("1") && item["total"] != "0.0" && valueAt(t, mustJSON(t, item), "product/resource_kind") != "bandwidth" {
				if got := money.MustAmount(item["rate"].(string)).Fraction().Mul(money.Whole(730)).Round(4, money.HalfUp).Amount().String(); got != want {
					t.Errorf("%s: 730 hours cost %s, want %s", subscription, got, want)
				}
			}
		}
	}
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	body, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// The items of each subscription's product in a month add up to its lines of the
// bill.
func TestServedComputeStacks_ItemsMakeTheBill(t *testing.T) {
	s := servedSystem(t, "computestacks")
	for _, month := range []string{"2020-05", "2020-06"} {
		m, err := pricing.ParseMonth(month)
		if err != nil {
			t.Fatal(err)
		}
		invoices, err := s.p.Invoices(t.Context(), m, "")
		if err != nil {
			t.Fatal(err)
		}
		billed, items := map[string]money.Amount{}, map[string]money.Amount{}
		for _, i := range invoices {
			for _, l := range i.Lines {
				of := documents.ComputeStacksProduct{Subscription: pricing.Subscription{ID: l.Subscription}, Plan: l.Plan, Price: l.Price}
				key := fmt.Sprint(of.ID())
				billed[key] = billed[key].Add(l.Total)
			}
		}
		for _, user := range []string{"jane", "joe", "penny", "rita", "tess", "xavier"} {
			for _, item := range csPages(t, s, "admin", "/api/admin/users/"+user+"/billing_usages") {
				if strings.HasPrefix(item["period_end"].(string), month) {
					key := fmt.Sprint(valueAt(t, mustJSON(t, item), "subscription_product/id"))
					items[key] = items[key].Add(money.MustAmount(item["total"].(string)))
				}
			}
		}
		if len(billed) == 0 || len(items) != len(billed) {
			t.Errorf("%s: items of %d products, lines of %d", month, len(items), len(billed))
		}
		for key, want := range billed {
			if got := items[key].Round(2, money.HalfUp); got.Cmp(want) != 0 {
				t.Errorf("%s, product %s: items make %s, the bill has %s", month, key, items[key], want)
			}
		}
	}
}

// One group of the adapter's test, and the documentation's 762 hours: the sums of
// their items are those of the aggregate.
func TestServedComputeStacks_Groups(t *testing.T) {
	s := servedSystem(t, "computestacks")
	for _, c := range []struct{ subscription, label, month, total, qty string }{
		{"sub-s", "Container S", "2020-06", "0.62328709", "32"},
		{"sub-xs", "Container XS", "2020-06", "3.048", "762"},
	} {
		var total money.Amount
		var qty money.Quantity
		for _, item := range csPages(t, s, "admin", "/api/admin/subscriptions/"+c.subscription+"/billing_usages") {
			if valueAt(t, mustJSON(t, item), "product/label") == c.label && strings.HasPrefix(item["period_end"].(string), c.month) {
				total, qty = total.Add(money.MustAmount(item["total"].(string))), qty.Add(money.MustQuantity(item["qty"].(string)))
			}
		}
		if total.String() != c.total || qty.String() != c.qty {
			t.Errorf("%s comes to %s of %s, want %s of %s", c.label, total, qty, c.total, c.qty)
		}
	}
}

// Items that cost nothing are processed at once; a user with less than a cent goes
// on gathering until it is one, as May's and June's add-on of penny are; whoever has
// a cent elsewhere loses what is less.
func TestServedComputeStacks_Processed(t *testing.T) {
	s := servedSystem(t, "computestacks")
	for _, item := range csPages(t, s, "admin", "/api/admin/users/penny/billing_usages") {
		if item["processed_on"] != "2020-07-02T12:00:00Z" {
			t.Errorf("the item until %s was processed on %v, want by June's closing", item["period_end"], item["processed_on"])
		}
	}
	for _, item := range csPages(t, s, "admin", "/api/admin/subscriptions/sub-addon/billing_usages") {
		if item["processed"] != true || item["total"] != "0.001029" {
			t.Errorf("the add-on beside a service is %v", item)
		}
	}
}

func TestServedComputeStacks_PagesNewestFirst(t *testing.T) {
	s := servedSystem(t, "computestacks")
	all := csPages(t, s, "admin", "/api/admin/subscriptions/sub-xs/billing_usages")
	if len(all) != 762 {
		t.Fatalf("%d items, want 762", len(all))
	}
	for i := 1; i < len(all); i++ {
		if all[i]["created_at"].(string) > all[i-1]["created_at"].(string) {
			t.Fatalf("item %d is newer than the one before it", i)
		}
	}
	res, body := s.get(t, "admin", "/api/admin/subscriptions/sub-xs/billing_usages")
	if res.Header.Get("Total") != "762" || res.Header.Get("Per-Page") != "25" || valueAt(t, body, "billing_usages/24/id") == nil || valueAt(t, body, "billing_usages/25/id") != nil {
		t.Errorf("without parameters: %v", res.Header)
	}
	for page, want := range map[int]string{
		1:  `<?page=31&per_page=25>; rel="last", <?page=2&per_page=25>; rel="next"`,
		16: `<?page=1&per_page=25>; rel="first", <?page=15&per_page=25>; rel="prev", <?page=31&per_page=25>; rel="last", <?page=17&per_page=25>; rel="next"`,
		31: `<?page=1&per_page=25>; rel="first", <?page=30&per_page=25>; rel="prev"`,
		99: `<?page=1&per_page=25>; rel="first", <?page=31&per_page=25>; rel="prev"`,
	} {
		res, _ := s.get(t, "admin", fmt.Sprintf("/api/admin/subscriptions/sub-xs/billing_usages?page=%d&per_page=25", page))
		if got := res.Header.Get("Link"); got != want {
			t.Errorf("page %d: Link is %s, want %s", page, got, want)
		}
	}
}

// Every route, by the names of the registry and by the numbers of the answers, in
// both spellings.
func TestServedComputeStacks_RoutesAndTokens(t *testing.T) {
	s := servedSystem(t, "computestacks")
	janes := csPages(t, s, "admin", "/api/admin/subscriptions/sub-s/billing_usages")[0]["id"].(json.Number).String()
	xaviers := csPages(t, s, "admin", "/api/admin/subscriptions/sub-xs/billing_usages")[0]["id"].(json.Number).String()
	sub, user := fmt.Sprint(documents.ComputeStacksSubscriptionID("sub-s")), fmt.Sprint(documents.ComputeStacksUserID("jane"))
	schema := publishedSchema(t, "computestacks-billing_usages")
	for _, c := range []struct {
		method, token, path string
		status              int
		says                string
	}{
		{"GET", "admin", "/api/admin/subscriptions/sub-s/%s", 200, ""},
		{"GET", "admin", "/api/admin/subscriptions/" + sub + "/%s", 200, ""},
		{"GET", "admin", "/api/admin/users/jane/%s", 200, ""},
		{"GET", "admin", "/api/admin/users/" + user + "/%s", 200, ""},
		{"GET", "admin", "/api/admin/subscriptions/sub-s/%s/" + janes, 200, ""},
		{"GET", "admin", "/api/subscriptions/sub-s/%s", 200, ""},
		{"GET", "jane", "/api/subscriptions/sub-s/%s", 200, ""},
		{"GET", "jane", "/api/subscriptions/" + sub + "/%s/" + janes, 200, ""},
		{"GET", "jane", "/api/subscriptions/sub-xs/%s", 404, "Unknown Subscription."},
		{"GET", "jane", "/api/subscriptions/sub-xs/%s/" + xaviers, 404, "Unknown Subscription."},
		{"GET", "jane", "/api/subscriptions/sub-s/%s/" + xaviers, 404, "Unknown Usage."},
		{"GET", "jane", "/api/subscriptions/nobody/%s", 404, "Unknown Subscription."},
		{"GET", "jane", "/api/admin/subscriptions/sub-s/%s", 403, ""},
		{"GET", "jane", "/api/admin/subscriptions/sub-s/%s/" + janes, 403, ""},
		{"GET", "jane", "/api/admin/users/jane/%s", 403, ""},
		{"DELETE", "joe-eraser", "/api/admin/subscriptions/sub-s/%s/" + janes, 404, "Unknown Subscription."},
		{"GET", "joe-eraser", "/api/subscriptions/sub-small/%s", 403, ""},
		{"DELETE", "jane", "/api/admin/subscriptions/sub-s/%s/" + janes, 403, ""},
		{"DELETE", "admin", "/api/admin/subscriptions/sub-s/%s/" + janes, 403, ""}, // no other scope includes it
		{"GET", "", "/api/admin/subscriptions/sub-s/%s", 401, ""},
		{"GET", "", "/api/subscriptions/sub-s/%s/" + janes, 401, ""},
		{"DELETE", "", "/api/admin/subscriptions/sub-s/%s/" + janes, 401, ""},
		{"GET", "admin", "/api/admin/users/nobody/%s", 404, "Unknown User."},
		{"GET", "admin", "/api/admin/users/0/%s", 404, "Unknown User."},
		{"GET", "admin", "/api/admin/subscriptions/sub-s/%s/1", 404, "Unknown Usage."},
		{"GET", "admin", "/api/admin/subscriptions/sub-s/%s/-1", 404, "Unknown Usage."},
		{"GET", "admin", "/api/admin/subscriptions/sub-s/%s/99999999999999999999", 404, "Unknown Usage."},
		{"GET", "admin", "/api/admin/subscriptions/sub-s/%s/x%%00", 404, "Unknown Usage."},
		{"GET", "admin", "/api/admin/subscriptions/%%ff%%fe/%s", 404, "Unknown Subscription."},
		{"GET", "admin", "/api/admin/subscriptions/sub-s/%s?page=0", 400, "page"},
		{"GET", "admin", "/api/admin/subscriptions/sub-s/%s?page=99999999999999999999", 400, "page"},
		{"GET", "admin", "/api/admin/subscriptions/sub-s/%s?per_page=1001", 400, "per_page"},
		{"GET", "admin", "/api/admin/subscriptions/sub-s/%s?per_page=-5", 400, "per_page"},
		{"GET", "admin", "/api/admin/subscriptions/sub-s/%s?per_page=%%27;drop", 400, ""},
		{"GET", "admin", "/api/admin/nothing/%s", 404, ""},
	} {
		for _, name := range []string{"billing_usages", "billing_usage"} {
			path := fmt.Sprintf(c.path, name)
			res, body := s.ask(t, c.method, c.token, path, "")
			if res.StatusCode != c.status || res.Header.Get("Content-Type") != "application/json; charset=utf-8" {
				t.Errorf("%s %s as %q: %s, want %d\n%s", c.method, path, c.token, res.Status, c.status, body)
				continue
			}
			if c.status == 200 {
				wantValid(t, schema, path, body)
				continue
			}
			if text, ok := valueAt(t, body, "errors/0").(string); !ok || !strings.Contains(text, c.says) {
				t.Errorf("%s %s as %q says %s, want %q", c.method, path, c.token, body, c.says)
			}
		}
	}
}

// The pages that the job documents publishes are what the user's API answers.
func TestServedComputeStacks_PagesAreTheAnswers(t *testing.T) {
	s := servedSystem(t, "computestacks")
	facts, err := s.p.Published(0).Current(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for page, err := range api.ComputeStacks().Pages(t.Context(), facts, pricing.Month{}) {
		if err != nil {
			t.Fatal(err)
		}
		count++
		if _, body := s.get(t, "admin", "/"+page.Path); body != string(page.Body) {
			t.Errorf("%s of %s is %s, answered is %s", page.Path, page.Account, page.Body, body)
		}
	}
	if count != 10 {
		t.Errorf("%d pages, want one for each of 10 subscriptions", count)
	}
}

// What June's closing reports: the fixture's group and the documentation's 762 hours,
// penny's add-on of May and June together, and nothing of what is less than a cent
// beside a service. Its items are those of the API, by id.
func TestServedComputeStacks_Aggregate(t *testing.T) {
	s := servedSystem(t, "computestacks")
	schema := publishedSchema(t, "computestacks-aggregate")
	var sums []string
	for _, month := range []string{"2020-05", "2020-06"} {
		body := s.aggregate(t, month)
		wantValid(t, schema, month, body)
		var groups []struct {
			Subscription int64                    `json:"subscription_id"`
			Product      struct{ Name string }    `json:"product"`
			Total        json.Number              `json:"total"`
			Quantity     json.Number              `json:"qty"`
			Items        []struct{ ID int64 }     `json:"usage_items"`
			User         struct{ Labels jsonMap } `json:"user"`
			Start        string                   `json:"period_start"`
			End          string                   `json:"period_end"`
		}
		if err := json.Unmarshal([]byte(body), &groups); err != nil {
			t.Fatal(err)
		}
		for _, g := range groups {
			known := map[string]bool{}
			for _, item := range csPages(t, s, "admin", fmt.Sprintf("/api/admin/subscriptions/%d/billing_usages", g.Subscription)) {
				known[fmt.Sprint(item["id"])] = item["processed"].(bool)
			}
			for _, i := range g.Items {
				if !known[fmt.Sprint(i.ID)] {
					t.Errorf("%s: item %d of %s is none of the API, or is not processed", month, i.ID, g.Product.Name)
				}
			}
			sums = append(sums, fmt.Sprintf("%s %s %s of %s, %d items", month, g.Product.Name, g.Total, g.Quantity, len(g.Items)))
			if g.Product.Name == "containers" && (g.Start != "2020-05-31T22:15:01.591991Z" || g.End != "2020-06-04T17:15:00.129173Z" || len(g.User.Labels) != 1) {
				t.Errorf("the fixture's group is from %s to %s, of %v", g.Start, g.End, g.User.Labels)
			}
		}
	}
	runs, err := s.p.Verify(t.Context(), jobs.VerifyOptions{Job: string(jobs.JobMonthly)})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range runs { // June's aggregate is made of what May's left
		if len(r.Faults) > 0 || r.Verdict == publish.Published && !r.Rederived {
			t.Errorf("%s %s is not what its inputs make: %+v", r.Job, r.Period, r)
		}
	}
	slices.Sort(sums)
	want := []string{
		"2020-05 containerbythemonth 10.19178082 of 1.0, 1 items",
		"2020-06 addon 0.01372 of 2.0, 2 items",
		"2020-06 containerbythemonth 10.0 of 1.0, 1 items",
		"2020-06 containerbythemonth 4.60273972 of 1.0, 1 items",
		"2020-06 containerm 0.0411 of 1.0, 1 items",
		"2020-06 containers 0.62328709 of 32.0, 32 items",
		"2020-06 containersontrial 0.010275 of 1.0, 1 items",
		"2020-06 containerxs 3.048 of 762.0, 762 items",
		"2020-06 storage 0.25 of 2.5, 1 items",
		"2020-06 traffic 1400.0 of 20000.0, 1 items",
		"2020-06 traffic 450.0 of 5000.0, 1 items",
	}
	if !slices.Equal(sums, want) {
		t.Errorf("reported:\n%s\nwant:\n%s", strings.Join(sums, "\n"), strings.Join(want, "\n"))
	}
}

type jsonMap = map[string]any

// aggregate is the body of a closing's event for the endpoint.
func (s *served) aggregate(t *testing.T, month string) string {
	t.Helper()
	events, err := s.p.Deliveries(t.Context(), jobs.DeliveryQuery{Endpoint: "whmcs", Period: month, State: jobs.DeliveryPending})
	if err != nil || len(events) != 1 {
		t.Fatalf("%s: %d events for the endpoint: %v", month, len(events), err)
	}
	events, err = s.p.Deliveries(t.Context(), jobs.DeliveryQuery{Endpoint: "whmcs", Period: month, Event: events[0].ID})
	if err != nil {
		t.Fatal(err)
	}
	return string(events[0].Body)
}

// An API key and secret as ComputeStacks has them: the key is anything, the secret a
// token.
func TestServedComputeStacks_BasicAuthorization(t *testing.T) {
	s := servedSystem(t, "computestacks")
	basic := func(secret string) string {
		return "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte("key:"+secret))
	}
	for secret, want := range map[string]int{s.tokens["admin"]: 200, "wrong": 401} {
		if res, body := s.get(t, "", "/api/admin/subscriptions/sub-s/billing_usages", basic(secret)); res.StatusCode != want {
			t.Errorf("%s, want %d: %s", res.Status, want, body)
		}
	}
}

// XML by Accept and by format=xml has what JSON has, in Rails' spelling.
func TestServedComputeStacks_XML(t *testing.T) {
	s := servedSystem(t, "computestacks")
	const path = "/api/subscriptions/sub-s/billing_usages"
	janes := csPages(t, s, "admin", path)
	for _, ask := range []struct {
		path    string
		headers []string
	}{{path + "?format=xml&per_page=1000", nil}, {path + "?per_page=1000", []string{"Accept: application/xml"}}} {
		res, body := s.get(t, "jane", ask.path, ask.headers...)
		var list struct {
			Items []struct {
				ID      int64  `xml:"id"`
				End     string `xml:"period-end"`
				Total   string `xml:"total"`
				Product struct {
					Label string `xml:"label"`
				} `xml:"subscription-product>product"`
			} `xml:"billing-usage"`
		}
		if err := xml.Unmarshal([]byte(body), &list); err != nil || res.Header.Get("Content-Type") != "application/xml; charset=utf-8" || res.Header.Get("Total") != fmt.Sprint(len(janes)) {
			t.Fatalf("%s: %v, %v\n%s", ask.path, err, res.Header, body)
		}
		for n, want := range janes {
			got := list.Items[n]
			if fmt.Sprint(got.ID) != fmt.Sprint(want["id"]) || got.End != want["period_end"] || got.Total != want["total"] || got.Product.Label != valueAt(t, mustJSON(t, want), "product/label") {
				t.Errorf("item %d is %+v, in JSON %v", n, got, want)
			}
		}
	}
	_, body := s.get(t, "jane", fmt.Sprintf("%s/%v?format=xml", path, janes[0]["id"]))
	for _, want := range []string{"<billing-usage>\n  <id type=\"integer\">", "<rate type=\"decimal\">", "<processed type=\"boolean\">", "<external-id nil=\"true\"/>", "<created-at type=\"dateTime\">2020-07-", "<client-id type=\"integer\">4</client-id>"} {
		if !strings.Contains(body, want) {
			t.Errorf("the item lacks %s:\n%s", want, body)
		}
	}
	if res, _ := s.get(t, "jane", path+"?format=yaml"); res.StatusCode != http.StatusBadRequest {
		t.Errorf("format=yaml: %s", res.Status)
	}
}
