package rigs

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"daybook/sources/blob"
)

// copyState makes a new output from another one. The objects are linked, not
// copied: no store changes a file in place, and a link keeps what versions are told
// by. What the file store hides (its lock) stays behind.
func copyState(t testing.TB, root, from, to string) {
	t.Helper()
	source := filepath.Join(root, from)
	err := filepath.WalkDir(source, func(path string, d fs.DirEntry, err error) error {
		if os.IsNotExist(err) && path == source {
			return nil // the output of nothing
		}
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(source, path)
		if err != nil {
			return err
		}
		target := filepath.Join(root, to, rel)
		switch {
		case d.Name() == blob.TempPrefix:
			return fs.SkipDir
		case d.IsDir():
			return os.MkdirAll(target, 0o755)
		}
		return os.Link(path, target)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// contents remembers the digests of files that did not change: most of a state is
// linked from the one before it.
var contents sync.Map // fileVersion -> digest

type fileVersion struct {
	inode   uint64
	size    int64
	changed time.Time
}

// digestFile returns the SHA-256 of a file's bytes in hex.
func digestFile(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	version := fileVersion{size: info.Size(), changed: info.ModTime()}
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		version.inode = st.Ino
	}
	if sum, ok := contents.Load(version); ok {
		return sum.(string), nil
	}
	body, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	sum := fmt.Sprintf("%x", sha256.Sum256(body))
	contents.Store(version, sum)
	return sum, nil
}

// readState returns the digests of an output's objects by key, and in order those
// of the temporary files that a dead writer left. Probes are left out: they have
// random names and mean nothing.
func readState(t testing.TB, root, out string) (objects map[string]string, left []string) {
	t.Helper()
	base := filepath.Join(root, out)
	objects = map[string]string{}
	err := filepath.WalkDir(base, func(path string, d fs.DirEntry, err error) error {
		if os.IsNotExist(err) && path == base {
			return nil
		}
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(base, path)
		if err != nil {
			return err
		}
		sum, err := digestFile(path)
		key := filepath.ToSlash(rel)
		switch {
		case strings.HasPrefix(key, blob.TempPrefix+"/"):
			left = append(left, sum)
		case !strings.HasPrefix(key, "probe/"):
			objects[key] = sum
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(left)
	return objects, left
}

// digestState names a state: what a later run does is a function of it.
func digestState(objects map[string]string, left []string) string {
	h := sha256.New()
	for _, key := range slices.Sorted(maps.Keys(objects)) {
		fmt.Fprintln(h, key, objects[key])
	}
	fmt.Fprintln(h, left)
	return fmt.Sprintf("%x", h.Sum(nil))
}

// differences says in what an output differs from the undisturbed one. Every key
// must be there, so that there is one plan and one manifest a revision, and every
// body be the same; but states of delivery hold the time of their attempts.
func differences(got, want map[string]string) []string {
	var out []string
	for _, key := range slices.Sorted(maps.Keys(want)) {
		body, ok := got[key]
		timed := strings.HasPrefix(key, "outbox/") || strings.HasPrefix(key, "endpoints/")
		switch {
		case !ok && strings.Contains(key, "/uptodate/"):
		case !ok:
			out = append(out, key+" is missing")
		case body != want[key] && !timed:
			out = append(out, key+" differs")
		}
	}
	for _, key := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[key]; !ok {
			out = append(out, key+" is extra")
		}
	}
	return out
}
