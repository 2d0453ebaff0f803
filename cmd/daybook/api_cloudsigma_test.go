package main

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"daybook/sinks/documents"
)

// cloudSigmaEntry is a ledger entry as the API writes it.
type cloudSigmaEntry struct {
	Amount         string
	BillingCycle   *int64 `json:"billing_cycle"`
	End            string
	HumanInterval  *string `json:"human_interval"`
	ID             string
	Initial        string
	Interval       *int64
	PollTime       string `json:"poll_time"`
	Reason         string
	ResourceAmount string `json:"resource_amount"`
	Time           string
}

type cloudSigmaList[T any] struct {
	Meta struct {
		Limit, Offset int
		TotalCount    int `json:"total_count"`
	}
	Objects []T
}

// cloudSigmaAnswer asks and reads an answer of status 200.
func cloudSigmaAnswer[T any](t *testing.T, token, path string) T {
	t.Helper()
	res, body := servedSystem(t, "cloudsigma").get(t, token, "/api/2.0/"+path)
	return cloudSigmaRead[T](t, path, res, body)
}

func cloudSigmaRead[T any](t *testing.T, path string, res *http.Response, body string) T {
	t.Helper()
	var out T
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "application/json; charset=utf-8" {
		t.Fatalf("%s: %s, %s\n%s", path, res.Status, res.Header.Get("Content-Type"), body)
	}
	if err := json.Unmarshal([]byte(body), &out); err != nil {
		t.Fatalf("%s: %v\n%s", path, err, body)
	}
	return out
}

// The ledger of CloudSigma's public documentation (billing.rst, Transaction list),
// newest first: all twenty entries of it, to the last digit. Vectors 39 to 48 and
// 57 of billing-api-vectors.md are among them. What differs is what no usage file
// says: ids, cycles, and when an entry was recorded.
func TestCloudSigma_LedgerIsTheDocumentedOne(t *testing.T) {
	card := func(uuid string) string { return "Payment through card - " + uuid }
	want := []struct{ amount, initial, end, interval, human, polled, reason, quantity string }{
		{"0.00014583333333333333", "469291.07502821435786823786", "469291.07488238102453490453", "300", "5 minutes", "2014-06-05T09:06:06.713945+00:00", "Burst: 4.50 GB of dssd for 5 minutes at 2014-06-05 09:06", "4831838208"},
		{"0.00908310000000000000", "469291.08411131435786823786", "469291.07502821435786823786", "137", "2 minutes", "2014-06-05T08:31:06.610957+00:00", "Burst: 12.00 GHz of cpu for 2 minutes at 2014-06-05 08:31", "12000"},
		{"0.00255733333333333333", "469291.08666864769120157119", "469291.08411131435786823786", "137", "2 minutes", "2014-06-05T08:31:06.610957+00:00", "Burst: 4.00 GB of mem for 2 minutes at 2014-06-05 08:31", "4294967296"},
		{"0.00014534722222222222", "469291.08681399491342379341", "469291.08666864769120157119", "299", "5 minutes", "2014-06-05T08:21:06.603517+00:00", "Burst: 4.50 GB of dssd for 5 minutes at 2014-06-05 08:21", "4831838208"},
		{"-55.45000000000000284217", "469235.63681399491342095124", "469291.08681399491342379341", "", "", "2014-06-05T08:16:04.495183+00:00", card("9fddd858-ec89-11e3-8c3b-00259082dfa8"), "1"},
		{"-77.23000000000000397904", "469158.40681399491341697220", "469235.63681399491342095124", "", "", "2014-06-05T08:15:58.552247+00:00", card("9c37a0bc-ec89-11e3-8c3b-00259082dfa8"), "1"},
		{"0.00888420000000000000", "469158.41569819491341697220", "469158.40681399491341697220", "134", "2 minutes", "2014-06-05T07:31:06.597276+00:00", "Burst: 12.00 GHz of cpu for 2 minutes at 2014-06-05 07:31", "12000"},
		{"0.00250133333333333333", "469158.41819952824675030553", "469158.41569819491341697220", "134", "2 minutes", "2014-06-05T07:31:06.597276+00:00", "Burst: 4.00 GB of mem for 2 minutes at 2014-06-05 07:31", "4294967296"},
		{"0.00014534722222222222", "469158.41834487546897252775", "469158.41819952824675030553", "299", "5 minutes", "2014-06-05T07:21:06.607872+00:00", "Burst: 4.50 GB of dssd for 5 minutes at 2014-06-05 07:21", "4831838208"},
		{"-55.45000000000000284217", "469102.96834487546896968558", "469158.41834487546897252775", "", "", "2014-06-05T07:16:04.926273+00:00", card("3fe9a3bc-ec81-11e3-bf8f-00259082dfa8"), "1"},
		{"-77.23000000000000397904", "469025.73834487546896570654", "469102.96834487546896968558", "", "", "2014-06-05T07:16:01.585840+00:00", card("3dca136e-ec81-11e3-bf8f-00259082dfa8"), "1"},
		{"0.00633993750000000000", "469025.74468481296896570654", "469025.73834487546896570654", "135", "2 minutes", "2014-06-05T06:31:06.554201+00:00", "Burst: 8.50 GHz of cpu for 2 minutes at 2014-06-05 06:31", "8500"},
		{"0.00031500000000000000", "469025.74499981296896570654", "469025.74468481296896570654", "135", "2 minutes", "2014-06-05T06:31:06.554201+00:00", "Burst: 0.50 GB of mem for 2 minutes at 2014-06-05 06:31", "536870912"},
		{"0.00014534722222222222", "469025.74514516019118792876", "469025.74499981296896570654", "299", "5 minutes", "2014-06-05T06:21:06.570020+00:00", "Burst: 4.50 GB of dssd for 5 minutes at 2014-06-05 06:21", "4831838208"},
		{"-55.45000000000000284217", "468970.29514516019118508659", "469025.74514516019118792876", "", "", "2014-06-05T06:16:03.979376+00:00", card("dc2f7084-ec78-11e3-bf8f-00259082dfa8"), "1"},
		{"-77.23000000000000397904", "468893.06514516019118110755", "468970.29514516019118508659", "", "", "2014-06-05T06:15:58.310852+00:00", card("d88fbc54-ec78-11e3-bf8f-00259082dfa8"), "1"},
		{"0.00536987500000000000", "468893.07051503519118110755", "468893.06514516019118110755", "133", "2 minutes", "2014-06-05T05:31:06.501327+00:00", "Burst: 7.50 GHz of cpu for 2 minutes at 2014-06-05 05:31", "7500"},
		{"0.00014583333333333333", "468893.07066086852451444088", "468893.07051503519118110755", "300", "5 minutes", "2014-06-05T05:21:06.511910+00:00", "Burst: 4.50 GB of dssd for 5 minutes at 2014-06-05 05:21", "4831838208"},
		{"-55.45000000000000284217", "468837.62066086852451159871", "468893.07066086852451444088", "", "", "2014-06-05T05:15:59.277034+00:00", card("78fc2118-ec70-11e3-8c3b-00259082dfa8"), "1"},
		{"-77.23000000000000397904", "468760.39066086852450761967", "468837.62066086852451159871", "", "", "2014-06-05T05:15:55.898007+00:00", card("76a699d4-ec70-11e3-8c3b-00259082dfa8"), "1"},
	}
	got := cloudSigmaAnswer[cloudSigmaList[cloudSigmaEntry]](t, "nimbus", "ledger/")
	if len(got.Objects) != len(want) || got.Meta.Limit != 20 || got.Meta.Offset != 0 || got.Meta.TotalCount != 21 {
		t.Fatalf("%d entries of %+v, want %d of 21", len(got.Objects), got.Meta, len(want))
	}
	for i, w := range want {
		e := got.Objects[i]
		interval, human := "", ""
		if e.BillingCycle != nil {
			interval, human = fmt.Sprint(*e.Interval), *e.HumanInterval
		} else if e.Interval != nil || e.HumanInterval != nil {
			t.Errorf("entry %d has an interval and no cycle", i)
		}
		have := []string{e.Amount, e.Initial, e.End, interval, human, e.PollTime, e.Reason, e.ResourceAmount}
		if wanted := []string{w.amount, w.initial, w.end, w.interval, w.human, w.polled, w.reason, w.quantity}; strings.Join(have, "|") != strings.Join(wanted, "|") {
			t.Errorf("entry %d is\n%v, want\n%v", i, have, wanted)
		}
	}
	balance := cloudSigmaAnswer[map[string]any](t, "nimbus", "balance/")
	if balance["balance"] != "469291.07488238102453490453" || balance["currency"] != "USD" || balance["credit_limit"] != nil || len(balance) != 3 {
		t.Errorf("the balance is %v", balance)
	}
}

