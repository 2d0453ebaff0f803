package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"daybook/pricing"
	"daybook/sinks/publish"
)

// closingWork is all that one revision of a closing is computed from: by its own
// run, or by whoever explains it from its plan.
type closingWork struct {
	in      *inputs
	rater   *pricing.Raters
	month   pricing.Month
	start   pricing.Month     // of the chain
	first   pricing.Month     // that is compared: a closing behind it was let go of
	before  *publish.Manifest // the closing before; nil for the first
	stands  *publish.Manifest // the revision that a supplement adds to; nil of a closing
	lacks   []Missing         // usage that the month is closed without
	span    Span              // of UTC days, whose rollups the month is closed by
	rollups rollupSet         // of the month; none of a supplement, which looks at its own month
	looks   []look            // months to be corrected, oldest first

	since      *issuedSince // what the chain says of them
	chained    chainState
	requests   requests
	rows       map[string]map[string]string // rows of registries that were read
	digests    *termDigests
	draft      bool                                     // nothing is issued
	ratings    *treeRatings                             // of drafts: what of their trees is known, and will be
	parkedOnly bool                                     // looks only for accounts that were parked and have been mended
	dropped    []string                                 // closings behind closed_after of which something was charged since
	unbilled   map[string]bool                          // accounts that a month compared so far has parked and nobody has billed since
	compared   []*comparison                            // of looks, once they are compared
	tracer     func(pricing.Month, pricing.Explanation) // may be nil; called from several goroutines
	told       *toldMonth                               // of the month, where events are made of it

	asOf   time.Time
	issuer Issuer
	notes  bool             // corrections are notes
	next   map[string]int64 // the next number of each series
}

// newClosingWork takes up the chain where it stands: at the revision that is
// supplemented, else at the closing before.
func (p *Pipeline) newClosingWork(ctx context.Context, in *inputs, m pricing.Month, before, stands *publish.Manifest, corrections CorrectionSettings, asked []publish.PlacedRequest) (*closingWork, error) {
	w := &closingWork{
		in: in, month: m, start: pricing.MonthOf(p.settings.Start), before: before, stands: stands, digests: newTermDigests(), rows: map[string]map[string]string{}, unbilled: map[string]bool{},
	}
	from := before
	if stands != nil {
		from = stands
	}
	var err error
	if w.since, err = p.issuedSince(ctx, from); err != nil {
		return nil, err
	}
	if w.chained, err = p.chainState(ctx, from); err != nil {
		return nil, err
	}
	if w.requests, err = newRequests(asked); err != nil {
		return nil, err
	}
	if w.first = corrections.earliest(w.start, m); w.first.Before(w.since.first) {
		w.first = w.since.first
	}
	if w.start.Before(w.first) {
		w.since.first = w.first
	}
	w.dropped = w.since.forget(w.first)
	w.in, w.chained.anchors = in.holding(w.chained)
	if w.rater, err = w.in.raters(); err != nil {
		return nil, err
	}
	w.span = closingSpan(w.rater, m, in)
	return w, nil
}

// beginWork is newClosingWork by today's settings and requests.
func (p *Pipeline) beginWork(ctx context.Context, in *inputs, m pricing.Month, before, stands *publish.Manifest) (*closingWork, error) {
	asked, err := p.publisher.Requests(ctx, string(JobMonthly))
	if err != nil {
		return nil, err
	}
	return p.newClosingWork(ctx, in, m, before, stands, p.settings.Corrections, asked)
}

// tracerOf is the tracer of what is rated for a month.
func (w *closingWork) tracerOf(m pricing.Month) pricing.Tracer {
	if w.tracer == nil {
		return nil
	}
	return func(e pricing.Explanation) { w.tracer(m, e) }
}

// take reads what a plan decides.
func (w *closingWork) take(id publish.Identity) error {
	w.asOf = id.AsOf
	parameters := id.Parameters
	if err := json.Unmarshal([]byte(parameters[parameterIssuer]), &w.issuer); err != nil {
		return fmt.Errorf("read the plan's issuer: %w", err)
	}
	w.next = map[string]int64{}
	numbered := map[string]string{seriesInvoice: parameterNext, seriesNote: parameterNextNote}
	if w.draft {
		numbered = nil
	}
	for name, parameter := range numbered {
		n, err := strconv.ParseInt(parameters[parameter], 10, 64)
		if err != nil {
			return fmt.Errorf("read the plan's next number of series %s: %w", name, err)
		}
		w.next[name] = n
	}
	settings, err := parseCorrections(parameters[parameterCorrections])
	w.notes = settings.Notes
	return err
}

// closingOf is how a month of the chain is closed.
func (w *closingWork) closingOf(m pricing.Month, asOf time.Time) pricing.Closing {
	return pricing.Closing{
		Month: m, AsOf: asOf, First: m == w.start, Since: w.start, TermsDays: w.issuer.TermsDays, Issuer: w.issuer.Name, Draft: w.draft, Unbilled: maps.Clone(w.unbilled),
		Void: w.requests.voids,
	}
}

// inputs names every rollup and request that the work takes, each once.
func (w *closingWork) inputs() []publish.Input {
	all := w.rollups.inputs()
	for _, l := range w.looks {
		all = append(all, l.rollups.inputs()...)
	}
	var out []publish.Input
	seen := map[string]bool{}
	for _, i := range all {
		if !seen[i.Key] {
			seen[i.Key] = true
			out = append(out, i)
		}
	}
	return slices.Concat(w.in.rated(), out, w.requests.inputs)
}

// quarantined lists the usage files that its days were published without.
func (w *closingWork) quarantined() []string {
	out := slices.Clone(w.rollups.quarantined)
	for _, l := range w.looks {
		out = append(out, l.rollups.quarantined...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// compareAll looks at the months that may be corrected.
func (p *Pipeline) compareAll(ctx context.Context, w *closingWork) error {
	w.compared = make([]*comparison, len(w.looks))
	for i := range w.looks {
		var err error
		if w.compared[i], err = p.compare(ctx, w, &w.looks[i]); err != nil {
			return fmt.Errorf("look at closing %s: %w", w.looks[i].month, err)
		}
	}
	return nil
}

// owesBefore reports whether a month before has yet to be billed to an account of a
// tree: what it is given back depends on it, so the tree is rated again.
func (w *closingWork) owesBefore(t pricing.Tree) bool {
	return slices.ContainsFunc(t.Accounts, func(account string) bool { return w.unbilled[account] })
}

// corrections returns what is to be billed of what the comparisons found.
func (w *closingWork) corrections() []pricing.Correction {
	var out []pricing.Correction
	for _, c := range w.compared {
		out = append(out, c.corrections...)
	}
	return out
}
