// Package money holds the exact numbers of billing: amounts of money,
// quantities of usage, fractions that stay rational until one division at the
// end, rounding and allocation. There is no float in it and nothing saturates:
// what does not fit is an error.
package money

import (
	"errors"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"
)

// MaxDigits is the most significant digits that any number may have.
const MaxDigits = 38

// ErrOverflow is returned where a result needs more than MaxDigits digits or
// does not fit 128 bits. Nothing ever saturates.
var ErrOverflow = errors.New("number does not fit 38 digits")

// Currency is an ISO 4217 code with the number of digits of its minor unit.
type Currency struct {
	Code   string
	Digits int32
}

// Amount is an exact amount of money in a currency that its context names.
type Amount struct{ d number }

// Quantity is an exact amount of something that is not money.
type Quantity struct{ d number }

// Int128 is a signed 128-bit integer in two's complement; with a scale of 12
// it holds quantities, exactly. The field order is shared with the Parquet
// room so that conversion is free.
type Int128 struct {
	Lo uint64
	Hi int64
}

// Rounding is how a number is cut to fewer places.
type Rounding string

// The roundings; half up is away from zero on a tie, as billing systems mean it.
const (
	HalfUp   Rounding = "half_up"
	HalfEven Rounding = "half_even"
	Up       Rounding = "up"   // away from zero
	Down     Rounding = "down" // towards zero
)

// parse reads a strict decimal: an optional minus, digits, at most one point
// with digits on both sides; no exponent, no plus, no spaces, no NaN.
func parse(s string) (number, error) {
	body := strings.TrimPrefix(s, "-")
	whole, frac, point := strings.Cut(body, ".")
	if whole == "" || (point && frac == "") || strings.Trim(whole+frac, "0123456789") != "" {
		return number{}, fmt.Errorf("parse number %.60q: want digits with at most one point, for example 12.50", s)
	}
	if len(strings.TrimLeft(whole+frac, "0")) > MaxDigits || len(frac) > MaxDigits || len(whole) > 2*MaxDigits {
		return number{}, fmt.Errorf("parse number %.60q: %w", s, ErrOverflow)
	}
	d, err := decimal.NewFromString(s)
	return numberOf(d), err
}

// ParseAmount reads a strict decimal (sign, digits, one point).
func ParseAmount(s string) (Amount, error) {
	d, err := parse(s)
	return Amount{d}, err
}

// ParseQuantity reads a strict decimal (sign, digits, one point).
func ParseQuantity(s string) (Quantity, error) {
	d, err := parse(s)
	return Quantity{d}, err
}

// MustAmount is ParseAmount for literals in tests and tables; it panics on a
// literal that does not parse.
func MustAmount(s string) Amount {
	a, err := ParseAmount(s)
	if err != nil {
		panic(err)
	}
	return a
}

// MustQuantity is ParseQuantity for literals in tests and tables.
func MustQuantity(s string) Quantity {
	q, err := ParseQuantity(s)
	if err != nil {
		panic(err)
	}
	return q
}

// QuantityOf returns a whole number.
func QuantityOf(n int64) Quantity { return Quantity{shortNumber(n, 0)} }

// String returns the shortest exact decimal text.
func (a Amount) String() string { return a.d.String() }

// String returns the shortest exact decimal text.
func (q Quantity) String() string { return q.d.String() }

// Decimal returns the number for arithmetic at the edges.
func (a Amount) Decimal() decimal.Decimal { return a.d.decimal() }

// Decimal returns the number for arithmetic at the edges.
func (q Quantity) Decimal() decimal.Decimal { return q.d.decimal() }

// AmountOf wraps a decimal that is already exact.
func AmountOf(d decimal.Decimal) Amount { return Amount{numberOf(d)} }

// QuantityFrom wraps a decimal that is already exact.
func QuantityFrom(d decimal.Decimal) Quantity { return Quantity{numberOf(d)} }

// IsZero reports whether the amount is zero.
func (a Amount) IsZero() bool { return a.d.isZero() }

// IsZero reports whether the quantity is zero.
func (q Quantity) IsZero() bool { return q.d.isZero() }

// Sign returns -1, 0 or 1.
func (a Amount) Sign() int { return a.d.sign() }

// Sign returns -1, 0 or 1.
func (q Quantity) Sign() int { return q.d.sign() }

// Add returns a + b.
func (a Amount) Add(b Amount) Amount { return Amount{a.d.add(b.d)} }

// Sub returns a − b.
func (a Amount) Sub(b Amount) Amount { return Amount{a.d.sub(b.d)} }

// Neg returns −a.
func (a Amount) Neg() Amount { return Amount{a.d.neg()} }

// Cmp compares a and b: -1, 0 or 1.
func (a Amount) Cmp(b Amount) int { return a.d.cmp(b.d) }

// Add returns q + r.
func (q Quantity) Add(r Quantity) Quantity { return Quantity{q.d.add(r.d)} }

// Sub returns q − r.
func (q Quantity) Sub(r Quantity) Quantity { return Quantity{q.d.sub(r.d)} }

// Neg returns −q.
func (q Quantity) Neg() Quantity { return Quantity{q.d.neg()} }

// Cmp compares q and r: -1, 0 or 1.
func (q Quantity) Cmp(r Quantity) int { return q.d.cmp(r.d) }
