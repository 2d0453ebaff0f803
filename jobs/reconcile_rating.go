package jobs

import "daybook/pricing"

// reconcile completes what the trees' rating decided by what never came to it:
// usage of accounts that no tree has, and of days that only carry. It is an error
// unless that is all that the rollups hold, every row of which has been read.
func (r *rollupRows) reconcile(rated pricing.RatedMeters, orphaned orphans) (pricing.RatedMeters, error) {
	rated = rated.Add(pricing.ElsewhereUsage(r.left)).Add(orphaned.usage)
	return rated, rated.Check(r.held)
}
