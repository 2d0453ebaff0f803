package parquet

import (
	"bytes"
	"encoding/binary"
	"runtime"
	"sync"

	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/file"
	"github.com/apache/arrow/go/v15/parquet/metadata"
	"github.com/apache/arrow/go/v15/parquet/schema"
	"github.com/klauspost/compress/zstd"
)

// pageEncoder compresses the data pages of all files. Its tables are more than a
// megabyte for each processor: making them anew costs more than all the rest of a
// small file. What it compressed before does not change what it returns.
var pageEncoder = sync.OnceValues(func() (*zstd.Encoder, error) {
	return zstd.NewWriter(nil, zstd.WithZeroFrames(true), zstd.WithEncoderConcurrency(runtime.GOMAXPROCS(0)), zstd.WithEncoderLevel(zstd.SpeedFastest))
})

// fileWriter puts a file together from v15's column writers, as its own file
// writer does, but with the shared ZSTD encoder: v15 makes one for each page.
type fileWriter struct {
	out     countedBuffer
	props   *parquet.WriterProperties
	meta    *metadata.FileMetaDataBuilder
	encoder *zstd.Encoder
	groups  int16
}

func newFileWriter(root *schema.GroupNode, props *parquet.WriterProperties) (*fileWriter, error) {
	encoder, err := pageEncoder()
	if err != nil {
		return nil, err
	}
	w := &fileWriter{props: props, encoder: encoder, meta: metadata.NewFileMetadataBuilder(schema.NewSchema(root), props, nil)}
	w.out.WriteString("PAR1")
	return w, nil
}

// group writes one row group; chunk writes the values of column i.
func (w *fileWriter) group(columns int, rows int64, chunk func(i int, w file.ColumnChunkWriter) error) error {
	group := w.meta.AppendRowGroup()
	var written int64
	for i := range columns {
		meta := group.NextColumnChunk()
		path := meta.Descr().Path()
		pages, err := file.NewPageWriter(&w.out, w.props.CompressionFor(path), w.props.CompressionLevelFor(path), meta,
			w.groups, int16(i), memory.DefaultAllocator, false, nil, nil)
		if err != nil {
			return err
		}
		column := file.NewColumnChunkWriter(meta, zstdPages{pages, w.encoder}, w.props)
		if err := chunk(i, column); err != nil {
			return err
		}
		if err := column.Close(); err != nil {
			return err
		}
		written += column.TotalBytesWritten()
	}
	group.SetNumRows(int(rows))
	if err := group.Finish(written, w.groups); err != nil {
		return err
	}
	w.groups++
	return nil
}

// close writes the footer and returns the file. The footer has no number of
// distinct values of a chunk: v15 always gives 0, and query planners believe it.
func (w *fileWriter) close() ([]byte, error) {
	meta, err := w.meta.Finish()
	if err != nil {
		return nil, err
	}
	for _, group := range meta.RowGroups {
		for _, chunk := range group.Columns {
			if s := chunk.MetaData.Statistics; s != nil {
				s.DistinctCount = nil
			}
		}
	}
	n, err := meta.WriteTo(&w.out, nil)
	if err != nil {
		return nil, err
	}
	var length [4]byte
	binary.LittleEndian.PutUint32(length[:], uint32(n))
	w.out.Write(length[:])
	w.out.WriteString("PAR1")
	return w.out.Bytes(), nil
}

// countedBuffer is a buffer that knows how far it is, as page writers ask.
type countedBuffer struct{ bytes.Buffer }

func (b *countedBuffer) Tell() int64 { return int64(b.Len()) }

// zstdPages is v15's page writer with the shared encoder. Dictionary pages do not
// pass here; write makes dictionaries only for tables where their cost is small.
type zstdPages struct {
	file.PageWriter
	encoder *zstd.Encoder
}

// Compress implements file.PageWriter.
func (p zstdPages) Compress(_ *bytes.Buffer, src []byte) []byte {
	return p.encoder.EncodeAll(src, nil)
}
