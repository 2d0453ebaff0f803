package world

import (
	_ "embed"
	"fmt"

	"daybook/pricing"
)

//go:embed rokka.yaml
var rokkaBook []byte

// rokka is August and ten days of September 2019 of the master organizations of
// the API's worked examples: acme, with two organizations, is that of its
// specification; the others are examples of its price list.
func rokka() System {
	return System{
		Name:  "rokka",
		First: pricing.Month{Year: 2019, Month: 8}, Last: pricing.Month{Year: 2019, Month: 9},
		Open: true, LastDay: pricing.NewDate(2019, 9, 10),
		Settings: `issuer: {name: Images AG, terms: 30d, series: {invoice: "IMG-{year}-{n:06}"}}`,
		Tokens: []DemoToken{
			{ID: "master", Account: "acme", Scopes: []string{"billing:read"}},
			{ID: "organization", Account: "acme-shop", Scopes: []string{"billing:read"}},
			{ID: "other", Account: "pool", Scopes: []string{"billing:read"}},
			{ID: "admin", Scopes: []string{"admin"}},
		},
		Try: []string{
			"/billing/acme?from=2019-08-1&to=2019-08-1",
			"/billing/acme-shop",
			"/billing/pool?from=2019-08-01&to=2019-08-31",
		},
		Write: writeRokka,
	}
}

// rokkaUse is what an organization uses in a month: its storage on every day, and
// traffic and transactions in equal parts on so many first days.
type rokkaUse struct {
	month                 pricing.Month
	storage, traffic, per int64 // bytes, bytes, and the days of traffic
	transactions          int64 // a day
}

// rokkaGB is a gigabyte as the book counts them.
const rokkaGB = 1_000_000_000

// rokkaOrganization is an organization below a master, or the master itself.
type rokkaOrganization struct {
	id, master string
	uses       []rokkaUse
}

func rokkaOrganizations() []rokkaOrganization {
	august, september := pricing.Month{Year: 2019, Month: 8}, pricing.Month{Year: 2019, Month: 9}
	out := []rokkaOrganization{
		{"acme-press", "acme", []rokkaUse{{august, 19_340_000_000, 4_950_000_000, 30, 0}, {september, 50 * rokkaGB, 4_250_000_000, 10, 0}}},
		{"acme-shop", "acme", []rokkaUse{{august, 20_660_000_000, rokkaGB / 20, 5, 40}, {september, 150_990_000_000, 2_500_000_000, 10, 60}}},
		{"pool-a", "pool", []rokkaUse{{august, 300 * rokkaGB, 0, 0, 0}}},
		{"pool-b", "pool", []rokkaUse{{august, 300 * rokkaGB, 0, 0, 0}}},
		{"free-both", "free-both", []rokkaUse{{august, 2 * rokkaGB, 10 * rokkaGB, 10, 0}}},
		{"free-storage", "free-storage", []rokkaUse{{august, 3 * rokkaGB, 0, 0, 0}}},
		{"free-traffic", "free-traffic", []rokkaUse{{august, 0, 11 * rokkaGB, 11, 0}}},
	}
	for _, storage := range []int64{400, 401, 500, 800, 1000, 1200, 1600, 2000, 5000} {
		id := fmt.Sprintf("calculator-%d", storage)
		out = append(out, rokkaOrganization{id, id, []rokkaUse{{august, storage * rokkaGB, 0, 0, 0}}})
	}
	return out
}

func writeRokka(put func(path string, body []byte) error) error {
	if err := put("book/rokka.yaml", rokkaBook); err != nil {
		return err
	}
	var accounts, subscriptions []map[string]any
	days := map[pricing.Date][]event{}
	masters := map[string]bool{}
	for _, o := range rokkaOrganizations() {
		if !masters[o.master] {
			masters[o.master] = true
			accounts = append(accounts, map[string]any{"id": o.master, "kind": "master_organization", "bills": true, "currency": "CHF", "time_zone": "UTC"})
		}
		if o.id != o.master {
			accounts = append(accounts, map[string]any{"id": o.id, "parent": o.master, "kind": "organization"})
		}
		subscriptions = append(subscriptions, map[string]any{"id": "sub-" + o.id, "account": o.id, "plan": "standard", "start": "2019-08-01"})
		for _, use := range o.uses {
			use.events(days, "sub-"+o.id)
		}
	}
	if err := writeRows(put, table{"accounts", accounts}, table{"subscriptions", subscriptions}); err != nil {
		return err
	}
	return writeDays(put, days)
}

// events adds a month's usage. Storage is sampled at midnight, but on the 6th, as
// the API's statistics miss days.
func (u rokkaUse) events(days map[pricing.Date][]event, subscription string) {
	add := func(day pricing.Date, hour int64, meter string, quantity int64) {
		if quantity == 0 {
			return
		}
		days[day] = append(days[day], event{
			id: fmt.Sprintf("%s-%s-%s", subscription, meter, day), subscription: subscription, meter: meter,
			time: day.UTC().UnixMicro() + hour*3_600_000_000, micros: quantity * 1_000_000,
		})
	}
	for day := u.month.First(); day < u.month.Next().First(); day++ {
		nth := int64(day - u.month.First())
		if nth != 5 {
			add(day, 0, "storage", u.storage)
		}
		add(day, 9, "rendering_transactions", u.transactions)
		if nth < u.per {
			add(day, 12, "traffic", u.traffic/u.per)
		}
	}
}
