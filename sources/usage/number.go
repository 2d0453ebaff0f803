package usage

import (
	"bytes"
	"math"
	"strconv"

	"daybook/pricing/money"
)

// wholeNumber returns n × 10^−scale.
func wholeNumber(n int64, scale int) number {
	if n < 0 {
		return number{coefficient: magnitude{lo: -uint64(n)}, scale: scale, negative: true}
	}
	return number{coefficient: magnitude{lo: uint64(n)}, scale: scale}
}

// wideNumber returns v × 10^−scale.
func wideNumber(v money.Int128, scale int) number {
	m, negative := magnitudeOf(v)
	return number{coefficient: m, scale: scale, negative: negative}
}

// floatNumber returns the decimal that the shortest text of v names, which is
// what the writer of the file saw: 0.1 is a tenth. ok is false for NaN and the
// infinities. bits is 32 for values that were floats.
func floatNumber(v float64, bits int) (n number, ok bool) {
	const exact = 1 << 53
	if w := math.Trunc(v); w == v && v > -exact && v < exact {
		return wholeNumber(int64(v), 0), true
	}
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return number{}, false
	}
	var buf [32]byte
	text := strconv.AppendFloat(buf[:0], v, 'e', -1, bits)
	mantissa, exponent, _ := bytes.Cut(text, []byte{'e'})
	e, err := strconv.Atoi(string(exponent)) // does not escape: no allocation
	if err != nil {
		return number{}, false
	}
	n, ok = parseNumber(mantissa)
	n.scale -= e
	return n, ok
}

// parseNumber reads a strict decimal with the rules of money.ParseQuantity: an
// optional minus, digits, at most one point with digits on both sides; at most
// 38 significant digits.
func parseNumber(text []byte) (n number, ok bool) {
	if len(text) > 0 && text[0] == '-' {
		n.negative, text = true, text[1:]
	}
	whole, fraction, point := bytes.Cut(text, []byte{'.'})
	if len(whole) == 0 || (point && len(fraction) == 0) || len(whole) > 2*money.MaxDigits || len(fraction) > money.MaxDigits {
		return number{}, false
	}
	significant := 0
	for _, part := range [2][]byte{whole, fraction} {
		for _, c := range part {
			if c < '0' || c > '9' {
				return number{}, false
			}
			if c != '0' || significant > 0 {
				significant++
			}
			if significant > money.MaxDigits {
				return number{}, false
			}
			n.coefficient = n.coefficient.digit(c - '0')
		}
	}
	n.scale = len(fraction)
	return n, true
}

// digit returns m × 10 + d; the caller bounds the digits.
func (m magnitude) digit(d byte) magnitude {
	m, _ = m.times(10)
	m.lo += uint64(d)
	if m.lo < uint64(d) {
		m.hi++
	}
	return m
}
