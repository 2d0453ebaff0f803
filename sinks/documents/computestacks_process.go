package documents

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"daybook/pricing/money"
)

// ComputeStacksMonth is the usage items of one month, of any users.
type ComputeStacksMonth struct {
	Closed time.Time // when its closing was made; zero while it is open
	Items  []ComputeStacksItem
}

// ComputeStacksGroup is what one closing reports of a subscription's product: items
// that no closing before has taken up.
type ComputeStacksGroup struct {
	Items    []ComputeStacksItem // newest first
	Total    money.Amount
	Quantity money.Quantity
}

// cent is the smallest amount that is reported.
var cent = money.MustAmount("0.01")

// ComputeStacksProcess marks the items of the months, oldest first, as processed by
// the closings that take them up, and returns what each closing reports
// (ComputeStacks billing_usages, Monthly aggregation). An item that costs nothing
// is processed as soon as it is there. A closing reports groups of a cent or more;
// what it takes back it reports from a cent on as well. Once anything of a user is
// reported, all of that user's items are processed; a user with less than a cent in
// each group goes on gathering. Two items of one id are an error.
func ComputeStacksProcess(months []ComputeStacksMonth) ([][]ComputeStacksGroup, error) {
	ids := map[int64]bool{}
	reported := make([][]ComputeStacksGroup, len(months))
	pending := map[string][]*ComputeStacksItem{} // by user
	for n := range months {
		m := &months[n]
		for i := range m.Items {
			it := &m.Items[i]
			if ids[it.ID] {
				return nil, fmt.Errorf("usage items %d: two have that id", it.ID)
			}
			ids[it.ID] = true
			if it.Total.IsZero() {
				it.Processed = it.Created
				continue
			}
			pending[it.Of.User.ID] = append(pending[it.Of.User.ID], it)
		}
		if m.Closed.IsZero() {
			continue
		}
		for user, items := range pending {
			groups := grouped(items)
			bypassed := items[0].Of.User.Labels[labelBypass] == "true"
			if len(groups) == 0 && !bypassed {
				continue
			}
			for _, it := range items {
				it.Processed = m.Closed
			}
			if !bypassed {
				reported[n] = append(reported[n], groups...)
			}
			delete(pending, user)
		}
		slices.SortFunc(reported[n], compareGroups)
	}
	return reported, nil
}

// grouped puts one user's items together by subscription and product, and leaves
// out what does not come to a cent.
func grouped(items []*ComputeStacksItem) []ComputeStacksGroup {
	of := map[int64]*ComputeStacksGroup{}
	var order []int64
	for _, it := range items {
		id := it.Of.ID()
		if of[id] == nil {
			of[id], order = &ComputeStacksGroup{}, append(order, id)
		}
		g := of[id]
		g.Items, g.Total, g.Quantity = append(g.Items, *it), g.Total.Add(it.Total), g.Quantity.Add(it.Quantity)
	}
	var out []ComputeStacksGroup
	for _, id := range order {
		g := of[id]
		if g.Total.Cmp(cent) < 0 && g.Total.Neg().Cmp(cent) < 0 {
			continue
		}
		SortComputeStacks(g.Items)
		out = append(out, *g)
	}
	return out
}

// SortComputeStacks puts items in the order of the API: the newest first.
func SortComputeStacks(items []ComputeStacksItem) {
	slices.SortFunc(items, func(a, b ComputeStacksItem) int {
		return cmp.Or(b.Created.Compare(a.Created), cmp.Compare(b.ID, a.ID))
	})
}

func compareGroups(a, b ComputeStacksGroup) int {
	x, y := a.Items[0].Of, b.Items[0].Of
	return cmp.Or(cmp.Compare(x.User.ID, y.User.ID), cmp.Compare(x.Subscription.ID, y.Subscription.ID), cmp.Compare(x.Plan, y.Plan), cmp.Compare(x.Price, y.Price))
}
