package parquet

import (
	"encoding/binary"
	"fmt"
	"io"
	"sync"
)

// File is an opened Parquet file: its footer, and where its bytes are. It is safe
// for several goroutines.
type File struct {
	name    string
	r       io.ReaderAt
	limits  Limits
	footer  *footer
	fields  []Field
	columns map[string]int
	end     int64      // where pages must end: the footer's first byte
	buffers *sync.Pool // of *[]*column, from Scan to Scan
}

// tailBytes is read at once from a file's end; most footers fit.
const tailBytes = 64 << 10

// Open reads the footer of a file of size bytes; name is used in errors only.
// It reads no pages. Errors are *Error, or the reader's own inside one.
//
// Open refuses files that are too short, not Parquet, encrypted, beyond the
// limits, or whose footer contradicts itself. A column that cannot be read does
// not stop it: see Field.Unsupported.
func Open(name string, r io.ReaderAt, size int64, l Limits) (file *File, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = corruptf("the footer cannot be read: %v", p)
		}
		if err != nil {
			file, err = nil, fault(name, -1, "", err)
		}
	}()
	l = l.withDefaults()
	body, start, err := readFooter(r, size, l)
	if err != nil {
		return nil, err
	}
	f := &File{name: name, r: r, limits: l, end: start, columns: map[string]int{}, buffers: &scanned}
	if f.footer, err = parseFooter(body, l); err != nil {
		return nil, fmt.Errorf("footer: %w", err)
	}
	if f.footer.encrypted {
		return nil, corrupt("the file is encrypted; write it without encryption")
	}
	if f.fields, err = leafFields(f.footer.elements); err != nil {
		return nil, err
	}
	if len(f.fields) > l.MaxColumns {
		return nil, corruptf("it has %d columns, the limit is %d", len(f.fields), l.MaxColumns)
	}
	for i, field := range f.fields {
		if _, twice := f.columns[field.Name]; !twice {
			f.columns[field.Name] = i
		}
	}
	if _, err := f.footer.totalRows(l); err != nil {
		return nil, err
	}
	return f, f.checkChunks()
}

// readFooter gives the footer's bytes and its place, after checking magic and
// length against the file's size.
func readFooter(r io.ReaderAt, size int64, l Limits) (body []byte, start int64, err error) {
	const frame = 4 + 4 + 4 // magic, footer length, magic
	if size < frame {
		return nil, 0, corruptf("it has %d bytes, too few for a Parquet file", size)
	}
	tail := make([]byte, min(size, tailBytes))
	if err := readFull(r, tail, size-int64(len(tail))); err != nil {
		return nil, 0, err
	}
	switch string(tail[len(tail)-4:]) {
	case "PAR1":
	case "PARE":
		return nil, 0, corrupt("the footer is encrypted; write the file without encryption")
	default:
		return nil, 0, corrupt("it does not end like a Parquet file: it is cut short, or of another format")
	}
	length := int64(binary.LittleEndian.Uint32(tail[len(tail)-8:]))
	if length > size-frame {
		return nil, 0, corruptf("its footer should have %d bytes but the file has %d", length, size)
	}
	if length > l.MaxFooter {
		return nil, 0, corruptf("its footer has %d bytes, the limit is %d", length, l.MaxFooter)
	}
	start = size - 8 - length
	if have := int64(len(tail)) - 8; length <= have {
		return tail[have-length : have], start, nil
	}
	body = make([]byte, length)
	return body, start, readFull(r, body, start)
}

// checkChunks compares what the footer says of each readable column's chunks
// with its row groups and the file's size.
func (f *File) checkChunks() error {
	for rg, g := range f.footer.groups {
		for col, c := range g.chunks {
			field := f.fields[col]
			if field.Unsupported != "" {
				continue
			}
			if err := f.checkChunk(g, col, c); err != nil {
				return fault(f.name, rg, field.Name, err)
			}
		}
	}
	return nil
}

func (f *File) checkChunk(g rowGroup, col int, c chunk) error {
	switch {
	case c.sealed:
		return corrupt("the column is encrypted; write the file without encryption")
	case c.external:
		return corrupt("its pages lie in another file")
	case c.physical != physicalOf(f.fields[col].Kind):
		return corrupt("the schema and the row group name different physical types")
	case c.values != g.rows:
		return corruptf("the footer says %d values for %d rows", c.values, g.rows)
	case g.rows == 0:
		return nil
	}
	start, length := c.pages()
	if start < 4 || length <= 0 || start > f.end || length > f.end-start {
		return corruptf("its pages should lie at byte %d, %d bytes long, outside the file's data", start, length)
	}
	return nil
}

// pages is where a chunk's pages lie: dictionary page first, if there is one.
// Some writers give 0 as dictionary offset when they mean none.
func (c chunk) pages() (start, length int64) {
	start = c.dataOffset
	if c.dictOffset > 0 && c.dictOffset < start {
		start = c.dictOffset
	}
	return start, c.compressed
}

func physicalOf(k Kind) int32 {
	switch k {
	case KindBool:
		return physicalBool
	case KindInt32, KindUint32:
		return physicalInt32
	case KindInt64, KindUint64:
		return physicalInt64
	case KindInt96:
		return physicalInt96
	case KindFloat:
		return physicalFloat
	case KindDouble:
		return physicalDouble
	case KindString:
		return physicalBytes
	case KindFixedBytes:
		return physicalFixed
	}
	return -1
}

// Fields are the leaf columns in file order; their index is the column number
// that the other methods take. The slice must not be changed.
func (f *File) Fields() []Field { return f.fields }

// Rows is the number of rows of all row groups together.
func (f *File) Rows() int64 { return f.footer.rows }

// RowGroups is the number of row groups.
func (f *File) RowGroups() int { return len(f.footer.groups) }

// RowGroupRows is the number of rows of row group rg, from 0.
func (f *File) RowGroupRows(rg int) int64 { return f.footer.groups[rg].rows }

// CreatedBy is the writer's name as the file gives it, "" when it does not.
func (f *File) CreatedBy() string { return f.footer.createdBy }

// Column finds a leaf column by its name, the dotted path when nested.
func (f *File) Column(name string) (index int, ok bool) {
	index, ok = f.columns[name]
	return index, ok
}

// IntStats gives the least and greatest non-null value of a signed integer,
// decimal-on-integer, date, time or timestamp column in a row group, raw as
// Vector.Ints would hold them. ok is false for other columns, and when the file
// gives no bounds or bounds that cannot be trusted.
func (f *File) IntStats(rg, col int) (least, greatest int64, ok bool) {
	c := &f.footer.groups[rg].chunks[col]
	field := f.fields[col]
	signed := field.Kind == KindInt32 || field.Kind == KindInt64
	if !c.hasStats || !signed || field.Unsupported != "" {
		return 0, 0, false
	}
	return c.least, c.greatest, true
}

// CompressedRange is where a column's pages of one row group lie in the file, so
// that callers can fetch them ahead. Scan reads nothing else. The length is 0
// for row groups without rows and columns that cannot be read.
func (f *File) CompressedRange(rg, col int) (off, length int64) {
	g := f.footer.groups[rg]
	if g.rows == 0 || f.fields[col].Unsupported != "" {
		return 0, 0
	}
	return g.chunks[col].pages()
}

// readFull reads exactly len(b) bytes.
func readFull(r io.ReaderAt, b []byte, off int64) error {
	n, err := r.ReadAt(b, off)
	if n == len(b) {
		return nil
	}
	if err == nil || err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("read %d bytes at %d: %w", len(b), off, err)
}
