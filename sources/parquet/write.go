package parquet

import (
	"fmt"

	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/compress"
	"github.com/apache/arrow/go/v15/parquet/schema"
)

// write makes the file: schema and footer by arrow/go v15, pages by ourselves,
// because its column writers pass every value through an interface, make an
// encoder for each dictionary, and allocate for each row of bytes.
func write(cols []Column, rows, groupRows int) ([]byte, error) {
	root, err := schemaOf(cols)
	if err != nil {
		return nil, err
	}
	w, err := newFileWriter(root, parquet.NewWriterProperties(
		parquet.WithCreatedBy(createdBy),
		parquet.WithCompression(compress.Codecs.Zstd),
	))
	if err != nil {
		return nil, err
	}
	defer w.release()
	for from := 0; from < rows; from += groupRows {
		if err := w.group(cols, from, min(rows, from+groupRows)); err != nil {
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
			physical, length = parquet.Types.FixedLenByteArray, decimalBytes
		}
		node, err := schema.NewPrimitiveNodeLogical(c.Name, repetition, logical, physical, length, -1)
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", c.Name, err)
		}
		fields[i] = node
	}
	return schema.NewGroupNode("schema", parquet.Repetitions.Required, fields, -1)
}
