package tables

import (
	"cmp"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/sources/parquet"
)

// vector is a decoded column, dense: "" or zero where a row is null. Strings
// keep a dictionary, so that no row is a string of its own.
type vector struct {
	valid []bool // of nullable columns; nil for the others
	text  pricing.Strings
	ints  []int64
	wides []money.Int128

	ids    map[string]int32 // of text
	dictID int              // the file's dictionary that mapped is for
	mapped []int32          // the file's dictionary index -> ours; -1: not seen yet
	listed []uint32         // of windows: the dictionary indices that mapped has
}

func (v *vector) appendValid(from *parquet.Vector, n int) {
	if from.Valid != nil {
		v.valid = append(v.valid, from.Valid[:n]...)
		return
	}
	for range n {
		v.valid = append(v.valid, true)
	}
}

func (v *vector) appendText(from *parquet.Vector, n int) {
	if from.DictID == 0 {
		for i := range n {
			v.text.Index = append(v.text.Index, v.intern(from.Str(i)))
		}
		return
	}
	if v.dictID != from.DictID {
		v.dictID = from.DictID
		v.mapped = v.mapped[:0]
		for range from.Dict {
			v.mapped = append(v.mapped, -1)
		}
	}
	for i := range n {
		if from.IsNull(i) {
			v.text.Index = append(v.text.Index, v.intern(nil))
			continue
		}
		id := v.mapped[from.Index[i]]
		if id < 0 {
			id = v.intern(from.Dict[from.Index[i]])
			v.mapped[from.Index[i]] = id
		}
		v.text.Index = append(v.text.Index, id)
	}
}

func (v *vector) intern(b []byte) int32 {
	if id, ok := v.ids[string(b)]; ok {
		return id
	}
	if v.ids == nil {
		v.ids = map[string]int32{}
	}
	id, s := int32(len(v.text.Values)), string(b)
	v.ids[s] = id
	v.text.Values = append(v.text.Values, s)
	return id
}

func (v *vector) compare(a, b int) int {
	if v.valid != nil && (!v.valid[a] || !v.valid[b]) {
		switch {
		case v.valid[b]:
			return -1
		case v.valid[a]:
			return 1
		}
		return 0
	}
	switch {
	case v.text.Index != nil:
		if v.text.Index[a] == v.text.Index[b] {
			return 0
		}
		return cmp.Compare(v.text.At(a), v.text.At(b))
	case v.ints != nil:
		return cmp.Compare(v.ints[a], v.ints[b])
	default:
		return v.wides[a].Cmp(v.wides[b])
	}
}

// appendWindow is appendText for a window, whose texts are few: equal ones may stand
// there twice.
func (v *vector) appendWindow(from *parquet.Vector, n int, texts Texts) {
	if from.DictID == 0 {
		for i := range n {
			v.text.Index = append(v.text.Index, v.add(texts.of(from.Str(i))))
		}
		return
	}
	if v.dictID != from.DictID {
		v.dictID, v.listed, v.mapped = from.DictID, v.listed[:0], v.mapped[:0]
		for range from.Dict {
			v.mapped = append(v.mapped, -1)
		}
	}
	for _, entry := range from.Index[:n] {
		id := v.mapped[entry]
		if id < 0 {
			id = v.add(texts.of(from.Dict[entry]))
			v.mapped[entry], v.listed = id, append(v.listed, entry)
		}
		v.text.Index = append(v.text.Index, id)
	}
}

func (v *vector) add(s string) int32 {
	v.text.Values = append(v.text.Values, s)
	return int32(len(v.text.Values) - 1)
}

// keepLast lets go of all rows but the last n, one or none.
func (v *vector) keepLast(n int) {
	v.valid, v.ints, v.wides = last(v.valid, n), last(v.ints, n), last(v.wides, n)
	if v.text.Index = last(v.text.Index, n); len(v.text.Index) > 0 {
		v.text.Values[0] = v.text.At(0)
		v.text.Values, v.text.Index[0] = v.text.Values[:1], 0
	}
	for _, entry := range v.listed {
		v.mapped[entry] = -1
	}
	v.listed = v.listed[:0]
}

// last returns the last n values in the memory of all.
func last[T any](values []T, n int) []T {
	if len(values) == 0 {
		return values
	}
	return values[:copy(values, values[len(values)-n:])]
}
