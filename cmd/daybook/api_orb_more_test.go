package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// orbWindows asks and returns the windows of an answer's points, as days.
func orbWindows(t *testing.T, s *served, path string) []string {
	t.Helper()
	res, body := s.get(t, "admin", path)
	if res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s\n%s", path, res.Status, body)
	}
	type window struct {
		Start string `json:"timeframe_start"`
		End   string `json:"timeframe_end"`
	}
	var answer struct {
		Data []struct {
			window
			Usage []window `json:"usage"`
		} `json:"data"`
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, d := range answer.Data {
		if d.Usage == nil {
			d.Usage = []window{d.window}
		}
		for _, w := range d.Usage {
			out = append(out, w.Start+" "+w.End)
		}
	}
	return out
}

// Orb's table of a subscription aligned to the 15th, asked for June: 30 days are 30
// points, the 14th among them, which the table leaves out (billing-apis.md, 4.3).
func TestServedOrb_APeriodOfThe15thHasTwoSeriesInJune(t *testing.T) {
	var want []string
	for day := 2; day <= 15; day++ {
		want = append(want, fmt.Sprintf("2023-05-15T00:00:00+00:00 2023-06-%02dT00:00:00+00:00", day))
	}
	for day := 16; day <= 30; day++ {
		want = append(want, fmt.Sprintf("2023-06-15T00:00:00+00:00 2023-06-%02dT00:00:00+00:00", day))
	}
	want = append(want, "2023-06-15T00:00:00+00:00 2023-07-01T00:00:00+00:00")
	s := servedSystem(t, "orb")
	for _, path := range []string{
		"/v1/customers/anniversary/costs?timeframe_start=2023-06-01&timeframe_end=2023-07-01",
		"/v1/subscriptions/sub-anniversary/costs?timeframe_start=2023-06-01T00:00:00Z&timeframe_end=2023-07-01T00:00:00Z",
	} {
		if got := orbWindows(t, s, path); !slices.Equal(got, want) {
			t.Errorf("%s: %d windows %q, want %d %q", path, len(got), got, len(want), want)
		}
	}
	// 4 units of 2.50 on 20 May, and on 13, 14 and 15 June; the last are of the next period.
	for at, want := range map[string]string{"data/12/subtotal": "20.00", "data/13/subtotal": "30.00", "data/14/subtotal": "10.00"} {
		_, body := s.get(t, "admin", "/v1/customers/anniversary/costs?timeframe_start=2023-06-01&timeframe_end=2023-07-01")
		if got := valueAt(t, body, at); got != want {
			t.Errorf("%s is %v, want %s", at, got, want)
		}
	}
}

// Example 71: days are cut at the customer's midnight, here of Los Angeles.
func TestServedOrb_UsageIsCutAtLocalMidnight(t *testing.T) {
	s := servedSystem(t, "orb")
	const path = "/v1/subscriptions/sub-pacific/usage?timeframe_start=2022-02-01T05:00:00Z&timeframe_end=2022-02-04T01:00:00Z&granularity=day"
	want := []string{
		"2022-02-01T05:00:00+00:00 2022-02-01T08:00:00+00:00", "2022-02-01T08:00:00+00:00 2022-02-02T08:00:00+00:00",
		"2022-02-02T08:00:00+00:00 2022-02-03T08:00:00+00:00", "2022-02-03T08:00:00+00:00 2022-02-04T01:00:00+00:00",
	}
	if got := orbWindows(t, s, path); !slices.Equal(got, want) {
		t.Errorf("%s: %q, want %q", path, got, want)
	}
	_, body := s.get(t, "admin", path)
	wantValid(t, orbSchemas(t)["orb-usage"], path, body)
	for n := range want {
		if got := valueAt(t, body, fmt.Sprintf("data/0/usage/%d/quantity", n)); got != json.Number("0") {
			t.Errorf("quantity of window %d is %v, want 0", n, got)
		}
	}
}

// What was used at 12:00 UTC on 1 and 2 June is 5:00 in Los Angeles: of the windows
// that a bound cuts out of its day, the one that holds the noon has it.
func TestServedOrb_UsageOfPartsOfADay(t *testing.T) {
	s := servedSystem(t, "orb")
	for _, c := range []struct{ from, to, view, want string }{
		{"2023-06-01T12:00:00Z", "2023-06-02T12:00:00Z", "", "2"},
		{"2023-06-01T12:00:00.000001Z", "2023-06-02T12:00:00Z", "", "0"},
		{"2023-06-01T00:00:00Z", "2023-06-03T00:00:00Z", "", "4"},
		{"2023-06-02", "2023-06-03", "", "2"},
		{"2023-06-02", "2023-06-03", "cumulative", "4"},
		{"2023-06-01T00:00:00+00:00", "2023-06-02T12:30:00+00:00", "", "4"}, // an unescaped plus is a space
	} {
		path := "/v1/subscriptions/sub-pacific/usage?timeframe_start=" + c.from + "&timeframe_end=" + c.to + "&view_mode=" + c.view
		res, body := s.get(t, "admin", path)
		if got := valueAt(t, body, "data/0/usage/0/quantity"); res.StatusCode != http.StatusOK || got != json.Number(c.want) {
			t.Errorf("%s: %s, quantity %v, want %s", path, res.Status, got, c.want)
		}
	}
}

