//go:build linux || darwin

package dir

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"daybook/sources/blob"
)

func TestPut_FullDiskSaysSoAndLeavesNothing(t *testing.T) {
	for _, room := range []int{0, 1, 9} {
		root := t.TempDir()
		s, err := New(root, Options{})
		if err != nil {
			t.Fatal(err)
		}
		old, err := s.Put(t.Context(), "key", []byte("old"), blob.Cond{})
		if err != nil {
			t.Fatal(err)
		}
		s.write = func(f *os.File, body []byte) error {
			f.Write(body[:room])
			return &os.PathError{Op: "write", Path: f.Name(), Err: syscall.ENOSPC}
		}
		for _, key := range []string{"key", "new"} {
			_, err := s.Put(t.Context(), key, []byte("new bytes!"), blob.Cond{})
			if !errors.Is(err, blob.ErrFull) || !strings.Contains(err.Error(), "free space") {
				t.Errorf("put %q: got %v, want ErrFull and what to do", key, err)
			}
		}
		if now, err := s.Stat(t.Context(), "key"); err != nil || now != old {
			t.Errorf("after a failed put the object is %+v, %v; want %+v", now, err, old)
		}
		if _, err := s.Stat(t.Context(), "new"); !errors.Is(err, blob.ErrNotFound) {
			t.Errorf("after a failed put: %v, want ErrNotFound", err)
		}
		left, err := os.ReadDir(filepath.Join(root, blob.TempPrefix))
		if err != nil || len(left) != 1 || left[0].Name() != lockName {
			t.Errorf("a failed put left %v, %v", left, err)
		}
	}
}
