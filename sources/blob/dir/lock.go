//go:build linux || darwin

package dir

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// lockPause is how long a writer waits before it asks for the lock again. The
// lock is held for two or three system calls, never while a body is written.
const lockPause = time.Millisecond

// locked runs do while no other goroutine or process holds the root's lock,
// and hands it the lock file. Asking again and again, rather than waiting in
// flock(2), keeps the wait bound to ctx.
func (s *Store) locked(ctx context.Context, do func(lock *os.File) error) error {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	f, err := s.openLock()
	if err != nil {
		return err
	}
	defer f.Close() // lets the lock go
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-pause.C:
		}
		err := tryLock(f)
		if err == nil {
			if err := ctx.Err(); err != nil {
				return err
			}
			return do(f)
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return err
		}
		pause.Reset(lockPause)
	}
}

func (s *Store) openLock() (*os.File, error) {
	path := filepath.Join(s.hiddenFolder(), lockName)
	return s.inHidden(func() (*os.File, error) { return os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666) })
}

// tryLock takes the exclusive lock of an open file, or returns
// syscall.EWOULDBLOCK when another holds it. Closing f lets it go.
func tryLock(f *os.File) error {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err != syscall.EINTR {
			return err
		}
	}
}

// inode tells two files apart that share size and time.
func inode(info fs.FileInfo) uint64 {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return st.Ino
	}
	return 0
}

// linked reports whether an open file still has a name.
func linked(f *os.File) bool {
	info, err := f.Stat()
	if err != nil {
		return false
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && st.Nlink > 0
}
