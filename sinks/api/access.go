package api

import (
	"slices"
)

// Scope is a thing that a token may do.
type Scope string

// The scopes. Each but admin is limited to the token's account and those below it.
const (
	ScopeAdmin        Scope = "admin"        // see every account
	ScopeBillingRead  Scope = "billing:read" // read billing documents
	ScopeAccount      Scope = "account"      // Akkeris: /account
	ScopeOrganization Scope = "organization" // Akkeris: /organizations
	ScopeSpace        Scope = "space"        // Akkeris: /spaces
	ScopeUsageDelete  Scope = "usage:delete" // ComputeStacks: DELETE of a usage item; nothing else includes it
)

// Access is what a token may see and do.
type Access struct {
	Token   string // its id, for logs
	Account string // "" with scope admin alone
	Scopes  []Scope

	key string // differs where anything of the token does
}

// Everything reports whether the token may see every account.
func (a Access) Everything() bool { return slices.Contains(a.Scopes, ScopeAdmin) }

// May reports whether the token has one of the scopes. Admin is every scope that
// reads.
func (a Access) May(scopes []Scope) bool {
	for _, s := range scopes {
		if slices.Contains(a.Scopes, s) || s != ScopeUsageDelete && a.Everything() {
			return true
		}
	}
	return false
}
