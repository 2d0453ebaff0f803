package parquet

// The two delta encodings of byte strings. Both are decoded a page at a time, to
// bytes and ends.

// lengths reads a run of lengths, none negative, and gives them with what follows.
func (s *source) lengths(b []byte, rows int, memory int64) (lengths []int64, rest []byte, err error) {
	if err := s.delta.reset(b, rows); err != nil {
		return nil, nil, err
	}
	if int64(s.delta.total) > memory/16 {
		return nil, nil, corruptf("a delta-encoded page has %d values, too many for its size", s.delta.total)
	}
	start, n := len(s.counts), s.delta.total
	if cap(s.counts) < start+n {
		s.counts = append(make([]int64, 0, start+n), s.counts...)
	}
	s.counts = s.counts[:start+n]
	lengths = s.counts[start:]
	if err := s.delta.read(lengths); err != nil {
		return nil, nil, err
	}
	for _, l := range lengths {
		if l < 0 || l > memory {
			return nil, nil, corrupt("a delta-encoded page has an impossible length")
		}
	}
	return lengths, s.delta.rest(), nil
}

func (s *source) setLengths(rows int, memory int64) error {
	s.form, s.ends, s.counts = formEnds, s.ends[:0], s.counts[:0]
	if len(s.b) == 0 { // a page of nulls only
		return nil
	}
	lengths, rest, err := s.lengths(s.b, rows, memory)
	if err != nil {
		return err
	}
	end := 0
	for _, l := range lengths {
		if l > int64(len(rest)-end) {
			return corrupt("a delta-encoded page ends early")
		}
		end += int(l)
		s.ends = append(s.ends, end)
	}
	s.b = rest
	return nil
}

// setDeltaBytes undoes DELTA_BYTE_ARRAY: each value repeats so many bytes of the
// one before and adds its own. Pages should stand alone, but parquet-mr before
// 1.8 (its issue PARQUET-246) and arrow/go v15 go on from the page before.
func (s *source) setDeltaBytes(rows int, memory int64) error {
	s.form, s.ends, s.counts, s.bytes = formEnds, s.ends[:0], s.counts[:0], s.bytes[:0]
	if len(s.b) == 0 { // a page of nulls only
		return nil
	}
	if _, _, err := s.lengths(s.b, rows, memory); err != nil {
		return err
	}
	n := len(s.counts)
	suffixes, rest, err := s.lengths(s.delta.rest(), rows, memory)
	if err != nil {
		return err
	}
	if len(suffixes) != n {
		return corrupt("a DELTA_BYTE_ARRAY page has more prefixes than suffixes, or fewer")
	}
	prefixes, before := s.counts[:n], s.before
	for i, suffix := range suffixes {
		prefix, start := prefixes[i], len(s.bytes)
		if prefix > int64(len(before)) || suffix > int64(len(rest)) {
			return corrupt("a DELTA_BYTE_ARRAY page ends early")
		}
		if int64(start)+prefix+suffix > memory {
			return corruptf("a DELTA_BYTE_ARRAY page decodes to more than %d bytes", memory)
		}
		s.bytes = append(s.bytes, before[:prefix]...)
		s.bytes = append(s.bytes, rest[:suffix]...)
		rest = rest[suffix:]
		before = s.bytes[start:]
		s.ends = append(s.ends, len(s.bytes))
	}
	s.b = s.bytes
	s.before = append(s.before[:0], before...)
	return nil
}
