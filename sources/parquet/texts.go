package parquet

import "encoding/binary"

// text takes the next byte string; it is valid until the page's end.
func (s *source) text() ([]byte, error) {
	switch s.form {
	case formPrefixed:
		if len(s.b)-s.at < 4 {
			return nil, corrupt("a page has fewer values than it says")
		}
		n := uint64(binary.LittleEndian.Uint32(s.b[s.at:]))
		start := s.at + 4
		if n > uint64(len(s.b)-start) {
			return nil, corrupt("a value is longer than its page")
		}
		s.at = start + int(n)
		return s.b[start:s.at], nil
	case formEnds:
		if s.at >= len(s.ends) {
			return nil, corrupt("a page has fewer values than it says")
		}
		start := 0
		if s.at > 0 {
			start = s.ends[s.at-1]
		}
		end := s.ends[s.at]
		s.at++
		if s.width > 0 && end-start != s.width {
			return nil, corruptf("a value of %d bytes has %d", s.width, end-start)
		}
		return s.b[start:end], nil
	case formFixed:
		return s.fixed(1)
	}
	return nil, corrupt("values are not bytes")
}

// wides reads the next decimals that are stored as big-endian bytes.
func (s *source) wides(dst []Decimal128) error {
	if s.form == formFixed && s.width == decimalBytes {
		b, err := s.fixed(len(dst))
		if err != nil {
			return err
		}
		for i := range dst {
			v := b[i*decimalBytes : i*decimalBytes+decimalBytes]
			dst[i] = Decimal128{Hi: int64(binary.BigEndian.Uint64(v)), Lo: binary.BigEndian.Uint64(v[8:])}
		}
		return nil
	}
	for i := range dst {
		b, err := s.text()
		if err != nil {
			return err
		}
		var ok bool
		if dst[i], ok = bigEndian(b); !ok {
			return corruptf("a decimal of %d bytes does not fit 128 bits", len(b))
		}
	}
	return nil
}

// bigEndian reads a two's-complement integer of any length, none for zero. ok is
// false when it needs more than 128 bits.
func bigEndian(b []byte) (v Decimal128, ok bool) {
	if len(b) == 16 {
		return Decimal128{Hi: int64(binary.BigEndian.Uint64(b)), Lo: binary.BigEndian.Uint64(b[8:])}, true
	}
	if len(b) == 0 {
		return v, true
	}
	sign := int64(int8(b[0])) >> 63
	for len(b) > 16 {
		if b[0] != byte(sign) {
			return v, false
		}
		b = b[1:]
	}
	v = Decimal128{Lo: uint64(sign), Hi: sign}
	for _, c := range b {
		v.Hi = v.Hi<<8 | int64(v.Lo>>56)
		v.Lo = v.Lo<<8 | uint64(c)
	}
	return v, v.Hi>>63 == sign
}
