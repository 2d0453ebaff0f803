package parquet

import "encoding/binary"

// hybrid reads the RLE and bit-packed mixture of levels, dictionary indices and
// RLE booleans (Encodings.md of Apache Parquet, "Run Length Encoding").
type hybrid struct {
	b      []byte
	at     int
	width  uint   // bits a value, 0 to 32
	same   int    // values left in an RLE run
	value  uint32 // of the RLE run
	packed int    // values left in a bit-packed run
	bits   []byte // the bit-packed run
	bit    int    // its next bit
}

func (h *hybrid) reset(b []byte, width uint) {
	*h = hybrid{b: b, width: width}
}

// next opens the next run.
func (h *hybrid) next() error {
	head, n := binary.Uvarint(h.b[h.at:])
	if n <= 0 || head>>1 > 1<<31 {
		return corrupt("a page's runs end early")
	}
	h.at += n
	count := int(head >> 1)
	if head&1 == 0 {
		bytes := int(h.width+7) / 8
		if bytes > len(h.b)-h.at {
			return corrupt("a page's runs end early")
		}
		h.value = 0
		for i := range bytes {
			h.value |= uint32(h.b[h.at+i]) << (8 * i)
		}
		if h.width < 32 && h.value>>h.width != 0 {
			return corrupt("a run's value has too many bits")
		}
		h.at += bytes
		h.same = count
		return nil
	}
	// The last run of a page may be cut off after its last value.
	bytes := min(count*int(h.width), len(h.b)-h.at)
	h.bits, h.bit = h.b[h.at:h.at+bytes], 0
	h.at += bytes
	h.packed = 8 * count
	if h.width > 0 {
		h.packed = min(h.packed, 8*bytes/int(h.width))
	}
	return nil
}

// read fills dst with the next values.
func (h *hybrid) read(dst []uint32) error {
	for len(dst) > 0 {
		switch {
		case h.same > 0:
			n := min(h.same, len(dst))
			for i := range dst[:n] {
				dst[i] = h.value
			}
			h.same -= n
			dst = dst[n:]
		case h.packed > 0:
			n := min(h.packed, len(dst))
			h.unpack(dst[:n])
			dst = dst[n:]
		default:
			if err := h.next(); err != nil {
				return err
			}
		}
	}
	return nil
}

// unpack takes bit-packed values; next has made sure that they are there.
func (h *hybrid) unpack(dst []uint32) {
	mask := uint64(1)<<h.width - 1
	bit, bits, width := h.bit, h.bits, int(h.width)
	i := 0
	if bit&7 == 0 && width > 0 && width <= 16 { // so that two words hold eight values, from a byte on
		half, shift := 4*width>>3, uint(4*width&7)
		for ; len(dst)-i >= 8 && bit>>3+half+8 <= len(bits); i += 8 {
			at := bits[bit>>3:]
			v, w, o := binary.LittleEndian.Uint64(at), binary.LittleEndian.Uint64(at[half:])>>shift, dst[i:i+8:i+8]
			o[0], o[4] = uint32(v&mask), uint32(w&mask)
			v, w = v>>h.width, w>>h.width
			o[1], o[5] = uint32(v&mask), uint32(w&mask)
			v, w = v>>h.width, w>>h.width
			o[2], o[6] = uint32(v&mask), uint32(w&mask)
			v, w = v>>h.width, w>>h.width
			o[3], o[7] = uint32(v&mask), uint32(w&mask)
			bit += 8 * width
		}
	}
	for ; i < len(dst); i++ {
		at := bit >> 3
		if at+8 > len(bits) {
			break
		}
		dst[i] = uint32(binary.LittleEndian.Uint64(bits[at:]) >> (bit & 7) & mask)
		bit += width
	}
	for ; i < len(dst); i++ {
		dst[i] = uint32(tailBits(bits, bit, h.width))
		bit += width
	}
	h.bit = bit
	h.packed -= len(dst)
}

// tailBits reads up to 64 bits where fewer than 9 bytes are left; what is
// missing reads as zero.
func tailBits(b []byte, bit int, width uint) uint64 {
	at, shift := bit>>3, uint(bit&7)
	var v uint64
	for i := range 9 {
		if at+i >= len(b) {
			break
		}
		c := uint64(b[at+i])
		if i == 0 {
			v = c >> shift
		} else {
			v |= c << (8*uint(i) - shift)
		}
	}
	if width < 64 {
		v &= 1<<width - 1
	}
	return v
}

// present reads definition levels into valid, true where the level is full, and
// counts those rows.
func (h *hybrid) present(valid []bool, full uint32) (int, error) {
	count := 0
	for len(valid) > 0 {
		switch {
		case h.same > 0:
			n := min(h.same, len(valid))
			if h.value > full {
				return 0, corrupt("a page has definition levels too high for its column")
			}
			set := h.value == full
			for i := range valid[:n] {
				valid[i] = set
			}
			if set {
				count += n
			}
			h.same -= n
			valid = valid[n:]
		case h.packed > 0:
			n := min(h.packed, len(valid))
			if h.width == 1 {
				for i := range valid[:n] {
					bit := h.bits[(h.bit+i)>>3] >> ((h.bit + i) & 7) & 1
					valid[i] = bit == 1
					count += int(bit)
				}
				h.bit += n
				h.packed -= n
			} else {
				var levels [64]uint32
				n = min(n, len(levels))
				h.unpack(levels[:n])
				for i, level := range levels[:n] {
					if level > full {
						return 0, corrupt("a page has definition levels too high for its column")
					}
					valid[i] = level == full
					if valid[i] {
						count++
					}
				}
			}
			valid = valid[n:]
		default:
			if err := h.next(); err != nil {
				return 0, err
			}
		}
	}
	return count, nil
}
