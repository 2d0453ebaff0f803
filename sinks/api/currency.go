package api

import (
	"net/http"

	"daybook/pricing/money"
)

// oneCurrency is what all amounts of an answer are in; the zero value: none yet.
type oneCurrency struct{ money.Currency }

// use notes an amount's currency. A second one is a fault: amounts of both cannot
// be added.
func (o *oneCurrency) use(c money.Currency, of string) error {
	if o.Code != "" && o.Currency != c {
		return &Fault{Status: http.StatusConflict, Code: "mixed_currencies", Message: of +
			" is billed in " + o.Code + " and in " + c.Code + ", which cannot be added: see the invoices of each account"}
	}
	o.Currency = c
	return nil
}
