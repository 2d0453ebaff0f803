package money

import (
	"math/big"
	"math/bits"
)

// maxDigitsBits is the bit length of 10^38: shorter numbers have fewer digits.
const maxDigitsBits = 127

// Add returns a + b; ok is false when it does not fit 128 bits.
func (a Int128) Add(b Int128) (sum Int128, ok bool) {
	lo, carry := bits.Add64(a.Lo, b.Lo, 0)
	hi := uint64(a.Hi) + uint64(b.Hi) + carry
	sum = Int128{Lo: lo, Hi: int64(hi)}
	overflow := (a.Hi < 0) == (b.Hi < 0) && (sum.Hi < 0) != (a.Hi < 0)
	return sum, !overflow
}

// Sub returns a − b; ok is false when it does not fit 128 bits.
func (a Int128) Sub(b Int128) (diff Int128, ok bool) {
	lo, borrow := bits.Sub64(a.Lo, b.Lo, 0)
	hi := uint64(a.Hi) - uint64(b.Hi) - borrow
	diff = Int128{Lo: lo, Hi: int64(hi)}
	overflow := (a.Hi < 0) != (b.Hi < 0) && (diff.Hi < 0) != (a.Hi < 0)
	return diff, !overflow
}

// Cmp compares a and b: -1, 0 or 1.
func (a Int128) Cmp(b Int128) int {
	switch {
	case a.Hi != b.Hi:
		if a.Hi < b.Hi {
			return -1
		}
		return 1
	case a.Lo != b.Lo:
		if a.Lo < b.Lo {
			return -1
		}
		return 1
	}
	return 0
}

// Int128Of widens n.
func Int128Of(n int64) Int128 { return Int128{Lo: uint64(n), Hi: n >> 63} }

// Big returns the value as a big.Int.
func (a Int128) Big() *big.Int {
	if a.isInt64() {
		return big.NewInt(int64(a.Lo))
	}
	v := new(big.Int).SetInt64(a.Hi)
	v.Lsh(v, 64)
	return v.Add(v, new(big.Int).SetUint64(a.Lo))
}

func (a Int128) isInt64() bool { return a.Hi == int64(a.Lo)>>63 }

// number returns a × 10^−scale. Most numbers of many places end in zeros;
// without them they fit one word, and so does more of what is made of them.
func (a Int128) number(scale int32) number {
	const step = 10_000
	for !a.isInt64() {
		hi, lo := uint64(a.Hi), a.Lo
		negative := a.Hi < 0
		if negative {
			var borrow uint64
			lo, borrow = bits.Sub64(0, lo, 0)
			hi, _ = bits.Sub64(0, hi, borrow)
		}
		quoHi := hi / step
		quoLo, rest := bits.Div64(hi%step, lo, step)
		if rest != 0 {
			return longNumber(a.Big(), -scale)
		}
		if negative {
			var borrow uint64
			quoLo, borrow = bits.Sub64(0, quoLo, 0)
			quoHi, _ = bits.Sub64(0, quoHi, borrow)
		}
		a, scale = Int128{Lo: quoLo, Hi: int64(quoHi)}, scale-4
	}
	n := int64(a.Lo)
	for ; n != 0 && n%step == 0; n /= step {
		scale -= 4
	}
	return shortNumber(n, -scale)
}

// Int128FromBig returns v; ok is false when it does not fit 128 bits.
func Int128FromBig(v *big.Int) (a Int128, ok bool) {
	if v.BitLen() > 127 && (v.Sign() > 0 || v.BitLen() > 128 || v.TrailingZeroBits() < 127) {
		return Int128{}, false // −2^127 alone has 128 bits and fits
	}
	lo := new(big.Int).And(v, new(big.Int).SetUint64(^uint64(0)))
	hi := new(big.Int).Rsh(v, 64) // arithmetic shift: floors
	return Int128{Lo: lo.Uint64(), Hi: hi.Int64()}, true
}

// Quantity returns the value × 10^−scale.
func (a Int128) Quantity(scale int32) Quantity {
	return Quantity{a.number(scale)}
}

// Fixed returns q × 10^scale rounded half-even to an integer; it is
// ErrOverflow when that has more than 38 digits.
func (q Quantity) Fixed(scale int32) (Int128, error) { return fixed(q.d, scale) }

// Fixed returns a × 10^scale rounded half-even to an integer; it is
// ErrOverflow when that has more than 38 digits.
func (a Amount) Fixed(scale int32) (Int128, error) { return fixed(a.d, scale) }

// AmountFromFixed returns v × 10^−scale.
func AmountFromFixed(v Int128, scale int32) Amount {
	return Amount{v.number(scale)}
}

func fixed(d number, scale int32) (Int128, error) {
	if v, ok := shortFixed(d, int64(d.exp)+int64(scale)); ok {
		return v, nil
	}
	n := quotient(d, nil, scale, HalfEven)
	if n.BitLen() >= maxDigitsBits && n.CmpAbs(powerOfTen(MaxDigits)) >= 0 {
		return Int128{}, ErrOverflow
	}
	// 10^38 is below 2^127, so that what passed fits.
	v, _ := Int128FromBig(n)
	return v, nil
}

// shortFixed is d's coefficient × 10^shift where that fits for sure without a look
// at it: at most 18 digits times 10^20, as nearly all values are.
func shortFixed(d number, shift int64) (v Int128, ok bool) {
	n := magnitude(d.short)
	if d.long != nil || shift < 0 || shift > 20 || n >= powersOfTen[18] {
		return Int128{}, false
	}
	first := min(shift, 19)
	high, low := bits.Mul64(n, powersOfTen[first])
	if shift > first {
		carry, product := bits.Mul64(low, 10)
		high, low = high*10+carry, product
	}
	v = Int128{Lo: low, Hi: int64(high)}
	if d.short < 0 {
		v, _ = Int128{}.Sub(v)
	}
	return v, true
}
