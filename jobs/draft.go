package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"daybook/pricing"
	"daybook/sinks/publish"
)

// Draft shows what the invoices of the months would be, by what is known at as_of,
// the month's end unless one is given. It issues nothing: drafts have no number and
// no event, enter nothing in the books and may be made again and again. They are
// rated, settled and written by the closing's own rules.
func (p *Pipeline) Draft(ctx context.Context, months []pricing.Month, o RunOptions) ([]Outcome, error) {
	defer p.forgetRollups()
	var outcomes []Outcome
	for _, m := range months {
		err := untilDecided(func() error {
			done, err := p.draft(ctx, m, o)
			outcomes = append(outcomes, done...)
			return err
		})
		if err != nil {
			return outcomes, fmt.Errorf("draft %s: %w", m, err)
		}
	}
	return outcomes, nil
}

func (p *Pipeline) draft(ctx context.Context, m pricing.Month, o RunOptions) ([]Outcome, error) {
	if m.Before(pricing.MonthOf(p.settings.Start)) {
		return nil, fmt.Errorf("%w %s; name a later month", ErrBeforeStart, p.settings.Start)
	}
	in, err := p.loadInputs(ctx)
	if err != nil {
		return nil, err
	}
	at, usageUntil, err := draftTime(m, o, dayEnd(m.Next().First().AddDays(-1), in.zones()))
	if err != nil {
		return nil, err
	}
	rater, err := in.raters()
	if err != nil {
		return nil, err
	}
	from, to := rater.ClosingWindow(m)
	rollups, outcomes, err := p.newFreshRollups(in, o).of(ctx, Span{from, to}.until(usageUntil))
	if err != nil {
		return outcomes, err
	}
	d, err := p.newDraftRun(ctx, in, rater, m, rollups)
	if err != nil {
		return outcomes, err
	}
	out, err := d.publish(ctx, at, o)
	if out.State != "" {
		outcomes = append(outcomes, out)
	}
	return outcomes, err
}

// draftTime returns a draft's as_of and up to when usage counts in it: a month that
// is not over is billed by the UTC days that are, as a rollup is of whole days.
func draftTime(m pricing.Month, o RunOptions, ended time.Time) (at, usageUntil time.Time, err error) {
	at = o.AsOf.UTC()
	switch {
	case !o.AsOf.IsZero() && at.Before(m.First().UTC()):
		return at, at, fmt.Errorf("%w: --as-of %s is before the month begins", ErrNotDue, at.Format(time.RFC3339))
	case !o.AsOf.IsZero() && at.Before(ended):
		return at, pricing.DateOf(at).UTC(), nil
	case !o.AsOf.IsZero():
		return at, ended, nil
	case o.Now.Before(ended):
		return at, at, fmt.Errorf("%w: it ends at %s in the last time zone in use; say by --as-of at which instant its draft is to be made", ErrNotDue, ended.Format(time.RFC3339))
	}
	return ended, ended, nil
}

// draftRun is the making of one month's drafts.
type draftRun struct {
	p       *Pipeline
	in      *inputs
	rater   *pricing.Raters
	month   pricing.Month
	rollups rollupSet
	before  *publish.Manifest // the closing before; nil: none yet, and nothing is carried over
}

func (p *Pipeline) newDraftRun(ctx context.Context, in *inputs, rater *pricing.Raters, m pricing.Month, rollups rollupSet) (*draftRun, error) {
	d := &draftRun{p: p, in: in, rater: rater, month: m, rollups: rollups}
	if m == pricing.MonthOf(p.settings.Start) {
		return d, nil
	}
	history, err := p.publisher.Decided(ctx, string(JobMonthly), m.Previous().String())
	d.before = history.Published
	return d, err
}

// identity pins what a draft is a function of.
func (d *draftRun) identity(at time.Time) (publish.Identity, error) {
	issuer, err := json.Marshal(d.p.settings.Issuer)
	if err != nil {
		return publish.Identity{}, fmt.Errorf("describe issuer: %w", err)
	}
	id := publish.Identity{
		Job: string(JobDraft), Period: d.month.String(), AsOf: at, Inputs: slices.Concat(d.in.rated(), d.rollups.inputs()),
		Parameters: map[string]string{parameterIssuer: string(issuer), parameterPredecessor: ""},
	}
	if d.before != nil {
		sum, err := publish.ManifestDigest(*d.before)
		if err != nil {
			return id, err
		}
		id.Parameters[parameterPredecessor] = fmt.Sprintf("%s r%06d %s", d.before.Period, d.before.Revision, sum)
	}
	return id, nil
}

// publish makes the drafts as the month's next revision, unless they stand.
func (d *draftRun) publish(ctx context.Context, at time.Time, o RunOptions) (Outcome, error) {
	p := d.p
	id, err := d.identity(at)
	out := Outcome{Job: id.Job, Period: id.Period, AsOf: at}
	if err != nil {
		return out, err
	}
	history, err := p.publisher.Decided(ctx, id.Job, id.Period)
	if err != nil {
		return out, err
	}
	if current(history, id, o) {
		out.State, out.Revision, out.Totals = StateAlready, history.Published.Revision, history.Published.Totals
		return out, p.catchUp(ctx, *history.Published)
	}
	if err := errors.Join(p.probe(ctx), p.keep(ctx, d.in)); err != nil {
		return out, err
	}
	run, err := p.begin(ctx, history, id)
	if err != nil {
		return out, err
	}
	out.AsOf = run.Plan.Identity.AsOf
	drafted, m, err := d.compute(ctx, run)
	if err != nil {
		return out, err
	}
	rated := drafted.meters.Rated()
	out.Rated, out.Parked, out.Invoices, out.Totals = &rated, drafted.parked, drafted.invoices, m.Totals
	return out, p.commit(ctx, run, m, &out)
}

// compute makes the drafts that the run's plan pins, and stores their objects.
func (d *draftRun) compute(ctx context.Context, run *publish.Run) (*drafted, publish.Manifest, error) {
	id := run.Plan.Identity
	out, err := d.rate(ctx, id.AsOf)
	if err != nil {
		return nil, publish.Manifest{}, err
	}
	m := publish.Manifest{Job: id.Job, Period: id.Period, Inputs: id.Inputs, Totals: pricing.ClosingTotals(out.invoices)}
	return out, m, d.put(ctx, run, &m, out)
}
