package pricing

import "time"

// DailyResult is one tree's cost rows of a day, the accounts that could not be
// rated and the count of the usage rows seen.
type DailyResult struct {
	Rows   []CostRow
	Parked []Parked
	Rated  Rated
}

// Window returns the first and last UTC day, both inclusive, whose rollups
// rating the local day needs.
func (r *Rater) Window(day Date) (from, to Date) { return day.AddDays(-32), day.AddDays(1) }

// Daily returns the cost rows of one local day of a tree.
func (r *Rater) Daily(t Tree, u TreeUsage, day Date, asOf time.Time) (DailyResult, error) {
	return DailyResult{}, nil
}
