package parquet

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/compress"
	"github.com/apache/arrow/go/v15/parquet/file"
	"github.com/apache/arrow/go/v15/parquet/metadata"
	"github.com/apache/arrow/go/v15/parquet/schema"
)

// The tests of this file hold our reader against arrow's writer, and our files
// against arrow's reader: two programs that share no code with ours.

// arrowColumn is a column of every physical type, as arrow writes it.
type arrowColumn struct {
	name     string
	node     func(name string, r parquet.Repetition) schema.Node
	write    func(w file.ColumnChunkWriter, present []int, levels []int16) error
	cell     func(i int) string
	encoding []parquet.Encoding
}

func primitive(l schema.LogicalType, t parquet.Type, length int) func(string, parquet.Repetition) schema.Node {
	return func(name string, r parquet.Repetition) schema.Node {
		return schema.MustPrimitive(schema.NewPrimitiveNodeLogical(name, r, l, t, length, -1))
	}
}

func values[T any](present []int, value func(i int) T) []T {
	out := make([]T, len(present))
	for k, i := range present {
		out[k] = value(i)
	}
	return out
}

func arrowColumns() []arrowColumn {
	integer := func(i int) int64 { return int64(i)*int64(i)*1_000_003 - 77 }
	text := func(i int) string { return fmt.Sprintf("prefix-%d-%d", i/7, i%5) }
	number := func(i int) float64 { return float64(i)*1.25 - 3 }
	fixed := func(i int) []byte { return []byte{byte(-(i & 1)), byte(i >> 8), byte(i)} }
	plain, delta := parquet.Encodings.Plain, parquet.Encodings.DeltaBinaryPacked
	none := schema.NoLogicalType{}
	return []arrowColumn{
		{"bool", primitive(none, parquet.Types.Boolean, -1), func(w file.ColumnChunkWriter, p []int, l []int16) error {
			_, err := w.(*file.BooleanColumnChunkWriter).WriteBatch(values(p, func(i int) bool { return i%3 == 0 }), l, nil)
			return err
		}, func(i int) string { return fmt.Sprint(i%3 == 0) }, []parquet.Encoding{plain, parquet.Encodings.RLE}},
		{"int32", primitive(none, parquet.Types.Int32, -1), func(w file.ColumnChunkWriter, p []int, l []int16) error {
			_, err := w.(*file.Int32ColumnChunkWriter).WriteBatch(values(p, func(i int) int32 { return int32(integer(i)) }), l, nil)
			return err
		}, func(i int) string { return fmt.Sprint(int32(integer(i))) }, []parquet.Encoding{plain, delta}},
		{"uint32", primitive(schema.NewIntLogicalType(32, false), parquet.Types.Int32, -1), func(w file.ColumnChunkWriter, p []int, l []int16) error {
			_, err := w.(*file.Int32ColumnChunkWriter).WriteBatch(values(p, func(i int) int32 { return int32(integer(i)) }), l, nil)
			return err
		}, func(i int) string { return fmt.Sprint(uint32(integer(i))) }, []parquet.Encoding{plain, delta}},
		{"int64", primitive(none, parquet.Types.Int64, -1), func(w file.ColumnChunkWriter, p []int, l []int16) error {
			_, err := w.(*file.Int64ColumnChunkWriter).WriteBatch(values(p, integer), l, nil)
			return err
		}, func(i int) string { return fmt.Sprint(integer(i)) }, []parquet.Encoding{plain, delta}},
		{"float", primitive(none, parquet.Types.Float, -1), func(w file.ColumnChunkWriter, p []int, l []int16) error {
			_, err := w.(*file.Float32ColumnChunkWriter).WriteBatch(values(p, func(i int) float32 { return float32(number(i)) }), l, nil)
			return err
		}, func(i int) string { return fmt.Sprintf("%016x", math.Float64bits(number(i))) }, []parquet.Encoding{plain}},
		{"double", primitive(none, parquet.Types.Double, -1), func(w file.ColumnChunkWriter, p []int, l []int16) error {
			_, err := w.(*file.Float64ColumnChunkWriter).WriteBatch(values(p, number), l, nil)
			return err
		}, func(i int) string { return fmt.Sprintf("%016x", math.Float64bits(number(i))) }, []parquet.Encoding{plain}},
		{"text", primitive(schema.StringLogicalType{}, parquet.Types.ByteArray, -1), func(w file.ColumnChunkWriter, p []int, l []int16) error {
			_, err := w.(*file.ByteArrayColumnChunkWriter).WriteBatch(values(p, func(i int) parquet.ByteArray { return parquet.ByteArray(text(i)) }), l, nil)
			return err
		}, func(i int) string { return fmt.Sprintf("%x", text(i)) }, []parquet.Encoding{plain, parquet.Encodings.DeltaLengthByteArray, parquet.Encodings.DeltaByteArray}},
		{"fixed", primitive(schema.NewDecimalLogicalType(6, 2), parquet.Types.FixedLenByteArray, 3), func(w file.ColumnChunkWriter, p []int, l []int16) error {
			_, err := w.(*file.FixedLenByteArrayColumnChunkWriter).WriteBatch(values(p, func(i int) parquet.FixedLenByteArray { return fixed(i) }), l, nil)
			return err
		}, func(i int) string {
			b := fixed(i)
			v := int64(int8(b[0]))<<16 | int64(b[1])<<8 | int64(b[2])
			return decimalText(bigOf(Decimal128{Lo: uint64(v), Hi: v >> 63}), 2)
		}, []parquet.Encoding{plain}},
	}
}

