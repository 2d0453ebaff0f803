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
		least, greatest = extremes(c.Decimals[from:to], valid, Decimal128.less)
	case c.Type != String:
		least, greatest = extremes(c.Ints[from:to], valid, cmp.Less[int64])
	case c.Index == nil:
		least, greatest = extremes(c.Strings[from:to], valid, cmp.Less[string])
	default:
		least, greatest = extremes(c.Index[from:to], valid, func(a, b int32) bool { return c.Dict[a] < c.Dict[b] })
	}
	return from + least, from + greatest
}

func extremes[T any](values []T, valid []bool, less func(a, b T) bool) (least, greatest int) {
	least = max(0, slices.Index(valid, true))
	greatest = least
	for i := least + 1; i < len(values); i++ {
		if valid != nil && !valid[i] {
			continue
		}
		if v := values[i]; less(v, values[least]) {
			least = i
		} else if less(values[greatest], v) {
			greatest = i
		}
	}
	return least, greatest
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
