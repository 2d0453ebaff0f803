package usage

import (
	"math/big"
	"math/bits"

	"github.com/shopspring/decimal"

	"daybook/pricing/money"
)

// places is the number of decimal places at which quantities are stored.
const places = 12

// Total is a signed 192-bit integer: a sum of quantities at 12 places that
// cannot overflow, since 2^63 rows of 38 digits fit. Sums are kept in it until
// the end, so that only a result, never the order of its parts, decides whether
// it fits. Totals are equal exactly when they are ==.
type Total struct {
	lo, mid uint64
	hi      int64
}

// Add returns t + v.
func (t Total) Add(v money.Int128) Total {
	sign := v.Hi >> 63
	return t.Plus(Total{lo: v.Lo, mid: uint64(v.Hi), hi: sign})
}

// gain adds v to t in place.
func (t *Total) gain(v money.Int128) {
	lo, carry := bits.Add64(t.lo, v.Lo, 0)
	mid, carry := bits.Add64(t.mid, uint64(v.Hi), carry)
	t.lo, t.mid, t.hi = lo, mid, t.hi+v.Hi>>63+int64(carry)
}

// Plus returns t + o.
func (t Total) Plus(o Total) Total {
	lo, carry := bits.Add64(t.lo, o.lo, 0)
	mid, carry := bits.Add64(t.mid, o.mid, carry)
	hi, _ := bits.Add64(uint64(t.hi), uint64(o.hi), carry)
	return Total{lo: lo, mid: mid, hi: int64(hi)}
}

// Quantity returns the value × 10^−scale.
func (t Total) Quantity(scale int32) money.Quantity {
	v := new(big.Int).SetInt64(t.hi)
	v.Lsh(v, 64).Or(v, new(big.Int).SetUint64(t.mid))
	v.Lsh(v, 64).Or(v, new(big.Int).SetUint64(t.lo))
	return money.QuantityFrom(decimal.NewFromBigInt(v, -scale))
}

// fixed returns the total as it is stored; ok is false when it has more than 38
// digits, which parks the account.
func (t Total) fixed() (v money.Int128, ok bool) {
	neg := t.hi < 0
	m := t
	if neg {
		m = m.negated()
	}
	if m.hi != 0 {
		return money.Int128{}, false
	}
	return magnitude{hi: m.mid, lo: m.lo}.signed(neg)
}

func (t Total) negated() Total {
	return Total{lo: ^t.lo, mid: ^t.mid, hi: ^t.hi}.Plus(Total{lo: 1})
}

// levelTotal returns v × n, an amount of a level held for n microseconds.
func levelTotal(v money.Int128, n uint64) Total {
	m, neg := magnitudeOf(v)
	carry, lo := bits.Mul64(m.lo, n)
	hi, mid := bits.Mul64(m.hi, n)
	mid, c := bits.Add64(mid, carry, 0)
	t := Total{lo: lo, mid: mid, hi: int64(hi + c)}
	if neg {
		return t.negated()
	}
	return t
}

// perMillion returns t ÷ 1,000,000 rounded half-even: the one division that
// turns level-microseconds into level-seconds.
func (t Total) perMillion() Total {
	const million = 1_000_000
	neg := t.hi < 0
	if neg {
		t = t.negated()
	}
	hi, rem := bits.Div64(0, uint64(t.hi), million)
	mid, rem := bits.Div64(rem, t.mid, million)
	lo, rem := bits.Div64(rem, t.lo, million)
	q := Total{lo: lo, mid: mid, hi: int64(hi)}
	if rem > million/2 || (rem == million/2 && lo&1 == 1) {
		q = q.Plus(Total{lo: 1})
	}
	if neg {
		return q.negated()
	}
	return q
}
