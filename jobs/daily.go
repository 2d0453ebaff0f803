package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

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
	fresh := p.newFreshRollups(in, o)
	due, notDue := p.dueDays(in, rater, days, o)
	outcomes, err := fresh.prepare(ctx, due)
	if err != nil {
		return outcomes, fmt.Errorf("daily: %w", err)
	}
	for _, d := range due {
		done, err := p.dailyOn(ctx, in, rater, fresh, d, o)
		outcomes = append(outcomes, done...)
		if err != nil {
			return outcomes, fmt.Errorf("daily %s: %w", d.day, err)
		}
	}
	return outcomes, notDue
}

// dueDay is a local day that may be rated.
type dueDay struct {
	day    pricing.Date
	asOf   time.Time
	ended  time.Time // in the last zone in use
	window Span      // UTC days whose rollups it needs
}

// dueDays returns the days up to the first that is not due, and its error.
func (p *Pipeline) dueDays(in *inputs, rater *pricing.Rater, days []pricing.Date, o RunOptions) ([]dueDay, error) {
	var out []dueDay
	zones := in.zones()
	for _, day := range days {
		if day < p.settings.Start {
			return out, fmt.Errorf("daily %s: the configuration starts at %s", day, p.settings.Start)
		}
		at, err := asOf(o, string(JobDaily), day.String(), day.UTC(), p.dueDaily(day, zones))
		if err != nil {
			return out, err
		}
		from, to := rater.Window(day)
		out = append(out, dueDay{day, at, dayEnd(day, zones), Span{from, to}})
	}
	return out, nil
}

// dailyOn rates one day, after bringing its rollups up to date.
func (p *Pipeline) dailyOn(ctx context.Context, in *inputs, rater *pricing.Rater, fresh *freshRollups, d dueDay, o RunOptions) ([]Outcome, error) {
	rollups, outcomes, err := fresh.of(ctx, d.window, d.asOf, d.ended)
	if err != nil {
		return outcomes, err
	}
	id := publish.Identity{
		Job: string(JobDaily), Period: d.day.String(), AsOf: d.asOf, Inputs: slices.Concat(in.bookFiles, in.registryFiles, rollups.inputs()),
	}
	var out Outcome
	err = untilDecided(func() error {
		var err error
		out, err = p.daily(ctx, in, rater, d.day, id, rollups, o)
		return err
	})
	if err != nil {
		return outcomes, err
	}
	return append(outcomes, out), nil
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