// A client finds the usage behind an entry as CloudSigma's own library does
// (pycloudsigma, samples/server_bill.py): the polls after time − interval + 1 s
// and before time, of the resource that the reason names. Here they add up to
// what was subscribed to and the entry's own amount.
func TestCloudSigma_AClientFindsTheUsageOfEachEntry(t *testing.T) {
	subscribed := map[string]int64{"cpu": 8000, "mem": 17179869184, "dssd": 32212254720} // world/cloudsigma_registry.go
	reason := regexp.MustCompile(`Burst: .* of ([^ ]*) .*`)
	usage := cloudSigmaAnswer[cloudSigmaList[struct {
		Amount   decimal.Decimal
		PollTime string `json:"poll_time"`
		Resource string
		UUID     string
	}]](t, "nimbus", "usage/?poll_time__gt=2014-06-05T00:00:00&poll_time__lt=2014-06-06T00:00:00&limit=0")
	bursts := 0
	for _, e := range cloudSigmaAnswer[cloudSigmaList[cloudSigmaEntry]](t, "nimbus", "ledger/?limit=0&time__gt=2014-06-05&time__lt=2014-06-06").Objects {
		if e.BillingCycle == nil {
			continue
		}
		resource := reason.FindStringSubmatch(e.Reason)[1]
		end, err := time.Parse(time.RFC3339Nano, e.Time)
		if err != nil {
			t.Fatal(err)
		}
		start := end.Add(time.Second - time.Duration(*e.Interval)*time.Second)
		var sum decimal.Decimal
		for _, u := range usage.Objects {
			polled, err := time.Parse(time.RFC3339Nano, u.PollTime)
			if err != nil {
				t.Fatal(err)
			}
			if u.Resource == resource && polled.After(start) && u.PollTime < e.Time {
				sum = sum.Add(u.Amount)
			}
		}
		if want := decimal.RequireFromString(e.ResourceAmount).Add(decimal.NewFromInt(subscribed[resource])); !sum.Equal(want) {
			t.Errorf("%s: the usage comes to %s, want %s", e.Reason, sum, want)
		}
		bursts++
	}
	if bursts != 12 {
		t.Errorf("%d bursts, want the 12 of the documentation", bursts)
	}
}

