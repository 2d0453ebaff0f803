// Package pricing is Daybook's domain: pure functions from usage, price books
// and a registry to cost series, forecasts, invoices and ledgers. It knows no
// store, clock, file format or network; the same values in give the same values
// out.
//
// # How it flows
//
// A [Book] says what is metered and what it costs, a [Registry] says who has
// what since when, and [UsageState] rows say what was used on each local day.
// A [Rater], or [Raters] of several books, turns them into [CostRow] series
// (Daily), [ForecastRow] (Forecast) and [Invoice] documents (Close, a closing);
// [Registry.Settle] then lets credits and balances pay the invoices, adds taxes
// and writes the [LedgerEntry] rows.
//
// # Where to begin
//
// Read price.go and unit.go (a price and the smallest model), charge.go (a
// quantity becomes an amount), rating.go (one price of one subscription), then
// series.go and closing.go (what is asked for). The order of an amount
// (docs/billing-rules.md) is these files; each rule's code names its section:
//
//	when     period, date, cadence, phase, cycle   billing periods
//	         rate_stage, rate_segment, rate_group  what of them is rated together
//	         proration                             the part of a period
//	1        measure, measure_*                    usage to a quantity
//	         rate_measure, each, included          for one price
//	2, 3     charge, charge_*                      convert, round, take off, price
//	         unit, graduated, volume, package, matrix, percentage*, threshold,
//	         dynamic, capacity, burst, fixed, resource_time, term,
//	         commitment, time_of_day               one price model a file
//	4        adjust, adjust_spread                 discounts, minimum, maximum
//	         rate_adjust                           over the lines of a plan
//	5        invoice                               one rounding a line
//	6        settle, settle_*                      what a closing does to the books
//	         credits, unit_money, tax, ledger      its parts
//	later    correction, correction_line           what a closed month owes otherwise
//	         line_key, correction_invoice          by charge, and on which invoice
//	         line_tax, coverage, anchor            at which taxes; no time is billed twice
//
// Beside them: book_check refuses a book that contradicts itself; rate_fault and
// rate_tree park whom nothing can be billed; tariff* and natural are the same
// figures, quicker; trace* and reading tell how an amount came about; void_usage and void_line take
// usage and charges back; forecast* looks ahead, foreseen and idle look for what will go wrong. The subpackages are money
// (numbers), columns (what our tables hold) and pricingtest (the slow oracle).
//
// # Words: usage
//
//   - usage event: one raw row: somebody used something at an instant.
//   - meter: names what is counted and how events aggregate to a quantity.
//   - counter: a meter that reads a total which only grows; usage is its rise.
//   - running meter: one whose sum, or set of values, goes on from period to
//     period; what it stands at is a level that is held.
//   - per-event meter: its events are kept one by one, for prices of each.
//   - rollup: a UTC day of events, aggregated by account, subscription, meter,
//     dimensions and the account's local day.
//   - reading: what one window of time comes to under a price for each window.
//   - late usage, rejected usage: rows that do not fit; never dropped.
//
// # Words: prices
//
//   - price: turns a quantity into an amount by a model; a plan is a named set
//     of prices.
//   - price book: all meters and plans of one currency, versioned by effective
//     date.
//   - phase: a part of a subscription's life with other amounts, as a trial.
//   - term: a length of time that is bought at once and paid beforehand.
//   - burst: usage beyond what was subscribed to, priced by the level in force.
//   - level: of a burst price its number, which a schedule or past usage sets;
//     of a meter what it stands at.
//   - commitment: what usage costs at the least, and what more of it costs.
//   - allowance, included units: what is free of a quantity.
//   - minimum, maximum, discount: adjustments around a price.
//   - subtotal: an amount before adjustments; total: after them.
//   - pricing unit: what a book's amounts are in where that is not its currency.
//   - tariff: a price made ready for quick, exact series (docs/performance.md).
//
// # Words: who and when
//
//   - account: a node of the customers' tree; the nearest ancestor that bills
//     (or itself) is its billing account, which gets the invoice.
//   - subscription: an account's use of a plan from an instant to an instant.
//   - resource: a thing that exists from created to deleted and is priced for it.
//   - billing period: a half-open interval [start, end) at local midnights.
//   - billing anchor: the day of the month on which periods begin.
//   - pool: subscriptions or accounts whose quantities are priced together.
//   - parked account: one that could not be rated; reported, and in nobody's
//     way but that of accounts whose prices are pooled with it.
//
// # Words: money
//
//   - cost series: cumulative and day-by-day costs of each day of a period.
//   - forecast: what a period will cost when it ends, by what is known so far.
//   - closing: a month's act of invoicing every billing period that ended in it.
//   - invoice, line item: what is owed and why; invoices are rounded to the
//     currency's minor unit, series are not.
//   - correction: what a closing owes by what is known now, less what was issued
//     for it; a credit note or debit note holds corrections alone, or comes to less
//     than zero by them.
//   - first billing: of what was owed while its account was parked.
//   - give-back: a negative line of what was billed in advance and is not owed.
//   - credit: an amount given or sold beforehand that pays invoice lines; the
//     [Grant] is the registry's row of it.
//   - payment, adjustment: rows that change a balance from outside.
//   - ledger entry: one leg of what happened to money; those of one occasion
//     sum to zero.
//   - balance: what a billing account has with us in a currency; below zero it
//     owes. Ledger entries are how it came about.
package pricing
