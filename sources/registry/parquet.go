package registry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/sources/parquet"
)

// parquetBatch is how many rows are decoded at once.
const parquetBatch = 8192

// readParquet reads flat columns by their names.
func readParquet(f File, t rows) error {
	in, err := parquet.Open(f.Name, bytes.NewReader(f.Content), int64(len(f.Content)), parquet.Limits{})
	if err != nil {
		return parquetFault(err)
	}
	var columns, targets []int
	for i, c := range in.Fields() {
		// Nested columns are listed by their leaves; their name is the first word.
		name, leaf, nested := strings.Cut(c.Name, ".")
		target, known := t.column(name, position{})
		switch {
		case !known:
		case nested && leaf != "":
			return &fatal{"the column " + name + " is nested", "export it as JSON text"}
		case c.Unsupported != "":
			return &fatal{"the column " + name + " cannot be read: " + c.Unsupported, "export it as text"}
		default:
			columns, targets = append(columns, i), append(targets, target)
		}
	}
	var before int64
	for group := range in.RowGroups() {
		full := errors.New("enough rows")
		err := in.Scan(context.Background(), group, columns, parquetBatch, func(b *parquet.Batch) error {
			for i := range b.N {
				if !t.begin(position{row: before + b.Row + int64(i) + 1}) {
					return full
				}
				for c := range b.Cols {
					t.set(targets[c], cellOfVector(&b.Cols[c], i))
				}
				t.end()
			}
			return nil
		})
		if errors.Is(err, full) {
			return nil
		}
		if err != nil {
			return parquetFault(err)
		}
		before += in.RowGroupRows(group)
	}
	return nil
}

// parquetFault keeps the reader's own words, which name row group and column.
func parquetFault(err error) error {
	var p *parquet.Error
	if !errors.As(err, &p) {
		return err
	}
	where := ""
	if p.Column != "" {
		where = fmt.Sprintf("row group %d, column %s: ", p.RowGroup, p.Column)
	}
	return &fatal{where + p.Reason, "write the file again, with an ordinary Parquet writer"}
}

// cellOfVector is row i of a column as a cell.
func cellOfVector(v *parquet.Vector, i int) cell {
	if v.IsNull(i) {
		return cell{}
	}
	switch v.Field.Logical {
	case parquet.LogicalDate:
		return cell{kind: day, day: pricing.Date(v.Ints[i])}
	case parquet.LogicalTimestampMillis, parquet.LogicalTimestampMicros, parquet.LogicalTimestampNanos:
		if !v.Field.UTCAdjusted {
			return cell{kind: local}
		}
		return cell{kind: instant, at: instantOf(v.Ints[i], v.Field.Logical)}
	case parquet.LogicalTimeMillis, parquet.LogicalTimeMicros, parquet.LogicalTimeNanos:
		return cell{kind: other, text: "a time of day"}
	case parquet.LogicalDecimal:
		var unscaled money.Int128
		if v.Wides != nil {
			unscaled = money.Int128(v.Wides[i])
		} else {
			unscaled = money.Int128Of(v.Ints[i])
		}
		return cell{kind: numeral, text: unscaled.Quantity(int32(v.Field.Scale)).String()}
	case parquet.LogicalUUID:
		return wordCell(uuidText(v.Str(i)))
	}
	switch v.Field.Kind {
	case parquet.KindBool:
		return cell{kind: truth, yes: v.Ints[i] != 0}
	case parquet.KindInt32, parquet.KindInt64, parquet.KindUint32:
		return cell{kind: numeral, text: strconv.FormatInt(v.Ints[i], 10)}
	case parquet.KindUint64:
		return cell{kind: numeral, text: strconv.FormatUint(uint64(v.Ints[i]), 10)}
	case parquet.KindFloat, parquet.KindDouble:
		return cell{kind: floating}
	case parquet.KindString:
		return wordCell(string(v.Str(i)))
	default:
		return cell{kind: other, text: "of type " + v.Field.Kind.String()}
	}
}

func instantOf(n int64, unit parquet.Logical) time.Time {
	switch unit {
	case parquet.LogicalTimestampMillis:
		return time.UnixMilli(n)
	case parquet.LogicalTimestampNanos:
		return time.Unix(0, n)
	default:
		return time.UnixMicro(n)
	}
}

func uuidText(b []byte) string {
	if len(b) != 16 {
		return ""
	}
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
