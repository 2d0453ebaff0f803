package parquet

import (
	"bytes"
	"encoding/binary"
	"runtime"
	"sync"

	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/metadata"
	"github.com/apache/arrow/go/v15/parquet/schema"
	"github.com/klauspost/compress/zstd"
)

// pageEncoder compresses the pages of all files. Its tables are more than a
// megabyte for each processor: making them anew costs more than all the rest of a
// small file. What it compressed before does not change what it returns. Its window
// is as large as most pages: a larger one takes memory that nothing is found in.
var pageEncoder = sync.OnceValues(func() (*zstd.Encoder, error) {
	return zstd.NewWriter(nil, zstd.WithZeroFrames(true), zstd.WithEncoderConcurrency(runtime.GOMAXPROCS(0)),
		zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(pageBytes))
})

// fileWriter puts a file together: the pages of one column chunk after another,
// then v15's footer.
type fileWriter struct {
	*scratch
	meta    *metadata.FileMetaDataBuilder
	encoder *zstd.Encoder
	groups  int16
}

// scratch is the memory of pages on their way into a file, kept for the next one.
type scratch struct {
	out          []byte   // the file so far
	page, packed []byte   // a page's bytes, and those compressed
	index        []uint32 // of each row of a chunk, its value's place in the dictionary
	present      []uint32 // a page's definition levels, then what of index is not null
	counts       []int32  // rows of each entry of a Column's dictionary, then its place
	used         []int32  // entries that rows have
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

func newFileWriter(root *schema.GroupNode, props *parquet.WriterProperties) (*fileWriter, error) {
	encoder, err := pageEncoder()
	if err != nil {
		return nil, err
	}
	w := &fileWriter{
		scratch: scratches.Get().(*scratch), encoder: encoder,
		meta: metadata.NewFileMetadataBuilder(schema.NewSchema(root), props, nil),
	}
	w.out = append(w.out[:0], "PAR1"...)
	return w, nil
}

func (w *fileWriter) release() { scratches.Put(w.scratch) }

// group writes rows [from, to) as a row group.
func (w *fileWriter) group(cols []Column, from, to int) error {
	group := w.meta.AppendRowGroup()
	var plain int64
	for i := range cols {
		meta := group.NextColumnChunk()
		chunk := w.chunk(&cols[i], from, to)
		meta.SetStats(chunkStatistics(&cols[i], from, to, chunk.distinct))
		if err := meta.Finish(chunk.info, chunk.info.DictPageOffset > 0, false, chunk.encodings, nil); err != nil {
			return err
		}
		plain += chunk.info.UncompressedSize
	}
	group.SetNumRows(to - from)
	if err := group.Finish(plain, w.groups); err != nil {
		return err
	}
	w.groups++
	return nil
}

// close writes the footer and returns the file.
func (w *fileWriter) close() ([]byte, error) {
	meta, err := w.meta.Finish()
	if err != nil {
		return nil, err
	}
	var footer bytes.Buffer
	if _, err := meta.WriteTo(&footer, nil); err != nil {
		return nil, err
	}
	w.out = append(w.out, footer.Bytes()...)
	w.out = binary.LittleEndian.AppendUint32(w.out, uint32(footer.Len()))
	w.out = append(w.out, "PAR1"...)
	return bytes.Clone(w.out), nil
}
