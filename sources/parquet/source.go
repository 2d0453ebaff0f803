package parquet

import (
	"encoding/binary"
	"math"
)

// Encodings of parquet.thrift.
const (
	encodingPlain           = 0
	encodingPlainDictionary = 2
	encodingRLE             = 3
	encodingBitPacked       = 4
	encodingDelta           = 5
	encodingDeltaLength     = 6
	encodingDeltaBytes      = 7
	encodingDictionary      = 8
	encodingSplit           = 9
)

// form is how the values of a page lie in memory after its encoding's head.
type form uint8

const (
	formFixed    form = iota + 1 // width bytes each
	formBits                     // a bit each
	formRuns                     // booleans as runs
	formDelta                    // integers as differences
	formPrefixed                 // bytes, each after its length in 4 bytes
	formEnds                     // bytes, cut at ends
	formIndex                    // numbers of dictionary entries
)

// source gives the values of a page, or of a dictionary, that are not null, one
// after another. Which method fits is decided by the column's kind.
type source struct {
	form  form
	b     []byte
	at    int // next byte; next bit for formBits; next value for formEnds
	width int
	ends  []int
	runs  hybrid
	delta delta

	split  []byte // memory of formFixed made from split bytes
	bytes  []byte // memory of formEnds made from deltas
	before []byte // the chunk's last value so far, where deltas need it
	counts []int64
	small  [256]uint32
}

// set makes s read the values data of a page with rows rows. memory bounds what
// an encoding may need beyond the page itself.
func (s *source) set(f *Field, encoding int32, data []byte, rows int, memory int64) error {
	s.b, s.at = data, 0
	s.width = plainWidth(f)
	switch {
	case encoding == encodingPlain && f.Kind == KindBool:
		s.form = formBits
	case encoding == encodingPlain && f.Kind == KindString:
		s.form = formPrefixed
	case encoding == encodingPlain:
		s.form = formFixed
	case encoding == encodingPlainDictionary || encoding == encodingDictionary:
		return s.setIndex()
	case encoding == encodingRLE && f.Kind == KindBool:
		return s.setRuns()
	case encoding == encodingDelta && (s.width == 4 || s.width == 8) && f.Kind <= KindUint64:
		s.form = formDelta
		if len(data) == 0 { // a page of nulls only
			s.delta = delta{}
			return nil
		}
		return s.delta.reset(data, rows)
	case encoding == encodingDeltaLength && f.Kind == KindString:
		return s.setLengths(rows, memory)
	case encoding == encodingDeltaBytes && (f.Kind == KindString || f.Kind == KindFixedBytes):
		return s.setDeltaBytes(rows, memory)
	case encoding == encodingSplit && s.width > 0 && f.Kind != KindInt96:
		return s.setSplit()
	default:
		return corruptf("encoding %s of %s cannot be read", encodingName(encoding), f.Kind)
	}
	return nil
}

func encodingName(e int32) string {
	names := [...]string{
		"PLAIN", "GROUP_VAR_INT", "PLAIN_DICTIONARY", "RLE", "BIT_PACKED", "DELTA_BINARY_PACKED",
		"DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY", "RLE_DICTIONARY", "BYTE_STREAM_SPLIT",
	}
	if e >= 0 && int(e) < len(names) {
		return names[e]
	}
	return "of an unknown number"
}

// plainWidth is the bytes a value of fixed width takes, 0 for others.
func plainWidth(f *Field) int {
	switch f.Kind {
	case KindInt32, KindUint32, KindFloat:
		return 4
	case KindInt64, KindUint64, KindDouble:
		return 8
	case KindInt96:
		return 12
	case KindFixedBytes:
		return f.Length
	}
	return 0
}

func (s *source) setIndex() error {
	s.form = formIndex
	if len(s.b) == 0 { // a page of nulls only
		s.runs.reset(nil, 0)
		return nil
	}
	if s.b[0] > 32 {
		return corruptf("a page has dictionary indices of %d bits", s.b[0])
	}
	s.runs.reset(s.b[1:], uint(s.b[0]))
	return nil
}

func (s *source) setRuns() error {
	s.form = formRuns
	if len(s.b) == 0 { // a page of nulls only
		s.runs.reset(nil, 1)
		return nil
	}
	if len(s.b) < 4 || uint64(binary.LittleEndian.Uint32(s.b)) > uint64(len(s.b)-4) {
		return corrupt("a page's runs end early")
	}
	s.runs.reset(s.b[4:4+binary.LittleEndian.Uint32(s.b)], 1)
	return nil
}

