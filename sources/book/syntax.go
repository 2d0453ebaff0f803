package book

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// The bounds of one file. Real books are some kilobytes, a few levels deep.
const (
	maxFileBytes    = 4 << 20
	maxDepth        = 32      // of nested values
	maxAliasedNodes = 100_000 // values read through `*aliases`
	maxAnchors      = 1000    // `&anchors`
	maxTokens       = 100_000 // words, numbers and signs of a document; the parser's time grows with their square
)

// source is one file: its name for messages, its lines for excerpts.
type source struct {
	name  string
	lines []string
}

// place is where a value stands; every node of the syntax tree embeds one. The
// zero place is that of a value that was not written.
type place struct {
	doc          *source
	line, column int
	path         string
	bad          bool // it was written, but not as what it should be; this is reported
	strange      bool // it has keys that are not known; this is reported
}

// written reports whether the book has this value.
func (p place) written() bool { return p.doc != nil }

// stand sets the place of a node that was read as a struct.
func (p *place) stand(at place) { *p = at }

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// readSyntax turns one file into its documents' trees. What it cannot read it
// reports; the rest it returns, so that one slip hides no other problem.
func readSyntax(f File, r *report) []*document {
	src := &source{name: f.Name}
	whole := place{doc: src}
	text, reason, remedy := cleanText(f.Content)
	if reason != "" {
		r.add(whole, reason, remedy)
		return nil
	}
	src.lines = strings.Split(text, "\n")
	var docs []*document
	for _, part := range splitDocuments(src.lines) {
		body, ok := parseDocument(src, part, r)
		if !ok || body == nil {
			continue
		}
		d := &decoder{src: src, firstLine: part.first, report: r, anchors: map[string]*ast.AnchorNode{}}
		if !d.collectAnchors(body) {
			continue
		}
		doc := new(document)
		d.value(doc, body, "")
		docs = append(docs, doc)
	}
	return docs
}

// cleanText checks what no YAML file may hold, takes off a byte order mark and
// makes line ends one way.
func cleanText(content []byte) (text, reason, remedy string) {
	switch {
	case len(content) > maxFileBytes:
		return "", "file has " + fmt.Sprint(len(content)) + " bytes, more than 4 MiB", "split the book into several files"
	case !utf8.Valid(content):
		return "", "file is not UTF-8 text", "save it as UTF-8"
	}
	text = strings.TrimPrefix(string(content), "\uFEFF")
	text = strings.ReplaceAll(text, "\r\n", "\n")
	for _, c := range text {
		if c < ' ' && c != '\n' && c != '\t' || c == 0x7F {
			return "", fmt.Sprintf("file has the control character %U", c), "remove it"
		}
	}
	return text, "", ""
}

// part is one YAML document of a file: its text and its first line, from 1.
type part struct {
	text  string
	first int
}

// splitDocuments cuts a file at its `---` and `...` lines. It is done here and
// not by the YAML parser, which drops a document that follows an empty one.
func splitDocuments(lines []string) []part {
	var parts []part
	begin := 0
	flush := func(end int) {
		if end > begin {
			parts = append(parts, part{strings.Join(lines[begin:end], "\n") + "\n", begin + 1})
		}
	}
	for i, line := range lines {
		rest, marker := strings.CutPrefix(line, "---")
		if !marker {
			rest, marker = strings.CutPrefix(line, "...")
		}
		if !marker || strings.TrimLeft(rest, " \t") == rest && rest != "" {
			continue
		}
		flush(i)
		begin = i + 1
		if body := strings.TrimSpace(rest); body != "" && !strings.HasPrefix(body, "#") {
			// Content beside the marker: leave it to the parser to judge.
			lines = append([]string(nil), lines...)
			lines[i], begin = "   "+rest, i
		}
	}
	flush(len(lines))
	return parts
}

