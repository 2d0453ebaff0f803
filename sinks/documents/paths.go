package documents

import "daybook/pricing"

// InvoicePath is where an invoice document lies among the documents:
// "invoices/acme/2026-10-CHF.json". Kinds other than an invoice are named after
// the currency: "invoices/acme/2026-10-CHF-draft.json". The account is the
// billing account's id as one escaped key segment; documents know no store and
// so do not escape it themselves.
func InvoicePath(escapedAccount, closing, currency string, kind pricing.InvoiceKind) string {
	name := closing + "-" + currency
	if kind != pricing.KindInvoice {
		name += "-" + string(kind)
	}
	return "invoices/" + escapedAccount + "/" + name + ".json"
}

// CostsPath is where an account's costs of one day lie among the documents:
// "costs/acme/2026-10/2026-10-31.json". The account is its id as one escaped
// key segment.
func CostsPath(escapedAccount string, day pricing.Date) string {
	return "costs/" + escapedAccount + "/" + pricing.MonthOf(day).String() + "/" + day.String() + ".json"
}