// Whatever part of a ledger is asked for, each entry begins where the one before
// ended, and a closed month ends where the bill does: stratus owes what its
// invoice of May says, 4.34 for 31 days of 30 GB and 0.01 for 0.00969 of CPU.
func TestCloudSigma_LedgerChainsAndEndsWhereTheInvoiceDoes(t *testing.T) {
	whole := cloudSigmaAnswer[cloudSigmaList[cloudSigmaEntry]](t, "stratus", "ledger/?limit=0&order_by=time").Objects
	ends := map[string]string{}
	before := decimal.Zero
	for i, e := range whole {
		initial, amount, end := decimal.RequireFromString(e.Initial), decimal.RequireFromString(e.Amount), decimal.RequireFromString(e.End)
		if !initial.Equal(before) || !initial.Sub(amount).Equal(end) {
			t.Errorf("entry %d goes from %s by %s to %s, after %s", i, initial, amount, end, before)
		}
		before = end
		ends[e.Reason] = e.End
	}
	if got := ends["Invoice CU-2014-000001, beyond bursts and subscriptions"]; got != "-4.35000000000000000000" {
		t.Errorf("after the invoice the ledger stands at %q, want −4.35", got)
	}
	if balance := cloudSigmaAnswer[map[string]any](t, "stratus", "balance/"); balance["balance"] != whole[len(whole)-1].End {
		t.Errorf("the balance is %v, the ledger ends at %s", balance["balance"], whole[len(whole)-1].End)
	}
	for _, filter := range []string{"time__gt=2014-06-01T00:00:00", "time_gt=2014-06-01", "time__gte=2014-06-01T00:00:00.000001"} {
		june := cloudSigmaAnswer[cloudSigmaList[cloudSigmaEntry]](t, "stratus", "ledger/?limit=0&order_by=time&"+filter).Objects
		if len(june) == 0 || len(june) >= len(whole) {
			t.Fatalf("%s: %d of %d entries", filter, len(june), len(whole))
		}
		for i, e := range june {
			if w := whole[len(whole)-len(june)+i]; e.ID != w.ID || e.Initial != w.Initial || e.End != w.End {
				t.Errorf("%s: entry %d is %+v, of the whole ledger it is %+v", filter, i, e, w)
			}
		}
	}
	one := whole[0]
	for _, e := range whole {
		if e.BillingCycle != nil {
			one = e
		}
	}
	got := cloudSigmaAnswer[cloudSigmaList[cloudSigmaEntry]](t, "stratus", fmt.Sprintf("ledger/?billing_cycle=%d", *one.BillingCycle)).Objects
	if len(got) != 1 || got[0].ID != one.ID || got[0].Initial != one.Initial {
		t.Errorf("cycle %d has %+v, want %+v", *one.BillingCycle, got, one)
	}
	// A page of two, from the third on.
	page := cloudSigmaAnswer[cloudSigmaList[cloudSigmaEntry]](t, "stratus", "ledger/?limit=2&offset=2")
	if len(page.Objects) != 2 || page.Meta.TotalCount != len(whole) || page.Objects[0].ID != whole[len(whole)-3].ID {
		t.Errorf("the page is %+v", page)
	}
}

// billing-api-vectors.md 55: 30064771072 B used of 32212254720 B is no burst, and
// 34359738368 B is one of 2147483648 B.
func TestCloudSigma_CurrentUsage(t *testing.T) {
	type current struct{ Burst, Subscribed, Using int64 }
	type answer struct {
		Balance map[string]string
		Usage   map[string]current
	}
	for token, want := range map[string]current{"nimbus": {0, 32212254720, 30064771072}, "stratus": {2147483648, 32212254720, 34359738368}} {
		got := cloudSigmaAnswer[answer](t, token, "currentusage/")
		if got.Usage["dssd"] != want {
			t.Errorf("%s uses %+v, want %+v", token, got.Usage["dssd"], want)
		}
		if balance := cloudSigmaAnswer[map[string]any](t, token, "balance/"); got.Balance["balance"] != balance["balance"] || got.Balance["currency"] != "USD" {
			t.Errorf("%s has %v, /balance/ says %v", token, got.Balance, balance)
		}
	}
	// The other resources of the documented answer: subscribed to, and not used then.
	for resource, subscribed := range map[string]int64{"cpu": 8000, "mem": 17179869184, "ip": 1, "vlan": 1} {
		if got := cloudSigmaAnswer[answer](t, "nimbus", "currentusage/").Usage[resource]; got != (current{0, subscribed, 0}) {
			t.Errorf("%s is %+v, want %d subscribed", resource, got, subscribed)
		}
	}
}

