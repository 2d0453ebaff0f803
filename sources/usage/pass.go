package usage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"

	"daybook/sources/blob"
)

// pass is one call of Rollup: its request in numbers, and how far it is.
type pass struct {
	engine      *Local
	store       blob.Store
	asOf        int64
	workers     int
	mapping     Mapping
	meters      []meter
	meterOf     *words // numbers meters by their ids
	shapes      *shapes
	attribution *attribution
	bucketOf    []uint8 // by attribution entry
	buckets     int
	zones       *zones
	sources     []*source // by key
	days        []*openDay

	checksums Checksums
	sumsLock  sync.Mutex
	sums      map[string]checksumFile // by key

	budget    budget
	temporary string     // folder of spills
	spilling  sync.Mutex // one at a time
	buffers   buffers
	bodies    bodies
	spare     *spare
	sieves    []*sieve    // by worker, for the day that is being closed
	groupings []*grouping // the same

	mu          sync.Mutex
	wake        *sync.Cond
	closing     int   // index of the day that is next to be delivered
	held        int64 // bytes of the events of all open days
	rows, bytes int64
	progress    func(rows, bytes int64)
}

// task is one row group.
type task struct {
	source  *source
	group   int
	release func() // of the bytes that were fetched ahead; nil: none were
	fault   error  // of fetching them
}

// letGo releases what was fetched ahead.
func (t *task) letGo() {
	if t.release != nil {
		t.release()
		t.release = nil
	}
}

// compare orders by file key, then row group.
func (t *task) compare(o *task) int {
	return cmp.Or(strings.Compare(t.source.Object.Key, o.source.Object.Key), cmp.Compare(t.group, o.group))
}

func newPass(l *Local, r Request) (*pass, error) {
	p := &pass{engine: l, store: r.Store, asOf: r.AsOf, workers: r.Workers, progress: r.Progress, checksums: r.Checksums, sums: map[string]checksumFile{}}
	p.budget, p.temporary, p.spare = newBudget(r.Memory), r.Temporary, r.spare
	p.bodies.most = p.budget.files / 2
	if l.ranged {
		p.budget.whole = 0
	}
	p.wake = sync.NewCond(&p.mu)
	if p.workers <= 0 {
		p.workers = runtime.GOMAXPROCS(0)
	}
	if r.AsOf <= 0 {
		return nil, errors.New("roll up usage: the request has no as_of")
	}
	if !slices.IsSorted(r.Days) || len(slices.Compact(slices.Clone(r.Days))) != len(r.Days) {
		return nil, errors.New("roll up usage: the days are not ascending")
	}
	if r.Days[0] < 0 || int64(r.Days[len(r.Days)-1]) >= endOfTime/microsPerDay {
		return nil, fmt.Errorf("roll up usage: days %s to %s: only 1970 to 2262 can be", r.Days[0], r.Days[len(r.Days)-1])
	}
	var err error
	if p.mapping, err = r.Mapping.resolved(); err != nil {
		return nil, err
	}
	if p.meters, p.meterOf, err = newMeters(r.Meters); err != nil {
		return nil, err
	}
	p.shapes = newShapes(len(p.meters))
	p.zones = newZones(r.Days[0], r.Days[len(r.Days)-1])
	if p.attribution, err = newAttribution(r.Attribution, p.zones); err != nil {
		return nil, err
	}
	p.bucketOf, p.buckets = p.attribution.bucketsOf()
	return p, p.addSources(r)
}

// addSources sorts the files by key and enters each at its days.
func (p *pass) addSources(r Request) error {
	for _, d := range r.Days {
		p.days = append(p.days, &openDay{date: d})
	}
	files := slices.SortedFunc(slices.Values(r.Files), func(a, b File) int { return strings.Compare(a.Object.Key, b.Object.Key) })
	for i, f := range files {
		if i > 0 && files[i-1].Object.Key == f.Object.Key {
			return fmt.Errorf("roll up usage: file %q is listed twice", f.Object.Key)
		}
		if len(f.Days) == 0 {
			continue
		}
		s, err := newSource(f)
		if err != nil {
			return err
		}
		s.number = uint64(len(p.sources))
		for _, d := range s.Days {
			n, ok := slices.BinarySearch(r.Days, d)
			if !ok {
				return fmt.Errorf("roll up usage: file %q lists %s, which is not requested", f.Object.Key, d)
			}
			s.open = append(s.open, p.days[n])
			s.numbers = append(s.numbers, uint32(len(p.days[n].sources)))
			p.days[n].sources = append(p.days[n].sources, s)
			p.days[n].waiting++
		}
		p.sources = append(p.sources, s)
	}
	return nil
}

// newTask makes a row group of a source that is being opened something to wait for.
func (p *pass) newTask(s *source, group int) *task {
	p.mu.Lock()
	defer p.mu.Unlock()
	s.remaining++
	return &task{source: s, group: group}
}

// awaitTurn waits until the source's first day is near the one being closed.
func (p *pass) awaitTurn(ctx context.Context, s *source) error {
	first := s.open[0]
	return p.await(ctx, func() bool {
		near := min(p.closing+daysAhead, len(p.days)-1)
		return first.date <= p.days[near].date
	})
}

// awaitDay waits until every file of day i is read.
func (p *pass) awaitDay(ctx context.Context, i int) error {
	p.mu.Lock()
	p.closing = i
	p.wake.Broadcast()
	p.mu.Unlock()
	return p.await(ctx, func() bool { return p.days[i].waiting == 0 })
}

// await waits, with the lock held while it asks, until ready says so.
func (p *pass) await(ctx context.Context, ready func() bool) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for !ready() {
		if err := ctx.Err(); err != nil {
			return err
		}
		p.wake.Wait()
	}
	return ctx.Err()
}

func (p *pass) wakeAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wake.Broadcast()
}

// collect takes over what a scanned row group gave to its file's days.
func (p *pass) collect(t *task, shares []*share, s *scanner) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, sh := range shares {
		if sh != nil {
			t.source.open[i].shares = append(t.source.open[i].shares, sh)
		}
		t.source.counts[i] = t.source.counts[i].Add(s.counts[i])
		if t.source.ledgers[i] == nil {
			t.source.ledgers[i] = make(ledger, len(s.ledgers[i]))
		}
		t.source.ledgers[i].add(s.ledgers[i])
		if d := t.source.open[i]; d.seen == nil {
			d.seen = slices.Clone(s.seen[i])
		} else {
			d.seen.addAll(s.seen[i])
		}
	}
	p.rows += s.read
	if p.progress != nil {
		p.progress(p.rows, p.bytes)
	}
}

// finished ends the opening or one row group of a source; after the last, its
// buffers go and its days wait for one file less.
func (p *pass) finished(s *source) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s.remaining--; s.remaining > 0 {
		return
	}
	s.free(&p.bodies)
	p.bytes += s.Object.Size
	if p.progress != nil {
		p.progress(p.rows, p.bytes)
	}
	for _, d := range s.open {
		d.waiting--
	}
	p.wake.Broadcast()
}
