// Orb's own library verifies a webhook: its headers and body come as JSON on
// standard input, and what unwrap makes of it goes to standard output.
import { readFileSync } from 'node:fs';
import Orb from 'orb-billing';

const { headers, body, secret }: { headers: Record<string, string>; body: string; secret: string } = JSON.parse(readFileSync(0, 'utf8'));
const client = new Orb({ apiKey: 'unused', webhookSecret: secret });

client.webhooks.verifySignature(body, headers, secret);
console.log(JSON.stringify(client.webhooks.unwrap(body, headers)));

// What was changed on the way, or signed by another, is refused.
for (const [changed, by] of [[body.replace('{', '{ '), secret], [body, secret + 'x']] as const) {
  let refused = false;
  try {
    client.webhooks.unwrap(changed, headers, by);
  } catch {
    refused = true;
  }
  if (!refused) throw new Error('the client takes a forged webhook');
}
