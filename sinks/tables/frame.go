package tables

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"time"

	"daybook/pricing"
	"daybook/pricing/columns"
	"daybook/pricing/money"
	"daybook/sources/parquet"
)

// batchRows is how many rows are decoded at a time.
const batchRows = 64 << 10

// reservedRows bounds what is allocated on the word of a footer alone.
const reservedRows = 1 << 20

// frame is a decoded table: one vector a column of its contract, in its order.
type frame struct {
	table   columns.Table
	rows    int
	vectors []vector
	texts   Texts // of windows; nil: texts are the frame's own
}

// readFrame decodes a table and checks that it keeps its contract: columns,
// types, nulls and order. name says in errors which file it is.
func readFrame(t columns.Table, name string, body []byte) (*frame, error) {
	f, err := decode(t, name, body)
	if err != nil {
		return nil, fmt.Errorf("decode %s: %w", t.Name, err)
	}
	return f, nil
}

func decode(t columns.Table, name string, body []byte) (*frame, error) {
	file, err := openTable(t, name, body)
	if err != nil {
		return nil, err
	}
	f := newFrame(t, int(min(file.Rows(), reservedRows)))
	if err := f.scan(file, batchRows, f.take); err != nil {
		return nil, err
	}
	if int64(f.rows) != file.Rows() {
		return nil, fmt.Errorf("%s: %d rows read of %d", name, f.rows, file.Rows())
	}
	if i, ok := f.unsorted(); ok {
		return nil, f.misplaced(name, int64(i))
	}
	return f, nil
}

// openTable reads a file's footer and compares it with the contract.
func openTable(t columns.Table, name string, body []byte) (*parquet.File, error) {
	return openTableAt(t, name, held{bytes.NewReader(body), body}, int64(len(body)))
}

func openTableAt(t columns.Table, name string, r io.ReaderAt, size int64) (*parquet.File, error) {
	file, err := parquet.Open(name, r, size, parquet.Limits{})
	if err != nil {
		return nil, err
	}
	if err := checkFields(t, file.Fields()); err != nil {
		return nil, fmt.Errorf("%s: %w; it is not a file of this version, publish it again with --recompute", name, err)
	}
	return file, nil
}

// scan decodes a file's columns, some rows at a time.
func (f *frame) scan(file *parquet.File, rows int, take func(*parquet.Batch) error) error {
	cols := filled(len(f.vectors), func(i int) int { return i })
	for rg := range file.RowGroups() {
		for i := range f.vectors {
			f.vectors[i].dictID = 0 // ids are the row group's own
		}
		if err := file.Scan(context.Background(), rg, cols, rows, take); err != nil {
			return err
		}
	}
	return nil
}

func (f *frame) misplaced(name string, row int64) error {
	return fmt.Errorf("%s: row %d is not in the order of %v", name, row, f.table.SortedBy)
}

// newFrame is an empty frame with room for so many rows.
func newFrame(t columns.Table, rows int) *frame {
	f := &frame{table: t, vectors: make([]vector, len(t.Columns))}
	f.reserve(rows)
	return f
}

func (f *frame) reserve(rows int) {
	for i := range f.vectors {
		v := &f.vectors[i]
		switch f.table.Columns[i].Type {
		case columns.String:
			v.text.Index = make([]int32, 0, rows)
		case columns.Quantity, columns.Money:
			v.wides = make([]money.Int128, 0, rows)
		default:
			v.ints = make([]int64, 0, rows)
		}
		if f.table.Columns[i].Nullable {
			v.valid = make([]bool, 0, rows)
		}
	}
}

// checkFields compares a file's columns with the contract.
func checkFields(t columns.Table, fields []parquet.Field) error {
	if len(fields) != len(t.Columns) {
		return fmt.Errorf("it has %d columns, %s has %d", len(fields), t.Name, len(t.Columns))
	}
	for i, c := range t.Columns {
		f := fields[i]
		if f.Unsupported != "" {
			return fmt.Errorf("column %d, %q: %s", i, f.Name, f.Unsupported)
		}
		if f.Name != c.Name || typeOf(f) != c.Type || f.Nullable != c.Nullable {
			return fmt.Errorf("column %d is %q, %s of %s (nullable: %t), want %q, %s (nullable: %t)",
				i, f.Name, f.Logical, f.Kind, f.Nullable, c.Name, c.Type, c.Nullable)
		}
	}
	return nil
}

