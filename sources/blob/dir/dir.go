//go:build linux || darwin

// Package dir is a [blob.Store] in a folder: key "a/b" is the file a/b under
// the root, readable by any tool.
//
// It keeps the whole promise of the interface, between processes too, on a
// local file system with link(2) and flock(2) (Linux and macOS): a file appears
// whole or not at all, survives a power cut once its put has returned, and of
// any number of conditional puts on one version one wins. What an interrupted
// put leaves behind lies in one hidden folder, is never listed, and is removed
// by the next process that writes.
//
// Files that other programs put into the folder are objects as well. Such a
// program must write elsewhere and rename, or its half-written files are seen.
package dir

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"

	"daybook/sources/blob"
	"daybook/sources/blob/crash"
)

// Options adjusts a store. The zero value is durable and needs an existing
// root.
type Options struct {
	// Create makes the root folder, and those above it, when it is missing.
	Create bool
	// NoSync leaves out every fsync: faster, and a power cut may lose or empty
	// objects whose put had returned. For tests and throwaway folders.
	NoSync bool
}

// Store is an object store in a folder. Use [New].
type Store struct {
	root string // absolute
	opts Options

	turn    chan struct{} // held by the goroutine that may take the lock file
	sweep   sync.Once     // removes what dead writers left, before the first put
	durable sync.Map      // folder path -> struct{}: its entry in its parent is on disk
	staged  atomic.Int64  // temporary files so far, which names them
	stamps  stamps        // reserved for the next ones
	// write puts a body into a temporary file; tests replace it to fill the disk.
	write func(f *os.File, body []byte) error
}

var _ blob.Store = (*Store)(nil)

// New returns the store in the folder root. It returns [blob.ErrNoBucket] when
// root is not a folder and opts.Create is not set.
func New(root string, opts Options) (*Store, error) {
	abs, err := filepath.Abs(root)
	if err != nil {
		return nil, blob.Fail("open", "", root, err)
	}
	s := &Store{root: abs, opts: opts, turn: make(chan struct{}, 1), write: writeAll}
	if opts.Create {
		if err := crash.Around("dir:root", "", func() error { return os.MkdirAll(abs, 0o777) }); err != nil {
			return nil, blob.Fail("open", "", s.URL(), s.explain(err))
		}
	}
	if err := s.checkRoot(); err != nil {
		return nil, blob.Fail("open", "", s.URL(), err)
	}
	return s, nil
}

// URL implements [blob.Store].
func (s *Store) URL() string { return "file://" + filepath.ToSlash(s.root) }

// Stat implements [blob.Store].
func (s *Store) Stat(ctx context.Context, key string) (blob.Object, error) {
	o, err := s.stat(ctx, key)
	return o, blob.Fail("stat", key, s.URL(), err)
}

func (s *Store) stat(ctx context.Context, key string) (blob.Object, error) {
	if err := ctx.Err(); err != nil {
		return blob.Object{}, err
	}
	path, err := s.path(key)
	if err != nil {
		return blob.Object{}, err
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, syscall.ENOTDIR):
		return blob.Object{}, blob.ErrNotFound // a file stands where the key has a folder
	case err != nil:
		return blob.Object{}, s.explain(err)
	case !info.Mode().IsRegular():
		return blob.Object{}, blob.ErrNotFound
	}
	return object(key, info), nil
}

// ReadAt implements [blob.Store]. The version is checked after the bytes were
// read, so that a file changed in place meanwhile is noticed too.
func (s *Store) ReadAt(ctx context.Context, o blob.Object, p []byte, off int64) error {
	return blob.Fail("read", o.Key, s.URL(), s.readAt(ctx, o, p, off))
}

func (s *Store) readAt(ctx context.Context, o blob.Object, p []byte, off int64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if off < 0 {
		return fmt.Errorf("offset %d is negative", off)
	}
	path, err := s.path(o.Key)
	if err != nil {
		return err
	}
	// Without O_NONBLOCK, opening a named pipe would wait for its writer.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, syscall.ENOTDIR) {
		return blob.ErrNotFound
	}
	if err != nil {
		return s.explain(err)
	}
	defer f.Close()
	n, readErr := f.ReadAt(p, off)
	info, err := f.Stat()
	switch {
	case err != nil:
		return s.explain(err)
	case !info.Mode().IsRegular():
		return blob.ErrNotFound
	case object(o.Key, info).ETag != o.ETag:
		return blob.ErrChanged
	case n == len(p):
		return nil
	case readErr == io.EOF:
		return io.ErrUnexpectedEOF
	default:
		return s.explain(readErr)
	}
}

// Delete implements [blob.Store]. It takes the lock so that no put on a
// version happens between that put's check and its rename.
func (s *Store) Delete(ctx context.Context, key string) error {
	return blob.Fail("delete", key, s.URL(), s.delete(ctx, key))
}

func (s *Store) delete(ctx context.Context, key string) error {
	if err := blob.ValidKey(key); err != nil {
		return err
	}
	if err := s.checkRoot(); err != nil {
		return err
	}
	o, err := s.stat(ctx, key)
	if errors.Is(err, blob.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	path := filepath.Join(s.root, filepath.FromSlash(o.Key))
	err = s.locked(ctx, func(*os.File) error { return crash.Around("dir:remove", key, func() error { return os.Remove(path) }) })
	if err != nil && !os.IsNotExist(err) {
		return s.explain(err)
	}
	return s.syncFolder(filepath.Dir(path))
}

// path returns the file of a key that is to be read. It takes every name that
// List yields, and nothing that leaves the root.
func (s *Store) path(key string) (string, error) {
	if len(key) > blob.MaxKeyBytes || !fs.ValidPath(key) || key == "." || hidden(key) {
		return "", fmt.Errorf("%w: it names no file under the root", blob.ErrBadKey)
	}
	return filepath.Join(s.root, filepath.FromSlash(key)), nil
}

// checkRoot tells a missing root, such as a volume that is not mounted, from a
// missing object.
func (s *Store) checkRoot() error {
	info, err := os.Stat(s.root)
	switch {
	case os.IsNotExist(err), err == nil && !info.IsDir():
		return blob.ErrNoBucket
	case err != nil:
		return s.explain(err)
	}
	return nil
}

// object names the version that info describes. Its etag is inode, size and
// modification time: every put stamps a time of its own on its file (see
// stamp), and other programs give a file a new time or, by renaming, a new
// inode. The change time is left out, because hard links and permissions change
// it while the bytes stay.
func object(key string, info fs.FileInfo) blob.Object {
	return blob.Object{
		Key:  key,
		Size: info.Size(),
		ETag: fmt.Sprintf("%x-%x-%x", inode(info), info.Size(), info.ModTime().UnixNano()),

		Modified: info.ModTime().UnixMicro(),
	}
}
