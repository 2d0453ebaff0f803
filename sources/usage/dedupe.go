package usage

import "cmp"

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
	table   []place // open addressing by event id
	firsts  []first // of each identity in the partition
	repeats []repeat
	torn    bool // an identity is
	reader  spillReader

	counts    []Counts // by source of the day
	ledgers   []ledger // the same by meter
	conflicts []locator
	kept      keptEvents
}

// place of the table: a part of an id's hash and its first event's number + 1, so
// that ids which differ are told apart without a look at the events.
type place struct{ tag, first uint32 }

// first is the event that is kept of an identity, and where it comes from.
type first struct {
	keptAt
	isTorn bool // its identity has differing payloads
	chunk  uint32
	row    uint32 // in the chunk
}

// repeat is an event whose identity has been met.
type repeat struct {
	event
	chunk uint32
	first uint32
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
	s.conflicts = s.conflicts[:0]
	s.kept.begin(c.pass.buckets, c.ofEach)
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
	s.firsts, s.repeats, s.torn = resized(s.firsts, n)[:0], s.repeats[:0], false
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
	s.decideRepeats()
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

// identify enters events of one chunk and keeps those whose identity is new.
func (s *sieve) identify(events []event, chunk uint32) {
	c, before := s.closing, len(s.firsts)
	mask, table := uint64(len(s.table)-1), s.table
	source := c.chunks[chunk].source
	meters, counts := s.ledgers[source], &s.counts[source]
next:
	for i := range events {
		e := &events[i]
		tag := uint32(e.id.Lo >> 32)
		at := e.id.Lo & mask
		for ; table[at].first != 0; at = (at + 1) & mask {
			if table[at].tag == tag {
				if n := table[at].first - 1; s.kept.at(s.firsts[n].keptAt).id == e.id {
					s.again(e, chunk, n)
					continue next
				}
			}
		}
		bucket := c.pass.bucketOf[e.entry]
		k := keptAt{s.kept.used[bucket], bucket}
		if int(k.n) == len(s.kept.buckets[bucket]) {
			s.kept.grow(bucket)
		}
		s.kept.used[bucket]++
		kept := s.kept.at(k)
		*kept = *e
		kept.at = e.at.numbered(source)
		table[at] = place{tag, uint32(len(s.firsts)) + 1}
		s.firsts = append(s.firsts, first{keptAt: k, chunk: chunk, row: e.at.number()})
		meters[c.forms[e.shape].meter+1].Kept.add(e.qty)
		if e.at.rounded() {
			counts.Rounded++
		}
	}
	fresh := len(s.firsts) - before
	counts.Kept += int64(fresh)
	s.kept.held += fresh
}

// again enters an event whose identity has been met. Chunks come in any order,
// so it may be before the one that was first until now, and is kept in its place.
func (s *sieve) again(e *event, chunk, n uint32) {
	f := &s.firsts[n]
	kept := s.kept.at(f.keptAt)
	if !e.samePayload(kept) {
		f.isTorn, s.torn = true, true
	}
	r := repeat{*e, chunk, n}
	if cmp.Or(cmp.Compare(chunk, f.chunk), cmp.Compare(e.at.number(), f.row)) < 0 {
		s.count(kept, -1)
		r.event, r.chunk = *kept, f.chunk
		r.at = r.at.numbered(f.row)
		f.chunk, f.row = chunk, e.at.number()
		*kept = *e
		kept.at = e.at.numbered(s.closing.chunks[chunk].source)
		s.count(kept, 1)
	}
	s.repeats = append(s.repeats, r)
}

// count adds a kept event to what its source kept, n times.
func (s *sieve) count(kept *event, n int64) {
	source := kept.at.number()
	s.counts[source].Kept += n
	if kept.at.rounded() {
		s.counts[source].Rounded += n
	}
	t := &s.ledgers[source].of(s.closing.forms[kept.shape].meter).Kept
	t.Rows += n
	if n < 0 {
		t.Quantity = t.Quantity.Plus(Total{}.Add(kept.qty).negated())
	} else {
		t.Quantity = t.Quantity.Add(kept.qty)
	}
}

// decideRepeats counts the events whose identity had been met, and takes back
// those that are not to be kept after all.
func (s *sieve) decideRepeats() {
	c := s.closing
	for i := range s.repeats {
		r := &s.repeats[i]
		if s.firsts[r.first].isTorn {
			s.conflict(&r.event, r.chunk, r.at.number())
			continue
		}
		source := c.chunks[r.chunk].source
		s.counts[source].Duplicate++
		s.ledgers[source].of(c.forms[r.shape].meter).Duplicate.add(r.qty)
	}
	if !s.torn {
		return
	}
	for i := range s.firsts {
		if f := &s.firsts[i]; f.isTorn {
			kept := s.kept.at(f.keptAt)
			s.count(kept, -1)
			s.conflict(kept, f.chunk, f.row)
			s.kept.drop(f.keptAt)
		}
	}
	s.kept.compact()
}

func (s *sieve) conflict(e *event, chunk, row uint32) {
	c := s.closing
	from := &c.chunks[chunk]
	s.counts[from.source].Rejected++
	s.ledgers[from.source].of(c.forms[e.shape].meter).Rejected.add(e.qty)
	s.conflicts = append(s.conflicts, locator{from.task, from.chunk.first + int64(row), c.time(e)})
}
