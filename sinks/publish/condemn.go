package publish

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"daybook/sources/blob"
)

// A superseded revision's data may go only while nobody is about to stand on it.
// A run may have read its manifest before a later one was published, and plan
// with it after garbage collection has looked at the plans. So both write before
// they look: the collector puts a mark, then lists plans; a run puts its plan,
// then lists marks. At least one of the two sees the other. The run gives its
// plan up, and plans anew with what stands by then; the collector leaves alone
// what a plan names. No clock and no lease is needed, and a death between the
// steps leaves a mark that the next collector goes on from.

const condemnedPrefix = "gc/"

// ErrCondemned means that a plan names data which garbage collection has been
// asked to delete: a later revision of it has been published meanwhile.
var ErrCondemned = errors.New("an input was superseded and its data is being deleted")

// runOf names a revision.
type runOf struct {
	job, period string
	revision    int
}

func condemnedKey(job, period string, revision int) string {
	return condemnedPrefix + blob.EscapeID(job) + "/" + blob.EscapeID(period) + "/" + revisionSegment(revision)
}

// Condemn marks the data of a superseded revision as to be deleted. From then on
// no run plans with it. The mark is never deleted: it says for good why the data
// is gone.
func (p *Publisher) Condemn(ctx context.Context, job, period string, revision int) error {
	key := condemnedKey(job, period, revision)
	_, err := p.put(ctx, key, []byte("superseded; its data may be deleted\n"), blob.Cond{IfAbsent: true})
	if err != nil && !errors.Is(err, blob.ErrExists) {
		return fmt.Errorf("condemn %s: %w", key, err)
	}
	return nil
}

// condemned lists the marks.
func (p *Publisher) condemned(ctx context.Context) (map[runOf]bool, error) {
	marks := map[runOf]bool{}
	for o, err := range p.store.List(ctx, condemnedPrefix, "") {
		if err != nil {
			return nil, fmt.Errorf("list condemned revisions: %w", err)
		}
		parts := strings.Split(o.Key, "/")
		if len(parts) != 4 {
			continue
		}
		job, jobErr := blob.UnescapeID(parts[1])
		period, periodErr := blob.UnescapeID(parts[2])
		if revision, ok := parseRevision(parts[3]); ok && jobErr == nil && periodErr == nil {
			marks[runOf{job, period, revision}] = true
		}
	}
	return marks, nil
}

// spare returns [ErrCondemned] when inputs of a plan lie in data that is marked.
// It is asked after the plan was put, and costs one list.
func (p *Publisher) spare(ctx context.Context, inputs []Input) error {
	var from []runOf
	for _, i := range inputs {
		if job, period, revision, ok := MadeBy(i.Key); ok {
			from = append(from, runOf{job, period, revision})
		}
	}
	if len(from) == 0 {
		return nil
	}
	marks, err := p.condemned(ctx)
	if err != nil {
		return err
	}
	for _, r := range from {
		if marks[r] {
			return fmt.Errorf("%w: %s %s %s", ErrCondemned, r.job, r.period, revisionSegment(r.revision))
		}
	}
	return nil
}

// unlessCondemned gives a run up whose plan names marked data. The error is then
// [ErrAbandoned] as well.
func (p *Publisher) unlessCondemned(ctx context.Context, r *Run) error {
	err := p.spare(ctx, r.Plan.Identity.Inputs)
	if !errors.Is(err, ErrCondemned) {
		return err
	}
	if lost := r.Abandon(ctx, "an input was superseded"); lost != nil {
		return lost
	}
	return fmt.Errorf("%w: %w", ErrAbandoned, err)
}
