package pricing

import (
	"cmp"
	"strings"
)

// CompareInvoices orders invoices by billing account, currency, kind and id:
// the order in which a closing numbers them.
func CompareInvoices(a, b Invoice) int {
	return cmp.Or(
		strings.Compare(a.BillingAccount, b.BillingAccount),
		strings.Compare(a.Currency.Code, b.Currency.Code),
		strings.Compare(string(a.Kind), string(b.Kind)),
		strings.Compare(a.ID, b.ID),
	)
}
