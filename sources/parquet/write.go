package parquet

import (
	"errors"
	"fmt"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/compress"
	"github.com/apache/arrow/go/v15/parquet/file"
	"github.com/apache/arrow/go/v15/parquet/metadata"
	"github.com/apache/arrow/go/v15/parquet/schema"
)

// writeRows is the rows that are handed to the writer at once, and so the
// smallest page. It must be the writer's own batch size: statistics of dictionary
// pages are set before each batch.
const writeRows = 64 << 10

// dictionaryRows is the fewest rows for which a dictionary pays for the encoder
// that v15 makes for its page; ZSTD finds the repetitions of smaller ones.
const dictionaryRows = 4096

// write makes the file with the low-level writers of arrow/go v15.
func write(cols []Column, rows, groupRows int) ([]byte, error) {
	root, err := schemaOf(cols)
	if err != nil {
		return nil, err
	}
	options := []parquet.WriterProperty{
		parquet.WithCreatedBy(createdBy),
		parquet.WithCompression(compress.Codecs.Zstd),
		parquet.WithDictionaryDefault(false),
		parquet.WithBatchSize(writeRows),
		parquet.WithDataPageSize(1 << 20),
		parquet.WithDictionaryPageSizeLimit(1 << 31),
	}
	dictionaries := make([]bool, len(cols))
	for i := range cols {
		if cols[i].Type == String && rows >= dictionaryRows && cols[i].repeats(rows) {
			dictionaries[i] = true
			// By path, not by name: a name may have points.
			options = append(options, parquet.WithDictionaryPath(parquet.ColumnPath{cols[i].Name}, true))
		}
	}
	w, err := newFileWriter(root, parquet.NewWriterProperties(options...))
	if err != nil {
		return nil, err
	}
	for from := 0; from < rows; from += groupRows {
		to := min(rows, from+groupRows)
		err := w.group(len(cols), int64(to-from), func(i int, chunk file.ColumnChunkWriter) error {
			if err := writeChunk(chunk, &cols[i], from, to, dictionaries[i]); err != nil {
				return fmt.Errorf("column %q: %w", cols[i].Name, err)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return w.close()
}

func schemaOf(cols []Column) (*schema.GroupNode, error) {
	fields := make(schema.FieldList, len(cols))
	for i, c := range cols {
		repetition := parquet.Repetitions.Required
		if c.Nullable {
			repetition = parquet.Repetitions.Optional
		}
		var logical schema.LogicalType = schema.NoLogicalType{}
		physical, length := parquet.Types.Int64, -1
		switch {
		case c.Type == String:
			logical, physical = schema.StringLogicalType{}, parquet.Types.ByteArray
		case c.Type == Date:
			logical, physical = schema.DateLogicalType{}, parquet.Types.Int32
		case c.Type == TimestampMicrosUTC:
			logical = schema.NewTimestampLogicalType(true, schema.TimeUnitMicros)
		case c.Type == Bool:
			physical = parquet.Types.Boolean
		case c.Type.isDecimal():
			logical = schema.NewDecimalLogicalType(int32(c.Type.precision()), int32(c.Type.scale()))
			physical, length = parquet.Types.FixedLenByteArray, 16
		}
		node, err := schema.NewPrimitiveNodeLogical(c.Name, repetition, logical, physical, length, -1)
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", c.Name, err)
		}
		fields[i] = node
	}
	return schema.NewGroupNode("schema", parquet.Repetitions.Required, fields, -1)
}

func writeChunk(chunk file.ColumnChunkWriter, c *Column, from, to int, dictionary bool) error {
	levels := levelsOf(c, from, to)
	var err error
	switch w := chunk.(type) {
	case *file.ByteArrayColumnChunkWriter:
		if dictionary {
			return writeDictionary(w, c, from, to, levels)
		}
		_, err = w.WriteBatch(present(c, from, to, func(i int) parquet.ByteArray { return parquet.ByteArray(c.str(i)) }), levels, nil)
	case *file.Int32ColumnChunkWriter:
		_, err = w.WriteBatch(present(c, from, to, func(i int) int32 { return int32(c.Ints[i]) }), levels, nil)
	case *file.Int64ColumnChunkWriter:
		_, err = w.WriteBatch(present(c, from, to, func(i int) int64 { return c.Ints[i] }), levels, nil)
	case *file.BooleanColumnChunkWriter:
		_, err = w.WriteBatch(present(c, from, to, func(i int) bool { return c.Ints[i] == 1 }), levels, nil)
	case *file.FixedLenByteArrayColumnChunkWriter:
		bytes := make([]byte, 16*(to-from))
		_, err = w.WriteBatch(present(c, from, to, func(i int) parquet.FixedLenByteArray {
			b := bytes[16*(i-from):][:16:16]
			c.Decimals[i].putBigEndian(b)
			return b
		}), levels, nil)
	default:
		err = fmt.Errorf("no writer for %s", c.Type)
	}
	return err
}

// levelsOf are the definition levels of rows [from, to): nil for columns that
// cannot be null.
func levelsOf(c *Column, from, to int) []int16 {
	if !c.Nullable {
		return nil
	}
	levels := make([]int16, to-from)
	for i := range levels {
		if !c.isNull(from + i) {
			levels[i] = 1
		}
	}
	return levels
}

// present are the values of the rows that are not null.
func present[T any](c *Column, from, to int, value func(i int) T) []T {
	values := make([]T, 0, to-from)
	for i := from; i < to; i++ {
		if !c.isNull(i) {
			values = append(values, value(i))
		}
	}
	return values
}

// writeDictionary writes strings as numbers of a dictionary. The writer keeps no
// statistics for them, so each batch sets its own first.
func writeDictionary(w *file.ByteArrayColumnChunkWriter, c *Column, from, to int, levels []int16) error {
	words := c.vocabulary(from, to)
	encoder, ok := w.CurrentEncoder().(interface{ PutDictionary(arrow.Array) error })
	stats, ok2 := w.PageStatistics().(*metadata.ByteArrayStatistics)
	if !ok || !ok2 {
		return errors.New("the writer has no dictionary encoder")
	}
	if err := encoder.PutDictionary(stringArray(words.words)); err != nil {
		return err
	}
	var valid []bool
	if c.Valid != nil {
		valid = c.Valid[from:to]
	}
	for start := 0; start < to-from; start += writeRows {
		end := min(to-from, start+writeRows)
		if least, greatest, ok := words.bounds(valid, start, end); ok {
			stats.SetMinMax(parquet.ByteArray(least), parquet.ByteArray(greatest))
		}
		nulls := 0
		if valid != nil {
			for _, v := range valid[start:end] {
				if !v {
					nulls++
				}
			}
		}
		stats.IncNulls(int64(nulls))
		stats.IncNumValues(int64(end - start - nulls))
		var batch []int16
		if levels != nil {
			batch = levels[start:end]
		}
		if err := w.WriteDictIndices(indexArray(words.index[start:end], valid, start, nulls), batch, nil); err != nil {
			return err
		}
	}
	return nil
}

func stringArray(words []string) arrow.Array {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	b.AppendValues(words, nil)
	return b.NewStringArray()
}

// indexArray wraps a batch's numbers; valid, where it is given, starts before them.
func indexArray(index []int32, valid []bool, start, nulls int) arrow.Array {
	var bitmap *memory.Buffer
	if valid != nil {
		set := make([]byte, (len(index)+7)/8)
		for i := range index {
			if valid[start+i] {
				set[i>>3] |= 1 << (i & 7)
			}
		}
		bitmap = memory.NewBufferBytes(set)
	}
	values := memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(index))
	return array.NewInt32Data(array.NewData(arrow.PrimitiveTypes.Int32, len(index), []*memory.Buffer{bitmap, values}, nil, nulls, 0))
}
