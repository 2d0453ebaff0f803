package jobs

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"daybook/pricing"
	"daybook/sinks/publish"
)

// draftSeen is what one listing shows, before anything is read, of a month's draft
// and of the closings before it. What they decide is only ever added to, so that a
// mark by what was seen before the work cannot hold once there is more.
type draftSeen struct {
	draft publish.Decision
	chain string // the last decided revision of each closing before
}

func (p *Pipeline) lookDraft(ctx context.Context, m pricing.Month) (draftSeen, error) {
	last := m.Previous().String()
	of, err := p.publisher.DecisionsBetween(ctx, string(JobDraft), m.String(), string(JobMonthly), last)
	if err != nil {
		return draftSeen{}, err
	}
	out := draftSeen{draft: of[string(JobDraft)][m.String()]}
	closings := of[string(JobMonthly)]
	for _, period := range slices.Sorted(maps.Keys(closings)) {
		if period <= last {
			out.chain += fmt.Sprintf("%s %d\n", period, closings[period].Last)
		}
	}
	return out, nil
}

// draftToken names what a draft takes beside what a closing does: the chain that it
// goes on from, and the instant that it is of.
func (p *Pipeline) draftToken(s draftSeen, o RunOptions) string {
	at := "due " + p.settings.ClosingGrace.String()
	if !o.AsOf.IsZero() {
		at = o.AsOf.UTC().Format(time.RFC3339Nano)
	}
	return digest([]byte(strings.Join([]string{at, s.chain}, "\n")))
}

// markableDraft is markable for a draft, whose instant is in its token.
func (o RunOptions) markableDraft() bool {
	o.AsOf = time.Time{}
	return o.markable()
}

// markedDraft is the outcome of a draft that is up to date by its mark; nil: it is not.
func (p *Pipeline) markedDraft(ctx context.Context, m pricing.Month, seen draftSeen, o RunOptions) ([]Outcome, error) {
	if len(seen.draft.Marks) == 0 || !o.markableDraft() || o.Recompute {
		return nil, nil
	}
	marks, err := p.markedRatings(ctx, JobDraft, p.draftToken(seen, o), map[string]publish.Decision{m.String(): seen.draft})
	if mark, ok := marks[m.String()]; ok {
		return []Outcome{{Job: string(JobDraft), Period: m.String(), State: StateAlready, Revision: mark.Published}}, nil
	}
	return nil, err
}

// markDraft marks a draft as up to date with all that the work has looked at, where it
// is of the instant that was asked for, and not of one that a plan had already.
func (p *Pipeline) markDraft(ctx context.Context, w *closingWork, fresh *freshRollups, out Outcome, at time.Time, seen draftSeen) error {
	if out.stands == nil || !out.AsOf.Equal(at) || !fresh.o.markableDraft() {
		return nil
	}
	token, err := p.workToken(ctx, w, fresh, p.draftToken(seen, fresh.o))
	if err == nil && token != "" {
		p.mark(ctx, out.stands, token, seen.draft)
	}
	return err
}