func TestServedOrb_UsageByGroupAndDimension(t *testing.T) {
	s := servedSystem(t, "orb")
	const usage = "/v1/subscriptions/sub-matrix/usage?timeframe_start=2023-06-01&timeframe_end=2023-06-04&billable_metric_id=placed"
	for _, c := range []struct{ path, at, want string }{
		{usage, "data/0/usage/0/quantity", "7"},
		{usage + "&group_by=type", "data/0/usage/0/quantity", "6"},
		{usage + "&group_by=type", "data/0/metric_group/property_key", "type"},
		{usage + "&group_by=type", "data/1/metric_group/property_value", "beta"},
		{usage + "&group_by=type", "pagination_metadata/has_more", "false"},
		{usage + "&group_by=type&limit=1", "pagination_metadata/next_cursor", "alpha"},
		{usage + "&group_by=type&limit=1&cursor=alpha", "data/0/usage/0/quantity", "1"},
		{usage + "&group_by=type&granularity=day", "data/0/usage/1/quantity", "0"},
		{usage + "&first_dimension_key=type&first_dimension_value=alpha", "data/0/usage/0/quantity", "6"},
		{usage + "&first_dimension_key=type&first_dimension_value=alpha&second_dimension_key=region&second_dimension_value=west", "data/0/usage/0/quantity", "5"},
		// The peak of a period is no sum of days: 3, 7, 5.
		{"/v1/subscriptions/sub-peak/usage?timeframe_start=2023-06-01&timeframe_end=2023-06-04", "data/0/usage/0/quantity", "7"},
		{"/v1/subscriptions/sub-peak/usage?timeframe_start=2023-06-03&timeframe_end=2023-06-04&view_mode=cumulative&granularity=day", "data/0/usage/0/quantity", "7"},
		{"/v1/subscriptions/sub-peak/usage?timeframe_start=2023-06-03&timeframe_end=2023-06-04&granularity=day", "data/0/usage/0/quantity", "5"},
	} {
		res, body := s.get(t, "admin", c.path)
		if res.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s\n%s", c.path, res.Status, body)
		}
		wantValid(t, orbSchemas(t)["orb-usage"], c.path, body)
		if got := fmt.Sprint(valueAt(t, body, c.at)); got != c.want {
			t.Errorf("%s of %s is %s, want %s", c.at, c.path, got, c.want)
		}
	}
}

// Without a timeframe costs are of the current period, for what has ended of its
// last one, and for who never subscribed none.
func TestServedOrb_DefaultTimeframe(t *testing.T) {
	s := servedSystem(t, "orb")
	for path, want := range map[string][2]string{
		"/v1/customers/metered/costs":             {"2023-07-01T00:00:00+00:00 2023-07-02T00:00:00+00:00", "2023-07-01T00:00:00+00:00 2023-07-11T00:00:00+00:00"},
		"/v1/customers/anniversary/costs":         {"2023-06-15T00:00:00+00:00 2023-06-16T00:00:00+00:00", "2023-06-15T00:00:00+00:00 2023-07-11T00:00:00+00:00"},
		"/v1/subscriptions/sub-group-b/costs":     {"2023-06-01T00:00:00+00:00 2023-06-02T00:00:00+00:00", "2023-06-01T00:00:00+00:00 2023-06-21T00:00:00+00:00"},
		"/v1/customers/group-b/costs":             {"2023-06-01T00:00:00+00:00 2023-06-02T00:00:00+00:00", "2023-06-01T00:00:00+00:00 2023-06-21T00:00:00+00:00"},
		"/v1/subscriptions/sub-pacific/costs":     {"2023-07-01T07:00:00+00:00 2023-07-02T07:00:00+00:00", "2023-07-01T07:00:00+00:00 2023-07-11T07:00:00+00:00"},
		"/v1/subscriptions/sub-anniversary/usage": {"2023-06-15T00:00:00+00:00 2023-07-11T00:00:00+00:00", "2023-06-15T00:00:00+00:00 2023-07-11T00:00:00+00:00"},
	} {
		got := orbWindows(t, s, path)
		if len(got) == 0 || got[0] != want[0] || got[len(got)-1] != want[1] {
			t.Errorf("%s: windows %q, want %q to %q", path, got, want[0], want[1])
		}
	}
	if _, body := s.get(t, "admin", "/v1/customers/idle/costs"); body != `{"data":[]}` {
		t.Errorf("costs of who never subscribed: %s", body)
	}
}

