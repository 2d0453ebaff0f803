package usage

import (
	"os"
	"runtime/metrics"
	"sync/atomic"
	"syscall"
)

// Losing returns an engine that loses the rows for which drop says so.
func Losing(drop func(file string, group, row int64) bool) *Local {
	l := New()
	l.drop = drop
	return l
}

// GOGC is the garbage collector's percentage as it stands; -1: it never runs.
func GOGC() int {
	s := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(s)
	return int(s[0].Value.Uint64())
}

// Ranged returns an engine that fetches no file whole.
func Ranged() *Local {
	l := New()
	l.ranged = true
	return l
}

// OnDisk returns an engine whose every spill has room for so many bytes; writes
// counts the writes to them.
func OnDisk(room int64, writes *atomic.Int64) *Local {
	l := New()
	l.newSpill = func(folder string) (*spill, error) {
		s, err := newSpill(folder)
		if err == nil {
			s.file = &smallDisk{s.file, room, writes}
		}
		return s, err
	}
	return l
}

type smallDisk struct {
	spillFile
	room   int64
	writes *atomic.Int64
}

func (d *smallDisk) WriteAt(b []byte, off int64) (int, error) {
	d.writes.Add(1)
	if off+int64(len(b)) > d.room {
		return 0, &os.PathError{Op: "write", Path: "events", Err: syscall.ENOSPC}
	}
	return d.spillFile.WriteAt(b, off)
}
