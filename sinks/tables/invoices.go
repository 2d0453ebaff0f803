package tables

import (
	"fmt"
	"time"

	"github.com/bojanz/currency"

	"daybook/pricing"
	"daybook/pricing/columns"
	"daybook/pricing/money"
)

// EncodeInvoices writes a closing's invoices, in any order; their lines are
// another table. closing is the month, "2026-10".
func EncodeInvoices(closing string, invoices []pricing.Invoice) ([]byte, error) {
	s := newSheet(columns.Invoices, len(invoices), func(i int) string {
		return fmt.Sprintf("invoice %s of account %q", invoices[i].ID, invoices[i].BillingAccount)
	})
	s.constant("closing", closing)
	s.text("invoice_id", func(i int) string { return invoices[i].ID })
	s.text("number", func(i int) string { return invoices[i].Number })
	s.text("kind", func(i int) string { return string(invoices[i].Kind) })
	s.text("billing_account_id", func(i int) string { return invoices[i].BillingAccount })
	s.text("status", func(i int) string { return invoices[i].Status })
	s.text("currency", func(i int) string { return invoices[i].Currency.Code })
	s.times("period_start", func(i int) time.Time { return invoices[i].PeriodStart })
	s.times("period_end", func(i int) time.Time { return invoices[i].PeriodEnd })
	s.times("issued_at", func(i int) time.Time { return invoices[i].IssuedAt })
	s.times("due_at", func(i int) time.Time { return invoices[i].DueAt })
	s.amounts("subtotal", func(i int) money.Amount { return invoices[i].Subtotal })
	s.amounts("discount", func(i int) money.Amount { return invoices[i].Discount })
	s.amounts("total", func(i int) money.Amount { return invoices[i].Total })
	s.amounts("credits", func(i int) money.Amount { return invoices[i].Credits })
	s.amounts("tax", func(i int) money.Amount { return invoices[i].Tax })
	s.amounts("balance_applied", func(i int) money.Amount { return invoices[i].BalanceApplied })
	s.amounts("amount_due", func(i int) money.Amount { return invoices[i].AmountDue })
	s.text("corrects_closing", func(i int) string { return monthText(invoices[i].Corrects.Closing) })
	s.text("corrects_invoice_id", func(i int) string { return invoices[i].Corrects.Invoice })
	return s.encode()
}

// DecodeInvoices reads a closing's invoices back, without lines, sorted as the
// contract says; instants are in UTC. name says in errors which file it is. The
// table names currencies by their code alone: the digits of the minor unit are
// those of ISO 4217, or, for a code that it no longer lists, as many as the
// invoice's amounts have.
func DecodeInvoices(name string, body []byte) ([]pricing.Invoice, error) {
	f, err := readFrame(columns.Invoices, name, body)
	if err != nil {
		return nil, err
	}
	id, number, kind, payer := f.text("invoice_id"), f.text("number"), f.text("kind"), f.text("billing_account_id")
	status, code := f.text("status"), f.text("currency")
	start, end, issued, due := f.time("period_start"), f.time("period_end"), f.time("issued_at"), f.time("due_at")
	subtotal, discount, total := f.amount("subtotal"), f.amount("discount"), f.amount("total")
	credits, tax, amountDue := f.amount("credits"), f.amount("tax"), f.amount("amount_due")
	applied := f.amount("balance_applied")
	corrects, err := f.corrects()
	if err != nil {
		return nil, err
	}
	return filled(f.rows, func(i int) pricing.Invoice {
		invoice := pricing.Invoice{
			ID: id(i), Number: number(i), Kind: pricing.InvoiceKind(kind(i)), BillingAccount: payer(i), Status: status(i), Corrects: corrects[i],
			PeriodStart: start(i), PeriodEnd: end(i), IssuedAt: issued(i), DueAt: due(i),
			Subtotal: subtotal(i), Discount: discount(i), Total: total(i),
			Credits: credits(i), Tax: tax(i), BalanceApplied: applied(i), AmountDue: amountDue(i),
		}
		invoice.Currency = money.Currency{Code: code(i), Digits: digitsOf(code(i), invoice)}
		return invoice
	}), nil
}

func digitsOf(code string, i pricing.Invoice) int32 {
	if digits, ok := currency.GetDigits(code); ok {
		return int32(digits)
	}
	var digits int32
	for _, a := range []money.Amount{i.Subtotal, i.Discount, i.Total, i.Credits, i.Tax, i.BalanceApplied, i.AmountDue} {
		d := a.Decimal()
		for digits < moneyPlaces && !d.Truncate(digits).Equal(d) {
			digits++
		}
	}
	return digits
}
