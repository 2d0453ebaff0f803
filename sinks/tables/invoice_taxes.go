package tables

import (
	"fmt"

	"daybook/pricing"
	"daybook/pricing/columns"
	"daybook/pricing/money"
)

// How the taxes of a price are shown.
const (
	exclusive = "exclusive"
	inclusive = "inclusive"
)

// EncodeTaxes writes what a closing's invoices owe of each tax.
func EncodeTaxes(closing string, invoices []pricing.Invoice) ([]byte, error) {
	var taxes []pricing.InvoiceTax
	var invoiceOf []string
	for _, i := range invoices {
		for _, t := range i.Taxes {
			taxes, invoiceOf = append(taxes, t), append(invoiceOf, i.ID)
		}
	}
	s := newSheet(columns.InvoiceTaxes, len(taxes), func(i int) string {
		return fmt.Sprintf("invoice %s, tax %q", invoiceOf[i], taxes[i].Tax)
	})
	s.constant("closing", closing)
	s.text("invoice_id", func(i int) string { return invoiceOf[i] })
	s.text("tax_id", func(i int) string { return taxes[i].Tax })
	s.text("jurisdiction", func(i int) string { return taxes[i].Jurisdiction })
	s.quantities("rate", func(i int) money.Quantity { return taxes[i].Rate })
	s.text("price_basis", func(i int) string {
		if taxes[i].Inclusive {
			return inclusive
		}
		return exclusive
	})
	s.amounts("taxable", func(i int) money.Amount { return taxes[i].Taxable })
	s.amounts("tax", func(i int) money.Amount { return taxes[i].Amount })
	return s.encode()
}

// DecodeTaxes reads a closing's taxes back, by invoice id. name says in errors
// which file it is.
func DecodeTaxes(name string, body []byte) (map[string][]pricing.InvoiceTax, error) {
	f, err := readFrame(columns.InvoiceTaxes, name, body)
	if err != nil {
		return nil, err
	}
	invoice, tax, jurisdiction, basis := f.text("invoice_id"), f.text("tax_id"), f.text("jurisdiction"), f.text("price_basis")
	rate, taxable, amount := f.quantity("rate"), f.amount("taxable"), f.amount("tax")
	out := map[string][]pricing.InvoiceTax{}
	for i := range f.rows {
		out[invoice(i)] = append(out[invoice(i)], pricing.InvoiceTax{
			Tax: tax(i), Jurisdiction: jurisdiction(i), Rate: rate(i), Inclusive: basis(i) == inclusive, Taxable: taxable(i), Amount: amount(i),
		})
	}
	return out, nil
}
