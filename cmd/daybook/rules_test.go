package main

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

// module is the root of the checkout, seen from this package's folder.
const module = "../.."

// sourceFile is one parsed Go file of the module.
type sourceFile struct {
	path, pkg string // "sources/usage/engine.go", "sources/usage"
	test      bool
	ast       *ast.File
	fset      *token.FileSet
}

func (f sourceFile) imports() []string {
	var out []string
	for _, i := range f.ast.Imports {
		path, _ := strconv.Unquote(i.Path.Value)
		out = append(out, path)
	}
	return out
}

func moduleFiles(t *testing.T) []sourceFile {
	t.Helper()
	var out []sourceFile
	err := filepath.WalkDir(module, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(module, path)
		rel = filepath.ToSlash(rel)
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && rel != "." || slices.Contains([]string{"demo", "testdata", "bin", "node_modules"}, d.Name())) {
			return filepath.SkipDir
		}
		if d.IsDir() || filepath.Ext(path) != ".go" {
			return nil
		}
		fset := token.NewFileSet()
		parsed, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		out = append(out, sourceFile{rel, filepath.ToSlash(filepath.Dir(rel)), strings.HasSuffix(rel, "_test.go"), parsed, fset})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 50 {
		t.Fatalf("only %d Go files found: this test looks in the wrong place", len(out))
	}
	return out
}

func under(pkg string, rooms ...string) bool {
	return slices.ContainsFunc(rooms, func(r string) bool { return pkg == r || strings.HasPrefix(pkg, r+"/") })
}

// mayImport says whether the code of one room may import another, as
// docs/architecture.md draws it.
func mayImport(from, to string) bool {
	leaves := []string{"sources/blob", "sources/heap", "sources/parquet", "sources/spelling"}
	switch {
	case under(from, "cmd"):
		return true
	case under(from, "jobs"):
		return under(to, "jobs", "sources", "sinks", "pricing")
	case under(from, "pricing"):
		return under(to, "pricing")
	case under(from, leaves...):
		return room(from) == room(to)
	case from == "sinks/api" && to == "sinks/documents": // which writes what it answers
		return true
	case under(from, "sources", "sinks"):
		return room(from) == room(to) || under(to, "pricing") || under(to, leaves...)
	}
	return false
}

// room is the part of the house that a package belongs to: "sources/usage".
func room(pkg string) string {
	parts := strings.Split(pkg, "/")
	return strings.Join(parts[:min(2, len(parts))], "/")
}

func TestImports_FollowTheHousePlan(t *testing.T) {
	top := map[string]bool{}
	for _, f := range moduleFiles(t) {
		top[strings.Split(f.path, "/")[0]] = true
		for _, path := range f.imports() {
			to, ours := strings.CutPrefix(path, "daybook/")
			if ours && !f.test && !mayImport(f.pkg, to) {
				t.Errorf("%s imports %s: %s may not know %s", f.path, to, room(f.pkg), room(to))
			}
			if strings.HasPrefix(path, "github.com/apache/arrow") && room(f.pkg) != "sources/parquet" {
				t.Errorf("%s imports arrow: only sources/parquet does", f.path)
			}
			if strings.HasPrefix(path, "github.com/aws/") && room(f.pkg) != "sources/blob" && !under(f.pkg, "cmd") {
				t.Errorf("%s imports the AWS SDK: only sources/blob/s3 and cmd do", f.path)
			}
			if under(f.pkg, "pricing") && !f.test && f.pkg != "pricing/pricingtest" && !ours && strings.Contains(path, ".") && path != "github.com/shopspring/decimal" {
				t.Errorf("%s imports %s: pricing knows the standard library and shopspring/decimal only", f.path, path)
			}
		}
	}
	for folder := range top {
		if !slices.Contains([]string{"cmd", "jobs", "pricing", "sources", "sinks"}, folder) {
			t.Errorf("%s holds Go code: the top level is cmd, jobs, pricing, sources and sinks", folder)
		}
	}
}