// arrowFile writes rows rows of columns, two row groups, every fourth row null
// where nullable.
func arrowFile(t testing.TB, columns []arrowColumn, rows int, nullable bool, options ...parquet.WriterProperty) []byte {
	t.Helper()
	repetition := parquet.Repetitions.Required
	if nullable {
		repetition = parquet.Repetitions.Optional
	}
	var fields schema.FieldList
	for _, c := range columns {
		fields = append(fields, c.node(c.name, repetition))
	}
	root, err := schema.NewGroupNode("schema", parquet.Repetitions.Required, fields, -1)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := file.NewParquetWriter(&out, root, file.WithWriterProps(parquet.NewWriterProperties(options...)))
	for _, span := range [][2]int{{0, rows / 3}, {rows / 3, rows}} {
		var present []int
		var levels []int16
		for i := span[0]; i < span[1]; i++ {
			if isNull := nullable && i%4 == 2; isNull {
				levels = append(levels, 0)
				continue
			}
			present = append(present, i)
			if nullable {
				levels = append(levels, 1)
			}
		}
		group := w.AppendRowGroup()
		for _, c := range columns {
			chunk, err := group.NextColumn()
			if err != nil {
				t.Fatal(err)
			}
			if err := c.write(chunk, present, levels); err != nil {
				t.Fatal(err)
			}
			if err := chunk.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if err := group.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// checkArrowFile reads body with our reader and compares every cell.
func checkArrowFile(t testing.TB, name string, body []byte, columns []arrowColumn, rows int, nullable bool) {
	t.Helper()
	f, err := openBytes(body)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	for k, c := range columns {
		row := 0
		for rg := range f.RowGroups() {
			err := f.Scan(t.Context(), rg, []int{k}, 333, func(b *Batch) error {
				for i := range b.N {
					want := c.cell(row)
					if nullable && row%4 == 2 {
						want = "∅"
					}
					if got := cellText(&b.Cols[0], i); got != want {
						return fmt.Errorf("row %d: %s, want %s", row, got, want)
					}
					row++
				}
				return nil
			})
			if err != nil {
				t.Errorf("%s: column %s: %v", name, c.name, err)
				return
			}
		}
		if row != rows {
			t.Errorf("%s: column %s has %d rows, want %d", name, c.name, row, rows)
		}
	}
}

func TestScan_ReadsWhatArrowWrites(t *testing.T) {
	const rows = 700
	codecs := []compress.Compression{
		compress.Codecs.Uncompressed, compress.Codecs.Snappy, compress.Codecs.Gzip,
		compress.Codecs.Brotli, compress.Codecs.Zstd,
	}
	for _, codec := range codecs {
		for _, version := range []parquet.DataPageVersion{parquet.DataPageV1, parquet.DataPageV2} {
			for _, nullable := range []bool{false, true} {
				common := []parquet.WriterProperty{
					parquet.WithCompression(codec), parquet.WithDataPageVersion(version),
					parquet.WithDataPageSize(500), parquet.WithBatchSize(100),
				}
				name := fmt.Sprintf("%s, page version %d, nullable %v", codec, version, nullable)
				// Small dictionaries overflow, so that plain pages follow.
				for _, size := range []int64{600, 1 << 20} {
					options := append(slices.Clone(common), parquet.WithDictionaryDefault(true), parquet.WithDictionaryPageSizeLimit(size))
					body := arrowFile(t, arrowColumns(), rows, nullable, options...)
					checkArrowFile(t, fmt.Sprintf("%s, dictionary of %d", name, size), body, arrowColumns(), rows, nullable)
				}
				if codec != compress.Codecs.Uncompressed && codec != compress.Codecs.Snappy {
					continue // the encodings do not depend on the codec, and arrow is slow with the others
				}
				for _, c := range arrowColumns() {
					for _, encoding := range c.encoding {
						options := append(slices.Clone(common), parquet.WithDictionaryDefault(false), parquet.WithEncoding(encoding))
						body := arrowFile(t, []arrowColumn{c}, rows, nullable, options...)
						checkArrowFile(t, name+", "+encoding.String(), body, []arrowColumn{c}, rows, nullable)
					}
				}
			}
		}
	}
}

// TestEncode_ArrowReadsTheSame reads our file with arrow's low-level readers.
func TestEncode_ArrowReadsTheSame(t *testing.T) {
	const n = 70_000 // two pages, of which those of amounts are compressed in two ways
	cols := table(n)
	body, err := Encode(cols, n)
	if err != nil {
		t.Fatal(err)
	}
	r, err := file.NewParquetReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for k := range cols {
		chunk, err := r.RowGroup(0).Column(k)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		switch chunk := chunk.(type) {
		case *file.ByteArrayColumnChunkReader:
			got, err = arrowCells(n, chunk.ReadBatch, func(b parquet.ByteArray) string { return fmt.Sprintf("%x", string(b)) })
		case *file.FixedLenByteArrayColumnChunkReader:
			got, err = arrowCells(n, chunk.ReadBatch, func(b parquet.FixedLenByteArray) string {
				v, _ := bigEndian(b)
				return decimalText(bigOf(v), cols[k].Type.scale())
			})
		case *file.Int64ColumnChunkReader:
			got, err = arrowCells(n, chunk.ReadBatch, func(v int64) string { return fmt.Sprint(v) })
		case *file.Int32ColumnChunkReader:
			got, err = arrowCells(n, chunk.ReadBatch, func(v int32) string { return fmt.Sprint(v) })
		case *file.BooleanColumnChunkReader:
			got, err = arrowCells(n, chunk.ReadBatch, func(v bool) string { return fmt.Sprint(v) })
		default:
			t.Fatalf("column %s: no reader", cols[k].Name)
		}
		if err != nil {
			t.Fatalf("column %s: %v", cols[k].Name, err)
		}
		if want := wantCells(&cols[k], n); !slices.Equal(got, want) {
			t.Errorf("column %s differs", cols[k].Name)
		}
	}
}

// arrowCells reads a chunk of n rows. Levels stay 1 where there are none.
func arrowCells[T any](n int, read func(int64, []T, []int16, []int16) (int64, int, error), text func(T) string) ([]string, error) {
	var cells []string
	for len(cells) < n {
		values, levels := make([]T, n), slices.Repeat([]int16{1}, n)
		rows, present, err := read(int64(n-len(cells)), values, levels, nil)
		if err != nil || rows == 0 {
			return nil, fmt.Errorf("%d rows after %d: %w", rows, len(cells), err)
		}
		at := 0
		for _, level := range levels[:rows] {
			if level == 0 {
				cells = append(cells, "∅")
				continue
			}
			cells = append(cells, text(values[at]))
			at++
		}
		if at != present {
			return nil, fmt.Errorf("%d values, want %d", present, at)
		}
	}
	return cells, nil
}

// TestEncode_StatisticsBoundTheValues: DuckDB and others skip row groups by them.
func TestEncode_StatisticsBoundTheValues(t *testing.T) {
	const n = 100
	cols := table(n)
	body, err := Encode(cols, n)
	if err != nil {
		t.Fatal(err)
	}
	r, err := file.NewParquetReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	stats := func(k int) metadata.TypedStatistics {
		chunk, err := r.MetaData().RowGroup(0).ColumnChunk(k)
		if err != nil {
			t.Fatal(err)
		}
		s, err := chunk.Statistics()
		if err != nil || s == nil || !s.HasMinMax() {
			t.Fatalf("column %s has no statistics: %v", cols[k].Name, err)
		}
		nulls := int64(0)
		for i := range n {
			if cols[k].isNull(i) {
				nulls++
			}
		}
		if s.NullCount() != nulls {
			t.Errorf("column %s: %d nulls, want %d", cols[k].Name, s.NullCount(), nulls)
		}
		if s.HasDistinctCount() && s.DistinctCount() == 0 && r.MetaData().RowGroups[0].Columns[k].MetaData.Statistics.DistinctCount != nil {
			t.Errorf("column %s says that it has no distinct values", cols[k].Name)
		}
		return s
	}
	word := stats(1).(*metadata.ByteArrayStatistics)
	if string(word.Min()) != "" || string(word.Max()) != "日本" {
		t.Errorf("words from %q to %q, want from the empty one to 日本", word.Min(), word.Max())
	}
	maybe := stats(2).(*metadata.ByteArrayStatistics)
	if string(maybe.Min()) != "" || string(maybe.Max()) != "日本" {
		t.Errorf("words that may be null from %q to %q", maybe.Min(), maybe.Max())
	}
	amount := stats(7).(*metadata.FixedLenByteArrayStatistics)
	least, _ := bigEndian(amount.Min())
	greatest, _ := bigEndian(amount.Max())
	if least != (Decimal128{Lo: ^uint64(39), Hi: -1}) || greatest != (Decimal128{Lo: 59}) {
		t.Errorf("amounts from %v to %v, want -40 to 59", least, greatest)
	}
	for k := range cols {
		stats(k)
	}
}
