package usage

import (
	"errors"

	"daybook/sources/parquet"
)

// timeUnit is how a file tells time.
type timeUnit uint8

const (
	timeText timeUnit = iota
	timeDays
	timeMillis
	timeMicros
	timeNanos
)

// errEpoch refuses whole numbers as times: seconds, milliseconds and
// microseconds look alike, and a guess would bill the wrong day.
var errEpoch = errors.New("whole numbers without a time type could count seconds, milliseconds or anything else; write the column as a Parquet timestamp or as ISO 8601 text")

// timeUnitOf returns how values of f are read as times. Timestamps that are not
// adjusted to UTC are taken as UTC.
func timeUnitOf(f parquet.Field) (timeUnit, error) {
	switch f.Logical {
	case parquet.LogicalTimestampMillis:
		return timeMillis, nil
	case parquet.LogicalTimestampMicros:
		return timeMicros, nil
	case parquet.LogicalTimestampNanos:
		return timeNanos, nil
	case parquet.LogicalDate:
		return timeDays, nil
	}
	switch {
	case plainBytes(&f):
		return timeText, nil
	case f.Logical == parquet.LogicalNone && (f.Kind == parquet.KindInt64 || f.Kind == parquet.KindInt32 ||
		f.Kind == parquet.KindUint64 || f.Kind == parquet.KindUint32):
		return 0, errEpoch
	}
	return 0, errors.New("it is not a time; write it as a Parquet timestamp, a date or ISO 8601 text")
}

// instant returns v in Unix microseconds, finer parts cut off; ok is false
// outside the years 1970 to 2262.
func (u timeUnit) instant(v int64) (t int64, ok bool) {
	switch u {
	case timeDays:
		if v < 0 || v >= endOfTime/microsPerDay {
			return 0, false
		}
		t = v * microsPerDay
	case timeMillis:
		if v < 0 || v >= endOfTime/1000 {
			return 0, false
		}
		t = v * 1000
	case timeNanos:
		if v < 0 {
			return 0, false
		}
		t = v / 1000
	default:
		t = v
	}
	return t, validInstant(t)
}

// readTimes fills the scanner's times of the batch: Unix microseconds and, where
// there is none, the reason.
func (s *scanner) readTimes() {
	if s.timeFaults = nil; s.readGoodTimes() {
		return
	}
	n := s.batch.N
	s.converted, s.faults = resized(s.converted, n), resized(s.faults, n)
	s.times, s.timeFaults = s.converted, s.faults
	c := &s.binding.time
	if c.constant() {
		t, ok := parseInstant(c.text)
		for i := range n {
			s.setTime(i, t, ok && validInstant(t))
		}
		return
	}
	v := &s.batch.Cols[c.slot]
	for i := range n {
		switch {
		case v.IsNull(i):
			s.times[i], s.timeFaults[i] = 0, MissingTime
		case s.binding.unit == timeText:
			text := v.Str(i)
			t, ok := parseInstant(text)
			if s.setTime(i, t, ok && validInstant(t)); len(text) == 0 {
				s.timeFaults[i] = MissingTime
			}
		default:
			t, ok := s.binding.unit.instant(v.Ints[i])
			s.setTime(i, t, ok)
		}
	}
}

// readGoodTimes reads times of which none is missing, a text or invalid, and finds
// the earliest and the latest: units ascend with the instants that they tell.
func (s *scanner) readGoodTimes() bool {
	c := &s.binding.time
	if c.constant() || s.binding.unit == timeText || s.batch.N == 0 || s.batch.Cols[c.slot].Valid != nil {
		return false
	}
	given, unit := s.batch.Cols[c.slot].Ints, s.binding.unit
	least, greatest := given[0], given[0]
	for _, v := range given {
		least, greatest = min(least, v), max(greatest, v)
	}
	var valid, alsoValid bool
	s.earliest, valid = unit.instant(least)
	s.latest, alsoValid = unit.instant(greatest)
	if !valid || !alsoValid {
		return false
	}
	if s.times = given; unit != timeMicros {
		s.converted = resized(s.converted, len(given))
		for i, v := range given {
			s.converted[i], _ = unit.instant(v)
		}
		s.times = s.converted
	}
	return true
}

func (s *scanner) setTime(i int, t int64, ok bool) {
	s.times[i], s.timeFaults[i] = t, ""
	if !ok {
		s.times[i], s.timeFaults[i] = 0, InvalidTime
	}
}

// resized returns a slice of n elements, reusing s where it is large enough.
func resized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
