package world

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"time"

	"daybook/pricing"
	"daybook/sources/parquet"
)

//go:embed cloudsigma.yaml
var cloudSigmaBook []byte

//go:embed cloudsigma-eur.yaml
var cloudSigmaEuros []byte

// cloudSigma is May 2014, closed, and the first days of June of four customers.
// Nimbus is the customer of the ledger in CloudSigma's public documentation: its
// polls, payments and subscriptions of 5 June 2014 are those. Stratus, with an
// organization below it, bursts in a month that is closed; cirrus buys in euros
// what the worked examples of subscriptions do.
func cloudSigma() System {
	return System{
		Name:  "cloudsigma",
		First: pricing.Month{Year: 2014, Month: 5}, Last: pricing.Month{Year: 2014, Month: 6},
		Open: true, LastDay: pricing.NewDate(2014, 6, 5),
		Settings: `issuer: {name: Cumulus AG, terms: 30d, series: {invoice: "CU-{year}-{n:06}"}}`,
		Tokens: []DemoToken{
			{ID: "nimbus", Account: "nimbus", Scopes: []string{"billing:read"}},
			{ID: "stratus", Account: "stratus", Scopes: []string{"billing:read"}},
			{ID: "lab", Account: "stratus-lab", Scopes: []string{"billing:read"}},
			{ID: "cirrus", Account: "cirrus", Scopes: []string{"billing:read"}},
			{ID: "admin", Scopes: []string{"admin"}},
		},
		Try: []string{
			"/api/2.0/ledger/?limit=3",
			"/api/2.0/balance/",
			"/api/2.0/currentusage/",
			"/api/2.0/usage/?poll_time_gt=2014-06-05&poll_time_lt=2014-06-06&limit=5",
			"/api/2.0/pricing/?level=1",
			"/api/2.0/subscriptions/?status=active",
		},
		Write: writeCloudSigma,
	}
}

const gib = 1 << 30

// cloudSigmaPoll is what the objects of a subscription use of a resource at one
// poll; it is shared by two of them.
type cloudSigmaPoll struct {
	subscription, resource, time string
	total, seconds               int64
}

// cloudSigmaPolls are those that the documentation's ledger charges for, with what
// is subscribed to added, and one at which nothing exceeds it.
func cloudSigmaPolls() []cloudSigmaPoll {
	const disk, memory, processor = 30 * gib, 16 * gib, 8000
	return []cloudSigmaPoll{
		{"sub-nimbus", "dssd", "2014-06-05T05:21:06.511910Z", disk + 4831838208, 300},
		{"sub-nimbus", "cpu", "2014-06-05T05:31:06.501327Z", processor + 7500, 133},
		{"sub-nimbus", "dssd", "2014-06-05T06:21:06.570020Z", disk + 4831838208, 299},
		{"sub-nimbus", "mem", "2014-06-05T06:31:06.554201Z", memory + 536870912, 135},
		{"sub-nimbus", "cpu", "2014-06-05T06:31:06.554201Z", processor + 8500, 135},
		{"sub-nimbus", "dssd", "2014-06-05T07:21:06.607872Z", disk + 4831838208, 299},
		{"sub-nimbus", "mem", "2014-06-05T07:31:06.597276Z", memory + 4*gib, 134},
		{"sub-nimbus", "cpu", "2014-06-05T07:31:06.597276Z", processor + 12000, 134},
		{"sub-nimbus", "dssd", "2014-06-05T08:21:06.603517Z", disk + 4831838208, 299},
		{"sub-nimbus", "mem", "2014-06-05T08:31:06.610957Z", memory + 4*gib, 137},
		{"sub-nimbus", "cpu", "2014-06-05T08:31:06.610957Z", processor + 12000, 137},
		{"sub-nimbus", "dssd", "2014-06-05T09:06:06.713945Z", disk + 4831838208, 300},
		{"sub-nimbus", "dssd", "2014-06-05T23:56:06.502711Z", 30064771072, 300},
		{"sub-stratus", "dssd", "2014-05-15T10:06:00Z", 34359738368, 300},
		{"sub-lab", "cpu", "2014-05-20T10:06:00Z", 6000, 300},
		{"sub-lab", "cpu", "2014-06-04T10:06:00Z", 3000, 300},
		{"sub-stratus", "dssd", "2014-06-05T23:56:00Z", 34359738368, 300},
	}
}

func writeCloudSigma(put func(path string, body []byte) error) error {
	if err := put("book/cloudsigma.yaml", cloudSigmaBook); err != nil {
		return err
	}
	if err := put("book/cloudsigma-eur.yaml", cloudSigmaEuros); err != nil {
		return err
	}
	if err := writeRows(put, cloudSigmaRegistry()...); err != nil {
		return err
	}
	days := map[pricing.Date][]cloudSigmaPoll{}
	for _, p := range cloudSigmaPolls() {
		at, err := time.Parse(time.RFC3339, p.time)
		if err != nil {
			return fmt.Errorf("write usage: %w", err)
		}
		day := pricing.LocalDay(at, time.UTC)
		days[day] = append(days[day], p)
	}
	for _, day := range slices.Sorted(maps.Keys(days)) {
		body, err := encodeCloudSigma(days[day])
		if err != nil {
			return fmt.Errorf("write usage of %s: %w", day, err)
		}
		if err := put(fmt.Sprintf("usage/dt=%s/part-0.parquet", day), body); err != nil {
			return err
		}
	}
	return nil
}

// encodeCloudSigma writes a day's polls: two thirds are of one object, the rest is
// of another.
func encodeCloudSigma(polls []cloudSigmaPoll) ([]byte, error) {
	texts := map[string][]string{}
	var times []int64
	var amounts []parquet.Decimal128
	for _, p := range polls {
		at, err := time.Parse(time.RFC3339, p.time)
		if err != nil {
			return nil, err
		}
		for n, amount := range []int64{p.total / 3 * 2, p.total - p.total/3*2} {
			object := cloudSigmaObject(p.subscription, p.resource, n)
			texts["event_id"] = append(texts["event_id"], fmt.Sprintf("%s-%s-%d", p.resource, object, at.UnixMicro()))
			texts["subscription_id"] = append(texts["subscription_id"], p.subscription)
			texts["meter"] = append(texts["meter"], p.resource)
			texts["seconds"] = append(texts["seconds"], fmt.Sprint(p.seconds))
			texts["uuid"] = append(texts["uuid"], object)
			times = append(times, at.UnixMicro())
			amounts = append(amounts, parquet.Decimal128{Lo: uint64(amount)})
		}
	}
	columns := []parquet.Column{
		{Name: "time", Type: parquet.TimestampMicrosUTC, Ints: times},
		{Name: "amount", Type: parquet.Decimal(38, 0), Decimals: amounts},
	}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		columns = append(columns, parquet.Column{Name: name, Type: parquet.String, Strings: texts[name]})
	}
	return parquet.Encode(columns, len(times))
}

// cloudSigmaObject names the nth object of a subscription: drives for storage,
// guests for everything else.
func cloudSigmaObject(subscription, resource string, n int) string {
	kind := 0xc0
	if resource == "dssd" {
		kind = 0xd0
	}
	return fmt.Sprintf("%08x-4ef6-4e11-9ce3-8bd2cacc5639", uint32(kind<<24)|uint32(len(subscription)<<8)|uint32(n))
}
