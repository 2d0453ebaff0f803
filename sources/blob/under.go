package blob

import (
	"context"
	"iter"
	"strings"
)

// Under returns s seen through a key prefix: key "k" of the result is key
// "prefix/k" of s. Slashes around prefix do not matter, and an empty prefix
// gives s itself. A prefix that breaks [ValidKey] makes every put fail with
// [ErrBadKey].
func Under(s Store, prefix string) Store {
	prefix = strings.Trim(prefix, "/")
	if prefix == "" {
		return s
	}
	return under{store: s, prefix: prefix + "/"}
}

type under struct {
	store  Store
	prefix string // ends in "/"
}

var _ Store = under{}

// URL implements [Store].
func (u under) URL() string {
	return strings.TrimSuffix(u.store.URL(), "/") + "/" + strings.TrimSuffix(u.prefix, "/")
}

// Stat implements [Store].
func (u under) Stat(ctx context.Context, key string) (Object, error) {
	if key == "" {
		return Object{}, Fail("stat", key, u.URL(), ValidKey(key))
	}
	return u.inner(u.store.Stat(ctx, u.prefix+key))
}

// ReadAt implements [Store].
func (u under) ReadAt(ctx context.Context, o Object, p []byte, off int64) error {
	o.Key = u.prefix + o.Key
	return u.store.ReadAt(ctx, o, p, off)
}

// List implements [Store].
func (u under) List(ctx context.Context, prefix, after string) iter.Seq2[Object, error] {
	if after != "" {
		after = u.prefix + after
	}
	return func(yield func(Object, error) bool) {
		for o, err := range u.store.List(ctx, u.prefix+prefix, after) {
			if !yield(u.inner(o, err)) {
				return
			}
		}
	}
}

// Put implements [Store].
func (u under) Put(ctx context.Context, key string, body []byte, c Cond) (Object, error) {
	return u.inner(u.store.Put(ctx, u.prefix+key, body, c))
}

// Delete implements [Store].
func (u under) Delete(ctx context.Context, key string) error {
	return u.store.Delete(ctx, u.prefix+key)
}

// inner takes the prefix off the key of what the store answered.
func (u under) inner(o Object, err error) (Object, error) {
	o.Key = strings.TrimPrefix(o.Key, u.prefix)
	return o, err
}
