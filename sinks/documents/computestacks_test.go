package documents

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
)

// csItemOf is an item of a user's product with a total.
func csItemOf(id int64, user, subscription, total string, labels map[string]string) ComputeStacksItem {
	return ComputeStacksItem{
		ID: id, Created: time.Date(2020, 6, 1, 0, 0, int(id), 0, time.UTC), End: time.Date(2020, 6, 1, 0, 0, int(id), 0, time.UTC), Total: money.MustAmount(total), Quantity: money.QuantityOf(1),
		Of: ComputeStacksProduct{Subscription: pricing.Subscription{ID: subscription}, User: pricing.Account{ID: user, Labels: labels}, Plan: "p", Price: "package"},
	}
}

// The rules of ComputeStacks billing_usages, Monthly aggregation, in two months.
func TestComputeStacksProcess(t *testing.T) {
	may, june := time.Date(2020, 6, 2, 0, 0, 0, 0, time.UTC), time.Date(2020, 7, 2, 0, 0, 0, 0, time.UTC)
	bypass := map[string]string{labelBypass: "true"}
	months := []ComputeStacksMonth{
		{may, []ComputeStacksItem{
			csItemOf(1, "a", "a1", "0.006", nil), csItemOf(2, "a", "a1", "0.005", nil), // a cent and more together
			csItemOf(3, "a", "a2", "0.009", nil), // less, beside it: dropped
			csItemOf(4, "b", "b1", "0.006", nil), // less alone: gathers
			csItemOf(5, "b", "b1", "0", nil),     // nothing
			csItemOf(6, "c", "c1", "5", bypass),
			csItemOf(7, "d", "d1", "0.004", nil),
		}},
		{june, []ComputeStacksItem{csItemOf(8, "b", "b1", "0.004", nil), csItemOf(9, "d", "d1", "0.005", nil), csItemOf(10, "e", "e1", "-0.01", nil)}},
		{time.Time{}, []ComputeStacksItem{csItemOf(11, "a", "a1", "1", nil)}},
	}
	if err := ComputeStacksProcess(months); err != nil {
		t.Fatal(err)
	}
	when := map[int64]time.Time{}
	for _, m := range months {
		for _, i := range m.Items {
			when[i.ID] = i.Processed
		}
	}
	for id, want := range map[int64]time.Time{
		1: may, 2: may, 3: may, 4: june, 5: months[0].Items[4].Created, 6: may, 7: {}, 8: june, 9: {}, 10: june, 11: {},
	} {
		if !when[id].Equal(want) {
			t.Errorf("item %d was processed on %s, want %s", id, when[id], want)
		}
	}
	months[1].Items[0].ID = 1
	if err := ComputeStacksProcess(months); err == nil || !strings.Contains(err.Error(), "1") {
		t.Errorf("two items of one id: %v", err)
	}
}

// groupsOf are an aggregate's groups: subscription product, total, quantity and the
// ids of its items.
func groupsOf(t *testing.T, aggregate []byte) []string {
	t.Helper()
	if aggregate == nil {
		return nil
	}
	var groups []csGroup
	if err := json.Unmarshal(aggregate, &groups); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, g := range groups {
		line := fmt.Sprintf("%s %s:", g.Total, g.Quantity)
		for _, i := range g.Items {
			line += fmt.Sprintf(" %d", i.ID)
		}
		out = append(out, line)
	}
	slices.Sort(out) // users come by the hash that their id is
	return out
}

