package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"regexp"
	"strings"

	"daybook/pricing"
	"daybook/sinks/publish"
)

// Whether a period is up to date is seen from listings alone where nothing has
// changed since it was found so: tokens name the versions of all that it would
// look at, and its mark (publish.Mark) holds them. Equal tokens are equal inputs;
// other ones may be, and then the inputs are read and compared.

// markable reports whether a run is one that marks are for: nobody said anything
// about it.
func (o RunOptions) markable() bool { return o.AsOf.IsZero() && !o.Only && len(o.Quarantine) == 0 }

// rollupView is what is seen of a day's rollup: the token of its usage files and
// its last decided revision.
type rollupView struct {
	files string
	last  int
}

// ratingToken names all that a rating of a window of UTC days looks at, and the
// window, which only the books and the registry tell.
func (p *Pipeline) ratingToken(t inputTokens, c closingTokens, window Span, rollups func(pricing.Date) (rollupView, error)) (string, error) {
	lines := []string{"rating", p.settingsToken(), t.book, t.registry, t.requests, c.requests, c.terms, c.draft}
	for _, d := range window.Days() {
		v, err := rollups(d)
		if err != nil {
			return "", err
		}
		lines = append(lines, fmt.Sprintf("%s %s %d", d, v.files, v.last))
	}
	return fmt.Sprintf("%s.%s.%s", window.From, window.To, digest([]byte(strings.Join(lines, "\n")))), nil
}

var ratingMark = regexp.MustCompile(`^(\d{4}-\d\d-\d\d)\.(\d{4}-\d\d-\d\d)\.[0-9a-f]{64}$`)

// windowOf reads the window in a rating's token.
func windowOf(m publish.Mark) (Span, bool) {
	parts := ratingMark.FindStringSubmatch(m.Token)
	if parts == nil {
		return Span{}, false
	}
	from, err := pricing.ParseDate(parts[1])
	to, errTo := pricing.ParseDate(parts[2])
	return Span{from, to}, err == nil && errTo == nil && from <= to
}

// mark notes that a period is up to date at a token. Nothing depends on it, so
// that it could not be put is no failure of the run.
func (p *Pipeline) mark(ctx context.Context, stands *publish.Manifest, token string, before publish.Decision) {
	m := publish.Mark{Last: stands.Revision, Published: stands.Revision, Token: token}
	if stands.Verdict != publish.Published {
		m.Published = stands.Supersedes
	}
	if had, ok := before.Marked(token); ok && had == m {
		return
	}
	if err := p.publisher.PutMark(ctx, stands.Job, stands.Period, m, before); err != nil {
		p.log.Debug("a period could not be marked as up to date; it is compared again next time", slog.Any("error", err))
	}
}

// markedRollups returns the marks of those days that are marked at the tokens that
// they have now, and what stands of all.
func (p *Pipeline) markedRollups(ctx context.Context, t inputTokens, list *listing, days []pricing.Date) (map[pricing.Date]publish.Mark, map[string]publish.Decision, error) {
	if len(days) == 0 {
		return nil, nil, nil
	}
	if err := list.prepare(ctx, spanOf(days)); err != nil {
		return nil, nil, err
	}
	decisions, err := p.publisher.Decisions(ctx, string(JobRollup), spanOf(days).From.String(), spanOf(days).To.String())
	if err != nil {
		return nil, nil, err
	}
	marked := map[pricing.Date]publish.Mark{}
	for _, d := range days {
		files, err := list.token(ctx, d)
		if err != nil {
			return nil, nil, err
		}
		if m, ok := decisions[d.String()].Marked(p.rollupToken(t, files)); ok {
			marked[d] = m
		}
	}
	return marked, decisions, nil
}

// spanOf is the span of days in any order.
func spanOf(days []pricing.Date) Span {
	out := Span{days[0], days[0]}
	for _, d := range days {
		out = Span{min(out.From, d), max(out.To, d)}
	}
	return out
}

// markedRatings returns the marks of those periods of a rating that are marked at
// the tokens that they have now: from one listing of each kind of input, over all
// windows that the marks are of. Draft is what a draft takes beside.
func (p *Pipeline) markedRatings(ctx context.Context, job Job, draft string, decisions map[string]publish.Decision) (map[string]publish.Mark, error) {
	var windows []Span
	for _, d := range decisions {
		for _, m := range d.Marks {
			if window, ok := windowOf(m); ok {
				windows = append(windows, window)
			}
		}
	}
	if len(windows) == 0 {
		return nil, nil
	}
	all := cover(windows)
	tokens, closing, err := p.listTokens(ctx)
	if err != nil {
		return nil, err
	}
	if closing.draft = draft; job == JobDaily {
		closing = closingTokens{terms: closing.terms}
	}
	view, err := p.viewOf(ctx, p.newListing(), all)
	if err != nil {
		return nil, err
	}
	out := map[string]publish.Mark{}
	for period, d := range decisions {
		for _, m := range d.Marks {
			window, ok := windowOf(m)
			if !ok {
				continue
			}
			token, err := p.ratingToken(tokens, closing, window, view)
			if err != nil {
				return nil, err
			}
			if token == m.Token {
				out[period] = m
			}
		}
	}
	return out, nil
}

// viewOf sees the rollups of a span of days by one listing of each kind.
func (p *Pipeline) viewOf(ctx context.Context, list *listing, all Span) (func(pricing.Date) (rollupView, error), error) {
	if err := list.prepare(ctx, all); err != nil {
		return nil, err
	}
	rollups, err := p.publisher.Decisions(ctx, string(JobRollup), all.From.String(), all.To.String())
	return func(d pricing.Date) (rollupView, error) {
		files, err := list.token(ctx, d)
		if p.early(d) && files == tokenOf(nil) { // no rollup of it is wanted
			return rollupView{files: files}, err
		}
		return rollupView{files, rollups[d.String()].Last}, err
	}, err
}

// markRating marks a period of a rating that is up to date now.
func (p *Pipeline) markRating(ctx context.Context, t inputTokens, window Span, fresh *freshRollups, stands *publish.Manifest, before publish.Decision) error {
	terms, err := p.settings.Corrections.parameter() // by which months before are supplemented
	if err != nil {
		return err
	}
	markable := true
	token, err := p.ratingToken(t, closingTokens{terms: terms}, window, func(d pricing.Date) (rollupView, error) {
		v, err := fresh.view(ctx, d)
		markable = markable && v.files != ""
		return v, err
	})
	if err == nil && markable {
		p.mark(ctx, stands, token, before)
	}
	return err
}

// cover is the span from the first to the last day of spans.
func cover(spans []Span) Span {
	out := spans[0]
	for _, s := range spans[1:] {
		out = Span{min(out.From, s.From), max(out.To, s.To)}
	}
	return out
}