func TestImports_TheRuleCatchesAWrongOne(t *testing.T) {
	for _, c := range []struct {
		from, to string
		want     bool
	}{
		{"pricing", "sources/blob", false},
		{"sources/usage", "sinks/tables", false},
		{"sinks/tables", "sources/book", false},
		{"sources/book", "sources/registry", false},
		{"sources/blob/s3", "sources/parquet", false},
		{"jobs", "cmd/daybook", false},
		{"jobs", "sinks/publish", true},
		{"sinks/publish", "sources/blob", true},
		{"sources/usage", "sources/parquet", true},
		{"sources/book", "sources/spelling", true},
		{"sources/spelling", "sources/book", false},
		{"cmd/daybook", "jobs", true},
	} {
		if got := mayImport(c.from, c.to); got != c.want {
			t.Errorf("mayImport(%s, %s) = %v, want %v", c.from, c.to, got, c.want)
		}
	}
}

// The wall clock and randomness would make output depend on when it was made:
// only cmd may have them.
func TestClock_OnlyInCmd(t *testing.T) {
	for _, f := range moduleFiles(t) {
		if f.test || under(f.pkg, "cmd") || strings.HasSuffix(f.pkg, "test") {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, ok := sel.X.(*ast.Ident)
			if ok && pkg.Name == "time" && slices.Contains([]string{"Now", "Since", "Until"}, sel.Sel.Name) {
				t.Errorf("%s uses time.%s: the clock comes in as a value", f.fset.Position(n.Pos()), sel.Sel.Name)
			}
			return true
		})
		for _, path := range f.imports() {
			if path == "math/rand" || path == "math/rand/v2" || path == "os/exec" {
				t.Errorf("%s imports %s", f.path, path)
			}
		}
	}
}

// Money and quantities are decimals from the file that they are read from to the
// document that they are written to; pricing/rules_test.go says the same of
// pricing. Usage may hold doubles, which number.go alone turns into decimals.
func TestFloats_CarryNoMoney(t *testing.T) {
	floats := []string{"float32", "float64", "ParseFloat", "FormatFloat", "NewFromFloat", "InexactFloat64"}
	allowed := []string{"sources/usage/number.go", "cmd/daybook/progress.go"}
	for _, f := range moduleFiles(t) {
		if f.test || under(f.pkg, "sources/parquet") || strings.HasSuffix(f.pkg, "test") || slices.Contains(allowed, f.path) {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && slices.Contains(floats, id.Name) {
				t.Errorf("%s: %s where money passes; read and write decimals", f.fset.Position(n.Pos()), id.Name)
			}
			return true
		})
	}
}

// Nothing happens before main does, and input never ends the process.
func TestCode_HasNoInitAndPanicsOnlyInTestSupport(t *testing.T) {
	for _, f := range moduleFiles(t) {
		if f.test || strings.HasSuffix(f.pkg, "test") || f.path == "pricing/money/money.go" { // MustAmount, for tests
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Recv == nil && n.Name.Name == "init" {
					t.Errorf("%s: init", f.fset.Position(n.Pos()))
				}
			case *ast.CallExpr:
				if id, ok := n.Fun.(*ast.Ident); ok && id.Name == "panic" {
					t.Errorf("%s: panic; return an error with the remedy", f.fset.Position(n.Pos()))
				}
			}
			return true
		})
	}
}

func TestExports_AreDocumented(t *testing.T) {
	for _, f := range moduleFiles(t) {
		if f.test || f.pkg == "cmd/daybook" {
			continue
		}
		for _, d := range f.ast.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) {
					t.Errorf("%s: %s has no doc comment", f.fset.Position(d.Pos()), d.Name.Name)
				}
			case *ast.GenDecl:
				for _, s := range d.Specs {
					if spec, ok := s.(*ast.TypeSpec); ok && spec.Name.IsExported() && d.Doc == nil && spec.Doc == nil {
						t.Errorf("%s: %s has no doc comment", f.fset.Position(spec.Pos()), spec.Name.Name)
					}
				}
			}
		}
	}
}

// exportedReceiver reports whether a function is a method of an exported type
// or no method at all.
func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	t := d.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	if index, ok := t.(*ast.IndexExpr); ok {
		t = index.X
	}
	id, ok := t.(*ast.Ident)
	return ok && id.IsExported()
}
