package parquet

import (
	"errors"
	"fmt"
	"unicode/utf8"
)

// rowGroupRows is the most rows that Encode puts into one row group.
const rowGroupRows = 1 << 20

// createdBy is what Encode's files say of their writer. It has no version, so
// that equal values give equal bytes.
const createdBy = "daybook"

// Encode writes a Parquet file of rows rows, with all columns in the order given.
//
// The bytes are a pure function of the values: not of the machine, the number of
// processors, how strings are given (Strings, or Dict and Index), or what stands
// in null rows. Pages are ZSTD with checksums, row groups have at most 1 Mi rows,
// and least and greatest value of each are in the footer, decimals in numeric
// order. A table without rows has no row group.
//
// Encode reads the file back and compares every value before it gives it out
// (docs/libraries.md, guard 5). Errors name the column, and the row where one
// value is at fault: lengths that differ, numbers with more digits than the
// column's precision, text that is not UTF-8.
func Encode(cols []Column, rows int) ([]byte, error) {
	return EncodeGroups(cols, rows, rowGroupRows)
}

// EncodeGroups is Encode with row groups of at most groupRows rows, above zero.
func EncodeGroups(cols []Column, rows, groupRows int) (body []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			body, err = nil, fmt.Errorf("write parquet: %v", p)
		}
	}()
	if len(cols) == 0 || groupRows < 1 {
		return nil, errors.New("write parquet: no columns, or row groups without rows")
	}
	names := map[string]bool{}
	for i := range cols {
		c := &cols[i]
		if c.Name == "" || names[c.Name] {
			return nil, fmt.Errorf("write parquet: column %d has no name of its own: %q", i, c.Name)
		}
		names[c.Name] = true
		if err := c.check(rows); err != nil {
			return nil, fmt.Errorf("write parquet: column %q: %w", c.Name, err)
		}
	}
	if body, err = write(cols, rows, groupRows); err != nil {
		return nil, fmt.Errorf("write parquet: %w", err)
	}
	if err := readBack(body, cols, rows); err != nil {
		return nil, fmt.Errorf("write parquet: read back: %w", err)
	}
	return body, nil
}

// isNull tells whether row i is null.
func (c *Column) isNull(i int) bool { return c.Valid != nil && !c.Valid[i] }

// str is row i's text; the row must not be null.
func (c *Column) str(i int) string {
	if c.Index != nil {
		return c.Dict[c.Index[i]]
	}
	return c.Strings[i]
}

// check finds what cannot be written.
func (c *Column) check(rows int) error {
	if c.Valid != nil && !c.Nullable {
		return errors.New("has Valid but is not nullable")
	}
	if c.Valid != nil && len(c.Valid) != rows {
		return fmt.Errorf("has %d of Valid for %d rows", len(c.Valid), rows)
	}
	values := len(c.Ints)
	switch {
	case c.Type == String && c.Index != nil:
		values = len(c.Index)
	case c.Type == String:
		values = len(c.Strings)
	case c.Type.isDecimal():
		values = len(c.Decimals)
		p, s := c.Type.precision(), c.Type.scale()
		if p < 1 || p > 38 || s > p {
			return fmt.Errorf("%s is not possible", c.Type)
		}
	case c.Type < String || c.Type > Bool:
		return fmt.Errorf("%s is not known", c.Type)
	}
	if values != rows {
		return fmt.Errorf("has %d values for %d rows", values, rows)
	}
	if c.Type == String && c.Index != nil {
		return c.checkDictionary()
	}
	if c.Type.isDecimal() {
		return c.checkDecimals()
	}
	if c.Type == Int64 || c.Type == TimestampMicrosUTC {
		return nil
	}
	for i := range rows {
		if c.isNull(i) {
			continue
		}
		if err := c.checkValue(i); err != nil {
			return fmt.Errorf("row %d: %w", i, err)
		}
	}
	return nil
}

func (c *Column) checkDecimals() error {
	bound := powerOfTen(c.Type.precision())
	for i, v := range c.Decimals {
		if plainly := v.Hi > -bound.Hi && v.Hi < bound.Hi; !plainly && !v.below(bound) && !c.isNull(i) {
			return fmt.Errorf("row %d: does not fit %s", i, c.Type)
		}
	}
	return nil
}

// checkDictionary is check for strings in dictionary form: each entry that is used
// is looked at once.
func (c *Column) checkDictionary() error {
	used := make([]bool, len(c.Dict))
	for i, entry := range c.Index {
		switch {
		case c.Valid != nil && !c.Valid[i]:
		case uint(entry) >= uint(len(used)):
			return fmt.Errorf("row %d: names entry %d of a dictionary of %d", i, entry, len(c.Dict))
		default:
			used[entry] = true
		}
	}
	for entry, text := range c.Dict {
		if used[entry] && !utf8.ValidString(text) {
			for i := range c.Index {
				if !c.isNull(i) && int(c.Index[i]) == entry {
					return fmt.Errorf("row %d: is not UTF-8", i)
				}
			}
		}
	}
	return nil
}

func (c *Column) checkValue(i int) error {
	switch {
	case c.Type == String:
		if !utf8.ValidString(c.Strings[i]) {
			return errors.New("is not UTF-8")
		}
	case c.Type == Bool:
		if v := c.Ints[i]; v != 0 && v != 1 {
			return fmt.Errorf("has %d where a boolean is 0 or 1", v)
		}
	case c.Type == Date:
		if v := c.Ints[i]; v != int64(int32(v)) {
			return fmt.Errorf("has day %d, which does not fit 32 bits", v)
		}
	}
	return nil
}
