// Package blobtest is the conformance suite of [blob.Store]: what every
// implementation, real servers included, must do before anything is published
// through it.
package blobtest

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"daybook/sources/blob"
)

// Run runs the whole suite. Open returns an empty store for each part; several
// open at once must not see each other's objects.
func Run(t *testing.T, open func(t *testing.T) blob.Store) {
	for _, part := range []struct {
		name string
		test func(*testing.T, blob.Store)
	}{
		{"Put_BodyComesBackAtEverySize", sizes},
		{"Put_KeepsNoHoldOfTheBody", bodyIsCopied},
		{"Put_IfAbsentRefusesTheSecond", ifAbsent},
		{"Put_IfMatchRefusesAnyOtherVersion", ifMatch},
		{"Put_BothConditionsAreRefused", bothConditions},
		{"Put_InvalidKeysAreRefused", invalidKeys},
		{"Put_EveryVersionHasItsOwnETag", etags},
		{"Put_CancelledContextWritesNothing", cancelled},
		{"Stat_MissingIsNotFound", missing},
		{"ReadAt_RangesAndEnds", ranges},
		{"ReadAt_OldVersionIsChanged", pinned},
		{"Delete_AbsentIsSuccess", deletion},
		{"Delete_GoneVersionIsNotRevived", revival},
		{"List_IsInByteOrder", order},
		{"List_PrefixAndAfter", prefixAndAfter},
		{"List_AgreesWithStat", listMatchesStat},
		{"List_StopsAndStartsAgain", stopListing},
		{"List_ManyPages", pages},
		{"Under_SeesOnlyItsPrefix", underPrefix},
		{"Race_OnePutIfAbsentWins", raceAbsent},
		{"Race_OnePutIfMatchWins", raceMatch},
		{"Race_ReadersSeeWholeVersions", raceReaders},
		{"Race_UpdatesAreNeverLostNorDoneTwice", raceList},
		{"Probe_FindsTheStoreSafe", probe},
	} {
		t.Run(part.name, func(t *testing.T) { part.test(t, open(t)) })
	}
}

func sizes(t *testing.T, s blob.Store) {
	for _, size := range []int{0, 1, 64 << 10, 9 << 20} {
		key, want := fmt.Sprintf("sizes/%d", size), content(size)
		put := mustPut(t, s, key, want, blob.Cond{})
		if put.Key != key || put.Size != int64(size) || put.ETag == "" {
			t.Errorf("put of %d bytes returned %+v", size, put)
		}
		got, o, err := blob.ReadAll(t.Context(), s, key, int64(size))
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("read of %d bytes: got %d bytes, equal %t, error %v", size, len(got), bytes.Equal(got, want), err)
		}
		checkChecksum(t, o.Checksum, want)
		if version(o) != version(put) {
			t.Errorf("stat says %+v, put said %+v", o, put)
		}
	}
	_, _, err := blob.ReadAll(t.Context(), s, "sizes/65536", 65535)
	wantErr(t, err, blob.ErrTooLarge)
}

// version is what names a version of an object: all but its checksum and time.
func version(o blob.Object) blob.Object {
	o.Checksum, o.Modified = blob.Checksum{}, 0
	return o
}

// checkChecksum holds a store's checksum, if it gives one, to the bytes.
func checkChecksum(t *testing.T, c blob.Checksum, body []byte) {
	if c.IsZero() {
		return
	}
	h := c.Algorithm.New()
	if h == nil {
		t.Fatalf("checksum by %q, which nobody can check", c.Algorithm)
	}
	h.Write(body)
	if sum := hex.EncodeToString(h.Sum(nil)); sum != c.Sum {
		t.Errorf("%s of %d bytes is %s, the store says %s", c.Algorithm, len(body), sum, c.Sum)
	}
}

func bodyIsCopied(t *testing.T, s blob.Store) {
	body := []byte("before")
	mustPut(t, s, "key", body, blob.Cond{})
	copy(body, "after!")
	wantBody(t, s, "key", "before")
}

