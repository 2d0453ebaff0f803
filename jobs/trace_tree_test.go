package jobs

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"daybook/pricing"
	"daybook/pricing/money"
)

// The digests must tell every state of a row apart: one that is left out would let
// changed usage keep its old price.
func TestUsageDigest_TellsEveryFieldOfARowApart(t *testing.T) {
	row := pricing.UsageState{Account: "acme", Subscription: "sub", Meter: "traffic", Dimensions: "{}"}
	seen := map[string]string{usageDigest([]pricing.UsageState{row}): "the row itself", usageDigest(nil): "no row"}
	for i := range reflect.TypeFor[pricing.UsageState]().NumField() {
		changed := row
		field, name := reflect.ValueOf(&changed).Elem().Field(i), reflect.TypeFor[pricing.UsageState]().Field(i).Name
		switch {
		case field.Kind() == reflect.String:
			field.SetString(field.String() + "x")
		case field.CanInt():
			field.SetInt(7)
		default:
			field.Set(reflect.ValueOf(money.Int128{Lo: 1}))
			sum := usageDigest([]pricing.UsageState{changed})
			field.Set(reflect.ValueOf(money.Int128{Hi: 1}))
			if sum == usageDigest([]pricing.UsageState{changed}) {
				t.Errorf("%s: its two halves are not told apart", name)
			}
		}
		sum := usageDigest([]pricing.UsageState{changed})
		if other, same := seen[sum]; same {
			t.Errorf("a row with another %s has the digest of %s", name, other)
		}
		seen[sum] = name
	}
	if usageDigest([]pricing.UsageState{{Account: "ab", Subscription: "c"}}) == usageDigest([]pricing.UsageState{{Account: "a", Subscription: "bc"}}) {
		t.Error("two texts run into each other")
	}
}

func TestUsageDigest_AllocatesNothingARow(t *testing.T) {
	rows := make([]pricing.UsageState, 10_000)
	for i := range rows {
		rows[i] = pricing.UsageState{Account: "acme", Subscription: "sub", Meter: "traffic", Dimensions: "{}", Sum: money.Int128{Lo: uint64(i)}}
	}
	usageDigest(rows) // fills the pool
	if n := testing.AllocsPerRun(10, func() { usageDigest(rows) }); n > 20 {
		t.Errorf("a digest of %d rows allocates %.0f times, want a few for all", len(rows), n)
	}
}

// appendCanonical knows every kind of type that terms are made of: models of
// prices are interfaces, so the book of the test names those of the domain.
func TestCanonicalDigest_KnowsEveryTypeOfTheTerms(t *testing.T) {
	seen := map[reflect.Type]bool{}
	var look func(at string, typ reflect.Type)
	look = func(at string, typ reflect.Type) {
		if seen[typ] || typ == typeTime {
			return
		}
		seen[typ] = true
		switch typ.Kind() {
		case reflect.Struct:
			for i := range typ.NumField() {
				field := typ.Field(i)
				if (field.Type == typeAmount || field.Type == typeQuantity) && !field.IsExported() {
					t.Errorf("%s.%s: a number that nobody may read has no canonical form", at, field.Name)
				}
				if typ != typeAmount && typ != typeQuantity {
					look(at+"."+field.Name, field.Type)
				}
			}
		case reflect.Map:
			if typ.Key().Kind() != reflect.String {
				t.Errorf("%s: keys of %s are no text", at, typ)
			}
			look(at, typ.Elem())
		case reflect.Slice, reflect.Array, reflect.Pointer:
			look(at, typ.Elem())
		case reflect.Func, reflect.Chan, reflect.UnsafePointer, reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128:
			t.Errorf("%s: %s has no canonical form", at, typ)
		}
	}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[pricing.Terms]()) {
		if field.IsExported() { // the others are no part of a digest
			look("Terms."+field.Name, field.Type)
		}
	}
	for _, model := range []pricing.Model{
		pricing.Unit{},
		pricing.Fixed{},
		pricing.Graduated{},
		pricing.Volume{},
		pricing.Package{},
		pricing.Matrix{},
		pricing.Percentage{},
		pricing.GraduatedPercentage{},
		pricing.Threshold{},
		pricing.Dynamic{},
		pricing.Capacity{},
		pricing.Bundle{},
		pricing.Burst{},
		pricing.Term{},
		pricing.Committed{},
		pricing.TimeOfDay{},
	} {
		look(reflect.TypeOf(model).Name(), reflect.TypeOf(model))
	}
}

