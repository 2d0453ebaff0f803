package pricing

import (
	"cmp"
	"slices"
	"strings"
)

// rowKey is what a row of one group has in common on two days.
type rowKey struct {
	order                 int
	scope                 Scope
	account, subscription string
	grouping              string
}

// rowSum is what one row shows: a group of an item, or the parts of a period that
// a plan's phases make, or a fee whose quantity changed, with the one it has now.
type rowSum struct {
	key   rowKey
	item  *item
	group itemGroup
}

// sums are the rows of a group of segments, each key once.
type sums struct {
	list []rowSum
	at   map[rowKey]int // once there are many
}

// few rows are found quicker by a look at each.
const few = 12

func rowSums(items []*item) sums {
	out := sums{list: make([]rowSum, 0, len(items))}
	for _, it := range items {
		for _, g := range it.groups() {
			out.add(it, rowKey{it.order, it.scope, it.account, it.subscription, g.grouping}, g)
		}
	}
	return out
}

func (s *sums) add(it *item, key rowKey, g itemGroup) {
	i, again := s.find(&key, len(s.list)-1)
	if !again {
		s.list = append(s.list, rowSum{key, it, g})
		s.index()
		return
	}
	sum := &s.list[i].group
	sum.subtotal, sum.total = sum.subtotal.Add(g.subtotal), sum.total.Add(g.total)
	sum.parts = slices.Concat(sum.parts, g.parts)
	if _, fee := it.price.Model.(Fixed); fee {
		sum.quantity = g.quantity
	} else {
		sum.quantity = sum.quantity.Add(g.quantity)
	}
}

// index notes where the last row is.
func (s *sums) index() {
	from := len(s.list) - 1
	switch {
	case len(s.list) <= few:
		return
	case s.at == nil:
		s.at, from = map[rowKey]int{}, 0
	}
	for i := from; i < len(s.list); i++ {
		s.at[s.list[i].key] = i
	}
}

// find returns the row of a key, which may be there already; likely is where to
// look first.
func (s *sums) find(key *rowKey, likely int) (i int, ok bool) {
	if likely >= 0 && likely < len(s.list) && s.list[likely].key == *key {
		return likely, true
	}
	if s.at != nil {
		i, ok = s.at[*key]
		return i, ok
	}
	for i := range s.list {
		if s.list[i].key == *key {
			return i, true
		}
	}
	return 0, false
}

// sortedRows puts the rows of several groups into their order.
func sortedRows(groups [][]CostRow) []CostRow {
	n := 0
	for _, rows := range groups {
		n += len(rows)
	}
	if n == 0 {
		return nil
	}
	order := make([]*CostRow, 0, n) // a row is wide
	for _, rows := range groups {
		for i := range rows {
			order = append(order, &rows[i])
		}
	}
	slices.SortStableFunc(order, compareRows)
	out := make([]CostRow, n)
	for i, row := range order {
		out[i] = *row
	}
	return out
}

// compareRows is a total order of a day's rows.
func compareRows(a, b *CostRow) int {
	if c := cmp.Or(strings.Compare(a.Account, b.Account), strings.Compare(a.Subscription, b.Subscription)); c != 0 {
		return c
	}
	if c := cmp.Or(strings.Compare(a.Plan, b.Plan), strings.Compare(a.Price, b.Price)); c != 0 {
		return c
	}
	return cmp.Or(
		a.PeriodStart.Compare(b.PeriodStart), strings.Compare(a.BookVersion, b.BookVersion),
		strings.Compare(string(a.Scope), string(b.Scope)), strings.Compare(a.Grouping, b.Grouping),
	)
}
