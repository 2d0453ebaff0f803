package parquet

import (
	"context"
	"fmt"
	"sync"
)

const (
	// defaultBatchRows keeps a batch of a dozen columns within a processor's cache.
	defaultBatchRows = 8192
	// maxBatchRows bounds what a batch takes before its first page is read, as
	// the number of rows is what the footer claims.
	maxBatchRows = 1 << 20
)

// Scan decodes columns cols of row group rg, in row order, in batches of at most
// batchRows rows (8,192 when that is 0 or less, never more than 1 Mi), and calls fn with each. The
// batch is reused: fn must copy what it keeps. Scan ends with fn's first error,
// which it gives as it is.
//
// All rows come or an error does: a Scan without error has given every row of
// the row group exactly once, and each column has as many values as the footer
// says, no fewer and no more. Other errors are *Error, naming row group and
// column. A context that ends stops Scan between batches.
func (f *File) Scan(ctx context.Context, rg int, cols []int, batchRows int, fn func(*Batch) error) error {
	if rg < 0 || rg >= f.RowGroups() {
		return &Error{File: f.name, RowGroup: rg, Reason: "there is no such row group"}
	}
	pooled := f.takeColumns(len(cols))
	defer f.giveColumns(pooled)
	readers := (*pooled)[:0]
	for _, col := range cols {
		if col < 0 || col >= len(f.fields) {
			return &Error{File: f.name, RowGroup: rg, Reason: fmt.Sprintf("there is no column %d", col)}
		}
		if field := f.fields[col]; field.Unsupported != "" {
			return &Error{File: f.name, RowGroup: rg, Column: field.Name, Reason: field.Unsupported}
		}
		c := (*pooled)[len(readers)]
		c.open(f, rg, col)
		readers = append(readers, c)
	}
	rows := f.RowGroupRows(rg)
	if rows == 0 {
		return ctx.Err()
	}
	if batchRows <= 0 {
		batchRows = defaultBatchRows
	}
	batchRows = min(batchRows, maxBatchRows)
	batch := Batch{Cols: make([]Vector, len(cols))}
	for batch.Row < rows {
		if err := ctx.Err(); err != nil {
			return err
		}
		batch.N = int(min(int64(batchRows), rows-batch.Row))
		for i, c := range readers {
			if err := c.decode(&batch.Cols[i], batch.N); err != nil {
				return fault(f.name, rg, f.fields[cols[i]].Name, err)
			}
		}
		last := batch.Row+int64(batch.N) == rows
		if last {
			if err := f.finish(rg, readers); err != nil {
				return err
			}
		}
		if err := fn(&batch); err != nil {
			return err
		}
		batch.Row += int64(batch.N)
	}
	return nil
}

// scanned keeps the buffers of columns from Scan to Scan and from file to file:
// files of one kind have the same columns in the same places.
var scanned sync.Pool

// takeColumns returns n columns or more.
func (f *File) takeColumns(n int) *[]*column {
	all, ok := f.buffers.Get().(*[]*column)
	if !ok {
		all = new([]*column)
	}
	for len(*all) < n {
		*all = append(*all, new(column))
	}
	return all
}

func (f *File) giveColumns(all *[]*column) {
	for _, c := range *all {
		c.close()
	}
	f.buffers.Put(all)
}

// finish looks for rows too many before the last batch is given out.
func (f *File) finish(rg int, readers []*column) error {
	for _, c := range readers {
		if err := c.guard(c.finish); err != nil {
			return fault(f.name, rg, c.field.Name, err)
		}
	}
	return nil
}

// decode is fill behind the guard.
func (c *column) decode(v *Vector, n int) error {
	return c.guard(func() error { return c.fill(v, n) })
}

// guard turns a panic of a decoder, ours or a codec's, into an error. Everything
// runs in the caller's goroutine, so none can escape.
func (c *column) guard(work func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = corruptf("a page cannot be decoded: %v", p)
			c.inflater = inflater{} // whose state is not known any more
		}
	}()
	return work()
}
