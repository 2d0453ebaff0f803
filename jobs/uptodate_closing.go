package jobs

import (
	"context"

	"daybook/pricing"
	"daybook/sinks/publish"
)

// A closing to which a supplement may be added (Pipeline.supplementDue) is marked as
// up to date when it is published, and when a supplement has found nothing to add:
// the next run reads nothing while the same inputs are there. Others need no mark,
// and the seal ends those that there are.

// markedClosing is the outcome of a closed month that is up to date by its mark; nil:
// it is not.
func (p *Pipeline) markedClosing(ctx context.Context, m pricing.Month, d publish.Decision, o RunOptions) ([]Outcome, error) {
	if len(d.Marks) == 0 || !o.markable() || o.Recompute {
		return nil, nil
	}
	marks, err := p.markedRatings(ctx, JobMonthly, "", map[string]publish.Decision{m.String(): d})
	if mark, ok := marks[m.String()]; ok {
		return []Outcome{{Job: string(JobMonthly), Period: m.String(), State: StateAlready, Revision: mark.Published}}, nil
	}
	return nil, err
}

// markClosing marks a closing as up to date with all that the work has looked at.
// Last is the manifest of its last revision.
func (p *Pipeline) markClosing(ctx context.Context, w *closingWork, fresh *freshRollups, last *publish.Manifest, before publish.Decision) error {
	if last == nil || !fresh.o.markable() {
		return nil
	}
	stands := last
	if last.Verdict != publish.Published {
		stands = w.stands
	}
	if stands == nil || !p.supplementDue(stands) {
		return nil
	}
	token, err := p.workToken(ctx, w, fresh, "")
	if err == nil && token != "" {
		p.mark(ctx, last, token, before)
	}
	return err
}

// workToken names all that a closing's or a draft's work has looked at, over all days
// of it; "": something cannot be named by what a listing shows.
func (p *Pipeline) workToken(ctx context.Context, w *closingWork, fresh *freshRollups, draft string) (string, error) {
	windows := []Span{w.span}
	for _, l := range w.looks {
		windows = append(windows, closingSpan(w.rater, l.month, w.in))
	}
	all := cover(windows)
	seen, err := p.viewOf(ctx, fresh.list, all)
	if err != nil {
		return "", err
	}
	terms, err := p.settings.Corrections.parameter()
	if err != nil {
		return "", err
	}
	markable := true
	token, err := p.ratingToken(fresh.in.tokens, closingTokens{w.requests.token(), terms, draft}, all, func(d pricing.Date) (rollupView, error) {
		r, looked := fresh.days[d]
		if !looked { // of a month that nothing is owed for, or not wanted at all
			return seen(d)
		}
		markable = markable && r.view.files != ""
		return r.view, nil
	})
	if !markable {
		return "", err
	}
	return token, err
}
