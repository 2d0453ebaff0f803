package usage

import (
	"cmp"
	"sync"

	"github.com/zeebo/xxh3"

	"daybook/pricing/money"
)

// eventID is the 128-bit hash of an event id's text. A collision, chance or
// forged, cannot hide usage: the payload beside it tells the events apart and
// both are rejected as conflicting.
type eventID = xxh3.Uint128

// greater orders the hashes, for ties of time.
func greater(a, b eventID) bool { return a.Hi > b.Hi || (a.Hi == b.Hi && a.Lo > b.Lo) }

// event is one usage row that passed every check of its own, in 48 bytes and
// without pointers, so that a day of millions is nothing to the garbage
// collector.
type event struct {
	id    eventID
	qty   money.Int128 // at 12 places
	at    moment
	entry uint32 // of attribution.entries
	shape uint32 // of shapes
}

// moment is when an event was, in microseconds of its UTC day (37 bits), whether
// its quantity was rounded (1 bit), and a number of 26 bits: the row in its chunk
// or, of an event that is to be billed, its file's number among those of the day.
type moment uint64

const numberBits = 26

func newMoment(micros int64, rounded bool, number uint32) moment {
	m := moment(micros)<<(numberBits+1) | moment(number)
	if rounded {
		m |= 1 << numberBits
	}
	return m
}

func (m moment) micros() int64  { return int64(m >> (numberBits + 1)) }
func (m moment) rounded() bool  { return m>>numberBits&1 == 1 }
func (m moment) number() uint32 { return uint32(m) & (1<<numberBits - 1) }

// numbered returns the moment with another number.
func (m moment) numbered(n uint32) moment { return m>>numberBits<<numberBits | moment(n) }

// samePayload compares what must be equal in events of one identity: time,
// attribution key, meter, dimensions and quantity (docs/billing-rules.md,
// Identity of an event). The quantity is compared as it is stored.
func (e *event) samePayload(o *event) bool {
	return e.at.micros() == o.at.micros() && e.entry == o.entry && e.shape == o.shape && e.qty == o.qty
}

const (
	// parts is the number of partitions of a day's events, of which one fits the cache
	// even if the day is large: by event-id hash, as duplicates are looked for in one
	// after the other, or, where rows have no ids, the buckets that are aggregated.
	parts = 1 << partBits
	// chunkEvents is the most events of a chunk.
	chunkEvents = batchRows

	partBits = 7
)

// chunk is some consecutive events that one row group gave to one day.
type chunk struct {
	first  int64             // the row that the events' rows are counted from
	number uint32            // of its day's chunks, by file, row group and row, once the day is closed
	events []event           // by partition, then row; nil: they are on disk
	bounds [parts + 1]uint16 // partition p is events[bounds[p]:bounds[p+1]]
}

func (c *chunk) part(p int) []event { return c.events[c.bounds[p]:c.bounds[p+1]] }

// size is how many events partition p has.
func (c *chunk) size(p int) int { return int(c.bounds[p+1] - c.bounds[p]) }

// bytes is the memory of the events.
func (c *chunk) bytes() int64 { return int64(cap(c.events)) * eventBytes }

// divide makes room for so many events of each partition, and gives where each
// begins.
func (c *chunk) divide(next *[parts]uint16, memory *buffers) {
	at := uint16(0)
	for p, n := range next {
		c.bounds[p], next[p] = at, at
		at += n
	}
	c.bounds[parts] = at
	c.events = memory.get(int(at))
}

// partOf is the partition of an event.
func (p *pass) partOf(id eventID, entry uint32) uint8 {
	if p.singly() {
		return p.bucketOf[entry]
	}
	return uint8(id.Lo >> (64 - partBits))
}

// scatter makes a chunk of events, ordered by row, the first of them in row first.
func (p *pass) scatter(events []event, first int64) *chunk {
	c := &chunk{first: first}
	var next [parts]uint16
	for i := range events {
		next[p.partOf(events[i].id, events[i].entry)]++
	}
	c.divide(&next, &p.buffers)
	for i := range events {
		part := p.partOf(events[i].id, events[i].entry)
		c.events[next[part]] = events[i]
		next[part]++
	}
	return c
}

// compare orders chunks by file, row group and row.
func (o origin) compare(b origin) int {
	return cmp.Or(o.task.compare(b.task), cmp.Compare(o.chunk.first, b.chunk.first))
}

// buffers keeps the memory of full chunks for the next ones.
type buffers struct {
	mu   sync.Mutex
	free [][]event
}

// get returns n events of any content.
func (b *buffers) get(n int) []event {
	if n < chunkEvents/2 {
		return make([]event, n)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if last := len(b.free) - 1; last >= 0 {
		kept := b.free[last]
		b.free = b.free[:last]
		return kept[:n]
	}
	return make([]event, n, chunkEvents)
}

func (b *buffers) put(events []event) {
	if cap(events) == chunkEvents {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.free = append(b.free, events)
	}
}
