package parquet

import (
	"cmp"
	"slices"
)

// vocabulary is a string column's distinct values in a row group, in the order of
// their first use, and each row's number among them.
type vocabulary struct {
	words []string
	rank  []int32 // a word's place in byte order
	index []int32 // one a row; 0 where null
}

// vocabulary collects the words of rows [from, to).
func (c *Column) vocabulary(from, to int) vocabulary {
	v := vocabulary{index: make([]int32, to-from)}
	numbers := map[string]int32{}
	number := func(word string) int32 {
		n, known := numbers[word]
		if !known {
			n = int32(len(v.words))
			numbers[word] = n
			v.words = append(v.words, word)
		}
		return n
	}
	// Entries of a given dictionary are looked up once, not once a row.
	known := make([]int32, len(c.Dict))
	for i := from; i < to; i++ {
		switch {
		case c.isNull(i):
		case c.Index == nil:
			v.index[i-from] = number(c.Strings[i])
		default:
			entry := c.Index[i]
			if known[entry] == 0 {
				known[entry] = number(c.Dict[entry]) + 1
			}
			v.index[i-from] = known[entry] - 1
		}
	}
	v.order()
	return v
}

// order ranks the words, so that least and greatest of many rows are found
// without comparing strings.
func (v *vocabulary) order() {
	sorted := make([]int32, len(v.words))
	for i := range sorted {
		sorted[i] = int32(i)
	}
	slices.SortFunc(sorted, func(a, b int32) int { return cmp.Compare(v.words[a], v.words[b]) })
	v.rank = make([]int32, len(v.words))
	for place, word := range sorted {
		v.rank[word] = int32(place)
	}
}

// bounds are the least and greatest word of rows [from, to) of the row group; ok
// is false when all are null.
func (v *vocabulary) bounds(valid []bool, from, to int) (least, greatest string, ok bool) {
	low, high := int32(-1), int32(-1)
	for i := from; i < to; i++ {
		if valid != nil && !valid[i] {
			continue
		}
		word := v.index[i]
		if low < 0 || v.rank[word] < v.rank[low] {
			low = word
		}
		if high < 0 || v.rank[word] > v.rank[high] {
			high = word
		}
	}
	if low < 0 {
		return "", "", false
	}
	return v.words[low], v.words[high], true
}

// repeats tells whether a dictionary pays for a string column: whether the
// distinct values take at most half of the bytes that all values take. The
// decision is for the whole column, as all row groups must agree.
func (c *Column) repeats(rows int) bool {
	const overhead = 4 // bytes of length before each value
	seen := map[string]struct{}{}
	var all, distinct int
	used := make([]bool, len(c.Dict)) // entries looked up already
	for i := range rows {
		if c.isNull(i) {
			continue
		}
		s := c.str(i)
		all += len(s) + overhead
		if c.Index != nil {
			if used[c.Index[i]] {
				continue
			}
			used[c.Index[i]] = true
		}
		if _, known := seen[s]; !known {
			seen[s] = struct{}{}
			distinct += len(s) + overhead
		}
	}
	return 2*distinct <= all
}
