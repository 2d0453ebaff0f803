package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"daybook/pricing"
	"daybook/sinks/publish"
)

// Monthly closes the months, oldest first: each bills every period that ended
// in it, once. Closings form one chain from the configured start; a month is
// closed only after the one before it is sealed, which gives invoice numbers
// without gaps. An issued closing is final: running it again does nothing.
func (p *Pipeline) Monthly(ctx context.Context, months []pricing.Month, o RunOptions) ([]Outcome, error) {
	defer p.forgetRollups()
	var outcomes []Outcome
	for _, m := range months {
		err := untilDecided(func() error {
			done, err := p.monthly(ctx, m, o)
			outcomes = append(outcomes, done...)
			return err
		})
		if err != nil {
			return outcomes, fmt.Errorf("monthly %s: %w", m, err)
		}
	}
	return outcomes, nil
}

func (p *Pipeline) monthly(ctx context.Context, m pricing.Month, o RunOptions) ([]Outcome, error) {
	if m.Before(pricing.MonthOf(p.settings.Start)) {
		return nil, fmt.Errorf("%w %s; name a later month", ErrBeforeStart, p.settings.Start)
	}
	look, err := p.publisher.Look(ctx, string(JobMonthly), m.String())
	if err != nil {
		return nil, err
	}
	if marked, err := p.markedClosing(ctx, m, look.Decision, o); err != nil || marked != nil {
		return marked, err
	}
	history, err := p.publisher.Read(ctx, look)
	if err != nil {
		return nil, err
	}
	if history.Published != nil {
		return p.closedAlready(ctx, m, history, look.Decision, o)
	}
	in, err := p.loadInputs(ctx)
	if err != nil {
		return nil, err
	}
	ended := monthEnd(m, in.zones())
	at, err := asOf(o, ended, p.dueClosing(m, in.zones()))
	if err != nil {
		return nil, err
	}
	chain, err := p.predecessor(ctx, m)
	if err != nil {
		return nil, err
	}
	w, err := p.beginWork(ctx, in, m, chain.before, nil)
	if err != nil {
		return nil, err
	}
	fresh := p.newFreshRollups(in, o)
	outcomes, err := p.rollUpClosing(ctx, w, fresh, ended, o)
	if err != nil {
		return outcomes, err
	}
	out, err := p.close(ctx, w, history, chain, at, o)
	if out.State != "" {
		outcomes = append(outcomes, out)
	}
	if err != nil {
		return outcomes, err
	}
	return outcomes, p.markClosing(ctx, w, fresh, out.stands, look.Decision)
}

// rollUpClosing brings the rollups of a closing up to date, and of the closings
// before that it looks at.
func (p *Pipeline) rollUpClosing(ctx context.Context, w *closingWork, fresh *freshRollups, ended time.Time, o RunOptions) ([]Outcome, error) {
	var outcomes []Outcome
	var err error
	if w.rollups, w.lacks, outcomes, err = p.completeRollups(ctx, fresh, w.month, w.span, ended); err != nil {
		return outcomes, err
	}
	looks, computed, err := p.lookBack(ctx, w, fresh)
	w.looks = looks
	return append(outcomes, computed...), err
}

// issued describes a closing that already stands, from its manifest alone: looking
// at a month again costs a few calls however many invoices it has.
func issued(m *publish.Manifest) Outcome {
	return Outcome{Job: m.Job, Period: m.Period, State: StateAlready, Revision: m.Revision, AsOf: m.AsOf, Totals: m.Totals}
}

// Parameters of a closing's identity.
const (
	parameterIssuer      = "issuer"
	parameterPredecessor = "predecessor"
	parameterSupplements = "supplements"
	parameterNext        = "next invoice number"
	parameterNextNote    = "next note number"
	parameterNotify      = "notify"
	parameterIncomplete  = "allow incomplete"
	parameterCorrections = "corrections"
	parameterAccepted    = "accepted corrections"
	parameterMissing     = "missing"
	parameterFormats     = "event formats" // beside our own
)

