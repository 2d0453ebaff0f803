package pricing

import (
	"fmt"
	"slices"
	"strings"
)

// grouping keeps one T for each combination of values of some dimensions; for
// no dimensions, one.
type grouping[T any] struct {
	by     []string
	only   T // for no dimensions
	any    bool
	groups map[string]valued[T]
	seen   string // the dimensions of the last call, whose group is last
	last   *T
}

type valued[T any] struct {
	values []string // one for each dimension; "" where the event had none
	of     *T
}

// at returns the T of an event's dimensions, a canonical JSON object.
func (g *grouping[T]) at(dimensions string) (*T, error) {
	if len(g.by) == 0 {
		g.any = true
		return &g.only, nil
	}
	if g.last != nil && dimensions == g.seen {
		return g.last, nil
	}
	values := make([]string, len(g.by))
	pairs, err := parseDimensions(dimensions)
	if err != nil {
		return nil, err
	}
	for i, name := range g.by {
		values[i] = pairs[name]
	}
	key := groupKey(values)
	if g.groups == nil {
		g.groups = map[string]valued[T]{}
	}
	v, ok := g.groups[key]
	if !ok {
		v = valued[T]{values, new(T)}
		g.groups[key] = v
	}
	g.seen, g.last = dimensions, v.of
	return v.of, nil
}

// sorted returns the groups in order of their values.
func (g *grouping[T]) sorted() []valued[T] {
	if g.any {
		return []valued[T]{{of: &g.only}}
	}
	out := make([]valued[T], 0, len(g.groups))
	for _, v := range g.groups {
		out = append(out, v)
	}
	slices.SortFunc(out, func(a, b valued[T]) int { return slices.Compare(a.values, b.values) })
	return out
}

// groupKey joins values so that no two lists give one key.
func groupKey(values []string) string {
	var b strings.Builder
	for _, v := range values {
		fmt.Fprintf(&b, "%d:%s", len(v), v)
	}
	return b.String()
}

// groupText returns the canonical JSON object of dimension values, keys sorted:
// the grouping of cost rows and lines.
func groupText(by, values []string) string {
	order := make([]int, len(by))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return strings.Compare(by[i], by[j]) })
	var b strings.Builder
	b.WriteByte('{')
	for n, i := range order {
		if n > 0 {
			b.WriteByte(',')
		}
		quoteJSON(&b, by[i])
		b.WriteByte(':')
		quoteJSON(&b, values[i])
	}
	b.WriteByte('}')
	return b.String()
}
