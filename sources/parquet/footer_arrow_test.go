package parquet

import (
	"bytes"
	"testing"

	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/compress"
	"github.com/apache/arrow/go/v15/parquet/metadata"
	"github.com/apache/arrow/go/v15/parquet/schema"
	"pgregory.net/rapid"
)

// arrowFooter is the footer that arrow/go v15 writes of the same file.
func arrowFooter(t *rapid.T, cols []Column, groups []groupOut) []byte {
	var nodes schema.FieldList
	for _, c := range cols {
		nodes = append(nodes, arrowNode(t, c))
	}
	root, err := schema.NewGroupNode("schema", parquet.Repetitions.Required, nodes, -1)
	if err != nil {
		t.Fatal(err)
	}
	file := metadata.NewFileMetadataBuilder(schema.NewSchema(root), parquet.NewWriterProperties(
		parquet.WithCreatedBy(createdBy), parquet.WithCompression(compress.Codecs.Zstd),
	), nil)
	for n, g := range groups {
		group := file.AppendRowGroup()
		var plain int64
		for i, chunk := range g.chunks {
			info := metadata.ChunkMetaInfo{
				NumValues: int64(chunk.rows), IndexPageOffset: -1, DataPageOffset: chunk.values,
				CompressedSize: chunk.packed, UncompressedSize: chunk.plain,
			}
			encoding := parquet.Encodings.Plain
			var pages metadata.EncodingStats
			if chunk.values > chunk.start {
				info.DictPageOffset, encoding = chunk.start, parquet.Encodings.RLEDict
				pages.DictEncodingStats = map[parquet.Encoding]int32{parquet.Encodings.Plain: 1}
			}
			pages.DataEncodingStats = map[parquet.Encoding]int32{encoding: int32(chunk.pages)}
			column := group.NextColumnChunk()
			column.SetStats(metadata.EncodedStatistics{
				HasNullCount: true, NullCount: chunk.bounds.nulls, Signed: cols[i].Type != String,
				HasMin: chunk.bounds.least != nil, Min: chunk.bounds.least,
				HasMax: chunk.bounds.greatest != nil, Max: chunk.bounds.greatest,
			})
			if err := column.Finish(info, info.DictPageOffset > 0, false, pages, nil); err != nil {
				t.Fatal(err)
			}
			plain += chunk.plain
		}
		group.SetNumRows(g.rows)
		if err := group.Finish(plain, int16(n)); err != nil {
			t.Fatal(err)
		}
	}
	meta, err := file.Finish()
	if err != nil {
		t.Fatal(err)
	}
	var footer bytes.Buffer
	if _, err := meta.WriteTo(&footer, nil); err != nil {
		t.Fatal(err)
	}
	return footer.Bytes()
}

func arrowNode(t *rapid.T, c Column) schema.Node {
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
		t.Fatal(err)
	}
	return node
}

// Footers are, to the byte, those that arrow wrote of the files of earlier versions.
func TestFooter_IsThatOfArrow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.OneOf(rapid.Int64Range(0, 200), rapid.Int64Range(0, 1<<40))
		bound := rapid.OneOf(rapid.Just([]byte(nil)), rapid.Just([]byte{}), rapid.SliceOfN(rapid.Byte(), 1, 200))
		cols := make([]Column, rapid.IntRange(1, 40).Draw(t, "columns"))
		for i := range cols {
			cols[i] = Column{
				Name: rapid.StringN(1, 20, -1).Draw(t, "name") + string(rune('a'+i)), Nullable: rapid.Bool().Draw(t, "nullable"),
				Type: rapid.SampledFrom([]ColumnType{String, Int64, Date, TimestampMicrosUTC, Bool, Decimal(38, 12), Decimal(1, 0), Decimal(20, 20)}).Draw(t, "type"),
			}
		}
		groups := make([]groupOut, rapid.SampledFrom([]int{0, 1, 2, 20}).Draw(t, "groups"))
		for n := range groups {
			groups[n].rows = rapid.IntRange(1, 1<<20).Draw(t, "rows")
			for range cols {
				chunk := chunkOut{
					rows: groups[n].rows, start: 4 + size.Draw(t, "start"), plain: size.Draw(t, "plain"), packed: size.Draw(t, "packed"),
					pages: rapid.IntRange(1, 300).Draw(t, "pages"),
				}
				chunk.values = chunk.start
				if rapid.Bool().Draw(t, "dictionary") {
					chunk.values += 1 + size.Draw(t, "values")
				}
				chunk.bounds = bounds{size.Draw(t, "nulls"), bound.Draw(t, "least"), bound.Draw(t, "greatest")}
				groups[n].chunks = append(groups[n].chunks, chunk)
			}
		}
		got, want := appendFooter([]byte("before"), cols, groups), append([]byte("before"), arrowFooter(t, cols, groups)...)
		if !bytes.Equal(got, want) {
			t.Fatalf("the footer is\n%x\nwant\n%x", got, want)
		}
	})
}
