package usagetest

import (
	"math/big"
	"strings"

	"daybook/pricing/money"
	"daybook/sources/parquet"
)

// row is one usage row. Nil fields are null in the file.
type row struct {
	id, subscription, account, meter *string
	when                             moment
	qty                              amount
	bytes                            *int64 // the column of meters that name one
	region                           *string
	size                             *int64
	flag                             *bool
}

// moment is a time as a file writes it and what it means.
type moment struct {
	micros  int64
	text    string // in files of text times
	null    bool
	invalid bool
}

// amount is a quantity as a file writes it and what it means.
type amount struct {
	value   *big.Rat
	text    string // in files of text quantities
	null    bool
	invalid bool
}

// sheet is one file's rows and the types of its columns.
type sheet struct {
	rows     []row
	timeText bool
	qtyText  bool
	qtyScale int // of decimal quantities
	qtyInt   bool
}

// encode writes the sheet as Parquet with the default column names.
func (s *sheet) encode(t failer) []byte {
	n := len(s.rows)
	columns := []parquet.Column{
		texts("event_id", n, func(i int) *string { return s.rows[i].id }),
		s.timeColumn(),
		texts("subscription_id", n, func(i int) *string { return s.rows[i].subscription }),
		texts("account_id", n, func(i int) *string { return s.rows[i].account }),
		texts("meter", n, func(i int) *string { return s.rows[i].meter }),
		s.qtyColumn(t),
		ints("bytes", parquet.Int64, n, func(i int) *int64 { return s.rows[i].bytes }),
		texts("region", n, func(i int) *string { return s.rows[i].region }),
		ints("size", parquet.Int64, n, func(i int) *int64 { return s.rows[i].size }),
		ints("flag", parquet.Bool, n, func(i int) *int64 { return bit(s.rows[i].flag) }),
	}
	body, err := parquet.Encode(columns, n)
	if err != nil {
		t.Fatalf("encode: %v", err)
	}
	return body
}

func (s *sheet) timeColumn() parquet.Column {
	if s.timeText {
		return texts("time", len(s.rows), func(i int) *string {
			if s.rows[i].when.null {
				return nil
			}
			return &s.rows[i].when.text
		})
	}
	return ints("time", parquet.TimestampMicrosUTC, len(s.rows), func(i int) *int64 {
		if s.rows[i].when.null {
			return nil
		}
		return &s.rows[i].when.micros
	})
}

func (s *sheet) qtyColumn(t failer) parquet.Column {
	if s.qtyText {
		return texts("quantity", len(s.rows), func(i int) *string {
			if s.rows[i].qty.null {
				return nil
			}
			return &s.rows[i].qty.text
		})
	}
	if s.qtyInt {
		return ints("quantity", parquet.Int64, len(s.rows), func(i int) *int64 {
			if s.rows[i].qty.null {
				return nil
			}
			v := s.rows[i].qty.value.Num().Int64()
			return &v
		})
	}
	c := parquet.Column{Name: "quantity", Type: parquet.Decimal(38, s.qtyScale), Nullable: true}
	for _, r := range s.rows {
		c.Valid = append(c.Valid, !r.qty.null)
		v := money.Int128{}
		if !r.qty.null {
			v = unscaled(t, r.qty.value, s.qtyScale)
		}
		c.Decimals = append(c.Decimals, parquet.Decimal128(v))
	}
	return c
}

// unscaled returns v × 10^scale, which must be whole.
func unscaled(t failer, v *big.Rat, scale int) money.Int128 {
	x := new(big.Rat).Mul(v, new(big.Rat).SetInt(pow10(scale)))
	out, ok := money.Int128FromBig(x.Num())
	if !ok || !x.IsInt() {
		t.Fatalf("%s does not fit decimal(38,%d)", v.FloatString(20), scale)
	}
	return out
}

func pow10(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

func texts(name string, n int, at func(int) *string) parquet.Column {
	c := parquet.Column{Name: name, Type: parquet.String, Nullable: true}
	for i := range n {
		v := at(i)
		c.Valid = append(c.Valid, v != nil)
		if v == nil {
			v = new(string)
		}
		c.Strings = append(c.Strings, *v)
	}
	return c
}

func ints(name string, typ parquet.ColumnType, n int, at func(int) *int64) parquet.Column {
	c := parquet.Column{Name: name, Type: typ, Nullable: true}
	for i := range n {
		v := at(i)
		c.Valid = append(c.Valid, v != nil)
		if v == nil {
			v = new(int64)
		}
		c.Ints = append(c.Ints, *v)
	}
	return c
}

func bit(b *bool) *int64 {
	if b == nil {
		return nil
	}
	v := int64(0)
	if *b {
		v = 1
	}
	return &v
}

// number is a quantity that every way of writing it can hold.
func number(text string) amount {
	v, ok := new(big.Rat).SetString(text)
	if !ok || strings.ContainsAny(text, "eE/") {
		panic("not a decimal: " + text)
	}
	return amount{value: v, text: text}
}
