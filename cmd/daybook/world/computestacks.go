package world

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"daybook/pricing"
	"daybook/sources/parquet"
)

//go:embed computestacks.yaml
var computeStacksBook []byte

// computeStacks is May, June and three days of July 2020 of a host of containers.
// The readings of ctr-72 in June are those of the aggregated usage in the tests of
// ComputeStacks' WHMCS adapter; what others use are its documentation's examples.
func computeStacks() System {
	return System{
		Name:  "computestacks",
		First: pricing.Month{Year: 2020, Month: 5}, Last: pricing.Month{Year: 2020, Month: 7},
		Open: true, LastDay: pricing.NewDate(2020, 7, 3), FirstDay: pricing.NewDate(2020, 7, 1),
		Settings: `issuer: {name: Containers AG, terms: 30d, series: {invoice: "CTR-{year}-{n:06}"}}
webhooks: [{id: whmcs, url: "https://whmcs.example/hooks", format: computestacks}]`,
		Tokens: []DemoToken{
			{ID: "admin", Scopes: []string{"admin"}},
			{ID: "eraser", Scopes: []string{"admin", "usage:delete"}},
			{ID: "joe-eraser", Account: "joe", Scopes: []string{"usage:delete"}},
			{ID: "jane", Account: "jane", Scopes: []string{"billing:read"}},
		},
		Try: []string{
			"/api/admin/users/jane/billing_usages?per_page=5",
			"/api/admin/subscriptions/sub-s/billing_usages?page=2&per_page=10",
			"/api/subscriptions/sub-s/billing_usages",
		},
		Write: writeComputeStacks,
	}
}

// csEvent is one usage row.
type csEvent struct {
	subscription, meter, container string
	at                             time.Time
	seconds, gigabytes             int64 // × 10^6; the one that the meter reads
}

func csSubscriptions() []map[string]any {
	sub := func(id, account, plan, start string, more map[string]any) map[string]any {
		row := map[string]any{"id": id, "account": account, "plan": plan, "start": start}
		maps.Copy(row, more)
		return row
	}
	labels := map[string]any{
		"computestacks.container_id": "72", "computestacks.container_service_id": "73",
		"computestacks.package": `{"id":2,"cpu":"1.0","memory":1024,"storage":10,"bandwidth":0,"local_disk":0,"memory_swap":null,"memory_swappiness":null,"backup":0}`,
	}
	return []map[string]any{
		sub("sub-addon", "jane", "addon", "2020-05-01", nil),
		sub("sub-feb", "rita", "monthly", "2020-06-17", nil),
		sub("sub-jan", "rita", "monthly", "2020-05-01", nil),
		sub("sub-m", "joe", "container-m", "2020-05-01", nil),
		sub("sub-penny", "penny", "addon", "2020-05-01", nil),
		sub("sub-phased", "joe", "phased", "2020-06-01", nil),
		sub("sub-s", "jane", "container-s", "2020-05-01", map[string]any{"external_id": "service-98", "labels": labels}),
		sub("sub-small", "joe", "container-s", "2020-05-01", nil),
		sub("sub-traffic", "tess", "container-s", "2020-05-01", nil),
		sub("sub-xs", "xavier", "container-xs", "2020-06-01", nil),
	}
}

func csAccounts() []map[string]any {
	user := func(id, name string, labels map[string]string) map[string]any {
		return map[string]any{"id": id, "kind": "user", "name": name, "bills": true, "currency": "USD", "time_zone": "UTC", "labels": labels}
	}
	return []map[string]any{
		user("jane", "Jane Doe", map[string]string{
			"computestacks.email": "jane.doe@demo.example", "computestacks.labels": `{"whmcs":{"client_id":4,"service_id":7}}`,
		}),
		user("joe", "Joe Major", nil),
		user("penny", "Penny Less", nil),
		user("rita", "Rita Month", map[string]string{"tier": "gold"}),
		user("tess", "Tess Net", nil),
		user("xavier", "Xavier Small", nil),
	}
}

