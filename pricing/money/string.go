package money

import (
	"strconv"

	"github.com/shopspring/decimal"
)

// wordDigits is how many digits any 64-bit word holds.
const wordDigits = 18

// text is d.String(), the shortest exact text, of most numbers without big
// integers: documents are made of little else.
func text(d decimal.Decimal) string {
	places := -int(d.Exponent())
	if places < 0 || places > MaxDigits || d.NumDigits() > wordDigits {
		return d.String()
	}
	n := d.CoefficientInt64()
	for ; places > 0 && n%10 == 0; places-- {
		n /= 10
	}
	var room [2 + MaxDigits + wordDigits]byte
	b := room[:0]
	if n < 0 {
		b, n = append(b, '-'), -n
	}
	var digits [wordDigits]byte
	whole := strconv.AppendInt(digits[:0], n, 10)
	if places == 0 {
		return string(append(b, whole...))
	}
	var decimals []byte
	if cut := len(whole) - places; cut > 0 {
		whole, decimals = whole[:cut], whole[cut:]
		b = append(append(b, whole...), '.')
	} else {
		b, decimals = append(b, "0."...), whole
	}
	for range places - len(decimals) {
		b = append(b, '0')
	}
	return string(append(b, decimals...))
}
