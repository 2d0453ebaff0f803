package usage

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"

	"daybook/pricing"
)

// aggregate returns the day's rows, without the accounts whose sums overflowed,
// and those. As the first pass over the groups meets every overflow, a second
// one is all that it takes to leave their accounts out.
func (c *closing) aggregate(ctx context.Context) (pricing.UsageBatch, overflows, error) {
	for len(c.pass.groupings) < c.pass.workers {
		c.pass.groupings = append(c.pass.groupings, new(grouping))
	}
	workers, parked := c.pass.groupings, overflows{}
	for _, w := range workers {
		w.closing = c
	}
	for {
		w := newBatchWriter(c, parked)
		turns := turns{}
		err := c.each(ctx, c.pass.buckets, func(worker, b int) error {
			g := workers[worker]
			err := g.bucket(b)
			turns.take(b, func() { w.write(g) }) // those after it wait for it
			return err
		})
		if err != nil || len(w.overflowed) == 0 {
			return w.out, parked, err
		}
		maps.Copy(parked, w.overflowed)
	}
}

// turns lets workers that finish in any order write in the order of their work.
type turns struct {
	mu   sync.Mutex
	next int
	wait map[int]chan struct{}
}

func (t *turns) take(n int, write func()) {
	t.mu.Lock()
	for t.next != n {
		if t.wait == nil {
			t.wait = map[int]chan struct{}{}
		}
		ready := make(chan struct{})
		t.wait[n] = ready
		t.mu.Unlock()
		<-ready
		t.mu.Lock()
	}
	t.mu.Unlock()
	write()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.next++
	if ready := t.wait[t.next]; ready != nil {
		close(ready)
	}
}

// grouping accumulates one bucket of holders after the other, in the memory of
// the one before.
type grouping struct {
	closing  *closing
	table    []spot // open addressing by key
	shift    int    // 64 − the table's bits
	groups   []group
	keys     [64]groupKey // of the events that are being added
	readings []reading
	levels   []Total  // by group: of level meters the integral, of counters the increase; nil: there are none
	order    []uint32 // of the groups
	starts   []uint32
	reader   spillReader
}

// bucket computes the rows of the rollup of bucket b: groups, levels and order.
func (g *grouping) bucket(b int) error {
	g.groups, g.readings, g.levels = g.groups[:0], g.readings[:0], nil
	g.resize(256)
	err := g.closing.kept(b, &g.reader, func(events []event) {
		for some := range slices.Chunk(events, len(g.keys)) {
			g.add(some)
		}
	})
	if len(g.readings) > 0 {
		g.integrate()
	}
	g.sort()
	return err
}

// spot of the table: a part of a key's hash and its group's number + 1, so that keys
// which differ are told apart without a look at the groups.
type spot struct{ tag, group uint32 }

// tagOf takes bits of a hash that all of the key has a part in, as it has in the
// highest ones, which choose the spot.
func tagOf(h uint64) uint32 { return uint32(h >> 20) }

// add accumulates some events. Their keys are worked out first, as that waits for
// nothing, while the groups of an event may.
func (g *grouping) add(events []event) {
	c := g.closing
	for i := range events {
		e := &events[i]
		whose, f, slot := c.pass.attribution.whose[e.entry], &c.forms[e.shape], int64(0)
		if f.slot != 0 {
			into := e.at.micros()
			slot = (into-into%f.slot)/fiveMinutes + 1
		}
		g.keys[i] = groupKey{whose.holder, e.shape, when(c.days[whose.zone].at(c.time(e)), c.day.date, slot)}
	}
	for i := range events {
		e := &events[i]
		key, f, t := g.keys[i], &c.forms[e.shape], c.time(e)
		if f.perEvent {
			g.groups = append(g.groups, group{groupKey: key})
			g.groups[len(g.groups)-1].add(e, t)
			continue
		}
		n := g.find(key)
		g.groups[n].add(e, t)
		if f.reads {
			g.readings = append(g.readings, reading{n, t, e.id, e.qty})
		}
	}
}

// find returns the number of the key's group, a new one when there is none.
func (g *grouping) find(k groupKey) uint32 {
	table, h := g.table, k.hash()
	mask, tag := uint64(len(table)-1), tagOf(h)
	at := h >> g.shift
	for ; table[at&mask].group != 0; at++ {
		if s := table[at&mask]; s.tag == tag && g.groups[s.group-1].groupKey == k {
			return s.group - 1
		}
	}
	g.groups = append(g.groups, group{})
	n := uint32(len(g.groups))
	g.groups[n-1].groupKey = k
	table[at&mask] = spot{tag, n}
	if len(g.groups)*3 > len(table) {
		g.grow()
	}
	return n - 1
}

// resize empties the table and gives it n places, a power of two.
func (g *grouping) resize(n int) {
	g.table = cleared(g.table, n)
	for g.shift = 64; n > 1; n /= 2 {
		g.shift--
	}
}

func (g *grouping) grow() {
	g.resize(2 * len(g.table))
	mask := uint64(len(g.table) - 1)
	for n := range g.groups {
		if g.closing.forms[g.groups[n].shape].perEvent { // never looked for
			continue
		}
		h := g.groups[n].hash()
		at := h >> g.shift
		for g.table[at].group != 0 {
			at = (at + 1) & mask
		}
		g.table[at] = spot{tagOf(h), uint32(n) + 1}
	}
}

// sort puts the groups in the order of the output: account, subscription, meter,
// dimensions, day, slot. Groups are large, so their numbers are sorted and not
// they: first by holder, of which a bucket has a range, then those of each.
func (g *grouping) sort() {
	c := g.closing
	first, last := c.holders(g.groups)
	g.starts, g.order = cleared(g.starts, int(last-first)+2), resized(g.order, len(g.groups))
	for i := range g.groups {
		g.starts[g.groups[i].holder-first+1]++
	}
	for i := 1; i < len(g.starts); i++ {
		g.starts[i] += g.starts[i-1]
	}
	for i := range g.groups {
		at := &g.starts[g.groups[i].holder-first]
		g.order[*at] = uint32(i)
		*at++
	}
	from := uint32(0)
	for _, to := range g.starts[:len(g.starts)-1] { // each is now where the holder's groups end
		if to-from > 1 {
			slices.SortFunc(g.order[from:to], g.compare)
		}
		from = to
	}
}

// holders returns the range of the groups' holders.
func (c *closing) holders(groups []group) (first, last uint32) {
	first = ^uint32(0)
	for i := range groups {
		first, last = min(first, groups[i].holder), max(last, groups[i].holder)
	}
	return min(first, last), last
}

// compare orders two groups of one holder.
func (g *grouping) compare(a, b uint32) int {
	x, y := &g.groups[a], &g.groups[b]
	if x.shape != y.shape {
		return cmp.Compare(g.closing.ranks[x.shape], g.closing.ranks[y.shape])
	}
	if x.when != y.when {
		return cmp.Compare(x.when, y.when)
	}
	// Only events that are kept as they are share a place: by time and quantity.
	if x.firstTime != y.firstTime {
		return cmp.Compare(x.firstTime, y.firstTime)
	}
	return x.first.Cmp(y.first)
}