// Digests stand in closings, so the form of a number is that of the decimals with
// which the first of them were made, long or short, set or not.
func TestCanonicalDigest_WritesNumbersAsDecimals(t *testing.T) {
	type decimals struct{ A, Q struct{ d decimal.Decimal } }
	type numbers struct {
		A money.Amount
		Q money.Quantity
	}
	var unset decimals
	if canonicalDigest(numbers{}) != canonicalDigest(unset) {
		t.Error("numbers that are not set have another digest")
	}
	for _, text := range []string{"0", "0.00", "1.50", "-7", "9223372036854775807", "-9223372036854775809", "12345678901234567890.123456789"} {
		d := decimal.RequireFromString(text)
		var want decimals
		want.A.d, want.Q.d = d, d.Neg()
		if got := (numbers{money.MustAmount(text), money.MustQuantity(text).Neg()}); canonicalDigest(got) != canonicalDigest(want) {
			t.Errorf("%s has another digest than the decimal", text)
		}
	}
}

func TestCanonicalDigest_TellsValuesApart(t *testing.T) {
	type form struct {
		A, B  string
		Many  map[string]int
		Model any
		When  time.Time
	}
	noon := time.Date(2026, 10, 5, 12, 0, 0, 0, time.UTC)
	same := canonicalDigest(form{A: "x", Many: map[string]int{"a": 1, "b": 2}, When: noon})
	for what, v := range map[string]form{
		"the text under another name": {B: "x", Many: map[string]int{"a": 1, "b": 2}, When: noon},
		"another key":                 {A: "x", Many: map[string]int{"a": 1, "c": 2}, When: noon},
		"another instant":             {A: "x", Many: map[string]int{"a": 1, "b": 2}, When: noon.Add(1)},
		"another model":               {A: "x", Many: map[string]int{"a": 1, "b": 2}, When: noon, Model: pricing.Unit{}},
	} {
		if canonicalDigest(v) == same {
			t.Errorf("%s makes no difference", what)
		}
	}
	if canonicalDigest(form{Model: pricing.Volume{}}) == canonicalDigest(form{Model: pricing.Graduated{}}) {
		t.Error("two models of the same tiers are not told apart")
	}
	zurich := noon.In(time.FixedZone("CET", 3600))
	if canonicalDigest(form{A: "x", Many: map[string]int{"b": 2, "a": 1}, When: zurich}) != same {
		t.Error("the order of a map or the zone of an instant makes a difference")
	}
}

const termsBook = `
book: shop
currency: CHF
effective: 2026-01-01
meters:
  traffic: {aggregate: sum, unit: GB}
  other: {aggregate: sum, unit: GB}
plans:
  standard:
    name: Standard
    cycle: {every: month, anchor: calendar}
    prices:
      traffic: {description: Traffic, meter: traffic, unit: 0.50}
  advance:
    name: Advance
    cycle: {every: month, anchor: calendar}
    prices:
      fee: {description: Fee, fixed: 10.00, due: in_advance}
`

const (
	termsAccounts = `{"id":"acme","kind":"organization","name":"Acme","bills":true,"currency":"CHF"}
{"id":"beta","kind":"organization","name":"Beta","bills":true,"currency":"CHF"}
`
	termsSubscriptions = `{"id":"sub-a","account":"acme","plan":"standard","start":"2026-10-01"}
{"id":"sub-b","account":"beta","plan":"advance","start":"2026-10-01"}
`
)

// termsOf gives the digests of acme's and beta's terms on 6 October, and in the
// closing of October.
func termsOf(t *testing.T, books []string, accounts, subscriptions string) (daily, closing [2]string) {
	t.Helper()
	var files []pinnedFile
	for i, b := range books {
		files = append(files, pinnedFile{kindBook, string(rune('a'+i)) + ".yaml", []byte(b)})
	}
	files = append(files, pinnedFile{kindRegistry, "accounts.ndjson", []byte(accounts)}, pinnedFile{kindRegistry, "subscriptions.ndjson", []byte(subscriptions)})
	in, err := parseInputs(files)
	if err != nil {
		t.Fatal(err)
	}
	rater, err := in.raters()
	if err != nil {
		t.Fatal(err)
	}
	digests := newTermDigests()
	for i, tree := range rater.Trees()[:2] {
		daily[i] = digests.of(rater.DailyTerms(tree, pricing.NewDate(2026, 10, 6)))
		closing[i] = digests.of(rater.ClosingTerms(tree, october))
	}
	return daily, closing
}

