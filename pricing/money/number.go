package money

import (
	"math"
	"math/big"
	"math/bits"

	"github.com/shopspring/decimal"
)

// number is an exact decimal, coefficient × 10^exp. Nearly all coefficients of a
// bill are of one word, which are added and compared without an allocation; those
// that are not are big integers. Exponents are those of the decimal library: of a
// sum the smaller one, of a product their sum.
type number struct {
	short int64    // the coefficient where long is nil
	long  *big.Int // one that does not fit 64 bits; never changed once set
	exp   int32
	set   bool // not the zero value of a field that nobody filled in
}

func shortNumber(coefficient int64, exp int32) number {
	return number{short: coefficient, exp: exp, set: true}
}

// longNumber takes the coefficient over.
func longNumber(coefficient *big.Int, exp int32) number {
	if coefficient.IsInt64() {
		return shortNumber(coefficient.Int64(), exp)
	}
	return number{long: coefficient, exp: exp, set: true}
}

func numberOf(d decimal.Decimal) number {
	if d == (decimal.Decimal{}) {
		return number{}
	}
	return longNumber(d.Coefficient(), d.Exponent())
}

func (a number) decimal() decimal.Decimal {
	switch {
	case !a.set:
		return decimal.Decimal{}
	case a.long != nil:
		return decimal.NewFromBigInt(a.long, a.exp)
	}
	return decimal.New(a.short, a.exp)
}

// coefficient returns what the caller must not change.
func (a number) coefficient() *big.Int {
	if a.long != nil {
		return a.long
	}
	return big.NewInt(a.short)
}

func (a number) sign() int {
	switch {
	case a.long != nil:
		return a.long.Sign()
	case a.short < 0:
		return -1
	case a.short > 0:
		return 1
	}
	return 0
}

func (a number) isZero() bool { return a.short == 0 && a.long == nil } // no long one is 0

func (a number) neg() number {
	if a.long != nil || a.short == math.MinInt64 {
		return longNumber(new(big.Int).Neg(a.coefficient()), a.exp)
	}
	return shortNumber(-a.short, a.exp)
}

func (a number) abs() number {
	if a.sign() < 0 {
		return a.neg()
	}
	return a
}

func (a number) add(b number) number {
	if x, y, exp, ok := alignedShort(a, b); ok {
		if sum := x + y; (sum > x) == (y > 0) {
			return shortNumber(sum, exp)
		}
	}
	x, y, exp := aligned(a, b)
	return longNumber(new(big.Int).Add(x, y), exp)
}

func (a number) sub(b number) number { return a.add(b.neg()) }

func (a number) mul(b number) number {
	if a.long == nil && b.long == nil {
		if product, ok := product(a.short, magnitude(b.short)); ok {
			if b.short < 0 {
				product = -product
			}
			return shortNumber(product, a.exp+b.exp)
		}
	}
	return longNumber(new(big.Int).Mul(a.coefficient(), b.coefficient()), a.exp+b.exp)
}

// shift returns a × 10^places.
func (a number) shift(places int32) number {
	a.exp, a.set = a.exp+places, true
	return a
}

// withoutZeros returns the same number, whose short coefficient does not end in 0.
func (a number) withoutZeros() number {
	for a.short != 0 && a.short%10 == 0 {
		a.short, a.exp = a.short/10, a.exp+1
	}
	return a
}

func (a number) cmp(b number) int {
	if x, y, _, ok := alignedShort(a, b); ok {
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	}
	x, y, _ := aligned(a, b)
	return x.Cmp(y)
}

// alignedShort returns both coefficients with the smaller exponent, where they fit.
func alignedShort(a, b number) (x, y int64, exp int32, ok bool) {
	if a.long != nil || b.long != nil {
		return 0, 0, 0, false
	}
	x, y, exp, ok = a.short, b.short, a.exp, true
	switch {
	case a.exp > b.exp:
		exp = b.exp
		x, ok = timesTen(x, int64(a.exp)-int64(b.exp))
	case a.exp < b.exp:
		y, ok = timesTen(y, int64(b.exp)-int64(a.exp))
	}
	return x, y, exp, ok
}

// aligned is alignedShort for all.
func aligned(a, b number) (x, y *big.Int, exp int32) {
	x, y, exp = a.coefficient(), b.coefficient(), min(a.exp, b.exp)
	if a.exp > exp {
		x = new(big.Int).Mul(x, powerOfTen(int64(a.exp)-int64(exp)))
	}
	if b.exp > exp {
		y = new(big.Int).Mul(y, powerOfTen(int64(b.exp)-int64(exp)))
	}
	return x, y, exp
}

// timesTen returns n × 10^places, where it fits.
func timesTen(n, places int64) (int64, bool) {
	if n == 0 {
		return 0, true
	}
	if places >= int64(len(powersOfTen)) {
		return 0, false
	}
	return product(n, powersOfTen[places])
}

// product returns n × by, where it fits.
func product(n int64, by uint64) (int64, bool) {
	high, low := bits.Mul64(magnitude(n), by)
	if high != 0 || low > math.MaxInt64 {
		return 0, false
	}
	if n < 0 {
		return -int64(low), true
	}
	return int64(low), true
}

// magnitude is n without its sign.
func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// powersOfTen are all that fit 64 bits.
var powersOfTen = func() (out [20]uint64) {
	out[0] = 1
	for n := 1; n < len(out); n++ {
		out[n] = 10 * out[n-1]
	}
	return out
}()

// digits is how many digits the coefficient has; that of 0 has one.
func (a number) digits() int {
	if a.long != nil {
		return a.decimal().NumDigits()
	}
	n, most := 1, magnitude(a.short)
	for n < len(powersOfTen) && powersOfTen[n] <= most {
		n++
	}
	return n
}
