//go:build linux || darwin

package dir

import (
	"context"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"daybook/sources/blob"
)

// List implements [blob.Store]. It reads one folder at a time, so the memory it
// needs is that of the largest folders on one path. Links are followed; what is
// neither file nor folder is left out.
func (s *Store) List(ctx context.Context, prefix, after string) iter.Seq2[blob.Object, error] {
	return func(yield func(blob.Object, error) bool) {
		l := &listing{store: s, ctx: ctx, prefix: prefix, after: after, yield: yield}
		err := s.checkRoot()
		if err == nil {
			err = l.folder("")
		}
		if err != nil && err != errStopped {
			yield(blob.Object{}, blob.Fail("list", prefix, s.URL(), err))
		}
	}
}

type listing struct {
	store         *Store
	ctx           context.Context
	prefix, after string
	yield         func(blob.Object, error) bool
}

// errStopped ends a listing whose reader wants no more.
var errStopped = errors.New("listing stopped")

// folder yields the objects in and below the folder at, which is "" or ends in
// a slash.
func (l *listing) folder(at string) error {
	if err := l.ctx.Err(); err != nil {
		return err
	}
	names, err := l.names(at)
	if err != nil {
		return err
	}
	for _, name := range names {
		key := at + name
		if folder := strings.HasSuffix(name, "/"); folder && l.mayHold(key) {
			if err := l.folder(key); err != nil {
				return err
			}
		} else if !folder && strings.HasPrefix(key, l.prefix) && key > l.after {
			if err := l.file(key); err != nil {
				return err
			}
		}
	}
	return nil
}

// names returns what is in a folder in the order of the keys below it. A
// folder counts with its slash, since "a-b" comes before "a/b" but "a" before
// "a-b".
func (l *listing) names(at string) ([]string, error) {
	path := filepath.Join(l.store.root, filepath.FromSlash(at))
	entries, err := os.ReadDir(path)
	if os.IsNotExist(err) && at != "" {
		return nil, nil // deleted since its own folder was read
	}
	if err != nil {
		return nil, l.store.explain(err)
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		folder := e.IsDir()
		if e.Type()&os.ModeSymlink != 0 {
			info, err := os.Stat(filepath.Join(path, e.Name()))
			if err != nil && !os.IsNotExist(err) {
				return nil, l.store.explain(err) // also a ring of links
			}
			folder = err == nil && info.IsDir()
		}
		switch {
		case hidden(e.Name()):
		case folder:
			names = append(names, e.Name()+"/")
		default:
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

// mayHold reports whether any wanted key can lie below folder, which ends in a
// slash.
func (l *listing) mayHold(folder string) bool {
	wanted := strings.HasPrefix(folder, l.prefix) || strings.HasPrefix(l.prefix, folder)
	return wanted && (folder > l.after || strings.HasPrefix(l.after, folder))
}

func (l *listing) file(key string) error {
	o, err := l.store.stat(l.ctx, key)
	if errors.Is(err, blob.ErrNotFound) {
		return nil // deleted meanwhile, or no regular file
	}
	if err != nil {
		return err
	}
	if !l.yield(o, nil) {
		return errStopped
	}
	return nil
}

// hidden reports whether a key or name belongs to this package.
func hidden(key string) bool {
	for segment := range strings.SplitSeq(key, "/") {
		if strings.HasPrefix(segment, blob.TempPrefix) {
			return true
		}
	}
	return false
}
