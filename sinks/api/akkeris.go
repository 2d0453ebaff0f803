package api

import (
	"context"
	"regexp"
	"time"

	"daybook/pricing"
	"daybook/sinks/documents"
)

// Akkeris is the API of Akkeris (docs/apis.md): the invoice of a month for all that
// a token sees, for an organization or for a space, item by item.
func Akkeris() System {
	s := System{
		Name: "akkeris", ContentType: "application/json",
		Fault: func(f *Fault) (contentType string, body []byte) {
			return "application/json", documents.AkkerisError(f.Status, f.Message)
		},
		Pages: akkerisPages,
	}
	// The singular paths are those of its documentation.
	for _, p := range []struct {
		prefix string
		scope  Scope
		of     func(r *Request, name string) (*akkerisView, error)
	}{
		{"/account", ScopeAccount, akkerisAccount},
		{"/organizations/{name}", ScopeOrganization, akkerisOrganization},
		{"/organization/{name}", ScopeOrganization, akkerisOrganization},
		{"/spaces/{name}", ScopeSpace, akkerisSpace},
		{"/space/{name}", ScopeSpace, akkerisSpace},
	} {
		view := func(r *Request) (*akkerisView, error) { return p.of(r, r.Path("name")) }
		s.Routes = append(s.Routes,
			Route{Pattern: "GET " + p.prefix + "/invoices", Scopes: []Scope{p.scope}, Answer: func(_ context.Context, r *Request) (Answer, error) {
				v, err := view(r)
				if err != nil {
					return Answer{}, err
				}
				return akkerisAnswer(v.list())
			}},
			Route{Pattern: "GET " + p.prefix + "/invoices/{id}", Scopes: []Scope{p.scope}, Answer: func(ctx context.Context, r *Request) (Answer, error) {
				v, err := view(r)
				if err != nil {
					return Answer{}, err
				}
				m, ok := akkerisMonth(r.Path("id"))
				if !ok {
					return Answer{}, NotFound(akkerisNoInvoice)
				}
				return akkerisAnswer(v.invoice(ctx, m))
			}},
		)
	}
	s.Prefixes = []string{"/account/", "/organizations/", "/organization/", "/spaces/", "/space/"}
	return s
}

const akkerisNoInvoice = "The specified invoice was not found."

// akkerisAnswer is a body with the header that its clients look at, of a limit that
// we do not have.
func akkerisAnswer(body []byte, err error) (Answer, error) {
	return Answer{Header: map[string]string{"RateLimit-Remaining": "2400"}, Body: body}, err
}

var akkerisDate = regexp.MustCompile(`^([0-9]{4}-[0-9]{1,2})(-[0-9]{1,2}(T[0-9:.]+Z)?)?$`)

// akkerisMonth reads the id of an invoice: any date of its month, or the month.
func akkerisMonth(id string) (pricing.Month, bool) {
	match := akkerisDate.FindStringSubmatch(id)
	if match == nil {
		return pricing.Month{}, false
	}
	for _, layout := range []string{"2006-1", "2006-1-2", "2006-1-2T15:04:05.999999999Z"} {
		if t, err := time.Parse(layout, id); err == nil {
			return pricing.MonthOf(pricing.DateOf(t)), true
		}
	}
	return pricing.Month{}, false
}
