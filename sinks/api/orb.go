package api

import (
	"context"
	"net/http"

	"daybook/sinks/documents"
)

// Orb is the API of Orb (docs/apis.md). A customer is an account: of one that pays,
// what it pays for; of another, what it used itself.
func Orb() System {
	read := []Scope{ScopeBillingRead}
	return System{
		Name: "orb", Prefixes: []string{"/v1/"}, ContentType: "application/json",
		Routes: []Route{
			{"GET /v1/customers/{customer_id}/costs", read, orbCustomerCosts},
			{"GET /v1/customers/external_customer_id/{external_customer_id}/costs", read, orbExternalCosts},
			{"GET /v1/subscriptions/{subscription_id}/costs", read, orbSubscriptionCosts},
			{"GET /v1/subscriptions/{subscription_id}/usage", read, orbSubscriptionUsage},
			{"GET /v1/invoices", read, orbInvoices},
			{"GET /v1/invoices/summary", read, orbInvoiceSummaries},
			{"GET /v1/invoices/upcoming", read, orbUpcoming},
			{"GET /v1/invoices/{invoice_id}", read, orbInvoice},
		},
		Pages: orbPages,
		Fault: func(f *Fault) (string, []byte) {
			return "application/json", documents.OrbFault(f.Status, f.Message, f.Point)
		},
	}
}

// orbBody is an answer, or the error that kept it from being one.
func orbBody(body []byte, err error) (Answer, error) {
	if err != nil {
		return Answer{}, err
	}
	return Answer{Body: body}, nil
}

func orbCustomerCosts(ctx context.Context, r *Request) (Answer, error) {
	customer := r.Path("customer_id")
	if !r.Sees(customer) {
		return Answer{}, NotFound("there is no customer of this id")
	}
	return orbCostsOf(ctx, r, orbWhose{account: customer})
}

func orbExternalCosts(ctx context.Context, r *Request) (Answer, error) {
	customer, err := orbByExternalID(r, r.Path("external_customer_id"))
	if err != nil {
		return Answer{}, err
	}
	return orbCostsOf(ctx, r, orbWhose{account: customer})
}

// orbByExternalID finds the customer of an external id among those that the token
// sees. Where several have it, none is meant.
func orbByExternalID(r *Request, id string) (string, error) {
	found := ""
	for _, a := range r.Visible() {
		switch {
		case id == "" || a.ExternalID != id:
		case found != "":
			return "", &Fault{Status: http.StatusConflict, Code: "ambiguous", Message: "several customers have this external id; ask by customer_id"}
		default:
			found = a.ID
		}
	}
	if found == "" {
		return "", NotFound("there is no customer of this external id")
	}
	return found, nil
}

func orbSubscriptionCosts(ctx context.Context, r *Request) (Answer, error) {
	s, err := orbSubscription(r)
	if err != nil {
		return Answer{}, err
	}
	return orbCostsOf(ctx, r, orbWhose{account: s.Account, subscription: s.ID})
}
