package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"daybook/pricing"
	"daybook/sinks/publish"
	"daybook/sinks/tables"
)

// Daily brings the cost series of the local days up to date, one day at a time:
// a day is a pure function of the rollups of its billing periods, the registry
// and the book, with no state carried from day to day. A usage file that cannot
// be read holds back the days that need it and no others. Days after the first
// that is not due are left alone: [ErrNotDue].
func (p *Pipeline) Daily(ctx context.Context, days []pricing.Date, o RunOptions) ([]Outcome, error) {
	defer p.forgetRollups()
	r := &dailyRun{p: p, o: o}
	if err := r.look(ctx, days); err != nil {
		return nil, fmt.Errorf("daily: %w", err)
	}
	unmarked := slices.DeleteFunc(slices.Clone(days), func(d pricing.Date) bool { _, ok := r.marked[d]; return ok })
	if len(unmarked) == 0 {
		for _, d := range days {
			r.already(d)
		}
		return r.outcomes, nil
	}
	if err := r.load(ctx); err != nil {
		return nil, err
	}
	due, notDue := r.due(ctx, unmarked)
	windows := make([]Span, len(due))
	for i, d := range due {
		windows[i] = d.window
	}
	computed, err := r.fresh.prepare(ctx, windows)
	r.outcomes = append(r.outcomes, computed...)
	if err != nil {
		return r.outcomes, fmt.Errorf("daily: %w", err)
	}
	var failed failures
	for _, d := range days {
		if r.already(d) {
			continue
		}
		if !slices.ContainsFunc(due, func(one dueDay) bool { return one.day == d }) {
			break // it is not due, nor are those after it
		}
		r.p.keepsRollups = d != due[len(due)-1].day
		err := r.day(ctx, d)
		failed.add("daily "+d.String(), err)
		if err != nil && !errors.As(err, new(*rollupsFailed)) {
			break
		}
	}
	if err := failed.err(); err != nil {
		return r.outcomes, err
	}
	return r.outcomes, notDue
}

// dailyRun is one call of Daily.
type dailyRun struct {
	p        *Pipeline
	o        RunOptions
	in       *inputs
	terms    map[pricing.Month]monthTerms // of the months of days that were looked at
	fresh    *freshRollups
	outcomes []Outcome

	marked    map[pricing.Date]publish.Mark // days that are up to date by their marks
	decisions map[string]publish.Decision   // as they stood before
}

// look finds the days that are up to date by their marks.
func (r *dailyRun) look(ctx context.Context, days []pricing.Date) (err error) {
	if len(days) == 0 {
		return nil
	}
	span := spanOf(days)
	if r.decisions, err = r.p.publisher.Decisions(ctx, string(JobDaily), span.From.String(), span.To.String()); err != nil || !r.o.markable() || r.o.Recompute {
		return err
	}
	marks, err := r.p.markedRatings(ctx, JobDaily, "", r.decisions)
	r.marked = map[pricing.Date]publish.Mark{}
	for _, d := range days {
		if m, ok := marks[d.String()]; ok {
			r.marked[d] = m
		}
	}
	return err
}

// already notes the outcome of a day that is up to date by its mark.
func (r *dailyRun) already(d pricing.Date) bool {
	m, ok := r.marked[d]
	if ok {
		r.outcomes = append(r.outcomes, Outcome{Job: string(JobDaily), Period: d.String(), State: StateAlready, Revision: m.Published})
	}
	return ok
}

// mark marks a day that is up to date now.
func (r *dailyRun) mark(ctx context.Context, d dueDay, out Outcome) error {
	if out.stands == nil || !out.AsOf.Equal(d.asOf) || !r.o.markable() || d.terms.open {
		return nil
	}
	return r.p.markRating(ctx, r.in.tokens, d.window, r.fresh, out.stands, r.decisions[out.Period])
}

// load reads book and registry as they stand now.
func (r *dailyRun) load(ctx context.Context) (err error) {
	if r.in, err = r.p.loadInputs(ctx); err != nil {
		return err
	}
	r.terms = map[pricing.Month]monthTerms{}
	r.fresh = r.p.newFreshRollups(r.in, r.o)
	return nil
}

