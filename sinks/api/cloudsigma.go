package api

import (
	"context"
	"net/http"
	"net/url"
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
	}
	s.Routes = append(s.Routes, cloudSigmaRoutes("GET", "licenses/{id}", cloudSigmaLicense)...)
	s.Routes = append(s.Routes, cloudSigmaRoutes("GET", "subscriptions/{id}", cloudSigmaSubscription)...)
	s.Routes = append(s.Routes, cloudSigmaRoutes("POST", "subscriptioncalculator", cloudSigmaCalculator)...)
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

// cloudSigmaRoutes answers a path with its slash at the end and without it.
func cloudSigmaRoutes(method, path string, answer func(ctx context.Context, r *Request) ([]byte, error)) []Route {
	handle := func(ctx context.Context, r *Request) (Answer, error) {
		if err := cloudSigmaFormat(r); err != nil {
			return Answer{}, err
		}
		body, err := answer(ctx, r)
		return Answer{Body: body}, err
	}
	scopes := []Scope{ScopeBillingRead}
	return []Route{
		{Pattern: method + " /api/2.0/" + path + "/{$}", Scopes: scopes, Answer: handle},
		{Pattern: method + " /api/2.0/" + path, Scopes: scopes, Answer: handle},
	}
}

// cloudSigmaFormat refuses what asks for anything but JSON: XML is not written.
func cloudSigmaFormat(r *Request) error {
	if formats := r.Query["format"]; len(formats) > 0 {
		if last := formats[len(formats)-1]; last != "json" {
			return &Fault{Status: http.StatusNotAcceptable, Code: "not_acceptable", Message: "answers are JSON: leave format out, or say json", Point: "format"}
		}
		return nil
	}
	if r.Accept == "" || strings.Contains(r.Accept, "json") || strings.Contains(r.Accept, "*/*") || strings.Contains(r.Accept, "application/*") {
		return nil
	}
	return &Fault{Status: http.StatusNotAcceptable, Code: "not_acceptable", Message: "answers are JSON: accept application/json"}
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
	if c, ok := raters.CurrencyOf(account); ok {
		v.currency = c.Code
	}
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
	first, _ := v.raters.Window(from)
	rows, err := v.facts.Usage(ctx, v.tree.BillingAccount, min(first, from), to)
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
