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

// rateTrees merges rollups that are each sorted by account, gathers the rows of
// each billing tree, and calls rate once for each tree as soon as its last
// account has passed, so that no more rows are gathered than those of the open
// trees. Calls run concurrently, at most workers at a time, so rate keeps results
// by the tree's index, and keeps no rows, whose memory is taken for the next tree. Orphans are the accounts with usage that are in no tree,
// sorted.
func rateTrees(ctx context.Context, trees []pricing.Tree, batches []*pricing.UsageBatch, workers int, rate func(tree int, rows []pricing.UsageState) error) (orphans []string, err error) {
	group, rating := errgroup.WithContext(ctx)
	group.SetLimit(max(workers, 1))
	treeOf, closing := treesByLastAccount(trees)
	rows := make([][]pricing.UsageState, len(trees))
	sizes := treeSizes(treeOf, len(trees), batches)
	var done sync.Pool // of *[]pricing.UsageState, to gather the next tree's rows in
	at := make([]int, len(batches))
	for rating.Err() == nil {
		account, more := nextAccount(batches, at)
		for len(closing) > 0 && (!more || closing[0].last < account) {
			i := closing[0].tree
			closing = closing[1:]
			gathered := rows[i]
			rows[i] = nil
			group.Go(func() error {
				err := rate(i, gathered)
				done.Put(&gathered)
				return err
			})
		}
		if !more {
			break
		}
		tree, known := treeOf[account]
		if !known {
			orphans = append(orphans, account)
		} else if rows[tree] == nil {
			rows[tree] = roomFor(sizes[tree], &done)
		}
		for b, batch := range batches {
			for ; at[b] < batch.Len() && batch.Account.At(at[b]) == account; at[b]++ {
				if known {
					rows[tree] = append(rows[tree], batch.Row(at[b]))
				}
			}
		}
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return orphans, ctx.Err()
}

// treeSizes counts the rows of each tree.
func treeSizes(treeOf map[string]int, trees int, batches []*pricing.UsageBatch) []int {
	sizes := make([]int, trees)
	for _, batch := range batches {
		counts := make([]int, len(batch.Account.Values))
		for _, id := range batch.Account.Index {
			counts[id]++
		}
		for id, n := range counts {
			if tree, known := treeOf[batch.Account.Values[id]]; known {
				sizes[tree] += n
			}
		}
	}
	return sizes
}

// roomFor returns memory for n rows, that of a tree that is done if it is enough.
func roomFor(n int, done *sync.Pool) []pricing.UsageState {
	if kept, ok := done.Get().(*[]pricing.UsageState); ok && cap(*kept) >= n {
		return (*kept)[:0]
	}
	return make([]pricing.UsageState, 0, n)
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

// nextAccount returns the smallest account at the cursors.
func nextAccount(batches []*pricing.UsageBatch, at []int) (account string, more bool) {
	for b, batch := range batches {
		if at[b] >= batch.Len() {
			continue
		}
		if a := batch.Account.At(at[b]); !more || a < account {
			account, more = a, true
		}
	}
	return account, more
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
