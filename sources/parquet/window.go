package parquet

import "io"

// windowBytes is read at once, where a chunk has that much left.
const windowBytes = 256 << 10

// InMemory is what a reader may be beside an io.ReaderAt when it holds bytes:
// Scan then decodes from them, and copies nothing.
type InMemory interface {
	// Held gives the n bytes at off, which must not change, or nil where they are
	// not in memory.
	Held(off int64, n int) []byte
}

// window is a reader of a column chunk that keeps only what is in use.
type window struct {
	r       io.ReaderAt
	at, end int64 // what has not been read from r yet
	buf     []byte
	lo      int    // start of the unused part of buf
	memory  []byte // of buf
}

func (w *window) open(r io.ReaderAt, start, length int64) {
	w.r, w.at, w.end = r, start, start+length
	w.buf, w.lo = nil, 0
	if m, ok := r.(InMemory); ok {
		if held := m.Held(start, int(length)); held != nil {
			w.buf, w.at = held, w.end
		}
	}
}

// left is the number of bytes until the chunk's end.
func (w *window) left() int64 { return w.end - w.at + int64(len(w.buf)-w.lo) }

// peek gives the next n bytes, or all that are left if those are fewer. They are
// valid until the next peek.
func (w *window) peek(n int) ([]byte, error) {
	n = int(min(int64(n), w.left()))
	have := len(w.buf) - w.lo
	if have < n {
		want := int(min(int64(max(n, windowBytes)), w.left()))
		next := grown(w.memory, want)
		copy(next, w.buf[w.lo:])
		w.buf, w.memory, w.lo = next, next, 0
		if err := readFull(w.r, w.buf[have:], w.at); err != nil {
			w.buf = w.buf[:have]
			return nil, err
		}
		w.at += int64(want - have)
	}
	return w.buf[w.lo : w.lo+n], nil
}

// skip passes over n bytes that peek has given.
func (w *window) skip(n int) { w.lo += n }
