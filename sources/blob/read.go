package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// readAllTries bounds how often ReadAll starts again because the object was
// replaced between its stat and its read.
const readAllTries = 8

// Read returns all bytes of exactly the version o. Its errors are those of
// [Store.ReadAt].
func Read(ctx context.Context, s Store, o Object) ([]byte, error) {
	if o.Size < 0 {
		return nil, Fail("read", o.Key, s.URL(), fmt.Errorf("size %d is negative", o.Size))
	}
	body := make([]byte, o.Size)
	if err := s.ReadAt(ctx, o, body, 0); err != nil {
		return nil, err
	}
	return body, nil
}

// ReadAll returns all bytes of the version that stands under key, and that
// version: never a mixture of two. It returns [ErrTooLarge] for an object of
// more than limit bytes without reading it, [ErrNotFound] when there is none,
// and [ErrChanged] only when the object is replaced faster than it can be read.
func ReadAll(ctx context.Context, s Store, key string, limit int64) ([]byte, Object, error) {
	var last error
	for range readAllTries {
		o, err := s.Stat(ctx, key)
		if err != nil {
			return nil, Object{}, err
		}
		if o.Size > limit {
			err := fmt.Errorf("%w: it has %d bytes, at most %d are read", ErrTooLarge, o.Size, limit)
			return nil, Object{}, Fail("read", key, s.URL(), err)
		}
		body, err := Read(ctx, s, o)
		if !errors.Is(err, ErrChanged) {
			return body, o, err
		}
		last = err
	}
	return nil, Object{}, last
}

// ReaderAt returns an io.ReaderAt over exactly the version o, for decoders that
// take one. Every read uses ctx and has the errors of [Store.ReadAt]; reading
// past o.Size gives io.EOF.
func ReaderAt(ctx context.Context, s Store, o Object) io.ReaderAt {
	return readerAt{ctx: ctx, store: s, object: o}
}

// readerAt keeps the context because io.ReaderAt has no place for one.
type readerAt struct {
	ctx    context.Context
	store  Store
	object Object
}

// ReadAt implements io.ReaderAt.
func (r readerAt) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, Fail("read", r.object.Key, r.store.URL(), fmt.Errorf("offset %d is negative", off))
	}
	if off >= r.object.Size {
		return 0, io.EOF
	}
	n := int(min(int64(len(p)), r.object.Size-off))
	if err := r.store.ReadAt(r.ctx, r.object, p[:n], off); err != nil {
		return 0, err
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}
