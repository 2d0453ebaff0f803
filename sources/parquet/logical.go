package parquet

import "fmt"

// Converted types, the older form of logical types.
const (
	convertedUTF8            = 0
	convertedMap             = 1
	convertedMapKeyValue     = 2
	convertedList            = 3
	convertedEnum            = 4
	convertedDecimal         = 5
	convertedDate            = 6
	convertedTimeMillis      = 7
	convertedTimeMicros      = 8
	convertedTimestampMillis = 9
	convertedTimestampMicros = 10
	convertedUint8           = 11
	convertedUint64          = 14
	convertedInt8            = 15
	convertedInt64           = 18
	convertedJSON            = 19
	convertedBSON            = 20
	convertedInterval        = 21
)

// meaning applies a LogicalType.
func (f *Field) meaning(l logicalType) {
	switch l.id {
	case 1, 4, 12: // STRING, ENUM, JSON
		f.want(LogicalText, KindString)
	case 5:
		f.decimal(l.precision, l.scale)
	case 6:
		f.want(LogicalDate, KindInt32)
	case 7:
		f.UTCAdjusted = l.utc
		f.clock(l.unit)
	case 8:
		f.UTCAdjusted = l.utc
		f.timestamp(l.unit)
	case 10:
		f.integer(l.width, l.signed)
	case 11: // UNKNOWN: every value is null
	case 13: // BSON
		f.want(LogicalNone, KindString)
	case 14:
		f.want(LogicalUUID, KindFixedBytes)
		if f.Length != 16 {
			f.Unsupported = "its logical type UUID does not fit its length"
		}
	case 15:
		f.want(LogicalFloat16, KindFixedBytes)
		if f.Length != 2 {
			f.Unsupported = "its logical type FLOAT16 does not fit its length"
		}
	default:
		names := map[int16]string{2: "MAP", 3: "LIST", 16: "VARIANT", 17: "GEOMETRY", 18: "GEOGRAPHY"}
		name, ok := names[l.id]
		if !ok {
			name = "unknown to this version"
		}
		f.Unsupported = fmt.Sprintf("its logical type %d (%s) cannot be read", l.id, name)
	}
}

// oldMeaning applies a ConvertedType. Its times and timestamps are instants
// (LogicalTypes.md of Apache Parquet, "Deprecated time ConvertedType").
func (f *Field) oldMeaning(e element) {
	switch c := e.converted; {
	case c == convertedUTF8 || c == convertedEnum || c == convertedJSON:
		f.want(LogicalText, KindString)
	case c == convertedDecimal:
		f.decimal(e.precision, e.scale)
	case c == convertedDate:
		f.want(LogicalDate, KindInt32)
	case c == convertedTimeMillis || c == convertedTimeMicros:
		f.UTCAdjusted = true
		f.clock(int16(c-convertedTimeMillis) + 1)
	case c == convertedTimestampMillis || c == convertedTimestampMicros:
		f.UTCAdjusted = true
		f.timestamp(int16(c-convertedTimestampMillis) + 1)
	case c >= convertedUint8 && c <= convertedUint64:
		f.integer(8<<(c-convertedUint8), false)
	case c >= convertedInt8 && c <= convertedInt64:
		f.integer(8<<(c-convertedInt8), true)
	case c == convertedBSON:
		f.want(LogicalNone, KindString)
	case c == convertedMap || c == convertedMapKeyValue || c == convertedList:
		f.Unsupported = "it is a map or list; only columns with one value a row can be read"
	case c == convertedInterval:
		f.Unsupported = "its converted type INTERVAL cannot be read"
	default:
		f.Unsupported = fmt.Sprintf("its converted type %d is not known", c)
	}
}

// want sets the logical type if the kind suits it.
func (f *Field) want(l Logical, kinds ...Kind) {
	for _, k := range kinds {
		if f.Kind == k {
			f.Logical = l
			return
		}
	}
	f.Unsupported = fmt.Sprintf("its logical type %s does not fit its physical type %s", l, f.Kind)
}

func (f *Field) clock(unit int16) {
	switch unit {
	case 1:
		f.want(LogicalTimeMillis, KindInt32)
	case 2:
		f.want(LogicalTimeMicros, KindInt64)
	case 3:
		f.want(LogicalTimeNanos, KindInt64)
	default:
		f.Unsupported = fmt.Sprintf("its time unit %d is not known", unit)
	}
}

func (f *Field) timestamp(unit int16) {
	switch unit {
	case 1:
		f.want(LogicalTimestampMillis, KindInt64)
	case 2:
		f.want(LogicalTimestampMicros, KindInt64)
	case 3:
		f.want(LogicalTimestampNanos, KindInt64)
	default:
		f.Unsupported = fmt.Sprintf("its timestamp unit %d is not known", unit)
	}
}

func (f *Field) integer(width int64, signed bool) {
	narrow := width == 8 || width == 16 || width == 32
	switch {
	case narrow && f.Kind == KindInt32:
		if !signed {
			f.Kind = KindUint32
		}
	case width == 64 && f.Kind == KindInt64:
		if !signed {
			f.Kind = KindUint64
		}
	default:
		f.Unsupported = fmt.Sprintf("its integer width %d does not fit its physical type %s", width, f.Kind)
	}
}

func (f *Field) decimal(precision, scale int32) {
	f.want(LogicalDecimal, KindInt32, KindInt64, KindString, KindFixedBytes)
	if f.Unsupported != "" {
		return
	}
	if precision < 1 || scale < 0 || scale > precision {
		f.Unsupported = fmt.Sprintf("its decimal precision %d and scale %d are not possible", precision, scale)
		return
	}
	f.Precision, f.Scale = int(precision), int(scale)
}
