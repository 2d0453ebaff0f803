package parquet

import (
	"cmp"
	"slices"
)

// longestBound is the longest text that is given as a bound.
const longestBound = 4096

// bounds are what the footer says of the values of a chunk: how many are null, and
// the least and the greatest, decimals in numeric order; nil where it says nothing.
// The number of distinct values is left out.
type bounds struct {
	nulls           int64
	least, greatest []byte
}

// boundsOf looks at rows [from, to). Words are the dictionary of a chunk of texts that
// has one.
func boundsOf(c *Column, from, to int, words []string) bounds {
	var s bounds
	if c.Valid != nil {
		for _, valid := range c.Valid[from:to] {
			if !valid {
				s.nulls++
			}
		}
	}
	if s.nulls == int64(to-from) {
		return s
	}
	if len(words) > 0 {
		s.least, s.greatest = []byte(words[0]), []byte(words[len(words)-1])
	} else {
		least, greatest := c.extremes(from, to)
		s.least, s.greatest = c.bound(least), c.bound(greatest)
	}
	if len(s.least) > longestBound {
		s.least = nil
	}
	if len(s.greatest) > longestBound {
		s.greatest = nil
	}
	return s
}

// extremes are the rows of the least and the greatest value of [from, to), of
// which one at least is not null.
func (c *Column) extremes(from, to int) (least, greatest int) {
	var valid []bool
	if c.Valid != nil {
		valid = c.Valid[from:to]
	}
	switch {
	case c.Type.isDecimal():
		least, greatest = extremeDecimals(c.Decimals[from:to], valid)
	case c.Type != String:
		least, greatest = extremes(c.Ints[from:to], valid)
	case c.Index == nil:
		least, greatest = extremes(c.Strings[from:to], valid)
	default:
		least, greatest = c.extremeWords(from, to)
	}
	return from + least, from + greatest
}

func extremes[T cmp.Ordered](values []T, valid []bool) (least, greatest int) {
	least = max(0, slices.Index(valid, true))
	greatest = least
	low, high := values[least], values[least]
	for i, v := range values {
		switch {
		case v >= low && v <= high || valid != nil && !valid[i]:
		case v < low:
			least, low = i, v
		default:
			greatest, high = i, v
		}
	}
	return least, greatest
}

func extremeDecimals(values []Decimal128, valid []bool) (least, greatest int) {
	least = max(0, slices.Index(valid, true))
	greatest = least
	low, high := values[least], values[least]
	for i, v := range values {
		switch {
		case valid != nil && !valid[i]:
		case v.less(low):
			least, low = i, v
		case high.less(v):
			greatest, high = i, v
		}
	}
	return least, greatest
}

func (c *Column) extremeWords(from, to int) (least, greatest int) {
	least = -1
	for i, id := range c.Index[from:to] {
		switch {
		case c.isNull(from + i):
		case least < 0:
			least, greatest = i, i
		case c.Dict[id] < c.Dict[c.Index[from+least]]:
			least = i
		case c.Dict[id] > c.Dict[c.Index[from+greatest]]:
			greatest = i
		}
	}
	return max(least, 0), greatest
}

func (c *Column) bound(i int) []byte {
	switch c.Type {
	case String:
		return []byte(c.str(i))
	case Bool:
		return []byte{byte(c.Ints[i])}
	}
	return c.appendFixed(nil, i)
}
