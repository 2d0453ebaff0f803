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

// distinct is the values of a chunk's dictionary: words, in byte order, or the rows,
// counted from the chunk's first, that show each number first.
type distinct struct {
	words []string
	rows  []int
}

func (d distinct) entries() int { return len(d.words) + len(d.rows) }

// dictionary puts the distinct values of rows [from, to), plain, into w.page, and
// each row's place among them into w.index. There are none when a dictionary does
// not pay.
func (w *fileWriter) dictionary(c *Column, from, to int) (d distinct) {
	if to-from < dictionaryRows || c.Type == Bool {
		return d
	}
	w.page = w.page[:0]
	w.index = grown(w.index, to-from)
	var valid []bool
	if c.Valid != nil {
		valid = c.Valid[from:to]
	}
	switch {
	case c.Type.isDecimal():
		d.rows = few(c.Decimals[from:to], valid, w.index, Decimal128.hash)
	case c.Type != String:
		d.rows = few(c.Ints[from:to], valid, w.index, hashInt)
	case c.Index != nil:
		d.words = w.ownWords(c, from, to)
	default:
		d.words = foundWords(c.Strings[from:to], valid, w.index)
	}
	for _, row := range d.rows {
		w.page = c.appendFixed(w.page, from+row)
	}
	for _, word := range d.words {
		w.page = appendText(w.page, word)
	}
	return d
}

// few returns the rows that show a value first, and each row's place among them
// in index; no rows when too many values are distinct.
func few[T comparable](values []T, valid []bool, index []uint32, hash func(T) uint64) []int {
	most := min(fewEntries, len(values)/4)
	var table [4 * fewEntries]uint16 // open addressing: place + 1; 0: free
	var rows []int
	last, place := -1, uint32(0) // the row before that was not null, and its place
	for i, v := range values {
		if valid != nil && !valid[i] {
			index[i] = 0
			continue
		}
		if last < 0 || values[last] != v { // runs are the rule in sorted rows
			at := hash(v) % uint64(len(table))
			for table[at] != 0 && values[rows[table[at]-1]] != v {
				at = (at + 1) % uint64(len(table))
			}
			if table[at] == 0 {
				if len(rows) == most {
					return nil
				}
				rows = append(rows, i)
				table[at] = uint16(len(rows))
			}
			place = uint32(table[at] - 1)
		}
		index[i], last = place, i
	}
	return rows
}

// hashInt spreads numbers: what is close together, and what differs in high bits alone.
func hashInt(v int64) uint64 { return uint64(v) * 0x9E3779B97F4A7C15 >> 32 }

// textBytes is what a text takes in a page: itself and its length.
func textBytes(s string) int { return len(s) + 4 }

// ownWords is the words of a column that has a dictionary already: those that
// are used, each once. Nil when they take more than half of what all rows do.
func (w *fileWriter) ownWords(c *Column, from, to int) []string {
	w.counts = cleared(w.counts, len(c.Dict))
	for i, id := range c.Index[from:to] {
		if c.Valid == nil || c.Valid[from+i] {
			w.counts[id]++
		}
	}
	used, ascending, all, before := w.used[:0], true, 0, ""
	for id, n := range w.counts {
		if n == 0 {
			continue
		}
		word := c.Dict[id]
		all += int(n) * textBytes(word)
		ascending = ascending && (len(used) == 0 || before < word)
		used, before = append(used, int32(id)), word
	}
	w.used = used
	if !ascending {
		slices.SortFunc(used, func(a, b int32) int { return cmp.Compare(c.Dict[a], c.Dict[b]) })
	}
	words, distinct := make([]string, 0, len(used)), 0
	for _, id := range used {
		if word := c.Dict[id]; ascending || len(words) == 0 || words[len(words)-1] != word {
			words = append(words, word)
			distinct += textBytes(word)
		}
		w.counts[id] = int32(len(words) - 1)
	}
	if 2*distinct > all {
		return nil
	}
	if c.Valid == nil {
		for i, id := range c.Index[from:to] {
			w.index[i] = uint32(w.counts[id])
		}
		return words
	}
	for i, id := range c.Index[from:to] {
		w.index[i] = 0
		if c.Valid[from+i] {
			w.index[i] = uint32(w.counts[id])
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
