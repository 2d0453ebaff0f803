package api

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"slices"

	"daybook/pricing"
)

// System is the API of one outside system.
type System struct {
	Name string // "orb"
	// Prefixes are the paths below which everything is the system's own, so that
	// what it does not know is answered in its shape: "/v1/".
	Prefixes []string
	Routes   []Route
	// ContentType is that of answers which name none.
	ContentType string
	// Fault writes the system's body of a fault, and its content type.
	Fault func(f *Fault) (contentType string, body []byte)
	// Credentials finds the token of a request where it is in none of the usual
	// places: a Bearer authorization, the password of a Basic one. May be nil.
	Credentials func(h http.Header) string
	// Pages are the answers that the job documents publishes, those with default
	// parameters: what belongs to a closing only of the closings from since on, as
	// earlier ones stand already; everything else as of now.
	Pages func(ctx context.Context, f Facts, since pricing.Month) iter.Seq2[Page, error]
}

// Page is an answer to everybody who may see an account, as a file:
// current/documents/<system>/<account>/<path>.json.
type Page struct {
	Account string // the billing account in whose folder it lies
	Path    string // of the API, without the leading slash: "v1/invoices/inv_7k2m"
	Body    []byte
}

// Route answers one pattern of the standard library's mux, as "GET
// /v1/invoices/{invoice_id}". A GET route answers HEAD too. A path that ends in a
// slash ends in "/{$}".
type Route struct {
	Pattern string
	Scopes  []Scope // a token needs one of them
	Answer  func(ctx context.Context, r *Request) (Answer, error)
}

// Request is what an answer may depend on.
type Request struct {
	Path   func(name string) string // a wildcard of the pattern, unescaped
	Query  url.Values
	Accept string // the header
	Body   []byte // of a POST; at most 64 KiB
	Access Access
	Facts  Facts
	Ask    Asker // nil where nothing may be asked for
}

// Asker takes what people ask later runs for; it publishes nothing.
type Asker interface {
	// VoidLine asks that a line of an invoice be billed no more.
	VoidLine(ctx context.Context, invoice string, line int, reason string) error
	// VoidUsage asks that what was used in a window of time be priced no more.
	VoidUsage(ctx context.Context, usage pricing.VoidUsage, reason string) error
}

// Sees reports whether the request's token may see an account: an account that
// the registry has, and that is the token's own or below it.
func (r *Request) Sees(account string) bool {
	reg := r.Facts.Registry()
	if _, ok := reg.Account(account); !ok {
		return false
	}
	return r.Access.Everything() || reg.Below(account, r.Access.Account)
}

// Visible lists the accounts that the request's token may see, by id.
func (r *Request) Visible() []pricing.Account {
	if r.Access.Everything() {
		return slices.Clone(r.Facts.Registry().Accounts)
	}
	return r.Facts.Registry().Under(r.Access.Account)
}

// Answer is a body with what goes before it. The zero status is 200.
type Answer struct {
	Status      int
	ContentType string // "": the system's
	Header      map[string]string
	Body        []byte
}

// Fault is an error that the caller is told, in the shape of its system.
type Fault struct {
	Status  int    // HTTP
	Code    string // snake_case: not_found, bad_parameter, …
	Message string
	Point   string // the parameter that it is about, or ""
	Allow   string // with 405: the methods of the address (RFC 9110, 15.5.6)
}

// Error is what the caller is told.
func (f *Fault) Error() string { return f.Message }

// NotFound is the fault of what is not there, or may not be seen.
func NotFound(message string) *Fault {
	return &Fault{Status: http.StatusNotFound, Code: "not_found", Message: message}
}

// BadParameter is the fault of a query parameter, or part of a path.
func BadParameter(name, message string) *Fault {
	return &Fault{Status: http.StatusBadRequest, Code: "bad_parameter", Message: message, Point: name}
}

// Denied is the fault of a token that lacks the scope of a route.
func Denied(message string) *Fault {
	return &Fault{Status: http.StatusForbidden, Code: "forbidden", Message: message}
}

// Unauthorized is the fault of a request without a valid token.
func Unauthorized() *Fault {
	return &Fault{Status: http.StatusUnauthorized, Code: "unauthorized", Message: "give a valid token"}
}
