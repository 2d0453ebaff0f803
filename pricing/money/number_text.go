package money

import "strconv"

// String returns the shortest exact decimal text.
func (a number) String() string {
	if a.long != nil {
		return a.decimal().String()
	}
	return string(a.appendShort(make([]byte, 0, 48)))
}

// appendText appends the shortest exact decimal text.
func (a number) appendText(b []byte) []byte {
	if a.long != nil {
		return append(b, a.decimal().String()...)
	}
	return a.appendShort(b)
}

func (a number) appendShort(b []byte) []byte {
	most, places := magnitude(a.short), -int(a.exp)
	if most == 0 {
		return append(b, '0')
	}
	for ; places > 0 && most%10 == 0; places-- {
		most /= 10
	}
	if a.short < 0 {
		b = append(b, '-')
	}
	from := len(b)
	b = strconv.AppendUint(b, most, 10)
	for ; places < 0; places++ {
		b = append(b, '0')
	}
	if places == 0 {
		return b
	}
	return withPoint(b, from, places)
}

// withPoint puts a point before the last places digits of the whole number that
// begins at from.
func withPoint(b []byte, from, places int) []byte {
	digits := len(b) - from
	for n := digits; n <= places; n++ {
		b = append(b, '0')
	}
	if lack := places + 1 - digits; lack > 0 {
		copy(b[from+lack:], b[from:from+digits])
		for i := range lack {
			b[from+i] = '0'
		}
	}
	point := len(b) - places
	b = append(b, 0)
	copy(b[point+1:], b[point:])
	b[point] = '.'
	return b
}
