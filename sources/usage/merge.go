package usage

import "slices"

// merge adds the results of another sieve.
func (s *sieve) merge(o *sieve) {
	for i := range s.counts {
		s.counts[i] = s.counts[i].Add(o.counts[i])
	}
	for i := range s.ledgers {
		s.ledgers[i].add(o.ledgers[i])
	}
	s.conflicts = append(s.conflicts, o.conflicts...)
	slices.SortFunc(s.conflicts, locator.compare)
}
