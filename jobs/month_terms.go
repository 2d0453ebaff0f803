package jobs

import (
	"context"
	"slices"

	"daybook/pricing"
	"daybook/sinks/publish"
)

// monthTerms are the books and the registry by which the days of a month are rated:
// with the billing anchors that the last closing before holds, so that days are of
// the billing periods that the closing will bill (pricing.HeldAnchor).
type monthTerms struct {
	in    *inputs
	rater *pricing.Raters
	held  string // the closing whose anchors make a difference; "": none does
	open  bool   // anchors matter, and the month before may come to hold others: it is not closed, or may be supplemented
}

// parameterAnchors names that closing in a day's identity.
const parameterAnchors = "anchors held by"

func (t monthTerms) parameters() map[string]string {
	if t.held == "" {
		return nil
	}
	return map[string]string{parameterAnchors: t.held}
}

// termsOf finds the terms of a month's days. The chain is read only where a
// subscription has, or had, an anchor of its own.
func (p *Pipeline) termsOf(ctx context.Context, in *inputs, m pricing.Month) (monthTerms, error) {
	closed, err := p.lastClosed(ctx, m)
	if err != nil {
		return monthTerms{}, err
	}
	before := closed.Published
	anchored := slices.ContainsFunc(in.registry.Subscriptions, func(s pricing.Subscription) bool { return s.Anchor != 0 })
	if before != nil && before.Chain != nil && (anchored || before.Chain.Anchors > 0) {
		link, err := linkTo(before)
		if err != nil {
			return monthTerms{}, err
		}
		out, err := p.heldTerms(ctx, in, before, link.predecessor)
		out.open = before.Period != m.Previous().String() || closed.Last.Verdict != publish.Sealed && p.supplementDue(before)
		return out, err
	}
	out, err := p.heldTerms(ctx, in, nil, "")
	out.open = anchored && before == nil && m != pricing.MonthOf(p.settings.Start)
	return out, err
}

// pinnedTerms are the terms that a day's plan pins.
func (p *Pipeline) pinnedTerms(ctx context.Context, in *inputs, parameters map[string]string) (monthTerms, error) {
	before, err := p.predecessorOf(ctx, parameters[parameterAnchors])
	if err != nil {
		return monthTerms{}, err
	}
	return p.heldTerms(ctx, in, before, parameters[parameterAnchors])
}

func (p *Pipeline) heldTerms(ctx context.Context, in *inputs, before *publish.Manifest, name string) (monthTerms, error) {
	out := monthTerms{in: in}
	if before != nil {
		chain, err := p.chainState(ctx, before)
		if err != nil {
			return out, err
		}
		holding, _ := in.holding(chain)
		for i := range holding.registry.Subscriptions {
			if s := &holding.registry.Subscriptions[i]; s.Anchor != in.registry.Subscriptions[i].Anchor || len(s.AnchorChanges) > 0 {
				out.in, out.held = holding, name
				break
			}
		}
	}
	var err error
	out.rater, err = out.in.raters()
	return out, err
}
