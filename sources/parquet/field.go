package parquet

import "fmt"

// Decimal128 is the unscaled value of a decimal: a two's-complement 128-bit
// integer, Hi carrying the sign. The value is this integer times 10^-scale.
type Decimal128 struct {
	Lo uint64
	Hi int64
}

// Kind is how a column's values are stored. It decides which slice of a Vector
// holds them.
type Kind uint8

// The kinds, with the slice of Vector that holds their values.
const (
	KindBool       Kind = iota + 1 // Ints: 0 or 1
	KindInt32                      // Ints
	KindInt64                      // Ints
	KindUint32                     // Ints, never negative
	KindUint64                     // Ints, the 64 bits of the unsigned value
	KindInt96                      // Ints: Unix microseconds, see Field
	KindFloat                      // Doubles
	KindDouble                     // Doubles
	KindString                     // Str; Wides for decimals
	KindFixedBytes                 // Str; Wides for decimals; Doubles for FLOAT16
)

// String names the kind as the Parquet format does.
func (k Kind) String() string {
	names := [...]string{
		"none", "BOOLEAN", "INT32", "INT64", "UINT32", "UINT64", "INT96",
		"FLOAT", "DOUBLE", "BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY",
	}
	if int(k) < len(names) {
		return names[k]
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// Logical is what the stored values mean.
type Logical uint8

// The logical types that callers tell apart. Integer widths below 32 bits, JSON,
// ENUM and BSON need no handling of their own: they read as integers and bytes.
const (
	LogicalNone            Logical = iota
	LogicalText                    // UTF-8 text (also JSON and ENUM); not checked here
	LogicalDate                    // Ints: days since 1970-01-01
	LogicalTimeMillis              // Ints: milliseconds since midnight
	LogicalTimeMicros              // Ints: microseconds since midnight
	LogicalTimeNanos               // Ints: nanoseconds since midnight
	LogicalTimestampMillis         // Ints: milliseconds since 1970-01-01
	LogicalTimestampMicros         // Ints: microseconds since 1970-01-01
	LogicalTimestampNanos          // Ints: nanoseconds since 1970-01-01
	LogicalDecimal                 // Ints or Wides: unscaled, see Precision and Scale
	LogicalUUID                    // Str: 16 bytes
	LogicalFloat16                 // Doubles
)

// String names the logical type in words for messages.
func (l Logical) String() string {
	names := [...]string{
		"none", "text", "date", "time in ms", "time in µs", "time in ns",
		"timestamp in ms", "timestamp in µs", "timestamp in ns", "decimal", "uuid", "float16",
	}
	if int(l) < len(names) {
		return names[l]
	}
	return fmt.Sprintf("logical type %d", uint8(l))
}

// Field describes a leaf column. Leaves of structs are columns like others, named
// by their dotted path and null where their struct is.
//
// An INT96 column reads as LogicalTimestampMicros with UTCAdjusted set, the
// instant that Spark and Impala write there: nanoseconds are cut off (floor), as
// microseconds keep all dates those writers can produce. A value beyond the
// range of 64-bit microseconds is an *Error.
type Field struct {
	Name             string  // the dotted path in a struct
	Kind             Kind    // how values are stored
	Logical          Logical // what they mean
	UTCAdjusted      bool    // times and timestamps: an instant, not a local clock reading
	Precision, Scale int     // of LogicalDecimal
	Length           int     // bytes a value, of KindFixedBytes
	Nullable         bool    // the column may hold nulls
	Unsupported      string  // why the column cannot be read; "" when it can

	depth uint8 // definition level of a value that is not null: its optional ancestors and itself
}
