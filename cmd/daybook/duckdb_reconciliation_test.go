package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"daybook/cmd/daybook/world"
	"daybook/jobs"
	"daybook/pricing"
)

// rawOutcomes counts the raw files of a billed world by the documented rules, row by
// row: one line a file, meter and outcome. Of equal events the first by file and row
// is kept; of an event id with two payloads all rows are rejected; a rejected row
// has the quantity that its meter would have taken, and one outside is not looked at.
func rawOutcomes(folder string) string {
	return fmt.Sprintf(`
	raw as (
		select regexp_extract(filename, 'usage/(dt=.*)$', 1) as file, file_row_number as row, dt as day, event_id, time,
			subscription_id, meter, quantity, coalesce(region, '') as region, coalesce(type, '') as type,
			(time at time zone 'UTC')::date <> dt as outside,
			meter in ('storage','traffic','renders','instance_hours','api_calls') as known,
			event_id is not null and quantity >= 0 and case subscription_id
				when 'sub-ml' then time >= timestamptz '2026-08-15 04:00:00+00'
				when 'sub-app' then time >= timestamptz '2026-09-01 04:00:00+00'
				when 'sub-web' then time >= timestamptz '2026-08-31 22:00:00+00'
				when 'sub-data' then time >= timestamptz '2026-08-31 22:00:00+00'
				when 'sub-labs' then time >= timestamptz '2026-08-31 22:00:00+00'
				else false end as fits
		from read_parquet('%s', hive_partitioning = true, hive_types = {'dt': date}, filename = true, file_row_number = true)
		where dt >= date '2026-08-15'),
	judged as (
		select *, not outside and known and fits as good,
			case when outside or not known then '' else meter end as of_meter,
			case when outside or not known or quantity < 0 then 0 when meter = 'renders' then 1 else quantity end::decimal(38,12) as amount
		from raw),
	ids as (
		select day, event_id, count(distinct (time, subscription_id, meter, quantity, region, type)) as payloads
		from judged where good group by all),
	decided as (
		select j.*, i.payloads, row_number() over (partition by j.day, j.event_id, j.good order by j.file, j.row) as nth
		from judged j left join ids i on j.good and i.day = j.day and i.event_id = j.event_id),
	outcomes as (
		select file, day, of_meter as meter, amount, unnest(['read', case
			when outside then 'outside' when not good or payloads > 1 then 'rejected' when nth > 1 then 'duplicate' else 'kept' end]) as outcome
		from decided),
	counted as (
		select file, day, meter, outcome, count(*) as rows, sum(amount)::decimal(38,12) as quantity from outcomes group by all)`,
		filepath.Join(folder, "usage/dt=*/part-*.parquet"))
}

// DuckDB counts rows and quantities of the raw files, by file, meter and outcome,
// and must agree with the table reconciliation and with each rollup's manifest.
func TestDuckDB_RecountsEachFileAndMeter(t *testing.T) {
	folder := billedFolder(t)
	table := filepath.Join(folder, "out/current/tables/reconciliation/job=rollup/*/part.parquet")
	rows := duckDB(t, fmt.Sprintf(`
		with %s,
		told as (select file, coalesce(meter, '') as meter, outcome, rows, quantity from read_parquet('%s', hive_partitioning = false))
		select coalesce(c.file, m.file) as file, coalesce(c.meter, m.meter) as meter, coalesce(c.outcome, m.outcome) as outcome,
			c.rows as counted_rows, m.rows as told_rows, c.quantity as counted, m.quantity as told
		from counted c full join told m on c.file = m.file and c.meter = m.meter and c.outcome = m.outcome`, rawOutcomes(folder), table))
	seen := map[string]int{}
	for _, r := range rows {
		seen[r["outcome"]]++
		if r["counted_rows"] != r["told_rows"] || r["counted"] != r["told"] || r["told"] == "" {
			t.Errorf("%s, meter %q, %s: the table says %s rows of %s, DuckDB counts %s of %s",
				r["file"], r["meter"], r["outcome"], r["told_rows"], r["told"], r["counted_rows"], r["counted"])
		}
	}
	for _, outcome := range []string{"read", "kept", "duplicate", "rejected"} {
		if seen[outcome] == 0 {
			t.Errorf("the world has no rows that are %s: %v", outcome, seen)
		}
	}
	agreeWithManifests(t, folder, duckDB(t, fmt.Sprintf(
		`with %s select day::varchar as day, meter, outcome, sum(rows)::bigint as rows, sum(quantity)::decimal(38,12) as quantity from counted group by all`, rawOutcomes(folder))))
}

// agreeWithManifests compares counts by day, meter and outcome with what the
// rollups' manifests say.
func agreeWithManifests(t *testing.T, folder string, counted []map[string]string) {
	t.Helper()
	type sum struct {
		Rows     int64
		Quantity string
	}
	told := map[string]sum{}
	manifests, err := filepath.Glob(filepath.Join(folder, "out/runs/rollup/*/r000001/manifest.json"))
	if err != nil || len(manifests) == 0 {
		t.Fatalf("%d manifests, %v", len(manifests), err)
	}
	for _, path := range manifests {
		body, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var m struct {
			Period         string
			Reconciliation struct {
				Meters []map[string]json.RawMessage
			}
		}
		if err := json.Unmarshal(body, &m); err != nil {
			t.Fatal(err)
		}
		for _, meter := range m.Reconciliation.Meters {
			for _, outcome := range []string{"read", "kept", "duplicate", "rejected", "outside"} {
				var s sum
				if text := meter[outcome]; text != nil {
					if err := json.Unmarshal(text, &s); err != nil {
						t.Fatal(err)
					}
					told[m.Period+" "+string(meter["meter"])+" "+outcome] = s
				}
			}
		}
	}
	for _, c := range counted {
		key := fmt.Sprintf("%s %q %s", c["day"], c["meter"], c["outcome"])
		if s := told[key]; fmt.Sprint(s.Rows) != c["rows"] || rat(t, s.Quantity).Cmp(rat(t, c["quantity"])) != 0 {
			t.Errorf("%s: the manifest says %d rows of %s, DuckDB counts %s of %s", key, s.Rows, s.Quantity, c["rows"], c["quantity"])
		}
		delete(told, key)
	}
	for key, s := range told {
		t.Errorf("%s: the manifest says %d rows of %s, DuckDB counts none", key, s.Rows, s.Quantity)
	}
}

