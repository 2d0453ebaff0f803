package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

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
	history, err := p.publisher.Decided(ctx, string(JobMonthly), m.String())
	if err != nil {
		return nil, err
	}
	if history.Published != nil {
		out, err := p.issued(ctx, history.Published)
		if err == nil {
			err = p.catchUp(ctx, *history.Published)
		}
		return []Outcome{out}, err
	}
	in, err := p.loadInputs(ctx)
	if err != nil {
		return nil, err
	}
	ended := dayEnd(m.Next().First().AddDays(-1), in.zones())
	at, err := asOf(o, ended, p.dueClosing(m, in.zones()))
	if err != nil {
		return nil, err
	}
	chain, err := p.predecessor(ctx, m)
	if err != nil {
		return nil, err
	}
	rater, err := in.raters()
	if err != nil {
		return nil, err
	}
	from, to := rater.ClosingWindow(m)
	rollups, lacks, outcomes, err := p.completeRollups(ctx, in, m, Span{from, to}.until(ended), ended, o)
	if err != nil {
		return outcomes, err
	}
	id, err := p.closingIdentity(m, chain, lacks, o)
	if err != nil {
		return outcomes, err
	}
	id.AsOf, id.Inputs = at, slices.Concat(in.files(), rollups.inputs())
	out, err := p.close(ctx, in, m, history, id, rollups, chain.before)
	if out.State != "" {
		outcomes = append(outcomes, out)
	}
	return outcomes, err
}

// issued describes a closing that already stands.
func (p *Pipeline) issued(ctx context.Context, m *publish.Manifest) (Outcome, error) {
	out := Outcome{Job: m.Job, Period: m.Period, State: StateAlready, Revision: m.Revision, AsOf: m.AsOf, Totals: m.Totals}
	var err error
	out.Invoices, err = p.readInvoices(ctx, m)
	return out, err
}

// Parameters of a closing's identity.
const (
	parameterIssuer      = "issuer"
	parameterPredecessor = "predecessor"
	parameterNext        = "next invoice number"
	parameterNotify      = "notify"
	parameterIncomplete  = "allow incomplete"
	parameterMissing     = "missing"
)

// closingIdentity pins what a closing takes from the chain and the
// configuration.
func (p *Pipeline) closingIdentity(m pricing.Month, chain chainLink, lacks []Missing, o RunOptions) (publish.Identity, error) {
	issuer, err := json.Marshal(p.settings.Issuer)
	if err != nil {
		return publish.Identity{}, fmt.Errorf("describe issuer: %w", err)
	}
	id := publish.Identity{
		Job: string(JobMonthly), Period: m.String(),
		Parameters: map[string]string{
			parameterIssuer:      string(issuer),
			parameterPredecessor: chain.predecessor,
			parameterNext:        strconv.FormatInt(chain.next, 10),
			parameterNotify:      strconv.FormatBool(!o.NoNotify),
			parameterIncomplete:  strconv.FormatBool(len(lacks) > 0),
		},
	}
	if len(lacks) > 0 {
		text, err := json.Marshal(lacks)
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

func (p *Pipeline) close(ctx context.Context, in *inputs, m pricing.Month, history publish.History, id publish.Identity, rollups rollupSet, before *publish.Manifest) (Outcome, error) {
	out := Outcome{Job: id.Job, Period: id.Period}
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
	opening, err := p.opening(ctx, before)
	if err != nil {
		return out, err
	}
	c, manifest, err := p.closed(ctx, in, m, run, rollups, opening)
	if err != nil {
		return out, err
	}
	rated := c.rated.Rated()
	if out.Missing, err = lacksOf(run.Plan.Identity); err != nil {
		return out, err
	}
	out.Rated, out.Parked, out.Invoices, out.Totals = &rated, c.parked, c.invoices, manifest.Totals
	return out, p.commit(ctx, run, manifest, &out)
}

// closed computes what run has pinned and puts its objects.
func (p *Pipeline) closed(ctx context.Context, in *inputs, m pricing.Month, run *publish.Run, rollups rollupSet, opening pricing.Opening) (*closingOf, publish.Manifest, error) {
	c, err := p.rateClosing(ctx, in, m, run, rollups, opening, nil)
	if err != nil {
		return nil, publish.Manifest{}, err
	}
	manifest, err := p.closingObjects(ctx, in, m, run, c)
	if err != nil {
		return nil, manifest, err
	}
	missing, err := lacksOf(run.Plan.Identity)
	if err != nil {
		return nil, manifest, err
	}
	err = p.putReconciliation(ctx, run, &manifest, ratingReconciliation{
		Rated: c.rated.Rated(), Meters: ratedMeters(c.rated), Prices: chargedPrices(c.invoices), Parked: len(c.parked),
		Quarantined: rollups.quarantined, Missing: missing,
	})
	return c, manifest, err
}
