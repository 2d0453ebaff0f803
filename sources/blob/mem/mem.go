// Package mem is a [blob.Store] in memory, for tests and demonstrations. It
// keeps every promise of the interface within one process and loses everything
// with it.
package mem

import (
	"context"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"daybook/sources/blob"
)

// Store is an object store in memory. Use [New].
type Store struct {
	// Now dates what is put; nil leaves it undated. Set it before the first use.
	Now  func() time.Time
	name string

	mu       sync.RWMutex
	objects  map[string]version
	keys     []string // in order, but for those added; some were deleted since
	added    []string // put since the last listing, in any order
	versions uint64   // versions ever written; the last one's etag
}

type version struct {
	etag string
	body []byte // never changed once stored
	at   int64  // Unix microseconds; 0 unknown
}

var _ blob.Store = (*Store)(nil)

// New returns an empty store that calls itself mem://name.
func New(name string) *Store {
	return &Store{name: name, objects: make(map[string]version)}
}

// Clone returns a store with the same objects, under the same etags: what many
// tests begin with is made once.
func (s *Store) Clone() *Store {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &Store{name: s.name, objects: maps.Clone(s.objects), keys: slices.Clone(s.inOrder()), versions: s.versions}
}

// URL implements [blob.Store].
func (s *Store) URL() string { return "mem://" + s.name }

// Stat implements [blob.Store].
func (s *Store) Stat(ctx context.Context, key string) (blob.Object, error) {
	v, err := s.get(ctx, key)
	if err != nil {
		return blob.Object{}, blob.Fail("stat", key, s.URL(), err)
	}
	return v.object(key), nil
}

// ReadAt implements [blob.Store].
func (s *Store) ReadAt(ctx context.Context, o blob.Object, p []byte, off int64) error {
	v, err := s.get(ctx, o.Key)
	switch {
	case err != nil:
	case v.etag != o.ETag:
		err = blob.ErrChanged
	case off < 0:
		err = fmt.Errorf("offset %d is negative", off)
	case copy(p, v.body[min(off, int64(len(v.body))):]) < len(p):
		err = io.ErrUnexpectedEOF
	}
	return blob.Fail("read", o.Key, s.URL(), err)
}

// List implements [blob.Store]. It yields the objects that stand when the
// sequence is started.
func (s *Store) List(ctx context.Context, prefix, after string) iter.Seq2[blob.Object, error] {
	return func(yield func(blob.Object, error) bool) {
		for _, o := range s.snapshot(prefix, after) {
			if err := ctx.Err(); err != nil {
				yield(blob.Object{}, blob.Fail("list", prefix, s.URL(), err))
				return
			}
			if !yield(o, nil) {
				return
			}
		}
	}
}

func (s *Store) snapshot(prefix, after string) []blob.Object {
	s.mu.Lock()
	defer s.mu.Unlock()
	keys := s.inOrder()
	first, _ := slices.BinarySearch(keys, max(prefix, after))
	var found []blob.Object
	for _, key := range keys[first:] {
		if !strings.HasPrefix(key, prefix) {
			break
		}
		if v, ok := s.objects[key]; ok && key > after {
			found = append(found, v.object(key))
		}
	}
	return found
}

// inOrder returns all keys in order. Among them are some that were deleted since
// they were put.
func (s *Store) inOrder() []string {
	if len(s.added) == 0 {
		return s.keys
	}
	slices.Sort(s.added)
	all, rest := make([]string, 0, len(s.keys)+len(s.added)), s.keys
	for _, key := range slices.Compact(s.added) {
		at, known := slices.BinarySearch(rest, key)
		all, rest = append(all, rest[:at]...), rest[at:]
		if !known {
			all = append(all, key)
		}
	}
	s.keys, s.added = append(all, rest...), nil
	return s.keys
}

// Put implements [blob.Store].
func (s *Store) Put(ctx context.Context, key string, body []byte, c blob.Cond) (blob.Object, error) {
	if err := writable(ctx, key, c); err != nil {
		return blob.Object{}, blob.Fail("put", key, s.URL(), err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old, exists := s.objects[key]
	switch {
	case c.IfAbsent && exists:
		return blob.Object{}, blob.Fail("put", key, s.URL(), blob.ErrExists)
	case c.IfMatch != "" && old.etag != c.IfMatch:
		return blob.Object{}, blob.Fail("put", key, s.URL(), blob.ErrChanged)
	}
	s.versions++
	v := version{etag: strconv.FormatUint(s.versions, 10), body: slices.Clone(body)}
	if s.Now != nil {
		v.at = s.Now().UnixMicro()
	}
	s.objects[key] = v
	if !exists {
		s.added = append(s.added, key)
	}
	return v.object(key), nil
}

// Delete implements [blob.Store].
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := writable(ctx, key, blob.Cond{}); err != nil {
		return blob.Fail("delete", key, s.URL(), err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.objects, key)
	return nil
}

func (s *Store) get(ctx context.Context, key string) (version, error) {
	if err := ctx.Err(); err != nil {
		return version{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	v, ok := s.objects[key]
	if !ok {
		return version{}, blob.ErrNotFound
	}
	return v, nil
}

func (v version) object(key string) blob.Object {
	return blob.Object{Key: key, Size: int64(len(v.body)), ETag: v.etag, Modified: v.at}
}

func writable(ctx context.Context, key string, c blob.Cond) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := blob.ValidKey(key); err != nil {
		return err
	}
	return c.Check()
}