// csReadings are when ctr-72 was read in June: the readings begin a second after
// the one before.
var csReadings = strings.Fields(`
	2020-06-01T01:15:00.848389Z 2020-06-01T04:15:00.855673Z 2020-06-01T07:15:00.279669Z 2020-06-01T10:15:00.822882Z
	2020-06-01T13:15:00.782038Z 2020-06-01T16:15:00.792752Z 2020-06-01T19:15:00.947871Z 2020-06-01T22:15:00.944004Z
	2020-06-02T01:15:00.877321Z 2020-06-02T04:15:00.115020Z 2020-06-02T07:15:00.602397Z 2020-06-02T10:15:00.448520Z
	2020-06-02T13:15:00.108254Z 2020-06-02T16:15:00.134594Z 2020-06-02T19:15:00.101276Z 2020-06-02T21:15:00.199602Z
	2020-06-02T22:15:00.556010Z 2020-06-02T23:15:00.395865Z 2020-06-03T02:15:00.577024Z 2020-06-03T05:15:00.121447Z
	2020-06-03T08:15:00.129763Z 2020-06-03T11:15:00.116768Z 2020-06-03T14:15:00.120175Z 2020-06-03T17:15:00.097265Z
	2020-06-03T20:15:00.104834Z 2020-06-03T23:15:00.092848Z 2020-06-04T02:15:00.344492Z 2020-06-04T05:15:00.900248Z
	2020-06-04T08:15:00.353072Z 2020-06-04T11:15:00.786707Z 2020-06-04T14:15:00.116225Z 2020-06-04T17:15:00.129173Z`)

// csEvents makes the usage.
func csEvents() []csEvent {
	var out []csEvent
	instant := func(text string) time.Time {
		at, _ := time.Parse(time.RFC3339Nano, text) // all are constants of this file
		return at
	}
	ran := func(subscription, container, from, to string) {
		start, end := instant(from), instant(to)
		out = append(out, csEvent{subscription: subscription, meter: "hours", container: container, at: end, seconds: end.Sub(start).Microseconds()})
	}
	read := func(subscription, meter, container, at string, milli int64) {
		out = append(out, csEvent{subscription: subscription, meter: meter, container: container, at: instant(at), gigabytes: milli * 1000})
	}
	before := "2020-05-31T22:15:00.591991Z"
	for _, end := range csReadings {
		ran("sub-s", "ctr-72", instant(before).Add(time.Second).Format(time.RFC3339Nano), end)
		before = end
	}
	// 762 hours: 720 of one container, and 42 of another.
	june := instant("2020-06-01T00:00:00Z")
	for hour := range 762 {
		container, start := "ctr-1", june.Add(time.Duration(hour)*time.Hour)
		if hour >= 720 {
			container, start = "ctr-2", june.Add(time.Duration(hour-720)*time.Hour)
		}
		out = append(out, csEvent{subscription: "sub-xs", meter: "hours", container: container, at: start.Add(time.Hour - time.Second), seconds: 3_600_000_000})
	}
	ran("sub-m", "ctr-3", "2020-06-05T00:00:00Z", "2020-06-05T03:00:00Z")
	// Less than a cent together with a service of a cent and more, and alone: there
	// May's is reported with June's.
	ran("sub-addon", "ctr-72", "2020-06-04T14:00:00Z", "2020-06-04T17:00:00Z")
	ran("sub-penny", "ctr-4", "2020-05-10T00:00:00Z", "2020-05-10T20:00:00Z")
	ran("sub-penny", "ctr-4", "2020-06-10T00:00:00Z", "2020-06-10T20:00:00Z")
	ran("sub-phased", "ctr-5", "2020-06-07T20:00:00Z", "2020-06-07T23:00:00Z")
	ran("sub-phased", "ctr-5", "2020-06-08T00:00:00Z", "2020-06-08T03:00:00Z")
	ran("sub-s", "ctr-72", "2020-07-02T00:00:00Z", "2020-07-02T03:00:00Z")
	ran("sub-s", "ctr-72", "2020-07-02T03:00:01Z", "2020-07-02T06:00:00Z")
	read("sub-s", "storage", "", "2020-06-01T00:00:00Z", 12_500)
	read("sub-small", "storage", "", "2020-06-01T00:00:00Z", 9_000)
	read("sub-small", "storage", "", "2020-07-01T00:00:00Z", 0)
	read("sub-small", "bandwidth", "ctr-6", "2020-06-01T00:00:00Z", 0)
	read("sub-small", "bandwidth", "ctr-6", "2020-06-20T00:00:00Z", 500_000)
	read("sub-m", "bandwidth", "ctr-3", "2020-06-01T00:00:00Z", 0)
	read("sub-m", "bandwidth", "ctr-3", "2020-06-20T00:00:00Z", 5_000_000)
	read("sub-traffic", "bandwidth", "ctr-7", "2020-06-01T00:00:00Z", 0)
	read("sub-traffic", "bandwidth", "ctr-7", "2020-06-20T00:00:00Z", 20_000_000)
	return out
}

