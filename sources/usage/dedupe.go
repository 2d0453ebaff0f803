package usage

import (
	"cmp"
	"slices"
)

// locator is the place of one row.
type locator struct {
	task int32
	row  uint32
	time int64
}

// sieve removes the duplicates of one partition after the other. Each worker
// has its own, kept from day to day for its memory's sake, and its results are
// added up in any order.
type sieve struct {
	closing *closing
	events  []event  // of one partition, by file, row group and row
	table   []uint32 // open addressing by event id: index of the first event + 1
	firsts  []uint32 // of each event: the first of its identity
	torn    []bool   // of a first event: its identity has differing payloads

	counts    []Counts // by source of the day
	ledgers   []ledger // the same by meter
	conflicts []locator
	seen      []uint64  // bit set of attribution entries
	kept      [][]event // by bucket of holders
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
	for len(s.kept) < c.buckets {
		s.kept = append(s.kept, nil)
	}
	for i := range s.kept {
		s.kept[i] = s.kept[i][:0]
	}
}

// partition decides every event of partition p. Of equal events the first in
// the order of file, row group and row is kept and the others are duplicates;
// when any two of one id differ, all of that id are conflicting, whatever their
// order (docs/billing-rules.md, Identity of an event).
func (s *sieve) partition(p int) {
	s.events = s.events[:0]
	for _, c := range s.closing.day.chunks {
		s.events = append(s.events, c.part(p)...)
	}
	s.identify()
	for i := range s.events {
		e := &s.events[i]
		s.seen[e.entry/64] |= 1 << (e.entry % 64)
		source := s.closing.sourceOf[e.task()]
		counts, meter := &s.counts[source], s.ledgers[source].of(s.closing.shapes[e.shape].meter)
		switch first := s.firsts[i]; {
		case s.torn[first]:
			counts.Rejected++
			meter.Rejected.add(e.qty)
			s.conflicts = append(s.conflicts, locator{e.task(), e.row, e.time})
		case first != uint32(i):
			counts.Duplicate++
			meter.Duplicate.add(e.qty)
		default:
			counts.Kept++
			meter.Kept.add(e.qty)
			if e.rounded() {
				counts.Rounded++
			}
			s.keep(e)
		}
	}
}

// identify finds the first event of each event's identity and the identities
// that are torn.
func (s *sieve) identify() {
	n := len(s.events)
	size := 16
	for size < 2*n {
		size *= 2
	}
	s.table = cleared(s.table, size)
	s.firsts = cleared(s.firsts, n)
	s.torn = cleared(s.torn, n)
	mask := uint64(size - 1)
	for i := range s.events {
		e := &s.events[i]
		at := e.id.Lo & mask
		for s.table[at] != 0 && s.events[s.table[at]-1].id != e.id {
			at = (at + 1) & mask
		}
		if s.table[at] == 0 {
			s.table[at] = uint32(i) + 1
			s.firsts[i] = uint32(i)
			continue
		}
		first := s.table[at] - 1
		s.firsts[i] = first
		if !e.samePayload(&s.events[first]) {
			s.torn[first] = true
		}
	}
}

func (s *sieve) keep(e *event) {
	b := s.closing.bucketOf[e.entry]
	s.kept[b] = append(s.kept[b], *e)
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

func (l locator) compare(o locator) int {
	if l.task != o.task {
		return int(l.task) - int(o.task)
	}
	return cmp.Compare(l.row, o.row)
}
