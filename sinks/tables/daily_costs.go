package tables

import (
	"fmt"
	"time"

	"daybook/pricing"
	"daybook/pricing/columns"
	"daybook/pricing/money"
)

// EncodeDailyCosts writes the cost rows of one day, in any order.
func EncodeDailyCosts(rows []pricing.CostRow) ([]byte, error) {
	return costSheet(rows).encode()
}

func costSheet(rows []pricing.CostRow) *sheet {
	s := newSheet(columns.DailyCosts, len(rows), func(i int) string {
		return fmt.Sprintf("account %q, price %q, %s", rows[i].Account, rows[i].Price, rows[i].Day)
	})
	s.days("day", func(i int) pricing.Date { return rows[i].Day })
	s.times("timeframe_start", func(i int) time.Time { return rows[i].TimeframeStart })
	s.times("timeframe_end", func(i int) time.Time { return rows[i].TimeframeEnd })
	s.times("period_start", func(i int) time.Time { return rows[i].PeriodStart })
	s.times("period_end", func(i int) time.Time { return rows[i].PeriodEnd })
	s.text("billing_account_id", func(i int) string { return rows[i].BillingAccount })
	s.text("account_id", func(i int) string { return rows[i].Account })
	s.text("subscription_id", func(i int) string { return rows[i].Subscription })
	s.text("plan_id", func(i int) string { return rows[i].Plan })
	s.text("price_id", func(i int) string { return rows[i].Price })
	s.text("book_version", func(i int) string { return rows[i].BookVersion })
	s.text("grouping", func(i int) string { return rows[i].Grouping })
	s.text("scope", func(i int) string { return string(rows[i].Scope) })
	s.text("currency", func(i int) string { return rows[i].Currency })
	s.text("unit", func(i int) string { return rows[i].Unit })
	s.quantities("cumulative_quantity", func(i int) money.Quantity { return rows[i].CumulativeQuantity })
	s.amounts("cumulative_subtotal", func(i int) money.Amount { return rows[i].CumulativeSubtotal })
	s.amounts("cumulative_total", func(i int) money.Amount { return rows[i].CumulativeTotal })
	s.quantities("quantity", func(i int) money.Quantity { return rows[i].Quantity })
	s.amounts("subtotal", func(i int) money.Amount { return rows[i].Subtotal })
	s.amounts("total", func(i int) money.Amount { return rows[i].Total })
	return s
}

// DecodeDailyCosts reads cost rows back, sorted as the contract says; instants
// are in UTC. name says in errors which file it is.
func DecodeDailyCosts(name string, body []byte) ([]pricing.CostRow, error) {
	f, err := readFrame(columns.DailyCosts, name, body)
	if err != nil {
		return nil, err
	}
	day, start, end, periodStart, periodEnd := f.day("day"), f.time("timeframe_start"), f.time("timeframe_end"), f.time("period_start"), f.time("period_end")
	payer, account, subscription := f.text("billing_account_id"), f.text("account_id"), f.text("subscription_id")
	plan, price, version, grouping := f.text("plan_id"), f.text("price_id"), f.text("book_version"), f.text("grouping")
	scope, currency, unit := f.text("scope"), f.text("currency"), f.text("unit")
	quantity, cumulativeQuantity := f.quantity("quantity"), f.quantity("cumulative_quantity")
	subtotal, cumulativeSubtotal := f.amount("subtotal"), f.amount("cumulative_subtotal")
	total, cumulativeTotal := f.amount("total"), f.amount("cumulative_total")
	return filled(f.rows, func(i int) pricing.CostRow {
		return pricing.CostRow{
			Day: day(i), TimeframeStart: start(i), TimeframeEnd: end(i), PeriodStart: periodStart(i), PeriodEnd: periodEnd(i),
			BillingAccount: payer(i), Account: account(i), Subscription: subscription(i),
			Plan: plan(i), Price: price(i), BookVersion: version(i), Unit: unit(i), Grouping: grouping(i),
			Scope: pricing.Scope(scope(i)), Currency: currency(i),
			CumulativeQuantity: cumulativeQuantity(i), CumulativeSubtotal: cumulativeSubtotal(i), CumulativeTotal: cumulativeTotal(i),
			Quantity: quantity(i), Subtotal: subtotal(i), Total: total(i),
		}
	}), nil
}
