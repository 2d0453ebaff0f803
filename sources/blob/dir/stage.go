//go:build linux || darwin

package dir

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"daybook/sources/blob"
	"daybook/sources/blob/crash"
)

// staged is a body in a temporary file that has no name as an object yet.
type staged struct {
	file  *os.File
	path  string
	moved bool // the name is the object's now
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

// inHidden runs open on a file of the hidden folder, which it creates where it is
// missing.
func (s *Store) inHidden(open func() (*os.File, error)) (*os.File, error) {
	f, err := open()
	if !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	err = crash.Around("dir:mkdir", blob.TempPrefix, func() error { return os.Mkdir(s.hiddenFolder(), 0o777) })
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return open()
}

// createTemp opens a new file in the hidden folder and locks it, which tells
// other processes that its writer lives.
func (s *Store) createTemp() (*staged, error) {
	for { // names that other stores of this process have taken are passed over
		path := filepath.Join(s.hiddenFolder(), fmt.Sprintf("%d-%d", os.Getpid(), s.staged.Add(1)))
		f, err := s.inHidden(func() (*os.File, error) { return os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666) })
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		// Between the two calls a sweeping process may have taken the file for
		// an abandoned one: then it is locked or has lost its name, for good.
		if tryLock(f) == nil && linked(f) {
			return &staged{file: f, path: path}, nil
		}
		f.Close()
	}
}

// discard closes the file and removes its temporary name, which is its own as long
// as it is locked. The name goes first: once closed, another writer may take it.
func (t *staged) discard(key string) {
	if !t.moved {
		_ = crash.Around("dir:discard", key, func() error { return os.Remove(t.path) })
	}
	t.file.Close()
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
		// Its writer may have been alive a moment ago, and the name be another's now.
		temp := &staged{file: f, path: path}
		if tryLock(f) == nil && temp.named() {
			temp.discard(blob.TempPrefix)
		} else {
			f.Close()
		}
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

func (s *Store) hiddenFolder() string { return filepath.Join(s.root, blob.TempPrefix) }

func writeAll(f *os.File, body []byte) error {
	_, err := f.Write(body)
	return err
}
