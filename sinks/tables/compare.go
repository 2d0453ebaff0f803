package tables

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"daybook/pricing"
	"daybook/pricing/columns"
	"daybook/pricing/money"
)

// Difference is one cell, or one row, in which a file differs from the one that
// was expected.
type Difference struct {
	Row      int    // from 0, in the file found; in the expected one for a missing row
	Where    string // the row in words: the values of the columns it is sorted by
	Column   string // "" for a whole row
	Expected string // "" for a row too many
	Found    string // "" for a missing row
}

// Compare reads two files of one table and returns how the second differs, at
// most limit differences. Rows are matched by the columns that the table is
// sorted by. An error says that found is no file of this table.
func Compare(t columns.Table, name string, expected, found []byte, limit int) ([]Difference, error) {
	want, err := readFrame(t, name, expected)
	if err != nil {
		return nil, err
	}
	have, err := readFrame(t, name, found)
	if err != nil {
		return nil, err
	}
	c := comparison{want: want, have: have, order: sortOrder(t), limit: limit}
	for i, j := 0, 0; (i < want.rows || j < have.rows) && len(c.out) < limit; {
		switch side := c.side(i, j); {
		case side < 0:
			c.add(Difference{Row: i, Where: want.where(i), Expected: want.whole(i)})
			i++
		case side > 0:
			c.add(Difference{Row: j, Where: have.where(j), Found: have.whole(j)})
			j++
		default:
			c.cells(i, j)
			i, j = i+1, j+1
		}
	}
	return c.out, nil
}

// Rows returns how many rows a file of a table has, all of them read.
func Rows(t columns.Table, name string, body []byte) (int64, error) {
	f, err := readFrame(t, name, body)
	if err != nil {
		return 0, err
	}
	return int64(f.rows), nil
}

type comparison struct {
	want, have *frame
	order      []int // columns, those sorted by first
	out        []Difference
	limit      int
}

func (c *comparison) add(d Difference) {
	if len(c.out) < c.limit {
		c.out = append(c.out, d)
	}
}

// side is below zero where the expected row comes first, above where the found
// one does.
func (c *comparison) side(i, j int) int {
	switch {
	case i >= c.want.rows:
		return 1
	case j >= c.have.rows:
		return -1
	}
	for _, col := range c.order[:len(c.want.table.SortedBy)] {
		if v := compareCells(&c.want.vectors[col], i, &c.have.vectors[col], j); v != 0 {
			return v
		}
	}
	return 0
}

func (c *comparison) cells(i, j int) {
	for col := range c.want.vectors {
		if compareCells(&c.want.vectors[col], i, &c.have.vectors[col], j) == 0 {
			continue
		}
		c.add(Difference{
			Row: j, Where: c.have.where(j), Column: c.want.table.Columns[col].Name,
			Expected: c.want.cell(col, i), Found: c.have.cell(col, j),
		})
	}
}

// compareCells compares two cells of one column in two files. Nulls come first.
func compareCells(a *vector, i int, b *vector, j int) int {
	if a.valid != nil && b.valid != nil && (!a.valid[i] || !b.valid[j]) {
		switch {
		case b.valid[j]:
			return -1
		case a.valid[i]:
			return 1
		}
		return 0
	}
	switch {
	case a.text.Index != nil:
		return cmp.Compare(a.text.At(i), b.text.At(j))
	case a.ints != nil:
		return cmp.Compare(a.ints[i], b.ints[j])
	default:
		return a.wides[i].Cmp(b.wides[j])
	}
}

// where names a row by the columns that the table is sorted by.
func (f *frame) where(row int) string {
	return f.spelled(row, sortOrder(f.table)[:len(f.table.SortedBy)])
}

// whole spells all cells of a row.
func (f *frame) whole(row int) string {
	return f.spelled(row, filled(len(f.table.Columns), func(i int) int { return i }))
}

func (f *frame) spelled(row int, cols []int) string {
	parts := make([]string, 0, len(cols))
	for _, col := range cols {
		parts = append(parts, f.table.Columns[col].Name+" "+f.cell(col, row))
	}
	return strings.Join(parts, ", ")
}

// cell writes one cell as people read it.
func (f *frame) cell(col, row int) string {
	v := &f.vectors[col]
	if v.valid != nil && !v.valid[row] {
		return "null"
	}
	switch f.table.Columns[col].Type {
	case columns.String:
		return strconv.Quote(v.text.At(row))
	case columns.Date:
		return pricing.Date(v.ints[row]).String()
	case columns.Time:
		return time.UnixMicro(v.ints[row]).UTC().Format(time.RFC3339Nano)
	case columns.Quantity:
		return v.wides[row].Quantity(quantityPlaces).String()
	case columns.Money:
		return money.AmountFromFixed(v.wides[row], moneyPlaces).String()
	default:
		return fmt.Sprint(v.ints[row])
	}
}
