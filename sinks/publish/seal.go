package publish

import (
	"context"
	"errors"
	"fmt"
)

// Seal closes a closing to supplements (docs/commit-protocol.md, "Closings"): it
// puts a manifest with the verdict sealed in the next free revision, so that a
// supplement planned there loses at its commit. It returns the seal that stands,
// or [ErrNotPublished] when there is nothing to seal.
func (p *Publisher) Seal(ctx context.Context, job, period string) (Manifest, error) {
	m, err := p.seal(ctx, job, period)
	if err != nil {
		return Manifest{}, fmt.Errorf("seal %s %s: %w", job, period, err)
	}
	return m, nil
}

func (p *Publisher) seal(ctx context.Context, job, period string) (Manifest, error) {
	for range beginTries {
		h, err := p.Decided(ctx, job, period)
		switch {
		case err != nil:
			return Manifest{}, err
		case h.Published == nil:
			return Manifest{}, ErrNotPublished
		case h.Last.Verdict == Sealed:
			return *h.Last, nil
		}
		final, _, err := p.decide(ctx, Manifest{
			Format: format, Job: job, Period: period, Revision: h.Next, Verdict: Sealed,
			Engine: p.engine, AsOf: h.Published.AsOf, Supersedes: h.Published.Revision,
		})
		if err != nil || final.Verdict == Sealed {
			return final, err
		}
		// A supplement took the slot first: it belongs to this closing.
	}
	return Manifest{}, errors.New("supplements keep being published; stop the other runners and try again")
}
