package parquet

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"testing"
)

// columnDigest is what the expectations hold of a column: enough to notice any
// cell that differs, small enough to be kept for large files.
type columnDigest struct {
	rows, nulls int
	sum         string // SHA-256 of all cells, each followed by a newline
	first, last string
}

func (d columnDigest) String() string {
	return fmt.Sprintf("%d\t%d\t%s\t%s\t%s", d.rows, d.nulls, d.sum, short(d.first), short(d.last))
}

func short(s string) string {
	if len(s) > 40 {
		return s[:40]
	}
	return s
}

// cellText is a value in the neutral text of the expectations: integers, dates
// (days), times and timestamps (µs) in decimal, decimals with all digits of
// their scale, floats as the bits of a double, bytes in hexadecimal, nulls as ∅.
func cellText(v *Vector, i int) string {
	if v.IsNull(i) {
		return "∅"
	}
	f := v.Field
	switch {
	case f.Logical == LogicalDecimal && v.Wides != nil:
		return decimalText(bigOf(v.Wides[i]), f.Scale)
	case f.Logical == LogicalDecimal:
		return decimalText(big.NewInt(v.Ints[i]), f.Scale)
	case v.Doubles != nil:
		if math.IsNaN(v.Doubles[i]) {
			return "nan"
		}
		return fmt.Sprintf("%016x", math.Float64bits(v.Doubles[i]))
	case v.Ints == nil:
		return hex.EncodeToString(v.Str(i))
	case f.Kind == KindBool:
		return fmt.Sprint(v.Ints[i] == 1)
	case f.Kind == KindUint64:
		return fmt.Sprint(uint64(v.Ints[i]))
	case f.Logical == LogicalTimestampMillis || f.Logical == LogicalTimeMillis:
		return fmt.Sprint(v.Ints[i] * 1000)
	case f.Logical == LogicalTimestampNanos || f.Logical == LogicalTimeNanos:
		return fmt.Sprint(int64(math.Floor(float64(v.Ints[i]) / 1000)))
	}
	return fmt.Sprint(v.Ints[i])
}

func bigOf(d Decimal128) *big.Int {
	v := big.NewInt(d.Hi)
	v.Lsh(v, 64)
	return v.Or(v, new(big.Int).SetUint64(d.Lo))
}

func decimalText(unscaled *big.Int, scale int) string {
	digits := new(big.Int).Abs(unscaled).String()
	for len(digits) <= scale {
		digits = "0" + digits
	}
	if scale > 0 {
		digits = digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
	}
	if unscaled.Sign() < 0 {
		digits = "-" + digits
	}
	return digits
}

// readColumns reads every column that can be read, each by a Scan of its own,
// and all of them together; the two must agree.
func readColumns(t testing.TB, f *File, batchRows int) (map[string]columnDigest, error) {
	t.Helper()
	var cols []int
	for i, field := range f.Fields() {
		if field.Unsupported == "" {
			cols = append(cols, i)
		}
	}
	digests := map[string]columnDigest{}
	hashes := make([]bytes.Buffer, len(cols))
	for rg := range f.RowGroups() {
		var next int64
		err := f.Scan(t.Context(), rg, cols, batchRows, func(b *Batch) error {
			if b.Row != next {
				t.Errorf("batch starts at row %d, want %d", b.Row, next)
			}
			next += int64(b.N)
			for k := range b.Cols {
				v := &b.Cols[k]
				d := digests[v.Field.Name]
				for i := range b.N {
					cell := cellText(v, i)
					if d.rows == 0 {
						d.first = cell
					}
					d.last = cell
					d.rows++
					if v.IsNull(i) {
						d.nulls++
					}
					hashes[k].WriteString(cell)
					hashes[k].WriteByte('\n')
				}
				digests[v.Field.Name] = d
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		if next != f.RowGroupRows(rg) {
			t.Errorf("row group %d gave %d rows, want %d", rg, next, f.RowGroupRows(rg))
		}
	}
	for k, col := range cols {
		name := f.Fields()[col].Name
		d := digests[name]
		sum := sha256.Sum256(hashes[k].Bytes())
		d.sum = hex.EncodeToString(sum[:8])
		digests[name] = d
	}
	return digests, nil
}

func openBytes(b []byte) (*File, error) {
	return Open("memory", bytes.NewReader(b), int64(len(b)), Limits{})
}

func openPath(path string) (*File, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return Open(filepath.Base(path), bytes.NewReader(b), int64(len(b)), Limits{})
}
