package parquet

import (
	"bytes"
	"context"
	"fmt"
)

// readBack opens what Encode has written and compares every value with what was
// asked for.
func readBack(body []byte, cols []Column, rows int) error {
	f, err := Open("the file just written", bytes.NewReader(body), int64(len(body)), Limits{})
	if err != nil {
		return err
	}
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
	for i := range n {
		row := first + i
		if c.isNull(row) != v.IsNull(i) {
			return row, false
		}
		if c.isNull(row) {
			continue
		}
		switch {
		case c.Type == String:
			same = string(v.Str(i)) == c.str(row)
		case c.Type.isDecimal():
			same = v.Wides[i] == c.Decimals[row]
		default:
			same = v.Ints[i] == c.Ints[row]
		}
		if !same {
			return row, false
		}
	}
	return first + n, true
}
