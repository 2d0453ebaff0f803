package jobs

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"daybook/pricing"
	"daybook/sinks/documents"
	"daybook/sinks/publish"
)

// toldMonth is what the tracer tells of one month's lines while they are rated.
type toldMonth struct {
	mu    sync.Mutex
	month pricing.Month
	lines toldLines
}

func (t *toldMonth) tell(m pricing.Month, e pricing.Explanation) {
	if m != t.month || e.Own {
		return // another month may have been looked at before, or is now
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	key := toldKey{m, e.Line.Key()}
	t.lines[key] = append(t.lines[key], e)
}

// tellFor lets rating tell what events are made of, where their shapes need it.
func (w *closingWork) tellFor(id publish.Identity) {
	if !slices.ContainsFunc(formatsOf(id), func(f eventFormat) bool { return f.name == formatComputeStacks }) {
		return
	}
	w.told = &toldMonth{month: w.month, lines: toldLines{}}
	w.tracer = w.told.tell
}

// computeStacksEvents stores what ComputeStacks reports of a closing: one event
// with a group for each product of a subscription. Users with less than a cent in
// each are left to the next closing, in a document that it reads.
func computeStacksEvents(ctx context.Context, e *closingEvents) error {
	before := e.w.before
	if e.w.stands != nil {
		before = e.w.stands
	}
	carried, err := e.p.unprocessed(ctx, before)
	if err != nil {
		return err
	}
	var items []documents.ComputeStacksItem
	for i := range e.c.invoices {
		for _, l := range e.c.invoices[i].Lines {
			told := e.w.told.lines.of(e.w.month, l)
			if of, ok := documents.ComputeStacksProductOf(&told, e.w.in.registry, e.w.in.books, e.w.asOf); ok {
				items = append(items, documents.ComputeStacksItems(e.w.month, &told, of, e.w.asOf)...)
			}
		}
	}
	aggregate, left, err := documents.ComputeStacksAggregate(carried, items)
	if err != nil {
		return fmt.Errorf("aggregate usage items: %w", err)
	}
	if err := e.pack.Document(ctx, fmt.Sprintf("%s%s/r%06d.json", unprocessedPrefix, e.m.Period, e.run.Revision), left); err != nil || aggregate == nil {
		return err
	}
	return e.put(ctx, formatComputeStacks, documents.TypeUsageAggregated, e.m.Period, func(string) ([]byte, error) { return aggregate, nil })
}

// unprocessedPrefix begins the paths of the documents with what closings have left
// unreported, a document for each revision.
const unprocessedPrefix = "computestacks/unprocessed/"

// unprocessed reads what a closing, or its last supplement, has left; nothing where
// it made no such events.
func (p *Pipeline) unprocessed(ctx context.Context, m *publish.Manifest) ([]byte, error) {
	if m == nil {
		return nil, nil
	}
	placed, err := p.placed(ctx, m)
	if err != nil {
		return nil, err
	}
	var last placedDocument
	for _, d := range placed {
		if strings.HasPrefix(d.document.Path, unprocessedPrefix) && d.document.Path > last.document.Path {
			last = d
		}
	}
	if last.document.Path == "" {
		return nil, nil
	}
	return p.publisher.DocumentBody(ctx, last.pack, last.document)
}
