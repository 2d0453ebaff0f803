package tables

import (
	"fmt"
	"sync"

	"daybook/pricing/columns"
	"daybook/pricing/money"
	"daybook/sources/parquet"
)

// states adds a column of quantities that are integers at 12 places already.
func (s *sheet) states(name string, values []money.Int128) {
	if len(values) != s.rows && s.err == nil {
		s.err = fmt.Errorf("%s: %d values for %d rows", name, len(values), s.rows)
		return
	}
	c, ok := s.next(name, columns.Quantity)
	if !ok {
		return
	}
	p := parquet.Column{Decimals: s.lent.take(s.rows)}
	for i, v := range values {
		if few := v.Hi < maxState.Hi && v.Hi > minState.Hi; !few && (v.Cmp(maxState) > 0 || v.Cmp(minState) < 0) {
			s.fail(i, name, money.ErrOverflow)
			return
		}
		p.Decimals[i] = parquet.Decimal128(v)
	}
	s.add(c, p)
}

// 10^38 − 1 and its negative: the most that 38 digits hold.
var (
	maxState = money.Int128{Lo: 0x098a223fffffffff, Hi: 0x4b3b4ca85a86c47a}
	minState = money.Int128{Lo: 0xf675ddc000000001, Hi: -0x4b3b4ca85a86c47b}
)

// lent is memory of states that goes from one table to the next.
type lent struct {
	columns [][]parquet.Decimal128
	used    int
}

var unlent = sync.Pool{New: func() any { return new(lent) }}

// take returns rows decimals of any content, until the sheet is encoded.
func (l *lent) take(rows int) []parquet.Decimal128 {
	if l.used == len(l.columns) {
		l.columns = append(l.columns, nil)
	}
	c := &l.columns[l.used]
	l.used++
	if cap(*c) < rows {
		*c = make([]parquet.Decimal128, rows)
	}
	return (*c)[:rows]
}
