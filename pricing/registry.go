package pricing

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Problem is a registry row that cannot be used, and what to do about it. The
// account it belongs to is not rated until it is mended; others are.
type Problem struct {
	Kind    string // "account", "subscription", "resource", "credit", "payment", "adjustment" or "tax"
	ID      string
	Account string // the account that is parked for it
	Code    string // snake_case: duplicate_id, unknown_parent, parent_cycle, …
	Detail  string // a sentence with the remedy
}

// node is an account with what it inherits.
type node struct {
	account       *Account
	billing       string
	currency      string         // "" : the book's
	jurisdiction  string         // "" : no taxes
	zone          *time.Location // nil when it has no usable one
	inherits      *inherited     // nil until it is resolved
	broken        bool           // not rated: a problem was reported
	subscriptions []int          // indexes into Registry.Subscriptions
	resources     []int          // indexes into Registry.Resources
	lostPlans     []string       // plans of subscriptions that cannot be used
}

// NewRegistry indexes and checks a registry. Rows with problems are left out,
// and the accounts they belong to are marked so that they are not rated; the
// problems come sorted by kind, id and code. It keeps its arguments, unchanged, and
// nobody else changes them from then on.
func NewRegistry(accounts []Account, subs []Subscription, resources []Resource) (*Registry, []Problem) {
	b := &registryBuild{
		registry: &Registry{nodes: make(map[string]*node, len(accounts)), children: map[string][]string{}},
		zones:    map[string]*time.Location{},
	}
	b.accounts(accounts)
	b.subscriptions(subs)
	b.resources(resources)
	sortProblems(b.problems)
	return b.registry, b.problems
}

func sortProblems(problems []Problem) {
	slices.SortStableFunc(problems, func(x, y Problem) int {
		return cmp.Or(strings.Compare(x.Kind, y.Kind), strings.Compare(x.ID, y.ID), strings.Compare(x.Code, y.Code))
	})
}

// BillingAccount returns the account that gets the invoices of an account: the
// nearest of it and its ancestors that bills, else the root
// (docs/billing-rules.md, Accounts). An unknown account pays for itself.
func (r *Registry) BillingAccount(account string) string {
	if n := r.nodes[account]; n != nil {
		return n.billing
	}
	return account
}

// Account returns an account of the registry.
func (r *Registry) Account(id string) (Account, bool) {
	if n := r.nodes[id]; n != nil {
		return *n.account, true
	}
	return Account{}, false
}