// closingIdentity pins what a closing takes from the chain and the
// configuration.
func (p *Pipeline) closingIdentity(w *closingWork, chain chainLink, accepted string, o RunOptions) (publish.Identity, error) {
	issuer, err := json.Marshal(p.settings.Issuer)
	if err != nil {
		return publish.Identity{}, fmt.Errorf("describe issuer: %w", err)
	}
	corrections, err := p.settings.Corrections.parameter()
	if err != nil {
		return publish.Identity{}, err
	}
	id := publish.Identity{
		Job: string(JobMonthly), Period: w.month.String(), Inputs: w.inputs(),
		Parameters: map[string]string{
			parameterIssuer:      string(issuer),
			parameterPredecessor: chain.predecessor,
			parameterNext:        strconv.FormatInt(chain.next[seriesInvoice], 10),
			parameterNextNote:    strconv.FormatInt(chain.next[seriesNote], 10),
			parameterNotify:      strconv.FormatBool(!o.NoNotify),
			parameterIncomplete:  strconv.FormatBool(len(w.lacks) > 0),
			parameterCorrections: corrections,
		},
	}
	if chain.supplements != "" {
		id.Parameters[parameterSupplements] = chain.supplements
	}
	if accepted != "" {
		id.Parameters[parameterAccepted] = accepted
	}
	if formats := p.settings.formats(); formats != "" {
		id.Parameters[parameterFormats] = formats
	}
	if len(w.lacks) > 0 {
		text, err := json.Marshal(w.lacks)
		if err != nil {
			return id, fmt.Errorf("describe what is missing: %w", err)
		}
		id.Parameters[parameterMissing] = string(text)
	}
	return id, nil
}

// lacksOf reads what a plan says that its closing was made without.
func lacksOf(id publish.Identity) (lacks []Missing, err error) {
	if text := id.Parameters[parameterMissing]; text != "" {
		err = json.Unmarshal([]byte(text), &lacks)
	}
	return lacks, err
}

// close computes a closing, or a supplement of one, and publishes it. Nothing is
// planned before its corrections are known to pass.
func (p *Pipeline) close(ctx context.Context, w *closingWork, history publish.History, chain chainLink, at time.Time, o RunOptions) (Outcome, error) {
	out := Outcome{Job: string(JobMonthly), Period: w.month.String()}
	w.issuer = p.settings.Issuer
	if err := p.compareAll(ctx, w); err != nil {
		return out, err
	}
	if w.stands != nil && len(w.corrections()) == 0 {
		return out, nil // nothing to supplement
	}
	accepted, err := w.checkLimits(p.settings.Corrections.Limits, o.AcceptCorrections)
	if stopped := new(CorrectionsError); errors.As(err, &stopped) {
		out.State, out.Corrections, out.Digest, out.Vanished = StateStopped, stopped.Rows, stopped.Digest, w.vanished()
	}
	if err != nil {
		return out, err
	}
	id, err := p.closingIdentity(w, chain, accepted, o)
	if err != nil {
		return out, err
	}
	id.AsOf = at
	if err := p.probe(ctx); err != nil {
		return out, err
	}
	if err := p.keep(ctx, w.in); err != nil {
		return out, err
	}
	run, err := p.begin(ctx, history, id)
	if err != nil {
		return out, err
	}
	out.AsOf = run.Plan.Identity.AsOf
	c, manifest, err := p.compute(ctx, w, run)
	if err != nil {
		return out, err
	}
	rated := c.rated.Rated()
	if out.Missing, err = lacksOf(run.Plan.Identity); err != nil {
		return out, err
	}
	out.Rated, out.Parked, out.Invoices, out.Totals = &rated, c.parked, c.invoices, manifest.Totals
	out.Corrections, out.Vanished = w.correctionRows(), w.vanished()
	return out, p.commit(ctx, run, manifest, &out)
}

// compute computes what run has pinned and puts its objects.
func (p *Pipeline) compute(ctx context.Context, w *closingWork, run *publish.Run) (*closingOf, publish.Manifest, error) {
	if err := w.take(run.Plan.Identity); err != nil {
		return nil, publish.Manifest{}, err
	}
	w.tellFor(run.Plan.Identity)
	c, err := p.rateClosing(ctx, w)
	if err != nil {
		return nil, publish.Manifest{}, err
	}
	manifest, err := p.closingObjects(ctx, w, run, c)
	if err != nil {
		return nil, manifest, err
	}
	missing, err := lacksOf(run.Plan.Identity)
	if err != nil {
		return nil, manifest, err
	}
	return c, manifest, p.putReconciliation(ctx, run, &manifest, closingReconciliation(w, c, missing))
}

// closingReconciliation is a closing's account of the usage that it saw.
func closingReconciliation(w *closingWork, c *closingOf, missing []Missing) ratingReconciliation {
	return ratingReconciliation{
		Rated: c.rated.Rated(), Meters: ratedMeters(c.rated), Prices: chargedPrices(slices.Concat(c.issued, c.invoices)), Parked: len(c.parked),
		Quarantined: w.quarantined(), Missing: missing, From: w.span.From.String(), To: w.span.To.String(), Looked: c.looked, Dropped: w.dropped,
	}
}

// vanished lists the registry rows that are gone without a word.
func (w *closingWork) vanished() []Vanished {
	var out []Vanished
	for _, c := range w.compared {
		for _, v := range c.report.Vanished {
			if !slices.Contains(out, v) {
				out = append(out, v)
			}
		}
	}
	return out
}
