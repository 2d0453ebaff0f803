package jobs

import (
	"context"

	"daybook/pricing"
	"daybook/sinks/publish"
	"daybook/sinks/tables"
)

// publishDay rates a day and publishes it as the next revision. Stands is the
// manifest of the day as it stands, whose rows of unchanged trees are taken; nil to
// rate every tree.
func (p *Pipeline) publishDay(ctx context.Context, terms monthTerms, day pricing.Date, run *publish.Run, rollups rollupSet, stands *publish.Manifest, out Outcome) (Outcome, error) {
	before, err := p.standingDay(ctx, stands)
	if err != nil {
		return out, err
	}
	m, err := p.dayObjects(ctx, terms, day, run, rollups, before, &out)
	if err != nil {
		return out, err
	}
	return out, p.commit(ctx, run, m, &out)
}

// dayObjects rates the day that run has pinned, stores its objects and describes
// it in out. Before may be nil: then every tree is rated.
func (p *Pipeline) dayObjects(ctx context.Context, terms monthTerms, day pricing.Date, run *publish.Run, rollups rollupSet, before *dayBefore, out *Outcome) (publish.Manifest, error) {
	m := publish.Manifest{Job: run.Plan.Identity.Job, Period: run.Plan.Identity.Period, Inputs: run.Plan.Identity.Inputs}
	rated, err := p.rateDay(ctx, terms, day, run, rollups, before)
	if err != nil {
		return m, err
	}
	events := rated.meters.Rated()
	out.Rated, out.Parked, out.Trees = &events, rated.parked, &rated.count
	body, err := tables.EncodeDailyCosts(rated.costs)
	if err != nil {
		return m, err
	}
	if err := p.putTable(ctx, run, &m, "daily_costs", "day="+day.String(), len(rated.costs), body); err != nil {
		return m, err
	}
	if err := p.putParked(ctx, run, &m, rated.parked); err != nil {
		return m, err
	}
	if err := p.putCostDocuments(ctx, run, &m, day, rated.costs); err != nil {
		return m, err
	}
	if err := putTreeTraces(ctx, run, &m, rated.traces); err != nil {
		return m, err
	}
	m.Totals = pricing.DayTotals(rated.costs)
	out.Totals = m.Totals
	err = p.putReconciliation(ctx, run, &m, ratingReconciliation{
		Rated: events, Meters: ratedMeters(rated.meters), Parked: len(rated.parked), Quarantined: rollups.quarantined,
	})
	return m, err
}

// ratedDay is a day's result.
type ratedDay struct {
	costs  []pricing.CostRow // by billing account
	parked []pricing.Parked
	meters pricing.RatedMeters
	traces []treeTrace // by billing account
	count  TreeCounts
}

// rateDay rates the trees whose terms or usage changed since before, or that had a
// parked account, and takes the rows of the others from it.
func (p *Pipeline) rateDay(ctx context.Context, of monthTerms, day pricing.Date, run *publish.Run, rollups rollupSet, before *dayBefore) (ratedDay, error) {
	rater := of.rater
	usage, err := p.openRollups(ctx, rollups, carried{rater.Whole(day), rater.Carried})
	if err != nil {
		return ratedDay{}, err
	}
	defer usage.close()
	trees := rater.Trees()
	results, traces := make([]pricing.DailyResult, len(trees)), make([]treeTrace, len(trees))
	copied := make([]bool, len(trees))
	held, digests := heldTrees(trees, rollups.parked), newTermDigests()
	orphans, err := rateTrees(ctx, trees, usage, p.workers(), func(i int, rows []pricing.UsageState) error {
		if held[i] != nil {
			results[i].Parked, results[i].Meters = held[i], pricing.ParkedUsage(rows)
			return nil
		}
		terms := rater.DailyTerms(trees[i], day)
		rows, left := takenRows(rows, terms, rater.Carried)
		defer func() { results[i].Meters = results[i].Meters.Add(left) }()
		now := treeTrace{BillingAccount: trees[i].BillingAccount, Terms: digests.of(terms), Usage: usageDigest(rows)}
		if results[i], copied[i] = before.of(now); copied[i] {
			now.Meters = ratedMeters(results[i].Meters)
			traces[i] = now
			return nil
		}
		// No as_of cuts into a day that has ended in every zone, so it is no part
		// of the trace (asOf).
		var err error
		if results[i], err = rater.Daily(trees[i], pricing.TreeUsage{Rows: rows, Terms: &terms}, day, run.Plan.Identity.AsOf); err != nil {
			return err
		}
		if now.Meters = ratedMeters(results[i].Meters); len(results[i].Parked) == 0 {
			traces[i] = now
		}
		return nil
	})
	if err != nil {
		return ratedDay{}, err
	}
	out := ratedDay{parked: parkedByInputs(of.in.problems, orphans.accounts, day)}
	rows := 0
	for _, r := range results {
		rows += len(r.Rows)
	}
	out.costs = make([]pricing.CostRow, 0, rows)
	for i, r := range results {
		out.costs = append(out.costs, r.Rows...)
		out.parked = append(out.parked, r.Parked...)
		out.meters = out.meters.Add(r.Meters)
		out.count.add(copied[i])
		if traces[i].BillingAccount != "" {
			out.traces = append(out.traces, traces[i])
		}
	}
	out.meters, err = usage.reconcile(out.meters, orphans)
	return out, err
}
