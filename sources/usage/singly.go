package usage

// singly reports that rows have no event ids: each is an event of its own.
func (p *pass) singly() bool { return p.mapping.EventID.None }

// fileRows is more than the rows of any file: places count on from file to file.
const fileRows = 1 << 40

// homeOf is the place of a row group's first row.
func homeOf(t *task) uint64 {
	home := t.source.number * fileRows
	for group := range t.group {
		home += uint64(t.source.file.RowGroupRows(group))
	}
	return home
}

// identityOfPlace stands for the id of row i where rows have none: its place, by
// file key, row group and row, which decides ties of time.
func (s *scanner) identityOfPlace(i int) eventID {
	return eventID{Hi: s.home + uint64(s.batch.Row) + uint64(i)}
}

// keep counts a row without an id: it is kept as soon as it is accepted.
func (s *scanner) keep(d int, r *plainRow) {
	s.ledgers[d].of(r.meter).Kept.add(r.qty)
	s.counts[d].Kept++
	if r.rounded {
		s.counts[d].Rounded++
	}
}

// keepAll is keep for a batch in one piece, whose tallies are made.
func (s *scanner) keepAll(d int, rounded int64) {
	for m, t := range s.tallies {
		into := s.ledgers[d].of(uint32(m))
		into.Kept = into.Kept.Plus(t)
	}
	s.counts[d].Kept += int64(len(s.plain.rows))
	s.counts[d].Rounded += rounded
}

// accepted gives the events of a bucket, some at a time: the partitions of rows
// without ids are buckets, and nothing has been decided since.
func (c *closing) accepted(b int, reader *spillReader, each func([]event)) error {
	for _, o := range c.chunks {
		if o.chunk.events != nil {
			each(o.chunk.part(b))
		}
	}
	for i := range c.day.spilled {
		if err := reader.read(&c.day.spilled[i].run, b, each); err != nil {
			return err
		}
	}
	return nil
}
