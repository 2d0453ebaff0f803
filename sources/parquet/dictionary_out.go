package parquet

import (
	"cmp"
	"slices"
)

// dictionaryRows is the fewest rows for which a dictionary pays for its page; ZSTD
// finds the repetitions of smaller chunks.
const dictionaryRows = 256

// fewEntries is the most distinct numbers of a chunk that make a dictionary.
const fewEntries = 256

// dictionary puts the distinct values of rows [from, to), plain, into w.page, and
// each row's place among them into w.index. It returns how many there are, 0
// when a dictionary does not pay; texts are in byte order, and given in words.
func (w *fileWriter) dictionary(c *Column, from, to int) (entries int, words []string) {
	if to-from < dictionaryRows || c.Type == Bool {
		return 0, nil
	}
	w.page = w.page[:0]
	w.index = grown(w.index, to-from)
	var valid []bool
	if c.Valid != nil {
		valid = c.Valid[from:to]
	}
	switch {
	case c.Type.isDecimal():
		return w.numbers(c, from, few(c.Decimals[from:to], valid, w.index)), nil
	case c.Type != String:
		return w.numbers(c, from, few(c.Ints[from:to], valid, w.index)), nil
	case c.Index != nil:
		words = w.ownWords(c, from, to)
	default:
		words = foundWords(c.Strings[from:to], valid, w.index)
	}
	for _, word := range words {
		w.page = appendText(w.page, word)
	}
	return len(words), words
}

// numbers puts the numbers of rows, counted from row from, into w.page.
func (w *fileWriter) numbers(c *Column, from int, rows []int) int {
	for _, row := range rows {
		w.page = c.appendFixed(w.page, from+row)
	}
	return len(rows)
}

// few returns the rows that show a value first, and each row's place among them
// in index; no rows when too many values are distinct.
func few[T comparable](values []T, valid []bool, index []uint32) []int {
	most := min(fewEntries, len(values)/4)
	places := make(map[T]uint32, most)
	var rows []int
	last := -1 // the row before, if it was not null
	for i, v := range values {
		switch {
		case valid != nil && !valid[i]:
			index[i] = 0
			continue
		case last >= 0 && values[last] == v: // runs are the rule in sorted rows
			index[i] = index[last]
		default:
			place, known := places[v]
			if !known {
				if len(rows) == most {
					return nil
				}
				place = uint32(len(rows))
				places[v], rows = place, append(rows, i)
			}
			index[i] = place
		}
		last = i
	}
	return rows
}

// textBytes is what a text takes in a page: itself and its length.
func textBytes(s string) int { return len(s) + 4 }

// ownWords is the words of a column that has a dictionary already: those that
// are used, each once. Nil when they take more than half of what all rows do.
func (w *fileWriter) ownWords(c *Column, from, to int) []string {
	w.counts = cleared(w.counts, len(c.Dict))
	for i := from; i < to; i++ {
		if !c.isNull(i) {
			w.counts[c.Index[i]]++
		}
	}
	var used []int32
	ascending := true
	all := 0
	for id, n := range w.counts {
		if n == 0 {
			continue
		}
		all += int(n) * textBytes(c.Dict[id])
		ascending = ascending && (len(used) == 0 || c.Dict[used[len(used)-1]] < c.Dict[id])
		used = append(used, int32(id))
	}
	if !ascending {
		slices.SortFunc(used, func(a, b int32) int { return cmp.Compare(c.Dict[a], c.Dict[b]) })
	}
	var words []string
	distinct := 0
	for _, id := range used {
		if word := c.Dict[id]; len(words) == 0 || words[len(words)-1] != word {
			words = append(words, word)
			distinct += textBytes(word)
		}
		w.counts[id] = int32(len(words) - 1)
	}
	if 2*distinct > all {
		return nil
	}
	for i := from; i < to; i++ {
		w.index[i-from] = 0
		if !c.isNull(i) {
			w.index[i-from] = uint32(w.counts[c.Index[i]])
		}
	}
	return words
}

// foundWords is ownWords of a column without a dictionary.
func foundWords(texts []string, valid []bool, index []uint32) []string {
	all, distinct := 0, 0
	for i, s := range texts {
		if valid == nil || valid[i] {
			all += textBytes(s)
		}
	}
	places := map[string]uint32{}
	var words []string
	for i, s := range texts {
		index[i] = 0
		if valid != nil && !valid[i] {
			continue
		}
		place, known := places[s]
		if !known {
			if distinct += textBytes(s); 2*distinct > all {
				return nil
			}
			place = uint32(len(words))
			places[s], words = place, append(words, s)
		}
		index[i] = place
	}
	slices.Sort(words)
	sorted := make([]uint32, len(words)) // by place of first use
	for place, word := range words {
		sorted[places[word]] = uint32(place)
	}
	if len(words) > 0 {
		for i := range index {
			index[i] = sorted[index[i]]
		}
	}
	return words
}
