package pricing

import (
	"math/big"
	"math/bits"

	"github.com/shopspring/decimal"

	"daybook/pricing/money"
)

// natural is a whole number below 2^127: the arithmetic of a Tariff. Room for
// one bit is kept so that a sum of two never wraps and each has its negative as
// an Int128. Operations whose result may not fit say so.
type natural struct{ hi, lo uint64 }

const topBit = 1 << 63

func (a natural) isZero() bool { return a.hi|a.lo == 0 }

func (a natural) fits() bool { return a.hi < topBit }

func (a natural) less(b natural) bool {
	return a.hi < b.hi || a.hi == b.hi && a.lo < b.lo
}

// add returns a + b; ok is false when it does not fit.
func (a natural) add(b natural) (sum natural, ok bool) {
	lo, carry := bits.Add64(a.lo, b.lo, 0)
	sum = natural{a.hi + b.hi + carry, lo}
	return sum, sum.fits()
}

// sub returns a − b for a b that is not above a.
func (a natural) sub(b natural) natural {
	lo, borrow := bits.Sub64(a.lo, b.lo, 0)
	return natural{a.hi - b.hi - borrow, lo}
}

// mul returns a × b; ok is false when it does not fit.
func (a natural) mul(b natural) (product natural, ok bool) {
	if a.hi|b.hi == 0 {
		hi, lo := bits.Mul64(a.lo, b.lo)
		return natural{hi, lo}, hi < topBit
	}
	if a.hi != 0 && b.hi != 0 {
		return natural{}, false
	}
	if a.hi == 0 {
		a, b = b, a
	}
	carry, lo := bits.Mul64(a.lo, b.lo)
	over, hi := bits.Mul64(a.hi, b.lo)
	sum, wrapped := bits.Add64(hi, carry, 0)
	return natural{sum, lo}, over|wrapped == 0 && sum < topBit
}

// quoRem returns a ÷ b cut to a whole number, and the rest, for a b above 0.
func (a natural) quoRem(b natural) (q, rest natural) {
	if b.hi == 0 {
		if a.hi == 0 {
			return natural{0, a.lo / b.lo}, natural{0, a.lo % b.lo}
		}
		q.hi = a.hi / b.lo
		q.lo, rest.lo = bits.Div64(a.hi%b.lo, a.lo, b.lo)
		return q, rest
	}
	// The quotient has one word. Dividing by the divisor's upper 64 bits guesses
	// it, too high by one at most; one less can only be too low by one (Hacker's
	// Delight, Unsigned doubleword division).
	shift := bits.LeadingZeros64(b.hi)
	guess, _ := bits.Div64(a.hi>>1, a.hi<<63|a.lo>>1, b.hi<<shift|b.lo>>(64-shift))
	if guess >>= 63 - shift; guess > 0 {
		guess--
	}
	covered, _ := b.mul(natural{0, guess}) // at most a
	q, rest = natural{0, guess}, a.sub(covered)
	if !rest.less(b) {
		q.lo++
		rest = rest.sub(b)
	}
	return q, rest
}

// quo returns a ÷ b rounded to a whole number, for a b above 0.
func (a natural) quo(b natural, r money.Rounding) natural {
	if b == (natural{0, 1}) {
		return a
	}
	q, rest := a.quoRem(b)
	if rest.isZero() {
		return q
	}
	away := false
	// The rest against the half: rest against what it lacks to the whole.
	lacking := b.sub(rest)
	switch r {
	case money.Down:
	case money.Up:
		away = true
	case money.HalfEven:
		away = lacking.less(rest) || lacking == rest && q.lo&1 == 1
	default: // money.HalfUp
		away = !rest.less(lacking)
	}
	if away {
		q, _ = q.add(natural{0, 1}) // b is 2 or more, so that it fits
	}
	return q
}

// int128 returns a, or −a.
func (a natural) int128(negative bool) money.Int128 {
	if negative {
		lo, borrow := bits.Sub64(0, a.lo, 0)
		hi, _ := bits.Sub64(0, a.hi, borrow)
		return money.Int128{Lo: lo, Hi: int64(hi)}
	}
	return money.Int128{Lo: a.lo, Hi: int64(a.hi)}
}

// magnitudeOf returns v without its sign; ok is false for −2^127, which has no
// magnitude below it.
func magnitudeOf(v money.Int128) (a natural, negative, ok bool) {
	if v.Hi >= 0 {
		return natural{uint64(v.Hi), v.Lo}, false, true
	}
	lo, borrow := bits.Sub64(0, v.Lo, 0)
	hi, _ := bits.Sub64(0, uint64(v.Hi), borrow)
	a = natural{hi, lo}
	return a, true, a.fits()
}

// wholeOf returns d × 10^places; ok is false where that is below zero, not
// whole, or does not fit.
func wholeOf(d decimal.Decimal, places int32) (a natural, ok bool) {
	if d.Sign() < 0 || int(places)+d.NumDigits()+int(d.Exponent()) > money.MaxDigits+1 {
		return natural{}, false
	}
	d = d.Shift(places)
	if !d.IsInteger() {
		return natural{}, false
	}
	v := d.BigInt()
	if v.BitLen() > 127 {
		return natural{}, false
	}
	return natural{new(big.Int).Rsh(v, 64).Uint64(), new(big.Int).And(v, lowWord).Uint64()}, true
}

// lowWord masks the lower 64 bits. Nobody changes it.
var lowWord = new(big.Int).SetUint64(^uint64(0))
