package jobs

import (
	"slices"

	"daybook/pricing"
)

// reconcileRating completes what the trees' rating decided by what never came to
// it: usage of accounts that no tree has, and of days that only carry. It is an
// error unless that is all that the rollups hold.
func (p *Pipeline) reconcileRating(rated pricing.RatedMeters, set rollupSet, batches []*pricing.UsageBatch, orphans []string) (pricing.RatedMeters, error) {
	held := p.notLookedAt(set)
	rated = rated.Add(pricing.ElsewhereUsage(held))
	for _, b := range batches {
		held = pricing.AddMeterSums(held, b.Sums())
		rated = rated.Add(pricing.ParkedUsage(rowsOf(b, orphans)))
	}
	return rated, rated.Check(held)
}

// notLookedAt is what the days of a set held that rating does not read of them.
func (p *Pipeline) notLookedAt(set rollupSet) []pricing.MeterSum {
	var out []pricing.MeterSum
	for _, o := range set.objects {
		out = pricing.AddMeterSums(out, p.decoded[o.SHA256].dropped)
	}
	return out
}

// rowsOf returns the rows of some accounts, mostly of none.
func rowsOf(b *pricing.UsageBatch, accounts []string) []pricing.UsageState {
	var out []pricing.UsageState
	for n, account := range b.Account.Values {
		if !slices.Contains(accounts, account) {
			continue
		}
		for i, index := range b.Account.Index {
			if int(index) == n {
				out = append(out, b.Row(i))
			}
		}
	}
	return out
}
