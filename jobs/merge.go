package jobs

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"daybook/pricing"
)

// orphans are accounts with usage that are in no tree.
type orphans struct {
	accounts []string // sorted
	usage    pricing.RatedMeters
}

// rateTrees merges rollups that are each sorted by account, gathers the rows of
// each billing tree, and calls rate once for each tree as soon as its last
// account has passed, so that no more rows are in memory than those of the open
// trees. Calls run concurrently, at most workers at a time, so rate keeps results
// by the tree's index, and keeps no rows, whose memory is taken for the next tree.
// An error may come after any number of calls: nothing that they made holds then.
func rateTrees(ctx context.Context, trees []pricing.Tree, days *rollupRows, workers int, rate func(tree int, rows []pricing.UsageState) error) (orphans, error) {
	group, rating := errgroup.WithContext(ctx)
	group.SetLimit(max(workers, 1))
	m := merge{days: days.days, rows: make([][]pricing.UsageState, len(trees))}
	var closing []treeEnd
	m.treeOf, closing = treesByLastAccount(trees)
	for rating.Err() == nil {
		account, more := m.nextAccount()
		for len(closing) > 0 && (!more || closing[0].last < account) {
			i := closing[0].tree
			closing = closing[1:]
			gathered := m.rows[i]
			m.rows[i] = nil
			group.Go(func() error {
				err := rate(i, gathered)
				m.done.Put(&gathered)
				return err
			})
		}
		if !more {
			break
		}
		if err := m.gather(account); err != nil {
			group.Go(func() error { return err })
			break
		}
	}
	if err := group.Wait(); err != nil {
		return orphans{}, err
	}
	return m.orphans, ctx.Err()
}

// merge gathers the rows of trees.
type merge struct {
	days    []*rollupDay
	treeOf  map[string]int
	rows    [][]pricing.UsageState // of the open trees
	done    sync.Pool              // of *[]pricing.UsageState, to gather the next tree's rows in
	strays  []pricing.UsageState   // memory of an orphan's rows
	orphans orphans
}

// gather takes all rows of the account that comes next.
func (m *merge) gather(account string) error {
	tree, known := m.treeOf[account]
	rows := m.strays[:0]
	if known {
		if rows = m.rows[tree]; rows == nil {
			rows = m.room()
		}
	}
	for _, day := range m.days {
		var err error
		if rows, err = day.take(account, rows); err != nil {
			return err
		}
	}
	if known {
		m.rows[tree] = rows
		return nil
	}
	m.strays = rows
	m.orphans.accounts = append(m.orphans.accounts, account)
	m.orphans.usage = m.orphans.usage.Add(pricing.ParkedUsage(rows))
	return nil
}

// room returns memory for rows, that of a tree that is done if there is any.
func (m *merge) room() []pricing.UsageState {
	if kept, ok := m.done.Get().(*[]pricing.UsageState); ok {
		return (*kept)[:0]
	}
	return nil
}

// nextAccount returns the smallest account at hand.
func (m *merge) nextAccount() (account string, more bool) {
	for _, day := range m.days {
		if a, any := day.account(); any && (!more || a < account) {
			account, more = a, true
		}
	}
	return account, more
}

// treeEnd is where the merge has passed all accounts of a tree.
type treeEnd struct {
	last string
	tree int
}

// treesByLastAccount indexes the trees by their accounts, and lists them in the
// order in which a merge by account is done with them.
func treesByLastAccount(trees []pricing.Tree) (of map[string]int, ends []treeEnd) {
	of = map[string]int{}
	for i, tree := range trees {
		end := treeEnd{tree: i}
		for _, a := range tree.Accounts {
			of[a] = i
			end.last = max(end.last, a)
		}
		ends = append(ends, end)
	}
	slices.SortStableFunc(ends, func(a, b treeEnd) int { return strings.Compare(a.last, b.last) })
	return of, ends
}

// parkedByInputs reports the accounts that the registry itself keeps from being
// rated: by a problem with one of its rows, or by usage of accounts (orphans)
// that it no longer lists.
func parkedByInputs(problems []pricing.Problem, orphans []string, since pricing.Date) []pricing.Parked {
	var out []pricing.Parked
	listed := map[string]bool{}
	for _, p := range problems {
		listed[p.Account] = true
		out = append(out, pricing.Parked{Account: p.Account, Reason: p.Code, Detail: p.Detail, Since: since})
	}
	for _, a := range orphans {
		if listed[a] {
			continue
		}
		listed[a] = true
		out = append(out, pricing.Parked{
			Account: a, Reason: "account_gone", Since: since,
			Detail: fmt.Sprintf("usage was rolled up for account %q, which the registry no longer lists; restore its row, or end its subscriptions instead of deleting them", a),
		})
	}
	return out
}

// heldTrees returns, by tree, the accounts that a rollup parked because their
// sums overflowed. Their rows are missing from the rollups, so the tree that
// they are in cannot be rated: what it would be billed is too little.
func heldTrees(trees []pricing.Tree, parked []pricing.Parked) map[int][]pricing.Parked {
	byAccount := map[string]pricing.Parked{}
	for _, p := range parked {
		if first, known := byAccount[p.Account]; !known || p.Since < first.Since {
			byAccount[p.Account] = p
		}
	}
	held := map[int][]pricing.Parked{}
	for i, t := range trees {
		for _, account := range t.Accounts {
			if p, ok := byAccount[account]; ok {
				held[i] = append(held[i], p)
			}
		}
	}
	return held
}

func (p *Pipeline) workers() int {
	if p.settings.Workers > 0 {
		return p.settings.Workers
	}
	return runtime.GOMAXPROCS(0)
}