func writeComputeStacks(put func(path string, body []byte) error) error {
	if err := put("book/computestacks.yaml", computeStacksBook); err != nil {
		return err
	}
	resources := []map[string]any{
		{"id": "ctr-8", "account": "rita", "subscription": "sub-jan", "kind": "container", "created": "2020-05-01T00:00:00Z"},
		{"id": "ctr-9", "account": "rita", "subscription": "sub-feb", "kind": "container", "created": "2020-06-17T00:00:00Z"},
	}
	if err := writeRows(put, table{"accounts", csAccounts()}, table{"subscriptions", csSubscriptions()}, table{"resources", resources}); err != nil {
		return err
	}
	days := map[string][]csEvent{}
	for _, e := range csEvents() {
		day := e.at.Format(time.DateOnly)
		days[day] = append(days[day], e)
	}
	for _, day := range slices.Sorted(maps.Keys(days)) {
		body, err := encodeComputeStacks(days[day])
		if err != nil {
			return fmt.Errorf("write usage of %s: %w", day, err)
		}
		if err := put("usage/dt="+day+"/part-0.parquet", body); err != nil {
			return err
		}
	}
	return nil
}

func encodeComputeStacks(events []csEvent) ([]byte, error) {
	text := func(name string, of func(csEvent) string) parquet.Column {
		c := parquet.Column{Name: name, Type: parquet.String, Nullable: true}
		for _, e := range events {
			c.Strings, c.Valid = append(c.Strings, of(e)), append(c.Valid, of(e) != "")
		}
		return c
	}
	quantity := func(name string, of func(csEvent) int64, has func(csEvent) bool) parquet.Column {
		c := parquet.Column{Name: name, Type: parquet.Decimal(38, 6), Nullable: true}
		for _, e := range events {
			c.Decimals, c.Valid = append(c.Decimals, parquet.Decimal128{Lo: uint64(of(e))}), append(c.Valid, has(e))
		}
		return c
	}
	times := parquet.Column{Name: "time", Type: parquet.TimestampMicrosUTC}
	for _, e := range events {
		times.Ints = append(times.Ints, e.at.UnixMicro())
	}
	return parquet.Encode([]parquet.Column{
		text("event_id", func(e csEvent) string {
			return fmt.Sprintf("%s-%s-%s-%d", e.subscription, e.meter, e.container, e.at.UnixMicro())
		}),
		times,
		text("subscription_id", func(e csEvent) string { return e.subscription }),
		text("meter", func(e csEvent) string { return e.meter }),
		text("container", func(e csEvent) string { return e.container }),
		quantity("seconds", func(e csEvent) int64 { return e.seconds }, func(e csEvent) bool { return e.meter == "hours" }),
		quantity("gigabytes", func(e csEvent) int64 { return e.gigabytes }, func(e csEvent) bool { return e.meter != "hours" }),
	}, len(events))
}
