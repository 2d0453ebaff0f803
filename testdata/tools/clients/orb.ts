// Drives Daybook's Orb API through Orb's own library: the arguments are the base
// address and a token of the world that `daybook demo --system orb` serves. Every
// field that is read here is one of the library's declarations.
import assert from 'node:assert/strict';
import Orb from 'orb-billing';
import type { AggregatedCost, Invoice } from 'orb-billing/resources/shared';

const [baseURL, apiKey] = process.argv.slice(2);
const client = new Orb({ apiKey, baseURL, maxRetries: 0 });

const june = { timeframe_start: '2023-06-01T00:00:00Z', timeframe_end: '2023-06-06T00:00:00Z' };
const subtotals = (data: AggregatedCost[]) => data.map((point) => `${point.subtotal} ${point.total}`);
const table = ['22.50 50.00', '47.50 50.00', '50.00 50.00', '70.00 70.00', '90.00 90.00'];

async function costs() {
  const byID = await client.customers.costs.list('metered', june);
  assert.deepEqual(subtotals(byID.data), table);
  const [first] = byID.data;
  assert.equal(new Date(first!.timeframe_start).toISOString(), '2023-06-01T00:00:00.000Z');
  assert.equal(new Date(first!.timeframe_end).toISOString(), '2023-06-02T00:00:00.000Z');
  const [cost] = first!.per_price_costs;
  assert.equal(cost!.quantity, 9);
  assert.equal(cost!.price_id, cost!.price.id);
  assert(cost!.price.model_type === 'unit');
  assert.equal(cost!.price.unit_config.unit_amount, '2.50'); // the model tells which configuration there is
  assert.equal(cost!.price.minimum?.minimum_amount, '50.00');

  const external = await client.customers.costs.listByExternalID('ext/1', june);
  assert.deepEqual(external, byID);
  const periodic = await client.customers.costs.listByExternalID('ext/1', { ...june, view_mode: 'periodic', currency: 'USD' });
  assert.deepEqual(subtotals(periodic.data), ['22.50 50.00', '25.00 0.00', '2.50 0.00', '20.00 20.00', '20.00 20.00']);
  const ofSubscription = await client.subscriptions.fetchCosts('sub-metered', june);
  assert.deepEqual(ofSubscription, byID);
  assert.equal((await client.customers.costs.list('metered')).data.length, 10);
}

async function usage() {
  const pacific = await client.subscriptions.fetchUsage('sub-pacific', {
    timeframe_start: '2022-02-01T05:00:00Z',
    timeframe_end: '2022-02-04T01:00:00Z',
    granularity: 'day',
  });
  const [metric] = pacific.data;
  assert.equal(metric!.view_mode, 'periodic');
  assert.deepEqual(
    metric!.usage.map((w) => [w.timeframe_start, w.timeframe_end, w.quantity]),
    [
      ['2022-02-01T05:00:00+00:00', '2022-02-01T08:00:00+00:00', 0],
      ['2022-02-01T08:00:00+00:00', '2022-02-02T08:00:00+00:00', 0],
      ['2022-02-02T08:00:00+00:00', '2022-02-03T08:00:00+00:00', 0],
      ['2022-02-03T08:00:00+00:00', '2022-02-04T01:00:00+00:00', 0],
    ],
  );
  const grouped = await client.subscriptions.fetchUsage('sub-matrix', {
    timeframe_start: '2023-06-01',
    timeframe_end: '2023-06-04',
    billable_metric_id: 'placed',
    group_by: 'type',
  });
  const groups = grouped.data.map((d) => ('metric_group' in d ? `${d.metric_group.property_value} ${d.usage[0]!.quantity}` : ''));
  assert.deepEqual(groups, ['alpha 6', 'beta 1']);
  assert('pagination_metadata' in grouped && grouped.pagination_metadata?.has_more === false);
}

async function invoices() {
  const listed: Invoice[] = [];
  for await (const invoice of client.invoices.list({ limit: 5, 'invoice_date[gte]': '2023-07-01' })) {
    listed.push(invoice);
  }
  assert(listed.length > 10, `${listed.length} invoices over several pages`);
  assert.equal(new Set(listed.map((i) => i.id)).size, listed.length);
  for (const i of listed) {
    const fetched = await client.invoices.fetch(i.id);
    assert.deepEqual(fetched, i);
    // Decimals of two places: whole cents add up exactly.
    const cents = (text: string) => Math.round(Number(text) * 100);
    const lines = i.line_items.reduce((sum, l) => sum + cents(l.amount) + l.tax_amounts.reduce((tax, t) => tax + cents(t.amount), 0), 0);
    assert.equal(lines, cents(i.total));
    for (const l of i.line_items) {
      const changed = l.adjustments.reduce((sum, a) => sum + cents(a.amount), cents(l.subtotal));
      assert.equal(changed, cents(l.adjusted_subtotal));
    }
  }
  const paid = await client.invoices.list({ external_customer_id: null, customer_id: 'api', status: ['paid'] });
  const [api] = paid.data;
  assert.equal(api!.total, '115.56');
  assert.equal(api!.billing_address?.city, 'Austin');
  const [tier] = api!.line_items[0]!.sub_line_items;
  assert(tier!.type === 'tier');
  assert.equal(tier!.tier_config.last_unit, 10000);
  assert.equal((await client.invoices.list({ status: ['draft'], customer_id: 'compute' })).data[0]!.will_auto_issue, true);

  const upcoming = await client.invoices.fetchUpcoming({ subscription_id: 'sub-pro' });
  assert.equal(upcoming.target_date, '2023-08-01T00:00:00+00:00');
  assert.equal(upcoming.line_items[0]!.amount, '451.61');
  let summaries = 0;
  for await (const summary of client.invoices.listSummary({ limit: 10 })) {
    assert(!('line_items' in summary));
    summaries++;
  }
  assert(summaries >= listed.length);
}

async function faults() {
  await assert.rejects(client.customers.costs.list('nobody'), Orb.NotFoundError);
  await assert.rejects(client.customers.costs.list('metered', { timeframe_start: '2023-06-01' }), Orb.BadRequestError);
  await assert.rejects(new Orb({ apiKey: 'no', baseURL, maxRetries: 0 }).invoices.fetch('inv'), Orb.AuthenticationError);
}

async function main() {
  await costs();
  await usage();
  await invoices();
  await faults();
  console.log('ok');
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
