package blob_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"daybook/sources/blob"
	"daybook/sources/blob/mem"
)

// busy replaces the object between every stat and the read after it.
type busy struct {
	blob.Store
	replacements int
}

func (s *busy) Stat(ctx context.Context, key string) (blob.Object, error) {
	o, err := s.Store.Stat(ctx, key)
	if s.replacements > 0 {
		s.replacements--
		s.Store.Put(ctx, key, []byte(strings.Repeat("x", s.replacements)), blob.Cond{})
	}
	return o, err
}

func TestReadAll_StartsAgainWhenTheObjectIsReplaced(t *testing.T) {
	s := &busy{Store: mem.New("busy"), replacements: 3}
	if _, err := s.Put(t.Context(), "key", []byte("start"), blob.Cond{}); err != nil {
		t.Fatal(err)
	}
	body, o, err := blob.ReadAll(t.Context(), s, "key", 100)
	if err != nil || len(body) != 0 || o.Size != 0 {
		t.Errorf("got %q, %+v, %v; want the last version, which is empty", body, o, err)
	}
	s.replacements = 1_000
	if _, _, err = blob.ReadAll(t.Context(), s, "key", 10_000); !errors.Is(err, blob.ErrChanged) {
		t.Errorf("got %v, want ErrChanged from an object that never rests", err)
	}
}

func TestError_SaysWhereAndWhatToDo(t *testing.T) {
	err := blob.Fail("put", "a/b", "s3://bucket", blob.ErrDenied)
	want := `put "a/b" in s3://bucket: access denied; check the credentials and that they may get, put, list and delete here`
	if err.Error() != want {
		t.Errorf("got  %s\nwant %s", err, want)
	}
	if again := blob.Fail("probe", "x", "y", err); again != err {
		t.Errorf("an error that says where was wrapped again: %v", again)
	}
	if blob.Fail("put", "a", "b", nil) != nil {
		t.Error("no error became one")
	}
}