// billing-api-vectors.md 53 and 54, and the levels of the registry: CPU is at
// level 2 at the end of 5 June and falls to 1 five minutes later.
func TestCloudSigma_PricesAndDiscounts(t *testing.T) {
	type price struct {
		Currency, ID      string
		Level, Multiplier int64
		Price, Resource   string
		Unit              string
	}
	type prices struct {
		cloudSigmaList[price]
		Current, Next map[string]int64
	}
	got := cloudSigmaAnswer[prices](t, "nimbus", "pricing/")
	if got.Current["cpu"] != 2 || got.Next["cpu"] != 1 || got.Current["dssd"] != 1 || got.Next["dssd"] != 1 {
		t.Errorf("levels are %v, then %v", got.Current, got.Next)
	}
	byKey := map[string]price{}
	for _, p := range got.Objects {
		byKey[fmt.Sprint(p.Currency, " ", p.Resource, " ", p.Level)] = p
	}
	for key, want := range map[string]string{
		"USD dssd 0": "0.14000000000000000000 2783138807808000 GB/month",
		"USD dssd 1": "0.28000000000000000000 2783138807808000 GB/month",
		"EUR dssd 0": "0.10500000000000000000 2783138807808000 GB/month",
		"EUR dssd 1": "0.21000000000000000000 2783138807808000 GB/month",
		"USD ip 1":   "5.00000000000000000000 2592000 IP",
		"USD vlan 1": "10.00000000000000000000 2592000 count/month",
		"USD cpu 2":  "0.01989000000000000000 3600000 GHz/hour",
		"USD mem 1":  "0.01680000000000000000 3865470566400 GB/hour",
	} {
		p := byKey[key]
		if have := fmt.Sprint(p.Price, " ", p.Multiplier, " ", p.Unit); have != want {
			t.Errorf("%s is %q, want %q", key, have, want)
		}
	}
	if got.Meta.Limit != 0 || got.Meta.TotalCount != len(got.Objects) {
		t.Errorf("the list is cut: %+v", got.Meta)
	}
	for _, p := range cloudSigmaAnswer[prices](t, "nimbus", "pricing/?level=0").Objects {
		if p.Level != 0 {
			t.Errorf("level=0 gives %+v", p)
		}
	}
	_, body := servedSystem(t, "cloudsigma").get(t, "nimbus", "/api/2.0/discount/")
	const want = `{"meta":{"limit":0,"offset":0,"total_count":5},"objects":[` +
		`{"period":"3 months","value":"0.0300000000"},{"period":"6 months","value":"0.1000000000"},{"period":"1 year","value":"0.2500000000"},` +
		`{"period":"2 years","value":"0.3500000000"},{"period":"3 years","value":"0.4500000000"}]}`
	if body != want {
		t.Errorf("discounts are\n%s, want\n%s", body, want)
	}
}

type cloudSigmaBought struct {
	Amount          string
	AutoRenew       bool `json:"auto_renew"`
	Descendants     []string
	DiscountAmount  string `json:"discount_amount"`
	DiscountPercent string `json:"discount_percent"`
	EndTime         string `json:"end_time"`
	ID              *string
	Period, Price   string
	Resource        string
	URI             *string `json:"resource_uri"`
	StartTime       string  `json:"start_time"`
	Status          string
	Object          *string `json:"subscribed_object"`
}

// billing-api-vectors.md 50 and 52, as subscriptions of the registry and by the
// calculator.
func TestCloudSigma_SubscriptionsCostWhatTheWorkedExamplesSay(t *testing.T) {
	all := cloudSigmaAnswer[cloudSigmaList[cloudSigmaBought]](t, "cirrus", "subscriptions/").Objects
	if len(all) != 2 {
		t.Fatalf("%d subscriptions", len(all))
	}
	month, year := all[0], all[1]
	if month.Price != "1.010484993457794189453125" || month.DiscountAmount != "0" || month.Period != "31 days, 22:04:59.904871" ||
		month.EndTime != "2015-04-20T12:00:00+00:00" || month.Status != "inactive" || len(month.Descendants) != 1 || month.Descendants[0] != *year.URI {
		t.Errorf("the month is %+v", month)
	}
	if year.Price != "28.8225" || year.DiscountAmount != "9.6075" || year.DiscountPercent != "0.25" || year.Period != "366 days, 0:00:00" || !year.AutoRenew {
		t.Errorf("the year is %+v", year)
	}
	one := cloudSigmaAnswer[cloudSigmaBought](t, "cirrus", strings.TrimPrefix(*year.URI, "/api/2.0/"))
	if *one.ID != *year.ID || one.Price != year.Price {
		t.Errorf("%s is %+v", *year.URI, one)
	}
	s := servedSystem(t, "cloudsigma")
	const orders = `{"objects":[
		{"resource":"dssd","amount":10000000000,"period":"1 month","start_time":"2015-03-19T13:55:00"},
		{"resource":"dssd","amount":"32212254720","start_time":"2015-08-26T12:00:00Z","end_time":"2016-08-26T12:00:00Z"},
		{"resource":"dssd","amount":"32212254720","start_time":"2015-08-26T12:00:00Z","period":"1 year"}]}`
	res, body := s.ask(t, http.MethodPost, "cirrus", "/api/2.0/subscriptioncalculator/", orders)
	got := cloudSigmaRead[struct {
		Objects []cloudSigmaBought
		Price   string
	}](t, "subscriptioncalculator", res, body)
	// 1.010484993457794189453125 + 2 × 28.8225
	if len(got.Objects) != 3 || got.Price != "58.655484993457794189453125" {
		t.Fatalf("the calculator says %s", body)
	}
	// What is for the future starts at the noon before.
	for i, want := range []string{
		"1.010484993457794189453125 0 2015-03-19T12:00:00+00:00 2015-04-20T12:00:00+00:00",
		"28.8225 9.6075 2015-08-26T12:00:00+00:00 2016-08-26T12:00:00+00:00", "28.8225 9.6075 2015-08-26T12:00:00+00:00 2016-08-26T12:00:00+00:00",
	} {
		o := got.Objects[i]
		if have := fmt.Sprint(o.Price, " ", o.DiscountAmount, " ", o.StartTime, " ", o.EndTime); have != want || o.ID != nil {
			t.Errorf("order %d is %q, want %q", i, have, want)
		}
	}
}

