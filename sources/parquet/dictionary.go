package parquet

// dictionary holds a chunk's dictionary page, decoded; one slice is used, by the
// column's target.
type dictionary struct {
	set     bool
	entries int
	ints    []int64
	doubles []float64
	wides   []Decimal128
	texts   [][]byte
	page    []byte // memory that texts share
}

func (d *dictionary) reset() {
	d.set, d.entries = false, 0
	d.texts = d.texts[:0]
}

// load decodes a dictionary page of n entries. page stays in use while the
// dictionary does.
func (d *dictionary) load(f *Field, to target, s *source, n int, page []byte, memory int64) error {
	if d.set {
		return corrupt("it has two dictionary pages")
	}
	if f.Kind == KindBool {
		return corrupt("a dictionary of booleans cannot be read")
	}
	// Every entry takes at least a byte of the page, so n cannot ask for more
	// memory than a small multiple of what is there.
	if n > len(page) {
		return corruptf("a dictionary page of %d bytes says it has %d entries", len(page), n)
	}
	if err := s.set(f, encodingPlain, page, n, memory); err != nil {
		return err
	}
	d.set, d.entries = true, n
	switch to {
	case toInts:
		d.ints = grown(d.ints, n)
		return s.ints(d.ints, f.Kind)
	case toDoubles:
		d.doubles = grown(d.doubles, n)
		return s.doubles(d.doubles, f.Kind)
	case toWides:
		d.wides = grown(d.wides, n)
		return s.wides(d.wides)
	default:
		d.texts = grown(d.texts, n)
		for i := range d.texts {
			text, err := s.text()
			if err != nil {
				return err
			}
			d.texts[i] = text
		}
		return nil
	}
}

// grown gives a slice of n elements, in s's memory if that is large enough.
func grown[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// cleared gives a slice of n zeros in the same way.
func cleared[T any](s []T, n int) []T {
	s = grown(s, n)
	clear(s)
	return s
}
