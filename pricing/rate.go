package pricing

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Rater prices usage with one book and one registry. It keeps nothing but
// memory between calls: what it returns depends on its arguments alone, and calls for
// different trees may run at the same time.
type Rater struct {
	book    *Book
	beside  *beside // the books of other currencies; nil: none
	reg     *Registry
	starts  map[*time.Location][]time.Time // when each version takes effect in a zone
	own     map[string][]Cycle             // by plan: what its fees have beside the plan's
	phases  map[*Plan][]*Plan              // a plan as its phases have it
	tariffs map[*Price]*Tariff             // of the book's prices that have one
	indexes *indexes
	windows *windows
}

// Tree is one unit of work: a billing account with every account whose
// invoices go to it, itself included, sorted.
type Tree struct {
	BillingAccount string
	Accounts       []string
}

// TreeUsage is every usage row of a tree's accounts in the window asked for, in
// any order. Rows of other accounts are not for it. With the tree's terms its
// segments are not worked out again.
type TreeUsage struct {
	Rows  []UsageState
	Terms *Terms // as DailyTerms or ClosingTerms gave them; nil: they are not at hand
}

// NewRater prepares the rating of a registry with a book. It refuses a book
// that asks for what cannot be: a price of an unknown meter, a pooled fee, usage
// due in advance. A book that was parsed has none of these.
func NewRater(book *Book, reg *Registry) (*Rater, error) {
	if book == nil || reg == nil {
		return nil, errors.New("prepare rating: there is no price book or no registry")
	}
	if err := checkBook(book); err != nil {
		return nil, fmt.Errorf("prepare rating: book %s: %w", book.Name, err)
	}
	r := &Rater{
		book: book, reg: reg, starts: map[*time.Location][]time.Time{}, own: book.ownCycles(), phases: map[*Plan][]*Plan{},
		tariffs: makeTariffs(book), indexes: &indexes{},
		windows: &windows{at: map[ratedTime]window{}},
	}
	for i := range book.Versions {
		for j := range book.Versions[i].Plans {
			plan := &book.Versions[i].Plans[j]
			r.phases[plan] = plan.phases()
		}
	}
	for _, loc := range reg.zones {
		if loc == nil || r.starts[loc] != nil {
			continue
		}
		starts := make([]time.Time, len(book.Versions))
		for i, v := range book.Versions {
			starts[i] = v.Effective.In(loc).UTC()
		}
		r.starts[loc] = starts
	}
	return r, nil
}

// Trees returns the units of work, sorted by billing account. Every account of
// the registry is in exactly one.
func (r *Rater) Trees() []Tree {
	at := map[string]int{}
	var out []Tree
	for _, a := range r.reg.Accounts {
		billing := r.reg.BillingAccount(a.ID)
		i, ok := at[billing]
		if !ok {
			i = len(out)
			at[billing] = i
			out = append(out, Tree{BillingAccount: billing})
		}
		out[i].Accounts = append(out[i].Accounts, a.ID)
	}
	slices.SortFunc(out, func(a, b Tree) int { return strings.Compare(a.BillingAccount, b.BillingAccount) })
	return out
}
