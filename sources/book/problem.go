package book

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxShown bounds how many problems one message prints, maxKept how many are
// collected at all; nobody mends more at a time.
const (
	maxShown = 100
	maxKept  = 1000
)

// Problem is one thing that is wrong in a price book, and what to write instead.
type Problem struct {
	File    string `json:"file"`
	Line    int    `json:"line"` // from 1; 0 when the problem is of the whole file
	Column  int    `json:"column"`
	Field   string `json:"field"` // path of keys, "plans.standard.prices.storage.graduated"
	Reason  string `json:"reason"`
	Remedy  string `json:"remedy"`
	Excerpt string `json:"-"` // the offending line with a mark below it; may be empty
}

// String renders "file:line:column: field: reason; remedy" and the excerpt.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
	}
	if p.File != "" {
		b.WriteString(": ")
	}
	if p.Field != "" {
		b.WriteString(p.Field + ": ")
	}
	b.WriteString(p.Reason)
	if p.Remedy != "" {
		b.WriteString("; " + p.Remedy)
	}
	if p.Excerpt != "" {
		b.WriteString("\n" + p.Excerpt)
	}
	return b.String()
}

// Errors is every problem of a book, in order of file and line.
type Errors []Problem

// Error prints the problems one after the other, the first hundred of them.
func (e Errors) Error() string {
	var b strings.Builder
	if len(e) == 1 {
		b.WriteString("the price book has 1 problem:")
	} else {
		fmt.Fprintf(&b, "the price book has %d problems:", len(e))
	}
	for _, p := range e[:min(len(e), maxShown)] {
		b.WriteString("\n" + p.String())
	}
	if len(e) > maxShown {
		fmt.Fprintf(&b, "\nand %d more", len(e)-maxShown)
	}
	return b.String()
}

// report collects problems; places give them their position and excerpt.
type report struct {
	problems Errors
	warnings Errors
}

func (r *report) add(at place, reason, remedy string) {
	r.problems = appendProblem(r.problems, at, reason, remedy)
}

// warn notes what has a meaning that is hardly meant.
func (r *report) warn(at place, reason, remedy string) {
	r.warnings = appendProblem(r.warnings, at, reason, remedy)
}

func appendProblem(to Errors, at place, reason, remedy string) Errors {
	if len(to) >= maxKept {
		return to
	}
	p := Problem{Line: at.line, Column: at.column, Field: at.path, Reason: reason, Remedy: remedy}
	if at.doc != nil {
		p.File, p.Excerpt = at.doc.name, at.doc.excerpt(at.line, at.column)
	}
	if slices.Contains(to, p) {
		return to // a value that is looked at twice is reported once
	}
	return append(to, p)
}

// err returns the problems in order of the files as given and their lines, nil
// when there are none.
func (r *report) err(files []File) error {
	if len(r.problems) == 0 {
		return nil
	}
	inOrder(r.problems, files)
	return r.problems
}

// inOrder sorts problems by the files as given and their lines.
func inOrder(problems Errors, files []File) {
	order := make(map[string]int, len(files))
	for i, f := range files {
		order[f.Name] = i
	}
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(order[a.File], order[b.File]),
			cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

// excerptWidth bounds how much of a long line an excerpt shows, in characters.
const excerptWidth = 100

// excerpt shows the line with a mark below the column.
func (s *source) excerpt(line, column int) string {
	if line < 1 || line > len(s.lines) || column < 1 {
		return ""
	}
	runes := []rune(strings.ReplaceAll(s.lines[line-1], "\t", " "))
	from := 0
	if column > excerptWidth-20 {
		from = min(column-excerptWidth/2, len(runes))
	}
	shown := string(runes[from:min(len(runes), from+excerptWidth)])
	number := fmt.Sprintf("%5d | ", line)
	indent := strings.Repeat(" ", utf8.RuneCountInString(number)-2)
	return number + shown + "\n" + indent + "| " + strings.Repeat(" ", max(column-1-from, 0)) + "^"
}
