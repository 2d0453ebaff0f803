package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// chooser tells a package which of its mutants runs.
const chooser = `package %s

import (
	"os"
	"strconv"
)

var chosenMutant = func() int {
	n, _ := strconv.Atoi(os.Getenv("MUTANT"))
	return n
}()
`

var brokenMutant = regexp.MustCompile(`mutant_(\d+)\.go:`)

// build builds the test programs of every suite with all mutants in them, and
// returns the mutants that compile. Those that do not are found by the file name
// that a line directive gives them, and left out.
func build(mutants []*mutant, work string) ([]*mutant, error) {
	sortMutants(mutants)
	for round := 0; ; round++ {
		for i, m := range mutants {
			m.number = i + 1
		}
		overlay, err := writeOverlay(mutants, work)
		if err != nil {
			return nil, err
		}
		out, err := exec.Command("go", "build", "-gcflags=-e", "-overlay", overlay, "./pricing/...").CombinedOutput()
		if err == nil {
			return mutants, buildSuites(overlay, work)
		}
		broken := map[int]bool{}
		for _, found := range brokenMutant.FindAllStringSubmatch(string(out), -1) {
			n, _ := strconv.Atoi(found[1])
			broken[n] = true
		}
		if len(broken) == 0 || round > 20 {
			return nil, fmt.Errorf("build mutants: %w\n%.2000s", err, out)
		}
		var kept []*mutant
		for _, m := range mutants {
			if !broken[m.number] {
				kept = append(kept, m)
			}
		}
		mutants = kept
	}
}

func buildSuites(overlay, work string) error {
	for _, of := range suites {
		for _, suite := range of {
			out, err := exec.Command("go", "test", "-c", "-vet=off", "-overlay", overlay, "-o", program(work, suite), "./"+suite).CombinedOutput()
			if err != nil {
				return fmt.Errorf("build tests of %s: %w\n%.2000s", suite, err, out)
			}
		}
	}
	return nil
}

func program(work, suite string) string {
	return filepath.Join(work, strings.ReplaceAll(suite, "/", "_")+".test")
}

// writeOverlay writes the files with their mutants beside the checkout.
func writeOverlay(mutants []*mutant, work string) (string, error) {
	root, err := os.Getwd()
	if err != nil {
		return "", err
	}
	byFile := map[string][]*mutant{}
	for _, m := range mutants {
		byFile[m.file] = append(byFile[m.file], m)
	}
	replace := map[string]string{}
	write := func(path string, content []byte) error {
		to := filepath.Join(work, strings.ReplaceAll(path, "/", "_"))
		replace[filepath.Join(root, path)] = to
		return os.WriteFile(to, content, 0o644)
	}
	var all []error
	for folder := range suites {
		all = append(all, write(folder+"/chosen_mutant.go", fmt.Appendf(nil, chooser, filepath.Base(folder))))
	}
	for file, of := range byFile {
		source, err := withMutants(file, of)
		all = append(all, err, write(file, source))
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	overlay := filepath.Join(work, "overlay.json")
	all = append(all, err, os.WriteFile(overlay, text, 0o644))
	return overlay, errors.Join(all...)
}

// withMutants returns a file in which each function that has mutants chooses
// among copies of itself: copy 0 is as it stands.
func withMutants(file string, mutants []*mutant) ([]byte, error) {
	whole := mutants[0].whole
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, file, whole, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	offset := func(p token.Pos) int { return set.Position(p).Offset }
	var out strings.Builder
	written := 0
	for _, d := range parsed.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		start, end := offset(fn.Pos()), offset(fn.End())
		var here []*mutant
		for _, m := range mutants {
			if start <= m.from && m.to <= end {
				here = append(here, m)
			}
		}
		if len(here) == 0 {
			continue
		}
		out.Write(whole[written:start])
		written = end
		out.WriteString(dispatcher(fn, here, whole, offset))
		nameAt := offset(fn.Name.End())
		copyOf := func(n int, source []byte, end int) {
			fmt.Fprintf(&out, "\n\n//line mutant_%d.go:1\n%s__%d%s", n, whole[start:nameAt], n, source[nameAt:end])
		}
		copyOf(0, whole, end)
		for _, m := range here {
			copyOf(m.number, m.source(), end+len(m.now)-len(m.was))
		}
	}
	out.Write(whole[written:])
	return []byte(out.String()), nil
}

// dispatcher is the function with a body that calls the chosen copy.
func dispatcher(fn *ast.FuncDecl, mutants []*mutant, whole []byte, offset func(token.Pos) int) string {
	text := func(n ast.Node) string { return string(whole[offset(n.Pos()):offset(n.End())]) }
	var params, args []string
	for _, field := range fn.Type.Params.List {
		kind := text(field.Type)
		for range max(len(field.Names), 1) {
			name := fmt.Sprintf("p%d", len(args))
			params = append(params, name+" "+kind)
			if strings.HasPrefix(kind, "...") {
				name += "..."
			}
			args = append(args, name)
		}
	}
	head, called := "func ", fn.Name.Name
	if fn.Recv != nil {
		head += "(r " + text(fn.Recv.List[0].Type) + ") "
		called = "r." + called
	}
	head += fn.Name.Name
	explicit := ""
	if fn.Type.TypeParams != nil {
		var names []string
		for _, field := range fn.Type.TypeParams.List {
			for _, name := range field.Names {
				names = append(names, name.Name)
			}
		}
		head, explicit = head+text(fn.Type.TypeParams), "["+strings.Join(names, ", ")+"]"
	}
	head += "(" + strings.Join(params, ", ") + ")"
	give, after := "", "; return"
	if fn.Type.Results != nil {
		head, give, after = head+" "+text(fn.Type.Results), "return ", ""
	}
	call := func(n int) string {
		return fmt.Sprintf("%s%s__%d%s(%s)%s", give, called, n, explicit, strings.Join(args, ", "), after)
	}
	var b strings.Builder
	b.WriteString(head + " {\n\tswitch chosenMutant {\n")
	for _, m := range mutants {
		fmt.Fprintf(&b, "\tcase %d:\n\t\t%s\n", m.number, call(m.number))
	}
	fmt.Fprintf(&b, "\t}\n\t%s\n}", call(0))
	return b.String()
}

// tryOne reports whether a test notices the mutant: fails, or hangs; and what it
// said.
func tryOne(m *mutant, work string, timeout time.Duration) (noticed bool, said string) {
	for _, suite := range suites[filepath.Dir(m.file)] {
		ctx, cancel := context.WithTimeout(context.Background(), timeout)
		// A mutant may append without end; the limit (4 GB) is far above what the
		// tests need.
		tests := exec.CommandContext(ctx, "bash", "-c", `ulimit -v 4000000; exec "$0" -test.failfast -test.short`, program(work, suite))
		tests.Dir = suite
		// Some cases of each property, always the same, and no search for a smaller
		// one when one fails.
		tests.Env = append(os.Environ(), "MUTANT="+strconv.Itoa(m.number), "GOMAXPROCS=1",
			"RAPID_SEED=1", "RAPID_CHECKS=40", "RAPID_SHRINKTIME=0s", "RAPID_NOFAILFILE=true", "DAYBOOK_CASES=4000", "DAYBOOK_SEED=1")
		out, err := tests.CombinedOutput()
		cancel()
		if err != nil {
			return true, fmt.Sprintf("%s: %v\n%.2000s", suite, err, out)
		}
	}
	return false, ""
}
