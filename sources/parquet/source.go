package parquet

import (
	"encoding/binary"
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

// fixed takes the bytes of n values of fixed width.
func (s *source) fixed(n int) ([]byte, error) {
	if n > (len(s.b)-s.at)/s.width {
		return nil, corrupt("a page has fewer values than it says")
	}
	b := s.b[s.at : s.at+n*s.width]
	s.at += len(b)
	return b, nil
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
