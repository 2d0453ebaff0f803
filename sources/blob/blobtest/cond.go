package blobtest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"daybook/sources/blob"
)

func ifAbsent(t *testing.T, s blob.Store) {
	first := mustPut(t, s, "a/key", []byte("first"), blob.Cond{IfAbsent: true})
	for _, body := range []string{"other", "first", ""} {
		_, err := s.Put(t.Context(), "a/key", []byte(body), blob.Cond{IfAbsent: true})
		wantErr(t, err, blob.ErrExists)
	}
	wantBody(t, s, "a/key", "first")
	if o, err := s.Stat(t.Context(), "a/key"); err != nil || version(o) != version(first) {
		t.Errorf("stat says %+v, error %v; want %+v", o, err, first)
	}
	mustDelete(t, s, "a/key")
	mustPut(t, s, "a/key", []byte("again"), blob.Cond{IfAbsent: true})
}

func ifMatch(t *testing.T, s blob.Store) {
	_, err := s.Put(t.Context(), "key", []byte("x"), blob.Cond{IfMatch: "0123"})
	wantErr(t, err, blob.ErrChanged) // nothing stands there
	first := mustPut(t, s, "key", []byte("one"), blob.Cond{})
	_, err = s.Put(t.Context(), "key", []byte("bad"), blob.Cond{IfMatch: first.ETag + "0"})
	wantErr(t, err, blob.ErrChanged)
	wantBody(t, s, "key", "one")
	second := mustPut(t, s, "key", []byte("two"), blob.Cond{IfMatch: first.ETag})
	_, err = s.Put(t.Context(), "key", []byte("bad"), blob.Cond{IfMatch: first.ETag})
	wantErr(t, err, blob.ErrChanged)
	wantBody(t, s, "key", "two")
	mustPut(t, s, "key", []byte("three"), blob.Cond{IfMatch: second.ETag})
	wantBody(t, s, "key", "three")
}

func bothConditions(t *testing.T, s blob.Store) {
	o := mustPut(t, s, "key", []byte("one"), blob.Cond{})
	_, err := s.Put(t.Context(), "key", []byte("two"), blob.Cond{IfAbsent: true, IfMatch: o.ETag})
	wantErr(t, err, blob.ErrBadCond)
	wantBody(t, s, "key", "one")
}

func invalidKeys(t *testing.T, s blob.Store) {
	for _, key := range []string{
		"", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/./b", "a/..",
		`a\b`, "a\x00b", "a\nb", "a\x7fb", "a\u0085b", "a\xffb",
		strings.Repeat("k/", 512) + "k", blob.TempPrefix, "a/" + blob.TempPrefix + "1/b",
	} {
		_, err := s.Put(t.Context(), key, []byte("x"), blob.Cond{})
		wantErr(t, err, blob.ErrBadKey)
		wantErr(t, s.Delete(t.Context(), key), blob.ErrBadKey)
		if _, err := s.Stat(t.Context(), key); err == nil {
			t.Errorf("stat finds an object under the invalid key %q", key)
		}
	}
	wantKeys(t, s, "", "")
}

// etags replaces an object faster than any clock ticks, with bodies of one size.
func etags(t *testing.T, s blob.Store) {
	seen := make(map[string]int)
	for n := range 300 {
		if n%7 == 3 {
			mustDelete(t, s, "key") // a new beginning must not repeat a version either
		}
		o := mustPut(t, s, "key", fmt.Appendf(nil, "version %03d", n), blob.Cond{})
		if before, again := seen[o.ETag]; again {
			t.Fatalf("versions %d and %d have the same etag %q", before, n, o.ETag)
		}
		seen[o.ETag] = n
	}
}

func cancelled(t *testing.T, s blob.Store) {
	o := mustPut(t, s, "stays", []byte("x"), blob.Cond{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []blob.Cond{{}, {IfAbsent: true}, {IfMatch: o.ETag}} {
		for _, key := range []string{"stays", "new"} {
			if _, err := s.Put(ctx, key, []byte("late"), c); err == nil {
				t.Errorf("put %q under %+v succeeded after its context ended", key, c)
			}
		}
	}
	wantErr(t, s.Delete(ctx, "stays"), context.Canceled)
	_, err := s.Put(ctx, "new", nil, blob.Cond{})
	wantErr(t, err, context.Canceled)
	_, err = s.Stat(ctx, "stays")
	wantErr(t, err, context.Canceled)
	wantErr(t, s.ReadAt(ctx, o, make([]byte, 1), 0), context.Canceled)
	for _, err := range s.List(ctx, "", "") {
		wantErr(t, err, context.Canceled)
	}
	wantKeys(t, s, "", "", "stays")
	wantBody(t, s, "stays", "x")
}

func revival(t *testing.T, s blob.Store) {
	o := mustPut(t, s, "key", []byte("x"), blob.Cond{})
	mustDelete(t, s, "key")
	_, err := s.Put(t.Context(), "key", []byte("y"), blob.Cond{IfMatch: o.ETag})
	wantErr(t, err, blob.ErrChanged)
	_, err = s.Stat(t.Context(), "key")
	wantErr(t, err, blob.ErrNotFound)
}