func missing(t *testing.T, s blob.Store) {
	mustPut(t, s, "there/is", []byte("x"), blob.Cond{})
	for _, key := range []string{"gone", "there", "there/i", "there/is/not", "there/is2", "a/b/c"} {
		_, err := s.Stat(t.Context(), key)
		wantErr(t, err, blob.ErrNotFound)
		var e *blob.Error
		if !errors.As(err, &e) || e.Op != "stat" || e.URL == "" {
			t.Errorf("stat of %q: error %v is not a blob.Error that says where", key, err)
		}
		err = s.ReadAt(t.Context(), blob.Object{Key: key, Size: 1, ETag: "1"}, make([]byte, 1), 0)
		wantErr(t, err, blob.ErrNotFound)
	}
}

func ranges(t *testing.T, s blob.Store) {
	body := content(10_000)
	o := mustPut(t, s, "ranges", body, blob.Cond{})
	for _, r := range []struct{ off, n int }{{0, 0}, {0, 1}, {9_999, 1}, {0, 10_000}, {1, 9_998}, {5_000, 3_000}} {
		p := make([]byte, r.n)
		if err := s.ReadAt(t.Context(), o, p, int64(r.off)); err != nil || !bytes.Equal(p, body[r.off:r.off+r.n]) {
			t.Errorf("read of %d bytes at %d: error %v, or wrong bytes", r.n, r.off, err)
		}
	}
	for _, r := range []struct{ off, n int }{{9_999, 2}, {10_000, 1}, {20_000, 5}, {0, 10_001}} {
		err := s.ReadAt(t.Context(), o, make([]byte, r.n), int64(r.off))
		wantErr(t, err, io.ErrUnexpectedEOF)
	}
	if err := s.ReadAt(t.Context(), o, make([]byte, 1), -1); err == nil {
		t.Error("a negative offset was read")
	}
	part, err := io.ReadAll(io.NewSectionReader(blob.ReaderAt(t.Context(), s, o), 100, 20_000))
	if err != nil || !bytes.Equal(part, body[100:]) {
		t.Errorf("section to the end: %d bytes, error %v", len(part), err)
	}
}

func pinned(t *testing.T, s blob.Store) {
	old := mustPut(t, s, "pinned", []byte("old version"), blob.Cond{})
	mustPut(t, s, "pinned", []byte("new version"), blob.Cond{})
	for _, n := range []int{0, 1, 11} {
		wantErr(t, s.ReadAt(t.Context(), old, make([]byte, n), 0), blob.ErrChanged)
	}
	mustDelete(t, s, "pinned")
	wantErr(t, s.ReadAt(t.Context(), old, make([]byte, 3), 0), blob.ErrNotFound)
	mustPut(t, s, "pinned", []byte("yet another"), blob.Cond{})
	wantErr(t, s.ReadAt(t.Context(), old, make([]byte, 3), 0), blob.ErrChanged)
}

func deletion(t *testing.T, s blob.Store) {
	mustDelete(t, s, "never/was")
	mustPut(t, s, "a/b", []byte("x"), blob.Cond{})
	mustPut(t, s, "a/c", []byte("y"), blob.Cond{})
	mustDelete(t, s, "a/b")
	_, err := s.Stat(t.Context(), "a/b")
	wantErr(t, err, blob.ErrNotFound)
	wantBody(t, s, "a/c", "y")
	mustDelete(t, s, "a/b")
}

func probe(t *testing.T, s blob.Store) {
	if err := blob.Probe(t.Context(), s, "probe/one"); err != nil {
		t.Fatal(err)
	}
	wantKeys(t, s, "", "")
}

// content returns size bytes without any repetition, the same every time.
func content(size int) []byte {
	body := make([]byte, size)
	rand.NewChaCha8([32]byte{byte(size), byte(size >> 8), byte(size >> 16)}).Read(body)
	return body
}

func mustPut(t *testing.T, s blob.Store, key string, body []byte, c blob.Cond) blob.Object {
	t.Helper()
	o, err := s.Put(t.Context(), key, body, c)
	if err != nil {
		t.Fatalf("put %q: %v", key, err)
	}
	return o
}

func mustDelete(t *testing.T, s blob.Store, key string) {
	t.Helper()
	if err := s.Delete(t.Context(), key); err != nil {
		t.Fatalf("delete %q: %v", key, err)
	}
}

func wantErr(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got error %v, want %v", err, want)
	}
}

func wantBody(t *testing.T, s blob.Store, key, want string) {
	t.Helper()
	got, _, err := blob.ReadAll(context.WithoutCancel(t.Context()), s, key, 1<<20)
	if err != nil || string(got) != want {
		t.Errorf("object %q holds %q, error %v; want %q", key, got, err, want)
	}
}