// The documented list of subscriptions: ten, of which the later ones extend the
// earlier, and one is for an address.
func TestCloudSigma_SubscriptionsAreThoseOfTheDocumentation(t *testing.T) {
	list := func(query string) []cloudSigmaBought {
		return cloudSigmaAnswer[cloudSigmaList[cloudSigmaBought]](t, "nimbus", "subscriptions/?"+query).Objects
	}
	all := list("")
	active := map[string]string{}
	for _, s := range all {
		if s.Status == "active" {
			active[s.Resource] = s.Amount + " " + s.EndTime + " " + s.Period
		}
	}
	want := map[string]string{
		"cpu": "8000 2015-02-21T12:00:00+00:00 366 days, 0:00:00", "mem": "17179869184 2015-02-21T12:00:00+00:00 366 days, 0:00:00",
		"dssd": "32212254720 2015-02-21T12:00:00+00:00 366 days, 0:00:00", "ip": "1 2015-01-31T12:00:00+00:00 345 days, 0:00:00",
		"vlan": "1 2015-01-31T12:00:00+00:00 345 days, 0:00:00",
	}
	if fmt.Sprint(active) != fmt.Sprint(want) || len(all) != 10 {
		t.Errorf("%d subscriptions, active are %v, want %v", len(all), active, want)
	}
	for query, n := range map[string]int{
		"status=active": 5, "status=expired": 5, "status=inactive": 0, "status=notexpired": 5, "status=all": 10,
		"resource=cpu,mem": 4, "subscribed_object=185.12.6.183": 1, "limit=3&offset=9": 1, "limit=0": 10,
	} {
		if got := list(query); len(got) != n {
			t.Errorf("%s gives %d subscriptions, want %d", query, len(got), n)
		}
	}
}

// What the objects' shares and the days come to is what the ledger charged. A
// day's usage is the sum over its polls, as in CloudSigma's documentation, where
// 288 polls of 2^30 B are 309237645312.
func TestCloudSigma_BurstUsageAddsUpToTheLedger(t *testing.T) {
	ledger, quantities := map[string]decimal.Decimal{}, map[string]decimal.Decimal{}
	for _, e := range cloudSigmaAnswer[cloudSigmaList[cloudSigmaEntry]](t, "nimbus", "ledger/?limit=0").Objects {
		if e.BillingCycle != nil {
			resource := strings.Fields(e.Reason)[4]
			ledger[resource] = ledger[resource].Add(decimal.RequireFromString(e.Amount))
			quantities[resource] = quantities[resource].Add(decimal.RequireFromString(e.ResourceAmount))
		}
	}
	daily := cloudSigmaAnswer[cloudSigmaList[struct {
		Amount, Date string
		Resource     string `json:"resource_type"`
		Usage        decimal.Decimal
	}]](t, "nimbus", "dailyburstusage/?date__gt=2014-06-05&date__lt=2014-06-06")
	if len(daily.Objects) != 3 || daily.Meta.TotalCount != 3 {
		t.Fatalf("%d rows of a day, want cpu, dssd and mem: %+v", len(daily.Objects), daily)
	}
	for _, d := range daily.Objects {
		off := decimal.RequireFromString(d.Amount).Sub(ledger[d.Resource]).Abs()
		if d.Date != "2014-06-05" || off.GreaterThan(decimal.RequireFromString("0.0000000000000000001")) || !d.Usage.Equal(quantities[d.Resource]) {
			t.Errorf("%+v, but the ledger has %s for %s", d, ledger[d.Resource], quantities[d.Resource])
		}
	}
	shares := cloudSigmaAnswer[cloudSigmaList[struct {
		UUID     string
		Amount   decimal.Decimal
		Resource string `json:"resource_type"`
		Usage    decimal.Decimal
	}]](t, "nimbus", "burstusage/?date__gte=2014-06-05&date__lt=2014-06-06")
	if len(shares.Objects) != 6 {
		t.Fatalf("%d shares, want two objects of each of three resources: %+v", len(shares.Objects), shares)
	}
	usage := map[string]decimal.Decimal{}
	for _, s := range shares.Objects {
		usage[s.Resource] = usage[s.Resource].Add(s.Usage)
		if s.Amount.Exponent() < -20 || !s.Amount.Equal(s.Amount.Round(4)) {
			t.Errorf("%s has more than 4 places", s.Amount)
		}
	}
	for resource, want := range quantities {
		if usage[resource].Sub(want).Abs().GreaterThan(decimal.NewFromInt(1)) { // each share is a whole number
			t.Errorf("%s is shared as %s of %s", resource, usage[resource], want)
		}
	}
	for _, empty := range []string{"dailyburstusage/?date__lt=2014-06-05", "burstusage/?date=2014-06-04", "burstusage/?date__gt=2014-06-05", "burstusage/?date__lte=2014-06-04"} {
		if got := cloudSigmaAnswer[cloudSigmaList[any]](t, "nimbus", empty); len(got.Objects) != 0 || got.Objects == nil {
			t.Errorf("%s gives %v", empty, got.Objects)
		}
	}
}

