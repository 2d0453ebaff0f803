package pricing

import "time"

// Closing is one month's act of invoicing (docs/billing-rules.md, Periods and
// closings).
type Closing struct {
	Month     Month
	AsOf      time.Time // issue date; events at or after it do not count
	First     bool      // no closing came before: charges in advance that start exactly at the month's first midnight are billed too
	TermsDays int       // days until payment is due
	Draft     bool      // no number, nothing is issued
	Issuer    string    // who invoices; part of the invoice ids
}

// ClosingResult is one tree's invoices, without numbers, the accounts that
// could not be rated and the count of the usage rows seen.
type ClosingResult struct {
	Invoices []Invoice
	Parked   []Parked
	Rated    Rated
}

// ClosingWindow returns the first and last UTC day, both inclusive, whose
// rollups the closing of a month needs.
func (r *Rater) ClosingWindow(m Month) (from, to Date) {
	return m.Previous().First(), m.Next().First().AddDays(1)
}

// Close bills what a tree owes in a closing.
func (r *Rater) Close(t Tree, u TreeUsage, c Closing) (ClosingResult, error) {
	return ClosingResult{}, nil
}
