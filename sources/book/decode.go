package book

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// decoder fills the syntax tree of one document. The tree's Go types are the
// format: their `json` tags name the keys, for reading and for the JSON Schema
// alike, so that the two cannot drift apart.
type decoder struct {
	src       *source
	firstLine int // of the document in its file
	report    *report
	anchors   map[string]*ast.AnchorNode
	open      []string // anchors being read, outermost first
	through   int      // aliases being read through
	aliased   int      // values read through aliases so far
	exhausted bool
}

// reader is a node of the tree that reads itself.
type reader interface {
	read(d *decoder, n ast.Node, at place)
}

// at returns the node's place in the file.
func (d *decoder) at(n ast.Node, path string) place {
	p := place{doc: d.src, line: d.firstLine, column: 1, path: path}
	if m, ok := n.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		n = m.Values[0].Key // a block mapping begins at its first key, not at the colon
	}
	if m, ok := n.(*ast.MappingValueNode); ok {
		n = m.Key
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		p.line, p.column = t.Position.Line+d.firstLine-1, t.Position.Column
	}
	return p
}

// value reads n into v, a pointer to a node of the tree.
func (d *decoder) value(v any, n ast.Node, path string) {
	resolved, leave, ok := d.resolve(n, path)
	if !ok {
		return
	}
	defer leave()
	at := d.at(resolved, path)
	if r, ok := v.(reader); ok {
		r.read(d, resolved, at)
		return
	}
	d.fields(reflect.ValueOf(v).Elem(), resolved, at)
}

// bad reports a value and returns its place marked as reported, so that what
// was written wrong is not also called missing.
func (d *decoder) bad(at place, reason, remedy string) place {
	d.report.add(at, reason, remedy)
	at.bad = true
	return at
}

// collectAnchors notes where each `&anchor` stands; each may be defined once.
func (d *decoder) collectAnchors(body ast.Node) bool {
	ok := true
	ast.Walk(visit(func(n ast.Node) {
		a, is := n.(*ast.AnchorNode)
		if !is {
			return
		}
		name := a.Name.GetToken().Value
		if _, twice := d.anchors[name]; twice {
			d.report.add(d.at(a, ""), "anchor `&"+name+"` is defined twice", "give each anchor its own name")
			ok = false
			return
		}
		d.anchors[name] = a
	}), body)
	return ok
}

type visit func(ast.Node)

func (v visit) Visit(n ast.Node) ast.Visitor { v(n); return v }

// resolve follows anchors and aliases to the value they stand for. What is read
// through aliases is bounded, so that a small file cannot unfold without end.
func (d *decoder) resolve(n ast.Node, path string) (value ast.Node, leave func(), ok bool) {
	open, through := len(d.open), d.through
	leave = func() { d.open, d.through = d.open[:open], through }
	for {
		if d.through > 0 {
			d.aliased++
		}
		if d.aliased > maxAliasedNodes {
			if !d.exhausted {
				d.exhausted = true
				d.report.add(d.at(n, path), fmt.Sprintf("aliases unfold to more than %d values", maxAliasedNodes), "write the values out where they are needed")
			}
			leave()
			return nil, nil, false
		}
		switch node := n.(type) {
		case nil:
			leave()
			return nil, nil, false
		case *ast.AnchorNode:
			d.open = append(d.open, node.Name.GetToken().Value)
			n = node.Value
		case *ast.AliasNode:
			name := node.Value.GetToken().Value
			anchor, known := d.anchors[name]
			if !known || slices.Contains(d.open, name) {
				reason := "alias `*" + name + "` has no anchor in this document"
				if known {
					reason = "alias `*" + name + "` stands within its own anchor"
				}
				d.report.add(d.at(node, path), reason, "write the value out")
				leave()
				return nil, nil, false
			}
			d.through++
			n = anchor
		default:
			return node, leave, true
		}
	}
}

// pair is one key and value of a mapping.
type pair struct {
	key   string
	at    place // of the key
	value ast.Node
}

