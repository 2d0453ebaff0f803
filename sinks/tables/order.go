package tables

import (
	"cmp"
	"fmt"
	"slices"

	"daybook/pricing"
	"daybook/pricing/columns"
	"daybook/pricing/money"
	"daybook/sources/parquet"
)

// sortDictionary returns the same rows over a dictionary of the used values
// only, ascending and without repeats. So the dictionary is a function of the
// rows, and ids compare as their values do.
func sortDictionary(given pricing.Strings, rows int) (pricing.Strings, error) {
	if len(given.Index) != rows {
		return pricing.Strings{}, fmt.Errorf("%d values for %d rows", len(given.Index), rows)
	}
	used := make([]bool, len(given.Values))
	for _, id := range given.Index {
		if id < 0 || int(id) >= len(used) {
			return pricing.Strings{}, fmt.Errorf("dictionary index %d is not below %d", id, len(used))
		}
		used[id] = true
	}
	if !slices.Contains(used, false) && ascends(given.Values) {
		return given, nil
	}
	var ids []int32
	for id, u := range used {
		if u {
			ids = append(ids, int32(id))
		}
	}
	slices.SortFunc(ids, func(a, b int32) int { return cmp.Compare(given.Values[a], given.Values[b]) })
	out := pricing.Strings{Index: make([]int32, rows)}
	sorted := make([]int32, len(given.Values))
	for _, id := range ids {
		if v := given.Values[id]; len(out.Values) == 0 || out.Values[len(out.Values)-1] != v {
			out.Values = append(out.Values, v)
		}
		sorted[id] = int32(len(out.Values) - 1)
	}
	for i, id := range given.Index {
		out.Index[i] = sorted[id]
	}
	return out, nil
}

// ascends reports whether each text is greater than the one before.
func ascends(texts []string) bool {
	for i, s := range texts {
		if i > 0 && texts[i-1] >= s {
			return false
		}
	}
	return true
}

// sort puts the rows into the order of the contract's SortedBy, and rows equal
// in that into the order of the other columns, so that the order is total but
// for rows equal in everything. Nulls come first.
func (s *sheet) sort() {
	order := sortOrder(s.table)
	compare := func(a, b int) int {
		for _, c := range order {
			if v := compareRows(&s.cols[c], a, b); v != 0 {
				return v
			}
		}
		return 0
	}
	sorted := true
	for i := 1; i < s.rows && sorted; i++ {
		sorted = compare(i-1, i) <= 0
	}
	if sorted {
		return
	}
	rows := filled(s.rows, func(i int) int { return i })
	slices.SortFunc(rows, compare)
	for i := range s.cols {
		c := &s.cols[i]
		c.Valid, c.Index, c.Ints, c.Decimals = permuted(c.Valid, rows), permuted(c.Index, rows), permuted(c.Ints, rows), permuted(c.Decimals, rows)
	}
}

// sortOrder is the positions of the contract's columns, those of SortedBy first.
func sortOrder(t columns.Table) []int {
	var order []int
	for _, name := range t.SortedBy {
		order = append(order, slices.IndexFunc(t.Columns, func(c columns.Column) bool { return c.Name == name }))
	}
	for i, c := range t.Columns {
		if !slices.Contains(t.SortedBy, c.Name) {
			order = append(order, i)
		}
	}
	return order
}

// compareRows compares two rows in one column of a sheet.
func compareRows(c *parquet.Column, a, b int) int {
	if c.Valid != nil && !(c.Valid[a] && c.Valid[b]) {
		switch {
		case c.Valid[b]:
			return -1
		case c.Valid[a]:
			return 1
		}
		return 0
	}
	switch {
	case c.Index != nil:
		return cmp.Compare(c.Index[a], c.Index[b]) // the dictionary ascends
	case c.Ints != nil:
		return cmp.Compare(c.Ints[a], c.Ints[b])
	default:
		return money.Int128(c.Decimals[a]).Cmp(money.Int128(c.Decimals[b]))
	}
}

// permuted returns the values in the order of rows; nil stays nil. What was
// given is left as it is: it may be the caller's.
func permuted[T any](values []T, rows []int) []T {
	if values == nil {
		return nil
	}
	out := make([]T, len(rows))
	for i, row := range rows {
		out[i] = values[row]
	}
	return out
}