// What rating was given, by meter, is what the rollups kept, and its parts are it;
// what the lines measured is free and charged, and the lines' own columns.
func TestDuckDB_RatingAndLinesAddUp(t *testing.T) {
	folder := billedFolder(t)
	rows := duckDB(t, fmt.Sprintf(`
		with told as (select * from read_parquet('%[1]s/reconciliation/*/*/part.parquet', hive_partitioning = false)),
		rated as (
			select period, meter, sum(quantity) filter (outcome = 'held') as held, sum(quantity) filter (outcome = 'kept') as kept,
				coalesce(sum(quantity) filter (outcome in ('parked', 'elsewhere')), 0) as aside,
				coalesce(sum(quantity) filter (outcome in ('billed', 'unpriced', 'late')), 0) as decided,
				coalesce(sum(quantity) filter (outcome = 'late'), 0) as late
			from told where job = 'monthly' and price_id is null group by all),
		usage as (select meter, sum(sum) as kept from read_parquet('%[1]s/usage_daily/*/part.parquet', hive_partitioning = false) group by all),
		lines as (select plan_id, price_id, sum(quantity) as measured, sum(free_quantity) as free, sum(billed_quantity) as charged
			from read_parquet('%[1]s/invoice_line_items/*/part.parquet', hive_partitioning = false) group by all),
		prices as (
			select plan_id, price_id, sum(quantity) filter (outcome = 'measured') as measured,
				coalesce(sum(quantity) filter (outcome = 'free'), 0) as free, coalesce(sum(quantity) filter (outcome = 'charged'), 0) as charged
			from told where job = 'monthly' and price_id is not null group by all)
		select (select count(*) from rated) as meters,
			(select count(*) from rated where held + late <> coalesce(kept, 0) + aside or coalesce(kept, 0) <> decided) as uneven,
			(select count(*) from rated r full join usage u using (meter) where r.held is distinct from u.kept) as astray,
			(select count(*) from prices) as prices,
			(select count(*) from prices where measured <> free + charged) as unfree,
			(select count(*) from prices p full join lines l using (plan_id, price_id)
				where p.measured is distinct from l.measured or p.free is distinct from l.free or p.charged is distinct from l.charged) as unlike`,
		filepath.Join(folder, "out/current/tables")))
	for _, what := range []string{"uneven", "astray", "unfree", "unlike"} {
		if rows[0][what] != "0" {
			t.Errorf("%s of %s do not add up", rows[0][what], what)
		}
	}
	if rows[0]["meters"] == "0" || rows[0]["prices"] == "0" {
		t.Errorf("nothing was compared: %v", rows[0])
	}
}

// A day of September comes after September is closed: October's closing counts it
// late, but for sub-ml, whose period from the 15th on October bills itself.
func TestDuckDB_RecountsLateUsage(t *testing.T) {
	folder, stores := worldFolder(t)
	day := filepath.Join(folder, "usage/dt=2026-09-20")
	if err := os.Rename(day, filepath.Join(folder, "held")); err != nil {
		t.Fatal(err)
	}
	bill(t, stores)
	if err := os.Rename(filepath.Join(folder, "held"), day); err != nil {
		t.Fatal(err)
	}
	october := world.Demo.Month.Next()
	settings := worldSettings(t)
	settings.Corrections.Limits = pricing.CorrectionLimits{}
	p := jobs.New(stores, settings, jobs.Options{Version: version, ProbeKey: "probe/test"})
	if _, err := p.Monthly(t.Context(), october.Through(october), jobs.RunOptions{Now: october.Next().Next().First().UTC()}); err != nil {
		t.Fatal(err)
	}
	rows := duckDB(t, fmt.Sprintf(`
		with %s,
		late as (
			select of_meter as meter, count(*) as rows, sum(amount)::decimal(38,12) as quantity from decided
			where day = date '2026-09-20' and good and payloads = 1 and nth = 1 and subscription_id <> 'sub-ml' group by all),
		told as (select meter, rows, quantity from read_parquet('%s', hive_partitioning = false) where outcome = 'late')
		select coalesce(l.meter, m.meter) as meter, l.rows as counted_rows, m.rows as told_rows, l.quantity as counted, m.quantity as told
		from late l full join told m using (meter)`, rawOutcomes(folder),
		filepath.Join(folder, "out/current/tables/reconciliation/job=monthly/period=2026-10/part.parquet")))
	for _, r := range rows {
		if r["counted_rows"] != r["told_rows"] || r["counted"] != r["told"] || r["told"] == "" {
			t.Errorf("meter %q: the closing says %s late rows of %s, DuckDB counts %s of %s", r["meter"], r["told_rows"], r["told"], r["counted_rows"], r["counted"])
		}
	}
	if len(rows) < 4 {
		t.Errorf("%d meters have late usage, want nearly all: %v", len(rows), rows)
	}
	if _, err := p.Reconcile(t.Context(), october); err != nil {
		t.Error(err)
	}
}
