package parquet

import (
	"encoding/binary"
	"slices"
)

// decimalBytes is the size of a decimal in a file.
const decimalBytes = 16

// appendPlain adds rows from on that are not null, plain, and returns where it
// stopped: at end, or after the text that filled the page.
func appendPlain(b []byte, c *Column, from, end int) ([]byte, int) {
	switch {
	case c.Type == String:
		for i := from; i < end; i++ {
			if len(b) >= pageBytes {
				return b, i
			}
			if !c.isNull(i) {
				b = appendText(b, c.str(i))
			}
		}
	case c.Type == Bool:
		b = appendBits(b, c, from, end)
	case c.Valid == nil:
		b = appendNumbers(b, c, from, end)
	default:
		for i := from; i < end; i++ {
			if !c.isNull(i) {
				b = c.appendFixed(b, i)
			}
		}
	}
	return b, end
}

// appendNumbers adds the numbers of rows without nulls.
func appendNumbers(b []byte, c *Column, from, end int) []byte {
	b = slices.Grow(b, (end-from)*c.Type.width())
	switch {
	case c.Type.isDecimal():
		for _, v := range c.Decimals[from:end] {
			b = v.appendBigEndian(b)
		}
	case c.Type == Date:
		for _, v := range c.Ints[from:end] {
			b = binary.LittleEndian.AppendUint32(b, uint32(v))
		}
	default:
		for _, v := range c.Ints[from:end] {
			b = binary.LittleEndian.AppendUint64(b, uint64(v))
		}
	}
	return b
}

func appendText(b []byte, s string) []byte {
	return append(binary.LittleEndian.AppendUint32(b, uint32(len(s))), s...)
}

func appendBits(b []byte, c *Column, from, end int) []byte {
	n := 0
	for i := from; i < end; i++ {
		if c.isNull(i) {
			continue
		}
		if n%8 == 0 {
			b = append(b, 0)
		}
		b[len(b)-1] |= byte(c.Ints[i]) << (n % 8)
		n++
	}
	return b
}

// appendFixed adds row i's number.
func (c *Column) appendFixed(b []byte, i int) []byte {
	switch {
	case c.Type.isDecimal():
		return c.Decimals[i].appendBigEndian(b)
	case c.Type == Date:
		return binary.LittleEndian.AppendUint32(b, uint32(c.Ints[i]))
	default:
		return binary.LittleEndian.AppendUint64(b, uint64(c.Ints[i]))
	}
}