// The same two months as aggregates: what is left of May goes into June's.
func TestComputeStacksAggregate(t *testing.T) {
	bypass := map[string]string{labelBypass: "true"}
	may, left, err := ComputeStacksAggregate(nil, []ComputeStacksItem{
		csItemOf(1, "a", "a1", "0.006", nil), csItemOf(2, "a", "a1", "0.005", nil), csItemOf(3, "a", "a2", "0.009", nil),
		csItemOf(4, "b", "b1", "0.006", nil), csItemOf(5, "b", "b1", "0", nil), csItemOf(6, "c", "c1", "5", bypass), csItemOf(7, "d", "d1", "0.004", nil),
	})
	if err != nil {
		t.Fatal(err)
	}
	june, rest, err := ComputeStacksAggregate(left, []ComputeStacksItem{csItemOf(8, "b", "b1", "0.004", nil), csItemOf(9, "d", "d1", "0.005", nil), csItemOf(10, "e", "e1", "-0.01", nil)})
	if err != nil {
		t.Fatal(err)
	}
	none, _, err := ComputeStacksAggregate(rest, nil)
	if err != nil || none != nil {
		t.Errorf("July, without items, reports %s: %v", none, err)
	}
	for _, c := range []struct {
		what string
		got  []byte
		want []string
	}{
		{"May", may, []string{"0.011 2.0: 2 1"}},
		{"left of May", left, []string{"0.004 1.0: 7", "0.006 1.0: 4"}},
		{"June", june, []string{"-0.01 1.0: 10", "0.01 2.0: 8 4"}},
		{"left of June", rest, []string{"0.009 2.0: 9 7"}},
	} {
		if got := groupsOf(t, c.got); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
	if _, _, err := ComputeStacksAggregate(nil, []ComputeStacksItem{csItemOf(1, "a", "a1", "1", nil), csItemOf(1, "a", "a1", "2", nil)}); err == nil {
		t.Error("two items of one id are taken")
	}
	if _, _, err := ComputeStacksAggregate([]byte("[{"), nil); err == nil {
		t.Error("damaged groups from before are taken")
	}
}

// The elements of docs webhooks.md and of the adapter's fixture: names without
// anything but letters and digits, numbers and not texts, times with a Z.
func TestComputeStacksAggregate_Elements(t *testing.T) {
	i := csItemOf(1, "jane", "s", "3.048", nil)
	i.Start, i.End, i.Rate, i.RatePeriod, i.Quantity = time.Date(2018, 6, 30, 23, 0, 0, 0, time.UTC), time.Date(2018, 8, 1, 16, 59, 59, 0, time.UTC), money.MustAmount("0.004"), 1, money.QuantityOf(762)
	i.Of.PlanName = "Container M"
	i.Of.Subscription.ExternalID = "x-1"
	i.Of.Subscription.Labels = map[string]string{labelContainer: "72", labelContainerService: "seven"}
	i.Of.User.Labels = map[string]string{labelLabels: `{"whmcs":{"client_id":4}}`, labelEmail: "j@x.example"}
	body, _, err := ComputeStacksAggregate(nil, []ComputeStacksItem{i})
	if err != nil {
		t.Fatal(err)
	}
	of := i.Of
	want := fmt.Sprintf(`[{"subscription_id":%d,"subscription_product_id":%d,"product":{"id":%d,"name":"containerm","external_id":null},`+
		`"billing_resource":{"id":%d,"external_id":null,"billing_plan_id":%d},"container_service_id":null,"container_id":72,`+
		`"user":{"id":%d,"external_id":null,"email":"j@x.example","labels":{"whmcs":{"client_id":4}}},"external_id":"x-1","total":3.048,"qty":762.0,`+
		`"period_start":"2018-06-30T23:00:00Z","period_end":"2018-08-01T16:59:59Z",`+
		`"usage_items":[{"id":1,"rate":0.004,"rate_period":1,"qty":762.0,"total":3.048,"period_start":"2018-06-30T23:00:00Z","period_end":"2018-08-01T16:59:59Z"}]}]`,
		ComputeStacksSubscriptionID("s"), of.ID(), of.productID(), IntegerID("billing_resource", "p", "package"), IntegerID("billing_plan", "p"), ComputeStacksUserID("jane"))
	if string(body) != want {
		t.Errorf("the aggregate is\n%s\nwant\n%s", body, want)
	}
}

// A reading that an allowance takes part of, in days, minutes and at a discount.
func TestComputeStacksItems_OfReadings(t *testing.T) {
	at := time.Date(2020, 6, 4, 12, 0, 0, 0, time.UTC)
	reading := pricing.Reading{
		From: at, Until: at.Add(5 * time.Minute), Dimensions: "{}", First: at, Last: at, Events: 1, Used: money.QuantityOf(2), Quantity: money.QuantityOf(2),
		Billable: money.MustQuantity("1.5"), UnitPrice: money.MustAmount("0.60"), HasUnitPrice: true, Subtotal: money.MustAmount("0.90"), Total: money.MustAmount("0.45"),
	}
	for _, c := range []struct {
		unit, start, rate, qty, total string
		period                        int
	}{
		{"hour", "2020-06-04T10:00:00Z", "0.3", "0.75", "1.0", 1},
		{"day", "2020-06-02T12:00:00Z", "0.3", "0.75", "1.0", 24},
		{"minute", "2020-06-04T11:58:00Z", "18.0", "0.75", "1.0", 1},
		{"GB", "2020-06-04T12:00:00Z", "0.3", "1.5", "2.0", 1},
	} {
		e := pricing.Explanation{Line: pricing.Line{Subscription: "s", Meter: "m", Unit: c.unit}, Readings: []pricing.Reading{reading}}
		w := ComputeStacksItems(pricing.Month{}, &e, ComputeStacksProduct{}, at)[0].wire()
		if w.PeriodStart != c.start || w.PeriodEnd != "2020-06-04T12:00:00Z" || w.Rate != c.rate || w.RatePeriod != c.period || w.Quantity != c.qty || w.QuantityTotal != c.total || w.Total != "0.45" {
			t.Errorf("in %ss: %+v", c.unit, w)
		}
	}
}

func TestComputeStacks_LabelsSayWhatTheRegistryDoesNot(t *testing.T) {
	u := userOf(pricing.Account{ID: "jane", Labels: map[string]string{"b": "2", "a": "1", labelEmail: "j@x.example"}})
	if string(u.Labels) != `{"a":"1","b":"2"}` || *u.Email != "j@x.example" {
		t.Errorf("user is %s %s", u.Labels, *u.Email)
	}
	if u = userOf(pricing.Account{Labels: map[string]string{labelLabels: `{"whmcs":{"client_id":1}}`}}); string(u.Labels) != `{"whmcs":{"client_id":1}}` {
		t.Errorf("labels are %s", u.Labels)
	}
	for label, want := range map[string]string{`{"id":1}`: `{"id":1}`, `{"id":`: "null", "3": "null", "": "null"} {
		p := ComputeStacksProduct{Subscription: pricing.Subscription{Labels: map[string]string{labelPackage: label}}, Phase: "intro"}
		if got := string(p.product().Package); got != want || p.phaseType() != "discount" {
			t.Errorf("the package of label %q is %s, want %s", label, got, want)
		}
	}
}

// A reading is taken back by its window where rollups keep that; a day's, or a
// group's of the whole period, by nothing, and a line as a whole.
func TestComputeStacksItems_SayWhatTakesThemBack(t *testing.T) {
	at := time.Date(2020, 6, 4, 12, 0, 0, 0, time.UTC)
	for length, want := range map[time.Duration]pricing.VoidUsage{
		5 * time.Minute:     {Subscription: "s", Meter: "m", From: at.UnixMicro(), Until: at.Add(5 * time.Minute).UnixMicro(), Dimensions: "{}"},
		time.Hour:           {Subscription: "s", Meter: "m", From: at.UnixMicro(), Until: at.Add(time.Hour).UnixMicro(), Dimensions: "{}"},
		23 * time.Hour:      {},
		30 * 24 * time.Hour: {},
	} {
		e := pricing.Explanation{Line: pricing.Line{Subscription: "s", Meter: "m"}, Readings: []pricing.Reading{{From: at, Until: at.Add(length), Dimensions: "{}"}}}
		if i := ComputeStacksItems(pricing.Month{}, &e, ComputeStacksProduct{}, at)[0]; i.Void != want || i.Whole {
			t.Errorf("a reading of %s is taken back by %+v, whole %t", length, i.Void, i.Whole)
		}
	}
	e := pricing.Explanation{Line: pricing.Line{Subscription: "s", Meter: "m", PeriodStart: at, PeriodEnd: at.AddDate(0, 1, 0)}}
	if i := ComputeStacksItems(pricing.Month{}, &e, ComputeStacksProduct{}, at.AddDate(1, 0, 0))[0]; !i.Whole || i.Void.Meter != "" {
		t.Errorf("a line is taken back by %+v, whole %t", i.Void, i.Whole)
	}
}

// Whatever a label is called and says, the XML is well formed.
func TestComputeStacksXML_OfAnyLabels(t *testing.T) {
	i := csItemOf(1, "jane", "s", "1", map[string]string{labelLabels: `{"a b":"<&>","1":[1.5,null,true],"":{"x-y":"\u0001"}}`})
	body, err := ComputeStacksShow(i)
	if err != nil {
		t.Fatal(err)
	}
	if body, err = ComputeStacksXML(body, "billing_usage"); err != nil {
		t.Fatal(err)
	}
	if err := xml.Unmarshal(body, &struct{}{}); err != nil || !strings.Contains(string(body), "<member>&lt;&amp;&gt;</member>") || !strings.Contains(string(body), `<member type="decimal">1.5</member>`) {
		t.Errorf("%v in\n%s", err, body)
	}
	for _, broken := range []string{"", "{", `{"other":1}`, `{"billing_usage":{"a":`} {
		if _, err := ComputeStacksXML([]byte(broken), "billing_usage"); err == nil {
			t.Errorf("%q is written", broken)
		}
	}
}
