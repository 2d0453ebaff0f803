//go:build linux || darwin

package dir

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"daybook/sources/blob"
	"daybook/sources/blob/crash"
)

// Put implements [blob.Store]: the body goes to a temporary file, is synced,
// and then gets its name in one step, by link(2) when nothing may stand there
// and by rename(2) otherwise. On every error before that step nothing remains.
// An error after it (a folder that cannot be synced) is [blob.ErrTransient],
// since the object is already visible.
func (s *Store) Put(ctx context.Context, key string, body []byte, c blob.Cond) (blob.Object, error) {
	o, err := s.put(ctx, key, body, c)
	return o, blob.Fail("put", key, s.URL(), err)
}

func (s *Store) put(ctx context.Context, key string, body []byte, c blob.Cond) (blob.Object, error) {
	if err := errors.Join(ctx.Err(), blob.ValidKey(key), c.Check()); err != nil {
		return blob.Object{}, err
	}
	if err := s.foregone(ctx, key, c); err != nil {
		return blob.Object{}, err
	}
	s.sweep.Do(s.removeAbandoned)
	temp, err := s.stage(ctx, key, body)
	if err != nil {
		return blob.Object{}, s.explain(err)
	}
	defer temp.discard(key)
	path := filepath.Join(s.root, filepath.FromSlash(key))
	if err := s.makeFolder(filepath.Dir(path)); err != nil {
		return blob.Object{}, s.explain(err)
	}
	err = s.explain(s.name(ctx, temp, key, path, c))
	if errors.Is(err, blob.ErrNotFound) {
		err = fmt.Errorf("%w: another program removed the folder: %w", blob.ErrTransient, err)
	}
	if err != nil {
		return blob.Object{}, err
	}
	info, err := temp.file.Stat()
	if err == nil {
		err = s.syncFolder(filepath.Dir(path))
	}
	if err != nil {
		return blob.Object{}, fmt.Errorf("%w: sync folder: %w", blob.ErrTransient, err)
	}
	return object(key, info), nil
}

// foregone spares a put whose condition already fails the writing of its body.
func (s *Store) foregone(ctx context.Context, key string, c blob.Cond) error {
	if !c.IfAbsent && c.IfMatch == "" {
		return s.checkRoot()
	}
	o, err := s.stat(ctx, key) // which knows a missing root too
	if err != nil && !errors.Is(err, blob.ErrNotFound) {
		return err
	}
	return verdict(o, err == nil, c)
}

// verdict decides a condition about o, the object that stands if stands.
func verdict(o blob.Object, stands bool, c blob.Cond) error {
	switch {
	case c.IfAbsent && stands:
		return blob.ErrExists
	case c.IfMatch != "" && (!stands || o.ETag != c.IfMatch):
		return blob.ErrChanged
	}
	return nil
}

// name makes the staged file the object under key when c holds.
func (s *Store) name(ctx context.Context, temp *staged, key, path string, c blob.Cond) error {
	if c.IfAbsent {
		// link(2) itself refuses a name that is taken, in every process.
		if err := ctx.Err(); err != nil {
			return err
		}
		err := crash.Around("dir:link", key, func() error { return os.Link(temp.path, path) })
		if !errors.Is(err, fs.ErrExist) {
			return err
		}
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			return fmt.Errorf("%w: a folder of other objects has this name", blob.ErrBadKey)
		}
		return blob.ErrExists
	}
	return s.locked(ctx, func(*os.File) error {
		if c.IfMatch != "" {
			// The lock makes this look and the rename below one step.
			o, err := s.stat(ctx, key)
			if err != nil && !errors.Is(err, blob.ErrNotFound) {
				return err
			}
			if err := verdict(o, err == nil, c); err != nil {
				return err
			}
		}
		return crash.Around("dir:rename", key, func() error {
			err := os.Rename(temp.path, path)
			temp.moved = err == nil
			return err
		})
	})
}

// makeFolder creates folder and those above it, and sees to it that they
// survive a power cut before anything is acknowledged in them.
func (s *Store) makeFolder(folder string) error {
	if folder == s.root {
		return nil
	}
	if _, done := s.durable.Load(folder); done {
		if _, err := os.Stat(folder); err == nil {
			return nil
		}
	}
	parent := filepath.Dir(folder)
	if err := s.makeFolder(parent); err != nil {
		return err
	}
	err := crash.Around("dir:mkdir", s.key(folder), func() error { return os.Mkdir(folder, 0o777) })
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := s.syncFolder(parent); err != nil {
		return err
	}
	s.durable.Store(folder, struct{}{})
	return nil
}

// syncFolder puts the names in folder on disk.
func (s *Store) syncFolder(folder string) error {
	if s.opts.NoSync {
		return nil
	}
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(crash.Around("dir:sync-folder", s.key(folder), f.Sync), f.Close())
}

// key is what the store calls the file or folder at path.
func (s *Store) key(path string) string {
	return filepath.ToSlash(strings.TrimPrefix(strings.TrimPrefix(path, s.root), string(filepath.Separator)))
}
