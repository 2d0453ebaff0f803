package usage

import (
	"math/bits"

	"daybook/pricing/money"
)

// magnitude is an unsigned 128-bit integer.
type magnitude struct{ hi, lo uint64 }

// limit is 10^38: a stored number is below it.
var limit = magnitude{hi: 0x4B3B4CA85A86C47A, lo: 0x098A224000000000}

// tens holds 10^0 to 10^19, the powers that fit 64 bits.
var tens = [20]uint64{
	1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
}

// one is a count meter's quantity of each event, at 12 places.
var one = money.Int128{Lo: 1e12}

func magnitudeOf(v money.Int128) (m magnitude, negative bool) {
	m = magnitude{hi: uint64(v.Hi), lo: v.Lo}
	if v.Hi >= 0 {
		return m, false
	}
	lo, carry := bits.Add64(^m.lo, 1, 0)
	return magnitude{hi: ^m.hi + carry, lo: lo}, true
}

// signed returns the number with its sign; ok is false above 38 digits.
func (m magnitude) signed(negative bool) (v money.Int128, ok bool) {
	if !m.less(limit) {
		return money.Int128{}, false
	}
	if negative {
		lo, carry := bits.Add64(^m.lo, 1, 0)
		return money.Int128{Lo: lo, Hi: int64(^m.hi + carry)}, true
	}
	return money.Int128{Lo: m.lo, Hi: int64(m.hi)}, true
}

func (m magnitude) isZero() bool { return m.hi|m.lo == 0 }

func (m magnitude) less(o magnitude) bool {
	return m.hi < o.hi || (m.hi == o.hi && m.lo < o.lo)
}

// times returns m × n; ok is false when that exceeds 128 bits.
func (m magnitude) times(n uint64) (p magnitude, ok bool) {
	over, top := bits.Mul64(m.hi, n)
	hi, lo := bits.Mul64(m.lo, n)
	hi, carry := bits.Add64(hi, top, 0)
	return magnitude{hi, lo}, over == 0 && carry == 0
}

// timesTen returns m × 10^n; ok is false when that exceeds 128 bits.
func (m magnitude) timesTen(n int) (p magnitude, ok bool) {
	if m.isZero() {
		return m, true
	}
	for n > 0 && n < 40 {
		step := min(n, 19)
		if m, ok = m.times(tens[step]); !ok {
			return m, false
		}
		n -= step
	}
	return m, n == 0
}

// over returns m ÷ n and the remainder.
func (m magnitude) over(n uint64) (q magnitude, rem uint64) {
	hi, rem := bits.Div64(0, m.hi, n)
	lo, rem := bits.Div64(rem, m.lo, n)
	return magnitude{hi, lo}, rem
}

// overTen returns m ÷ 10^n rounded half-even, and whether anything was cut off.
func (m magnitude) overTen(n int) (q magnitude, cut bool) {
	if n > 38 { // below half of one unit: 2^128 < 5 × 10^38
		return magnitude{}, !m.isZero()
	}
	first := min(n, 19)
	q, low := m.over(tens[first])
	q, high := q.over(tens[n-first])
	rem, _ := magnitude{lo: high}.times(tens[first]) // below 10^38
	lo, carry := bits.Add64(rem.lo, low, 0)
	rem = magnitude{hi: rem.hi + carry, lo: lo}
	if rem.isZero() {
		return q, false
	}
	unit, _ := magnitude{lo: 1}.timesTen(n)
	double := magnitude{hi: rem.hi<<1 | rem.lo>>63, lo: rem.lo << 1}
	if unit.less(double) || (double == unit && q.lo&1 == 1) {
		lo, carry := bits.Add64(q.lo, 1, 0)
		q = magnitude{hi: q.hi + carry, lo: lo}
	}
	return q, true
}

// number is ±coefficient × 10^−scale, exactly.
type number struct {
	coefficient magnitude
	scale       int // may be negative
	negative    bool
}

// store rounds the number half-even to scale places (0 to 12) and returns it at
// 12 places (docs/billing-rules.md, Meters and aggregations). rounded reports
// whether that changed it; ok is false when it needs more than 38 digits.
func (n number) store(scale int32) (v money.Int128, rounded, ok bool) {
	m, up := n.coefficient, places-n.scale
	if keep := int(scale); n.scale > keep {
		m, rounded = m.overTen(n.scale - keep)
		up = places - keep
	}
	m, ok = m.timesTen(up)
	if !ok {
		return money.Int128{}, false, false
	}
	v, ok = m.signed(n.negative && !m.isZero())
	return v, rounded, ok
}
