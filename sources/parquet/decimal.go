package parquet

import (
	"encoding/binary"
	"math/bits"
)

// powerOfTen is 10^n, n from 0 to 38.
func powerOfTen(n int) Decimal128 {
	v := Decimal128{Lo: 1}
	for range n {
		hi, lo := bits.Mul64(v.Lo, 10)
		v = Decimal128{Lo: lo, Hi: v.Hi*10 + int64(hi)}
	}
	return v
}

// negated is -d; the least value of 128 bits is its own.
func (d Decimal128) negated() Decimal128 {
	lo, borrow := bits.Sub64(0, d.Lo, 0)
	hi, _ := bits.Sub64(0, uint64(d.Hi), borrow)
	return Decimal128{Lo: lo, Hi: int64(hi)}
}

// below tells whether |d| < bound, for a bound above 0.
func (d Decimal128) below(bound Decimal128) bool {
	if d.Hi < 0 {
		if d = d.negated(); d.Hi < 0 {
			return false
		}
	}
	return d.less(bound)
}

// appendBigEndian adds d as Parquet stores decimals in 16 bytes.
func (d Decimal128) appendBigEndian(b []byte) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(b, uint64(d.Hi)), d.Lo)
}

// hash is hashInt for decimals.
func (d Decimal128) hash() uint64 { return hashInt(int64(d.Lo) ^ d.Hi<<1) }

func (d Decimal128) less(o Decimal128) bool {
	return d.Hi < o.Hi || d.Hi == o.Hi && d.Lo < o.Lo
}
