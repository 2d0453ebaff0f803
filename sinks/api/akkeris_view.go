package api

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"time"

	"daybook/pricing"
	"daybook/sinks/documents"
)

// Kinds of account that Akkeris' API knows; the label that says in which space an
// app is where the accounts' tree does not; and that of a dyno's type, as "worker".
const (
	akkerisKindOrganization = "organization"
	akkerisKindSpace        = "space"
	akkerisLabelSpace       = "akkeris.space"
	akkerisLabelType        = "akkeris.type"
	akkerisDefaultSpace     = "default"
)

// akkerisView is a part of the accounts that a token sees.
type akkerisView struct {
	facts    Facts
	path     string          // of its invoices: "/account/invoices/"
	what     string          // for people
	accounts map[string]bool // of it
}

func akkerisAccount(r *Request, _ string) (*akkerisView, error) {
	return newAkkerisView(r, "/account", "the account", func(pricing.Account) bool { return true }), nil
}

// akkerisOrganization is an organization by id, external id or name, and all below
// it.
func akkerisOrganization(r *Request, name string) (*akkerisView, error) {
	var found []string
	for _, a := range r.Visible() {
		if a.Kind == akkerisKindOrganization && akkerisCalled(a, name) {
			found = append(found, a.ID)
		}
	}
	switch {
	case len(found) == 0:
		return nil, NotFound(akkerisNoInvoice)
	case len(found) > 1 && !slices.Contains(found, name):
		return nil, &Fault{Status: http.StatusConflict, Code: "ambiguous", Message: "several organizations are called " + name + ": ask for one by its id"}
	case len(found) > 1:
		found = []string{name}
	}
	return newAkkerisView(r, "/organizations/"+url.PathEscape(name), "organization "+name, func(a pricing.Account) bool {
		return r.Facts.Registry().Below(a.ID, found[0])
	}), nil
}

// akkerisSpace is all that is in a space, whichever organizations' it is.
func akkerisSpace(r *Request, name string) (*akkerisView, error) {
	v := newAkkerisView(r, "/spaces/"+url.PathEscape(name), "space "+name, func(a pricing.Account) bool {
		space, label := spaceOf(r.Facts.Registry(), a.ID)
		return label == name || space != nil && label == "" && akkerisCalled(*space, name)
	})
	if len(v.accounts) == 0 {
		return nil, NotFound(akkerisNoInvoice)
	}
	return v, nil
}

func newAkkerisView(r *Request, path, what string, in func(pricing.Account) bool) *akkerisView {
	v := &akkerisView{facts: r.Facts, path: path + "/invoices/", what: what, accounts: map[string]bool{}}
	for _, a := range r.Visible() {
		if in(a) {
			v.accounts[a.ID] = true
		}
	}
	return v
}

func akkerisCalled(a pricing.Account, name string) bool {
	return name != "" && (a.ID == name || a.ExternalID == name || a.Name == name)
}

// nearest returns the account, or the nearest above it, of which something holds.
func nearest(reg *pricing.Registry, account string, holds func(pricing.Account) bool) *pricing.Account {
	for range reg.Accounts { // a chain longer than there are accounts is a circle
		a, ok := reg.Account(account)
		if !ok {
			return nil
		}
		if holds(a) {
			return &a
		}
		account = a.Parent
	}
	return nil
}

// spaceOf returns the space that an account is in: by the label of it or one above
// it, else that account of the tree, else by the name of the default one.
func spaceOf(reg *pricing.Registry, account string) (space *pricing.Account, label string) {
	if a := nearest(reg, account, func(a pricing.Account) bool { return a.Labels[akkerisLabelSpace] != "" }); a != nil {
		return nil, a.Labels[akkerisLabelSpace]
	}
	if space = nearest(reg, account, func(a pricing.Account) bool { return a.Kind == akkerisKindSpace }); space != nil {
		return space, ""
	}
	return nil, akkerisDefaultSpace
}

// now is the last second that is known.
func (v *akkerisView) now() time.Time { return v.facts.AsOf().UTC().Add(-time.Second) }

// months are those from that of the oldest app, or the first that is published, to
// the present one.
func (v *akkerisView) months() []pricing.Month {
	oldest := time.Time{}
	see := func(t time.Time) {
		if oldest.IsZero() || t.Before(oldest) {
			oldest = t
		}
	}
	for a := range v.accounts {
		for _, s := range v.facts.Registry().SubscriptionsOf(a) {
			see(s.Start)
		}
		for _, res := range v.facts.Registry().ResourcesOf(a) {
			see(res.Created)
		}
	}
	first, last := v.published()
	if oldest.IsZero() {
		return nil
	}
	if m := pricing.MonthOf(pricing.DateOf(oldest.UTC())); first.Before(m) {
		first = m
	}
	return first.Through(last)
}

// published are the first and the last month of which something is.
func (v *akkerisView) published() (first, last pricing.Month) {
	last = pricing.MonthOf(pricing.DateOf(v.now()))
	first = pricing.MonthOf(v.facts.Days()[0])
	if closings := v.facts.Closings(); len(closings) > 0 {
		if closings[0].Before(first) {
			first = closings[0]
		}
		if newest := closings[len(closings)-1]; last.Before(newest) {
			last = newest
		}
	}
	return first, last
}

func (v *akkerisView) list() ([]byte, error) { return documents.AkkerisList(v.path, v.months()) }

// akkerisName is how an account is shown.
func akkerisName(a *pricing.Account) string {
	if a == nil {
		return ""
	}
	return cmp.Or(a.Name, a.ID)
}
