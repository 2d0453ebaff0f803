package parquet

import (
	"encoding/binary"
	"math"
)

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
