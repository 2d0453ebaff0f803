package parquet

import "fmt"

// ColumnType is the type of a column that Encode writes.
type ColumnType uint32

// The types without parameters; Decimal makes the others.
const (
	String             ColumnType = iota + 1 // UTF-8 text, dictionary-encoded where that pays
	Date                                     // days since 1970-01-01, in Ints
	TimestampMicrosUTC                       // UTC instant, Unix microseconds, in Ints
	Int64                                    // in Ints
	Bool                                     // 0 or 1, in Ints
)

const decimalFlag ColumnType = 1 << 31

// Decimal is a decimal of precision digits (1 to 38), scale of them after the
// point, stored as 16 bytes two's complement, its values in Column.Decimals.
// Encode refuses values with more digits, and parameters out of range.
func Decimal(precision, scale int) ColumnType {
	return decimalFlag | ColumnType(uint8(max(precision, 0)))<<8 | ColumnType(uint8(max(scale, 0)))
}

func (t ColumnType) isDecimal() bool { return t&decimalFlag != 0 }

func (t ColumnType) precision() int { return int(t >> 8 & 0xff) }

func (t ColumnType) scale() int { return int(t & 0xff) }

// width is the bytes of a number of this type in a page, 0 for what is no number.
func (t ColumnType) width() int {
	switch {
	case t.isDecimal():
		return decimalBytes
	case t == Date:
		return 4
	case t == TimestampMicrosUTC || t == Int64:
		return 8
	}
	return 0
}

// String names the type.
func (t ColumnType) String() string {
	switch t {
	case String:
		return "string"
	case Date:
		return "date"
	case TimestampMicrosUTC:
		return "timestamp"
	case Int64:
		return "int64"
	case Bool:
		return "bool"
	}
	if t.isDecimal() {
		return fmt.Sprintf("decimal(%d,%d)", t.precision(), t.scale())
	}
	return fmt.Sprintf("column type %d", uint32(t))
}

// Column is a column of a table that Encode writes. Every slice that the type
// uses has one element a row; what stands where Valid is false does not matter.
type Column struct {
	Name     string
	Type     ColumnType
	Nullable bool
	Valid    []bool // nil: no nulls; must be nil when not Nullable

	Strings []string // of String, unless Dict and Index are given
	Dict    []string // of String: row i is Dict[Index[i]]
	Index   []int32

	Ints     []int64      // of Date, TimestampMicrosUTC, Int64 and Bool
	Decimals []Decimal128 // of Decimal
}
