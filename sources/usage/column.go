package usage

import (
	"encoding/hex"
	"strconv"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/sources/parquet"
)

// column is where one field of a usage row comes from in one file: a slot of the
// batches or a constant.
type column struct {
	name  string // the file's column; the configured field of a constant
	slot  int    // in Batch.Cols; -1: constant
	text  []byte // the constant
	cache int    // the field's cache in a scanner
	field parquet.Field
}

func (c *column) constant() bool { return c.slot < 0 }

// isText reports whether values of f can be ids and dimension values: text,
// whole numbers, decimals, booleans, dates and UUIDs, which all have one text.
func isText(f parquet.Field) bool {
	switch f.Logical {
	case parquet.LogicalNone:
		return f.Kind != parquet.KindFloat && f.Kind != parquet.KindDouble && f.Kind != parquet.KindInt96
	case parquet.LogicalText, parquet.LogicalDate, parquet.LogicalDecimal, parquet.LogicalUUID:
		return true
	}
	return false
}

// appendText appends the text of a value that is not null.
func appendText(b []byte, v *parquet.Vector, i int) []byte {
	switch f := &v.Field; {
	case f.Logical == parquet.LogicalDecimal && v.Wides != nil:
		return append(b, money.Int128(v.Wides[i]).Quantity(int32(f.Scale)).String()...)
	case f.Logical == parquet.LogicalDecimal:
		return append(b, money.Int128Of(v.Ints[i]).Quantity(int32(f.Scale)).String()...)
	case f.Logical == parquet.LogicalDate:
		return append(b, pricing.Date(v.Ints[i]).String()...)
	case f.Logical == parquet.LogicalUUID:
		return appendUUID(b, v.Str(i))
	case f.Kind == parquet.KindString || f.Kind == parquet.KindFixedBytes:
		return append(b, v.Str(i)...)
	case f.Kind == parquet.KindBool:
		return strconv.AppendBool(b, v.Ints[i] != 0)
	case f.Kind == parquet.KindUint64:
		return strconv.AppendUint(b, uint64(v.Ints[i]), 10)
	case v.Doubles != nil:
		return strconv.AppendFloat(b, v.Doubles[i], 'g', -1, 64)
	default:
		return strconv.AppendInt(b, v.Ints[i], 10)
	}
}

func appendUUID(b, raw []byte) []byte {
	if len(raw) != 16 {
		return append(b, raw...)
	}
	for i, part := range [][]byte{raw[:4], raw[4:6], raw[6:8], raw[8:10], raw[10:]} {
		if i > 0 {
			b = append(b, '-')
		}
		b = hex.AppendEncode(b, part)
	}
	return b
}

// plainBytes reports whether a value's text is its bytes.
func plainBytes(f *parquet.Field) bool {
	return (f.Kind == parquet.KindString || f.Kind == parquet.KindFixedBytes) &&
		(f.Logical == parquet.LogicalNone || f.Logical == parquet.LogicalText)
}
