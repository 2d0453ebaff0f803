package pricing_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// These imports would bring a clock, chance, the outside world or binary
// floating point into the domain (CONTRIBUTING.md: Rules that are tests).
var bannedImports = []string{"context", "log", "log/slog", "math/cmplx", "math/rand", "math/rand/v2", "crypto/rand", "net/http", "os", "io/fs"}

// These names are floats, or ways to them, or the decimal library's divisions,
// which follow a global.
var bannedNames = []string{
	"float32", "float64", "complex64", "complex128", "Float", "NewFloat", "Float32", "Float64", "InexactFloat64", "NewFromFloat", "NewFromFloat32",
	"ParseFloat", "FormatFloat", "SetFloat64", "DivisionPrecision", "Div", "DivRound", "Pow",
}

// bannedSelector tells the clock, and all of package math but integer bounds.
func bannedSelector(pkg, name string) bool {
	switch pkg {
	case "time":
		return slices.Contains([]string{"Now", "Since", "Until", "After", "Tick", "NewTimer"}, name)
	case "math":
		return !strings.HasPrefix(name, "MaxInt") && !strings.HasPrefix(name, "MinInt") && !strings.HasPrefix(name, "MaxUint")
	}
	return false
}

func TestPricing_HoldsNoFloatClockOrWorld(t *testing.T) {
	files := 0
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		files++
		return checkSource(t, path)
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 20 {
		t.Errorf("walked %d files, want all of pricing", files)
	}
}

func checkSource(t *testing.T, path string) error {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	for _, spec := range file.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return err
		}
		if slices.Contains(bannedImports, name) {
			t.Errorf("%s: imports %s", set.Position(spec.Pos()), name)
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			if slices.Contains(bannedNames, n.Name) {
				t.Errorf("%s: %s in exact code", set.Position(n.Pos()), n.Name)
			}
		case *ast.SelectorExpr:
			if pkg, ok := n.X.(*ast.Ident); ok && bannedSelector(pkg.Name, n.Sel.Name) {
				t.Errorf("%s: %s.%s in pure code", set.Position(n.Pos()), pkg.Name, n.Sel.Name)
			}
		case *ast.BasicLit:
			if n.Kind == token.FLOAT || n.Kind == token.IMAG {
				t.Errorf("%s: float literal %s", set.Position(n.Pos()), n.Value)
			}
		}
		return true
	})
	return nil
}

// The package's documentation says which file holds which step of the order of
// an amount; every file that it names is there.
func TestPricing_ItsDocumentationNamesFilesThatExist(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "doc.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for line := range strings.Lines(file.Doc.Text()) {
		columns, indented := strings.CutPrefix(line, "\t")
		if !indented {
			continue
		}
		listed := columns[min(9, len(columns)):]
		if gap := strings.Index(strings.TrimSpace(listed), "  "); gap > 0 {
			listed = strings.TrimSpace(listed)[:gap]
		}
		for word := range strings.SplitSeq(strings.TrimSpace(listed), ",") {
			found, err := filepath.Glob(strings.TrimSpace(word) + ".go")
			if err != nil {
				t.Fatal(err)
			}
			if word != "" && len(found) == 0 {
				t.Errorf("doc.go names %q, and there is no such file", word)
			}
			named += len(found)
		}
	}
	if named < 50 {
		t.Errorf("doc.go names %d files, want those of every step", named)
	}
}
