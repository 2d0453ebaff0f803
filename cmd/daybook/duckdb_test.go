package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"daybook/jobs"
	"daybook/pricing/columns"
	"daybook/sources/blob"
	"daybook/sources/blob/dir"
)

// duckDB runs SQL with the real DuckDB named by DAYBOOK_DUCKDB and returns its
// rows as text.
func duckDB(t *testing.T, sql string) []map[string]string {
	t.Helper()
	script := os.Getenv("DAYBOOK_DUCKDB")
	if script == "" {
		t.Skip("DuckDB tests need DAYBOOK_DUCKDB; run make check")
	}
	command := exec.CommandContext(t.Context(), "node", script)
	command.Stdin = bytes.NewBufferString(sql)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("DuckDB: %v\n%s\n%s", err, stderr.String(), sql)
	}
	var rows []map[string]string
	scanner := bufio.NewScanner(bytes.NewReader(out))
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		row := map[string]string{}
		var values map[string]*string
		if err := json.Unmarshal(scanner.Bytes(), &values); err != nil {
			t.Fatal(err)
		}
		for k, v := range values {
			if v != nil {
				row[k] = *v
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// billedFolder bills the small world in a folder and returns the folder.
func billedFolder(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	root, err := dir.New(folder, dir.Options{Create: true, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	fill(t, root, small())
	out, err := dir.New(filepath.Join(folder, "out"), dir.Options{Create: true, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	bill(t, worldStores(root, out))
	return folder
}

func TestDuckDB_ReadsEveryTableByGlob(t *testing.T) {
	folder := billedFolder(t)
	for _, table := range columns.Tables {
		glob := filepath.Join(folder, "out/current/tables", table.Name, "**/part.parquet")
		rows := duckDB(t, fmt.Sprintf("describe select * from read_parquet('%s')", glob))
		if len(rows) != len(table.Columns) {
			t.Errorf("%s has %d columns, want %d", table.Name, len(rows), len(table.Columns))
			continue
		}
		types := map[columns.Type]string{
			columns.String: "VARCHAR", columns.Date: "DATE", columns.Time: "TIMESTAMP WITH TIME ZONE", columns.Int: "BIGINT",
			columns.Quantity: "DECIMAL(38,12)", columns.Money: "DECIMAL(38,20)",
		}
		for i, c := range table.Columns {
			if rows[i]["column_name"] != c.Name || rows[i]["column_type"] != types[c.Type] {
				t.Errorf("%s column %d is %s %s, want %s %s", table.Name, i, rows[i]["column_name"], rows[i]["column_type"], c.Name, types[c.Type])
			}
		}
	}
}

func TestDuckDB_LinesSumToInvoices(t *testing.T) {
	folder := billedFolder(t)
	at := filepath.Join(folder, "out/current/tables")
	rows := duckDB(t, fmt.Sprintf(`
		select i.invoice_id, i.total, i.subtotal, i.amount_due, l.total as line_total, l.subtotal as line_subtotal
		from read_parquet('%[1]s/invoices/**/part.parquet') i
		join (select invoice_id, sum(total) as total, sum(subtotal) as subtotal
		      from read_parquet('%[1]s/invoice_line_items/**/part.parquet') group by 1) l using (invoice_id)`, at))
	if len(rows) != 2 {
		t.Fatalf("%d invoices, want 2 (globex and initech)", len(rows))
	}
	for _, r := range rows {
		for _, pair := range [][2]string{{"total", "line_total"}, {"subtotal", "line_subtotal"}, {"amount_due", "line_total"}} {
			if rat(t, r[pair[0]]).Cmp(rat(t, r[pair[1]])) != 0 || rat(t, r[pair[0]]).Sign() <= 0 {
				t.Errorf("invoice %s: %s is %s, its lines make %s", r["invoice_id"], pair[0], r[pair[0]], r[pair[1]])
			}
		}
	}
}

// DuckDB counts the raw files by the documented rules and must agree with what
// the manifests say of every row.
func TestDuckDB_RecountsTheReconciliation(t *testing.T) {
	folder := billedFolder(t)
	raw := filepath.Join(folder, "usage/dt=*/part-*.parquet")
	known := `meter in ('storage','traffic','renders','instance_hours','api_calls')
		and subscription_id in ('sub-web','sub-data','sub-labs','sub-app','sub-ml') and event_id is not null and quantity >= 0`
	// Subscriptions that begin at a local midnight cut usage at that instant:
	// Zurich is two hours before UTC, New York four hours behind.
	inside := `case subscription_id
		when 'sub-ml' then time >= timestamptz '2026-08-15 04:00:00+00'
		when 'sub-app' then time >= timestamptz '2026-09-01 04:00:00+00'
		else time >= timestamptz '2026-08-31 22:00:00+00' end`
	rows := duckDB(t, fmt.Sprintf(`
		with raw as (select *, dt as day from read_parquet('%s', hive_partitioning = true, hive_types = {'dt': date}) where dt >= date '2026-08-15'),
		good as (select * from raw where %s and %s and (time at time zone 'UTC')::date = day),
		ids as (select event_id, day, count(*) as n, count(distinct (time, subscription_id, meter, quantity, coalesce(region, ''), coalesce(type, ''))) as payloads
		        from good group by all)
		select (select count(*) from raw) as read,
		       (select count(*) from ids where payloads = 1) as kept,
		       (select coalesce(sum(n - 1), 0) from ids where payloads = 1) as duplicate,
		       (select coalesce(sum(n), 0) from ids where payloads > 1) + (select count(*) from raw where not (%s and %s)) as rejected`,
		raw, known, inside, known, inside))
	sum := map[string]int64{}
	for _, o := range rollupOutcomes(t, folder) {
		sum["read"] += o.Counts.Read
		sum["kept"] += o.Counts.Kept
		sum["duplicate"] += o.Counts.Duplicate
		sum["rejected"] += o.Counts.Rejected
	}
	for what, n := range sum {
		want, _ := new(big.Int).SetString(rows[0][what], 10)
		if want == nil || want.Int64() != n {
			t.Errorf("%s: the manifests say %d, DuckDB counts %s", what, n, rows[0][what])
		}
	}
	if sum["duplicate"] == 0 || sum["rejected"] == 0 {
		t.Errorf("the world has no duplicates or no rejected rows: %v", sum)
	}
}

// rollupOutcomes asks for every rollup of the world again; all are up to date.
func rollupOutcomes(t *testing.T, folder string) []jobs.Outcome {
	t.Helper()
	root, err := dir.New(folder, dir.Options{})
	if err != nil {
		t.Fatal(err)
	}
	out, err := dir.New(filepath.Join(folder, "out"), dir.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p := jobs.New(worldStores(root, out), worldSettings(t), jobs.Options{Version: version, ProbeKey: "probe/test"})
	m := small().Month
	outcomes, err := p.Rollup(t.Context(), jobs.Span{From: m.Previous().First().AddDays(14), To: m.Next().First()}.Days(), jobs.RunOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range outcomes {
		if o.State != jobs.StateAlready {
			t.Fatalf("rollup %s was computed again", o.Period)
		}
	}
	return outcomes
}

// The books of docs/billing-rules.md, Balances, by SQL: transactions sum to zero,
// entries chain, balances are where they end, and taxes are the invoices'.
func TestDuckDB_BooksBalance(t *testing.T) {
	folder := t.TempDir()
	root, err := dir.New(folder, dir.Options{Create: true, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	fill(t, root, small())
	for name, body := range map[string]string{
		"accounts.ndjson": `{"id":"outside","kind":"user","bills":true,"jurisdiction":"CH"}`,
		"credits.csv":     "id,account,amount,currency,time\nwelcome,globex,25.5,CHF,2026-09-02\n",
		"payments.csv":    "id,account,amount,currency,time\np1,globex,10.00000000000000000001,CHF,2026-09-03\np2,outside,7,CHF,2026-09-04\n",
		"taxes.ndjson":    `{"id":"vat","jurisdiction":"CH","rate":8.1}`,
	} {
		if _, err := root.Put(t.Context(), "registry/more/"+name, []byte(body), blob.Cond{}); err != nil {
			t.Fatal(err)
		}
	}
	out, err := dir.New(filepath.Join(folder, "out"), dir.Options{Create: true, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	bill(t, worldStores(root, out))
	at := filepath.Join(folder, "out/current/tables")
	rows := duckDB(t, fmt.Sprintf(`
		with entries as (select *, lag("end") over (partition by billing_account_id, currency, ledger, credit_id order by entry) as before,
		                        row_number() over (partition by billing_account_id, currency, ledger, credit_id order by entry desc) as last
		                 from read_parquet('%[1]s/ledger_entries/**/part.parquet')),
		     ends as (select * from entries where last = 1)
		select (select count(*) from entries) as entries,
		       (select count(*) from (select 1 from entries group by billing_account_id, "transaction" having sum(amount) <> 0)) as uneven,
		       (select count(*) from entries where "end" <> initial - amount or coalesce(before, 0) <> initial) as broken,
		       (select count(*) from ends e anti join read_parquet('%[1]s/balances/**/part.parquet') b
		          on e.billing_account_id = b.billing_account_id and e.ledger = b.ledger and e.credit_id is not distinct from b.credit_id and e."end" = b."end") as astray,
		       (select count(*) from read_parquet('%[1]s/invoices/**/part.parquet')
		          where amount_due <> total - credits + tax - balance_applied or credits > 0 and balance_applied <> 10) as undue,
		       (select sum(credits) from read_parquet('%[1]s/invoices/**/part.parquet')) as credits`, at))
	want := map[string]string{"uneven": "0", "broken": "0", "astray": "0", "undue": "0"}
	for what, n := range want {
		if rows[0][what] != n {
			t.Errorf("%s: %s, want %s", what, rows[0][what], n)
		}
	}
	if rows[0]["entries"] == "0" || rat(t, rows[0]["credits"]).Cmp(rat(t, "25.5")) != 0 {
		t.Errorf("%s entries, credits %s; want some, and 25.5", rows[0]["entries"], rows[0]["credits"])
	}
}
