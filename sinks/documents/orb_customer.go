package documents

import (
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
)

// OrbCustomer is who an invoice is for. What is not known is null.
type OrbCustomer struct {
	ID, ExternalID           string
	BillingAddress, Shipping *OrbAddress
	TaxID                    *OrbTaxID
}

// OrbAddress is a postal address, as accounts have it in labels.
type OrbAddress struct {
	City       *string `json:"city"`
	Country    *string `json:"country"`
	Line1      *string `json:"line1"`
	Line2      *string `json:"line2"`
	PostalCode *string `json:"postal_code"`
	State      *string `json:"state"`
}

// OrbTaxID is the customer's number with a tax authority.
type OrbTaxID struct {
	Country string `json:"country"`
	Type    string `json:"type"`
	Value   string `json:"value"`
}

type orbCustomer struct {
	ID         string  `json:"id"`
	ExternalID *string `json:"external_customer_id"`
}

// OrbBalanceChange is what an invoice did to the customer's balance.
type OrbBalanceChange struct {
	ID            string
	At            time.Time
	Before, After money.Amount // above zero: the customer has it with us
}

type orbBalanceTransaction struct {
	ID         string  `json:"id"`
	Action     string  `json:"action"`
	Type       string  `json:"type"`
	Amount     string  `json:"amount"`
	Starting   string  `json:"starting_balance"`
	Ending     string  `json:"ending_balance"`
	CreatedAt  string  `json:"created_at"`
	Invoice    *orbID  `json:"invoice"`
	CreditNote *orbID  `json:"credit_note"`
	About      *string `json:"description"`
}

func (i *OrbInvoice) balance() []orbBalanceTransaction {
	b := i.Balance
	if b == nil {
		return []orbBalanceTransaction{}
	}
	change := b.After.Sub(b.Before)
	out := orbBalanceTransaction{
		ID: b.ID, Action: "applied_to_invoice", Type: "decrement", Amount: orbMoney(change.Neg(), i.Currency.Digits),
		Starting: orbMoney(b.Before, i.Currency.Digits), Ending: orbMoney(b.After, i.Currency.Digits),
		CreatedAt: orbTime(b.At), Invoice: &orbID{i.ID},
	}
	if change.Sign() > 0 {
		out.Type, out.Amount = "increment", orbMoney(change, i.Currency.Digits)
		if i.Kind == pricing.KindCreditNote {
			out.Action, out.Invoice, out.CreditNote = "credit_note_applied", nil, &orbID{i.ID}
		} else {
			out.Action = "prorated_refund"
		}
	}
	return []orbBalanceTransaction{out}
}