// Subscriptions that overlap are listed both, and summed: 11 units tiered are 5.10,
// 120 units with 100 free 20.00. One that has ended has no windows.
func TestServedOrb_OverlappingSubscriptions(t *testing.T) {
	s := servedSystem(t, "orb")
	_, body := s.get(t, "admin", "/v1/customers/external_customer_id/group%20inc/costs?timeframe_start=2023-06-20&timeframe_end=2023-06-22")
	for at, want := range map[string]string{
		"data/0/total": "25.10", "data/0/per_price_costs/0/total": "5.10", "data/0/per_price_costs/1/total": "20.00",
		"data/1/total": "5.10", "data/1/per_price_costs/0/price_id": "orb@2022-01-01:tiered:events",
	} {
		if got := valueAt(t, body, at); got != want {
			t.Errorf("%s is %v, want %s", at, got, want)
		}
	}
	if got := valueAt(t, body, "data/1/per_price_costs/1"); got != nil {
		t.Errorf("a subscription that ended on the 21st has costs on it: %v", got)
	}
}

func TestServedOrb_InvoicesAreFilteredAndPaged(t *testing.T) {
	s := servedSystem(t, "orb")
	ids := func(query string) (out []string, next string) {
		t.Helper()
		res, body := s.get(t, "admin", "/v1/invoices/summary?"+query)
		if res.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s\n%s", query, res.Status, body)
		}
		wantValid(t, orbSchemas(t)["orb-invoice-summaries"], query, body)
		var page struct {
			Data []struct {
				ID       string
				Customer struct{ ID string }
			}
			Page struct {
				Next string `json:"next_cursor"`
			} `json:"pagination_metadata"`
		}
		if err := json.Unmarshal([]byte(body), &page); err != nil {
			t.Fatal(err)
		}
		for _, i := range page.Data {
			out = append(out, i.Customer.ID)
		}
		return out, page.Page.Next
	}
	all, _ := ids("limit=100")
	var paged []string
	for cursor := ""; ; {
		page, next := ids("limit=7&cursor=" + cursor)
		paged = append(paged, page...)
		if next == "" {
			break
		}
		cursor = next
	}
	if !slices.Equal(all, paged) || len(all) < 20 {
		t.Errorf("pages of 7: %q, want the %d of one page: %q", paged, len(all), all)
	}
	for query, want := range map[string]string{
		"customer_id=api":                                        "api",
		"status[]=paid":                                          "api", // by its payment of 115.56; nothing else is paid
		"status=issued&customer_id=api":                          "",
		"external_customer_id=ext%2F1":                           "metered",
		"subscription_id=sub-group-a":                            "group",
		"amount=115.56":                                          "api",
		"amount[gt]=115.55&amount[lt]=115.57":                    "api",
		"customer_id=api&invoice_date[gte]=2023-07-01":           "api",
		"customer_id=api&invoice_date[lt]=2023-07-01":            "",
		"customer_id=api&due_date[gt]=2023-07-31":                "api",
		"customer_id=api&due_date_window=7d":                     "",
		"customer_id=api&is_recurring=true":                      "api",
		"customer_id=api&is_recurring=false":                     "",
		"customer_id=compute&status[]=draft":                     "compute",
		"customer_id=anniversary&status[]=draft&status[]=issued": "anniversary,anniversary",
		"customer_id=api&status[]=void":                          "",
	} {
		if got, _ := ids(query); strings.Join(got, ",") != want {
			t.Errorf("%s lists invoices of %q, want %q", query, got, want)
		}
	}
}

