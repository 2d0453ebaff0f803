package book

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write golden files")

// Each file of testdata/errors says what is wrong with it in the .txt beside it:
// every problem, in order, as a person sees it.
func TestParse_SaysEveryProblemWithItsPlaceAndRemedy(t *testing.T) {
	names, err := filepath.Glob("testdata/errors/*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		b, err := Parse([]File{{Name: filepath.Base(name), Content: content}})
		var problems Errors
		if b != nil || !errors.As(err, &problems) {
			t.Errorf("%s: book %v, error %v", name, b, err)
			continue
		}
		golden := strings.TrimSuffix(name, ".yaml") + ".txt"
		if *update {
			if err := os.WriteFile(golden, []byte(err.Error()+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, readErr := os.ReadFile(golden)
		if readErr != nil {
			t.Fatal(readErr)
		}
		if got := err.Error() + "\n"; got != string(want) {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
		}
	}
}

// Each file of testdata/warnings is a book that can be billed and hardly says
// what is meant; the .txt beside it tells what is odd.
func TestCheck_WarnsOfWhatIsHardlyMeant(t *testing.T) {
	names, err := filepath.Glob("testdata/warnings/*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		b, warnings, err := Check([]File{{Name: filepath.Base(name), Content: content}})
		if b == nil || err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got strings.Builder
		for _, w := range warnings {
			got.WriteString(w.String() + "\n")
		}
		golden := strings.TrimSuffix(name, ".yaml") + ".txt"
		if *update {
			if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, readErr := os.ReadFile(golden)
		if readErr != nil {
			t.Fatal(readErr)
		}
		if got.String() != string(want) {
			t.Errorf("%s:\n%s\nwant\n%s", name, got.String(), want)
		}
	}
}

func TestCheck_ReadyBooksHaveNoWarnings(t *testing.T) {
	names, err := filepath.Glob("../../testdata/books/*.yaml")
	if err != nil || len(names) < 8 {
		t.Fatalf("found %d books, %v", len(names), err)
	}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		_, warnings, err := Check([]File{{Name: filepath.Base(name), Content: content}})
		if err != nil {
			t.Error(err)
		}
		for _, w := range warnings {
			t.Errorf("%s", w)
		}
	}
}
