package usage

import (
	"context"
	"iter"
	"slices"

	"daybook/pricing"
	"daybook/sources/parquet"
)

// source is one file of the pass.
type source struct {
	File
	number  uint64               // among the sources of the pass, by key
	days    map[pricing.Date]int // number of each of its days
	open    []*openDay           // its days, ascending
	numbers []uint32             // by day: its own among the day's sources

	digest  string // SHA-256 of the whole object, hex
	content content
	file    *parquet.File
	binding *binding
	release func()

	// Guarded by pass.mu.
	remaining int // row groups and the opening, not finished
	fault     *FileError
	counts    []Counts // by day: what the scan decided
	ledgers   []ledger // the same by meter; nil: nothing
}

func newSource(f File) (*source, error) {
	f.Days = slices.Compact(slices.Sorted(slices.Values(f.Days)))
	s := &source{File: f, days: map[pricing.Date]int{}, remaining: 1, counts: make([]Counts, len(f.Days)), ledgers: make([]ledger, len(f.Days))}
	for i, d := range f.Days {
		s.days[d] = i
	}
	return s, nil
}

// dayNumber returns the number of a day that the source lists.
func (s *source) dayNumber(d pricing.Date) int { return s.days[d] }

// openSource fetches the file, digests it and binds its columns.
func (p *pass) openSource(ctx context.Context, s *source) error {
	fault := func(err error) error { return fileFault(s.Object.Key, -1, "", err) }
	bytes, digest, err := fetch(ctx, p.store, s.Object, p.budget.whole, p.bodies.get, func() ([]producerDigest, error) {
		return p.producerDigests(ctx, s)
	})
	if err != nil {
		return fault(err)
	}
	file, err := parquet.Open(s.Object.Key, bytes, s.Object.Size, parquet.Limits{})
	if err != nil {
		return fault(err)
	}
	s.content, s.digest, s.file = bytes, digest, file
	s.binding, err = p.bind(s)
	return err
}

// groups yields the row groups of an opened source; none when it failed.
func (s *source) groups() iter.Seq[int] {
	return func(yield func(int) bool) {
		if s.binding == nil {
			return
		}
		for g := range s.file.RowGroups() {
			if !yield(g) {
				return
			}
		}
	}
}

// free lets go of the file's bytes, of which nothing is in use.
func (s *source) free(memory *bodies) {
	if h, ok := s.content.(held); ok {
		memory.put(h.body)
	}
	s.content, s.file, s.binding = nil, nil, nil
	if s.release != nil {
		s.release()
		s.release = nil
	}
}

// hold brings the named columns of a row group into memory.
func (s *source) hold(ctx context.Context, group int, columns []int) (release func(), err error) {
	var stretches []stretch
	for _, c := range columns {
		off, length := s.file.CompressedRange(group, c)
		stretches = append(stretches, stretch{off, length})
	}
	return s.content.want(ctx, stretches)
}