// typeOf returns the contract type that a file's column has exactly; "" for any
// other.
func typeOf(f parquet.Field) columns.Type {
	switch {
	case f.Kind == parquet.KindString && f.Logical == parquet.LogicalText:
		return columns.String
	case f.Kind == parquet.KindInt32 && f.Logical == parquet.LogicalDate:
		return columns.Date
	case f.Kind == parquet.KindInt64 && f.Logical == parquet.LogicalTimestampMicros && f.UTCAdjusted:
		return columns.Time
	case f.Kind == parquet.KindInt64 && f.Logical == parquet.LogicalNone:
		return columns.Int
	case f.Kind == parquet.KindFixedBytes && f.Logical == parquet.LogicalDecimal && f.Precision == money.MaxDigits:
		switch f.Scale {
		case quantityPlaces:
			return columns.Quantity
		case moneyPlaces:
			return columns.Money
		}
	}
	return ""
}

// take appends a batch to the vectors.
func (f *frame) take(b *parquet.Batch) error {
	if f.rows > math.MaxInt32-b.N {
		return fmt.Errorf("more than %d rows", math.MaxInt32)
	}
	for i := range f.vectors {
		v, from := &f.vectors[i], &b.Cols[i]
		if f.table.Columns[i].Nullable {
			v.appendValid(from, b.N)
		} else if from.Valid != nil {
			return fmt.Errorf("column %s has nulls", f.table.Columns[i].Name)
		}
		switch f.table.Columns[i].Type {
		case columns.String:
			if f.texts != nil {
				v.appendWindow(from, b.N, f.texts)
			} else {
				v.appendText(from, b.N)
			}
		case columns.Quantity, columns.Money:
			for _, w := range from.Wides[:b.N] {
				v.wides = append(v.wides, money.Int128(w))
			}
		default:
			v.ints = append(v.ints, from.Ints[:b.N]...)
		}
	}
	f.rows += b.N
	return nil
}

// keepLast lets go of all rows but the last, which the next window has to follow,
// and returns how many are left.
func (f *frame) keepLast() int {
	kept := min(f.rows, 1)
	for i := range f.vectors {
		f.vectors[i].keepLast(kept)
	}
	f.rows = kept
	return kept
}

// unsorted returns the first row that should not follow the one before it.
func (f *frame) unsorted() (row int, found bool) {
	order := sortOrder(f.table)[:len(f.table.SortedBy)]
	for i := 1; i < f.rows; i++ {
		for _, c := range order {
			v := f.vectors[c].compare(i-1, i)
			if v > 0 {
				return i, true
			}
			if v < 0 {
				break
			}
		}
	}
	return 0, false
}

// column returns a column of the contract by its name; the names are constants
// of this package, which its tests run through.
func (f *frame) column(name string) *vector {
	for i, c := range f.table.Columns {
		if c.Name == name {
			return &f.vectors[i]
		}
	}
	return &vector{}
}

func (f *frame) text(name string) func(i int) string { return f.column(name).text.At }

func (f *frame) day(name string) func(i int) pricing.Date {
	v := f.column(name)
	return func(i int) pricing.Date { return pricing.Date(v.ints[i]) }
}

func (f *frame) time(name string) func(i int) time.Time {
	v := f.column(name)
	return func(i int) time.Time { return time.UnixMicro(v.ints[i]).UTC() }
}

func (f *frame) quantity(name string) func(i int) money.Quantity {
	v := f.column(name)
	return func(i int) money.Quantity { return v.wides[i].Quantity(quantityPlaces) }
}

func (f *frame) amount(name string) func(i int) money.Amount {
	v := f.column(name)
	return func(i int) money.Amount { return money.AmountFromFixed(v.wides[i], moneyPlaces) }
}
