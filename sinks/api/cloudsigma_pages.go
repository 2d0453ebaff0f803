package api

import (
	"context"
	"errors"
	"iter"
	"net/url"

	"daybook/pricing"
)

// cloudSigmaPages are, of each account that pays, the answers without parameters.
// All of them are as of now: a ledger goes on, and closings add to it.
func cloudSigmaPages(ctx context.Context, f Facts, _ pricing.Month) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		for _, a := range f.Registry().Accounts {
			if f.Registry().BillingAccount(a.ID) != a.ID {
				continue
			}
			r := &Request{
				Path: func(string) string { return "" }, Query: url.Values{"account": {a.ID}},
				Access: Access{Scopes: []Scope{ScopeAdmin}}, Facts: f,
			}
			for _, list := range cloudSigmaLists() {
				body, err := list.answer(ctx, r)
				if fault := (*Fault)(nil); errors.As(err, &fault) {
					continue // nobody can be shown it: it keeps no other page away
				}
				if !yield(Page{Account: a.ID, Path: "api/2.0/" + list.name, Body: body}, err) {
					return
				}
			}
		}
	}
}
