package registry

import (
	"strings"
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/sources/parquet"
)

const creditsNDJSON = `{"id":"g2","account":"app","amount":"10.00","currency":"CHF","time":"2026-10-01"}
{"id":"g1","account":"acme","amount":100,"currency":"token","time":"2026-10-01T12:00:00Z","expires":"2027-01-01","priority":-1,"kind":"promotional","recurring":"monthly","plans":["gold","standard"],"prices":["traffic"],"cost_basis":0.2}
`

const creditsCSV = `id,account,amount,currency,time,expires,priority,kind,recurring,plans,prices,cost_basis
g1,acme,100,token,2026-10-01T12:00:00Z,2027-01-01,-1,promotional,monthly,"[""gold"",""standard""]","[""traffic""]",0.20
g2,app,10.00,CHF,2026-10-01,,,,,,,
`

const paymentsCSV = `id,account,amount,currency,time
p1,acme,469291.07502821435786823786,CHF,2026-10-02
`

const adjustmentsCSV = `id,account,amount,currency,time,payment,description
a1,acme,-5.50,CHF,2026-10-03,p1,sorry
a2,acme,0.00014583333333333333,CHF,2026-10-04,,
`

const taxesNDJSON = `{"id":"vat","jurisdiction":"CH","rate":8.1,"inclusive":true,"start":"2024-01-01","end":"2030-01-01","plans":["gold"],"prices":[]}
`

// expectedFunds is what the content above means, written by hand. Acme's dates
// are in Zurich, two hours ahead of UTC in October and one in January.
func expectedFunds() pricing.Funds {
	day := func(s string) *pricing.Date {
		d, err := pricing.ParseDate(s)
		if err != nil {
			panic(err)
		}
		return &d
	}
	a := money.MustAmount
	return pricing.Funds{
		Credits: []pricing.Grant{
			{
				ID: "g1", Account: "acme", Amount: a("100"), Currency: "token", Time: instantAt("2026-10-01T12:00:00Z"), Expires: instantAt("2026-12-31T23:00:00Z"),
				Priority: -1, Kind: pricing.Promotional, Monthly: true, Plans: []string{"gold", "standard"}, Prices: []string{"traffic"}, CostBasis: a("0.2"), HasCostBasis: true,
			},
			{ID: "g2", Account: "app", Amount: a("10"), Currency: "CHF", Time: instantAt("2026-09-30T22:00:00Z"), Kind: pricing.Prepaid},
		},
		Payments: []pricing.Payment{{ID: "p1", Account: "acme", Amount: a("469291.07502821435786823786"), Currency: "CHF", Time: instantAt("2026-10-01T22:00:00Z")}},
		Adjustments: []pricing.BalanceAdjustment{
			{ID: "a1", Account: "acme", Amount: a("-5.5"), Currency: "CHF", Time: instantAt("2026-10-02T22:00:00Z"), Payment: "p1", Description: "sorry"},
			{ID: "a2", Account: "acme", Amount: a("0.00014583333333333333"), Currency: "CHF", Time: instantAt("2026-10-03T22:00:00Z")},
		},
		Taxes: []pricing.Tax{{ID: "vat", Jurisdiction: "CH", Rate: qty("8.1"), Inclusive: true, Start: day("2024-01-01"), End: day("2030-01-01"), Plans: []string{"gold"}, Prices: []string{}}},
	}
}

func TestParse_ReadsMoneyInAllFormats(t *testing.T) {
	lists := func(name string, values ...string) parquet.Column { return column(name, values...) }
	creditsParquet := encode(t, 2,
		column("id", "g1", "g2"), column("account", "acme", "app"), column("amount", "100", "10"), column("currency", "token", "CHF"),
		column("time", "2026-10-01T12:00:00Z", "2026-10-01"), column("expires", "2027-01-01", ""),
		parquet.Column{Name: "priority", Type: parquet.Int64, Nullable: true, Valid: []bool{true, false}, Ints: []int64{-1, 0}},
		column("kind", "promotional", ""), column("recurring", "monthly", ""), lists("plans", `["gold","standard"]`, ""), lists("prices", `["traffic"]`, ""),
		column("cost_basis", "0.2", ""))
	for format, credits := range map[string]File{
		"ndjson": {Name: "credits.ndjson", Content: []byte(creditsNDJSON)}, "csv": {Name: "credits/a.csv", Content: []byte(creditsCSV)},
		"parquet": {Name: "credits.parquet", Content: creditsParquet},
	} {
		got, err := Parse([]File{
			{Name: "accounts.csv", Content: []byte(accountsCSV)},
			{Name: "subscriptions.csv", Content: []byte(subscriptionsCSV)},
			credits,
			{Name: "payments.csv", Content: []byte(paymentsCSV)},
			{Name: "adjustments.csv", Content: []byte(adjustmentsCSV)},
			{Name: "taxes.jsonl", Content: []byte(taxesNDJSON)},
		}, Limits{})
		if err != nil {
			t.Fatal(format, err)
		}
		wantEqual(t, format, got.Funds, expectedFunds())
	}
}

func TestParse_RefusesMoneyThatIsNotMeant(t *testing.T) {
	for _, c := range []struct{ file, row, want string }{
		{"credits.ndjson", `{"id":"g","account":"acme","amount":-1,"currency":"CHF","time":"2026-10-01"}`, `amount: "-1" is negative`},
		{"credits.ndjson", `{"id":"g","account":"acme","amount":1,"currency":"CHF","time":"2026-10-01","kind":"gift"}`, `kind: is "gift"; write paid or promotional`},
		{"credits.ndjson", `{"id":"g","account":"acme","amount":1,"currency":"CHF","time":"2026-10-01","recurring":"weekly"}`, `recurring: is "weekly"; write monthly`},
		{"credits.ndjson", `{"id":"g","account":"acme","amount":1,"currency":"CHF","time":"2026-10-01","priority":1.5}`, `priority: is "1.5" where a whole number`},
		{"credits.ndjson", `{"id":"g","account":"acme","amount":1,"currency":"CHF","time":"2026-10-01","plans":"gold"}`, `plans: is "gold" where a list is wanted`},
		{"credits.ndjson", `{"id":"g","account":"acme","amount":1,"currency":"CHF","time":"2026-10-01","plans":["a","a"]}`, `plans: has an empty or repeated name`},
		{"credits.ndjson", `{"id":"g","account":"acme","amount":1,"currency":"CHF","time":"2026-10-01","plans":[1]}`, `plans: has a value that is not a text`},
		{"payments.ndjson", `{"id":"p","account":"acme","currency":"CHF","time":"2026-10-01"}`, `amount: is missing`},
		{"payments.ndjson", `{"id":"p","account":"acme","amount":1e3,"currency":"CHF","time":"2026-10-01"}`, `not a plain decimal number`},
		{"adjustments.ndjson", `{"id":"a","account":"acme","amount":"--1","currency":"CHF","time":"2026-10-01"}`, `not a plain decimal number`},
		{"taxes.ndjson", `{"id":"t","jurisdiction":"CH","rate":8.1,"start":"2026-01-01T00:00:00Z"}`, `start: is "2026-01-01T00:00:00Z" where a date is wanted`},
		{"taxes.ndjson", `{"id":"t","jurisdiction":"CH","rate":-8.1}`, `rate: "-8.1" is negative`},
	} {
		if got := faultsOf(t, File{Name: c.file, Content: []byte(c.row)}, Limits{}).Error(); !strings.Contains(got, c.want) {
			t.Errorf("%s: %s\nwant %q", c.row, got, c.want)
		}
	}
}
