//go:build crashrig

package crash

import (
	"context"
	"iter"

	"daybook/sources/blob"
)

// marked is a store with a mark around every call.
type marked struct{ inner blob.Store }

// URL implements [blob.Store].
func (m marked) URL() string { return m.inner.URL() }

// Stat implements [blob.Store].
func (m marked) Stat(ctx context.Context, key string) (o blob.Object, err error) {
	err = Around("store:stat", key, func() error {
		o, err = m.inner.Stat(ctx, key)
		return err
	})
	return o, err
}

// ReadAt implements [blob.Store].
func (m marked) ReadAt(ctx context.Context, o blob.Object, p []byte, off int64) error {
	return Around("store:read", o.Key, func() error { return m.inner.ReadAt(ctx, o, p, off) })
}

// List implements [blob.Store]. A list is one call, however many pages it takes;
// where its reader stops is its end.
func (m marked) List(ctx context.Context, prefix, after string) iter.Seq2[blob.Object, error] {
	return func(yield func(blob.Object, error) bool) {
		_ = Around("store:list", prefix, func() error {
			m.inner.List(ctx, prefix, after)(yield)
			return nil
		})
	}
}

// Put implements [blob.Store].
func (m marked) Put(ctx context.Context, key string, body []byte, c blob.Cond) (o blob.Object, err error) {
	err = Around("store:put", key, func() error {
		o, err = m.inner.Put(ctx, key, body, c)
		return err
	})
	return o, err
}

// Delete implements [blob.Store].
func (m marked) Delete(ctx context.Context, key string) error {
	return Around("store:delete", key, func() error { return m.inner.Delete(ctx, key) })
}
