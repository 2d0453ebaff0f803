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

// Draft shows what the closings of months would issue, by what is known at as_of,
// the closing's due instant unless one is given. It issues nothing: drafts have no
// number and no event, enter nothing in the books and may be made again and again.
// All else is the closing's own work: corrections of the closings before, held
// anchors, credits and balances, from where the last closing before left the
// chain. Trees of which nothing changed are not rated again (treeRatings).
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
	seen, err := p.lookDraft(ctx, m)
	if err != nil {
		return nil, err
	}
	if marked, err := p.markedDraft(ctx, m, seen, o); err != nil || marked != nil {
		return marked, err
	}
	in, err := p.loadInputs(ctx)
	if err != nil {
		return nil, err
	}
	at, err := p.draftTime(m, o, in.zones())
	if err != nil {
		return nil, err
	}
	closed, err := p.lastClosed(ctx, m)
	if err != nil {
		return nil, err
	}
	w, err := p.beginWork(ctx, in, m, closed.Published, nil)
	if err != nil {
		return nil, err
	}
	w.asDraft(at)
	o.AllowIncomplete = true // what a closing would wait for holds back no draft
	fresh := p.newFreshRollups(in, o)
	var outcomes, computed []Outcome
	if w.rollups, outcomes, err = fresh.of(ctx, w.span); err != nil {
		return outcomes, err
	}
	w.looks, computed, err = p.lookBack(ctx, w, fresh)
	outcomes = append(outcomes, computed...)
	if err != nil {
		return outcomes, err
	}
	out, err := p.publishDraft(ctx, w, at, o)
	if out.State != "" {
		outcomes = append(outcomes, out)
	}
	if err != nil {
		return outcomes, err
	}
	return outcomes, p.markDraft(ctx, w, fresh, out, at, seen)
}

// draftTime returns a draft's as_of.
func (p *Pipeline) draftTime(m pricing.Month, o RunOptions, zones []*time.Location) (time.Time, error) {
	at, ended := o.AsOf.UTC(), monthEnd(m, zones)
	switch {
	case !o.AsOf.IsZero() && at.Before(m.First().UTC()):
		return at, fmt.Errorf("%w: --as-of %s is before the month begins", ErrNotDue, at.Format(time.RFC3339))
	case !o.AsOf.IsZero():
		return at, nil
	case o.Now.Before(ended):
		return at, fmt.Errorf("%w: it ends at %s in the last time zone in use; say by --as-of at which instant its draft is to be made", ErrNotDue, ended.Format(time.RFC3339))
	}
	return p.dueClosing(m, zones), nil
}

// asDraft makes the work a draft's of an instant: a month that is not over is billed
// by the UTC days that are, as a rollup is of whole days.
func (w *closingWork) asDraft(at time.Time) {
	w.draft, w.ratings = true, newTreeRatings()
	if ended := monthEnd(w.month, w.in.zones()); at.Before(ended) {
		w.span = w.span.until(pricing.DateOf(at).UTC())
	}
}

// lastClosed returns the history of the last closing of a month before m; zero:
// there is none.
func (p *Pipeline) lastClosed(ctx context.Context, m pricing.Month) (publish.History, error) {
	begun, err := p.publisher.Periods(ctx, string(JobMonthly))
	if err != nil {
		return publish.History{}, err
	}
	for _, period := range slices.Backward(begun) {
		if period >= m.String() {
			continue
		}
		history, err := p.publisher.Decided(ctx, string(JobMonthly), period)
		if err != nil || history.Published != nil {
			return history, err
		}
	}
	return publish.History{}, nil
}

// draftIdentity pins what a draft is a function of.
func (p *Pipeline) draftIdentity(w *closingWork, at time.Time) (publish.Identity, error) {
	issuer, err := json.Marshal(p.settings.Issuer)
	if err != nil {
		return publish.Identity{}, fmt.Errorf("describe issuer: %w", err)
	}
	corrections, err := p.settings.Corrections.parameter()
	if err != nil {
		return publish.Identity{}, err
	}
	id := publish.Identity{
		Job: string(JobDraft), Period: w.month.String(), AsOf: at, Inputs: w.inputs(),
		Parameters: map[string]string{parameterIssuer: string(issuer), parameterPredecessor: "", parameterCorrections: corrections},
	}
	if w.before != nil {
		link, err := linkTo(w.before)
		if err != nil {
			return id, err
		}
		id.Parameters[parameterPredecessor] = link.predecessor
	}
	return id, nil
}

// publishDraft makes the drafts as the month's next revision, unless they stand.
func (p *Pipeline) publishDraft(ctx context.Context, w *closingWork, at time.Time, o RunOptions) (Outcome, error) {
	id, err := p.draftIdentity(w, at)
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
		if stands := standing(history); stands == history.Last {
			out.stands = stands
		}
		return out, p.catchUp(ctx, *history.Published)
	}
	if err := errors.Join(p.probe(ctx), p.keep(ctx, w.in)); err != nil {
		return out, err
	}
	run, err := p.begin(ctx, history, id)
	if err != nil {
		return out, err
	}
	out.AsOf = run.Plan.Identity.AsOf
	if !o.Recompute {
		if err := p.standingRatings(ctx, standing(history), w.ratings); err != nil {
			return out, err
		}
	}
	c, m, err := p.computeDraft(ctx, w, run)
	if err != nil {
		return out, err
	}
	rated := c.rated.Rated()
	out.Rated, out.Parked, out.Invoices, out.Totals, out.Trees = &rated, c.parked, c.invoices, m.Totals, &w.ratings.count
	out.Corrections, out.Vanished = w.correctionRows(), w.vanished()
	_, err = w.checkLimits(p.settings.Corrections.Limits, "")
	if stopped := new(CorrectionsError); errors.As(err, &stopped) {
		out.Digest = stopped.Digest // what the closing will ask for
	} else if err != nil {
		return out, err
	}
	return out, p.commit(ctx, run, m, &out)
}

// computeDraft makes the drafts that the run's plan pins, and stores their objects:
// documents, the reconciliation, and the trees' results for the next draft.
func (p *Pipeline) computeDraft(ctx context.Context, w *closingWork, run *publish.Run) (*closingOf, publish.Manifest, error) {
	id := run.Plan.Identity
	m := publish.Manifest{Job: id.Job, Period: id.Period, Inputs: id.Inputs}
	if err := w.take(id); err != nil {
		return nil, m, err
	}
	c, err := p.rateClosing(ctx, w)
	if err != nil {
		return nil, m, err
	}
	m.Totals = pricing.ClosingTotals(c.invoices)
	if err := p.putDraftDocuments(ctx, run, &m, w, c); err != nil {
		return nil, m, err
	}
	if err := w.ratings.put(ctx, run, &m); err != nil {
		return nil, m, err
	}
	return c, m, p.putReconciliation(ctx, run, &m, closingReconciliation(w, c, nil))
}
