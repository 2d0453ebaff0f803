package usage

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// closing turns a day whose files are all read into its rollup: it removes the
// duplicates, aggregates what is left and adds up the counts.
type closing struct {
	pass     *pass
	day      *openDay
	shapes   []shape  // snapshot, by number
	ranks    []uint32 // of the shapes
	sourceOf []int32  // task ordinal -> index in day.sources, -1 for others
	buckets  int      // ranges of holders that are aggregated apart
	sieves   []*sieve
	total    *sieve // all sieves added up
}

// close computes the rollup of d. It holds the events of d and, for the time of
// aggregation, a copy of those kept.
func (p *pass) close(ctx context.Context, d *openDay) (Day, error) {
	c := &closing{
		pass: p, day: d,
		buckets: min(parts, max(1, len(p.attribution.holders))),
	}
	c.shapes, c.ranks = p.shapes.known()
	slices.SortFunc(d.chunks, func(a, b *chunk) int { return a.task.compare(b.task) })
	c.sourceOf = make([]int32, p.tasks.Load())
	index := map[*source]int32{}
	for i, s := range d.sources {
		index[s] = int32(i)
	}
	for _, ch := range d.chunks {
		c.sourceOf[ch.task.ordinal] = index[ch.task.source]
	}
	if err := c.sift(ctx); err != nil {
		return Day{}, err
	}
	out := Day{UTCDay: d.date, Keys: c.keys()}
	var err error
	if out.Rejected, err = c.rejections(ctx); err != nil {
		return Day{}, err
	}
	groups, err := c.aggregate(ctx)
	if err != nil {
		return Day{}, err
	}
	overflowed := c.overflowed(groups)
	out.Parked = c.parked(overflowed)
	out.Batch = c.batch(groups, overflowed)
	out.Files = c.fileCounts(overflowed)
	for _, f := range out.Files {
		out.Counts = out.Counts.Add(f.Counts)
		out.Meters = addMeters(out.Meters, f.Meters)
	}
	return out, nil
}

// bucketOf returns the bucket of a holder; buckets ascend with holders, so that
// their rows one after the other are in the order of the output.
func (c *closing) bucketOf(holder uint32) int {
	return int(uint64(holder) * uint64(c.buckets) / uint64(len(c.pass.attribution.holders)))
}

// each runs work(worker, i) for every i below n on all workers.
func (c *closing) each(ctx context.Context, n int, work func(worker, i int)) error {
	var next atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	for w := range c.pass.workers {
		g.Go(func() error {
			for {
				i := int(next.Add(1)) - 1
				if i >= n || ctx.Err() != nil {
					return ctx.Err()
				}
				work(w, i)
			}
		})
	}
	return g.Wait()
}

// sift decides every event and frees the chunks' events.
func (c *closing) sift(ctx context.Context) error {
	c.sieves = make([]*sieve, c.pass.workers)
	for w := range c.sieves {
		c.sieves[w] = newSieve(c)
	}
	if err := c.each(ctx, parts, func(w, p int) { c.sieves[w].partition(p) }); err != nil {
		return err
	}
	c.total = newSieve(c)
	for _, s := range c.sieves {
		c.total.merge(s)
		s.events, s.table, s.firsts, s.torn = nil, nil, nil, nil
	}
	for _, ch := range c.day.chunks {
		ch.events = nil
	}
	return nil
}

// aggregate returns the groups of each bucket, in the order of the output.
func (c *closing) aggregate(ctx context.Context) ([]rollupRows, error) {
	out := make([]rollupRows, c.buckets)
	workers := make([]grouping, c.pass.workers)
	for w := range workers {
		workers[w].closing = c
	}
	err := c.each(ctx, c.buckets, func(w, b int) { out[b] = workers[w].bucket(b) })
	return out, err
}

// keys lists the attribution keys that the day's rows were looked up by.
func (c *closing) keys() []string {
	found := map[string]struct{}{}
	for _, ch := range c.day.chunks {
		maps.Copy(found, ch.keys)
	}
	a := c.pass.attribution
	for e := range a.entries {
		if c.total.seen[e/64]>>(e%64)&1 == 1 {
			found[a.keys[a.entries[e].key]] = struct{}{}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// rejections lists the rows that were rejected on their own and the conflicting
// ones, sorted by file, row group and row.
func (c *closing) rejections(ctx context.Context) ([]Rejected, error) {
	out, err := c.conflicting(ctx)
	if err != nil {
		return nil, err
	}
	for _, ch := range c.day.chunks {
		out = append(out, ch.rejected...)
		ch.rejected = nil
	}
	slices.SortFunc(out, Rejected.compare)
	return out, nil
}

// fileCounts adds what the scan and the closing decided about each file.
func (c *closing) fileCounts(overflowed map[string]overflow) []FileCounts {
	c.countParked(overflowed)
	out := make([]FileCounts, len(c.day.sources))
	for i, s := range c.day.sources {
		n := s.dayNumber(c.day.date)
		of := c.total.ledgers[i]
		if scanned := s.ledgers[n]; scanned != nil {
			of.add(scanned)
		}
		out[i] = FileCounts{
			Key: s.Object.Key, Size: s.Object.Size, SHA256: s.digest,
			Counts: s.counts[n].Add(c.total.counts[i]), Meters: of.listed(c.pass.meters),
		}
		s.ledgers[n] = nil
	}
	slices.SortFunc(out, func(a, b FileCounts) int { return strings.Compare(a.Key, b.Key) })
	return out
}

// countParked counts the kept rows of accounts that overflowed.
func (c *closing) countParked(overflowed map[string]overflow) {
	if len(overflowed) == 0 {
		return
	}
	for _, s := range c.sieves {
		for _, bucket := range s.kept {
			for i := range bucket {
				e := &bucket[i]
				h := c.pass.attribution.entries[e.entry].holder
				if _, ok := overflowed[c.pass.attribution.holders[h].account]; ok {
					source := c.sourceOf[e.task()]
					c.total.counts[source].Parked++
					c.total.ledgers[source].of(c.shapes[e.shape].meter).Parked.add(e.qty)
				}
			}
		}
	}
}
