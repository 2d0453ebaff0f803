package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
)

// mutant is one change of one file: what stands from one byte to another is
// replaced.
type mutant struct {
	file       string
	line       int
	from, to   int
	was, now   string
	whole      []byte
	enclosedBy string // the function
	number     int    // in the program; 0 is none
	noticed    bool
}

func (m *mutant) source() []byte {
	return []byte(string(m.whole[:m.from]) + m.now + string(m.whole[m.to:]))
}

// String names the change: "pricing/unit.go:7 (bill): a < b → a <= b".
func (m *mutant) String() string {
	return fmt.Sprintf("%s:%d (%s): %s → %s", m.file, m.line, m.enclosedBy, short(m.was), short(m.now))
}

func short(s string) string {
	if s = strings.Join(strings.Fields(s), " "); len(s) > 70 {
		return s[:67] + "..."
	}
	return s
}

// swaps are the operators with what each is mistaken for: the bound, the
// negation, the opposite.
var swaps = map[token.Token][]token.Token{
	token.LSS: {token.LEQ, token.GEQ}, token.LEQ: {token.LSS, token.GTR}, token.GTR: {token.GEQ, token.LEQ}, token.GEQ: {token.GTR, token.LSS},
	token.EQL: {token.NEQ}, token.NEQ: {token.EQL}, token.LAND: {token.LOR}, token.LOR: {token.LAND},
	token.ADD: {token.SUB}, token.SUB: {token.ADD}, token.MUL: {token.QUO}, token.QUO: {token.MUL}, token.REM: {token.MUL},
	token.SHL: {token.SHR}, token.SHR: {token.SHL}, token.AND: {token.OR}, token.OR: {token.AND}, token.XOR: {token.AND},
	token.ADD_ASSIGN: {token.SUB_ASSIGN}, token.SUB_ASSIGN: {token.ADD_ASSIGN}, token.INC: {token.DEC}, token.DEC: {token.INC},
}

// methods are those of exact numbers with what each is mistaken for. "" leaves
// the call out.
var methods = map[string]string{
	"Add": "Sub", "Sub": "Add", "add": "sub", "sub": "add", "Min": "Add", "Ceil": "Floor", "Floor": "Ceil", "Neg": "", "Abs": "",
	"Before": "After", "After": "Before",
}

type finder struct {
	file  string
	set   *token.FileSet
	whole []byte
	in    string
	found []*mutant
}

// mutantsOf lists every change of a file, in its order.
func mutantsOf(path string) ([]*mutant, error) {
	whole, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f := &finder{file: path, set: token.NewFileSet(), whole: whole}
	parsed, err := parser.ParseFile(f.set, path, whole, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	for _, d := range parsed.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil {
			f.in = fn.Name.Name
			ast.Inspect(fn.Body, f.visit)
		}
	}
	return f.found, nil
}

func sortMutants(mutants []*mutant) {
	slices.SortStableFunc(mutants, func(a, b *mutant) int {
		return cmp.Or(strings.Compare(a.file, b.file), cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to))
	})
}

func (f *finder) offset(p token.Pos) int { return f.set.Position(p).Offset }

func (f *finder) text(n ast.Node) string {
	return string(f.whole[f.offset(n.Pos()):f.offset(n.End())])
}

// change notes that a node is replaced; show is what people see of it.
func (f *finder) change(n ast.Node, now string) {
	f.found = append(f.found, &mutant{
		file: f.file, line: f.set.Position(n.Pos()).Line, from: f.offset(n.Pos()), to: f.offset(n.End()),
		was: f.text(n), now: now, whole: f.whole, enclosedBy: f.in,
	})
}

func (f *finder) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.BinaryExpr:
		for _, other := range swaps[n.Op] {
			f.change(n, f.text(n.X)+" "+other.String()+" "+f.text(n.Y))
		}
	case *ast.UnaryExpr:
		if n.Op == token.NOT {
			f.change(n, f.text(n.X))
		}
	case *ast.BasicLit:
		if v, err := strconv.ParseInt(strings.ReplaceAll(n.Value, "_", ""), 10, 64); n.Kind == token.INT && err == nil {
			f.change(n, strconv.FormatInt(v+1, 10))
		}
	case *ast.Ident:
		if n.Name == "true" || n.Name == "false" {
			f.change(n, strconv.FormatBool(n.Name == "false"))
		}
	case *ast.CallExpr:
		f.visitCall(n)
	case *ast.BlockStmt:
		f.visitStatements(n.List)
	case *ast.CaseClause:
		f.visitStatements(n.Body)
	case *ast.IfStmt:
		if _, binary := n.Cond.(*ast.BinaryExpr); !binary { // those are swapped
			f.change(n.Cond, "!("+f.text(n.Cond)+")")
		}
	case *ast.IncDecStmt:
		f.change(n, f.text(n.X)+swaps[n.Tok][0].String())
	case *ast.AssignStmt:
		for _, other := range swaps[n.Tok] {
			f.change(n, f.text(n.Lhs[0])+" "+other.String()+" "+f.text(n.Rhs[0]))
		}
	case *ast.ReturnStmt:
		if k := len(n.Results); k > 0 && isError(n.Results[k-1]) {
			f.change(n.Results[k-1], "nil")
		}
	}
	return true
}

func (f *finder) visitCall(n *ast.CallExpr) {
	method, ok := n.Fun.(*ast.SelectorExpr)
	if !ok {
		return
	}
	switch other, known := methods[method.Sel.Name]; {
	case !known:
	case other == "" && len(n.Args) == 0:
		f.change(n, f.text(method.X))
	case other != "":
		f.change(method.Sel, other)
	}
}

// visitStatements drops each statement that is not a declaration or a way out.
func (f *finder) visitStatements(list []ast.Stmt) {
	for _, s := range list {
		switch s := s.(type) {
		case *ast.ExprStmt, *ast.IncDecStmt:
			f.change(s, "")
		case *ast.AssignStmt:
			if s.Tok != token.DEFINE {
				f.change(s, "")
			}
		case *ast.BranchStmt:
			if s.Label == nil && s.Tok != token.FALLTHROUGH {
				f.change(s, "")
			}
		}
	}
}

// isError reports whether a returned value is a new or passed error.
func isError(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name == "err"
	case *ast.CallExpr:
		s, ok := e.Fun.(*ast.SelectorExpr)
		if !ok {
			return false
		}
		return s.Sel.Name == "Errorf" || s.Sel.Name == "New" && isNamed(s.X, "errors")
	case *ast.SelectorExpr:
		return strings.HasPrefix(e.Sel.Name, "Err")
	}
	return false
}

func isNamed(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == name
}
