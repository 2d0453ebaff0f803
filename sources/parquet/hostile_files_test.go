package parquet

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/compress"
	"github.com/apache/arrow/go/v15/parquet/file"
	"github.com/apache/arrow/go/v15/parquet/schema"
)

// UsageRows is how many events a file of [UsageFiles] has.
const UsageRows = 24

// UsageFiles returns one small usage file of 5 October 2026 for each codec, page
// version and encoding of the rig, as arrow writes them: nullable columns, none
// of them null, with statistics. Event i has id e-<i>, subscription sub-<i mod 3>,
// meter traffic, quantity 100 + i, and time 00:<i>.
func UsageFiles(t testing.TB) map[string][]byte {
	t.Helper()
	codecs := map[string]compress.Compression{
		"none": compress.Codecs.Uncompressed, "snappy": compress.Codecs.Snappy, "zstd": compress.Codecs.Zstd,
	}
	files := map[string][]byte{}
	for codec, c := range codecs {
		for version, v := range map[string]parquet.DataPageVersion{"v1": parquet.DataPageV1, "v2": parquet.DataPageV2} {
			for encoding, dictionary := range map[string]bool{"plain": false, "dictionary": true} {
				files[codec+" "+version+" "+encoding] = usageFile(t,
					parquet.WithCompression(c), parquet.WithDataPageVersion(v), parquet.WithDictionaryDefault(dictionary))
			}
		}
	}
	return files
}

func usageFile(t testing.TB, options ...parquet.WriterProperty) []byte {
	t.Helper()
	text, none := schema.StringLogicalType{}, schema.NoLogicalType{}
	micros := schema.NewTimestampLogicalType(true, schema.TimeUnitMicros)
	column := func(name string, l schema.LogicalType, p parquet.Type) schema.Node {
		return primitive(l, p, -1)(name, parquet.Repetitions.Optional)
	}
	root := schema.MustGroup(schema.NewGroupNode("schema", parquet.Repetitions.Required, schema.FieldList{
		column("event_id", text, parquet.Types.ByteArray), column("time", micros, parquet.Types.Int64),
		column("subscription_id", text, parquet.Types.ByteArray), column("meter", text, parquet.Types.ByteArray),
		column("quantity", none, parquet.Types.Int64),
	}, -1))
	texts := []func(i int) string{
		0: func(i int) string { return fmt.Sprintf("e-%d", i) },
		2: func(i int) string { return fmt.Sprintf("sub-%d", i%3) },
		3: func(int) string { return "traffic" },
		4: nil,
	}
	const midnight, minute = 1_791_158_400_000_000, 60_000_000 // 2026-10-05T00:00:00Z
	integers := []func(i int) int64{1: func(i int) int64 { return midnight + int64(i)*minute }, 4: func(i int) int64 { return 100 + int64(i) }}
	rows, levels := make([]int, UsageRows), make([]int16, UsageRows)
	for i := range rows {
		rows[i], levels[i] = i, 1
	}
	var out bytes.Buffer
	w := file.NewParquetWriter(&out, root, file.WithWriterProps(parquet.NewWriterProperties(options...)))
	group := w.AppendRowGroup()
	for c := range root.NumFields() {
		chunk, err := group.NextColumn()
		if err != nil {
			t.Fatal(err)
		}
		switch chunk := chunk.(type) {
		case *file.ByteArrayColumnChunkWriter:
			_, err = chunk.WriteBatch(values(rows, func(i int) parquet.ByteArray { return parquet.ByteArray(texts[c](i)) }), levels, nil)
		case *file.Int64ColumnChunkWriter:
			_, err = chunk.WriteBatch(values(rows, integers[c]), levels, nil)
		}
		if err == nil {
			err = chunk.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, closer := range []interface{ Close() error }{group, w} {
		if err := closer.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

// BombFile is a file of the columns of usage whose one page of ids unpacks to so
// many megabytes, from a few kilobytes where the codec packs well.
func BombFile(t testing.TB, codec compress.Compression, megabytes int) []byte {
	t.Helper()
	id := parquet.ByteArray(bytes.Repeat([]byte("x"), 1<<20))
	columns := []arrowColumn{arrowColumns()[6], arrowColumns()[6], arrowColumns()[6], arrowColumns()[3], arrowColumns()[3]}
	for i, name := range []string{"event_id", "subscription_id", "meter", "time", "quantity"} {
		columns[i].name = name
	}
	columns[0].write = func(w file.ColumnChunkWriter, p []int, l []int16) error {
		_, err := w.(*file.ByteArrayColumnChunkWriter).WriteBatch(values(p, func(int) parquet.ByteArray { return id }), l, nil)
		return err
	}
	columns[3].node = primitive(schema.NewTimestampLogicalType(true, schema.TimeUnitMicros), parquet.Types.Int64, -1)
	return arrowFile(t, columns, megabytes*3/2, false, parquet.WithCompression(codec), parquet.WithDictionaryDefault(false),
		parquet.WithDataPageSize(1<<31-1), parquet.WithBatchSize(1<<20), parquet.WithStats(false))
}

// Regions names what every byte of an undamaged file is part of.
func Regions(t testing.TB, body []byte) []string {
	t.Helper()
	f, err := openBytes(body)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]string, len(body))
	mark := func(name string, from, to int) {
		for i := from; i < to; i++ {
			out[i] = name
		}
	}
	mark("magic, length", 0, len(body))
	start := int(f.end)
	mark("footer", start, len(body)-8)
	statistics(body[start:len(body)-8], func(from, to int) { mark("statistics", start+from, start+to) })
	for _, g := range f.footer.groups {
		for _, c := range g.chunks {
			off, length := c.pages()
			for at := int(off); at < int(off+length); {
				h, n, _, err := parsePageHeader(body[at:])
				if err != nil {
					t.Fatal(err)
				}
				mark("page header", at, at+n)
				name := "page body"
				if h.kind == pageDictionary {
					name = "dictionary"
				}
				mark(name, at+n, at+n+int(h.compressed))
				at += n + int(h.compressed)
			}
		}
	}
	return out
}

// statistics finds the column chunks' statistics in a footer: field 12 of
// ColumnMetaData, in field 3 of ColumnChunk, field 1 of RowGroup and field 4 of
// FileMetaData (parquet.thrift).
func statistics(footer []byte, found func(from, to int)) {
	t := &compact{b: footer}
	only := func(want int16, inside func(ty byte)) func(id int16, ty byte) {
		return func(id int16, ty byte) {
			if id == want {
				inside(ty)
				return
			}
			t.skip(ty)
		}
	}
	t.structure(only(4, func(ty byte) {
		t.each(ty, thriftStruct, func() {
			t.structure(only(1, func(ty byte) {
				t.each(ty, thriftStruct, func() {
					t.structure(only(3, func(ty byte) {
						t.group(ty, only(12, func(ty byte) {
							from := t.at
							t.skip(ty)
							found(from, t.at)
						}))
					}))
				})
			}))
		})
	}))
}

// Spent is the processor time that this process has used.
var Spent = processorTime
