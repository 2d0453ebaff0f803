package rigs

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var markName = regexp.MustCompile(`crash\.Around\("([a-z:-]+)"`)

// markNames are the names of the crash rig's marks in the program's source.
func markNames(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, room := range []string{"cmd", "jobs", "pricing", "sinks", "sources"} {
		err := filepath.WalkDir(filepath.Join(moduleRoot, room), func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			body, err := os.ReadFile(path)
			for _, m := range markName.FindAllSubmatch(body, -1) {
				names = append(names, string(m[1]))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return names
}

// The crash rig's marks are compiled in by a build tag alone: of a binary without it
// they are no part, neither as code nor as text. The one with it shows that this
// test would see them.
func TestCrash_TheShippedBinaryHasNoMarks(t *testing.T) {
	every(t, 1)
	names := markNames(t)
	if len(names) < 10 {
		t.Fatalf("only %d marks in the source: %q", len(names), names)
	}
	for _, c := range []struct {
		flags []string
		marks bool
	}{{nil, false}, {[]string{"-tags", "crashrig"}, true}} {
		binary := buildBinary(t, c.flags...)
		body, err := os.ReadFile(binary)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range append([]string{"DAYBOOK_CRASH"}, names...) {
			if found := bytes.Contains(body, []byte(text)); found != c.marks {
				t.Errorf("flags %q: the text %q is in the binary: %t", c.flags, text, found)
			}
		}
		symbols, err := exec.Command("go", "tool", "nm", binary).CombinedOutput()
		if err != nil {
			t.Fatalf("go tool nm: %v\n%s", err, symbols)
		}
		if found := bytes.Contains(symbols, []byte("daybook/sources/blob/crash.")); found != c.marks {
			t.Errorf("flags %q: the package's symbols are in the binary: %t", c.flags, found)
		}
	}
}