// Both spellings of the filters of /usage/ are strict, and a date is its midnight.
func TestCloudSigma_UsageFilters(t *testing.T) {
	for query, want := range map[string]int{
		"poll_time_gt=2014-06-05&poll_time_lt=2014-06-06&limit=1500":                26,
		"poll_time__gt=2014-06-05&poll_time__lt=2014-06-06&limit=1500":              26,
		"poll_time__gt=2014-06-05T09:06:06.713945&limit=0":                          2,
		"poll_time__gte=2014-06-05T09:06:06.713945&limit=0":                         4,
		"poll_time__lt=2014-06-05T05:21:06.511910%2B00:00&limit=0":                  0,
		"poll_time_lte=2014-06-05T05:21:06.511910+00:00&limit=0":                    2,
		"poll_time_gt=2014-06-05&resource=mem,cpu&limit=0":                          14,
		"poll_time_gt=2014-06-05&uuid=d0000a00-4ef6-4e11-9ce3-8bd2cacc5639&limit=0": 6,
		"poll_time_gt=2014-06-05&limit=5&offset=24":                                 2,
		"poll_time_gt=2013-01-01&poll_time_lt=2014-06-01&limit=0":                   0,
		"poll_time_gt=2014-06-07&limit=0":                                           0,
	} {
		if got := cloudSigmaAnswer[cloudSigmaList[any]](t, "nimbus", "usage/?"+query); len(got.Objects) != want {
			t.Errorf("%s gives %d polls, want %d", query, len(got.Objects), want)
		}
	}
	// Without a beginning, it is the 30 days up to the end: 5 June, and so from 7 May on.
	for query, want := range map[string]int{"poll_time_lt=2014-05-16": 2, "poll_time_lt=2014-05-31": 4, "": 8} {
		if got := cloudSigmaAnswer[cloudSigmaList[any]](t, "stratus", "usage/?"+query); len(got.Objects) != want {
			t.Errorf("stratus %s has %d polls, want %d", query, len(got.Objects), want)
		}
	}
	if got := cloudSigmaAnswer[cloudSigmaList[any]](t, "stratus", "dailyburstusage/?date__lt=2014-05-16"); len(got.Objects) != 1 {
		t.Errorf("up to 15 May, stratus has %d days of bursts, want one", len(got.Objects))
	}
}

func TestCloudSigma_Licenses(t *testing.T) {
	type license struct {
		Burstable              bool
		LongName               string `json:"long_name"`
		Name, Type, ResourceID string
		URI                    string `json:"resource_uri"`
		UserMetric             string `json:"user_metric"`
	}
	got := cloudSigmaAnswer[cloudSigmaList[license]](t, "nimbus", "licenses/")
	if len(got.Objects) != 4 || got.Meta.Limit != 20 {
		t.Fatalf("licenses are %+v", got)
	}
	windows := got.Objects[2]
	if !windows.Burstable || windows.Name != "msft_p73_04837_core" || windows.LongName != "Windows Server" || windows.Type != "instance" || windows.UserMetric != "smp" {
		t.Errorf("the third is %+v", windows)
	}
	if one := cloudSigmaAnswer[license](t, "nimbus", strings.TrimPrefix(windows.URI, "/api/2.0/")); one != windows {
		t.Errorf("%s is %+v", windows.URI, one)
	}
	if none := cloudSigmaAnswer[cloudSigmaList[license]](t, "stratus", "licenses/"); len(none.Objects) != 0 {
		t.Errorf("an account without the label has %+v", none)
	}
}

// cloudSigmaPaths are all paths that are read, by the name of their schema.
func cloudSigmaPaths() map[string]string {
	out := map[string]string{
		"balance": "balance/", "pricing": "pricing/", "discount": "discount/", "ledger": "ledger/?limit=0", "usage": "usage/?limit=0",
		"currentusage": "currentusage/", "licenses": "licenses/", "burstusage": "burstusage/", "dailyburstusage": "dailyburstusage/",
		"subscriptions": "subscriptions/",
	}
	return out
}

// Every answer is as docs/schemas says, and names no field that it does not.
func TestCloudSigma_AnswersAreAsTheirSchemasSay(t *testing.T) {
	s := servedSystem(t, "cloudsigma")
	check := func(name, body string) {
		t.Helper()
		wantValid(t, publishedSchema(t, "cloudsigma-"+name), name, body)
	}
	for name, path := range cloudSigmaPaths() {
		for _, token := range []string{"nimbus", "stratus", "cirrus"} {
			_, body := s.get(t, token, "/api/2.0/"+path)
			check(name, body)
		}
	}
	_, body := s.ask(t, http.MethodPost, "cirrus", "/api/2.0/subscriptioncalculator/", `{"resource":"dssd","amount":1,"period":"2 weeks"}`)
	check("subscriptioncalculator", body)
	_, body = s.get(t, "nimbus", "/api/2.0/nothing/")
	check("errors", body)
	for _, name := range documents.CloudSigmaSchemas() {
		_, body := s.get(t, "nimbus", "/api/2.0/"+name+"/schema/")
		check("schema", body)
	}
}

