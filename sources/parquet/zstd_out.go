package parquet

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// A page of numbers that differ in their middle bytes only, as decimals do, is
// compressed here and not by the library: to match the bytes that all share is a
// sequence of the same three codes for each number, which a ZSTD block holds
// without a bit for any of them (RFC 8878, 3.1.1.3.2.1, RLE mode). That takes a
// copy of the other bytes, a tenth of the time of looking for matches.

const (
	frameMagic    = 0xFD2FB528
	frameHead     = 2<<6 | 1<<5 | 1<<2 // size in 4 bytes, window of that size, checksum
	frameBlock    = 128 << 10          // the most that a block gives
	blockRaw      = 0
	blockPacked   = 2
	allRLE        = 1<<6 | 1<<4 | 1<<2 // modes of literal lengths, offsets, match lengths
	leastMatch    = 3
	sampleNumbers = 128 // to see whether the library finds more
	worthSampling = 8 * sampleNumbers
)

// packNumbers compresses a page whose bytes after head are numbers of width
// bytes. Where that is not clearly better, it returns dst as it is.
func (w *fileWriter) packNumbers(dst, page []byte, head, width int) []byte {
	if width < 8 {
		return dst
	}
	n := (len(page) - head) / width
	if n < worthSampling || head > frameBlock-2*width {
		return dst
	}
	first, last := shared(page[head:], width)
	if match := first + last; match < leastMatch || match >= width {
		return dst
	}
	sample := w.encoder.EncodeAll(page[head:head+sampleNumbers*width], dst)[len(dst):]
	if sampleNumbers*(width-first-last) > len(sample)+len(sample)/8 {
		return dst
	}
	return appendFrame(dst, page, head, width, first, last)
}

// shared counts the first and the last bytes that all numbers have in common.
func shared(b []byte, width int) (first, last int) {
	var differ [2]uint64 // bits that are not the first number's, by word
	le := binary.LittleEndian
	if width == 8 {
		for one := le.Uint64(b); len(b) >= 8; b = b[8:] {
			differ[0] |= le.Uint64(b) ^ one
		}
		return bits.TrailingZeros64(differ[0]) / 8, bits.LeadingZeros64(differ[0]) / 8
	}
	for one, two := le.Uint64(b), le.Uint64(b[8:]); len(b) >= 16; b = b[16:] {
		differ[0] |= le.Uint64(b) ^ one
		differ[1] |= le.Uint64(b[8:]) ^ two
	}
	if first = bits.TrailingZeros64(differ[0]) / 8; first == 8 {
		first += bits.TrailingZeros64(differ[1]) / 8
	}
	if last = bits.LeadingZeros64(differ[1]) / 8; last == 8 {
		last += bits.LeadingZeros64(differ[0]) / 8
	}
	return first, last
}

// appendFrame adds the frame: head, the first number and the shared first bytes
// of the second as they are; then, number by number, the middle bytes, and a
// match with what follows them, one number back.
func appendFrame(dst, page []byte, head, width, first, last int) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, frameMagic)
	dst = append(dst, frameHead)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(page)))
	raw := page[:head+width+first]
	dst = append(appendBlockHead(dst, blockRaw, len(raw), false), raw...)
	middle, match := width-first-last, first+last
	at, left := len(raw), (len(page)-head)/width-2 // left: numbers with a number after them
	// The first sequence says how far back: offset 16 is 16+3, code 4, 3 in 4 bits;
	// offset 8 is 8+3, code 3, 3 in 3 bits. All others repeat it: code 0, no bits.
	code := byte(bits.Len(uint(width+3)) - 1)
	dst, at = appendSequences(dst, page, at, 1, width, middle, match, code, 1<<code|3, 0)
	for left--; left >= frameBlock/width; left -= frameBlock/width - 1 {
		dst, at = appendSequences(dst, page, at, frameBlock/width-1, width, middle, match, 0, 1, 0)
	}
	dst, _ = appendSequences(dst, page, at, left, width, middle, match, 0, 1, middle+last)
	return binary.LittleEndian.AppendUint32(dst, uint32(xxh64(page)))
}

// appendSequences adds a block of n numbers from page[at:], and rest bytes after
// them, which end the frame.
func appendSequences(dst, page []byte, at, n, width, middle, match int, offset, stream byte, rest int) ([]byte, int) {
	literals := n*middle + rest
	start := len(dst)
	dst = append(dst, 0, 0, 0)                                                       // the block's head
	dst = append(dst, byte(literals<<4|3<<2), byte(literals>>4), byte(literals>>12)) // raw literals, size in 20 bits
	dst = appendMiddles(dst, page[at:], n, width, middle)
	at += n * width
	dst = append(dst, page[at:at+rest]...)
	if n >= 128 {
		dst = append(dst, byte(n>>8+128), byte(n))
	} else {
		dst = append(dst, byte(n))
	}
	if n > 0 {
		dst = append(dst, allRLE, byte(middle), offset, byte(match-leastMatch), stream)
	}
	copy(dst[start:], appendBlockHead(nil, blockPacked, len(dst)-start-3, rest > 0))
	return dst, at
}

// appendMiddles adds the first middle bytes of n numbers of width bytes. It copies
// words, as the bytes behind a middle are overwritten by the next.
func appendMiddles(dst, numbers []byte, n, width, middle int) []byte {
	le, at := binary.LittleEndian, len(dst)
	dst = slices.Grow(dst, n*middle+width)
	for out := dst[at:cap(dst)]; n > 0; n-- {
		le.PutUint64(out, le.Uint64(numbers))
		if width == 16 {
			le.PutUint64(out[8:], le.Uint64(numbers[8:]))
		}
		out, numbers, at = out[middle:], numbers[width:], at+middle
	}
	return dst[:at]
}

func appendBlockHead(dst []byte, kind, size int, last bool) []byte {
	h := size<<3 | kind<<1
	if last {
		h |= 1
	}
	return append(dst, byte(h), byte(h>>8), byte(h>>16))
}
