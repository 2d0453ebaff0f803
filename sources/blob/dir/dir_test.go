//go:build linux || darwin

package dir_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"daybook/sources/blob"
	"daybook/sources/blob/dir"
)

func TestNew_MissingRootIsNoBucket(t *testing.T) {
	root := filepath.Join(t.TempDir(), "a", "b")
	if _, err := dir.New(root, dir.Options{}); !errors.Is(err, blob.ErrNoBucket) {
		t.Errorf("got %v, want ErrNoBucket", err)
	}
	s := open(t, root, dir.Options{Create: true})
	if want := "file://" + root; s.URL() != want {
		t.Errorf("URL is %s, want %s", s.URL(), want)
	}
}

func TestList_VanishedRootIsNotAnEmptyStore(t *testing.T) {
	root := filepath.Join(t.TempDir(), "volume")
	s := open(t, root, dir.Options{Create: true})
	if err := os.Remove(root); err != nil {
		t.Fatal(err)
	}
	var listErr error
	for _, listErr = range s.List(t.Context(), "", "") {
	}
	_, statErr := s.Stat(t.Context(), "a")
	_, putErr := s.Put(t.Context(), "a", nil, blob.Cond{})
	for _, err := range []error{listErr, statErr, putErr, s.Delete(t.Context(), "a")} {
		if !errors.Is(err, blob.ErrNoBucket) {
			t.Errorf("got %v, want ErrNoBucket", err)
		}
	}
}