// dueDay is a local day that may be rated.
type dueDay struct {
	day    pricing.Date
	asOf   time.Time
	window Span // UTC days whose rollups it needs
	terms  monthTerms
}

// due returns the days up to the first that is not due, and its error.
func (r *dailyRun) due(ctx context.Context, days []pricing.Date) ([]dueDay, error) {
	var out []dueDay
	for _, day := range days {
		d, err := r.dueDay(ctx, day)
		if err != nil {
			return out, err
		}
		out = append(out, d)
	}
	return out, nil
}

func (r *dailyRun) dueDay(ctx context.Context, day pricing.Date) (dueDay, error) {
	if day < r.p.settings.Start {
		return dueDay{}, fmt.Errorf("daily %s: %w %s; name a later day", day, ErrBeforeStart, r.p.settings.Start)
	}
	zones := r.in.zones()
	ended := dayEnd(day, zones)
	at, err := asOf(r.o, ended, r.p.dueDaily(day, zones))
	if err != nil {
		return dueDay{}, fmt.Errorf("daily %s: %w", day, err)
	}
	month := pricing.MonthOf(day)
	terms, known := r.terms[month]
	if !known {
		if terms, err = r.p.termsOf(ctx, r.in, month); err != nil {
			return dueDay{}, fmt.Errorf("daily %s: %w", day, err)
		}
		r.terms[month] = terms
	}
	from, to := terms.rater.Window(day)
	return dueDay{day, at, Span{from, to}.until(ended), terms}, nil
}

// rollupsFailed says that a day waits for rollups that cannot be made.
type rollupsFailed struct{ error }

func (e *rollupsFailed) Unwrap() error { return e.error }

// day rates one day. When another runner decides it meanwhile, that one may have
// seen other inputs: they are read again.
func (r *dailyRun) day(ctx context.Context, day pricing.Date) error {
	first := true
	return untilDecided(func() error {
		if !first {
			if err := r.load(ctx); err != nil {
				return err
			}
		}
		first = false
		d, err := r.dueDay(ctx, day)
		if err != nil {
			return err
		}
		rollups, computed, err := r.fresh.of(ctx, d.window)
		r.outcomes = append(r.outcomes, computed...)
		if err != nil {
			return &rollupsFailed{err}
		}
		out, err := r.p.daily(ctx, d, rollups, r.o)
		if out.State != "" {
			r.outcomes = append(r.outcomes, out)
		}
		if err != nil {
			return err
		}
		return r.mark(ctx, d, out)
	})
}

// current reports whether the last decided revision has this identity.
func current(h publish.History, id publish.Identity, o RunOptions) bool {
	return !o.Recompute && h.Published != nil && standing(h).Plan == id.Digest()
}

func (p *Pipeline) daily(ctx context.Context, d dueDay, rollups rollupSet, o RunOptions) (Outcome, error) {
	in := d.terms.in
	id := publish.Identity{
		Job: string(JobDaily), Period: d.day.String(), AsOf: d.asOf, Inputs: slices.Concat(in.rated(), rollups.inputs()), Parameters: d.terms.parameters(),
	}
	out := Outcome{Job: id.Job, Period: id.Period, AsOf: id.AsOf}
	history, err := p.publisher.Decided(ctx, id.Job, id.Period)
	if err != nil {
		return out, err
	}
	if current(history, id, o) {
		out.State, out.Revision, out.Totals = StateAlready, history.Published.Revision, history.Published.Totals
		if stands := standing(history); stands == history.Last {
			out.stands = stands
		}
		return out, p.catchUp(ctx, *history.Published)
	}
	if err := p.probe(ctx); err != nil {
		return out, err
	}
	if err := p.keep(ctx, in); err != nil {
		return out, err
	}
	run, err := p.begin(ctx, history, id)
	if err != nil {
		return out, err
	}
	out.AsOf = run.Plan.Identity.AsOf
	stands := standing(history)
	if o.Recompute {
		stands = nil // every tree is rated
	}
	return p.publishDay(ctx, d.terms, d.day, run, rollups, stands, out)
}

// putTable stores one table partition and names it in the manifest.
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