// pairs returns a mapping's pairs in the order written; keys said twice are
// reported and their first value counts.
func (d *decoder) pairs(n ast.Node, at place) ([]pair, bool) {
	var values []*ast.MappingValueNode
	switch m := n.(type) {
	case *ast.MappingNode:
		values = m.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{m}
	case *ast.NullNode:
		d.report.add(at, "has no value", "write its keys below it, or leave the key out")
		return nil, false
	default:
		d.report.add(at, "is "+describe(n)+" where keys and values are wanted", "write `key: value` lines below it")
		return nil, false
	}
	pairs := make([]pair, 0, len(values))
	first := make(map[string]place, len(values))
	for _, v := range values {
		key := d.at(v.Key, at.path)
		name, ok := keyText(v.Key)
		if !ok {
			d.report.add(key, "this key is "+describe(v.Key), "write a plain word, or put it in quotes")
			continue
		}
		key.path = join(at.path, name)
		if before, twice := first[name]; twice {
			d.report.add(key, fmt.Sprintf("this key is said twice, first on line %d", before.line), "keep one of the two")
			continue
		}
		first[name] = key
		pairs = append(pairs, pair{name, key, v.Value})
	}
	return pairs, true
}

func keyText(n ast.Node) (string, bool) {
	switch k := n.(type) {
	case *ast.StringNode:
		return k.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return k.GetToken().Value, true
	default:
		return "", false
	}
}

// fields fills a struct of the tree from a mapping.
func (d *decoder) fields(v reflect.Value, n ast.Node, at place) {
	pairs, ok := d.pairs(n, at)
	if at.bad = !ok; at.bad {
		stand(v, at)
		return
	}
	index, names := keysOf(v.Type())
	for _, p := range pairs {
		i, known := index[p.key]
		if !known {
			at.strange = true
			d.unknown(v.Type().Name(), p, names)
			continue
		}
		d.value(v.Field(i).Addr().Interface(), p.value, p.at.path)
		d.choice(v.Type().Field(i), v.Field(i))
	}
	stand(v, at)
	for _, name := range names {
		f := v.Field(index[name])
		if required(v.Type().Field(index[name])) && !slices.ContainsFunc(pairs, func(p pair) bool { return p.key == name }) {
			d.report.add(at, "`"+name+"` is missing", "add `"+name+": "+example(name, f)+"`")
		}
	}
}

func stand(v reflect.Value, at place) {
	v.Addr().Interface().(interface{ stand(place) }).stand(at)
}

// choice checks a word against the `enum` of its field's jsonschema tag.
func (d *decoder) choice(f reflect.StructField, v reflect.Value) {
	word, ok := v.Interface().(text)
	if !ok || !word.written() || word.bad {
		return
	}
	var allowed []string
	for option := range strings.SplitSeq(f.Tag.Get("jsonschema"), ",") {
		if value, is := strings.CutPrefix(option, "enum="); is {
			allowed = append(allowed, value)
		}
	}
	if len(allowed) == 0 || slices.Contains(allowed, word.value) {
		return
	}
	if instead, known := notYet(f.Tag.Get("json"), word.value); known {
		d.report.add(word.place, quote(word.value)+" is not supported yet", instead)
	} else if near := didYouMean(word.value, allowed); near != "" {
		d.report.add(word.place, quote(word.value)+" is not one of "+strings.Join(allowed, ", "), near)
	} else {
		d.report.add(word.place, quote(word.value)+" is not known here", "write one of "+strings.Join(allowed, ", "))
	}
}

// unknown reports a key that the format does not have, or does not have yet.
func (d *decoder) unknown(parent string, p pair, names []string) {
	if instead, known := notYet(parent, p.key); known {
		d.report.add(p.at, "`"+p.key+"` is not supported yet", instead)
		return
	}
	remedy := cmp.Or(saidOtherwise()[parent][p.key], didYouMean(p.key, names))
	if p.key != "" && strings.Trim(p.key, "0123456789") == "" { // {unit: 0,40} is the keys unit and 40 to YAML
		remedy = "a comma separates keys here; write decimals with a point, for example 0." + p.key
	}
	if remedy == "" {
		remedy = "the keys here are " + strings.Join(names, ", ")
	}
	d.report.add(p.at, "`"+p.key+"` is not a key here", remedy)
}

// keysOf maps a struct's keys to its fields, and lists them in order.
func keysOf(t reflect.Type) (index map[string]int, names []string) {
	index = map[string]int{}
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if name != "" && name != "-" {
			index[name] = i
			names = append(names, name)
		}
	}
	return index, names
}

func required(f reflect.StructField) bool {
	_, options, _ := strings.Cut(f.Tag.Get("json"), ",")
	return !strings.Contains(options, "omit")
}

// example is what to write for a key that is missing.
func example(name string, f reflect.Value) string {
	switch {
	case name == "effective":
		return "2026-01-01"
	case name == "currency":
		return "CHF"
	case f.Type() == reflect.TypeFor[number]():
		return "<number>"
	default:
		return "…"
	}
}