func TestList_ShowsNothingOfOurOwnAndFollowsLinks(t *testing.T) {
	root, elsewhere := t.TempDir(), t.TempDir()
	s := open(t, root, dir.Options{})
	put(t, s, "b/own", "x", blob.Cond{})
	write(t, filepath.Join(root, blob.TempPrefix, "left-over"), "x")
	write(t, filepath.Join(elsewhere, "deep", "file"), "linked")
	for name, target := range map[string]string{
		"a-link":     elsewhere,
		"c-link":     filepath.Join(elsewhere, "deep", "file"),
		"d-dangling": filepath.Join(elsewhere, "none"),
	} {
		if err := os.Symlink(target, filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(root, "e-pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	want := []string{"a-link/deep/file", "b/own", "c-link"}
	if got := keys(t, s); !slices.Equal(got, want) {
		t.Errorf("list gave %q, want %q", got, want)
	}
	body, _, err := blob.ReadAll(t.Context(), s, "a-link/deep/file", 100)
	if string(body) != "linked" {
		t.Errorf("linked file holds %q, %v", body, err)
	}
	err = s.ReadAt(t.Context(), blob.Object{Key: "e-pipe", Size: 1}, make([]byte, 1), 0)
	if err == nil {
		t.Error("a pipe was read as an object")
	}
}

func TestList_ARingOfLinksEndsWithAnError(t *testing.T) {
	root := t.TempDir()
	s := open(t, root, dir.Options{})
	if err := os.Symlink(root, filepath.Join(root, "ring")); err != nil {
		t.Fatal(err)
	}
	var err error
	for _, err = range s.List(t.Context(), "", "") {
	}
	if err == nil {
		t.Error("listing a ring of links ended without an error")
	}
}

func TestReadAt_ForeignChangesAreNoticed(t *testing.T) {
	root := t.TempDir()
	s := open(t, root, dir.Options{})
	path := filepath.Join(root, "file")
	old := time.Date(2026, 10, 31, 12, 0, 0, 0, time.UTC)
	for name, change := range map[string]func(){
		"in place": func() { write(t, path, "other") },
		"renamed over, same size and time": func() {
			write(t, path+"2", "other")
			os.Chtimes(path+"2", old, old)
			os.Rename(path+"2", path)
		},
		"grown": func() {
			write(t, path, "firstmore")
			os.Chtimes(path, old, old)
		},
	} {
		write(t, path, "first")
		if err := os.Chtimes(path, old, old); err != nil {
			t.Fatal(err)
		}
		o, err := s.Stat(t.Context(), "file")
		if err != nil {
			t.Fatal(err)
		}
		change()
		if _, err := blob.Read(t.Context(), s, o); !errors.Is(err, blob.ErrChanged) {
			t.Errorf("%s: got %v, want ErrChanged", name, err)
		}
		if _, err := s.Put(t.Context(), "file", nil, blob.Cond{IfMatch: o.ETag}); !errors.Is(err, blob.ErrChanged) {
			t.Errorf("%s: put got %v, want ErrChanged", name, err)
		}
	}
}

func TestStat_LinksAndPermissionsAreNoNewVersion(t *testing.T) {
	root := t.TempDir()
	s := open(t, root, dir.Options{})
	o := put(t, s, "file", "x", blob.Cond{IfAbsent: true})
	path := filepath.Join(root, "file")
	if err := errors.Join(os.Chmod(path, 0o640), os.Link(path, path+".backup")); err != nil {
		t.Fatal(err)
	}
	if now, err := s.Stat(t.Context(), "file"); err != nil || now != o {
		t.Errorf("stat says %+v, %v; want %+v", now, err, o)
	}
}

func TestPut_ClockSetBackMakesNoOldETag(t *testing.T) {
	root := t.TempDir()
	s := open(t, root, dir.Options{})
	put(t, s, "key", "a", blob.Cond{})
	// As if another process had made the latest put before the clock was set back.
	s = open(t, root, dir.Options{})
	ahead := time.Date(2126, 1, 1, 0, 0, 0, 0, time.UTC)
	if err := os.Chtimes(filepath.Join(root, blob.TempPrefix, "lock"), ahead, ahead); err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for n := range 20 {
		put(t, s, "key", fmt.Sprint(n%10), blob.Cond{})
		info, err := os.Stat(filepath.Join(root, "key"))
		if err != nil {
			t.Fatal(err)
		}
		if !info.ModTime().After(ahead) {
			t.Errorf("put %d got time %v, want one after %v", n, info.ModTime(), ahead)
		}
		seen[info.ModTime().String()] = true
	}
	if len(seen) != 20 {
		t.Errorf("20 puts got %d different times", len(seen))
	}
}

// TestPut_StoresOfOneRootShareNoStamp lets stores write in turn, each out of the time
// that it has reserved.
func TestPut_StoresOfOneRootShareNoStamp(t *testing.T) {
	root := t.TempDir()
	stores := []*dir.Store{open(t, root, dir.Options{NoSync: true}), open(t, root, dir.Options{NoSync: true}), open(t, root, dir.Options{NoSync: true})}
	seen := map[int64]string{}
	for n := range 300 {
		key := fmt.Sprintf("key-%d", n)
		put(t, stores[n%3], key, "x", blob.Cond{IfAbsent: n%2 == 0})
		info, err := os.Stat(filepath.Join(root, key))
		if err != nil {
			t.Fatal(err)
		}
		at := info.ModTime().UnixNano()
		if other, taken := seen[at]; taken {
			t.Errorf("%s and %s have the same time", other, key)
		}
		seen[at] = key
	}
}

func TestPut_KeyThatIsAFolderIsRefused(t *testing.T) {
	s := open(t, t.TempDir(), dir.Options{})
	put(t, s, "a/b", "x", blob.Cond{})
	for _, c := range []blob.Cond{{}, {IfAbsent: true}} {
		for _, key := range []string{"a", "a/b/c", strings.Repeat("n", 300)} {
			if _, err := s.Put(t.Context(), key, nil, c); !errors.Is(err, blob.ErrBadKey) {
				t.Errorf("put %q under %+v: got %v, want ErrBadKey", key, c, err)
			}
		}
	}
	if got := keys(t, s); !slices.Equal(got, []string{"a/b"}) {
		t.Errorf("store holds %q", got)
	}
	wantNothingLeft(t, s)
}

func TestPut_RemovesWhatADeadWriterLeft(t *testing.T) {
	root := t.TempDir()
	left := filepath.Join(root, blob.TempPrefix, "1-0")
	write(t, left, "half a bo")
	s := open(t, root, dir.Options{})
	put(t, s, "key", "x", blob.Cond{})
	if _, err := os.Stat(left); !os.IsNotExist(err) {
		t.Errorf("the dead writer's file is still there: %v", err)
	}
}

func TestPut_LeavesALivingWritersFile(t *testing.T) {
	root := t.TempDir()
	path := filepath.Join(root, blob.TempPrefix, "1-0")
	write(t, path, "being writ")
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	put(t, open(t, root, dir.Options{}), "key", "x", blob.Cond{})
	if _, err := os.Stat(path); err != nil {
		t.Errorf("a living writer's file was removed: %v", err)
	}
}

func TestPut_WaitForALockEndsWithItsContext(t *testing.T) {
	root := t.TempDir()
	s := open(t, root, dir.Options{})
	o := put(t, s, "key", "x", blob.Cond{})
	lock, err := os.Open(filepath.Join(root, blob.TempPrefix, "lock"))
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	_, err = s.Put(ctx, "key", []byte("y"), blob.Cond{IfMatch: o.ETag})
	if err == nil || ctx.Err() == nil {
		t.Errorf("put behind a held lock gave %v", err)
	}
	wantNothingLeft(t, s)
}

func put(t *testing.T, s *dir.Store, key, body string, c blob.Cond) blob.Object {
	t.Helper()
	o, err := s.Put(t.Context(), key, []byte(body), c)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func keys(t *testing.T, s *dir.Store) []string {
	t.Helper()
	var got []string
	for o, err := range s.List(t.Context(), "", "") {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, o.Key)
	}
	return got
}

func write(t *testing.T, path, body string) {
	t.Helper()
	err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(body), 0o644))
	if err != nil {
		t.Fatal(err)
	}
}

// wantNothingLeft checks that the hidden folder holds nothing but the lock.
func wantNothingLeft(t *testing.T, s *dir.Store) {
	t.Helper()
	root := strings.TrimPrefix(s.URL(), "file://")
	entries, err := os.ReadDir(filepath.Join(root, blob.TempPrefix))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != "lock" {
			t.Errorf("a put left %s behind", e.Name())
		}
	}
}
