package parquet

// Batch is some consecutive rows of a row group. Scan reuses it: its slices are
// valid until the callback returns, except Vector.Dict, see there.
type Batch struct {
	Row  int64    // the first row's number in the row group, from 0
	N    int      // rows
	Cols []Vector // one for each column asked for, in that order
}

// Vector is a column's values in a batch, dense: index i is row i of the batch.
// Null rows hold zero. Field.Kind and Field.Logical say which slice is set.
type Vector struct {
	Field Field

	Valid []bool // Valid[i] is false where row i is null; nil when no row is null

	Ints    []int64      // booleans, integers, dates, times, timestamps, decimals on integers
	Doubles []float64    // FLOAT, DOUBLE and FLOAT16
	Wides   []Decimal128 // decimals on bytes

	// Strings come in one of two forms, which can change from batch to batch.
	// Dictionary form: row i is Dict[Index[i]]; Index is 0 where row i is null.
	// Dict is empty only when all rows are null. Dict and DictID stay the same
	// for all batches of a Scan that use the same dictionary; the slice must
	// not be kept after Scan returns.
	Dict   [][]byte
	Index  []uint32
	DictID int // 0: arena form; else equal in all batches that share Dict
	// Arena form: row i is Arena[Offsets[i]+TextGap:Offsets[i+1]] and null where
	// the two offsets are equal; len(Offsets) is N+1. The arena is the page itself
	// where a batch lies in one.
	Offsets []int
	Arena   []byte
}

// TextGap is what stands before each text of an arena: its length, as in the
// page that it comes from. A null has none.
const TextGap = 4

// IsNull tells whether row i is null.
func (v *Vector) IsNull(i int) bool { return v.Valid != nil && !v.Valid[i] }

// Str is row i's bytes in either form; empty for null rows. It is valid until
// the callback returns.
func (v *Vector) Str(i int) []byte {
	if v.IsNull(i) {
		return nil
	}
	if v.Offsets != nil {
		return v.Arena[v.Offsets[i]+TextGap : v.Offsets[i+1]]
	}
	return v.Dict[v.Index[i]]
}
