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

// cent is the smallest amount that is reported.
var cent = money.MustAmount("0.01")

// ComputeStacksProcess marks the items of the months, oldest first, as processed by
// the closings that take them up (ComputeStacks billing_usages, Monthly
// aggregation). An item that costs nothing is processed as soon as it is there. A
// closing reports groups of a cent or more; what it takes back it reports from a
// cent on as well. Once anything of a user is reported, all of that user's items are
// processed; a user with less than a cent in each group goes on gathering. Two items
// of one id are an error.
func ComputeStacksProcess(months []ComputeStacksMonth) error {
	ids := map[int64]bool{}
	pending := map[string][]*ComputeStacksItem{} // by user
	for n := range months {
		m := &months[n]
		for i := range m.Items {
			it := &m.Items[i]
			if ids[it.ID] {
				return fmt.Errorf("usage items %d: two have that id", it.ID)
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
			if !takenUp(items) {
				continue
			}
			for _, it := range items {
				it.Processed = m.Closed
			}
			delete(pending, user)
		}
	}
	return nil
}

// takenUp reports whether any group of a user's items is reported, or the user is
// bypassed.
func takenUp(items []*ComputeStacksItem) bool {
	if items[0].Of.User.Labels[labelBypass] == "true" {
		return true
	}
	totals := map[int64]money.Amount{}
	for _, it := range items {
		totals[it.Of.ID()] = totals[it.Of.ID()].Add(it.Total)
	}
	for _, total := range totals {
		if isReported(total) {
			return true
		}
	}
	return false
}

// SortComputeStacks puts items in the order of the API: the newest first.
func SortComputeStacks(items []ComputeStacksItem) {
	slices.SortFunc(items, func(a, b ComputeStacksItem) int {
		return cmp.Or(b.Created.Compare(a.Created), cmp.Compare(b.ID, a.ID))
	})
}
