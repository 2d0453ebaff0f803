package book

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/sources/blob"
	"daybook/sources/blob/mem"
)

// problemsOf parses one text that must be refused, and in time.
func problemsOf(t *testing.T, what, text string) Errors {
	t.Helper()
	began := time.Now()
	b, err := parseText(text)
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("%s took %v", what, took)
	}
	var problems Errors
	if b != nil || !errors.As(err, &problems) {
		t.Errorf("%s: book %v, error %v", what, b != nil, err)
	}
	return problems
}

func wantProblem(t *testing.T, what, text, reason string) {
	t.Helper()
	for _, p := range problemsOf(t, what, text) {
		if strings.Contains(p.Reason, reason) {
			return
		}
	}
	t.Errorf("%s: no problem says %q", what, reason)
}

func TestParse_BoundsWhatAliasesUnfoldTo(t *testing.T) {
	var bomb strings.Builder
	bomb.WriteString(head + "meters:\n  a0: &a0 {aggregate: sum, by: [a, b, c, d, e, f, g, h, i, j]}\n")
	// Each level of prices holds ten of the level before: 10^6 cells.
	bomb.WriteString("plans:\n  p:\n    prices:\n      x:\n        meter: a0\n        matrix:\n          by: [a, b]\n          prices:\n")
	inner := make([]string, 400)
	for i := range inner {
		inner[i] = fmt.Sprintf("v%d: 1", i)
	}
	bomb.WriteString("            w0: &w {" + strings.Join(inner, ", ") + "}\n")
	for i := range 400 {
		fmt.Fprintf(&bomb, "            w%d: *w\n", i+1)
	}
	wantProblem(t, "a wide bomb", bomb.String(), "aliases unfold to more than")

	deep := head + "plans:\n  p:\n    prices:\n      x:\n        meter: m\n        matrix:\n          by: [a]\n          prices:\n            l0: &l0 {a: 1, b: 1}\n"
	for i := range 25 {
		deep += fmt.Sprintf("            l%d: &l%d {a: *l%d, b: *l%d}\n", i+1, i+1, i, i)
	}
	wantProblem(t, "a deep bomb", deep, "aliases unfold to more than")
}

func TestParse_BoundsNesting(t *testing.T) {
	for _, open := range []string{"[", "{a: ", "- ", "a:\n", "? ", "&a "} {
		text := strings.Repeat(open, 200_000)
		if open == "a:\n" {
			var b strings.Builder
			for i := range 2000 {
				b.WriteString(strings.Repeat(" ", i) + "a:\n")
			}
			text = b.String()
		}
		if len(problemsOf(t, "nested "+open, head+"plans: "+text)) == 0 {
			t.Errorf("nested %q is accepted", open)
		}
	}
}

func TestParse_RefusesWhatIsNoText(t *testing.T) {
	wantProblem(t, "a big file", head+strings.Repeat("#", maxFileBytes), "more than 4 MiB")
	wantProblem(t, "latin-1", head+"plans: {caf\xe9: {}}\n", "not UTF-8")
	wantProblem(t, "a control character", head+"plans: {a\x07: {}}\n", "control character U+0007")
	wantProblem(t, "a colon without space", head+"plans: {p:{prices: {x: {fixed: 1}}}}\n", "no space behind this colon")
	if _, err := parseText(head + "plans: {\"p\":{\"prices\":{\"x\":{\"fixed\":1}}}}\n"); err != nil {
		t.Errorf("JSON within YAML: %v", err)
	}
	wantProblem(t, "nothing", "", "no price book")
	wantProblem(t, "only comments", "# hello\n---\n", "no price book")
	wantProblem(t, "a list", "- a\n- b\n", "is a list where keys and values are wanted")
	wantProblem(t, "a word", "hello\n", "is a word where keys and values are wanted")
	if _, err := parseText("\uFEFF" + strings.ReplaceAll(head, "\n", "\r\n") + "plans: {p: {prices: {x: {fixed: 1}}}}\r\n"); err != nil {
		t.Errorf("byte order mark and CRLF: %v", err)
	}
}

