package jobs

import (
	"context"
	"fmt"

	"daybook/pricing"
	"daybook/sinks/publish"
)

// chainLink is what a closing takes from the one before it.
type chainLink struct {
	predecessor string            // "2026-09 r000001 <manifest digest>"; "" for the first
	supplements string            // of a supplement: the revision that it adds to, in the same words
	next        map[string]int64  // the next number of each series
	before      *publish.Manifest // nil for the first
}

// The series of numbers.
const (
	seriesInvoice = "invoice"
	seriesNote    = "note"
)

// predecessor seals the month before m and returns the link to it; the month
// of the configured start has none.
func (p *Pipeline) predecessor(ctx context.Context, m pricing.Month) (chainLink, error) {
	if m == pricing.MonthOf(p.settings.Start) {
		return chainLink{next: map[string]int64{seriesInvoice: 1, seriesNote: 1}}, p.alone(ctx, m)
	}
	before := m.Previous().String()
	history, err := p.publisher.Decided(ctx, string(JobMonthly), before)
	if err != nil {
		return chainLink{}, err
	}
	if history.Published == nil {
		return chainLink{}, fmt.Errorf("%w: %s has not been closed, and closings go in order; run `daybook backfill monthly --from %s --to %s`",
			ErrIncomplete, before, pricing.MonthOf(p.settings.Start), m)
	}
	if err := p.probe(ctx); err != nil {
		return chainLink{}, err
	}
	if err := p.catchUp(ctx, *history.Published); err != nil {
		return chainLink{}, err
	}
	seal, err := p.publisher.Seal(ctx, string(JobMonthly), before)
	if err != nil {
		return chainLink{}, fmt.Errorf("seal %s: %w", before, err)
	}
	if err := p.publisher.Sign(ctx, seal); err != nil {
		return chainLink{}, err
	}
	if seal.Supersedes != history.Published.Revision { // a supplement came before the seal
		if history, err = p.publisher.Decided(ctx, string(JobMonthly), before); err != nil {
			return chainLink{}, err
		}
		if err := p.catchUp(ctx, *history.Published); err != nil {
			return chainLink{}, err
		}
	}
	return linkTo(history.Published)
}

// linkTo is what a closing, or a supplement, takes from the revision before it.
func linkTo(m *publish.Manifest) (chainLink, error) {
	sum, err := publish.ManifestDigest(*m)
	if err != nil {
		return chainLink{}, err
	}
	if m.Chain == nil || m.Chain.Numbers[seriesInvoice] < 1 {
		return chainLink{}, fmt.Errorf("closing %s r%06d does not say the next invoice number; restore its manifest", m.Period, m.Revision)
	}
	return chainLink{
		predecessor: fmt.Sprintf("%s r%06d %s", m.Period, m.Revision, sum),
		next:        map[string]int64{seriesInvoice: m.Chain.Numbers[seriesInvoice], seriesNote: max(m.Chain.Numbers[seriesNote], 1)},
		before:      m,
	}, nil
}

// predecessorOf reads the closing that a plan names as "2026-09 r000001 <manifest
// digest>"; nil is that of the first.
func (p *Pipeline) predecessorOf(ctx context.Context, predecessor string) (*publish.Manifest, error) {
	if predecessor == "" {
		return nil, nil
	}
	var period, digest string
	var revision int
	if _, err := fmt.Sscanf(predecessor, "%s r%d %s", &period, &revision, &digest); err != nil {
		return nil, fmt.Errorf("read predecessor %q: %w", predecessor, err)
	}
	before, err := p.publisher.ManifestOf(ctx, string(JobMonthly), period, revision)
	if err != nil {
		return nil, err
	}
	if sum, err := publish.ManifestDigest(before); err != nil || sum != digest {
		return nil, fmt.Errorf("%w: closing %s r%06d is not the one that the next was computed from", publish.ErrDamaged, period, revision)
	}
	return &before, nil
}

// alone refuses to begin the chain at m where another month has been closed: the
// start was moved in the configuration, and its numbers would be given twice.
func (p *Pipeline) alone(ctx context.Context, m pricing.Month) error {
	begun, err := p.publisher.Periods(ctx, string(JobMonthly))
	if err != nil {
		return err
	}
	for _, period := range begun {
		if period == m.String() {
			continue
		}
		history, err := p.publisher.Decided(ctx, string(JobMonthly), period)
		if err != nil {
			return err
		}
		if history.Published == nil {
			continue
		}
		own, err := p.publisher.Decided(ctx, string(JobMonthly), m.String())
		switch {
		case err != nil:
			return err
		case own.Published != nil:
			return publish.ErrMovedOn // another runner has closed both since
		default:
			return fmt.Errorf("the closings of this store form one chain, which has %s already, so it cannot begin at %s; set `start` back to the month in which it began",
				period, m)
		}
	}
	return nil
}
