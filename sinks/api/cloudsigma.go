package api

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"daybook/pricing"
	"daybook/sinks/documents"
)

// CloudSigma is the billing part of CloudSigma's API 2.0 (docs/apis.md). Its
// requests name no account: they are about the token's. A token that sees several
// says which by the parameter account.
func CloudSigma() System {
	s := System{
		Name: "cloudsigma", Prefixes: []string{"/api/2.0/"},
		ContentType: "application/json; charset=utf-8", Fault: cloudSigmaFault, Pages: cloudSigmaPages,
	}
	for _, list := range cloudSigmaLists() {
		s.Routes = append(s.Routes, cloudSigmaRoutes("GET", list.name, list.answer)...)
		s.Routes = append(s.Routes, cloudSigmaRoutes("", list.name, cloudSigmaMethod("GET"))...)
	}
	s.Routes = append(s.Routes, cloudSigmaRoutes("GET", "licenses/{id}", cloudSigmaLicense)...)
	s.Routes = append(s.Routes, cloudSigmaRoutes("GET", "subscriptions/{id}", cloudSigmaSubscription)...)
	s.Routes = append(s.Routes, cloudSigmaRoutes("POST", "subscriptioncalculator", cloudSigmaCalculator)...)
	s.Routes = append(s.Routes, cloudSigmaRoutes("", "subscriptioncalculator", cloudSigmaMethod("POST"))...)
	for _, name := range documents.CloudSigmaSchemas() {
		s.Routes = append(s.Routes, cloudSigmaRoutes("GET", name+"/schema", func(context.Context, *Request) ([]byte, error) {
			return documents.CloudSigmaSchema(name)
		})...)
	}
	return s
}

// cloudSigmaList answers a path that has no parts.
type cloudSigmaList struct {
	name   string
	answer func(ctx context.Context, r *Request) ([]byte, error)
}

func cloudSigmaLists() []cloudSigmaList {
	return []cloudSigmaList{
		{"balance", cloudSigmaBalance},
		{"burstusage", cloudSigmaBurstUsage},
		{"currentusage", cloudSigmaCurrentUsage},
		{"dailyburstusage", cloudSigmaDailyBurstUsage},
		{"discount", cloudSigmaDiscount},
		{"ledger", cloudSigmaLedger},
		{"licenses", cloudSigmaLicenses},
		{"pricing", cloudSigmaPricing},
		{"subscriptions", cloudSigmaSubscriptions},
		{"usage", cloudSigmaUsage},
	}
}

// cloudSigmaRoutes answers a path with its slash at the end and without it; no
// method is every one that no other route has.
func cloudSigmaRoutes(method, path string, answer func(ctx context.Context, r *Request) ([]byte, error)) []Route {
	handle := func(ctx context.Context, r *Request) (Answer, error) {
		inXML, err := cloudSigmaFormat(r)
		if err != nil {
			return Answer{}, err
		}
		body, err := answer(ctx, r)
		if err != nil || !inXML {
			return Answer{Body: body}, err
		}
		if body, err = documents.CloudSigmaXML(body); err != nil { // a resource of the book has a name that no element may have
			return Answer{}, &Fault{Status: http.StatusNotAcceptable, Code: "not_acceptable", Message: err.Error()}
		}
		return Answer{Body: body, ContentType: "application/xml; charset=utf-8"}, nil
	}
	scopes := []Scope{ScopeBillingRead}
	return []Route{
		{Pattern: strings.TrimSpace(method + " /api/2.0/" + path + "/{$}"), Scopes: scopes, Answer: handle},
		{Pattern: strings.TrimSpace(method + " /api/2.0/" + path), Scopes: scopes, Answer: handle},
	}
}

// cloudSigmaMethod refuses every method but one.
func cloudSigmaMethod(method string) func(context.Context, *Request) ([]byte, error) {
	return func(context.Context, *Request) ([]byte, error) {
		allow := strings.Replace(method, "GET", "GET, HEAD", 1)
		return nil, &Fault{Status: http.StatusMethodNotAllowed, Code: "method_not_allowed", Message: "this address is for " + method, Allow: allow}
	}
}

