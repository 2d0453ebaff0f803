package jobs

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"daybook/pricing"
	"daybook/sinks/publish"
	"daybook/sinks/tables"
)

// look is a closed month that a later closing, or a supplement of its own, looks
// at: what it issued, and the rollups that it would be computed from today.
type look struct {
	month    pricing.Month
	manifest *publish.Manifest // of its latest published revision
	asOf     time.Time         // its date of issue, which its truth keeps
	rollups  rollupSet
	own      bool // the month that is supplemented
}

// lookBack finds the months that a closing looks at, and brings their rollups up to
// date (docs/commit-protocol.md, Closings).
func (p *Pipeline) lookBack(ctx context.Context, w *closingWork, fresh *freshRollups) ([]look, []Outcome, error) {
	closed, err := p.lookedAt(ctx, w)
	if err != nil {
		return nil, nil, err
	}
	var looks []look
	var outcomes []Outcome
	for _, m := range closed {
		l, computed, err := p.lookAt(ctx, w.rater, fresh, m.month, m.manifest)
		outcomes = append(outcomes, computed...)
		if err != nil {
			return nil, outcomes, err
		}
		looks = append(looks, l)
	}
	return looks, outcomes, nil
}

// lookedAt lists the closed months that a closing looks at, oldest first, up to the
// last one of its chain. A supplement for parked accounts looks at those alone that
// have some.
func (p *Pipeline) lookedAt(ctx context.Context, w *closingWork) ([]look, error) {
	var looks []look
	if w.before == nil {
		return nil, nil
	}
	for month := w.first; month.String() <= w.before.Period; month = month.Next() {
		l := look{month: month, manifest: w.before}
		if month.String() < w.before.Period {
			history, err := p.publisher.Decided(ctx, string(JobMonthly), month.String())
			if err != nil {
				return nil, err
			}
			if l.manifest = history.Published; l.manifest == nil {
				return nil, fmt.Errorf("closing %s, which %s stands on, is gone; restore its manifests", month, w.month)
			}
		}
		if w.parkedOnly {
			then, err := p.readIssuedMonth(ctx, &l, w.since)
			if err != nil {
				return nil, err
			}
			if len(then.parked) == 0 {
				continue
			}
		}
		looks = append(looks, l)
	}
	return looks, nil
}

// lookAt looks at one closed month. Files that its days must do without, and did
// not when it was closed, stop the run as they would stop the month's closing.
func (p *Pipeline) lookAt(ctx context.Context, rater *pricing.Raters, fresh *freshRollups, month pricing.Month, m *publish.Manifest) (look, []Outcome, error) {
	l := look{month: month, manifest: m}
	var err error
	if l.asOf, err = p.issuedAt(ctx, m); err != nil {
		return l, nil, err
	}
	var computed []Outcome
	if l.rollups, computed, err = fresh.of(ctx, closingSpan(rater, month, fresh.in)); err != nil {
		return l, computed, err
	}
	before, err := ratingOf(m)
	if err != nil {
		return l, computed, err
	}
	lost := slices.DeleteFunc(slices.Clone(l.rollups.quarantined), func(file string) bool { return slices.Contains(before.Quarantined, file) })
	if len(lost) > 0 && !fresh.o.AllowIncomplete {
		lacks := rollupSet{quarantined: lost}.lacking(false)
		return l, append(computed, incomplete(month, lacks)), &IncompleteError{lacks}
	}
	return l, computed, nil
}

// closingSpan is the UTC days that the closing of a month reads.
func closingSpan(rater *pricing.Raters, m pricing.Month, in *inputs) Span {
	from, to := rater.ClosingWindow(m)
	return Span{from, to}.until(monthEnd(m, in.zones()))
}

// firstOf is a closing's first published revision, to which supplements add.
func (p *Pipeline) firstOf(ctx context.Context, m *publish.Manifest) (*publish.Manifest, error) {
	for m.Supersedes > 0 {
		before, err := p.publisher.ManifestOf(ctx, m.Job, m.Period, m.Supersedes)
		if err != nil {
			return nil, err
		}
		m = &before
	}
	return m, nil
}

// issuedAt is the as_of of a closing's first revision: supplements have their own.
func (p *Pipeline) issuedAt(ctx context.Context, m *publish.Manifest) (time.Time, error) {
	first, err := p.firstOf(ctx, m)
	if err != nil {
		return time.Time{}, err
	}
	return first.AsOf, nil
}

// issuedMonth is what a closing's objects say.
type issuedMonth struct {
	traces map[string]treeTrace // by billing account
	rows   []pricing.Parked     // whom the closing parked
	parked map[string]bool      // those of them of whom nothing has been billed since
}

// readIssuedMonth reads which trees a closing rated, and whom it parked, as the
// chain has brought it forward since.
func (p *Pipeline) readIssuedMonth(ctx context.Context, l *look, since *issuedSince) (issuedMonth, error) {
	out := issuedMonth{traces: map[string]treeTrace{}, parked: map[string]bool{}}
	if trace, ok := traceObject(l.manifest); ok {
		body, err := p.publisher.ReadObject(ctx, trace)
		if err != nil {
			return out, err
		}
		if out.traces, err = decodeTreeTraces(body); err != nil {
			return out, err
		}
	}
	for payer, t := range since.trees[l.month] {
		out.traces[payer] = t
	}
	i := slices.IndexFunc(l.manifest.Objects, func(o publish.Object) bool { return o.Table == "parked_accounts" })
	if i < 0 || l.manifest.Objects[i].Rows == 0 {
		return out, nil
	}
	body, err := p.publisher.ReadObject(ctx, l.manifest.Objects[i])
	if err != nil {
		return out, err
	}
	if out.rows, err = tables.DecodeParked(l.manifest.Objects[i].Key, body); err != nil {
		return out, err
	}
	for _, row := range out.rows {
		if !since.mended[l.month][row.Account] {
			out.parked[row.Account] = true
		}
	}
	return out, nil
}

// digest names a set of rollups.
func (s rollupSet) digest() string {
	var b bytes.Buffer
	for _, o := range s.objects {
		fmt.Fprintln(&b, o.SHA256)
	}
	for _, p := range s.parked {
		fmt.Fprintln(&b, strings.Join([]string{p.Account, p.Reason, p.Since.String()}, " "))
	}
	return digest(b.Bytes())
}

// ratingOf reads a closing's account of what it rated.
func ratingOf(m *publish.Manifest) (ratingReconciliation, error) {
	var had ratingReconciliation
	if err := json.Unmarshal(m.Reconciliation, &had); err != nil {
		return had, fmt.Errorf("read reconciliation of closing %s: %w", m.Period, err)
	}
	return had, nil
}
