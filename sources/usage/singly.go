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
// file key, row group and row, which decides ties of time, and a number that
// spreads a file's rows over the partitions.
func (s *scanner) identityOfPlace(i int) eventID {
	place := s.home + uint64(s.batch.Row) + uint64(i)
	return eventID{Hi: place, Lo: place * 0x9E3779B97F4A7C15}
}

// keepAll keeps every event of a chunk.
func (s *sieve) keepAll(events []event, chunk uint32) {
	c := s.closing
	source := c.chunks[chunk].source
	meters, counts := s.ledgers[source], &s.counts[source]
	for i := range events {
		e := &events[i]
		bucket := c.bucketOf[e.entry]
		n := s.kept.used[bucket]
		if int(n) == len(s.kept.buckets[bucket]) {
			s.kept.grow(bucket)
		}
		s.kept.used[bucket]++
		kept := &s.kept.buckets[bucket][n]
		*kept = *e
		kept.at = e.at.numbered(source)
		s.seen[e.entry/64] |= 1 << (e.entry % 64)
		meters[c.forms[e.shape].meter+1].Kept.add(e.qty)
		if e.at.rounded() {
			counts.Rounded++
		}
	}
	counts.Kept += int64(len(events))
	s.kept.held += len(events)
}
