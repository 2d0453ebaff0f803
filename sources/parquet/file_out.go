package parquet

import (
	"bytes"
	"encoding/binary"
	"runtime"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// pageEncoder compresses the pages of all files. Its tables are more than a
// megabyte for each processor: making them anew costs more than all the rest of a
// small file. What it compressed before does not change what it returns.
var pageEncoder = sync.OnceValues(func() (*zstd.Encoder, error) {
	return zstd.NewWriter(nil, zstd.WithZeroFrames(true), zstd.WithEncoderConcurrency(runtime.GOMAXPROCS(0)), zstd.WithEncoderLevel(zstd.SpeedFastest))
})

// fileWriter puts a file together: the pages of one column chunk after another,
// then the footer.
type fileWriter struct {
	*scratch
	encoder *zstd.Encoder
	groups  []groupOut
}

// scratch is the memory of pages on their way into a file, kept for the next one.
type scratch struct {
	out          []byte   // the file so far
	page, packed []byte   // a page's bytes, and those compressed
	index        []uint32 // of each row of a chunk, its value's place in the dictionary
	present      []uint32 // a page's definition levels, then what of index is not null
	counts       []int32  // rows of each entry of a Column's dictionary, then its place
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

func newFileWriter() (*fileWriter, error) {
	encoder, err := pageEncoder()
	if err != nil {
		return nil, err
	}
	w := &fileWriter{scratch: scratches.Get().(*scratch), encoder: encoder}
	w.out = append(w.out[:0], "PAR1"...)
	return w, nil
}

func (w *fileWriter) release() { scratches.Put(w.scratch) }

// group writes rows [from, to) as a row group.
func (w *fileWriter) group(cols []Column, from, to int) {
	g := groupOut{rows: to - from, chunks: make([]chunkOut, len(cols))}
	for i := range cols {
		g.chunks[i] = w.chunk(&cols[i], from, to)
	}
	w.groups = append(w.groups, g)
}

// close writes the footer and returns the file.
func (w *fileWriter) close(cols []Column) []byte {
	footer := len(w.out)
	w.out = appendFooter(w.out, cols, w.groups)
	w.out = binary.LittleEndian.AppendUint32(w.out, uint32(len(w.out)-footer))
	w.out = append(w.out, "PAR1"...)
	return bytes.Clone(w.out)
}
