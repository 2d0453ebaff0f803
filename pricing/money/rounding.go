package money

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"math/bits"
)

// Round returns a cut to so many decimal places; negative places round to
// tens, hundreds and so on. A rounding that is none of the four is HalfUp, the
// default of docs/billing-rules.md, The order of an amount, step 5.
func (a Amount) Round(places int32, r Rounding) Amount {
	return Amount{divide(a.d, nil, places, r)}
}

// Round returns q cut to so many decimal places, as Amount.Round does.
func (q Quantity) Round(places int32, r Rounding) Quantity {
	return Quantity{divide(q.d, nil, places, r)}
}

// Valid reports whether r is one of the four roundings.
func (r Rounding) Valid() bool {
	switch r {
	case HalfUp, HalfEven, Up, Down:
		return true
	}
	return false
}

// Check is ErrOverflow when a cannot be stored as DECIMAL(38,20): 18 digits
// before the point. It is where sums and products of amounts are stopped;
// nothing saturates before it.
func (a Amount) Check() error {
	if fits(a.d, SeriesPlaces) {
		return nil
	}
	if _, err := a.Fixed(SeriesPlaces); err != nil {
		return fmt.Errorf("amount has more than %d digits before the point: %w", MaxDigits-SeriesPlaces, err)
	}
	return nil
}

// Check is ErrOverflow when q cannot be stored as DECIMAL(38,12): 26 digits
// before the point.
func (q Quantity) Check() error {
	if fits(q.d, QuantityPlaces) {
		return nil
	}
	if _, err := q.Fixed(QuantityPlaces); err != nil {
		return fmt.Errorf("quantity has more than %d digits before the point: %w", MaxDigits-QuantityPlaces, err)
	}
	return nil
}

// divide returns num/den (den nil is 1) rounded to so many places. It is the
// one rounding and the one division of the package: the decimal library's own
// division follows a global that anybody may change.
func divide(num number, den *big.Int, places int32, r Rounding) number {
	if den == nil && num.exp >= -places {
		return num
	}
	if q, ok := shortQuotient(num, den, places, r); ok {
		return shortNumber(q, -places)
	}
	return longNumber(quotient(num, den, places, r), -places)
}

// shortQuotient is quotient where the dividend fits two words, and the divisor and
// the result one.
func shortQuotient(num number, den *big.Int, places int32, r Rounding) (int64, bool) {
	if num.long != nil || den != nil && !den.IsUint64() {
		return 0, false
	}
	high, low, divisor := uint64(0), magnitude(num.short), uint64(1)
	if den != nil {
		divisor = den.Uint64()
	}
	switch shift := int64(num.exp) + int64(places); {
	case shift >= int64(len(powersOfTen)) || -shift >= int64(len(powersOfTen)):
		return 0, false
	case shift > 0:
		high, low = bits.Mul64(low, powersOfTen[shift])
	case shift < 0:
		var over uint64
		if over, divisor = bits.Mul64(divisor, powersOfTen[-shift]); over != 0 {
			return 0, false
		}
	}
	if high >= divisor {
		return 0, false
	}
	q, rest := bits.Div64(high, low, divisor)
	if r.away(rest != 0, cmp.Compare(rest, divisor-rest), q&1 == 1) {
		q++
	}
	if q > math.MaxInt64 {
		return 0, false
	}
	if num.short < 0 {
		return -int64(q), true
	}
	return int64(q), true
}

// quotient returns num/den × 10^places rounded to an integer.
func quotient(num number, den *big.Int, places int32, r Rounding) *big.Int {
	dividend, divisor := new(big.Int).Set(num.coefficient()), den
	switch shift := int64(num.exp) + int64(places); {
	case shift > 0:
		dividend.Mul(dividend, powerOfTen(shift))
	case shift < 0 && den != nil:
		divisor = new(big.Int).Mul(den, powerOfTen(-shift))
	case shift < 0:
		divisor = powerOfTen(-shift)
	}
	if divisor == nil {
		return dividend
	}
	return roundQuotient(dividend, divisor, r)
}

// roundQuotient returns dividend/divisor rounded to an integer, for a positive
// divisor.
func roundQuotient(dividend, divisor *big.Int, r Rounding) *big.Int {
	q, rest := new(big.Int).QuoRem(dividend, divisor, new(big.Int))
	if rest.Sign() == 0 {
		return q
	}
	if r.away(true, new(big.Int).Lsh(rest, 1).CmpAbs(divisor), q.Bit(0) == 1) {
		q.Add(q, big.NewInt(int64(rest.Sign())))
	}
	return q
}

// away reports whether a quotient with a rest goes one further from zero. Half
// compares the rest with half of the divisor, both without their signs; odd is the
// quotient.
func (r Rounding) away(rest bool, half int, odd bool) bool {
	switch r {
	case Down:
		return false
	case Up:
		return rest
	case HalfEven:
		return rest && (half > 0 || half == 0 && odd)
	}
	return rest && half >= 0 // HalfUp
}

// powers are 10^0 to 10^63, which are almost all that is asked for. Nobody
// changes them.
var powers = func() (out [64]*big.Int) {
	for n := range out {
		out[n] = new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
	}
	return out
}()

// powerOfTen returns 10^n; the caller must not change it.
func powerOfTen(n int64) *big.Int {
	if n < int64(len(powers)) {
		return powers[n]
	}
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(n), nil)
}

// fits reports whether d surely has at most MaxDigits digits at so many places,
// without rounding it; false leaves the last digit to the exact answer.
func fits(d number, places int) bool {
	return d.digits()+int(d.exp) < MaxDigits-places
}
