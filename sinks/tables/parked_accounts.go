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

// DecodeParked reads a run's parked accounts back, sorted as the contract says.
// name says in errors which file it is.
func DecodeParked(name string, body []byte) ([]pricing.Parked, error) {
	f, err := readFrame(columns.ParkedAccounts, name, body)
	if err != nil {
		return nil, err
	}
	account, reason, detail, since := f.text("account_id"), f.text("reason"), f.text("detail"), f.day("since")
	return filled(f.rows, func(i int) pricing.Parked {
		return pricing.Parked{Account: account(i), Reason: reason(i), Detail: detail(i), Since: since(i)}
	}), nil
}
