package usage

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"sync"
)

// ErrSpill is returned when events that do not fit the memory of a pass cannot
// be written to local disk, or read again. It stops the pass.
var ErrSpill = errors.New("local disk")

const (
	spillPattern = "daybook-usage-*.events"
	eventBytes   = 48
	spillBytes   = 1 << 20 / eventBytes * eventBytes // written or read at once
)

// spill is a file of events on local disk, appended to in runs. It loses its name
// as soon as it is open, so that the system takes it back whatever becomes of
// this process; where open files keep their names, the next spill removes what a
// dead process left.
type spill struct {
	file spillFile
	name string

	mu  sync.Mutex
	end int64
}

type spillFile interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
}

// newSpill makes an empty file in a folder; "" is the system's for such files.
func newSpill(folder string) (*spill, error) {
	if folder == "" {
		folder = os.TempDir()
	}
	left, _ := filepath.Glob(filepath.Join(folder, spillPattern)) // the pattern is a good one
	for _, name := range left {
		_ = os.Remove(name) // those in use stay in use, or cannot be removed
	}
	f, err := os.CreateTemp(folder, spillPattern)
	if err != nil {
		return nil, spillError("make", folder, err)
	}
	_ = os.Remove(f.Name()) // else close does
	return &spill{file: f, name: f.Name()}, nil
}

func spillError(verb, name string, err error) error {
	return fmt.Errorf("%s events on %w in %s, as they do not fit usage.memory: %w; free space there, name another folder (usage.temporary) or allow more memory (usage.memory), and run again",
		verb, ErrSpill, filepath.Dir(name), err)
}

func (s *spill) close() {
	if s == nil {
		return
	}
	_ = s.file.Close() // nothing of it is wanted any more
	_ = os.Remove(s.name)
}

// run is events that were written at once, partition by partition.
type run struct {
	spill  *spill
	off    int64   // in the file
	bounds []int64 // partition p has the events bounds[p] to bounds[p+1]
}

// write appends a run of n partitions.
func (s *spill) write(n int, part func(p int) iter.Seq[[]event]) (run, error) {
	r := run{spill: s, bounds: make([]int64, n+1)}
	for p := range n {
		r.bounds[p+1] = r.bounds[p]
		for events := range part(p) {
			r.bounds[p+1] += int64(len(events))
		}
	}
	s.mu.Lock()
	r.off = s.end
	s.end += r.bounds[n] * eventBytes
	s.mu.Unlock()
	buf, at := make([]byte, 0, min(spillBytes, r.bounds[n]*eventBytes)), r.off
	put := func() error {
		if _, err := s.file.WriteAt(buf, at); err != nil {
			return spillError("write", s.name, err)
		}
		at, buf = at+int64(len(buf)), buf[:0]
		return nil
	}
	for p := range n {
		for events := range part(p) {
			for i := range events {
				if buf = appendEvent(buf, &events[i]); len(buf) == spillBytes {
					if err := put(); err != nil {
						return run{}, err
					}
				}
			}
		}
	}
	return r, put()
}

// spillReader reads runs, in memory of its own.
type spillReader struct {
	bytes  []byte
	events []event
}

// read gives the events of partition p some at a time; they are valid until each
// returns.
func (m *spillReader) read(r *run, p int, each func([]event)) error {
	left, off := (r.bounds[p+1]-r.bounds[p])*eventBytes, r.off+r.bounds[p]*eventBytes
	for left > 0 {
		n := min(left, spillBytes)
		m.bytes, m.events = resized(m.bytes, int(n)), resized(m.events, int(n/eventBytes))
		if _, err := r.spill.file.ReadAt(m.bytes, off); err != nil {
			return spillError("read", r.spill.name, err)
		}
		for i := range m.events {
			m.events[i] = eventAt(m.bytes[i*eventBytes:])
		}
		each(m.events)
		left, off = left-n, off+n
	}
	return nil
}

func appendEvent(b []byte, e *event) []byte {
	le := binary.LittleEndian
	b = le.AppendUint64(le.AppendUint64(b, e.id.Lo), e.id.Hi)
	b = le.AppendUint64(le.AppendUint64(b, e.qty.Lo), uint64(e.qty.Hi))
	return le.AppendUint32(le.AppendUint32(le.AppendUint64(b, uint64(e.at)), e.entry), e.shape)
}

func eventAt(b []byte) (e event) {
	le := binary.LittleEndian
	e.id.Lo, e.id.Hi = le.Uint64(b), le.Uint64(b[8:])
	e.qty.Lo, e.qty.Hi = le.Uint64(b[16:]), int64(le.Uint64(b[24:]))
	e.at, e.entry, e.shape = moment(le.Uint64(b[32:])), le.Uint32(b[40:]), le.Uint32(b[44:])
	return e
}
