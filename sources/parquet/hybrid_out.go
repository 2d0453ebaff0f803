package parquet

import (
	"encoding/binary"
	"slices"
)

// appendHybrid adds values of width bits (0 to 32) in the RLE and bit-packed
// mixture that hybrid reads: eight equal values or more are a run, what is
// between runs is packed in groups of eight.
func appendHybrid(b []byte, values []uint32, width uint) []byte {
	for i := 0; i < len(values); {
		run := runAt(values, i)
		if run >= 8 || run == len(values)-i {
			b = appendRun(b, values[i], run, width)
			i += run
			continue
		}
		end := i + 8
		for end < len(values) && !runAt8(values, end) {
			end += 8
		}
		b = appendPacked(b, values[i:min(end, len(values))], width)
		i = min(end, len(values))
	}
	return b
}

// runAt counts the values from i on that are equal.
func runAt(values []uint32, i int) int {
	n := 1
	for i+n < len(values) && values[i+n] == values[i] {
		n++
	}
	return n
}

// runAt8 tells whether a run begins at i.
func runAt8(values []uint32, i int) bool {
	if i+8 > len(values) {
		return false
	}
	for _, v := range values[i+1 : i+8] {
		if v != values[i] {
			return false
		}
	}
	return true
}

func appendRun(b []byte, value uint32, n int, width uint) []byte {
	b = binary.AppendUvarint(b, uint64(n)<<1)
	for range (width + 7) / 8 {
		b = append(b, byte(value))
		value >>= 8
	}
	return b
}

// appendPacked adds the values bit by bit, and zeros up to a multiple of eight.
func appendPacked(b []byte, values []uint32, width uint) []byte {
	le, groups := binary.LittleEndian, (len(values)+7)/8
	b = binary.AppendUvarint(b, uint64(groups)<<1|1)
	at, end := len(b), len(b)+groups*int(width)
	b = slices.Grow(b, groups*int(width)+8)[:end+8]
	var open uint64
	var n uint
	for _, v := range values {
		open |= uint64(v) << n
		if n += width; n >= 32 {
			le.PutUint32(b[at:], uint32(open))
			open >>= 32
			n -= 32
			at += 4
		}
	}
	clear(b[at:])
	le.PutUint64(b[at:], open)
	return b[:end]
}
