package pricing

import "errors"

// Rater prices usage with one book and one registry. It holds no state between
// calls: what it returns depends on its arguments alone, and calls for
// different trees may run at the same time.
type Rater struct {
	book *Book
	reg  *Registry
}

// Tree is one unit of work: a billing account with every account whose
// invoices go to it, itself included, sorted.
type Tree struct {
	BillingAccount string
	Accounts       []string
}

// TreeUsage is every usage row of a tree's accounts in the window asked for, in
// any order.
type TreeUsage struct{ Rows []UsageState }

// NewRater prepares the rating of a registry with a book.
func NewRater(book *Book, reg *Registry) (*Rater, error) {
	if book == nil || reg == nil {
		return nil, errors.New("prepare rating: there is no price book or registry")
	}
	return &Rater{book: book, reg: reg}, nil
}

// Trees returns the units of work, sorted by billing account.
func (r *Rater) Trees() []Tree { return nil }