// parseDocument parses one document; the body is nil for an empty one.
func parseDocument(src *source, p part, r *report) (body ast.Node, ok bool) {
	defer func() {
		// The parser is not ours: a bug of it must not take the process down.
		if v := recover(); v != nil {
			r.add(place{doc: src, line: p.first, column: 1}, "this YAML document cannot be read", "simplify it: plain keys, lists and values")
			body, ok = nil, false
		}
	}()
	tokens := lexer.Tokenize(p.text)
	if at, reason, remedy := refused(tokens); reason != "" {
		r.add(place{doc: src, line: at.Line + p.first - 1, column: at.Column}, reason, remedy)
		return nil, false
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		addSyntaxError(src, p, err, r)
		return nil, false
	}
	for _, d := range file.Docs {
		if d.Body == nil {
			continue
		}
		if body != nil {
			r.add(place{doc: src, line: p.first, column: 1}, "this YAML document cannot be read", "separate documents by a line `---`")
			return nil, false
		}
		body = d.Body
	}
	return body, true
}

// refused finds what books do not need and what could exhaust the parser: tags,
// directives, merge and complex keys, and nesting deeper than maxDepth.
func refused(tokens token.Tokens) (at *token.Position, reason, remedy string) {
	if len(tokens) > maxTokens {
		return tokens[maxTokens].Position, fmt.Sprintf("this version has more than %d words, numbers and signs", maxTokens),
			"a book is not a table of everything: give prices by kind, and each account its own in the registry's price_overrides"
	}
	var flow, dashes, anchors, line int
	var indents []int
	for _, t := range tokens {
		p := t.Position
		if p.Line != line {
			line, dashes = p.Line, 0
			for len(indents) > 0 && indents[len(indents)-1] >= p.Column {
				indents = indents[:len(indents)-1]
			}
			indents = append(indents, p.Column)
		}
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			flow++
		case token.SequenceEndType, token.MappingEndType:
			flow--
		case token.SequenceEntryType:
			dashes++
		case token.AnchorType:
			if anchors++; anchors > maxAnchors {
				return p, fmt.Sprintf("there are more than %d anchors", maxAnchors), "write the values out"
			}
		case token.MappingValueType:
			if flow > 0 && touching(t) {
				return p, "there is no space behind this colon, and YAML readers differ on what that means", "write `key: value`"
			}
		case token.MappingKeyType:
			return p, "complex keys (`? key`) are not read", "write `key: value`"
		case token.MergeKeyType:
			return p, "merge keys (`<<`) are not read", "write the keys out"
		case token.TagType:
			return p, "tags (`" + t.Value + "`) are not read", "leave the tag out; put text that looks like a number in quotes"
		case token.DirectiveType:
			return p, "directives (`%`) are not read", "leave the line out"
		}
		if flow+dashes+len(indents) > maxDepth {
			return p, fmt.Sprintf("values are nested more than %d levels deep", maxDepth), "a book needs no more than ten"
		}
	}
	return nil, "", ""
}

// touching reports a colon between a plain word and its value with no space.
func touching(colon *token.Token) bool {
	before, behind := colon.Prev, colon.Next
	if before == nil || behind == nil || before.Type == token.DoubleQuoteType || before.Type == token.SingleQuoteType {
		return false
	}
	end := behind.Type == token.MappingEndType || behind.Type == token.SequenceEndType || behind.Type == token.CollectEntryType
	return !end && behind.Position.Line == colon.Position.Line && behind.Position.Column == colon.Position.Column+1
}

// addSyntaxError reports what the YAML parser said, in its words.
func addSyntaxError(src *source, p part, err error, r *report) {
	at, reason := place{doc: src, line: p.first, column: 1}, err.Error()
	var located yaml.Error
	if errors.As(err, &located) {
		reason = located.GetMessage()
		if t := located.GetToken(); t != nil && t.Position != nil {
			at.line, at.column = t.Position.Line+p.first-1, t.Position.Column
		}
	}
	r.add(at, "not valid YAML: "+reason, "check the indentation, colons and brackets here")
}
