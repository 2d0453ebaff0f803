package usage

import (
	"sync"

	"github.com/zeebo/xxh3"

	"daybook/pricing"
	"daybook/pricing/money"
)

// eventID is the 128-bit hash of an event id's text. A collision, chance or
// forged, cannot hide usage: the payload beside it tells the events apart and
// both are rejected as conflicting.
type eventID = xxh3.Uint128

// greater orders the hashes, for ties of time.
func greater(a, b eventID) bool { return a.Hi > b.Hi || (a.Hi == b.Hi && a.Lo > b.Lo) }

// event is one usage row that passed every check of its own, in 56 bytes and
// without pointers, so that a day of millions is nothing to the garbage
// collector.
type event struct {
	id    eventID
	qty   money.Int128 // at 12 places
	time  int64        // Unix microseconds
	entry uint32       // of attribution.entries
	shape uint32       // of shapes
	row   uint32       // in the row group
	from  uint32       // task ordinal × 2, + 1 when the quantity was rounded
}

func (e *event) task() int32   { return int32(e.from >> 1) }
func (e *event) rounded() bool { return e.from&1 == 1 }

// samePayload compares what must be equal in events of one identity: time,
// attribution key, meter, dimensions and quantity (docs/billing-rules.md,
// Identity of an event). The quantity is compared as it is stored.
func (e *event) samePayload(o *event) bool {
	return e.time == o.time && e.entry == o.entry && e.shape == o.shape && e.qty == o.qty
}

// parts is the number of partitions, by event-id hash, in which a day's
// duplicates are looked for: a partition of a large day fits the cache.
const parts = 64

func partOf(id eventID) int { return int(id.Hi >> (64 - 6)) }

// chunk is what one row group gave to one day.
type chunk struct {
	task     *task
	events   []event           // by partition, then row
	bounds   [parts + 1]uint32 // partition p is events[bounds[p]:bounds[p+1]]
	rejected []Rejected
	keys     map[string]struct{} // attribution keys of rejected rows
}

func (c *chunk) part(p int) []event { return c.events[c.bounds[p]:c.bounds[p+1]] }

// scatter copies events, ordered by row, into the chunk's partitions.
func (c *chunk) scatter(events []event, memory *buffers) {
	var next [parts]uint32
	for i := range events {
		next[partOf(events[i].id)]++
	}
	at := uint32(0)
	for p, n := range next {
		c.bounds[p], next[p] = at, at
		at += n
	}
	c.bounds[parts] = at
	c.events = memory.get(len(events))
	for i := range events {
		p := partOf(events[i].id)
		c.events[next[p]] = events[i]
		next[p]++
	}
}

// buffers keeps the memory of events for the next row groups.
type buffers struct{ pool sync.Pool }

// get returns n events of any content.
func (b *buffers) get(n int) []event {
	if kept, ok := b.pool.Get().(*[]event); ok && cap(*kept) >= n {
		return (*kept)[:n]
	}
	return make([]event, n, n+n/8)
}

func (b *buffers) put(events []event) {
	if cap(events) > 0 {
		b.pool.Put(&events)
	}
}

// openDay collects the chunks of a UTC day until all its files are read.
type openDay struct {
	date    pricing.Date
	sources []*source // that list the day, by key
	waiting int       // sources not read yet
	chunks  []*chunk
}
