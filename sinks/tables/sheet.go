package tables

import (
	"fmt"
	"time"

	"daybook/pricing"
	"daybook/pricing/columns"
	"daybook/pricing/money"
	"daybook/sources/parquet"
)

// Decimal places of the contract's two decimal types.
const (
	quantityPlaces = 12
	moneyPlaces    = 20
)

// sheet is a table being filled, one column after another in the order of its
// contract. The first error stays and is returned by encode; columns given
// after it are skipped.
type sheet struct {
	table columns.Table
	rows  int
	where func(i int) string // names row i in errors
	cols  []parquet.Column
	lent  *lent // memory of columns
	err   error
}

func newSheet(t columns.Table, rows int, where func(i int) string) *sheet {
	return &sheet{table: t, rows: rows, where: where, lent: unlent.Get().(*lent), cols: make([]parquet.Column, 0, len(t.Columns))}
}

// next returns the contract's next column if it is the one named, of one of the
// types; else it notes the error and returns false.
func (s *sheet) next(name string, types ...columns.Type) (columns.Column, bool) {
	if s.err != nil {
		return columns.Column{}, false
	}
	if len(s.cols) < len(s.table.Columns) {
		c := s.table.Columns[len(s.cols)]
		for _, t := range types {
			if c.Name == name && c.Type == t {
				return c, true
			}
		}
	}
	s.err = fmt.Errorf("column %d cannot be %q of type %v: the contract says otherwise", len(s.cols), name, types)
	return columns.Column{}, false
}

func (s *sheet) add(c columns.Column, p parquet.Column) {
	p.Name, p.Type, p.Nullable = c.Name, parquetType(c.Type), c.Nullable
	s.cols = append(s.cols, p)
}

// parquetType is how a type of the contract is written.
func parquetType(t columns.Type) parquet.ColumnType {
	switch t {
	case columns.Date:
		return parquet.Date
	case columns.Time:
		return parquet.TimestampMicrosUTC
	case columns.Int:
		return parquet.Int64
	case columns.Quantity:
		return parquet.Decimal(money.MaxDigits, quantityPlaces)
	case columns.Money:
		return parquet.Decimal(money.MaxDigits, moneyPlaces)
	default:
		return parquet.String
	}
}

// fail notes an error of row i's column.
func (s *sheet) fail(i int, column string, err error) {
	if s.err == nil {
		s.err = fmt.Errorf("%s: %s: %w", s.where(i), column, err)
	}
}

// ints adds a column of days, Unix microseconds or counts; 0 is null where the
// contract allows nulls.
func (s *sheet) ints(name string, values []int64) {
	c, ok := s.next(name, columns.Date, columns.Time, columns.Int)
	if !ok {
		return
	}
	if len(values) != s.rows {
		s.err = fmt.Errorf("%s: %d values for %d rows", name, len(values), s.rows)
		return
	}
	p := parquet.Column{Ints: values}
	if c.Nullable {
		p.Valid = make([]bool, s.rows)
		for i, v := range values {
			p.Valid[i] = v != 0
		}
	}
	s.add(c, p)
}

func (s *sheet) intsOf(name string, at func(i int) int64) {
	s.ints(name, filled(s.rows, at))
}

func (s *sheet) days(name string, at func(i int) pricing.Date) {
	s.ints(name, filled(s.rows, func(i int) int64 { return int64(at(i)) }))
}

func (s *sheet) times(name string, at func(i int) time.Time) {
	s.ints(name, filled(s.rows, func(i int) int64 { return at(i).UnixMicro() }))
}

func filled[T any](rows int, at func(i int) T) []T {
	out := make([]T, rows)
	for i := range out {
		out[i] = at(i)
	}
	return out
}

// quantities adds a column of quantities, rounded half-even to 12 places.
func (s *sheet) quantities(name string, at func(i int) money.Quantity) {
	s.decimals(name, columns.Quantity, nil, func(i int) (money.Int128, error) { return at(i).Fixed(quantityPlaces) })
}

// optionalQuantities adds a column of quantities that is null where has says so.
func (s *sheet) optionalQuantities(name string, has func(i int) bool, at func(i int) money.Quantity) {
	s.decimals(name, columns.Quantity, filled(s.rows, has), func(i int) (money.Int128, error) { return at(i).Fixed(quantityPlaces) })
}

// amounts adds a column of money, rounded half-even to 20 places.
func (s *sheet) amounts(name string, at func(i int) money.Amount) {
	s.decimals(name, columns.Money, nil, func(i int) (money.Int128, error) { return at(i).Fixed(moneyPlaces) })
}

// optionalAmounts adds a column of money that is null where has says so.
func (s *sheet) optionalAmounts(name string, has func(i int) bool, at func(i int) money.Amount) {
	s.decimals(name, columns.Money, filled(s.rows, has), func(i int) (money.Int128, error) { return at(i).Fixed(moneyPlaces) })
}

func (s *sheet) decimals(name string, t columns.Type, valid []bool, at func(i int) (money.Int128, error)) {
	c, ok := s.next(name, t)
	if !ok {
		return
	}
	values := make([]parquet.Decimal128, s.rows)
	for i := range values {
		if valid != nil && !valid[i] {
			continue
		}
		v, err := at(i)
		if err != nil {
			s.fail(i, name, err)
			return
		}
		values[i] = parquet.Decimal128(v)
	}
	s.add(c, parquet.Column{Valid: valid, Decimals: values})
}

// encode sorts the rows and writes the file.
func (s *sheet) encode() ([]byte, error) {
	if s.err == nil && len(s.cols) != len(s.table.Columns) {
		s.err = fmt.Errorf("%d of %d columns filled", len(s.cols), len(s.table.Columns))
	}
	if s.err != nil {
		return nil, fmt.Errorf("encode %s: %w", s.table.Name, s.err)
	}
	s.sort()
	body, err := parquet.Encode(s.cols, s.rows)
	s.lent.used = 0
	unlent.Put(s.lent)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", s.table.Name, err)
	}
	return body, nil
}
