package pricing

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// work is the rating of one tree: its segments, its groups, and which accounts
// drop out on the way.
type work struct {
	rating
	tree     Tree
	all      []*segment            // in order of account, subscription and time
	segments map[string][]*segment // the same by subscription
	groups   []*group
	out      map[string]bool   // accounts that are not rated
	parked   map[string]Parked // those of them that are reported here
	others   map[string]bool   // accounts that another book rates
	lost     map[string]bool   // plans of subscriptions that have no segments because their account is out
}

// begin indexes a tree's usage, lists the segments of its subscriptions and
// groups them. Accounts that the registry check reported are left out; those
// with another currency than the book's are parked.
func (r *Rater) begin(t Tree, u TreeUsage, since Date, list func(sub int) []*segment) *work {
	w := &work{
		rating: rating{rater: r, usage: r.indexes.of(u.Rows)}, tree: t,
		segments: map[string][]*segment{}, out: map[string]bool{}, parked: map[string]Parked{}, others: map[string]bool{}, lost: map[string]bool{},
	}
	for _, account := range t.Accounts {
		n := r.reg.nodes[account]
		if n == nil {
			continue
		}
		ours, elsewhere := r.belongs(n)
		if elsewhere {
			w.out[account], w.others[account] = true, true
			continue
		}
		if !ours && len(n.subscriptions) > 0 {
			w.park(r.currencyFault(account, n.currency, since))
		}
		if n.broken || w.out[account] {
			w.out[account] = true
			w.losePlans(n)
			continue
		}
		var own []*segment
		for _, i := range n.subscriptions {
			segments := list(i)
			w.usage.leaveOut(r.reg.voided[r.reg.Subscriptions[i].ID])
			own = append(own, segments...)
			w.segments[r.reg.Subscriptions[i].ID] = slices.DeleteFunc(slices.Clone(segments), (*segment).isOwn)
		}
		if f := w.ambiguousResource(slices.DeleteFunc(slices.Clone(own), (*segment).isOwn)); f != nil {
			w.park(f)
		}
		w.all = append(w.all, own...)
	}
	w.groups = groupSegments(w.all, t.BillingAccount)
	return w
}

// done lets go of the usage, once the result is made.
func (w *work) done() { w.rater.indexes.done(w.usage) }

// losePlans notes that a pool would lack an account's part.
func (w *work) losePlans(n *node) {
	for _, plan := range n.lostPlans {
		w.lost[plan] = true
	}
	for _, i := range n.subscriptions {
		w.lost[w.rater.reg.Subscriptions[i].Plan] = true
	}
}

// park takes accounts out; the first reason stands.
func (w *work) park(f *fault) {
	if f == nil {
		return
	}
	for _, account := range f.accounts {
		if !w.out[account] {
			w.out[account] = true
			w.parked[account] = Parked{Account: account, Reason: f.code, Detail: f.detail, Since: f.since}
		}
	}
}

// parkGone parks accounts that have usage, on days that concern this rating,
// under a subscription that is no longer there.
func (w *work) parkGone(concerns func(Date) bool) {
	last := "" // rows come by subscription
	for i := range w.usage.rows {
		u := &w.usage.rows[i]
		if u.Subscription == last {
			continue
		}
		if _, known := w.segments[u.Subscription]; known {
			last = u.Subscription
			continue
		}
		if w.out[u.Account] || !concerns(u.Day) {
			continue
		}
		w.park(&fault{
			accounts: []string{u.Account}, code: "subscription_gone", since: u.Day,
			detail: fmt.Sprintf("usage was rolled up for subscription %q, which account %q no longer has; restore its row, or end the subscription instead of deleting it", u.Subscription, u.Account),
		})
	}
}

// parkPools parks the members of each pool of which an account is out: the
// pool's price needs every part. It goes on until no more are drawn in.
func (w *work) parkPools() {
	for changed := true; changed; {
		changed = false
		for _, g := range w.groups {
			missing, ok := w.missing(g)
			if !ok {
				continue
			}
			f := poolFault(g.members, "pool_incomplete", fmt.Sprintf(
				"plan %s pools its prices with %s, which is parked; mend that account first", g.plan.ID, missing))
			before := len(w.parked)
			w.park(f)
			changed = changed || len(w.parked) > before
		}
	}
}

// missing returns who is missing from a group, if anybody.
func (w *work) missing(g *group) (who string, ok bool) {
	for _, s := range g.members {
		if w.out[s.sub.Account] {
			return fmt.Sprintf("account %q", s.sub.Account), true
		}
	}
	if g.pool == PoolBillingAccount && w.lost[g.plan.ID] {
		return "an account of the same billing account", true
	}
	return "", false
}

// isOut reports whether a group is not rated.
func (w *work) isOut(g *group) bool {
	_, out := w.missing(g)
	return out
}

// sortedParked returns what was parked, in order of accounts.
func (w *work) sortedParked() []Parked {
	out := make([]Parked, 0, len(w.parked))
	for _, p := range w.parked {
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b Parked) int { return strings.Compare(a.Account, b.Account) })
	return out
}

// segmentOn returns the one of a subscription's segments that holds a day.
func segmentOn(segments []*segment, day Date) *segment {
	for _, s := range segments {
		if s.first <= day && day <= s.last {
			return s
		}
	}
	return nil
}

// compareItems orders items as lines and rows stand: by account, subscription,
// plan, time and the price's place in the book.
func compareItems(a, b *item) int {
	return cmp.Or(
		strings.Compare(a.account, b.account), strings.Compare(a.subscription, b.subscription),
		strings.Compare(a.plan.ID, b.plan.ID), a.part.Start.Compare(b.part.Start),
		cmp.Compare(a.order, b.order), strings.Compare(string(a.scope), string(b.scope)),
	)
}
