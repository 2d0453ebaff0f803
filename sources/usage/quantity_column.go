package usage

import (
	"errors"

	"daybook/pricing/money"
	"daybook/sources/parquet"
)

// quantityUsable returns why values of f cannot be quantities, nil when they can.
func quantityUsable(f parquet.Field) error {
	number := f.Logical == parquet.LogicalNone && f.Kind != parquet.KindBool && f.Kind != parquet.KindInt96
	if number || f.Logical == parquet.LogicalDecimal || f.Logical == parquet.LogicalText || f.Logical == parquet.LogicalFloat16 {
		return nil
	}
	return errors.New("it is not a number; write it as an integer, decimal or double column, or as decimal text")
}

// numberAt returns row i's exact number; ok is false where it is none.
func (c *column) numberAt(v *parquet.Vector, i int) (n number, ok bool) {
	f := &v.Field
	switch {
	case f.Logical == parquet.LogicalDecimal && v.Wides != nil:
		return wideNumber(money.Int128(v.Wides[i]), f.Scale), true
	case f.Logical == parquet.LogicalDecimal:
		return wholeNumber(v.Ints[i], f.Scale), true
	case f.Kind == parquet.KindString || plainBytes(f):
		return parseNumber(v.Str(i))
	case v.Doubles != nil && f.Kind == parquet.KindFloat:
		return floatNumber(v.Doubles[i], 32)
	case v.Doubles != nil:
		return floatNumber(v.Doubles[i], 64)
	case f.Kind == parquet.KindUint64:
		return number{coefficient: magnitude{lo: uint64(v.Ints[i])}}, true
	default:
		return wholeNumber(v.Ints[i], 0), true
	}
}

// quantity returns row i's quantity for a meter as it is stored. Count meters
// need none: each of their events counts one.
func (s *scanner) quantity(m *meter, c *column, i int) (v money.Int128, rounded bool, reason Reason) {
	if m.count {
		return one, false, ""
	}
	var n number
	var ok bool
	if c.constant() {
		n, ok = parseNumber(c.text)
	} else {
		v := &s.batch.Cols[c.slot]
		if v.IsNull(i) || (v.Offsets != nil || v.Dict != nil) && len(v.Str(i)) == 0 {
			return money.Int128{}, false, MissingQuantity
		}
		n, ok = c.numberAt(v, i)
	}
	if !ok {
		return money.Int128{}, false, InvalidQuantity
	}
	v, rounded, ok = n.store(m.Scale)
	switch {
	case !ok:
		return v, false, InvalidQuantity
	case n.negative && !n.coefficient.isZero() && !m.AllowNegative:
		return v, false, NegativeQuantity
	case rounded && m.Exact:
		return v, false, InexactQuantity
	}
	if m.unique {
		return presence(v)
	}
	return v, rounded, ""
}

// presence is what a quantity says of a running unique meter's value: above zero
// it is there from now on, below zero it is gone (docs/billing-rules.md, Meters
// and aggregations, Running meters).
func presence(qty money.Int128) (v money.Int128, rounded bool, reason Reason) {
	switch zero := (money.Int128{}); {
	case qty == zero:
		return zero, false, InvalidQuantity
	case qty.Hi < 0:
		return zero, false, ""
	}
	return one, false, ""
}