// No route shows one account to another: what a token asks of an account that is
// not below its own is answered as for one that does not exist.
func TestCloudSigma_ATokenReadsNothingOfAnotherAccount(t *testing.T) {
	s := servedSystem(t, "cloudsigma")
	for name, path := range cloudSigmaPaths() {
		query := map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")]
		for _, pair := range [][2]string{{"nimbus", "stratus"}, {"lab", "stratus"}, {"cirrus", "nimbus"}, {"stratus", "cirrus"}} {
			res, body := s.get(t, pair[0], "/api/2.0/"+path+query+"account="+pair[1])
			gone, missing := s.get(t, pair[0], "/api/2.0/"+path+query+"account=nobody")
			if res.StatusCode != http.StatusNotFound || gone.StatusCode != http.StatusNotFound || body != missing {
				t.Errorf("%s asks %s of %s: %s %s, of nobody %s %s", pair[0], name, pair[1], res.Status, body, gone.Status, missing)
			}
		}
		if res, _ := s.get(t, "", "/api/2.0/"+path); res.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s without a token: %s", name, res.Status)
		}
		for _, pair := range [][2]string{{"admin", "nimbus"}, {"stratus", "stratus-lab"}} {
			if res, body := s.get(t, pair[0], "/api/2.0/"+path+query+"account="+pair[1]); res.StatusCode != http.StatusOK {
				t.Errorf("%s asks %s of %s: %s %s", pair[0], name, pair[1], res.Status, body)
			}
		}
	}
	// An id of another's subscription is no subscription.
	theirs := cloudSigmaAnswer[cloudSigmaList[cloudSigmaBought]](t, "nimbus", "subscriptions/").Objects[0]
	if res, _ := s.get(t, "cirrus", *theirs.URI); res.StatusCode != http.StatusNotFound {
		t.Errorf("another's subscription: %s", res.Status)
	}
	// An organization sees its own bursts, and not what its payer has.
	if got := cloudSigmaAnswer[cloudSigmaList[cloudSigmaBought]](t, "lab", "subscriptions/").Objects; len(got) != 0 {
		t.Errorf("the organization is shown its payer's subscriptions: %+v", got)
	}
	lab := cloudSigmaAnswer[cloudSigmaList[cloudSigmaEntry]](t, "lab", "ledger/?limit=0").Objects
	if len(lab) != 2 || !strings.Contains(lab[0].Reason, "3.00 GHz") || lab[1].Initial != "0.00000000000000000000" {
		t.Errorf("the organization's ledger is %+v", lab)
	}
}

// What is malformed is refused with a body of the API's shape.
func TestCloudSigma_RefusesMalformedRequests(t *testing.T) {
	s := servedSystem(t, "cloudsigma")
	refused := func(what string, res *http.Response, body string, status int, point string) {
		t.Helper()
		var errors []struct {
			Message string  `json:"error_message"`
			Point   *string `json:"error_point"`
			Type    string  `json:"error_type"`
		}
		if err := json.Unmarshal([]byte(body), &errors); err != nil || len(errors) != 1 || errors[0].Message == "" || errors[0].Type == "" {
			t.Fatalf("%s: %s %s", what, res.Status, body)
		}
		got := ""
		if errors[0].Point != nil {
			got = *errors[0].Point
		}
		if res.StatusCode != status || got != point || res.Header.Get("Content-Type") != "application/json; charset=utf-8" {
			t.Errorf("%s: %s at %q, want %d at %q: %s", what, res.Status, got, status, point, body)
		}
	}
	for path, point := range map[string]string{
		"ledger/?limit=-1": "limit", "ledger/?limit=many": "limit", "ledger/?offset=99999999999999999999": "offset", "usage/?limit=1e3": "limit",
		"ledger/?time__gt=yesterday": "time__gt", "ledger/?time_lt=2014-13-45": "time_lt", "ledger/?order_by=amount": "order_by",
		"ledger/?billing_cycle=x": "billing_cycle", "pricing/?level=1,x": "level", "usage/?poll_time_gt=%00": "poll_time_gt",
		"usage/?poll_time__lt=" + strings.Repeat("9", 500): "poll_time__lt", "burstusage/?date=2014-02-30": "date",
		"dailyburstusage/?date__gt=1": "date__gt", "subscriptions/?status=gone": "status",
	} {
		res, body := s.get(t, "nimbus", "/api/2.0/"+path)
		refused(path, res, body, http.StatusBadRequest, point)
	}
	for _, path := range []string{"nothing/", "ledger/1/2/", "subscriptions/0/", "subscriptions/x'--/", "licenses/%2e%2e%2f/", ""} {
		res, body := s.get(t, "nimbus", "/api/2.0/"+path)
		refused(path, res, body, http.StatusNotFound, "")
	}
	for body, point := range map[string]string{
		``: "", `[]`: "", `{"objects":1}`: "", `{}{}`: "", `{"amount":"1","period":"2 weeks"}`: "resource", `{"resource":"dssd","amount":"-1","period":"1 day"}`: "amount",
		`{"resource":"dssd","amount":1e999,"period":"1 day"}`: "amount", `{"resource":"tea","period":"1 day"}`: "resource",
		`{"resource":"dssd"}`: "period", `{"resource":"dssd","start_time":"2015-01-01"}`: "period", `{"resource":"dssd","period":"soon"}`: "period",
		`{"resource":"dssd","period":"99999 years"}`: "period", `{"resource":"dssd","period":"0 days"}`: "end_time",
		`{"resource":"dssd","start_time":"2015-01-02","end_time":"2015-01-01"}`:                                                  "end_time",
		`{"resource":"dssd","start_time":"2015-01-02","end_time":"2015-02-01","period":"1 month"}`:                               "period",
		`{"resource":"dssd","start_time":"now","period":"1 month"}`:                                                              "start_time",
		`{"objects":[` + strings.Repeat(`{"resource":"dssd","period":"1 day"},`, 500) + `{"resource":"dssd","period":"1 day"}]}`: "objects",
	} {
		res, got := s.ask(t, http.MethodPost, "cirrus", "/api/2.0/subscriptioncalculator/", body)
		refused(fmt.Sprintf("%.90s", body), res, got, http.StatusBadRequest, point)
	}
	for method, path := range map[string]string{http.MethodPost: "balance/", http.MethodDelete: "ledger/", http.MethodGet: "subscriptioncalculator/"} {
		res, body := s.ask(t, method, "nimbus", "/api/2.0/"+path, "")
		refused(method+" "+path, res, body, http.StatusMethodNotAllowed, "")
	}
	for _, accept := range []string{"text/html", "application/yaml"} {
		res, body := s.get(t, "nimbus", "/api/2.0/balance/", "Accept: "+accept)
		refused(accept, res, body, http.StatusNotAcceptable, "")
	}
	res, body := s.get(t, "nimbus", "/api/2.0/balance/?format=yaml")
	refused("format=yaml", res, body, http.StatusNotAcceptable, "format")
}