// A token sees its account and those below, on every route.
func TestServedOrb_ATokenReadsNothingOfOthers(t *testing.T) {
	s := servedSystem(t, "orb")
	_, body := s.get(t, "admin", "/v1/invoices?customer_id=api")
	foreign := fmt.Sprint(valueAt(t, body, "data/0/id"))
	missing := map[string]string{}
	for _, path := range []string{
		"/v1/customers/api/costs", "/v1/customers/external_customer_id/group%20inc/costs", "/v1/subscriptions/sub-api/costs", "/v1/subscriptions/sub-api/usage",
		"/v1/invoices/" + foreign, "/v1/invoices/upcoming?subscription_id=sub-api",
		"/v1/invoices?customer_id=api", "/v1/invoices?external_customer_id=group%20inc", "/v1/invoices?subscription_id=sub-api", "/v1/invoices/summary?customer_id=api",
	} {
		res, body := s.get(t, "customer", path)
		if res.StatusCode != http.StatusNotFound {
			t.Errorf("%s with the token of another: %s\n%s", path, res.Status, body)
		}
		missing[path] = body
		wantValid(t, orbSchemas(t)["orb-error"], path, body)
		if res, _ := s.get(t, "admin", path); res.StatusCode != http.StatusOK {
			t.Errorf("%s with the token that may: %s", path, res.Status)
		}
		if res, body := s.get(t, "", path); res.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s without a token: %s\n%s", path, res.Status, body)
		}
	}
	for path, like := range map[string]string{
		"/v1/customers/nobody/costs": "/v1/customers/api/costs", "/v1/subscriptions/none/usage": "/v1/subscriptions/sub-api/usage", "/v1/invoices/inv_none": "/v1/invoices/" + foreign,
	} {
		if _, body := s.get(t, "customer", path); body != missing[like] {
			t.Errorf("%s is answered %s, unlike what may not be seen: %s", path, body, missing[like])
		}
	}
	for _, path := range []string{"/v1/invoices?limit=100&status[]=draft&status[]=issued&status[]=paid", "/v1/invoices/summary?limit=100"} {
		_, body := s.get(t, "customer", path)
		for _, a := range []string{`"api"`, `"group"`, `"compute"`} {
			if strings.Contains(body, a) {
				t.Errorf("%s tells %s to the customer metered", path, a)
			}
		}
		if !strings.Contains(body, `"metered"`) {
			t.Errorf("%s has no invoice of metered: %s", path, body)
		}
	}
	if res, _ := s.get(t, "group", "/v1/customers/group-a/costs"); res.StatusCode != http.StatusOK {
		t.Errorf("who is above may not see below: %s", res.Status)
	}
}

// Hostile parameters are refused in Orb's shape.
func TestServedOrb_HostileParameters(t *testing.T) {
	s := servedSystem(t, "orb")
	schema := orbSchemas(t)["orb-error"]
	const costs, usage, invoices = "/v1/customers/metered/costs?", "/v1/subscriptions/sub-metered/usage?", "/v1/invoices?"
	for _, path := range []string{
		costs + "view_mode=daily", costs + "view_mode=periodic&view_mode=periodic", costs + "timeframe_start=2023-06-01", costs + "timeframe_end=2023-06-01",
		costs + "timeframe_start=2023-06-02&timeframe_end=2023-06-01", costs + "timeframe_start=2023-06-01&timeframe_end=2023-06-01",
		costs + "timeframe_start=yesterday&timeframe_end=2023-06-01", costs + "timeframe_start=0001-01-01&timeframe_end=9999-12-31", costs + "timeframe_start=2023-02-30&timeframe_end=2023-06-01",
		costs + "currency=USD&currency=EUR",
		usage + "granularity=hour", usage + "group_by=region", usage + "billable_metric_id=events&group_by=region", usage + "first_dimension_value=x", usage + "first_dimension_key=region",
		usage + "timeframe_start=1970-01-02&timeframe_end=8999-01-01&granularity=day", usage + "view_mode=%00",
		"/v1/subscriptions/sub-matrix/usage?billable_metric_id=placed&group_by=type&limit=1001", "/v1/subscriptions/sub-matrix/usage?billable_metric_id=placed&group_by=type&cursor=x",
		invoices + "limit=0", invoices + "limit=101", invoices + "limit=-1", invoices + "limit=1e1", invoices + "cursor=nonsense", invoices + "status[]=open", invoices + "amount=NaN",
		invoices + "amount[gt]=1e400", invoices + "invoice_date[gte]=x", invoices + "due_date_window=1y", invoices + "due_date_window=d", invoices + "due_date_window=99999999999999999999d",
		invoices + "is_recurring=maybe", invoices + "customer_id=metered&external_customer_id=ext%2F1",
		"/v1/invoices/upcoming", "/v1/invoices/upcoming?subscription_id=",
	} {
		res, body := s.get(t, "admin", path)
		if res.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %s, want 400\n%s", path, res.Status, body)
		}
		wantValid(t, schema, path, body)
	}
	for _, path := range []string{"/v1/nothing", "/v1/invoices/..%2f..", "/v1/customers/%2e%2e/costs", usage + "billable_metric_id=none", "/v1/invoices/upcoming?subscription_id=sub-basic"} {
		res, body := s.get(t, "admin", path)
		if res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s, want 404\n%s", path, res.Status, body)
		}
		wantValid(t, schema, path, body)
	}
}
