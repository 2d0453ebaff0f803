package book

import (
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// text is a word or sentence.
type text struct {
	place
	value string
}

// number is a decimal as it was written. It is never turned into a float.
type number struct {
	place
	text string
}

// bound is a number, or `null` for a bound that is open.
type bound struct{ number }

// toggle is true or false.
type toggle struct {
	place
	value bool
}

// list is values in order.
type list[T any] struct {
	place
	items []T
}

// table is named values in the order written.
type table[T any] struct {
	place
	rows []row[T]
}

// row is one named value of a table; its place is the name's.
type row[T any] struct {
	place
	name  string
	value T
}

// words is one word, or a list of them: `on: all`, `on: [storage, traffic]`.
type words struct {
	place
	items []text
}

// anchor is a word or a day of the month: `calendar`, `subscription`, `15`.
type anchor struct {
	place
	value string
}

// levelSchedule is a list of levels by time, or the name of one that the registry
// has.
type levelSchedule struct {
	place
	name    text
	changes list[levelChange]
}

// measure is a number, or `all`.
type measure struct {
	number
	all bool
}

// bounds is a bound, or one for each meter: `100`, `{seats: 100, storage: 1000}`.
type bounds struct {
	place
	one  number
	rows []row[number]
}

// grid is a matrix's prices: a number, or named grids, as deep as the matrix has
// dimensions.
type grid struct {
	place
	price number
	rows  []row[grid]
}

func (v *text) read(d *decoder, n ast.Node, at place) {
	switch s := n.(type) {
	case *ast.StringNode:
		v.place, v.value = at, s.Value
	case *ast.LiteralNode:
		v.place, v.value = at, strings.TrimSpace(s.Value.Value)
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		word := s.GetToken().Value
		v.place = d.bad(at, "is "+describe(n)+" where a word is wanted", "put it in quotes: \""+word+"\"")
	default:
		v.place = d.bad(at, "is "+describe(n)+" where a word is wanted", "write one word or sentence")
	}
}

func (v *anchor) read(d *decoder, n ast.Node, at place) {
	if i, ok := n.(*ast.IntegerNode); ok {
		v.place, v.value = at, i.GetToken().Value
		return
	}
	var word text
	word.read(d, n, at)
	v.place, v.value = word.place, word.value
}

func (v *number) read(d *decoder, n ast.Node, at place) {
	var written string
	switch s := n.(type) {
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		written = s.GetToken().Value
	case *ast.StringNode:
		written = s.Value
	default:
		v.place = d.bad(at, "is "+describe(n)+" where a number is wanted", "write digits, for example 12.50")
		return
	}
	if reason, remedy := refuseNumber(written); reason != "" {
		v.place = d.bad(at, reason, remedy)
		return
	}
	v.place, v.text = at, written
}

func (v *bound) read(d *decoder, n ast.Node, at place) {
	if _, open := n.(*ast.NullNode); !open {
		v.number.read(d, n, at)
	}
}

func (v *toggle) read(d *decoder, n ast.Node, at place) {
	b, ok := n.(*ast.BoolNode)
	if !ok {
		v.place = d.bad(at, "is "+describe(n)+" where true or false is wanted", "write `true` or `false`")
		return
	}
	v.place, v.value = at, b.Value
}

func (v *list[T]) read(d *decoder, n ast.Node, at place) {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		v.place = d.bad(at, "is "+describe(n)+" where a list is wanted", "write `[…, …]`, or one `- …` a line")
		return
	}
	v.place = at
	v.items = make([]T, len(s.Values))
	for i, item := range s.Values {
		d.value(&v.items[i], item, join(at.path, ordinal(i)))
	}
}

func (v *table[T]) read(d *decoder, n ast.Node, at place) {
	pairs, ok := d.pairs(n, at)
	v.place = at
	v.bad = !ok
	v.rows = make([]row[T], len(pairs))
	for i, p := range pairs {
		v.rows[i].place, v.rows[i].name = p.at, p.key
		d.value(&v.rows[i].value, p.value, p.at.path)
	}
	warnOfLookAlikes(d.report, pairs)
}

func (v *words) read(d *decoder, n ast.Node, at place) {
	if _, ok := n.(*ast.SequenceNode); ok {
		var l list[text]
		l.read(d, n, at)
		v.place, v.items = l.place, l.items
		return
	}
	var one text
	one.read(d, n, at)
	v.place = one.place
	if !one.bad {
		v.items = []text{one}
	}
}

func (v *levelSchedule) read(d *decoder, n ast.Node, at place) {
	if _, word := n.(*ast.StringNode); word {
		v.name.read(d, n, at)
		v.place = v.name.place
		return
	}
	v.changes.read(d, n, at)
	v.place = v.changes.place
}

func (v *measure) read(d *decoder, n ast.Node, at place) {
	if s, word := n.(*ast.StringNode); word && s.Value == "all" {
		v.place, v.all = at, true
		return
	}
	v.number.read(d, n, at)
}

func (v *bounds) read(d *decoder, n ast.Node, at place) {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		var t table[number]
		t.read(d, n, at)
		v.place, v.rows = t.place, t.rows
	default:
		v.one.read(d, n, at)
		v.place = v.one.place
	}
}

func (v *grid) read(d *decoder, n ast.Node, at place) {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		var t table[grid]
		t.read(d, n, at)
		v.place, v.rows = t.place, t.rows
	default:
		v.price.read(d, n, at)
		v.place = v.price.place
	}
}

// describe names what a node is, for people.
func describe(n ast.Node) string {
	switch n.(type) {
	case *ast.NullNode:
		return "empty"
	case *ast.BoolNode:
		return "true or false"
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "a number"
	case *ast.StringNode, *ast.LiteralNode:
		return "a word"
	case *ast.SequenceNode:
		return "a list"
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a group of keys"
	default:
		return "something else"
	}
}