func TestParse_KeepsNoMoreProblemsThanAnyoneReads(t *testing.T) {
	text := head + "plans:\n  p:\n    prices:\n"
	for i := range 2000 {
		text += fmt.Sprintf("      x%d: {fixed: no}\n", i)
	}
	problems := problemsOf(t, "many problems", text)
	if len(problems) != maxKept {
		t.Errorf("%d problems, want %d", len(problems), maxKept)
	}
	if s := problems.Error(); strings.Count(s, "is not a number") != maxShown || !strings.HasSuffix(s, "\nand 900 more") {
		t.Errorf("the message shows %d of them and ends in %q", strings.Count(s, "is not a number"), s[len(s)-20:])
	}
}

func TestParse_LongFilesAreReadInTime(t *testing.T) {
	text := head + "meters: {m: {aggregate: sum, by: [a]}}\nplans:\n  p:\n    prices:\n      x:\n        meter: m\n        matrix:\n          by: [a]\n          prices:\n"
	var b strings.Builder
	b.WriteString(text)
	for i := range 8_000 {
		fmt.Fprintf(&b, "            v%06d: 0.%06d\n", i, i)
	}
	began := time.Now()
	book, err := parseText(b.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes took %v", b.Len(), time.Since(began))
	if n := len(book.Versions[0].Plans[0].Prices[0].Model.(pricing.Matrix).Cells); n != 8_000 {
		t.Errorf("%d cells", n)
	}
	for i := range 30_000 {
		fmt.Fprintf(&b, "            w%06d: 0.%06d\n", i, i)
	}
	wantProblem(t, "a longer one", b.String(), "more than 100000 words")
}

func TestLoad_ReadsYAMLBelowAFolderOrOneFile(t *testing.T) {
	s := mem.New("books")
	for _, key := range []string{"book/b.yml", "book/a.yaml", "book/notes.txt", "book/sub/c.yaml", "book-old/d.yaml", "one.yaml"} {
		if _, err := s.Put(t.Context(), key, []byte(key), blob.Cond{}); err != nil {
			t.Fatal(err)
		}
	}
	for prefix, want := range map[string]string{
		"book": "book/a.yaml book/b.yml book/sub/c.yaml", "book/": "book/a.yaml book/b.yml book/sub/c.yaml", "one.yaml": "one.yaml",
		"": "book-old/d.yaml book/a.yaml book/b.yml book/sub/c.yaml one.yaml",
	} {
		files, err := Load(t.Context(), s, prefix)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, f := range files {
			names = append(names, f.Name)
			if string(f.Content) != f.Name {
				t.Errorf("%s holds %q", f.Name, f.Content)
			}
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%q: %s, want %s", prefix, got, want)
		}
	}
	if _, err := Load(t.Context(), s, "nothing"); err == nil || !strings.Contains(err.Error(), `below "nothing/"`) {
		t.Errorf("an empty folder: %v", err)
	}
	if _, err := Load(t.Context(), s, "missing.yaml"); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("a missing file: %v", err)
	}
	for i := range maxFiles + 1 {
		if _, err := s.Put(t.Context(), fmt.Sprintf("many/%d.yaml", i), nil, blob.Cond{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Load(t.Context(), s, "many"); err == nil || !strings.Contains(err.Error(), "more than 64") {
		t.Errorf("many files: %v", err)
	}
	if _, err := s.Put(t.Context(), "big/b.yaml", make([]byte, maxFileBytes+1), blob.Cond{}); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(t.Context(), s, "big"); !errors.Is(err, blob.ErrTooLarge) {
		t.Errorf("a big file: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(head + "plans: {p: {prices: {x: {fixed: 1}}}}\n"))
	f.Add([]byte(head + "meters:\n  m: &m {aggregate: sum}\nplans:\n  p:\n    prices:\n      x: {meter: m, graduated: [{up_to: 1, unit: 2}, {unit: 3}]}\n---\n" + head))
	f.Add([]byte("a: |\n  b\n'c': \"d\\n\"\n? e\n: [*f, &g h]\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		b, err := Parse([]File{{Name: "f.yaml", Content: content}})
		var problems Errors
		if (b == nil) == (err == nil) || err != nil && !errors.As(err, &problems) {
			t.Fatalf("book %v, error %v", b, err)
		}
		for _, p := range problems {
			if p.Reason == "" || p.Line < 0 || p.Column < 0 {
				t.Fatalf("problem without a reason or place: %+v", p)
			}
		}
		if b != nil && (b.Name == "" || b.Currency.Code == "" || len(b.Versions) == 0) {
			t.Fatalf("an incomplete book was accepted: %+v", b)
		}
	})
}