// cloudSigmaFormat says whether an answer is to be XML: by the parameter format,
// whose last value holds, else by what is accepted, where JSON goes first.
func cloudSigmaFormat(r *Request) (inXML bool, err error) {
	formats := r.Query["format"]
	if n := len(formats); n > 0 {
		switch formats[n-1] {
		case "json":
			return false, nil
		case "xml":
			return true, nil
		}
		return false, &Fault{Status: http.StatusNotAcceptable, Code: "not_acceptable", Message: "format is json or xml", Point: "format"}
	}
	accepts := func(texts ...string) bool {
		return slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(r.Accept, text) })
	}
	switch {
	case r.Accept == "" || accepts("application/json"):
		return false, nil
	case accepts("application/xml"):
		return true, nil
	case accepts("*/*", "application/*"):
		return false, nil
	}
	return false, &Fault{Status: http.StatusNotAcceptable, Code: "not_acceptable", Message: "accept application/json or application/xml"}
}

// cloudSigmaFault writes an error as the API does. Its types are few.
func cloudSigmaFault(f *Fault) (contentType string, body []byte) {
	kind := "backend"
	switch {
	case f.Status == http.StatusNotFound:
		kind = "notexist"
	case f.Status == http.StatusUnauthorized || f.Status == http.StatusForbidden:
		kind = "permission"
	case f.Status < http.StatusInternalServerError:
		kind = "validation"
	}
	return "application/json; charset=utf-8", documents.CloudSigmaErrors(kind, f.Message, f.Point)
}

// cloudSigmaView is what a request is about: an account with what stands below
// it and is paid for together with it.
type cloudSigmaView struct {
	facts    Facts
	raters   *pricing.Raters
	account  string
	currency string
	tree     pricing.Tree // that is rated together
	mine     map[string]bool
	pays     bool // the account gets the invoices
}

// cloudSigmaViewOf finds the account of a request.
func cloudSigmaViewOf(r *Request) (*cloudSigmaView, error) {
	account, err := cloudSigmaAccount(r.Query, r)
	if err != nil {
		return nil, err
	}
	if account == "" {
		return nil, BadParameter("account", "the token sees every account: say which by account=")
	}
	raters := r.Facts.Raters()
	v := &cloudSigmaView{facts: r.Facts, raters: raters, account: account, tree: raters.TreeOf(account), mine: map[string]bool{}}
	v.pays = v.tree.BillingAccount == account
	for _, id := range v.tree.Accounts {
		v.mine[id] = r.Facts.Registry().Below(id, account)
	}
	c, ok := raters.CurrencyOf(account)
	if !ok {
		return nil, NotFound("no price book is in the account's currency")
	}
	v.currency = c.Code
	return v, nil
}

// cloudSigmaAccount is the account that a request names, or the token's; "" where
// neither says one.
func cloudSigmaAccount(q url.Values, r *Request) (string, error) {
	account := r.Access.Account
	if q.Has("account") {
		account = q.Get("account")
	}
	if account == "" && !q.Has("account") {
		return "", nil
	}
	if !r.Sees(account) {
		return "", &Fault{Status: http.StatusNotFound, Code: "not_found", Message: "there is no such account", Point: "account"}
	}
	return account, nil
}

// polls returns the account's polls of the days in [from, to].
func (v *cloudSigmaView) polls(ctx context.Context, from, to pricing.Date) ([]pricing.BurstPoll, error) {
	rows, err := v.facts.Usage(ctx, v.tree.BillingAccount, v.raters.BurstWindow(v.tree, from), to)
	if err != nil {
		return nil, err
	}
	ours := map[string]bool{}
	for _, id := range v.tree.Accounts {
		ours[id] = true
	}
	var tree pricing.TreeUsage
	for _, u := range rows {
		if ours[u.Account] {
			tree.Rows = append(tree.Rows, u)
		}
	}
	var out []pricing.BurstPoll
	for _, p := range v.raters.BurstPolls(v.tree, tree, from, to, v.facts.AsOf()) {
		if v.mine[p.Account] && p.Currency.Code == v.currency {
			out = append(out, p)
		}
	}
	return out, nil
}

// newest is the newest day of which costs are published; ok is false where there
// is none.
func (v *cloudSigmaView) newest() (day pricing.Date, ok bool) {
	days := v.facts.Days()
	if len(days) == 0 {
		return 0, false
	}
	return days[len(days)-1], true
}
