package tables

import (
	"fmt"
	"unicode/utf8"

	"daybook/pricing"
	"daybook/pricing/columns"
	"daybook/sources/parquet"
)

// text adds a column of strings; "" is null where the contract allows nulls.
func (s *sheet) text(name string, at func(i int) string) {
	c, ok := s.next(name, columns.String)
	if !ok {
		return
	}
	values := pricing.Strings{Index: make([]int32, s.rows)}
	ids := map[string]int32{}
	var next []int32 // by id: which came after it last
	for i, last := 0, int32(-1); i < s.rows; i++ {
		v := at(i)
		if last >= 0 { // in sorted rows runs are the rule, and values that take turns
			if v == values.Values[last] {
				values.Index[i] = last
				continue
			}
			if id := next[last]; id >= 0 && v == values.Values[id] {
				values.Index[i], last = id, id
				continue
			}
		}
		id, known := ids[v]
		if !known {
			id = int32(len(values.Values))
			ids[v] = id
			values.Values, next = append(values.Values, v), append(next, -1)
		}
		if last >= 0 {
			next[last] = id
		}
		values.Index[i], last = id, id
	}
	s.addText(c, values)
}

// dictionary adds a column of strings that is in dictionary form already.
func (s *sheet) dictionary(name string, values pricing.Strings) {
	if c, ok := s.next(name, columns.String); ok {
		s.addText(c, values)
	}
}

// constant adds a column of strings with one value.
func (s *sheet) constant(name, value string) {
	s.dictionary(name, pricing.Strings{Values: []string{value}, Index: make([]int32, s.rows)})
}

func (s *sheet) addText(c columns.Column, given pricing.Strings) {
	sorted, err := sortDictionary(given, s.rows)
	if err != nil {
		s.err = fmt.Errorf("%s: %w", c.Name, err)
		return
	}
	for id, v := range sorted.Values {
		if !utf8.ValidString(v) {
			for i, index := range sorted.Index {
				if int(index) == id {
					s.fail(i, c.Name, fmt.Errorf("%.60q is not UTF-8", v))
					return
				}
			}
		}
	}
	p := parquet.Column{Dict: sorted.Values, Index: sorted.Index}
	if c.Nullable && len(sorted.Values) > 0 && sorted.Values[0] == "" {
		p.Valid = make([]bool, s.rows)
		for i, id := range sorted.Index {
			p.Valid[i] = id != 0
		}
	}
	s.add(c, p)
}
