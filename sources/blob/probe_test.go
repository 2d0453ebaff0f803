package blob_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"daybook/sources/blob"
	"daybook/sources/blob/mem"
)

// careless is a store that breaks one promise.
type careless struct {
	blob.Store
	put  func(inner blob.Store, key string, body []byte, c blob.Cond) (blob.Object, error)
	read func(inner blob.Store, o blob.Object, p []byte) error
}

func (s careless) Put(ctx context.Context, key string, body []byte, c blob.Cond) (blob.Object, error) {
	if s.put == nil {
		return s.Store.Put(ctx, key, body, c)
	}
	return s.put(s.Store, key, body, c)
}

func (s careless) ReadAt(ctx context.Context, o blob.Object, p []byte, off int64) error {
	if s.read == nil {
		return s.Store.ReadAt(ctx, o, p, off)
	}
	return s.read(s.Store, o, p)
}

func TestProbe_NamesWhatACarelessStoreDoesWrong(t *testing.T) {
	ctx := t.Context()
	for _, test := range []struct {
		name, says string
		store      careless
	}{
		{"ignores all conditions", "accepted a second put-if-absent", careless{
			put: func(s blob.Store, key string, body []byte, _ blob.Cond) (blob.Object, error) {
				return s.Put(ctx, key, body, blob.Cond{})
			},
		}},
		{"ignores If-Match", "accepted a put that named a stale version", careless{
			put: func(s blob.Store, key string, body []byte, c blob.Cond) (blob.Object, error) {
				return s.Put(ctx, key, body, blob.Cond{IfAbsent: c.IfAbsent})
			},
		}},
		{"says exists but writes", "refused put-if-absent changed the object", careless{
			put: func(s blob.Store, key string, body []byte, c blob.Cond) (blob.Object, error) {
				o, err := s.Put(ctx, key, body, c)
				if errors.Is(err, blob.ErrExists) {
					s.Put(ctx, key, body, blob.Cond{})
				}
				return o, err
			},
		}},
		{"never matches", "refused a put that named the current version", careless{
			put: func(s blob.Store, key string, body []byte, c blob.Cond) (blob.Object, error) {
				if c.IfMatch != "" {
					return blob.Object{}, blob.ErrChanged
				}
				return s.Put(ctx, key, body, c)
			},
		}},
		{"creates under If-Match", "accepted a put that named a deleted version", careless{
			put: func(s blob.Store, key string, body []byte, c blob.Cond) (blob.Object, error) {
				if _, err := s.Stat(ctx, key); errors.Is(err, blob.ErrNotFound) {
					c = blob.Cond{}
				}
				return s.Put(ctx, key, body, c)
			},
		}},
		{"reads any version", "accepted a read that named a stale version", careless{
			read: func(s blob.Store, o blob.Object, p []byte) error {
				now, err := s.Stat(ctx, o.Key)
				if err != nil {
					return err
				}
				return s.ReadAt(ctx, now, p, 0)
			},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			inner := mem.New("careless")
			test.store.Store = inner
			err := blob.Probe(ctx, test.store, "probe/1")
			if !errors.Is(err, blob.ErrUnsafe) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v, want ErrUnsafe that says %q", err, test.says)
			}
			if _, err := inner.Stat(ctx, "probe/1"); !errors.Is(err, blob.ErrNotFound) {
				t.Errorf("the probe object stayed: %v", err)
			}
		})
	}
}

func TestProbe_PassesACarefulStoreAndCleansUp(t *testing.T) {
	s := mem.New("careful")
	if err := blob.Probe(t.Context(), s, "probe/1"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Stat(t.Context(), "probe/1"); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("the probe object stayed: %v", err)
	}
}

func TestProbe_AnUnreachableStoreIsNotCalledUnsafe(t *testing.T) {
	s := careless{Store: mem.New("down"), put: func(blob.Store, string, []byte, blob.Cond) (blob.Object, error) {
		return blob.Object{}, blob.ErrDenied
	}}
	err := blob.Probe(t.Context(), s, "probe/1")
	if !errors.Is(err, blob.ErrDenied) || errors.Is(err, blob.ErrUnsafe) {
		t.Errorf("got %v, want ErrDenied alone", err)
	}
}

func TestProbe_LeavesAnotherWritersObjectAlone(t *testing.T) {
	s := mem.New("taken")
	if _, err := s.Put(t.Context(), "probe/1", []byte("theirs"), blob.Cond{}); err != nil {
		t.Fatal(err)
	}
	if err := blob.Probe(t.Context(), s, "probe/1"); !errors.Is(err, blob.ErrExists) {
		t.Errorf("got %v, want ErrExists", err)
	}
	if body, _, err := blob.ReadAll(t.Context(), s, "probe/1", 10); string(body) != "theirs" {
		t.Errorf("object holds %q, %v", body, err)
	}
}