// Under returns an account and all that stand below it, by id; none where the
// registry does not have it.
func (r *Registry) Under(top string) []Account {
	if r.nodes[top] == nil {
		return nil
	}
	var out []Account
	seen := map[string]bool{} // a circle ends
	for next := []string{top}; len(next) > 0; {
		id := next[0]
		if next = next[1:]; seen[id] {
			continue
		}
		seen[id] = true
		out = append(out, *r.nodes[id].account)
		next = append(next, r.children[id]...)
	}
	slices.SortFunc(out, func(a, b Account) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// SubscriptionsOf returns an account's own subscriptions, by id.
func (r *Registry) SubscriptionsOf(account string) []Subscription {
	var out []Subscription
	if n := r.nodes[account]; n != nil {
		for _, i := range n.subscriptions {
			out = append(out, r.Subscriptions[i])
		}
	}
	return out
}

// ResourcesOf returns an account's own resources, by id.
func (r *Registry) ResourcesOf(account string) []Resource {
	var out []Resource
	if n := r.nodes[account]; n != nil {
		for _, i := range n.resources {
			out = append(out, r.Resources[i])
		}
	}
	return out
}

// Resource returns a resource of the registry.
func (r *Registry) Resource(id string) (Resource, bool) {
	i, ok := slices.BinarySearchFunc(r.Resources, id, func(res Resource, id string) int { return strings.Compare(res.ID, id) })
	if !ok {
		return Resource{}, false
	}
	return r.Resources[i], true
}

// Below reports whether an account is another or stands below it. Nothing is below
// an account that the registry does not have.
func (r *Registry) Below(account, top string) bool {
	if r.nodes[top] == nil {
		return false
	}
	for range r.nodes { // a chain longer than there are accounts is a circle
		if account == top {
			return true
		}
		n := r.nodes[account]
		if n == nil || n.account.Parent == "" {
			return false
		}
		account = n.account.Parent
	}
	return false
}

// Zone returns an account's time zone, UTC where it has no usable one.
func (r *Registry) Zone(account string) *time.Location {
	if n := r.nodes[account]; n != nil && n.zone != nil {
		return n.zone
	}
	return time.UTC
}

// Zones returns every time zone in use, sorted by name.
func (r *Registry) Zones() []*time.Location {
	byName := map[string]*time.Location{}
	for _, n := range r.nodes {
		if n.zone != nil {
			byName[n.zone.String()] = n.zone
		}
	}
	for _, zone := range r.zones {
		if zone != nil {
			byName[zone.String()] = zone
		}
	}
	out := make([]*time.Location, 0, len(byName))
	for _, zone := range byName {
		out = append(out, zone)
	}
	slices.SortFunc(out, func(a, b *time.Location) int { return strings.Compare(a.String(), b.String()) })
	return out
}

// registryBuild is a registry on its way through the checks.
type registryBuild struct {
	registry *Registry
	zones    map[string]*time.Location // nil: no such zone
	problems []Problem
}

// report notes a problem and keeps its account from being rated.
func (b *registryBuild) report(kind, id, account, code, format string, args ...any) {
	b.problems = append(b.problems, Problem{Kind: kind, ID: id, Account: account, Code: code, Detail: fmt.Sprintf(format, args...)})
	if n := b.registry.nodes[account]; n != nil {
		n.broken = true
	}
}

// zone loads a time zone once; nil when there is none of that name. "Local" is
// refused: it would be another zone on another machine.
func (b *registryBuild) zone(name string) *time.Location {
	if zone, seen := b.zones[name]; seen {
		return zone
	}
	var zone *time.Location
	if name != "" && name != "Local" {
		if loaded, err := time.LoadLocation(name); err == nil {
			zone = loaded
		}
	}
	b.zones[name] = zone
	return zone
}

// runs calls each with every run of equal ids of rows sorted by id.
func runs[T any](rows []T, id func(*T) string, each func([]T)) {
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && id(&rows[n]) == id(&rows[0]) {
			n++
		}
		each(rows[:n])
		rows = rows[n:]
	}
}

// sortedByID returns rows sorted by id: a copy, where they are not.
func sortedByID[T any](rows []T, id func(*T) string) []T {
	sorted := true
	for i := range rows[min(1, len(rows)):] {
		sorted = sorted && id(&rows[i]) <= id(&rows[i+1])
	}
	if sorted {
		return rows
	}
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b T) int { return strings.Compare(id(&a), id(&b)) })
	return rows
}

func (b *registryBuild) subscriptions(subs []Subscription) {
	id := func(s *Subscription) string { return s.ID }
	subs = sortedByID(subs, id)
	var left []int // cannot be used
	at := 0
	b.registry.zones = make([]*time.Location, 0, len(subs))
	runs(subs, id, func(same []Subscription) {
		for i := range same {
			s := &same[i]
			at++
			if len(same) > 1 {
				b.report("subscription", s.ID, s.Account, "duplicate_id",
					"subscription %q stands %d times in the registry, and which row holds cannot be told; leave one", s.ID, len(same))
			}
			if len(same) > 1 || !b.usable(s) {
				if n := b.registry.nodes[s.Account]; n != nil {
					n.lostPlans = append(n.lostPlans, s.Plan)
				}
				left = append(left, at-1)
				continue
			}
			n, zone := b.registry.nodes[s.Account], b.zone(s.TimeZone)
			if s.TimeZone == "" {
				zone = n.zone
			}
			n.subscriptions = append(n.subscriptions, len(b.registry.zones))
			b.registry.zones = append(b.registry.zones, zone)
		}
	})
	b.registry.Subscriptions = without(subs, left)
}

