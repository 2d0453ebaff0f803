package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"daybook/pricing"
	"daybook/sinks/publish"
	"daybook/sinks/tables"
)

// ratingReconciliation is a rating job's account of the events it saw.
type ratingReconciliation struct {
	Rated       pricing.Rated `json:"rated"`
	Parked      int           `json:"parked_accounts"`
	Quarantined []string      `json:"quarantined,omitempty"`
}

// Daily brings the cost series of the local days up to date, one day at a time:
// a day is a pure function of the rollups of its billing periods, the registry
// and the book, with no state carried from day to day.
func (p *Pipeline) Daily(ctx context.Context, days []pricing.Date, o RunOptions) ([]Outcome, error) {
	in, err := p.loadInputs(ctx)
	if err != nil {
		return nil, err
	}
	rater, err := pricing.NewRater(in.book, in.registry)
	if err != nil {
		return nil, err
	}
	var outcomes []Outcome
	for _, day := range days {
		if day < p.settings.Start {
			return outcomes, fmt.Errorf("daily %s: the configuration starts at %s", day, p.settings.Start)
		}
		zones := in.zones()
		at, err := asOf(o, string(JobDaily), day.String(), day.UTC(), p.dueDaily(day, zones))
		if err != nil {
			return outcomes, err
		}
		from, to := rater.Window(day)
		rollups, before, err := p.rollupsOf(ctx, in, Span{from, to}, at, dayEnd(day, zones), o)
		outcomes = append(outcomes, before...)
		if err != nil {
			return outcomes, fmt.Errorf("daily %s: %w", day, err)
		}
		id := publish.Identity{
			Job: string(JobDaily), Period: day.String(), AsOf: at, Inputs: slices.Concat(in.bookFiles, in.registryFiles, rollups.inputs()),
		}
		var out Outcome
		err = untilDecided(func() error {
			var err error
			out, err = p.daily(ctx, in, rater, day, id, rollups, o)
			return err
		})
		if err != nil {
			return outcomes, fmt.Errorf("daily %s: %w", day, err)
		}
		outcomes = append(outcomes, out)
	}
	return outcomes, nil
}

// current reports whether the last decided revision has this identity.
func current(h publish.History, id publish.Identity, o RunOptions) bool {
	return !o.Recompute && h.Published != nil && h.Last != nil && h.Last.Plan == id.Digest() &&
		(h.Last.Verdict == publish.Published || h.Last.Verdict == publish.Unchanged)
}

func (p *Pipeline) daily(ctx context.Context, in *inputs, rater *pricing.Rater, day pricing.Date, id publish.Identity, rollups rollupSet, o RunOptions) (Outcome, error) {
	out := Outcome{Job: id.Job, Period: id.Period, AsOf: id.AsOf}
	history, err := p.publisher.Decided(ctx, id.Job, id.Period)
	if err != nil {
		return out, err
	}
	if current(history, id, o) {
		out.State, out.Revision, out.Totals = StateAlready, history.Published.Revision, history.Published.Totals
		return out, p.catchUp(ctx, *history.Published)
	}
	if err := p.probe(ctx); err != nil {
		return out, err
	}
	if err := p.keep(ctx, in); err != nil {
		return out, err
	}
	run, err := p.publisher.BeginAfter(ctx, history, id, nil)
	if err != nil {
		return out, err
	}
	if run.Plan.Identity.Digest() != id.Digest() { // another runner's plan was found: it decides
		id = run.Plan.Identity
		if in, err = p.pinnedInputs(ctx, id, in); err != nil {
			return out, err
		}
		if rater, err = pricing.NewRater(in.book, in.registry); err != nil {
			return out, err
		}
		rollups = rollupsFrom(id.Inputs)
		out.AsOf = id.AsOf
	}
	return p.rateDay(ctx, in, rater, day, run, rollups, out)
}

func (p *Pipeline) rateDay(ctx context.Context, in *inputs, rater *pricing.Rater, day pricing.Date, run *publish.Run, rollups rollupSet, out Outcome) (Outcome, error) {
	batches, err := p.readRollups(ctx, rollups)
	if err != nil {
		return out, err
	}
	trees := rater.Trees()
	results := make([]pricing.DailyResult, len(trees))
	orphans, err := rateTrees(ctx, trees, batches, p.workers(), func(i int, rows []pricing.UsageState) error {
		var err error
		results[i], err = rater.Daily(trees[i], pricing.TreeUsage{Rows: rows}, day, run.Plan.Identity.AsOf)
		return err
	})
	if err != nil {
		return out, err
	}
	var costs []pricing.CostRow
	rated, parked := pricing.Rated{}, append(parkProblems(in.problems, day), parkOrphans(orphans, day)...)
	for _, r := range results {
		costs = append(costs, r.Rows...)
		parked = append(parked, r.Parked...)
		rated = rated.Add(r.Rated)
	}
	if err := rated.Check(); err != nil {
		return out, err
	}
	out.Rated, out.Parked = &rated, parked
	m := publish.Manifest{Job: out.Job, Period: out.Period, Inputs: run.Plan.Identity.Inputs}
	body, err := tables.EncodeDailyCosts(costs)
	if err != nil {
		return out, err
	}
	if err := p.putTable(ctx, run, &m, "daily_costs", "day="+day.String(), len(costs), body); err != nil {
		return out, err
	}
	if err := p.putParked(ctx, run, &m, parked); err != nil {
		return out, err
	}
	if err := p.putCostDocuments(ctx, run, &m, day, costs); err != nil {
		return out, err
	}
	m.Totals = pricing.DayTotals(costs)
	out.Totals = m.Totals
	if m.Reconciliation, err = json.Marshal(ratingReconciliation{Rated: rated, Parked: len(parked), Quarantined: rollups.quarantined}); err != nil {
		return out, err
	}
	return out, p.commit(ctx, run, m, &out)
}

// putTable encodes nothing: it stores one table partition and names it in the manifest.
func (p *Pipeline) putTable(ctx context.Context, run *publish.Run, m *publish.Manifest, table, partition string, rows int, body []byte) error {
	object, err := run.Put(ctx, publish.NewObject{Name: table, Ext: "parquet", Role: publish.RoleTable, Rows: int64(rows), Table: table, Partition: partition, Body: body})
	if err == nil {
		m.Objects = append(m.Objects, object)
	}
	return err
}

func (p *Pipeline) putParked(ctx context.Context, run *publish.Run, m *publish.Manifest, parked []pricing.Parked) error {
	body, err := tables.EncodeParked(m.Period, parked)
	if err != nil {
		return err
	}
	return p.putTable(ctx, run, m, "parked_accounts", "period="+m.Period, len(parked), body)
}

// parkProblems reports what is wrong with the registry's own rows.
func parkProblems(problems []pricing.Problem, since pricing.Date) []pricing.Parked {
	out := make([]pricing.Parked, 0, len(problems))
	for _, problem := range problems {
		out = append(out, pricing.Parked{Account: problem.Account, Reason: problem.Code, Detail: problem.Detail, Since: since})
	}
	return out
}