// setSplit undoes BYTE_STREAM_SPLIT: the first bytes of all values stand first,
// then all second bytes, and so on.
func (s *source) setSplit() error {
	if len(s.b)%s.width != 0 {
		return corrupt("a BYTE_STREAM_SPLIT page is not a whole number of values")
	}
	n := len(s.b) / s.width
	s.split = grown(s.split, len(s.b))
	for k := range s.width {
		stream := s.b[k*n : (k+1)*n]
		for i, c := range stream {
			s.split[i*s.width+k] = c
		}
	}
	s.form, s.b = formFixed, s.split
	return nil
}

// lengths reads a run of lengths, none negative, and gives them with what follows.
func (s *source) lengths(b []byte, rows int, memory int64) (lengths []int64, rest []byte, err error) {
	if err := s.delta.reset(b, rows); err != nil {
		return nil, nil, err
	}
	if int64(s.delta.total) > memory/16 {
		return nil, nil, corruptf("a delta-encoded page has %d values, too many for its size", s.delta.total)
	}
	start, n := len(s.counts), s.delta.total
	if cap(s.counts) < start+n {
		s.counts = append(make([]int64, 0, start+n), s.counts...)
	}
	s.counts = s.counts[:start+n]
	lengths = s.counts[start:]
	if err := s.delta.read(lengths); err != nil {
		return nil, nil, err
	}
	for _, l := range lengths {
		if l < 0 || l > memory {
			return nil, nil, corrupt("a delta-encoded page has an impossible length")
		}
	}
	return lengths, s.delta.rest(), nil
}

func (s *source) setLengths(rows int, memory int64) error {
	s.form, s.ends, s.counts = formEnds, s.ends[:0], s.counts[:0]
	if len(s.b) == 0 { // a page of nulls only
		return nil
	}
	lengths, rest, err := s.lengths(s.b, rows, memory)
	if err != nil {
		return err
	}
	end := 0
	for _, l := range lengths {
		if l > int64(len(rest)-end) {
			return corrupt("a delta-encoded page ends early")
		}
		end += int(l)
		s.ends = append(s.ends, end)
	}
	s.b = rest
	return nil
}

// setDeltaBytes undoes DELTA_BYTE_ARRAY: each value repeats so many bytes of the
// one before and adds its own. Pages should stand alone, but parquet-mr before
// 1.8 (its issue PARQUET-246) and arrow/go v15 go on from the page before.
func (s *source) setDeltaBytes(rows int, memory int64) error {
	s.form, s.ends, s.counts, s.bytes = formEnds, s.ends[:0], s.counts[:0], s.bytes[:0]
	if len(s.b) == 0 { // a page of nulls only
		return nil
	}
	if _, _, err := s.lengths(s.b, rows, memory); err != nil {
		return err
	}
	n := len(s.counts)
	suffixes, rest, err := s.lengths(s.delta.rest(), rows, memory)
	if err != nil {
		return err
	}
	if len(suffixes) != n {
		return corrupt("a DELTA_BYTE_ARRAY page has more prefixes than suffixes, or fewer")
	}
	prefixes, before := s.counts[:n], s.before
	for i, suffix := range suffixes {
		prefix, start := prefixes[i], len(s.bytes)
		if prefix > int64(len(before)) || suffix > int64(len(rest)) {
			return corrupt("a DELTA_BYTE_ARRAY page ends early")
		}
		if int64(start)+prefix+suffix > memory {
			return corruptf("a DELTA_BYTE_ARRAY page decodes to more than %d bytes", memory)
		}
		s.bytes = append(s.bytes, before[:prefix]...)
		s.bytes = append(s.bytes, rest[:suffix]...)
		rest = rest[suffix:]
		before = s.bytes[start:]
		s.ends = append(s.ends, len(s.bytes))
	}
	s.b = s.bytes
	s.before = append(s.before[:0], before...)
	return nil
}

// fixed takes the bytes of n values of fixed width.
func (s *source) fixed(n int) ([]byte, error) {
	if n > (len(s.b)-s.at)/s.width {
		return nil, corrupt("a page has fewer values than it says")
	}
	b := s.b[s.at : s.at+n*s.width]
	s.at += len(b)
	return b, nil
}

