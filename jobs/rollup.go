package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"daybook/pricing"
	"daybook/sinks/publish"
	"daybook/sources/blob"
)

// rollupWork is one UTC day that has to be computed.
type rollupWork struct {
	day     pricing.Date
	run     *publish.Run
	in      *inputs
	files   []usageFile // to be read
	outcome *Outcome
}

// daysAtOnce bounds the days that are planned before they are read, in one pass.
const daysAtOnce = 31

// Rollup brings the rollups of the UTC days up to date: days whose files,
// meters and attribution are what the last revision took are left alone, the
// others are read in as few passes as can be. The outcomes, in the order of the
// days, are those of the days that are up to date now; the error is about the
// others.
func (p *Pipeline) Rollup(ctx context.Context, days []pricing.Date, o RunOptions) ([]Outcome, error) {
	for _, d := range days {
		if !o.Now.IsZero() && o.Now.Before(d.UTC()) {
			return nil, fmt.Errorf("rollup %s: %w: the day has not begun", d, ErrNotDue)
		}
	}
	list := p.newListing()
	if done, err := p.rollupsMarked(ctx, list, days, o); done != nil || err != nil {
		return done, err
	}
	in, err := p.loadInputs(ctx)
	if err != nil {
		return nil, err
	}
	return p.rollup(ctx, in, list, days, o)
}

// rollupsMarked returns the outcomes of days that are all up to date by their
// marks, else nil: from four listings, and the manifest where there is one day to
// tell about.
func (p *Pipeline) rollupsMarked(ctx context.Context, list *listing, days []pricing.Date, o RunOptions) ([]Outcome, error) {
	if !o.markable() || o.Recompute || len(days) == 0 {
		return nil, nil
	}
	tokens, _, err := p.listTokens(ctx)
	if err != nil {
		return nil, err
	}
	marked, decisions, err := p.markedRollups(ctx, tokens, list, days)
	if err != nil || len(marked) < len(days) {
		return nil, err
	}
	out := make([]Outcome, len(days))
	for i, d := range days {
		out[i] = Outcome{Job: string(JobRollup), Period: d.String(), State: StateAlready, Revision: marked[d].Published}
	}
	if len(days) == 1 {
		return out, p.markedRollup(ctx, decisions[days[0].String()], &out[0])
	}
	return out, nil
}

// markedRollup fills in the outcome of a day that is up to date by its mark.
func (p *Pipeline) markedRollup(ctx context.Context, d publish.Decision, out *Outcome) error {
	m, err := p.publisher.Standing(ctx, out.Job, out.Period, d)
	if err != nil {
		return err
	}
	out.AsOf, out.stands = m.AsOf, &m
	return describeRollup(&m, out)
}

func (p *Pipeline) rollup(ctx context.Context, in *inputs, list *listing, days []pricing.Date, o RunOptions) ([]Outcome, error) {
	if err := list.checkQuarantine(ctx, days, o.Quarantine); err != nil {
		return nil, err
	}
	marked, decisions, err := p.markedRollups(ctx, in.tokens, list, days)
	if err != nil {
		return nil, err
	}
	if o.Recompute || !o.markable() {
		marked = nil
	}
	r := &rollupRun{p: p, in: in, list: list, view: &currentTables{p: p}, marked: marked, decisions: decisions, o: o}
	var outcomes []Outcome
	var failed failures
	for chunk := range slices.Chunk(days, daysAtOnce) {
		done, err := r.days(ctx, chunk)
		outcomes = append(outcomes, done...)
		failed.add("rollup", err)
		if stopsRun(err) {
			break
		}
	}
	return outcomes, failed.err()
}

// rollupRun is one call of rollup.
type rollupRun struct {
	p         *Pipeline
	in        *inputs
	list      *listing
	view      *currentTables
	marked    map[pricing.Date]publish.Mark
	decisions map[string]publish.Decision // as they stood before
	o         RunOptions
}

// days plans a few days and computes those that need it together.
func (r *rollupRun) days(ctx context.Context, days []pricing.Date) ([]Outcome, error) {
	outcomes := make([]Outcome, len(days))
	var works []*rollupWork
	var failed failures
	for i, day := range days {
		outcomes[i] = Outcome{Job: string(JobRollup), Period: day.String()}
		w, err := r.plan(ctx, day, &outcomes[i])
		if err != nil {
			outcomes[i].files = "" // no mark, as in commit
		}
		failed.add(day.String(), err)
		if stopsRun(err) {
			break
		}
		if w != nil {
			works = append(works, w)
		}
	}
	if len(works) > 0 {
		failed.add(works[0].day.String(), r.p.runRollups(ctx, works, r.o))
	}
	for i := range outcomes {
		r.mark(ctx, &outcomes[i])
	}
	undecided := func(out Outcome) bool { return out.State == "" }
	return slices.DeleteFunc(outcomes, undecided), failed.err()
}

// plan decides whether a day needs computing: not where its mark says so.
func (r *rollupRun) plan(ctx context.Context, day pricing.Date, out *Outcome) (*rollupWork, error) {
	m, ok := r.marked[day]
	if !ok {
		return r.p.planRollup(ctx, r.list, r.view, r.in, day, r.o, out)
	}
	files, err := r.list.token(ctx, day)
	if err != nil {
		return nil, err
	}
	out.State, out.Revision, out.files = StateAlready, m.Published, files
	return nil, r.p.markedRollup(ctx, r.decisions[day.String()], out)
}

// mark marks a day that is up to date now.
func (r *rollupRun) mark(ctx context.Context, out *Outcome) {
	if out.stands != nil && out.files != "" && r.o.markable() {
		r.p.mark(ctx, out.stands, r.p.rollupToken(r.in.tokens, out.files), r.decisions[out.Period])
	}
}

// stopsRun reports whether err is about the store or the run and not about one
// period, so that trying the others is pointless.
func stopsRun(err error) bool {
	for _, cause := range []error{
		context.Canceled, context.DeadlineExceeded, blob.ErrDenied, blob.ErrNoBucket, blob.ErrTransient, blob.ErrFull, blob.ErrUnsafe,
	} {
		if errors.Is(err, cause) {
			return true
		}
	}
	return false
}
