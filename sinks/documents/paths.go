package documents

import (
	"strconv"

	"daybook/pricing"
)

// InvoicePath is where an invoice document lies among the documents:
// "invoices/acme/2026-10-CHF.json". Kinds other than an invoice are named after
// the currency, and the second of its kind and later ones by their number:
// "invoices/acme/2026-10-CHF-credit_note-2.json". The account is the billing
// account's id as one escaped key segment; documents know no store and so do not
// escape it themselves.
func InvoicePath(escapedAccount, closing string, i pricing.Invoice) string {
	name := closing + "-" + i.Currency.Code
	if i.Kind != pricing.KindInvoice {
		name += "-" + string(i.Kind)
	}
	if i.Ordinal > 1 {
		name += "-" + strconv.Itoa(i.Ordinal)
	}
	return "invoices/" + escapedAccount + "/" + name + ".json"
}

// DraftPath is where a draft of an invoice lies among the documents, beside no
// invoice: "drafts/acme/2026-10-CHF.json". Its kind is no part of the name: by the
// next draft it may be another. The account's second in the currency, and later
// ones, which are notes beside an invoice, are named by their number.
func DraftPath(escapedAccount, closing, currency string, nth int) string {
	name := closing + "-" + currency
	if nth > 1 {
		name += "-" + strconv.Itoa(nth)
	}
	return "drafts/" + escapedAccount + "/" + name + ".json"
}

// CostsPath is where an account's costs of one day lie among the documents:
// "costs/acme/2026-10/2026-10-31.json". The account is its id as one escaped
// key segment.
func CostsPath(escapedAccount string, day pricing.Date) string {
	return "costs/" + escapedAccount + "/" + pricing.MonthOf(day).String() + "/" + day.String() + ".json"
}
