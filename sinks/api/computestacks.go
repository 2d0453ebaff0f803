package api

import (
	"context"
	"net/http"
	"strings"

	"daybook/sinks/documents"
)

// ComputeStacks is the API of ComputeStacks (docs/apis.md): usage items of
// subscriptions and, for administrators, of users. Both spellings of the path are
// taken, as its documentation has both.
func ComputeStacks() System {
	c := &computeStacks{most: 400_000}
	s := System{
		Name: "computestacks", Prefixes: []string{"/api/admin/", "/api/subscriptions/"},
		ContentType: jsonUTF8, Fault: computeStacksFault, Pages: computeStacksPages,
	}
	for _, name := range []string{"billing_usages", "billing_usage"} {
		admin, user := "/api/admin/subscriptions/{subscription}/"+name, "/api/subscriptions/{subscription}/"+name
		s.Routes = append(
			s.Routes,
			Route{"GET " + admin, []Scope{ScopeAdmin}, c.ofSubscription},
			Route{"GET " + admin + "/{usage}", []Scope{ScopeAdmin}, c.show},
			Route{"DELETE " + admin + "/{usage}", []Scope{ScopeUsageDelete}, c.remove},
			Route{"GET /api/admin/users/{user}/" + name, []Scope{ScopeAdmin}, c.ofUser},
			Route{"GET " + user, []Scope{ScopeBillingRead}, c.ofSubscription},
			Route{"GET " + user + "/{usage}", []Scope{ScopeBillingRead}, c.show},
		)
	}
	return s
}

const jsonUTF8 = "application/json; charset=utf-8"

// computeStacksFault writes a fault as ComputeStacks does: a list of sentences.
func computeStacksFault(f *Fault) (string, []byte) {
	return jsonUTF8, documents.ComputeStacksErrors(f.Message)
}

// What ComputeStacks says of what is not there, or is nobody's to see.
func unknownUsage() *Fault        { return NotFound("Unknown Usage.") }
func unknownSubscription() *Fault { return NotFound("Unknown Subscription.") }
func unknownUser() *Fault         { return NotFound("Unknown User.") }

// ofSubscription lists a subscription's usage items.
func (c *computeStacks) ofSubscription(ctx context.Context, r *Request) (Answer, error) {
	sub, err := c.subscription(r)
	if err != nil {
		return Answer{}, err
	}
	items, err := c.items(ctx, r, sub.Account, func(i *documents.ComputeStacksItem) bool { return i.Of.Subscription.ID == sub.ID })
	if err != nil {
		return Answer{}, err
	}
	return listed(r, items)
}

// ofUser lists the usage items of a user, and of all below it.
func (c *computeStacks) ofUser(ctx context.Context, r *Request) (Answer, error) {
	account, err := c.user(r)
	if err != nil {
		return Answer{}, err
	}
	items, err := c.items(ctx, r, account, func(*documents.ComputeStacksItem) bool { return true })
	if err != nil {
		return Answer{}, err
	}
	return listed(r, items)
}

// show answers with one usage item of a subscription.
func (c *computeStacks) show(ctx context.Context, r *Request) (Answer, error) {
	item, err := c.one(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	body, err := documents.ComputeStacksShow(*item)
	if err != nil {
		return Answer{}, err
	}
	return inFormat(r, Answer{Body: body}, "billing_usage")
}

// inFormat is an answer in the format that a request asks for, JSON or XML: what is
// under key in it.
func inFormat(r *Request, a Answer, key string) (Answer, error) {
	format := r.Query.Get("format")
	if format == "" && strings.HasPrefix(r.Accept, "application/xml") {
		format = "xml"
	}
	switch format {
	case "", "json":
		return a, nil
	case "xml":
		var err error
		a.ContentType = "application/xml; charset=utf-8"
		a.Body, err = documents.ComputeStacksXML(a.Body, key)
		return a, err
	}
	return Answer{}, BadParameter("format", "format is none of json and xml.")
}

// remove asks that a usage item be billed no more: a reading by its window, else
// its line of the invoice. Nothing is removed here; from now on the item is unknown,
// and the next runs bill, or have billed, without it.
func (c *computeStacks) remove(ctx context.Context, r *Request) (Answer, error) {
	item, err := c.one(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	if r.Ask == nil {
		return Answer{}, &Fault{Status: http.StatusServiceUnavailable, Code: "read_only", Message: "Nothing can be deleted here."}
	}
	reason := "deleted as usage item " + r.Path("usage") + " with token " + r.Access.Token
	if item.Void.Meter != "" {
		return Answer{Status: http.StatusNoContent}, r.Ask.VoidUsage(ctx, item.Void, reason)
	}
	if !item.Whole {
		return Answer{}, &Fault{
			Status: http.StatusUnprocessableEntity, Code: "not_kept",
			Message: "This usage is not kept by the reading, so it cannot be deleted by itself.",
		}
	}
	invoices, err := r.Facts.Invoices(ctx, item.Month, r.Facts.Registry().BillingAccount(item.Of.Subscription.Account))
	if err != nil {
		return Answer{}, err
	}
	for _, i := range invoices {
		for n := range i.Lines {
			if l := &i.Lines[n]; l.Key() == item.Line {
				return Answer{Status: http.StatusNoContent}, r.Ask.VoidLine(ctx, i.ID, l.Number, reason)
			}
		}
	}
	return Answer{}, &Fault{
		Status: http.StatusUnprocessableEntity, Code: "not_billed",
		Message: "This usage is billed with its whole month. It can be deleted once the month is closed.",
	}
}
