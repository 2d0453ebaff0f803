// Runs the SQL on standard input with DuckDB, in memory, and prints each row of
// the last statement as one JSON object a line. Numbers come as text, exactly.
import { DuckDBInstance } from '@duckdb/node-api';
import { readFileSync } from 'node:fs';

const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
const connection = await instance.connect();
const reader = await connection.runAndReadAll(readFileSync(0, 'utf8'));
for (const row of reader.getRowObjects()) {
  const out = {};
  for (const [name, value] of Object.entries(row)) out[name] = value === null ? null : String(value);
  console.log(JSON.stringify(out));
}
