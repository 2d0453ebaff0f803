package api

import (
	"cmp"
	"context"
	"net/http"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/sinks/documents"
)

// Rokka is the API of Rokka (docs/apis.md): what the organizations below one
// paying account cost by themselves and together, by month. Answers are of the
// content type that its client reads, to the letter.
func Rokka() System {
	return System{
		Name:        "rokka",
		Prefixes:    []string{"/billing/"},
		ContentType: "application/json",
		Routes:      []Route{{Pattern: "GET /billing/{org}", Scopes: []Scope{ScopeBillingRead}, Answer: rokkaBilling}},
		Fault: func(f *Fault) (contentType string, body []byte) {
			return "application/json", documents.RokkaError(f.Status, f.Message)
		},
		Credentials: func(h http.Header) string { return h.Get("Api-Key") },
		Pages:       rokkaPages,
	}
}

func rokkaBilling(ctx context.Context, r *Request) (Answer, error) {
	org, ok := rokkaOrganization(r, r.Path("org"))
	if !ok {
		return Answer{}, NotFound("there is no organization " + r.Path("org"))
	}
	months, err := documents.RokkaMonths(r.Query.Get("from"), r.Query.Get("to"), r.Facts.AsOf())
	if err != nil {
		return Answer{}, BadParameter("from", err.Error())
	}
	b := rokkaBills{r: r, master: r.Facts.Registry().BillingAccount(org.ID)}
	body, err := b.answer(ctx, months)
	return Answer{Body: body}, err
}

// rokkaLabelName is the name of an account in the API, where it is not its id.
const rokkaLabelName = "rokka.organization"

func rokkaName(a pricing.Account) string { return cmp.Or(a.Labels[rokkaLabelName], a.ID) }

// rokkaOrganization finds what the token sees by its name. An
// account with a label is not called by its id.
func rokkaOrganization(r *Request, name string) (pricing.Account, bool) {
	if a, ok := r.Facts.Registry().Account(name); ok && r.Sees(name) && rokkaName(a) == name {
		return a, true
	}
	for _, a := range r.Visible() {
		if a.Labels[rokkaLabelName] == name && name != "" {
			return a, true
		}
	}
	return pricing.Account{}, false
}

// rokkaBills collects what a master organization was charged.
type rokkaBills struct {
	r        *Request
	master   string
	currency oneCurrency // of all that was charged
	foreseen []pricing.ForecastRow
	asked    bool // for foreseen: it is of all open months, so once is enough
}

func (b *rokkaBills) payer() pricing.Account {
	a, _ := b.r.Facts.Registry().Account(b.master)
	return a
}

// answer writes months. What cannot be one answer, whatever is asked, is a fault.
func (b *rokkaBills) answer(ctx context.Context, months []pricing.Month) ([]byte, error) {
	var out []documents.RokkaMonth
	for _, m := range months {
		month, err := b.month(ctx, m)
		if err != nil {
			return nil, err
		}
		out = append(out, month)
	}
	body, err := documents.RokkaBilling(rokkaName(b.payer()), out, b.currencyOr(b.r.Facts.Books()))
	if err != nil {
		return nil, &Fault{Status: http.StatusConflict, Code: "cannot_be_shown", Message: err.Error()}
	}
	return body, nil
}

// month puts together a month's charges. A pooled price is charged to all together
// and shown to each organization by its own usage; another is both.
func (b *rokkaBills) month(ctx context.Context, m pricing.Month) (documents.RokkaMonth, error) {
	out := documents.RokkaMonth{Month: m}
	lines, err := b.charged(ctx, m)
	if err != nil {
		return out, err
	}
	own := map[string]documents.RokkaBill{}
	var combined documents.RokkaBill
	for _, l := range lines {
		charge := documents.RokkaCharged(l.Line)
		if l.pooled || !l.share {
			combined = append(combined, charge)
		}
		if !l.pooled {
			own[l.Account] = append(own[l.Account], charge)
		}
	}
	for _, a := range b.r.Facts.Registry().Under(b.master) {
		if b.r.Sees(a.ID) && b.r.Facts.Registry().BillingAccount(a.ID) == b.master && (a.ID != b.master || own[a.ID] != nil) {
			out.Organizations = append(out.Organizations, documents.RokkaOrganization{Name: rokkaName(a), Bill: own[a.ID]})
		}
	}
	if !b.r.Sees(b.master) {
		return out, nil
	}
	out.Combined = &combined
	out.Forecast, err = b.forecast(ctx, m)
	return out, err
}

// currencyOr is the currency of what was charged, else that of the account, else
// that of the first book.
func (b *rokkaBills) currencyOr(books []*pricing.Book) money.Currency {
	out := b.currency.Currency
	for _, book := range books {
		if out.Code == "" && cmp.Or(b.payer().Currency, book.Currency.Code) == book.Currency.Code {
			out = book.Currency
		}
	}
	return out
}
