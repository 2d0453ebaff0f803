package money

import (
	"errors"
	"math/big"
)

// SeriesPlaces is the number of decimal places of an exact amount: the one
// division of a charge stops here (docs/billing-rules.md, The order of an
// amount, step 3), and DECIMAL(38,20) columns keep it whole.
const SeriesPlaces = 20

// QuantityPlaces is the number of decimal places of a published quantity.
const QuantityPlaces = 12

// ErrDivideByZero is returned by Quo for a zero divisor.
var ErrDivideByZero = errors.New("divide by zero")

// reduceBits is the denominator size from which fractions are cut to lower
// terms. Below it the greatest common divisor costs more than it saves: almost
// every denominator of a bill is a length of time or a power of 1024.
const reduceBits = 96

// Fraction is an exact rational number: a decimal over a positive integer. It
// carries quantities, proration factors and products of both to the one
// division at the end of a charge. The zero value is 0. Fractions are values:
// no method changes its receiver. Compare them with Cmp, not ==.
type Fraction struct {
	num number
	den *big.Int // nil is 1; otherwise above 1 and never changed once set
}

// Fraction returns a as a fraction.
func (a Amount) Fraction() Fraction { return Fraction{num: a.d} }

// Fraction returns q as a fraction.
func (q Quantity) Fraction() Fraction { return Fraction{num: q.d} }

// Ratio returns num/den. A den of zero, which no caller may pass, gives 0 so
// that nothing is ever charged by mistake; use Quo where it can happen.
func Ratio(num, den int64) Fraction {
	if den == 0 {
		return Fraction{}
	}
	n, d := shortNumber(num, 0), big.NewInt(den)
	if den < 0 {
		n, d = n.neg(), d.Neg(d)
	}
	return lowest(n, d)
}

// Whole returns n as a fraction.
func Whole(n int64) Fraction { return Fraction{num: shortNumber(n, 0)} }

// lowest builds num/den for a positive den, in lower terms where that pays.
func lowest(num number, den *big.Int) Fraction {
	if num.isZero() {
		return Fraction{}
	}
	if den.BitLen() > reduceBits {
		coefficient := num.coefficient()
		common := new(big.Int).GCD(nil, nil, new(big.Int).Abs(coefficient), den)
		num = longNumber(new(big.Int).Quo(coefficient, common), num.exp)
		den = new(big.Int).Quo(den, common)
	}
	if den.BitLen() == 1 {
		return Fraction{num: num}
	}
	return Fraction{num: num, den: den}
}

// times multiplies two denominators, of which nil is 1.
func times(a, b *big.Int) *big.Int {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return new(big.Int).Mul(a, b)
}

// scaled returns num × den for a denominator that may be nil.
func scaled(num number, den *big.Int) number {
	if den == nil {
		return num
	}
	return num.mul(longNumber(den, 0))
}

func sameDenominator(a, b *big.Int) bool {
	return a == b || a != nil && b != nil && a.Cmp(b) == 0
}

// Add returns f + g.
func (f Fraction) Add(g Fraction) Fraction {
	if sameDenominator(f.den, g.den) {
		return withDenominator(f.num.add(g.num), f.den)
	}
	return withDenominator(scaled(f.num, g.den).add(scaled(g.num, f.den)), times(f.den, g.den))
}

// Sub returns f − g.
func (f Fraction) Sub(g Fraction) Fraction { return f.Add(g.Neg()) }

// Mul returns f × g.
func (f Fraction) Mul(g Fraction) Fraction {
	return withDenominator(f.num.mul(g.num), times(f.den, g.den))
}

// Quo returns f ÷ g, exactly; it is ErrDivideByZero when g is zero.
func (f Fraction) Quo(g Fraction) (Fraction, error) {
	if g.IsZero() {
		return Fraction{}, ErrDivideByZero
	}
	// f/g = (f.num × g.den) / (f.den × g.num), where g.num = ±c × 10^e becomes
	// the integer c by moving 10^e and the sign to the numerator.
	divisor := g.num.abs().withoutZeros()
	num := scaled(f.num, g.den).shift(-divisor.exp)
	if g.num.sign() < 0 {
		num = num.neg()
	}
	if divisor.short == 1 {
		return withDenominator(num, f.den), nil
	}
	return withDenominator(num, times(f.den, divisor.coefficient())), nil
}

func withDenominator(num number, den *big.Int) Fraction {
	if den == nil {
		return Fraction{num: num}
	}
	return lowest(num, den)
}

// Neg returns −f.
func (f Fraction) Neg() Fraction { return Fraction{num: f.num.neg(), den: f.den} }

// Abs returns f without its sign.
func (f Fraction) Abs() Fraction { return Fraction{num: f.num.abs(), den: f.den} }

// Sign returns -1, 0 or 1.
func (f Fraction) Sign() int { return f.num.sign() }

// IsZero reports whether f is zero.
func (f Fraction) IsZero() bool { return f.num.isZero() }

// Cmp compares f and g: -1, 0 or 1.
func (f Fraction) Cmp(g Fraction) int {
	if sameDenominator(f.den, g.den) {
		return f.num.cmp(g.num)
	}
	return scaled(f.num, g.den).cmp(scaled(g.num, f.den))
}

// Min returns the smaller of f and g.
func (f Fraction) Min(g Fraction) Fraction {
	if g.Cmp(f) < 0 {
		return g
	}
	return f
}

// Amount divides, once, to SeriesPlaces places half-even
// (docs/billing-rules.md, The order of an amount, step 3). Use Amount.Check
// before the result is stored.
func (f Fraction) Amount() Amount { return Amount{f.round(SeriesPlaces, HalfEven)} }

// Quantity divides to QuantityPlaces places half-even, as quantities are
// published. Use Quantity.Check before the result is stored.
func (f Fraction) Quantity() Quantity { return Quantity{f.round(QuantityPlaces, HalfEven)} }

// Round returns f rounded to so many decimal places.
func (f Fraction) Round(places int32, r Rounding) Fraction {
	return Fraction{num: f.round(places, r)}
}

// Ceil returns the smallest whole number that is not below f: the started
// blocks of a package.
func (f Fraction) Ceil() Fraction {
	if f.Sign() <= 0 {
		return f.Round(0, Down)
	}
	return f.Round(0, Up)
}

// Floor returns the greatest whole number that is not above f.
func (f Fraction) Floor() Fraction { return f.Neg().Ceil().Neg() }

// Rat returns f for comparison with other exact arithmetic.
func (f Fraction) Rat() *big.Rat {
	r := f.num.decimal().Rat()
	if f.den != nil {
		r.Quo(r, new(big.Rat).SetInt(f.den))
	}
	return r
}

// String returns the exact text: a decimal, or "decimal/integer".
func (f Fraction) String() string {
	if f.den == nil {
		return f.num.String()
	}
	return f.num.String() + "/" + f.den.String()
}

func (f Fraction) round(places int32, r Rounding) number {
	return divide(f.num, f.den, places, r)
}
