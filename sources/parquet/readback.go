package parquet

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"
)

// written is scanned for readBack, whose columns are others.
var written sync.Pool

// readBack opens what Encode has written and compares every value with what was
// asked for.
func readBack(body []byte, cols []Column, rows int) error {
	f, err := Open("the file just written", inMemory{bytes.NewReader(body), body}, int64(len(body)), Limits{})
	if err != nil {
		return err
	}
	f.buffers = &written
	if f.Rows() != int64(rows) || len(f.Fields()) != len(cols) {
		return fmt.Errorf("it has %d rows and %d columns instead of %d and %d", f.Rows(), len(f.Fields()), rows, len(cols))
	}
	same := new(sameWords)
	for i := range cols {
		if err := readBackColumn(f, i, &cols[i], rows, same); err != nil {
			return err
		}
	}
	return nil
}

// readBackColumn is readBack of column i, so that the pages of one alone are in
// memory, few rows at a time, for a cache to hold what is compared.
func readBackColumn(f *File, i int, c *Column, rows int, same *sameWords) error {
	first := 0
	for rg := range f.RowGroups() {
		err := f.Scan(context.Background(), rg, []int{i}, readBackRows, func(b *Batch) error {
			if first+b.N > rows {
				return fmt.Errorf("column %q has more than %d rows", c.Name, rows)
			}
			if row, ok := c.equals(&b.Cols[0], first, b.N, same, b.Row == 0); !ok {
				return fmt.Errorf("column %q differs in row %d", c.Name, row)
			}
			first += b.N
			return nil
		})
		if err != nil {
			return err
		}
	}
	if first != rows {
		return fmt.Errorf("column %q gave %d of %d rows", c.Name, first, rows)
	}
	return nil
}

const readBackRows = 2048

// inMemory is a file whose bytes are decoded where they lie.
type inMemory struct {
	*bytes.Reader
	body []byte
}

// Held implements [InMemory].
func (m inMemory) Held(off int64, n int) []byte {
	if off < 0 || n < 0 || off > int64(len(m.body))-int64(n) {
		return nil
	}
	return m.body[off : off+int64(n)]
}

// equals compares n rows from row first with v, and names the first that differs.
// Same is what it knows of the dictionary so far, nothing of a fresh one.
func (c *Column) equals(v *Vector, first, n int, same *sameWords, fresh bool) (row int, ok bool) {
	end := first + n
	switch {
	case c.Type.isDecimal():
		ok = equalValues(c.Decimals[first:end], v.Wides, c.valid(first, end), v.Valid)
	case c.Type != String:
		ok = equalValues(c.Ints[first:end], v.Ints, c.valid(first, end), v.Valid)
	case c.Index != nil && v.DictID != 0:
		if fresh {
			same.of = cleared(same.of, len(v.Dict))
		}
		ok = same.equal(c, v, first, end)
	}
	for row = first; !ok && row < end; row++ {
		if !c.equalsAt(v, row, row-first) {
			return row, false
		}
	}
	return end, true
}

func (c *Column) valid(from, to int) []bool {
	if c.Valid == nil {
		return nil
	}
	return c.Valid[from:to]
}

// equalValues compares numbers that are not null; what stands where they are does
// not matter.
func equalValues[T comparable](ours, theirs []T, ourValid, theirValid []bool) bool {
	if ourValid == nil && theirValid == nil {
		return slices.Equal(ours, theirs)
	}
	if len(ours) != len(theirs) {
		return false
	}
	for i, v := range ours {
		valid := ourValid == nil || ourValid[i]
		if valid != (theirValid == nil || theirValid[i]) || valid && v != theirs[i] {
			return false
		}
	}
	return true
}

// sameWords is, by the entry of a file's dictionary, the entry of a Column's which
// holds the same text, + 1; 0 where none has been compared.
type sameWords struct{ of []int32 }

func (s *sameWords) equal(c *Column, v *Vector, first, end int) bool {
	if len(v.Index) != end-first {
		return false
	}
	nulls := v.Valid != nil || c.Valid != nil
	for i, ours := range c.Index[first:end] {
		if nulls {
			if c.isNull(first+i) != v.IsNull(i) {
				return false
			}
			if v.IsNull(i) {
				continue
			}
		}
		theirs := v.Index[i]
		if s.of[theirs] == ours+1 {
			continue
		}
		if string(v.Dict[theirs]) != c.Dict[ours] {
			return false
		}
		s.of[theirs] = ours + 1
	}
	return true
}

// equalsAt compares row with row i of v.
func (c *Column) equalsAt(v *Vector, row, i int) bool {
	switch {
	case c.isNull(row) != v.IsNull(i):
		return false
	case c.isNull(row):
		return true
	case c.Type.isDecimal():
		return v.Wides[i] == c.Decimals[row]
	case c.Type != String:
		return v.Ints[i] == c.Ints[row]
	}
	return string(v.Str(i)) == c.str(row)
}
