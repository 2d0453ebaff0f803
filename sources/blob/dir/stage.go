//go:build linux || darwin

package dir

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"daybook/sources/blob"
	"daybook/sources/blob/crash"
)

// lockName is the file in the hidden folder that every process locks, and whose
// modification time is the latest stamp given out (see stamp).
const lockName = "lock"

// staged is a body in a temporary file that has no name as an object yet.
type staged struct {
	file *os.File
	path string
}

// stage writes the body of key to a temporary file, stamps it and puts it on disk.
func (s *Store) stage(ctx context.Context, key string, body []byte) (*staged, error) {
	var temp *staged
	err := crash.Around("dir:create", key, func() (err error) {
		temp, err = s.createTemp()
		return err
	})
	if err != nil {
		return nil, err
	}
	err = crash.Around("dir:write", key, func() error { return s.write(temp.file, body) })
	if err == nil {
		err = crash.Around("dir:stamp", key, func() error { return s.stamp(ctx, temp) })
	}
	if err == nil && !s.opts.NoSync {
		err = crash.Around("dir:sync", key, temp.file.Sync)
	}
	if err != nil {
		temp.discard(key)
		return nil, err
	}
	return temp, nil
}

// makeHidden creates the hidden folder where it is missing.
func (s *Store) makeHidden() error {
	if _, err := os.Stat(s.hiddenFolder()); err == nil {
		return nil
	}
	err := crash.Around("dir:mkdir", blob.TempPrefix, func() error { return os.Mkdir(s.hiddenFolder(), 0o777) })
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

// createTemp opens a new file in the hidden folder and locks it, which tells
// other processes that its writer lives.
func (s *Store) createTemp() (*staged, error) {
	if err := s.makeHidden(); err != nil {
		return nil, err
	}
	for { // names that other stores of this process have taken are passed over
		path := filepath.Join(s.hiddenFolder(), fmt.Sprintf("%d-%d", os.Getpid(), s.staged.Add(1)))
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		temp := &staged{file: f, path: path}
		// Between the two calls a sweeping process may have taken the file for
		// an abandoned one: then it is locked or has lost its name.
		if tryLock(f) == nil && temp.named() {
			return temp, nil
		}
		f.Close()
	}
}

// named reports whether the file still stands under its path.
func (t *staged) named() bool {
	mine, err := t.file.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(t.path)
	return err == nil && os.SameFile(mine, there)
}

// discard closes the file and removes its temporary name, if it still has it.
// The name goes first: once closed, another writer may take it.
func (t *staged) discard(key string) {
	if t.named() {
		_ = crash.Around("dir:discard", key, func() error { return os.Remove(t.path) })
	}
	t.file.Close()
}

// stamp gives the file a modification time that no other version in this root
// has: the file system's own, or one nanosecond after the latest stamp where
// that is later. File systems reuse inodes at once and count time in ticks of
// milliseconds, so without it an object replaced twice within a tick could look
// like its own earlier version, and a stale put would overwrite it.
func (s *Store) stamp(ctx context.Context, temp *staged) error {
	return s.locked(ctx, func(lock *os.File) error {
		last, err := lock.Stat()
		if err != nil {
			return err
		}
		own, err := temp.file.Stat()
		if err != nil {
			return err
		}
		at, err := advance(lock, last.ModTime(), own.ModTime())
		if err != nil {
			return err
		}
		return os.Chtimes(temp.path, at, at)
	})
}

// advance moves the lock file's time to own, or past last where own is not
// later, and returns the time the file system kept: some know only seconds.
func advance(lock *os.File, last, own time.Time) (time.Time, error) {
	for _, step := range []time.Duration{1, time.Microsecond, time.Millisecond, 2 * time.Second} {
		at := last.Add(step)
		if own.After(at) {
			at = own
		}
		if err := os.Chtimes(lock.Name(), at, at); err != nil {
			return time.Time{}, err
		}
		kept, err := lock.Stat()
		if err != nil {
			return time.Time{}, err
		}
		if kept.ModTime().After(last) {
			return kept.ModTime(), nil
		}
	}
	return time.Time{}, errors.New("file system does not keep modification times")
}

// removeAbandoned removes temporary files whose writers died. Failing to is no
// reason not to write: the next process tries again.
func (s *Store) removeAbandoned() {
	entries, err := os.ReadDir(s.hiddenFolder())
	if err != nil {
		return
	}
	for _, e := range entries {
		if e.Name() == lockName || !e.Type().IsRegular() {
			continue
		}
		path := filepath.Join(s.hiddenFolder(), e.Name())
		f, err := os.Open(path)
		if err != nil {
			continue
		}
		if temp := (&staged{file: f, path: path}); tryLock(f) == nil {
			temp.discard(blob.TempPrefix)
		} else {
			f.Close()
		}
	}
}

func (s *Store) hiddenFolder() string { return filepath.Join(s.root, blob.TempPrefix) }

func writeAll(f *os.File, body []byte) error {
	_, err := f.Write(body)
	return err
}
