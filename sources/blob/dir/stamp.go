//go:build linux || darwin

package dir

import (
	"context"
	"errors"
	"os"
	"sync"
	"time"
)

// lockName is the file in the hidden folder that every process locks, and whose
// modification time no stamp given out is beyond (see stamp).
const lockName = "lock"

// reservedTime is how much time a process takes for its next stamps at once. It is
// how far a stamp may be ahead of the clock for each process that writes.
const reservedTime = 10 * time.Millisecond

// stamp gives the file a modification time that no other version in this root
// has: the file system's own, or one nanosecond after the latest stamp where
// that is later. File systems reuse inodes at once and count time in ticks of
// milliseconds, so without it an object replaced twice within a tick could look
// like its own earlier version, and a stale put would overwrite it.
func (s *Store) stamp(ctx context.Context, temp *staged) error {
	info, err := temp.file.Stat()
	if err != nil {
		return err
	}
	at, ok := s.stamps.take(info.ModTime())
	if !ok {
		err = s.locked(ctx, func(lock *os.File) (err error) {
			at, err = s.stamps.renew(lock, info.ModTime())
			return err
		})
	}
	if err != nil {
		return err
	}
	return os.Chtimes(temp.path, at, at)
}

// stamps is the time that a store has reserved for its next stamps, so that it takes
// the lock once for many files.
type stamps struct {
	mu        sync.Mutex
	next, end time.Time // the first that may be given out, and the first that may not
}

// take gives out the next stamp that is not before own, if one is left.
func (t *stamps) take(own time.Time) (at time.Time, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if at = t.next; own.After(at) {
		at = own
	}
	if ok = at.Before(t.end); ok {
		t.next = at.Add(1)
	}
	return at, ok
}

// renew gives out own, or the first stamp after the latest where that is later, and
// reserves the time after it. A file system that does not keep nanoseconds gives one
// stamp at a time.
func (t *stamps) renew(lock *os.File, own time.Time) (time.Time, error) {
	if at, ok := t.take(own); ok {
		return at, nil // another file has renewed them meanwhile
	}
	info, err := lock.Stat()
	if err != nil {
		return time.Time{}, err
	}
	first := info.ModTime().Add(1)
	if own.After(first) {
		first = own
	}
	last := first.Add(reservedTime)
	kept, err := setTime(lock, last)
	if err != nil {
		return time.Time{}, err
	}
	if !kept.Equal(last) {
		return advance(lock, info.ModTime(), own)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.next, t.end = first.Add(1), last.Add(1)
	return first, nil
}

// advance moves the lock file's time to own, or past last where own is not
// later, and returns the time the file system kept: some know only seconds.
func advance(lock *os.File, last, own time.Time) (time.Time, error) {
	for _, step := range []time.Duration{1, time.Microsecond, time.Millisecond, 2 * time.Second} {
		at := last.Add(step)
		if own.After(at) {
			at = own
		}
		kept, err := setTime(lock, at)
		if err != nil {
			return time.Time{}, err
		}
		if kept.After(last) {
			return kept, nil
		}
	}
	return time.Time{}, errors.New("file system does not keep modification times")
}

// setTime sets the lock file's time and returns the one that the file system kept.
func setTime(lock *os.File, at time.Time) (kept time.Time, err error) {
	if err := os.Chtimes(lock.Name(), at, at); err != nil {
		return time.Time{}, err
	}
	info, err := lock.Stat()
	if err != nil {
		return time.Time{}, err
	}
	return info.ModTime(), nil
}
