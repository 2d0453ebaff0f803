package usage

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// closing turns a day whose files are all read into its rollup: it removes the
// duplicates, aggregates what is left and adds up the counts.
type closing struct {
	pass   *pass
	day    *openDay
	start  int64       // of the day, Unix microseconds
	shapes []shape     // snapshot, by number
	ranks  []uint32    // of the shapes
	forms  []form      // by shape
	days   []localDays // by zone
	chunks []origin    // by file, row group and row
	ofEach int         // events of a bucket that a sieve will have, if all are alike and none is a duplicate
	sieves []*sieve
	total  *sieve // all sieves added up

	spill     *spill // of kept events; nil until there is need of it
	spillOnce sync.Once
	spillErr  error
}

// form is what of a shape's meter decides how its events are aggregated.
type form struct {
	meter    uint32
	perEvent bool
	reads    bool  // each reading counts, not only their sum
	slot     int64 // microseconds; 0: a local day
}

// close computes the rollup of d. It holds the events of d and a copy of those
// kept, or has them on disk.
func (p *pass) close(ctx context.Context, d *openDay) (Day, error) {
	c := p.newClosing(d)
	defer func() {
		c.spill.close()
		p.release(d)
	}()
	if err := c.sift(ctx); err != nil {
		return Day{}, err
	}
	out := Day{UTCDay: d.date, Keys: c.keys()}
	var err error
	if out.Rejected, err = c.rejections(ctx); err != nil {
		return Day{}, err
	}
	var overflowed overflows
	if out.Batch, overflowed, err = c.aggregate(ctx); err != nil {
		return Day{}, err
	}
	out.Parked = c.parked(overflowed)
	if err := c.countParked(overflowed); err != nil {
		return Day{}, err
	}
	out.Files = c.fileCounts()
	for _, f := range out.Files {
		out.Counts = out.Counts.Add(f.Counts)
		out.Meters = addMeters(out.Meters, f.Meters)
	}
	return out, nil
}

func (p *pass) newClosing(d *openDay) *closing {
	c := &closing{pass: p, day: d, start: int64(d.date) * microsPerDay, days: p.zones.on(d.date)}
	c.shapes, c.ranks = p.shapes.known()
	c.forms = make([]form, len(c.shapes))
	for i, sh := range c.shapes {
		m := &p.meters[sh.meter]
		c.forms[i] = form{sh.meter, m.PerEvent, m.level || m.counter || m.running, m.slot}
	}
	c.chunks = p.take(d)
	events := int64(0)
	for i := range c.chunks {
		o := &c.chunks[i]
		o.chunk.number, o.source = uint32(i), o.task.source.numbers[o.task.source.dayNumber(d.date)]
		events += int64(o.chunk.bounds[parts])
	}
	c.ofEach = int(min(events, p.budget.kept/eventBytes)) / (p.buckets * p.workers)
	return c
}

// time returns when an event of the day was, in Unix microseconds.
func (c *closing) time(e *event) int64 { return c.start + e.at.micros() }

// each runs work(worker, i) for every i below n on all workers; when it starts
// one it has started all below it, and finishes what it starts.
func (c *closing) each(ctx context.Context, n int, work func(worker, i int) error) error {
	var next atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	for w := range c.pass.workers {
		g.Go(func() error {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return nil
				}
				if err := work(w, i); err != nil {
					return err
				}
			}
			return ctx.Err()
		})
	}
	return g.Wait()
}

// sift decides every event whose id others may have, and lets go of the chunks.
func (c *closing) sift(ctx context.Context) error {
	c.total = new(sieve)
	c.total.begin(c)
	if c.pass.singly() {
		return nil
	}
	for len(c.pass.sieves) < c.pass.workers {
		c.pass.sieves = append(c.pass.sieves, new(sieve))
	}
	c.sieves = c.pass.sieves
	for _, s := range c.sieves {
		s.begin(c)
	}
	if err := c.each(ctx, parts, func(w, p int) error { return c.sieves[w].partition(p) }); err != nil {
		return err
	}
	for _, s := range c.sieves {
		c.total.merge(s)
	}
	c.pass.release(c.day)
	return nil
}

// keys lists the attribution keys that the day's rows were looked up by.
func (c *closing) keys() []string {
	a := c.pass.attribution
	out := slices.Grow([]string(nil), c.day.seen.len()) // entries lie by key, and keys are sorted
	last := -1
	for e := range a.entries {
		if key := int(a.entries[e].key); key != last && c.day.seen.has(uint32(e)) {
			out, last = append(out, a.keys[key]), key
		}
	}
	sorted := len(out)
	for _, sh := range c.day.shares {
		out = slices.AppendSeq(out, maps.Keys(sh.keys))
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
	for _, sh := range c.day.shares {
		out = append(out, sh.rejected...)
		sh.rejected = nil
	}
	slices.SortFunc(out, Rejected.compare)
	return out, nil
}

// fileCounts adds what the scan and the closing decided about each file.
func (c *closing) fileCounts() []FileCounts {
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
func (c *closing) countParked(overflowed overflows) error {
	if len(overflowed) == 0 {
		return nil
	}
	for b := range c.pass.buckets {
		err := c.kept(b, new(spillReader), func(events []event) {
			for i := range events {
				e := &events[i]
				h := c.pass.attribution.whose[e.entry].holder
				if _, ok := overflowed[c.pass.attribution.accountOf[h]]; ok {
					source := e.at.number()
					c.total.counts[source].Parked++
					c.total.ledgers[source].of(c.forms[e.shape].meter).Parked.add(e.qty)
				}
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}
