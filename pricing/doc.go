// Package pricing is Daybook's domain: pure functions from usage, a price book
// and a registry to cost series and invoices. It knows no store, clock, file
// format or network; the same values in give the same values out.
//
// # How it flows
//
// A [Book] says what is metered and what it costs, a [Registry] says who has
// what since when, and [UsageState] rows say what was used on each local day.
// [Rater] turns them into [CostRow] series (daily) and [Invoice] documents
// (a closing). Amounts are computed in the order documented in
// docs/billing-rules.md; each rule's code names its section.
//
// # Words
//
//   - usage event: one raw row: somebody used something at an instant.
//   - meter: names what is counted and how events aggregate to a quantity.
//   - rollup: a UTC day of events, aggregated by account, subscription, meter,
//     dimensions and the account's local day.
//   - price: turns a quantity into an amount; a plan is a named set of prices.
//   - price book: all meters and plans of one currency, versioned by effective
//     date.
//   - account: a node of the customers' tree; the nearest ancestor that bills
//     (or itself) is its billing account, which gets the invoice.
//   - subscription: an account's use of a plan from an instant to an instant.
//   - resource: a thing that exists from created to deleted and is priced for it.
//   - billing period: a half-open interval [start, end) at local midnights.
//   - billing anchor: the day of the month on which periods begin.
//   - closing: a month's act of invoicing every billing period that ended in it.
//   - cost series: cumulative and day-by-day costs of each day of a period.
//   - subtotal: an amount before adjustments; total: after them.
//   - allowance, minimum, maximum, discount: adjustments around a price.
//   - tariff: a price made ready for quick, exact series (docs/performance.md).
//   - invoice, line item: what is owed and why; invoices are rounded to the
//     currency's minor unit, series are not.
//   - credit: an amount given or sold beforehand that pays invoice lines.
//   - balance: what a billing account has with us in a currency; below zero it
//     owes. Ledger entries are how it came about.
//   - pricing unit: what a book's amounts are in where that is not its currency.
//   - parked account: one that could not be rated; reported, and in nobody's
//     way but that of accounts whose prices are pooled with it.
//   - late usage, rejected usage: rows that do not fit; never dropped.
package pricing
