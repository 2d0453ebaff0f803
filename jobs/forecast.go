package jobs

import (
	"context"
	"slices"

	"daybook/pricing"
)

// Forecast returns what the billing periods that are open at a day's end are
// expected to cost, for an account and all below it when it pays for them; "" is
// every account. It reads the rollups that stand and publishes nothing: the day
// must have been rated (docs/billing-rules.md, Forecast).
func (p *Pipeline) Forecast(ctx context.Context, account string, day pricing.Date) ([]pricing.ForecastRow, []pricing.Parked, error) {
	if _, err := p.costsOn(ctx, day); err != nil {
		return nil, nil, err
	}
	in, err := p.loadInputs(ctx)
	if err != nil {
		return nil, nil, err
	}
	terms, err := p.termsOf(ctx, in, pricing.MonthOf(day))
	if err != nil {
		return nil, nil, err
	}
	rater := terms.rater
	from, to := rater.Window(day)
	ended := dayEnd(day, in.zones())
	rollups, _, err := p.newFreshRollups(in, RunOptions{Only: true}).of(ctx, Span{from, to}.until(ended))
	if err != nil {
		return nil, nil, err
	}
	usage, err := p.openRollups(ctx, rollups, carried{rater.Whole(day), rater.Carried})
	if err != nil {
		return nil, nil, err
	}
	defer usage.close()
	trees := rater.Trees()
	results := make([]pricing.ForecastResult, len(trees))
	held := heldTrees(trees, rollups.parked)
	asked := func(t pricing.Tree) bool { return account == "" || slices.Contains(t.Accounts, account) }
	orphans, err := rateTrees(ctx, trees, usage, p.workers(), func(i int, rows []pricing.UsageState) error {
		if !asked(trees[i]) {
			return nil
		}
		if held[i] != nil {
			results[i].Parked = held[i]
			return nil
		}
		var err error
		results[i], err = rater.Forecast(trees[i], pricing.TreeUsage{Rows: rows}, day, ended)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	var out []pricing.ForecastRow
	parked := parkedByInputs(in.problems, orphans.accounts, day)
	for _, r := range results {
		for _, row := range r.Rows {
			if account == "" || row.Account == account || row.BillingAccount == account {
				out = append(out, row)
			}
		}
		parked = append(parked, r.Parked...)
	}
	if account != "" {
		parked = slices.DeleteFunc(parked, func(k pricing.Parked) bool {
			return !slices.ContainsFunc(trees, func(t pricing.Tree) bool { return asked(t) && slices.Contains(t.Accounts, k.Account) })
		})
	}
	return out, parked, nil
}
