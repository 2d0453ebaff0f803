package pricing

import "time"

// Problem is a registry row that cannot be used, and what to do about it.
type Problem struct {
	Kind    string // "account", "subscription" or "resource"
	ID      string
	Account string // the account that is parked for it
	Code    string // snake_case: duplicate_id, unknown_parent, …
	Detail  string // a sentence with the remedy
}

// NewRegistry indexes and checks a registry.
func NewRegistry(accounts []Account, subs []Subscription, resources []Resource) (*Registry, []Problem) {
	return &Registry{Accounts: accounts, Subscriptions: subs, Resources: resources}, nil
}

// BillingAccount returns the account that gets the invoices of an account.
func (r *Registry) BillingAccount(account string) string { return account }

// Attribution returns what a rollup takes from the registry.
func (r *Registry) Attribution() Attribution { return Attribution{} }

// Zones returns every time zone in use, sorted by name.
func (r *Registry) Zones() []*time.Location { return []*time.Location{time.UTC} }
