package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"daybook/sinks/publish"
)

// runTries bounds how often one run starts again because another runner decided
// its revision meanwhile. Each time somebody has made progress.
const runTries = 8

// untilDecided runs attempt until nobody else decides the period under it. Each
// attempt reads the history anew, and so finds what the other runner left: a
// result to adopt, or the next revision.
func untilDecided(attempt func() error) error {
	var err error
	for range runTries {
		if err = attempt(); !contended(err) {
			return err
		}
	}
	return err
}

// contended reports whether err says that another runner was faster.
func contended(err error) bool {
	return errors.Is(err, publish.ErrMovedOn) || errors.Is(err, publish.ErrAbandoned) || errors.Is(err, publish.ErrSealed)
}

// begin pins what the next revision computes. A plan that another runner made is
// adopted, its as_of included, while everything that it pinned is what stands
// now (docs/commit-protocol.md, A run, step 3). Otherwise its inputs have changed
// under it and it is abandoned: a dead run's plan must neither leave out usage
// that came since nor hold a period to a book that has been mended since. The
// error is then [publish.ErrAbandoned], for [untilDecided].
func (p *Pipeline) begin(ctx context.Context, h publish.History, id publish.Identity) (*publish.Run, error) {
	run, err := p.publisher.BeginAfter(ctx, h, id, nil)
	if err != nil {
		return nil, err
	}
	id.AsOf = run.Plan.Identity.AsOf
	return run, giveUpUnless(ctx, run, run.Plan.Identity.Digest() == id.Digest())
}

// beginRollup is begin for a rollup. Its as_of cuts its usage, so that a plan of
// another as_of is one of other inputs.
func (p *Pipeline) beginRollup(ctx context.Context, h publish.History, id publish.Identity, pins []publish.Pin) (*publish.Run, error) {
	run, err := p.publisher.BeginAfter(ctx, h, id, pins)
	if err != nil {
		return nil, err
	}
	return run, giveUpUnless(ctx, run, run.Plan.Identity.Digest() == id.Digest() && run.Plan.Matches(pins))
}

func giveUpUnless(ctx context.Context, run *publish.Run, stands bool) error {
	if stands {
		return nil
	}
	if err := run.Abandon(ctx, "inputs changed"); err != nil {
		return err
	}
	return publish.ErrAbandoned
}

// standing returns the manifest of the last revision that says what the period
// is: published, or found unchanged. Abandoned revisions say nothing. It is nil
// where nothing has been published.
func standing(h publish.History) *publish.Manifest {
	if h.Published != nil && h.Last.Verdict == publish.Unchanged {
		return h.Last
	}
	return h.Published
}

// commit finishes a run: the manifest, then the current view.
func (p *Pipeline) commit(ctx context.Context, run *publish.Run, m publish.Manifest, o *Outcome) error {
	final, adopted, err := run.Commit(ctx, m)
	if err != nil {
		return fmt.Errorf("commit %s %s: %w", m.Job, m.Period, err)
	}
	if err := p.publisher.Sign(ctx, final); err != nil {
		return err
	}
	o.Revision = final.Revision
	view := p.advance
	switch {
	case final.Verdict == publish.Unchanged:
		o.State, view = StateUnchanged, p.mendPublished
	case adopted:
		o.State = StateAdopted
	default:
		o.State = StatePublished
	}
	if err := view(ctx, final); err != nil {
		return err
	}
	// Only now: whoever rates what stands passes its view by, and a mark would keep
	// the next run from completing it.
	o.stands = &final
	return nil
}

// failures collects what went wrong in a run of many periods, each cause once:
// one broken file may hold back a whole month of days.
type failures struct {
	said []string
	errs []error
}

func (f *failures) add(what string, err error) {
	if err == nil || slices.Contains(f.said, err.Error()) {
		return
	}
	f.said = append(f.said, err.Error())
	f.errs = append(f.errs, fmt.Errorf("%s: %w", what, err))
}

func (f *failures) err() error { return errors.Join(f.errs...) }
