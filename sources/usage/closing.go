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
	bucketOf []uint8  // attribution entry -> bucket of its holder
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
	c.bucketOf = p.attribution.buckets(c.buckets)
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

// buckets returns the bucket of each attribution entry's holder. Buckets ascend
// with holders, so that their rows one after the other are in the order of the
// output.
func (a *attribution) buckets(n int) []uint8 {
	out := make([]uint8, len(a.entries))
	for i := range a.entries {
		out[i] = uint8(uint64(a.entries[i].holder) * uint64(n) / uint64(len(a.holders)))
	}
	return out
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
	for len(c.pass.sieves) < c.pass.workers {
		c.pass.sieves = append(c.pass.sieves, new(sieve))
	}
	c.sieves = c.pass.sieves
	for _, s := range c.sieves {
		s.begin(c)
	}
	if err := c.each(ctx, parts, func(w, p int) { c.sieves[w].partition(p) }); err != nil {
		return err
	}
	c.total = new(sieve)
	c.total.begin(c)
	for _, s := range c.sieves {
		c.total.merge(s)
	}
	for _, ch := range c.day.chunks {
		c.pass.buffers.put(ch.events)
		ch.events = nil
	}
	return nil
}

// aggregate returns the groups of each bucket, in the order of the output.
func (c *closing) aggregate(ctx context.Context) ([]rollupRows, error) {
	out := make([]rollupRows, c.buckets)
	for len(c.pass.groupings) < c.pass.workers {
		c.pass.groupings = append(c.pass.groupings, new(grouping))
	}
	workers := c.pass.groupings
	for _, w := range workers {
		w.closing = c
	}
	err := c.each(ctx, c.buckets, func(w, b int) { out[b] = workers[w].bucket(b) })
	return out, err
}

// keys lists the attribution keys that the day's rows were looked up by.
func (c *closing) keys() []string {
	a := c.pass.attribution
	var out []string // entries lie by key, and keys are sorted
	last := -1
	for e := range a.entries {
		if key := int(a.entries[e].key); key != last && c.total.seen[e/64]>>(e%64)&1 == 1 {
			out, last = append(out, a.keys[key]), key
		}
	}
	sorted := len(out)
	for _, ch := range c.day.chunks {
		out = slices.AppendSeq(out, maps.Keys(ch.keys))
	}
	if len(out) > sorted {
		slices.Sort(out)
		out = slices.Compact(out)
	}
	return out
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