// JSON goes before XML where both are accepted, and format before both.
func TestCloudSigma_AnswersInXMLWhereAsked(t *testing.T) {
	s := servedSystem(t, "cloudsigma")
	const balance = "<?xml version='1.0' encoding='utf-8'?>\n<response><balance>469291.07488238102453490453</balance><credit_limit type=\"null\"></credit_limit><currency>USD</currency></response>"
	for _, c := range []struct{ path, accept, contentType string }{
		{"balance/", "application/xml", "application/xml; charset=utf-8"},
		{"balance/", "*/*, application/xml", "application/xml; charset=utf-8"},
		{"balance/", "application/xml, application/json", "application/json; charset=utf-8"},
		{"balance/", "*/*", "application/json; charset=utf-8"},
		{"balance/?format=xml", "application/json", "application/xml; charset=utf-8"},
		{"balance?format=xml&format=json", "application/xml", "application/json; charset=utf-8"},
	} {
		res, body := s.get(t, "nimbus", "/api/2.0/"+c.path, "Accept: "+c.accept)
		if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != c.contentType || (body == balance) != strings.Contains(c.contentType, "xml") {
			t.Errorf("%s for %q: %s, %s\n%s", c.path, c.accept, res.Status, res.Header.Get("Content-Type"), body)
		}
	}
	for _, path := range cloudSigmaPaths() {
		res, body := s.get(t, "nimbus", "/api/2.0/"+path, "Accept: application/xml")
		if err := xml.Unmarshal([]byte(body), new(any)); res.StatusCode != http.StatusOK || err != nil {
			t.Errorf("%s: %s, %v\n%.300s", path, res.Status, err, body)
		}
	}
	_, body := s.get(t, "nimbus", "/api/2.0/currentusage/?format=xml")
	if want := `<usage type="hash"><cpu type="hash"><burst type="integer">0</burst><subscribed type="integer">8000</subscribed>`; !strings.Contains(body, want) {
		t.Errorf("%s is not in %s", want, body)
	}
	_, body = s.get(t, "nimbus", "/api/2.0/licenses/?format=xml&limit=1")
	if want := `<meta type="hash"><limit type="integer">1</limit>`; !strings.Contains(body, want) || !strings.Contains(body, `<objects type="list"><object><burstable type="boolean">False</burstable>`) {
		t.Errorf("%s is not in %s", want, body)
	}
}

// The password of a Basic authorization is the token, as CloudSigma's library
// sends it.
func TestCloudSigma_TakesBasicCredentials(t *testing.T) {
	s := servedSystem(t, "cloudsigma")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.server.URL+"/api/2.0/balance/", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth("user@example.com", s.tokens["nimbus"])
	res, err := s.server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("%s", res.Status)
	}
}

// What docs/apis.md shows of the demo's world is what it answers; … stands for
// something left out.
func TestCloudSigma_AnswersAreAsDocumented(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(module, "docs", "apis.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## CloudSigma\n")
	_, examples, _ := strings.Cut(section, "```\n")
	examples, _, _ = strings.Cut(examples, "\n```")
	s := servedSystem(t, "cloudsigma")
	shown := strings.Split(examples, "\n\n")
	for _, example := range shown {
		request, want, _ := strings.Cut(example, "\n")
		line := strings.Fields(request)
		token, body := "nimbus", ""
		if line[0] == http.MethodPost {
			body = strings.Join(line[2:], " ")
		}
		_, got := s.ask(t, line[0], token, line[1], body)
		pattern := strings.ReplaceAll(regexp.QuoteMeta(regexp.MustCompile(`\n *`).ReplaceAllString(strings.TrimSpace(want), "")), "…", ".*")
		if !regexp.MustCompile("^" + pattern + "$").MatchString(got) {
			t.Errorf("%s answers\n%s, documented is\n%s", request, got, want)
		}
	}
	if len(shown) != 13 {
		t.Errorf("%d examples, want one of each route and an error", len(shown))
	}
}
