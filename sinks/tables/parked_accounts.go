package tables

import (
	"fmt"

	"daybook/pricing"
	"daybook/pricing/columns"
)

// EncodeParked writes the accounts that a run could not rate, in any order.
// period is the run's: a day or a closing.
func EncodeParked(period string, rows []pricing.Parked) ([]byte, error) {
	s := newSheet(columns.ParkedAccounts, len(rows), func(i int) string {
		return fmt.Sprintf("account %q, %s", rows[i].Account, rows[i].Reason)
	})
	s.constant("period", period)
	s.text("account_id", func(i int) string { return rows[i].Account })
	s.text("reason", func(i int) string { return rows[i].Reason })
	s.text("detail", func(i int) string { return rows[i].Detail })
	s.days("since", func(i int) pricing.Date { return rows[i].Since })
	return s.encode()
}