// without returns rows but for those at the places left, which ascend: a copy, where
// there are any.
func without[T any](rows []T, left []int) []T {
	if len(left) == 0 {
		return rows
	}
	kept := make([]T, 0, len(rows)-len(left))
	for i := range rows {
		if len(left) > 0 && left[0] == i {
			left = left[1:]
			continue
		}
		kept = append(kept, rows[i])
	}
	return kept
}

func (b *registryBuild) usable(s *Subscription) bool {
	before := len(b.problems)
	report := func(code, format string, args ...any) {
		b.report("subscription", s.ID, s.Account, code, format, args...)
	}
	if b.registry.nodes[s.Account] == nil {
		report("unknown_account", "subscription %q belongs to account %q, which the registry does not list; add the account or correct the row", s.ID, s.Account)
	}
	if !s.End.IsZero() && s.End.Before(s.Start) {
		report("ends_before_start", "subscription %q ends at %s, before it starts at %s; correct one of the two",
			s.ID, s.End.UTC().Format(time.RFC3339), s.Start.UTC().Format(time.RFC3339))
	}
	if s.TimeZone != "" && b.zone(s.TimeZone) == nil {
		report("unknown_zone", "subscription %q names time zone %q; write an IANA name, for example Europe/Zurich", s.ID, s.TimeZone)
	}
	if s.Anchor < 0 || s.Anchor > 31 {
		report("bad_anchor", "subscription %q bills on day %d of the month; write 1 to 31, or leave it out", s.ID, s.Anchor)
	}
	if price, ok := s.unordered(); ok {
		report("bad_quantities", "subscription %q has numbers of price %q whose days do not rise; write each after the one before", s.ID, price)
	}
	return len(b.problems) == before
}

// unordered returns the first price, by id, whose later quantities are not in
// order of time.
func (s *Subscription) unordered() (price string, found bool) {
	for id, changes := range s.QuantityChanges {
		for i := range changes[min(1, len(changes)):] {
			if !changes[i+1].From.After(changes[i].From) && (!found || id < price) {
				price, found = id, true
			}
		}
	}
	return price, found
}

func (b *registryBuild) resources(resources []Resource) {
	id := func(r *Resource) string { return r.ID }
	owner := map[string]string{}
	if len(resources) > 0 {
		for i := range b.registry.Subscriptions {
			owner[b.registry.Subscriptions[i].ID] = b.registry.Subscriptions[i].Account
		}
	}
	runs(sortedByID(resources, id), id, func(same []Resource) {
		for _, r := range same {
			report := func(code, format string, args ...any) {
				b.report("resource", r.ID, r.Account, code, format, args...)
			}
			n := b.registry.nodes[r.Account]
			account, known := owner[r.Subscription]
			switch {
			case len(same) > 1:
				report("duplicate_id", "resource %q stands %d times in the registry, and which row holds cannot be told; leave one", r.ID, len(same))
			case n == nil:
				report("unknown_account", "resource %q belongs to account %q, which the registry does not list; add the account or correct the row", r.ID, r.Account)
			case r.Subscription != "" && (!known || account != r.Account):
				report("unknown_subscription", "resource %q belongs to subscription %q, which account %q does not have; correct one of the two", r.ID, r.Subscription, r.Account)
			case !r.Deleted.IsZero() && r.Deleted.Before(r.Created):
				report("ends_before_start", "resource %q was deleted at %s, before it was created at %s; correct one of the two",
					r.ID, r.Deleted.UTC().Format(time.RFC3339), r.Created.UTC().Format(time.RFC3339))
			default:
				n.resources = append(n.resources, len(b.registry.Resources))
				b.registry.Resources = append(b.registry.Resources, r)
			}
		}
	})
}
