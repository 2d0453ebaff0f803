package tables

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"daybook/pricing"
	"daybook/pricing/columns"
	"daybook/pricing/money"
)

// EncodeLines writes the lines of a closing's invoices, in any order. Shares of
// pooled prices (Invoice.Own) are not among them: they are no part of the bill.
func EncodeLines(closing string, invoices []pricing.Invoice) ([]byte, error) {
	var lines []*pricing.Line // they are wide
	var invoiceOf []string
	for _, n := range byID(invoices) {
		for l := range invoices[n].Lines {
			lines, invoiceOf = append(lines, &invoices[n].Lines[l]), append(invoiceOf, invoices[n].ID)
		}
	}
	s := newSheet(columns.InvoiceLineItems, len(lines), func(i int) string {
		return fmt.Sprintf("invoice %s, line %d, account %q, price %q", invoiceOf[i], lines[i].Number, lines[i].Account, lines[i].Price)
	})
	s.constant("closing", closing)
	s.text("invoice_id", func(i int) string { return invoiceOf[i] })
	s.intsOf("line", func(i int) int64 { return int64(lines[i].Number) })
	s.text("account_id", func(i int) string { return lines[i].Account })
	s.text("subscription_id", func(i int) string { return lines[i].Subscription })
	s.text("plan_id", func(i int) string { return lines[i].Plan })
	s.text("price_id", func(i int) string { return lines[i].Price })
	s.text("meter", func(i int) string { return lines[i].Meter })
	s.text("book_version", func(i int) string { return lines[i].BookVersion })
	s.text("description", func(i int) string { return lines[i].Description })
	s.text("grouping", func(i int) string { return lines[i].Grouping })
	s.quantities("quantity", func(i int) money.Quantity { return lines[i].Quantity })
	s.quantities("free_quantity", func(i int) money.Quantity { return lines[i].Free })
	s.quantities("billed_quantity", func(i int) money.Quantity { return lines[i].Billed })
	s.text("unit", func(i int) string { return lines[i].Unit })
	s.optionalAmounts("unit_price", func(i int) bool { return lines[i].HasUnitPrice }, func(i int) money.Amount { return lines[i].UnitPrice })
	s.times("period_start", func(i int) time.Time { return lines[i].PeriodStart })
	s.times("period_end", func(i int) time.Time { return lines[i].PeriodEnd })
	s.amounts("subtotal", func(i int) money.Amount { return lines[i].Subtotal })
	s.amounts("discount", func(i int) money.Amount { return lines[i].Discount })
	s.amounts("total", func(i int) money.Amount { return lines[i].Total })
	s.amounts("credits", func(i int) money.Amount { return lines[i].Credits })
	s.amounts("tax", func(i int) money.Amount { return lines[i].Tax })
	s.amounts("exact_subtotal", func(i int) money.Amount { return lines[i].ExactSubtotal })
	s.amounts("contained_tax", func(i int) money.Amount { return lines[i].ContainedTax })
	s.text("taxes", func(i int) string { return taxesText(lines[i].Taxes) })
	s.text("kind", func(i int) string { return kindOf(lines[i]) })
	s.pricingUnits(lines)
	s.text("for_closing", func(i int) string { return monthText(lines[i].For) })
	s.text("corrects_closing", func(i int) string { return monthText(lines[i].Corrects.Closing) })
	s.text("corrects_invoice_id", func(i int) string { return lines[i].Corrects.Invoice })
	return s.encode()
}

// byID is the places of invoices in order of their ids, as the table has them: then
// its columns need no sorting.
func byID(invoices []pricing.Invoice) []int {
	out := filled(len(invoices), func(i int) int { return i })
	slices.SortFunc(out, func(a, b int) int { return strings.Compare(invoices[a].ID, invoices[b].ID) })
	return out
}

// DecodeLines reads a closing's lines back, by invoice id and in the order of
// their numbers; instants are in UTC. What the table does not hold stays zero:
// the model and the parts, and of a line in a pricing unit what credits in it
// paid. It holds all that corrections need. name says in errors which file it is.
func DecodeLines(name string, body []byte) (map[string][]pricing.Line, error) {
	f, err := readFrame(columns.InvoiceLineItems, name, body)
	if err != nil {
		return nil, err
	}
	invoice, number := f.text("invoice_id"), f.column("line").ints
	account, subscription, plan, price := f.text("account_id"), f.text("subscription_id"), f.text("plan_id"), f.text("price_id")
	meter, free, billed := f.text("meter"), f.quantity("free_quantity"), f.quantity("billed_quantity")
	version, description, grouping, unit := f.text("book_version"), f.text("description"), f.text("grouping"), f.text("unit")
	quantity, unitPrice, hasUnitPrice := f.quantity("quantity"), f.amount("unit_price"), f.column("unit_price").valid
	start, end := f.time("period_start"), f.time("period_end")
	subtotal, discount, total := f.amount("subtotal"), f.amount("discount"), f.amount("total")
	credits, tax, exact := f.amount("credits"), f.amount("tax"), f.amount("exact_subtotal")
	contained, kind := f.amount("contained_tax"), f.text("kind")
	more, err := f.lineMarks()
	if err != nil {
		return nil, err
	}
	lines := map[string][]pricing.Line{}
	for i := range f.rows {
		lines[invoice(i)] = append(lines[invoice(i)], pricing.Line{
			Number: int(number[i]), Account: account(i), Subscription: subscription(i),
			Plan: plan(i), Price: price(i), Meter: meter(i), BookVersion: version(i), Description: description(i), Grouping: grouping(i),
			Quantity: quantity(i), Free: free(i), Billed: billed(i), Unit: unit(i), UnitPrice: unitPrice(i), HasUnitPrice: hasUnitPrice[i],
			PeriodStart: start(i), PeriodEnd: end(i),
			Subtotal: subtotal(i), Discount: discount(i), Total: total(i), Credits: credits(i), Tax: tax(i), ExactSubtotal: exact(i),
			ContainedTax: contained(i), GivenBack: kind(i) == giveBack, Taxes: more[i].taxes, InUnit: more[i].unit, For: more[i].of, Corrects: more[i].corrects,
		})
	}
	return lines, nil
}
