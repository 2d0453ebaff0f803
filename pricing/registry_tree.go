package pricing

import "time"

// accounts builds the tree: what each account has itself, then what it
// inherits from above. An account whose parent is unknown or in a circle is
// parked; those below it only where they inherit what cannot be known.
func (b *registryBuild) accounts(accounts []Account) {
	t := &accountTree{build: b, duplicate: map[string]bool{}, circular: map[string]bool{}}
	id := func(a *Account) string { return a.ID }
	accounts = sortedByID(accounts, id)
	nodes := make([]node, 0, len(accounts))
	var left []int // of one id the first counts
	at := 0
	runs(accounts, id, func(same []Account) {
		a := &same[0]
		nodes = append(nodes, node{account: a})
		b.registry.nodes[a.ID] = &nodes[len(nodes)-1]
		b.registry.children[a.Parent] = append(b.registry.children[a.Parent], a.ID)
		if len(same) > 1 {
			t.duplicate[a.ID] = true
			b.report("account", a.ID, a.ID, "duplicate_id",
				"account %q stands %d times in the registry, and which row holds cannot be told; leave one", a.ID, len(same))
		}
		for range same[1:] {
			at++
			left = append(left, at)
		}
		at++
	})
	b.registry.Accounts = without(accounts, left)
	t.findCircles()
	for i := range nodes {
		t.settle(&nodes[i])
	}
}

// accountTree resolves what accounts inherit.
type accountTree struct {
	build     *registryBuild
	duplicate map[string]bool
	circular  map[string]bool // accounts that are their own ancestors
}

// inherited is what an account passes on to those below it.
type inherited struct {
	billing    string         // "" : cannot be known
	zone       *time.Location // nil: cannot be known
	currency   string
	currencyOK bool
	taxed      string // the jurisdiction
}

// findCircles marks the accounts on each circle of parents.
func (t *accountTree) findCircles() {
	done := map[string]bool{}
	rootless := t.build.registry.nodes[""] == nil
	for i := range t.build.registry.Accounts {
		a := &t.build.registry.Accounts[i]
		if a.Parent == "" && rootless {
			continue
		}
		var path []string
		at := map[string]int{}
		for id := a.ID; ; {
			n := t.build.registry.nodes[id]
			if n == nil || done[id] {
				break
			}
			if from, again := at[id]; again {
				for _, member := range path[from:] {
					t.circular[member] = true
				}
				break
			}
			at[id], path = len(path), append(path, id)
			id = n.account.Parent
		}
		for _, id := range path {
			done[id] = true
		}
	}
}

// resolve returns what holds for an account and is passed on below it.
func (t *accountTree) resolve(n *node) *inherited {
	if n.inherits != nil {
		return n.inherits
	}
	a := n.account
	n.inherits = &inherited{}
	out := n.inherits
	switch parent := t.build.registry.nodes[a.Parent]; {
	case t.duplicate[a.ID]:
		return out
	case t.circular[a.ID]:
	case a.Parent == "":
		*out = inherited{billing: a.ID, zone: time.UTC, currencyOK: true}
	case parent != nil:
		*out = *t.resolve(parent)
	}
	if a.Bills {
		out.billing = a.ID
	}
	if a.TimeZone != "" {
		out.zone = t.build.zone(a.TimeZone)
	}
	if a.Currency != "" {
		out.currency, out.currencyOK = a.Currency, true
	}
	if a.Jurisdiction != "" {
		out.taxed = a.Jurisdiction
	}
	return out
}

// settle gives an account what it inherits and reports what is wrong with it.
// One that cannot know who pays for it stands alone.
func (t *accountTree) settle(n *node) {
	a, own := n.account, t.resolve(n)
	n.billing, n.zone, n.currency, n.jurisdiction = own.billing, own.zone, own.currency, own.taxed
	if n.billing == "" {
		n.billing = a.ID
	}
	if n.broken {
		return
	}
	report := func(code, format string, args ...any) {
		t.build.report("account", a.ID, a.ID, code, format, args...)
	}
	if t.circular[a.ID] {
		report("parent_cycle", "account %q is its own ancestor by its parent %q; correct one parent of the circle", a.ID, a.Parent)
	} else if a.Parent != "" && t.build.registry.nodes[a.Parent] == nil {
		report("unknown_parent", "account %q has the parent %q, which the registry does not list; add that account or correct the row", a.ID, a.Parent)
	}
	if a.TimeZone != "" && own.zone == nil {
		report("unknown_zone", "account %q names time zone %q; write an IANA name, for example Europe/Zurich", a.ID, a.TimeZone)
	}
	if !n.broken && (own.billing == "" || own.zone == nil || !own.currencyOK) {
		report("parent_unusable", "account %q inherits from its parent %q, which has problems of its own; mend those first", a.ID, a.Parent)
	}
}
