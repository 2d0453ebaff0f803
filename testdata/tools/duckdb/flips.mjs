// Reads one JSON object {file, sql, bits} from standard input. For each bit it
// writes the file with that bit flipped, runs the SQL (FILE stands for its
// name) and prints "refused", "harmless" or "wrong", as compared with the
// undamaged file's rows.
import { DuckDBInstance } from '@duckdb/node-api';
import { readFileSync, writeFileSync, unlinkSync } from 'node:fs';

const { file, sql, bits } = JSON.parse(readFileSync(0, 'utf8'));
const instance = await DuckDBInstance.create(':memory:', { threads: '1', memory_limit: '256MB' });
const connection = await instance.connect();
await connection.run('set enable_external_file_cache = false').catch(() => {});

const rows = async (path) => {
  const reader = await connection.runAndReadAll(sql.replaceAll('FILE', path));
  return reader.getRows().map((r) => r.map(String).join('|')).sort().join('\n');
};

const body = readFileSync(file);
const want = await rows(file);
for (const bit of bits) {
  const damaged = Buffer.from(body);
  damaged[bit >> 3] ^= 1 << (bit & 7);
  const path = `${file}.${bit}.parquet`; // a name of its own: nothing is cached
  writeFileSync(path, damaged);
  let result = 'refused';
  try {
    result = (await rows(path)) === want ? 'harmless' : 'wrong';
  } catch {
    // DuckDB noticed.
  }
  unlinkSync(path);
  console.log(result);
}
