// rokka's own library asks for what organizations cost: where, a key and the
// arguments of each call come as JSON on standard input, and what each promise
// gives, or is refused with, goes to standard output.
import { readFileSync } from 'node:fs';
import rokka from 'rokka';

type Call = [organization: string, from?: string, to?: string];
const { apiHost, apiKey, calls }: { apiHost: string; apiKey: string; calls: Call[] } = JSON.parse(readFileSync(0, 'utf8'));
const client = rokka({ apiKey, apiHost, transport: { retries: 0 } });

async function main() {
  const out = [];
  for (const call of calls) {
    // The library parses a body for one content type alone, and rejects what failed.
    const { statusCode, body } = await client.billing.get(...call).catch((refused) => refused);
    out.push({ statusCode, body });
  }
  console.log(JSON.stringify(out));
}
void main();
