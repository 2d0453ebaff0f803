// DuckDB's side of rollupbench: `node duckdb.mjs group|distinct|plain IN OUT` rolls
// the usage files up, a file a day, `plain` without looking for duplicates; `node duckdb.mjs compare OURS THEIRS` compares the
// two results row by row. DuckDB is spared what Daybook does beside: sorting the
// result, refusing bad rows, telling duplicates from conflicts, accounts of rows
// by file and meter, digests, and reading back what it wrote; it knows the zones'
// offsets and writes 64-bit numbers and no text of the dimensions.
import { DuckDBInstance } from '@duckdb/node-api';
import { readdirSync } from 'node:fs';

const [what, from, to] = process.argv.slice(2);
const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
const connection = await instance.connect();
await connection.run("set TimeZone = 'UTC'; set preserve_insertion_order = false");

const rollup = async () => {
  await connection.run(`create table attribution as
    select format('sub-{:05d}', i) as subscription_id, format('account-{:04d}', i // 3) as account_id,
      case when (i // 3) % 2 = 0 then 0 else 7200000000 end as east
    from range(20000) t(i)`);
  const payload = ['time', 'subscription_id', 'meter', 'quantity', 'region', 'instance_type'];
  const distinct = {
    group: (files) => `select ${payload.map((c) => `any_value(${c}) as ${c}`).join(', ')} from ${files} group by event_id`,
    plain: (files) => `select ${payload.join(', ')} from ${files}`,
    distinct: (files) => `select distinct on (event_id) ${payload.join(', ')} from ${files}`,
  }[what];
  const days = [...new Set(readdirSync(from).filter((f) => f.endsWith('.parquet')).map((f) => f.slice(0, 10)))].sort();
  for (const day of days) {
    await connection.run(`copy (
      select (epoch_us(time) + east) // 86400000000 as day, account_id, subscription_id, meter, region, instance_type,
        sum(quantity)::bigint as sum, count(*) as events, min(quantity) as min, max(quantity) as max,
        arg_min(quantity, time) as first_value, min(time) as first_time, arg_max(quantity, time) as last_value, max(time) as last_time
      from (${distinct(`read_parquet('${from}/${day}-*.parquet')`)}) join attribution using (subscription_id)
      group by all) to '${to}/${day}.parquet' (format parquet, codec zstd)`);
  }
};

const compare = async () => {
  const ours = `select day::date - date '1970-01-01' as day, account_id, subscription_id, meter,
      dimensions ->> 'region' as region, dimensions ->> 'instance_type' as instance_type,
      sum::bigint as sum, events, min::bigint as min, max::bigint as max, first_value::bigint as first_value, first_time,
      last_value::bigint as last_value, last_time
    from read_parquet('${from}/*.parquet')`;
  const theirs = `select day, account_id, subscription_id, meter, region, instance_type, sum, events, min, max, first_value, first_time, last_value, last_time
    from read_parquet('${to}/*.parquet')`;
  const reader = await connection.runAndReadAll(`select (select count(*) from (${ours})), (select count(*) from (${theirs})),
    (select count(*) from ((${ours}) except all (${theirs})))`);
  const [a, b, differ] = reader.getRows()[0].map(Number);
  if (a !== b || differ !== 0 || a === 0) {
    console.error(`the results differ: ${a} groups of Daybook, ${b} of DuckDB, ${differ} of ours not among theirs`);
    process.exit(1);
  }
  console.log(`results equal row by row: ${a} groups`);
};

await (what === 'compare' ? compare() : rollup());
