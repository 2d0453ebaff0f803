package registry

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/sources/parquet"
)

func qty(s string) money.Quantity { return money.MustQuantity(s) }

func wantEqual(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got,
		cmp.Comparer(func(a, b money.Amount) bool { return a.Cmp(b) == 0 }),
		cmp.Comparer(func(a, b money.Quantity) bool { return a.Cmp(b) == 0 }),
	); d != "" {
		t.Errorf("%s: -want +got\n%s", what, d)
	}
}

func instantAt(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

func gz(t testing.TB, s string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const accountsNDJSON = `{"id":"acme","name":"Acme, \"the\" AG","kind":"organization","bills":true,"currency":"CHF","time_zone":"Europe/Zurich","labels":{"tier":"gold","size":"10"},"x_note":"ours"}

{"id":"app","parent":"acme","kind":"app","external_id":"ext/1","bills":false}
`

const accountsCSV = "\uFEFFid,parent,kind,name,external_id,bills,currency,time_zone,labels,x_note\r\n" +
	"app,acme,app,,ext/1,false,,,,\r\n" +
	`acme,,organization,"Acme, ""the"" AG",,true,CHF,Europe/Zurich,"{""tier"":""gold"",""size"":""10""}",ours` + "\r\n"

const subscriptionsNDJSON = `{"id":"s2","account":"app","plan":"standard","start":"2026-02-01","end":"2026-11-01T00:00:00+01:00"}
{"id":"s1","account":"acme","plan":"gold","start":"2026-01-15T08:30:00.5Z","anchor":31,"time_zone":"America/New_York","quantities":{"seats":[{"quantity":25},{"from":"2026-03-10","quantity":30},{"from":"2026-04-10T12:00:00Z","quantity":"2.5"}],"rate":"0.5"},"price_overrides":{"traffic":0.40},"external_id":"7","phase":"trial","labels":{}}
`

const subscriptionsCSV = `id,account,plan,start,end,anchor,time_zone,quantities,price_overrides,external_id,phase,labels
s1,acme,gold,2026-01-15 08:30:00.5+00,,31,America/New_York,"{""seats"":[{""quantity"":""25""},{""quantity"":30,""from"":""2026-03-10""},{""from"":""2026-04-10 12:00:00Z"",""quantity"":2.50}],""rate"":0.50}","{""traffic"":""0.4""}",7,trial,{}
s2,app,standard,2026-02-01,2026-10-31T23:00:00Z,,,,,,,
`

const resourcesNDJSON = `{"id":"r1","account":"app","subscription":"s1","kind":"addon","sku":"redis","quantity":2.50,"created":"2026-03-08","deleted":"2026-03-09T12:00:00Z"}
{"id":"r0","account":"app","kind":"dyno","created":"2026-03-29"}
`

const resourcesCSV = `id,account,subscription,kind,sku,quantity,created,deleted
r0,app,,dyno,,,2026-03-29,
r1,app,s1,addon,redis,2.5,2026-03-08,2026-03-09T12:00:00Z
`

// expected is what all formats of the content above mean, written by hand.
func expected() *Snapshot {
	return &Snapshot{
		Accounts: []pricing.Account{
			{
				ID: "acme", Kind: "organization", Name: `Acme, "the" AG`, Bills: true, Currency: "CHF", TimeZone: "Europe/Zurich",
				Labels: map[string]string{"tier": "gold", "size": "10"},
			},
			{ID: "app", Parent: "acme", Kind: "app", ExternalID: "ext/1"},
		},
		Subscriptions: []pricing.Subscription{
			{
				ID: "s1", Account: "acme", Plan: "gold", Start: instantAt("2026-01-15T08:30:00.5Z"), Anchor: 31, TimeZone: "America/New_York",
				Quantities: map[string]money.Quantity{"seats": qty("25"), "rate": qty("0.5")},
				// New York's clocks changed on 8 March: midnight is UTC-4.
				QuantityChanges: map[string][]pricing.QuantityChange{"seats": {
					{From: instantAt("2026-03-10T04:00:00Z"), Quantity: qty("30")}, {From: instantAt("2026-04-10T12:00:00Z"), Quantity: qty("2.5")},
				}},
				PriceOverrides: map[string]money.Amount{"traffic": money.MustAmount("0.4")}, ExternalID: "7", Phase: "trial",
			},
			// Zurich is an hour ahead of UTC in February and October 31st.
			{ID: "s2", Account: "app", Plan: "standard", Start: instantAt("2026-01-31T23:00:00Z"), End: instantAt("2026-10-31T23:00:00Z")},
		},
		Resources: []pricing.Resource{
			// Clocks change on 2026-03-29 in Zurich: its midnight is still UTC+1.
			{ID: "r0", Account: "app", Kind: "dyno", Quantity: qty("1"), Created: instantAt("2026-03-28T23:00:00Z")},
			// The day is that of its subscription's zone; New York's clocks change at 2 o'clock on that day.
			{ID: "r1", Account: "app", Subscription: "s1", Kind: "addon", SKU: "redis", Quantity: qty("2.5"), Created: instantAt("2026-03-08T05:00:00Z"), Deleted: instantAt("2026-03-09T12:00:00Z")},
		},
	}
}

func column(name string, values ...string) parquet.Column {
	c := parquet.Column{Name: name, Type: parquet.String, Nullable: true, Strings: values}
	for _, v := range values {
		c.Valid = append(c.Valid, v != "")
	}
	return c
}

func encode(t testing.TB, rows int, columns ...parquet.Column) []byte {
	t.Helper()
	b, err := parquet.Encode(columns, rows)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// parquetFiles is the content above with the types that warehouses give it.
func parquetFiles(t testing.TB) []File {
	day := func(s string) int64 {
		d, err := pricing.ParseDate(s)
		if err != nil {
			t.Fatal(err)
		}
		return int64(d)
	}
	micros := func(s string) int64 { return instantAt(s).UnixMicro() }
	return []File{
		{Name: "accounts.parquet", Content: encode(t, 2,
			column("id", "acme", "app"), column("parent", "", "acme"), column("kind", "organization", "app"), column("name", `Acme, "the" AG`, ""),
			column("external_id", "", "ext/1"), parquet.Column{Name: "bills", Type: parquet.Bool, Ints: []int64{1, 0}},
			column("currency", "CHF", ""), column("time_zone", "Europe/Zurich", ""), column("labels", `{"tier":"gold","size":"10"}`, ""),
			column("x_note", "ours", ""))},
		{Name: "subscriptions.parquet", Content: encode(t, 2,
			column("id", "s1", "s2"), column("account", "acme", "app"), column("plan", "gold", "standard"),
			column("start", "2026-01-15T08:30:00.5Z", "2026-02-01"),
			parquet.Column{Name: "end", Type: parquet.TimestampMicrosUTC, Nullable: true, Valid: []bool{false, true}, Ints: []int64{0, micros("2026-10-31T23:00:00Z")}},
			parquet.Column{Name: "anchor", Type: parquet.Int64, Nullable: true, Valid: []bool{true, false}, Ints: []int64{31, 0}},
			column("time_zone", "America/New_York", ""), column("quantities", `{"seats":[{"quantity":25},{"from":"2026-03-10","quantity":30},{"from":"2026-04-10T12:00:00Z","quantity":2.5}],"rate":0.5}`, ""), column("price_overrides", `{"traffic":0.4}`, ""),
			parquet.Column{Name: "external_id", Type: parquet.Int64, Nullable: true, Valid: []bool{true, false}, Ints: []int64{7, 0}},
			column("phase", "trial", ""), column("labels", "", ""))},
		{Name: "resources.parquet", Content: encode(t, 2,
			column("id", "r0", "r1"), column("account", "app", "app"), column("subscription", "", "s1"), column("kind", "dyno", "addon"), column("sku", "", "redis"),
			parquet.Column{Name: "quantity", Type: parquet.Decimal(38, 12), Nullable: true, Valid: []bool{false, true}, Decimals: []parquet.Decimal128{{}, {Lo: 2_500_000_000_000}}},
			parquet.Column{Name: "created", Type: parquet.Date, Ints: []int64{day("2026-03-29"), day("2026-03-08")}},
			parquet.Column{Name: "deleted", Type: parquet.TimestampMicrosUTC, Nullable: true, Valid: []bool{false, true}, Ints: []int64{0, micros("2026-03-09T12:00:00Z")}})},
	}
}

func TestParse_AllFormatsGiveEqualResults(t *testing.T) {
	for format, files := range map[string][]File{
		"ndjson": {{Name: "accounts.ndjson", Content: []byte(accountsNDJSON)}, {Name: "subscriptions.jsonl", Content: []byte(subscriptionsNDJSON)}, {Name: "resources.ndjson", Content: []byte(resourcesNDJSON)}},
		"csv":    {{Name: "accounts.csv", Content: []byte(accountsCSV)}, {Name: "subscriptions.csv", Content: []byte(subscriptionsCSV)}, {Name: "resources.csv", Content: []byte(resourcesCSV)}},
		"gzip":   {{Name: "accounts.csv.gz", Content: gz(t, accountsCSV)}, {Name: "subscriptions.ndjson.gz", Content: gz(t, subscriptionsNDJSON)}, {Name: "resources.csv.gz", Content: gz(t, resourcesCSV)}},
		"folders": {
			{Name: "r/accounts/b.csv", Content: []byte(accountsCSV)},
			{Name: "r/subscriptions/2026/a.ndjson", Content: []byte(subscriptionsNDJSON)},
			{Name: "anything.csv", Kind: Resources, Content: []byte(resourcesCSV)},
		},
		"parquet": parquetFiles(t),
	} {
		t.Run(format, func(t *testing.T) {
			got, err := Parse(files, Limits{})
			if err != nil {
				t.Fatal(err)
			}
			for i, f := range got.Files {
				if f.Rows != 2 || f.Size == 0 || i > 0 && got.Files[i-1].Key >= f.Key {
					t.Errorf("file %+v", f)
				}
			}
			got.Files = nil
			wantEqual(t, format, got, expected())
		})
	}
}

func TestParse_OrderOfFilesAndRowsDoesNotMatter(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(subscriptionsNDJSON), "\n")
	files := []File{
		{Name: "subscriptions/1.ndjson", Content: []byte(lines[0])},
		{Name: "subscriptions/0.ndjson", Content: []byte(lines[1])},
		{Name: "resources/1.csv", Content: []byte(resourcesCSV)},
		{Name: "accounts.csv", Content: []byte(accountsCSV)},
	}
	got, err := Parse(files, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	got.Files = nil
	wantEqual(t, "split files", got, expected())
}

// A date begins at the first instant of that day in the subscription's own zone,
// else in the nearest account's upwards that names one, else in UTC.
func TestParse_DatesAreInTheRowsOwnZone(t *testing.T) {
	accounts := "id,parent,time_zone\nroot,,Asia/Tokyo\nmid,root,\nleaf,mid,\nown,mid,America/New_York\nnone,,\ncircle,circle,\nlost,nowhere,\nbad,,Mars/Olympus\nlocal,,Local\n"
	for _, c := range []struct{ account, zone, day, want string }{
		{"root", "", "2026-07-01", "2026-06-30T15:00:00Z"},
		{"leaf", "", "2026-07-01", "2026-06-30T15:00:00Z"},
		{"own", "", "2026-07-01", "2026-07-01T04:00:00Z"},
		{"leaf", "Europe/London", "2026-07-01", "2026-06-30T23:00:00Z"},
		{"none", "", "2026-07-01", "2026-07-01T00:00:00Z"},
		{"circle", "", "2026-07-01", "2026-07-01T00:00:00Z"},
		{"lost", "", "2026-07-01", "2026-07-01T00:00:00Z"},
		{"bad", "", "2026-07-01", "2026-07-01T00:00:00Z"},
		{"local", "", "2026-07-01", "2026-07-01T00:00:00Z"},
		// Midnight does not exist on that day in Beirut: the day begins at one.
		{"none", "Asia/Beirut", "2026-03-29", "2026-03-28T22:00:00Z"},
	} {
		got, err := Parse([]File{
			{Name: "accounts.csv", Content: []byte(accounts)},
			{Name: "subscriptions.csv", Content: []byte("id,account,plan,start,time_zone\ns," + c.account + ",p," + c.day + "," + c.zone + "\n")},
		}, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if start := got.Subscriptions[0].Start.Format(time.RFC3339); start != c.want {
			t.Errorf("%s in %q of %s begins %s, want %s", c.day, c.zone, c.account, start, c.want)
		}
	}
}

// Of two accounts with one id the first one's zone counts, however they are come by.
func TestParse_TheFirstOfTwoAccountsHasTheZone(t *testing.T) {
	got, err := Parse([]File{
		{Name: "accounts.csv", Content: []byte("id,parent,time_zone\nacme,,Asia/Tokyo\nacme,,America/New_York\nkid,acme,\n")},
		{Name: "subscriptions.csv", Content: []byte("id,account,plan,start\ns1,kid,p,2026-07-01\ns2,acme,p,2026-07-01\ns3,kid,p,2026-07-01\n")},
	}, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range got.Subscriptions {
		if start := s.Start.Format(time.RFC3339); start != "2026-06-30T15:00:00Z" { // Tokyo is nine hours ahead
			t.Errorf("%s of %s begins %s", s.ID, s.Account, start)
		}
	}
}
