package jobs

import (
	"context"
	"fmt"
	"slices"

	"daybook/pricing"
	"daybook/sinks/publish"
)

// closedAlready is a run of a month that is closed. While nothing stands on the closing,
// what it could not bill and what is to be noted is billed by a supplement: a
// further revision (docs/commit-protocol.md, Closings). An account that closings
// before could not bill either is billed for them too.
func (p *Pipeline) closedAlready(ctx context.Context, m pricing.Month, history publish.History, seen publish.Decision, o RunOptions) ([]Outcome, error) {
	view := p.catchUp
	if o.Recompute { // a closing is not computed again, but its current view is mended
		view = p.mend
	}
	if err := view(ctx, *history.Published); err != nil {
		return nil, err
	}
	if history.Last.Verdict != publish.Sealed && p.supplementDue(history.Published) {
		outcomes, done, err := p.supplement(ctx, m, history, seen, o)
		if done || err != nil {
			return outcomes, err
		}
	}
	return []Outcome{issued(history.Published)}, nil
}

// supplementDue reports whether there may be anything to supplement: somebody is
// parked, or corrections are notes of their own, which need not wait for the next
// closing.
func (p *Pipeline) supplementDue(m *publish.Manifest) bool {
	parked := slices.ContainsFunc(m.Objects, func(o publish.Object) bool { return o.Table == "parked_accounts" && o.Rows > 0 })
	return parked || p.settings.Corrections.Notes
}

// supplement bills what a closing could not bill, or what is to be noted; done is
// false when that is nothing, and then nothing was written but rollups.
func (p *Pipeline) supplement(ctx context.Context, m pricing.Month, history publish.History, seen publish.Decision, o RunOptions) (outcomes []Outcome, done bool, err error) {
	in, err := p.loadInputs(ctx)
	if err != nil {
		return nil, false, err
	}
	stands := history.Published
	before, err := p.predecessorOf(ctx, stands.Chain.Predecessor)
	if err != nil {
		return nil, false, err
	}
	w, err := p.beginWork(ctx, in, m, before, stands)
	if err != nil {
		return nil, false, err
	}
	w.parkedOnly = !p.settings.Corrections.Notes
	fresh := p.newFreshRollups(in, o)
	if w.looks, outcomes, err = p.lookBack(ctx, w, fresh); err != nil {
		return outcomes, false, err
	}
	own, computed, err := p.lookAt(ctx, w.rater, fresh, m, stands)
	outcomes = append(outcomes, computed...)
	if err != nil {
		return outcomes, false, err
	}
	own.own = true
	w.looks = append(w.looks, own)
	if w.parkedOnly && w.sameInputs() {
		return nil, false, p.markClosing(ctx, w, fresh, history.Last, seen)
	}
	chain, err := linkTo(stands)
	if err != nil {
		return outcomes, false, err
	}
	chain.predecessor, chain.supplements = stands.Chain.Predecessor, chain.predecessor
	at := stands.AsOf
	if !o.AsOf.IsZero() {
		if at = o.AsOf.UTC(); at.Before(stands.AsOf) {
			return outcomes, false, fmt.Errorf("--as-of %s is before the closing, which was issued at %s; name a later instant", o.AsOf.UTC(), stands.AsOf)
		}
	}
	out, err := p.close(ctx, w, history, chain, at, o)
	last := out.stands
	if out.State == "" {
		last = history.Last
	} else {
		outcomes = append(outcomes, out)
	}
	if err == nil {
		err = p.markClosing(ctx, w, fresh, last, seen)
	}
	return outcomes, out.State != "", err
}

// sameInputs reports whether a supplement would be computed from what the closing
// was: then whoever was parked still is.
func (w *closingWork) sameInputs() bool {
	had := map[publish.Input]bool{}
	for _, i := range w.stands.Inputs {
		had[i] = true
	}
	for _, i := range w.inputs() {
		if !had[i] {
			return false
		}
		delete(had, i)
	}
	for i := range had {
		if i.Kind != kindRollup { // those of months before are no matter
			return false
		}
	}
	return true
}
