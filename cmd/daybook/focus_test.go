package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"daybook/jobs"
	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/sources/parquet"
)

// shared finds the folder of real inputs: DAYBOOK_SHARED where it is set (then
// a missing folder is a failure), else beside the checkout (then a skip).
func shared(t *testing.T, path string) string {
	t.Helper()
	root, required := os.LookupEnv("DAYBOOK_SHARED")
	if !required {
		root = filepath.Join(module, "..", "shared")
	}
	full := filepath.Join(root, filepath.FromSlash(path))
	if _, err := os.Stat(full); err != nil {
		if required {
			t.Fatalf("DAYBOOK_SHARED is set, but %v", err)
		}
		t.Skipf("the real inputs are not here (%v); set DAYBOOK_SHARED to the folder that holds them", err)
	}
	return full
}

// focusRow is one charge of the FOCUS 1.0 sample (FinOps Foundation, CC BY 4.0).
type focusRow struct {
	billing, account, meter string
	quantity, price, cost   string // as printed; price "" where the sample has none
	time                    time.Time
}

func focusRows(t *testing.T) []focusRow {
	t.Helper()
	f, err := os.Open(shared(t, "data/focus-sample.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := map[string]int{}
	for i, name := range all[0] {
		column[name] = i
	}
	var out []focusRow
	for _, row := range all[1:] {
		value := func(name string) string {
			if v := row[column[name]]; v != "NULL" {
				return v
			}
			return ""
		}
		at, err := time.Parse(time.DateTime, value("ChargePeriodStart"))
		if err != nil {
			t.Fatal(err)
		}
		meter := value("SkuPriceId")
		if meter == "" {
			meter = value("SkuId")
		}
		out = append(out, focusRow{value("BillingAccountId"), value("SubAccountId"), meter, value("PricingQuantity"), value("ListUnitPrice"), value("ListCost"), at})
	}
	if len(out) != 1000 {
		t.Fatalf("the sample has %d rows, want 1000", len(out))
	}
	return out
}

// TestFOCUS_ARealMonthIsBilledExactly turns a real, anonymised cloud bill into
// usage events and wants its known amounts back: PricingQuantity × ListUnitPrice,
// summed exactly with big.Rat.
func TestFOCUS_ARealMonthIsBilledExactly(t *testing.T) {
	rows := focusRows(t)
	dir := t.TempDir()
	writeFocus(t, dir, rows)
	outcomes := runJSON(t, exitRejected, "backfill", "monthly", "--config", filepath.Join(dir, "daybook.yaml"), "--from", "2024-09", "--to", "2024-09")
	var counts jobs.Outcome
	for _, o := range outcomes {
		if o.Counts != nil && o.Counts.Rejected > 0 {
			counts = o
		}
	}
	if counts.Reasons["unknown_meter"] != 1 || counts.Counts.Rejected != 1 {
		t.Errorf("rejected rows: %v, want the one row without a price as unknown_meter", counts.Reasons)
	}

	wantAccount, wantBilling := map[string]*big.Rat{}, map[string]*big.Rat{}
	for _, r := range rows {
		if r.price == "" {
			continue
		}
		product := new(big.Rat).Mul(rat(t, r.quantity), rat(t, r.price))
		add(wantAccount, r.account, product)
		add(wantBilling, r.billing, product)
		// The sample prints prices and quantities cut to a few places (and some
		// quantities in ten thousands), so its own cost agrees to 0.0001 only.
		checkPrinted(t, r, product)
	}
	p := focusPipeline(t, dir)
	invoices, err := p.Invoices(t.Context(), pricing.Month{Year: 2024, Month: 9}, "")
	if err != nil {
		t.Fatal(err)
	}
	if len(invoices) != 3 {
		t.Fatalf("%d invoices, want 3", len(invoices))
	}
	gotAccount, gotBilling := map[string]*big.Rat{}, map[string]*big.Rat{}
	for _, i := range invoices {
		for _, l := range i.Lines {
			add(gotAccount, l.Account, rat(t, l.ExactSubtotal.String()))
			add(gotBilling, i.BillingAccount, rat(t, l.ExactSubtotal.String()))
		}
	}
	compareSums(t, "billing account", gotBilling, wantBilling)
	compareSums(t, "sub-account", gotAccount, wantAccount)
}

func checkPrinted(t *testing.T, r focusRow, product *big.Rat) {
	t.Helper()
	diff := new(big.Rat).Sub(product, rat(t, r.cost))
	if diff.Abs(diff).Cmp(big.NewRat(1, 10_000)) > 0 {
		t.Errorf("%s of %s: %s × %s is not near the printed %s", r.meter, r.account, r.quantity, r.price, r.cost)
	}
}

// compareSums wants equal sums; an account whose charges are all zero may have
// no line at all.
func compareSums(t *testing.T, what string, got, want map[string]*big.Rat) {
	t.Helper()
	for id, w := range want {
		g := got[id]
		if g == nil {
			g = new(big.Rat)
		}
		if g.Cmp(w) != 0 {
			t.Errorf("%s %s: exact subtotal %s, want %s", what, id, g.FloatString(20), w.FloatString(20))
		}
	}
	for id := range got {
		if want[id] == nil {
			t.Errorf("%s %s is billed and has no charge in the sample", what, id)
		}
	}
}

func rat(t *testing.T, s string) *big.Rat {
	t.Helper()
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		t.Fatalf("%q is not a number", s)
	}
	return r
}

func add(sums map[string]*big.Rat, id string, v *big.Rat) {
	if sums[id] == nil {
		sums[id] = new(big.Rat)
	}
	sums[id].Add(sums[id], v)
}

// runJSON runs a command with -o json, wants its exit code, and decodes what it printed.
func runJSON(t *testing.T, wantExit int, args ...string) []jobs.Outcome {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout := os.Stdout
	os.Stdout = write
	printed := make(chan []byte)
	go func() { b, _ := io.ReadAll(read); printed <- b }()
	code := run(t.Context(), append(args, "-o", "json", "-q"))
	os.Stdout = stdout
	write.Close()
	body := <-printed
	if code != wantExit {
		t.Fatalf("daybook %s exited with %d, want %d\n%s", strings.Join(args, " "), code, wantExit, body)
	}
	var outcomes []jobs.Outcome
	if err := json.Unmarshal(body, &outcomes); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	return outcomes
}

func focusPipeline(t *testing.T, dir string) *jobs.Pipeline {
	t.Helper()
	cfg, err := loadConfig(filepath.Join(dir, "daybook.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	stores, err := openStores(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return jobs.New(stores, cfg.settings, jobs.Options{Version: version})
}

// writeFocus writes the sample as a bucket: usage Parquet (one event a row),
// registry and price book (one unit price a meter), with its configuration.
func writeFocus(t *testing.T, dir string, rows []focusRow) {
	t.Helper()
	write := func(name string, body []byte) {
		if err := writeFile(filepath.Join(dir, filepath.FromSlash(name)), body); err != nil {
			t.Fatal(err)
		}
	}
	write("daybook.yaml", []byte(`
usage: {at: bucket/usage, layout: {partition: dt}, columns: {account_id: account}}
registry: bucket/registry
book: bucket/book
out: bucket/out
start: 2024-09-01
issuer: {name: Sample Cloud}
`))
	write("bucket/book/list.yaml", focusBook(rows))
	accounts, subscriptions := focusRegistry(t, rows)
	write("bucket/registry/accounts.ndjson", accounts)
	write("bucket/registry/subscriptions.ndjson", subscriptions)
	byDay := map[pricing.Date][]int{}
	for i, r := range rows {
		d := pricing.DateOf(r.time)
		byDay[d] = append(byDay[d], i)
	}
	for day, of := range byDay {
		write(fmt.Sprintf("bucket/usage/dt=%s/part.parquet", day), focusUsage(t, rows, of))
	}
}

func focusBook(rows []focusRow) []byte {
	prices := map[string]string{}
	for _, r := range rows {
		if r.price != "" {
			prices[r.meter] = r.price
		}
	}
	var meters, lines strings.Builder
	for _, id := range slices.Sorted(func(yield func(string) bool) {
		for id := range prices {
			if !yield(id) {
				return
			}
		}
	}) {
		fmt.Fprintf(&meters, "  %q: {aggregate: sum, unit: unit, allow_negative: true}\n", id)
		fmt.Fprintf(&lines, "      %q: {meter: %q, unit: %s}\n", id, id, prices[id])
	}
	return []byte("book: list\ncurrency: USD\neffective: 2024-01-01\nmeters:\n" + meters.String() +
		"plans:\n  list:\n    name: List prices\n    cycle: {every: month, anchor: calendar}\n    prices:\n" + lines.String())
}

func focusRegistry(t *testing.T, rows []focusRow) (accounts, subscriptions []byte) {
	t.Helper()
	line := func(out *[]byte, row map[string]any) {
		body, err := json.Marshal(row)
		if err != nil {
			t.Fatal(err)
		}
		*out = append(append(*out, body...), '\n')
	}
	seen := map[string]bool{}
	for _, r := range rows {
		if !seen[r.billing] {
			seen[r.billing] = true
			line(&accounts, map[string]any{"id": r.billing, "kind": "organization", "name": r.billing, "bills": true, "currency": "USD"})
		}
	}
	for _, r := range rows {
		if !seen[r.account] {
			seen[r.account] = true
			line(&accounts, map[string]any{"id": r.account, "parent": r.billing, "kind": "organization", "name": r.account, "bills": false, "currency": "USD"})
			line(&subscriptions, map[string]any{"id": "sub " + r.account, "account": r.account, "plan": "list", "start": "2024-09-01"})
		}
	}
	return accounts, subscriptions
}

func focusUsage(t *testing.T, rows []focusRow, of []int) []byte {
	t.Helper()
	columns := []parquet.Column{
		{Name: "event_id", Type: parquet.String},
		{Name: "time", Type: parquet.TimestampMicrosUTC},
		{Name: "account", Type: parquet.String},
		{Name: "meter", Type: parquet.String},
		{Name: "quantity", Type: parquet.Decimal(38, 11)},
	}
	for _, i := range of {
		q, err := money.ParseQuantity(rows[i].quantity)
		if err != nil {
			t.Fatal(err)
		}
		fixed, err := q.Fixed(11)
		if err != nil {
			t.Fatal(err)
		}
		columns[0].Strings = append(columns[0].Strings, fmt.Sprintf("row-%04d", i+2))
		columns[1].Ints = append(columns[1].Ints, rows[i].time.UnixMicro())
		columns[2].Strings = append(columns[2].Strings, rows[i].account)
		columns[3].Strings = append(columns[3].Strings, rows[i].meter)
		columns[4].Decimals = append(columns[4].Decimals, parquet.Decimal128(fixed))
	}
	body, err := parquet.Encode(columns, len(of))
	if err != nil {
		t.Fatal(err)
	}
	return body
}
