package usage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"daybook/sources/heap"
)

const (
	// daysAhead is how many days beyond the one being closed are read, so that
	// memory follows the open days and not the request.
	daysAhead = 1
	// filesAhead is how many files are fetched at once, so that reading does not
	// wait for a store that takes its time to answer.
	filesAhead = 4
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
	defer heap.Pass(p.budget.memory)()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	g, ctx := errgroup.WithContext(ctx)
	context.AfterFunc(ctx, p.wakeAll)
	tasks := make(chan *task)
	g.Go(func() error { return p.open(ctx, g, tasks) })
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

// open reads the files in the order of their first day, some at a time, and hands
// out their row groups.
func (p *pass) open(ctx context.Context, g *errgroup.Group, tasks chan<- *task) error {
	defer close(tasks)
	var opening sync.WaitGroup
	defer opening.Wait()
	memory, files := semaphore.NewWeighted(p.budget.files), semaphore.NewWeighted(filesAhead)
	for _, s := range p.readingOrder() {
		if err := p.awaitTurn(ctx, s); err != nil {
			return err
		}
		weight := min(s.Object.Size, p.budget.files)
		if err := cmp.Or(memory.Acquire(ctx, weight), files.Acquire(ctx, 1)); err != nil {
			return err
		}
		s.release = func() { memory.Release(weight) }
		opening.Add(1)
		g.Go(func() error {
			defer opening.Done()
			defer files.Release(1)
			return p.openOne(ctx, s, tasks)
		})
	}
	return nil
}

// openOne reads a file and hands out its row groups. What a row group needs of a
// file that is not in memory is fetched before somebody asks for it.
func (p *pass) openOne(ctx context.Context, s *source, tasks chan<- *task) error {
	if err := p.openSource(ctx, s); err != nil {
		if stopsPass(err) {
			return err
		}
		p.fail(s, err)
	}
	for group := range s.groups() {
		t := p.newTask(s, group)
		if !t.farAway() {
			t.release, t.fault = s.hold(ctx, group, s.binding.columns)
		}
		select {
		case tasks <- t:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	p.finished(s)
	return nil
}

// scan is one worker.
func (p *pass) scan(ctx context.Context, tasks <-chan *task) error {
	s := newScanner(p)
	for t := range tasks {
		if !p.wanted(t) {
			t.letGo()
			p.finished(t.source)
			continue
		}
		shares, err := s.run(ctx, t)
		t.letGo()
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
			d.shares, d.seen = nil, nil
			continue
		}
		out, err := p.close(ctx, d)
		d.shares, d.seen = nil, nil
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
