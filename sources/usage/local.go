package usage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"
)

const (
	// daysAhead is how many days beyond the one being closed are read, so that
	// memory follows the open days and not the request.
	daysAhead = 2
)

// Local is the [Engine] that computes in this process. It reads row groups on
// several goroutines, closes each day as soon as its last file is read, and
// holds 48 bytes for each event of the open days, which go to local disk where
// they outgrow the request's memory; rows that are rejected are listed one by one
// and cost about 300 bytes each until their day is delivered.
type Local struct {
	newSpill func(folder string) (*spill, error)
	ranged   bool                                     // tests fetch no file whole with it
	drop     func(file string, group, row int64) bool // they lose rows with it
}

var _ Engine = (*Local)(nil)

// New returns the local engine.
func New() *Local { return &Local{newSpill: newSpill} }

// Rollup implements [Engine]. A file that cannot be used fails the days it
// lists; the other days are delivered and the files' errors, joined in the
// order of their keys, are returned at the end. A fault of the store itself
// stops the pass.
func (l *Local) Rollup(ctx context.Context, r Request, deliver func(Day) error) error {
	if len(r.Days) == 0 {
		return nil
	}
	p, err := newPass(l, r)
	if err != nil {
		return err
	}
	defer p.releaseAll()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	g, ctx := errgroup.WithContext(ctx)
	context.AfterFunc(ctx, p.wakeAll)
	tasks := make(chan *task)
	g.Go(func() error { defer close(tasks); return p.open(ctx, tasks) })
	for range p.workers {
		g.Go(func() error { return p.scan(ctx, tasks) })
	}
	delivered := p.deliver(ctx, deliver)
	if delivered != nil {
		cancel()
	}
	read := g.Wait()
	switch {
	case read != nil && (delivered == nil || errors.Is(delivered, context.Canceled)):
		return read
	case delivered != nil:
		return delivered
	}
	return p.fileErrors()
}

// open reads the files in the order of their first day and hands out their row
// groups.
func (p *pass) open(ctx context.Context, tasks chan<- *task) error {
	memory := semaphore.NewWeighted(p.budget.files)
	for _, s := range p.readingOrder() {
		if err := p.awaitTurn(ctx, s); err != nil {
			return err
		}
		weight := min(s.Object.Size, p.budget.files)
		if err := memory.Acquire(ctx, weight); err != nil {
			return err
		}
		s.release = func() { memory.Release(weight) }
		if err := p.openSource(ctx, s); err != nil {
			if stopsPass(err) {
				return err
			}
			p.fail(s, err)
		}
		for group := range s.groups() {
			select {
			case tasks <- p.newTask(s, group):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		p.finished(s)
	}
	return nil
}

// scan is one worker.
func (p *pass) scan(ctx context.Context, tasks <-chan *task) error {
	s := newScanner(p)
	for t := range tasks {
		if !p.wanted(t) {
			p.finished(t.source)
			continue
		}
		shares, err := s.run(ctx, t)
		switch {
		case err == nil:
			p.collect(t, shares, s)
		case ctx.Err() != nil:
			return ctx.Err()
		case stopsPass(err):
			return err
		default:
			p.fail(t.source, err)
		}
		p.finished(t.source)
	}
	return nil
}

// deliver closes and hands over each day as it becomes complete.
func (p *pass) deliver(ctx context.Context, deliver func(Day) error) error {
	for i, d := range p.days {
		if err := p.awaitDay(ctx, i); err != nil {
			return err
		}
		if p.isFailed(d) {
			p.release(d)
			d.shares = nil
			continue
		}
		out, err := p.close(ctx, d)
		d.shares = nil
		var fault *FileError
		switch {
		case errors.As(err, &fault) && !stopsPass(err):
			p.failFile(fault) // it was read again for its conflicts and is gone
			continue
		case err != nil:
			return err
		}
		if err := out.Check(); err != nil {
			return fmt.Errorf("roll up %s: %w", d.date, err)
		}
		if err := deliver(out); err != nil {
			return err
		}
	}
	return nil
}

// readingOrder sorts the files by their first day, then key.
func (p *pass) readingOrder() []*source {
	return slices.SortedStableFunc(slices.Values(p.sources), func(a, b *source) int {
		return cmp.Or(cmp.Compare(a.Days[0], b.Days[0]), strings.Compare(a.Object.Key, b.Object.Key))
	})
}
