package usage

import "slices"

// staged collects a day's events of a row group until they fill a chunk.
type staged struct {
	first  int64
	events []event
}

// room reports whether the event of a row can be added.
func (s *staged) room(row int64) bool {
	return len(s.events) < chunkEvents && (len(s.events) == 0 || row-s.first < 1<<numberBits)
}

// next returns the event of a row, to be filled in. There is room for it.
func (s *staged) next(row int64) *event {
	n := len(s.events)
	if n == 0 {
		s.first = row
	}
	if n == cap(s.events) {
		s.events = slices.Grow(s.events, min(chunkEvents-n, max(64, n)))
	}
	s.events = s.events[:n+1]
	return &s.events[n]
}

// share is what one row group gave to one day beside its events.
type share struct {
	rejected []Rejected
	keys     map[string]struct{} // attribution keys of rejected rows
}

// accept enters row i, which passed every check of its own, at its day.
func (s *scanner) accept(d, i int, id eventID, r *plainRow) error {
	s.ledgers[d].of(r.meter).Read.add(r.qty)
	row := s.batch.Row + int64(i)
	if drop := s.pass.engine.drop; drop != nil && drop(s.task.source.Object.Key, int64(s.task.group), row) {
		return nil // a test loses the row
	}
	into := &s.staged[d]
	if !into.room(row) {
		if err := s.flush(d); err != nil {
			return err
		}
	}
	e, number := into.next(row), uint32(row-into.first)
	if s.binding.singly {
		number = s.task.source.numbers[d]
		s.keep(d, r)
	}
	e.id, e.qty, e.entry, e.shape = id, r.qty, r.entry, r.shape
	e.at = newMoment(s.times[i]-s.starts[d], r.rounded, number)
	s.seen[d].add(r.entry)
	return nil
}

// flush makes a chunk of what is staged for a day.
func (s *scanner) flush(d int) error {
	from := &s.staged[d]
	if len(from.events) == 0 {
		return nil
	}
	c := s.pass.scatter(from.events, from.first)
	from.events = from.events[:0]
	return s.pass.add(s.task.source.open[d], origin{chunk: c, task: s.task})
}

// settle counts the rows read and those outside each day, and partitions what
// the days got.
func (s *scanner) settle() error {
	for d := range s.counts {
		s.counts[d].Read += s.read
		s.counts[d].Outside += s.nowhere
		for other, n := range s.placed {
			if other != d {
				s.counts[d].Outside += n
			}
		}
		none := s.ledgers[d].of(unknown)
		none.Outside.Rows += s.counts[d].Outside
		none.Read.Rows += s.counts[d].Outside
		if err := s.flush(d); err != nil {
			return err
		}
	}
	return nil
}

// share returns the task's share of a day of its source.
func (s *scanner) share(d int) *share {
	if s.shares[d] == nil {
		s.shares[d] = new(share)
	}
	return s.shares[d]
}