// What must, and what must not, make a tree be rated again (docs/commit-protocol.md, Up to date).
func TestTermDigests_ChangeWithWhatATreeIsRatedBy(t *testing.T) {
	version := func(effective, traffic, fee string) string {
		return strings.NewReplacer("2026-01-01", effective, "0.50", traffic, "10.00", fee).Replace(termsBook)
	}
	for _, c := range []struct {
		name                    string
		books                   []string
		accounts, subscriptions string
		daily, closing          [2]bool // changed, of acme and beta
	}{
		{name: "nothing"},
		{name: "comment and layout", books: []string{"# a comment\n\n" + termsBook}},
		{name: "name of an account", accounts: strings.Replace(termsAccounts, `"Acme"`, `"Acme AG"`, 1)},
		{name: "price of one plan", books: []string{version("2026-01-01", "0.60", "10.00")}, daily: [2]bool{true, false}, closing: [2]bool{true, false}},
		{name: "meter that nobody uses", books: []string{strings.Replace(termsBook, "  other: {aggregate: sum, unit: GB}", "  other: {aggregate: max, unit: GB}", 1)}},
		{name: "meter of one plan", books: []string{strings.Replace(termsBook, "traffic: {aggregate: sum, unit: GB}", "traffic: {aggregate: max, unit: GB}", 1)}, daily: [2]bool{true, false}, closing: [2]bool{true, false}},
		{name: "convention", books: []string{strings.Replace(termsBook, "meters:", "conventions: {rounding: half_even}\nmeters:", 1)}, daily: [2]bool{true, true}, closing: [2]bool{true, true}},
		{name: "version within the month", books: []string{termsBook, version("2026-10-20", "0.50", "10.00")}, daily: [2]bool{true, true}, closing: [2]bool{true, true}},
		{name: "version of the next month", books: []string{termsBook, version("2026-11-01", "0.60", "10.00")}, closing: [2]bool{false, true}},
		{name: "version that cuts what is billed in advance", books: []string{termsBook, version("2026-11-15", "0.60", "10.00")}, closing: [2]bool{false, true}},
		{name: "version after all of it", books: []string{termsBook, version("2026-12-01", "0.60", "11.00")}},
		{name: "another account", accounts: termsAccounts + `{"id":"zeta","bills":true,"currency":"CHF"}` + "\n"},
		{name: "zone", accounts: strings.Replace(termsAccounts, `"bills":true`, `"bills":true,"time_zone":"Europe/Zurich"`, 1), daily: [2]bool{true, false}, closing: [2]bool{true, false}},
		{name: "end of a subscription", subscriptions: strings.Replace(termsSubscriptions, `"advance",`, `"advance","end":"2026-10-20",`, 1), daily: [2]bool{false, true}, closing: [2]bool{false, true}},
		{name: "plan", subscriptions: strings.Replace(termsSubscriptions, `"standard"`, `"advance"`, 1), daily: [2]bool{true, false}, closing: [2]bool{true, false}},
	} {
		t.Run(c.name, func(t *testing.T) {
			books, accounts, subscriptions := c.books, c.accounts, c.subscriptions
			if books == nil {
				books = []string{termsBook}
			}
			if accounts == "" {
				accounts = termsAccounts
			}
			if subscriptions == "" {
				subscriptions = termsSubscriptions
			}
			daily0, closing0 := termsOf(t, []string{termsBook}, termsAccounts, termsSubscriptions)
			daily, closing := termsOf(t, books, accounts, subscriptions)
			for i, who := range []string{"acme", "beta"} {
				if got := daily[i] != daily0[i]; got != c.daily[i] {
					t.Errorf("%s by the day: changed = %t, want %t", who, got, c.daily[i])
				}
				if got := closing[i] != closing0[i]; got != c.closing[i] {
					t.Errorf("%s by the closing: changed = %t, want %t", who, got, c.closing[i])
				}
			}
		})
	}
}
