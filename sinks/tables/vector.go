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
