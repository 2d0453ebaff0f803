package book

import (
	"fmt"
	"slices"

	"github.com/goccy/go-yaml/ast"
)

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
