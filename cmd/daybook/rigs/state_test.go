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

// fileVersion tells a file from any other that stood under its name; the zero one
// is a folder.
type fileVersion struct {
	inode   uint64
	size    int64
	changed time.Time
}

// outline is what an output holds, by path: the folders and files, but nothing of
// what is in them.
type outline map[string]fileVersion

// outlineOf looks at an output, which need not be there.
func outlineOf(t testing.TB, base string) outline {
	t.Helper()
	found := outline{}
	err := filepath.WalkDir(base, func(path string, d fs.DirEntry, err error) error {
		if path == base {
			if os.IsNotExist(err) {
				return nil
			}
			return err
		}
		if err != nil {
			return err
		}
		var version fileVersion
		if !d.IsDir() {
			info, err := d.Info()
			if err != nil {
				return err
			}
			version = fileVersion{size: info.Size(), changed: info.ModTime()}
			if st, ok := info.Sys().(*syscall.Stat_t); ok {
				version.inode = st.Ino
			}
		}
		found[path[len(base)+1:]] = version
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// hidden reports whether a path is one of those that the file store hides: its lock
// and its temporary files.
func hidden(path string) bool {
	return path == blob.TempPrefix || strings.HasPrefix(path, blob.TempPrefix+string(filepath.Separator))
}

// become makes the output at to, which holds now, the one at from, which holds want,
// by what differs. The objects are linked, not copied: no store changes a file in place, and
// a link keeps what versions are told by. What the file store hides stays behind.
func (now outline) become(t testing.TB, want outline, from, to string) {
	t.Helper()
	must := func(err error) {
		if err != nil {
			t.Helper()
			t.Fatal(err)
		}
	}
	stale := func(path string) bool {
		version, ok := want[path]
		return !ok || version != now[path] || hidden(path)
	}
	for _, path := range slices.Backward(slices.Sorted(maps.Keys(now))) {
		if stale(path) {
			must(os.Remove(filepath.Join(to, path)))
		}
	}
	for _, path := range slices.Sorted(maps.Keys(want)) {
		version := want[path]
		switch standing, ok := now[path]; {
		case hidden(path), ok && standing == version:
		case version == fileVersion{}:
			must(os.MkdirAll(filepath.Join(to, path), 0o755))
		default:
			must(os.Link(filepath.Join(from, path), filepath.Join(to, path)))
		}
	}
	if len(want) == 0 {
		must(os.RemoveAll(to))
	}
}

// copyState makes a new output from another one, which need not be there.
func copyState(t testing.TB, root, from, to string) {
	t.Helper()
	source := filepath.Join(root, from)
	outline{}.become(t, outlineOf(t, source), source, filepath.Join(root, to))
}

// contents remembers the digests of files that did not change: most of a state is
// linked from the one before it.
var contents sync.Map // fileVersion -> digest

// digestFile returns the SHA-256 of a file's bytes in hex.
func digestFile(path string, version fileVersion) (string, error) {
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
	return outlineOf(t, base).read(t, base)
}

// read is readState of what stands at base.
func (now outline) read(t testing.TB, base string) (objects map[string]string, left []string) {
	t.Helper()
	objects = make(map[string]string, len(now))
	for path, version := range now {
		if version == (fileVersion{}) {
			continue
		}
		sum, err := digestFile(filepath.Join(base, path), version)
		if err != nil {
			t.Fatal(err)
		}
		key := filepath.ToSlash(path)
		switch {
		case hidden(path):
			left = append(left, sum)
		case !strings.HasPrefix(key, "probe/"):
			objects[key] = sum
		}
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
