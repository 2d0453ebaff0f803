package parquet

import (
	"encoding/binary"
	"math/bits"

	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/metadata"
)

// Pages end after so many rows, or after the value that reaches so many bytes.
const (
	pageRows  = 64 << 10
	pageBytes = 1 << 20
)

// chunkOut is what the footer says of a chunk just written.
type chunkOut struct {
	info      metadata.ChunkMetaInfo
	encodings metadata.EncodingStats
	distinct  distinct // of its dictionary, if it has one
}

// chunk writes rows [from, to) of a column: as places in a dictionary where that
// pays, else one plain value after another.
func (w *fileWriter) chunk(c *Column, from, to int) chunkOut {
	var out chunkOut
	out.info.IndexPageOffset = -1
	out.info.NumValues = int64(to - from)
	start := len(w.out)
	out.distinct = w.dictionary(c, from, to)
	entries := out.distinct.entries()
	encoding := parquet.Encodings.Plain
	if entries > 0 { // its values are in w.page
		out.info.DictPageOffset = int64(start)
		out.encodings.DictEncodingStats = map[parquet.Encoding]int32{parquet.Encodings.Plain: 1}
		encoding = parquet.Encodings.RLEDict
		w.packed = w.packed[:0]
		out.info.UncompressedSize += w.flush(pageDictionary, entries, encodingPlain)
	}
	out.info.DataPageOffset = int64(len(w.out))
	pages := int32(0)
	for row := from; row < to; pages++ {
		end := min(to, row+pageRows)
		w.page, w.packed = w.page[:0], w.packed[:0]
		if c.Nullable {
			w.page = w.appendLevels(w.page, c, row, end)
		}
		if entries > 0 {
			w.page = w.appendPlaces(w.page, c, from, row, end, entries)
			out.info.UncompressedSize += w.flush(pageData, end-row, encodingDictionary)
		} else {
			levels := len(w.page)
			w.page, end = appendPlain(w.page, c, row, end)
			w.packed = w.packNumbers(w.packed[:0], w.page, levels, c.Type.width())
			out.info.UncompressedSize += w.flush(pageData, end-row, encodingPlain)
		}
		row = end
	}
	out.encodings.DataEncodingStats = map[parquet.Encoding]int32{encoding: pages}
	out.info.CompressedSize = int64(len(w.out) - start)
	return out
}

// flush compresses w.page, unless it is in w.packed already, and puts it into the
// file after its header (parquet.thrift, PageHeader). It returns the size of both,
// uncompressed.
func (w *fileWriter) flush(kind, values, encoding int) int64 {
	if len(w.packed) == 0 {
		w.packed = w.encoder.EncodeAll(w.page, w.packed)
	}
	before := len(w.out)
	b := appendI32(w.out, 1, kind)
	b = appendI32(b, 1, len(w.page))
	b = appendI32(b, 1, len(w.packed))
	if kind == pageDictionary {
		b = append(b, 4<<4|thriftStruct) // field 7, after 3
		b = appendI32(b, 1, values)
		b = appendI32(b, 1, encoding)
	} else {
		b = append(b, 2<<4|thriftStruct) // field 5, after 3
		b = appendI32(b, 1, values)
		b = appendI32(b, 1, encoding)
		b = appendI32(b, 1, encodingRLE) // of definition levels
		b = appendI32(b, 1, encodingRLE) // of repetition levels, of which there are none
	}
	b = append(b, 0, 0) // ends of both structs
	w.out = append(b, w.packed...)
	return int64(len(b) - before + len(w.page))
}

// appendI32 adds a field of 32 bits, delta after the one before it, in thrift's
// compact protocol.
func appendI32(b []byte, delta byte, v int) []byte {
	return binary.AppendVarint(append(b, delta<<4|thriftI32), int64(v))
}

// appendLevels adds the definition levels of rows [from, to), their length first.
func (w *fileWriter) appendLevels(b []byte, c *Column, from, to int) []byte {
	at := len(b)
	b = append(b, 0, 0, 0, 0)
	if c.Valid == nil {
		b = appendRun(b, 1, to-from, 1)
	} else {
		levels := cleared(w.present, to-from)
		for i, valid := range c.Valid[from:to] {
			if valid {
				levels[i] = 1
			}
		}
		b, w.present = appendHybrid(b, levels, 1), levels
	}
	binary.LittleEndian.PutUint32(b[at:], uint32(len(b)-at-4))
	return b
}

// appendPlaces adds the dictionary places of rows [row, end) of the chunk that
// starts at row from, the width of each first.
func (w *fileWriter) appendPlaces(b []byte, c *Column, from, row, end, entries int) []byte {
	places := w.index[row-from : end-from]
	if c.Valid != nil {
		w.present = w.present[:0]
		for i, place := range places {
			if c.Valid[row+i] {
				w.present = append(w.present, place)
			}
		}
		places = w.present
	}
	width := uint(bits.Len(uint(entries - 1)))
	return appendHybrid(append(b, byte(width)), places, width)
}
