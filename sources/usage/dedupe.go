package usage

import (
	"cmp"
	"slices"
)

// locator is the place of one row.
type locator struct {
	task *task
	row  int64
	time int64
}

func (l locator) compare(o locator) int {
	return cmp.Or(l.task.compare(o.task), cmp.Compare(l.row, o.row))
}

// sieve removes the duplicates of one partition after the other. Each worker
// has its own, kept from day to day for its memory's sake, and its results are
// added up in any order.
type sieve struct {
	closing *closing
	table   []uint32 // open addressing by event id: index of the first event + 1
	firsts  []event  // of each identity in the partition
	origins []uint32 // of the firsts: the chunks that they come from
	repeats []repeat
	torn    []bool // of a first event: its identity has differing payloads
	tears   bool   // there is one

	counts    []Counts // by source of the day
	ledgers   []ledger // the same by meter
	conflicts []locator
	seen      []uint64 // bit set of attribution entries
	kept      keptEvents
	reader    spillReader
}

// repeat is an event whose identity has been met.
type repeat struct {
	event
	origin uint32
	first  uint32
}

// begin prepares the sieve for a day, in the memory of the day before.
func (s *sieve) begin(c *closing) {
	s.closing = c
	s.counts = cleared(s.counts, len(c.day.sources))
	for len(s.ledgers) < len(c.day.sources) {
		s.ledgers = append(s.ledgers, nil)
	}
	s.ledgers = s.ledgers[:len(c.day.sources)]
	for i := range s.ledgers {
		s.ledgers[i] = cleared(s.ledgers[i], len(c.pass.meters)+1)
	}
	s.seen = cleared(s.seen, (len(c.pass.attribution.entries)+63)/64)
	s.conflicts = s.conflicts[:0]
	s.kept.begin(c.buckets)
}

// partition decides every event of partition p. Of equal events the first in
// the order of file, row group and row is kept and the others are duplicates;
// when any two of one id differ, all of that id are conflicting, whatever their
// order (docs/billing-rules.md, Identity of an event).
func (s *sieve) partition(p int) error {
	n := 0
	for _, o := range s.closing.chunks {
		n += o.chunk.size(p)
	}
	size := 16
	for size < 2*n {
		size *= 2
	}
	s.table = cleared(s.table, size)
	s.firsts, s.origins = resized(s.firsts, n)[:0], resized(s.origins, n)[:0]
	s.repeats, s.tears = s.repeats[:0], false
	for _, o := range s.closing.chunks {
		if o.chunk.events != nil {
			s.identify(o.chunk.part(p), o.chunk.number)
		}
	}
	for i := range s.closing.day.spilled {
		if err := s.identifySpilled(&s.closing.day.spilled[i], p); err != nil {
			return err
		}
	}
	s.decide()
	return s.kept.fit(s.closing)
}

// identifySpilled enters partition p of a run of chunks, which follow one another
// in it.
func (s *sieve) identifySpilled(from *spilled, p int) error {
	at, left := -1, 0
	return s.reader.read(&from.run, p, func(events []event) {
		for len(events) > 0 {
			for left == 0 {
				at++
				left = from.chunks[at].chunk.size(p)
			}
			n := min(left, len(events))
			s.identify(events[:n], from.chunks[at].chunk.number)
			events, left = events[n:], left-n
		}
	})
}

// identify enters events of one chunk.
func (s *sieve) identify(events []event, origin uint32) {
	mask, table := uint64(len(s.table)-1), s.table
	for i := range events {
		e := &events[i]
		at := e.id.Lo & mask
		for table[at] != 0 && s.firsts[table[at]-1].id != e.id {
			at = (at + 1) & mask
		}
		if table[at] != 0 {
			s.again(e, origin, table[at]-1)
			continue
		}
		s.firsts, s.origins = append(s.firsts, *e), append(s.origins, origin)
		table[at] = uint32(len(s.firsts))
	}
}

// again enters an event whose identity has been met. Chunks come in any order,
// so it may be before the one that was first until now.
func (s *sieve) again(e *event, origin, first uint32) {
	r, f := repeat{*e, origin, first}, &s.firsts[first]
	if !e.samePayload(f) {
		if !s.tears {
			s.tears, s.torn = true, cleared(s.torn, cap(s.firsts))
		}
		s.torn[first] = true
	}
	if cmp.Or(cmp.Compare(origin, s.origins[first]), cmp.Compare(e.at.number(), f.at.number())) < 0 {
		r.event, *f = *f, r.event
		r.origin, s.origins[first] = s.origins[first], r.origin
	}
	s.repeats = append(s.repeats, r)
}

// decide counts the partition's events and keeps those that are to be billed.
func (s *sieve) decide() {
	c := s.closing
	for i := range s.firsts {
		e, origin := &s.firsts[i], s.origins[i]
		s.seen[e.entry/64] |= 1 << (e.entry % 64)
		if s.tears && s.torn[i] {
			s.conflict(e, origin)
			continue
		}
		source := c.chunks[origin].source
		counts := &s.counts[source]
		counts.Kept++
		if e.at.rounded() {
			counts.Rounded++
		}
		s.ledgers[source].of(c.forms[e.shape].meter).Kept.add(e.qty)
		e.at = e.at.numbered(source)
		s.kept.add(c.bucketOf[e.entry], e)
	}
	for i := range s.repeats {
		e := &s.repeats[i]
		s.seen[e.entry/64] |= 1 << (e.entry % 64)
		if s.tears && s.torn[e.first] {
			s.conflict(&e.event, e.origin)
			continue
		}
		source := c.chunks[e.origin].source
		s.counts[source].Duplicate++
		s.ledgers[source].of(c.forms[e.shape].meter).Duplicate.add(e.qty)
	}
}

func (s *sieve) conflict(e *event, origin uint32) {
	c := s.closing
	from := &c.chunks[origin]
	s.counts[from.source].Rejected++
	s.ledgers[from.source].of(c.forms[e.shape].meter).Rejected.add(e.qty)
	s.conflicts = append(s.conflicts, locator{from.task, from.chunk.first + int64(e.at.number()), c.time(e)})
}

// cleared returns a slice of n zeros, reusing s where it is large enough.
func cleared[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	s = s[:n]
	clear(s)
	return s
}

// merge adds the results of another sieve.
func (s *sieve) merge(o *sieve) {
	for i := range s.counts {
		s.counts[i] = s.counts[i].Add(o.counts[i])
	}
	for i := range s.ledgers {
		s.ledgers[i].add(o.ledgers[i])
	}
	for i := range s.seen {
		s.seen[i] |= o.seen[i]
	}
	s.conflicts = append(s.conflicts, o.conflicts...)
	slices.SortFunc(s.conflicts, locator.compare)
}
