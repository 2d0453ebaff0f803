package world

import (
	_ "embed"
	"fmt"

	"daybook/pricing"
)

//go:embed orb.yaml
var orbBook []byte

// orb is May to July 2023 of the customers of Orb's worked examples: the months of
// its table of a period that begins on the 15th, and of its change of plan. The
// other examples are in June.
func orb() System {
	return System{
		Name:  "orb",
		First: pricing.Month{Year: 2023, Month: 5}, Last: pricing.Month{Year: 2023, Month: 7},
		Open: true, LastDay: pricing.NewDate(2023, 7, 10),
		Settings: `issuer: {name: Meters Inc, terms: 30d, series: {invoice: "MET-{year}-{n:06}"}}`,
		Tokens: []DemoToken{
			{ID: "customer", Account: "metered", Scopes: []string{"billing:read"}},
			{ID: "group", Account: "group", Scopes: []string{"billing:read"}},
			{ID: "admin", Scopes: []string{"admin"}},
		},
		Try: []string{
			"/v1/customers/metered/costs?timeframe_start=2023-06-01T00:00:00Z&timeframe_end=2023-06-06T00:00:00Z",
			"/v1/subscriptions/sub-metered/usage?granularity=day",
			"/v1/invoices?customer_id=metered&limit=2",
		},
		Write: writeOrb,
	}
}

// orbUse is what a customer of an example uses, and when.
type orbUse struct {
	day         pricing.Date
	meter       string
	millionths  int64 // of the quantity
	cluster, at string
}

// orbCustomer is a customer with one subscription, sub-<id>.
type orbCustomer struct {
	id, plan, start, zone string
	uses                  []orbUse
}

const one = 1_000_000

func orbUses(meter string, first pricing.Date, quantities ...int64) []orbUse {
	var out []orbUse
	for i, q := range quantities {
		out = append(out, orbUse{day: first.AddDays(i), meter: meter, millionths: q})
	}
	return out
}

func orbCustomers() []orbCustomer {
	june := pricing.NewDate(2023, 6, 1)
	out := []orbCustomer{
		{"metered", "metered", "2023-06-01", "", orbUses("events", june, 9*one, 10*one, one, 8*one, 8*one)},
		{"api", "api", "2023-06-01", "", orbUses("api_calls", june, 50_000*one, 50_000*one, 50_000*one)},
		{"compute", "compute", "2023-06-01", "", orbUses("compute", june, 120*one, 80*one)},
		{"anniversary", "metered", "2023-05-15", "", append(orbUses("events", pricing.NewDate(2023, 5, 20), 4*one), orbUses("events", june+12, 4*one, 4*one, 4*one)...)},
		{"pacific", "metered", "2022-01-01", "America/Los_Angeles", orbUses("events", june, 2*one, 2*one)},
		{"matrix", "matrix", "2023-06-01", "", []orbUse{
			{june, "placed", 5 * one, "alpha", "west"}, {june, "placed", one, "alpha", "east"}, {june + 1, "placed", one, "beta", "west"},
		}},
		{"peak", "peak", "2023-06-01", "", orbUses("peak", june, 3*one, 7*one, 5*one)},
		{"together", "together", "2023-06-01", "", append(orbUses("events", june, 30*one), orbUses("api_calls", june, 1000*one)...)},
	}
	for _, m := range []struct {
		plan       string
		quantities []int64
	}{
		{"tiered", []int64{10 * one, 11 * one, 15 * one, 10*one + one/2}},
		{"bulk", []int64{10 * one, 101 * one}},
		{"package", []int64{4 * one, 11 * one}},
		{"small-package", []int64{4 * one, 6 * one}},
		{"free-units", []int64{150 * one, 80 * one}},
		{"discounts", []int64{100 * one}},
	} {
		for _, q := range m.quantities {
			id := fmt.Sprintf("%s-%d", m.plan, q/one)
			if q%one != 0 {
				id += "-5"
			}
			out = append(out, orbCustomer{id, m.plan, "2023-06-01", "", orbUses("events", june, q)})
		}
	}
	return out
}

func writeOrb(put func(path string, body []byte) error) error {
	if err := put("book/orb.yaml", orbBook); err != nil {
		return err
	}
	var accounts, subscriptions []map[string]any
	days := map[pricing.Date][]event{}
	add := func(id, account, plan, start, end string) {
		row := map[string]any{"id": id, "account": account, "plan": plan, "start": start}
		if end != "" {
			row["end"] = end
		}
		subscriptions = append(subscriptions, row)
	}
	for _, c := range orbCustomers() {
		row := map[string]any{"id": c.id, "bills": true, "currency": "USD", "time_zone": "UTC"}
		switch c.id {
		case "metered":
			row["external_id"] = "ext/1"
		case "pacific":
			row["time_zone"] = c.zone
		case "api":
			row["jurisdiction"], row["name"] = "US-TX", "Api Corp"
			row["labels"] = map[string]string{"orb.billing_address": `{"city":"Austin","country":"US","line1":"1 Main St","postal_code":"78701","state":"TX"}`}
		}
		accounts = append(accounts, row)
		add("sub-"+c.id, c.id, c.plan, c.start, "")
		if c.id == "anniversary" {
			subscriptions[len(subscriptions)-1]["anchor"] = 15
		}
		for n, u := range c.uses {
			days[u.day] = append(days[u.day], event{
				id: fmt.Sprintf("%s-%s-%d", c.id, u.meter, n), subscription: "sub-" + c.id, meter: u.meter,
				time: u.day.UTC().UnixMicro() + 12*3_600*one, micros: u.millionths, kind: u.cluster, region: u.at,
			})
		}
	}
	// A payer with two members, whose subscriptions overlap; and a change of plan.
	accounts = append(accounts,
		map[string]any{"id": "group", "bills": true, "currency": "USD", "external_id": "group inc"},
		map[string]any{"id": "group-a", "parent": "group"}, map[string]any{"id": "group-b", "parent": "group"},
		map[string]any{"id": "changer", "bills": true, "currency": "USD"},
		map[string]any{"id": "idle", "bills": true, "currency": "USD"})
	add("sub-group-a", "group-a", "tiered", "2023-06-01", "")
	add("sub-group-b", "group-b", "free-units", "2023-06-01", "2023-06-21")
	add("sub-basic", "changer", "basic", "2023-06-01", "2023-07-04")
	add("sub-pro", "changer", "pro", "2023-07-04", "")
	june := pricing.NewDate(2023, 6, 1)
	for _, of := range []struct {
		subscription string
		quantity     int64
	}{{"sub-group-a", 11}, {"sub-group-b", 120}} {
		days[june] = append(days[june], event{
			id: "used-" + of.subscription, subscription: of.subscription, meter: "events", time: june.UTC().UnixMicro() + 7*3_600*one, micros: of.quantity * one,
		})
	}
	if err := writeRows(put,
		table{"accounts", accounts}, table{"subscriptions", subscriptions},
		table{"taxes", []map[string]any{{"id": "us-tx", "jurisdiction": "US-TX", "rate": "8"}}},
		table{"payments", []map[string]any{{"id": "pay-1", "account": "api", "amount": "115.56", "currency": "USD", "time": "2023-07-09"}}},
	); err != nil {
		return err
	}
	return writeDays(put, days)
}
