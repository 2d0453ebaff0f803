package api

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"strings"

	"daybook/pricing"
)

// akkerisPages are the lists and invoices of each account that pays, of its
// organizations and of the spaces that are accounts below it: of closings from since
// on, and of later months.
func akkerisPages(ctx context.Context, f Facts, since pricing.Month) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		for _, payer := range f.Registry().Accounts {
			if f.Registry().BillingAccount(payer.ID) != payer.ID {
				continue
			}
			r := &Request{Access: Access{Account: payer.ID}, Facts: f}
			for _, v := range akkerisViews(r) {
				if !v.pages(ctx, payer.ID, since, yield) {
					return
				}
			}
		}
	}
}

// akkerisViews are all that can be asked for as a token of an account.
func akkerisViews(r *Request) []*akkerisView {
	all, _ := akkerisAccount(r, "")
	out := []*akkerisView{all}
	for _, a := range r.Visible() {
		view := map[string]func(*Request, string) (*akkerisView, error){
			akkerisKindOrganization: akkerisOrganization, akkerisKindSpace: akkerisSpace,
		}[a.Kind]
		if view == nil {
			continue
		}
		if v, err := view(r, a.ID); err == nil { // else nothing is in it
			out = append(out, v)
		}
	}
	return out
}

// pages hands over a view's list and invoices; false: no more are wanted.
func (v *akkerisView) pages(ctx context.Context, payer string, since pricing.Month, yield func(Page, error) bool) bool {
	path := strings.Trim(v.path, "/")
	body, err := v.list()
	if !yield(Page{Account: payer, Path: path, Body: body}, err) || err != nil {
		return false
	}
	for _, m := range v.months() {
		if m.Before(since) {
			continue
		}
		body, err := v.invoice(ctx, m)
		var fault *Fault
		if errors.As(err, &fault) && fault.Status < http.StatusInternalServerError {
			continue // there is none, or nobody can be shown it
		}
		if !yield(Page{Account: payer, Path: path + "/" + m.First().String(), Body: body}, err) || err != nil {
			return false
		}
	}
	return true
}