// ints reads the next values of any integer-like kind.
func (s *source) ints(dst []int64, k Kind) error {
	switch s.form {
	case formDelta:
		if err := s.delta.read(dst); err != nil {
			return err
		}
		for i, v := range dst {
			switch k {
			case KindInt32:
				dst[i] = int64(int32(v))
			case KindUint32:
				dst[i] = int64(uint32(v))
			}
		}
		return nil
	case formBits:
		return s.bools(dst)
	case formRuns:
		return s.boolRuns(dst)
	case formFixed:
	default:
		return corruptf("values of %s are not integers", k)
	}
	b, err := s.fixed(len(dst))
	if err != nil {
		return err
	}
	switch k {
	case KindInt32:
		for i := range dst {
			dst[i] = int64(int32(binary.LittleEndian.Uint32(b[4*i:])))
		}
	case KindUint32:
		for i := range dst {
			dst[i] = int64(binary.LittleEndian.Uint32(b[4*i:]))
		}
	case KindInt64, KindUint64:
		for i := range dst {
			dst[i] = int64(binary.LittleEndian.Uint64(b[8*i:]))
		}
	case KindInt96:
		return int96s(dst, b)
	}
	return nil
}

func (s *source) bools(dst []int64) error {
	if len(dst) > 8*len(s.b)-s.at {
		return corrupt("a page has fewer values than it says")
	}
	for i := range dst {
		dst[i] = int64(s.b[s.at>>3] >> (s.at & 7) & 1)
		s.at++
	}
	return nil
}

func (s *source) boolRuns(dst []int64) error {
	for len(dst) > 0 {
		n := min(len(dst), len(s.small))
		if err := s.runs.read(s.small[:n]); err != nil {
			return err
		}
		for i, v := range s.small[:n] {
			dst[i] = int64(v)
		}
		dst = dst[n:]
	}
	return nil
}

// int96s turns INT96 timestamps, nanoseconds of a day and a Julian day number,
// into Unix microseconds, rounding down.
//
// Spark adds the Julian day of 1970 in 64-bit microseconds, which wraps around
// for its latest dates; taking it off again wraps back.
func int96s(dst []int64, b []byte) error {
	const (
		microsPerDay    = 86_400_000_000
		unixEpochMicros = 2_440_588 * microsPerDay // Julian
		farthestDay     = math.MaxInt64/microsPerDay - 1
	)
	for i := range dst {
		nanos := int64(binary.LittleEndian.Uint64(b[12*i:]))
		day := int64(int32(binary.LittleEndian.Uint32(b[12*i+8:])))
		micros := nanos / 1000
		if nanos%1000 < 0 {
			micros--
		}
		if day > farthestDay || day < -farthestDay || micros > microsPerDay || micros < -microsPerDay {
			return corruptf("an INT96 timestamp of Julian day %d and %d ns is not possible", day, nanos)
		}
		dst[i] = day*microsPerDay + micros - unixEpochMicros
	}
	return nil
}

// doubles reads the next values of FLOAT, DOUBLE and FLOAT16.
func (s *source) doubles(dst []float64, k Kind) error {
	if s.form == formEnds {
		for i := range dst {
			b, err := s.text()
			if err != nil {
				return err
			}
			if len(b) != 2 {
				return corrupt("a FLOAT16 value does not have two bytes")
			}
			dst[i] = float16(binary.LittleEndian.Uint16(b))
		}
		return nil
	}
	if s.form != formFixed {
		return corruptf("values of %s are not numbers", k)
	}
	b, err := s.fixed(len(dst))
	if err != nil {
		return err
	}
	for i := range dst {
		switch k {
		case KindFloat:
			dst[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:])))
		case KindDouble:
			dst[i] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
		default:
			dst[i] = float16(binary.LittleEndian.Uint16(b[2*i:]))
		}
	}
	return nil
}

// float16 widens an IEEE 754 half.
func float16(h uint16) float64 {
	exponent, fraction := int(h>>10&31), float64(h&1023)
	var v float64
	switch exponent {
	case 0:
		v = math.Ldexp(fraction, -24)
	case 31:
		v = math.Inf(1)
		if fraction != 0 {
			v = math.NaN()
		}
	default:
		v = math.Ldexp(1024+fraction, exponent-25)
	}
	if h>>15 == 1 {
		v = -v
	}
	return v
}

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

// indices reads the next dictionary indices and checks them against entries.
func (s *source) indices(dst []uint32, entries int) error {
	if err := s.runs.read(dst); err != nil {
		return err
	}
	var largest uint32
	for _, v := range dst {
		largest = max(largest, v)
	}
	if len(dst) > 0 && uint64(largest) >= uint64(entries) {
		return corruptf("a page names dictionary entry %d of %d", largest, entries)
	}
	return nil
}
