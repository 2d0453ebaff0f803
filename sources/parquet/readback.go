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
	f, err := Open("the file just written", bytes.NewReader(body), int64(len(body)), Limits{})
	if err != nil {
		return err
	}
	f.buffers = &written
	if f.Rows() != int64(rows) || len(f.Fields()) != len(cols) {
		return fmt.Errorf("it has %d rows and %d columns instead of %d and %d", f.Rows(), len(f.Fields()), rows, len(cols))
	}
	all := make([]int, len(cols))
	for i := range all {
		all[i] = i
	}
	first := 0
	for rg := range f.RowGroups() {
		err := f.Scan(context.Background(), rg, all, 0, func(b *Batch) error {
			for i := range cols {
				if row, same := cols[i].equals(&b.Cols[i], first, b.N); !same {
					return fmt.Errorf("column %q differs in row %d", cols[i].Name, row)
				}
			}
			first += b.N
			return nil
		})
		if err != nil {
			return err
		}
	}
	if first != rows {
		return fmt.Errorf("it gave %d of %d rows", first, rows)
	}
	return nil
}

// equals compares n rows from row first with v, and names the first that differs.
func (c *Column) equals(v *Vector, first, n int) (row int, same bool) {
	end := first + n
	switch {
	case c.Valid != nil || v.Valid != nil:
	case c.Type.isDecimal():
		same = slices.Equal(c.Decimals[first:end], v.Wides)
	case c.Type != String:
		same = slices.Equal(c.Ints[first:end], v.Ints)
	}
	if same {
		return end, true
	}
	known := sameWord{-1, -1}
	for i := range n {
		if row := first + i; !c.equalsAt(v, row, i, &known) {
			return row, false
		}
	}
	return end, true
}

// sameWord is entries of two dictionaries that hold the same text.
type sameWord struct{ ours, theirs int64 }

// equalsAt compares row with row i of v.
func (c *Column) equalsAt(v *Vector, row, i int, known *sameWord) bool {
	switch {
	case c.isNull(row) != v.IsNull(i):
		return false
	case c.isNull(row):
		return true
	case c.Type.isDecimal():
		return v.Wides[i] == c.Decimals[row]
	case c.Type != String:
		return v.Ints[i] == c.Ints[row]
	case c.Index == nil || v.DictID == 0:
		return string(v.Str(i)) == c.str(row)
	}
	pair := sameWord{int64(c.Index[row]), int64(v.Index[i])}
	if pair == *known { // runs are the rule in sorted rows
		return true
	}
	*known = pair
	return string(v.Str(i)) == c.str(row)
}
