package parquet

import (
	"cmp"
	"slices"

	"github.com/apache/arrow/go/v15/parquet/metadata"
)

// longestBound is the longest text that is given as a bound.
const longestBound = 4096

// chunkStatistics are what the footer says of rows [from, to): their nulls, and their
// least and greatest value, decimals in numeric order, of all rows or of the
// dictionary. The number of distinct values is left out.
func chunkStatistics(c *Column, from, to int, of distinct) metadata.EncodedStatistics {
	s := metadata.EncodedStatistics{HasNullCount: true, Signed: c.Type != String}
	if c.Valid != nil {
		for _, valid := range c.Valid[from:to] {
			if !valid {
				s.NullCount++
			}
		}
	}
	if s.NullCount == int64(to-from) {
		return s
	}
	s.HasMin, s.HasMax = true, true
	if words := of.words; len(words) > 0 {
		s.Min, s.Max = []byte(words[0]), []byte(words[len(words)-1])
	} else {
		least, greatest := c.extremes(from, to, of.rows)
		s.Min, s.Max = c.bound(least), c.bound(greatest)
	}
	s.ApplyStatSizeLimits(longestBound)
	return s
}

// extremes are the rows of the least and the greatest value of [from, to), of
// which one at least is not null; shown, if there are any, are rows of them that have
// every value.
func (c *Column) extremes(from, to int, shown []int) (least, greatest int) {
	if len(shown) > 0 {
		return c.extremesOf(from, shown)
	}
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

// extremesOf is extremes of numbers among shown rows, counted from row from.
func (c *Column) extremesOf(from int, shown []int) (least, greatest int) {
	least = from + shown[0]
	greatest = least
	for _, row := range shown[1:] {
		switch row += from; {
		case c.less(row, least):
			least = row
		case c.less(greatest, row):
			greatest = row
		}
	}
	return least, greatest
}

func (c *Column) less(a, b int) bool {
	if c.Type.isDecimal() {
		return c.Decimals[a].less(c.Decimals[b])
	}
	return c.Ints[a] < c.Ints[b]
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
