package jobs

import (
	"context"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"daybook/pricing"
)

// treeRows gathers the rows of each billing tree from rollups that are each
// sorted by account, and rates a tree as soon as its last account has passed,
// so that what is in memory is the open trees and not the period.
type treeRows struct {
	trees  []pricing.Tree
	of     map[string]int // account -> tree
	left   []int          // accounts of the tree that have not passed
	rows   [][]pricing.UsageState
	orphan []string // accounts with usage that the registry does not know
}

func newTreeRows(trees []pricing.Tree) *treeRows {
	t := &treeRows{trees: trees, of: map[string]int{}, left: make([]int, len(trees)), rows: make([][]pricing.UsageState, len(trees))}
	for i, tree := range trees {
		t.left[i] = len(tree.Accounts)
		for _, a := range tree.Accounts {
			t.of[a] = i
		}
	}
	return t
}

// rateTrees merges the batches by account and calls rate once for each tree, at
// most workers at a time; calls for different trees run concurrently, so rate
// keeps results by the tree's index.
func rateTrees(ctx context.Context, trees []pricing.Tree, batches []*pricing.UsageBatch, workers int, rate func(tree int, rows []pricing.UsageState) error) (orphans []string, err error) {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(workers, 1))
	t := newTreeRows(trees)
	start := func(i int) {
		rows := t.rows[i]
		t.rows[i] = nil
		group.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return rate(i, rows)
		})
	}
	at := make([]int, len(batches))
	for {
		account, more := nextAccount(batches, at)
		if !more {
			break
		}
		tree, known := t.of[account]
		if !known {
			t.orphan = append(t.orphan, account)
		}
		for b, batch := range batches {
			for at[b] < batch.Len() && batch.Account.At(at[b]) == account {
				if known {
					t.rows[tree] = append(t.rows[tree], batch.Row(at[b]))
				}
				at[b]++
			}
		}
		if known {
			if t.left[tree]--; t.left[tree] == 0 {
				start(tree)
			}
		}
	}
	for i := range trees { // accounts without usage never pass
		if t.left[i] > 0 {
			start(i)
		}
	}
	return t.orphan, group.Wait()
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

// parkOrphans reports usage of accounts that are no longer in the registry.
func parkOrphans(accounts []string, since pricing.Date) []pricing.Parked {
	slices.Sort(accounts)
	out := make([]pricing.Parked, 0, len(accounts))
	for _, a := range slices.Compact(accounts) {
		out = append(out, pricing.Parked{
			Account: a, Reason: "account_gone", Since: since,
			Detail: fmt.Sprintf("usage was rolled up for account %q, which the registry no longer lists; restore its row, or end its subscriptions instead of deleting them", a),
		})
	}
	return out
}
