package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
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
	folder, stores := worldFolder(t)
	bill(t, stores)
	return folder
}

// worldFolder writes the small world to a folder.
func worldFolder(t *testing.T) (folder string, stores jobs.Stores) {
	t.Helper()
	folder = t.TempDir()
	root, err := dir.New(folder, dir.Options{Create: true, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	fill(t, root, small())
	out, err := dir.New(filepath.Join(folder, "out"), dir.Options{Create: true, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	return folder, worldStores(root, out)
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
