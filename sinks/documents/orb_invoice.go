package documents

import (
	"encoding/json"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
)

// OrbInvoice is an invoice with what Orb says of it beside its lines.
type OrbInvoice struct {
	pricing.Invoice
	Customer     OrbCustomer
	Status       string    // draft, issued or paid
	Subscription string    // that it is for; "": what its lines say
	PaidAt       time.Time // of a paid one
	TargetDate   time.Time // of an upcoming one: when it will be issued
	Balance      *OrbBalanceChange
	CreditNotes  []pricing.Invoice // that correct it
	Lines        []OrbLine         // in place of the invoice's own
	Plan         []OrbPlanAdjustment
}

// OrbPlanAdjustment is one of a plan, over the prices that it is on.
type OrbPlanAdjustment struct {
	pricing.Adjustment
	On []string // ids of prices
}

type orbInvoiceHead struct {
	ID                string                  `json:"id"`
	Number            string                  `json:"invoice_number"`
	Status            string                  `json:"status"`
	Source            string                  `json:"invoice_source"`
	Customer          orbCustomer             `json:"customer"`
	Subscription      *orbID                  `json:"subscription"`
	Currency          string                  `json:"currency"`
	InvoiceDate       *string                 `json:"invoice_date,omitempty"`
	TargetDate        *string                 `json:"target_date,omitempty"`
	DueDate           *string                 `json:"due_date"`
	CreatedAt         string                  `json:"created_at"`
	IssuedAt          *string                 `json:"issued_at"`
	EligibleToIssueAt *string                 `json:"eligible_to_issue_at"`
	ScheduledIssueAt  *string                 `json:"scheduled_issue_at"`
	PaidAt            *string                 `json:"paid_at"`
	VoidedAt          *string                 `json:"voided_at"`
	IssueFailedAt     *string                 `json:"issue_failed_at"`
	SyncFailedAt      *string                 `json:"sync_failed_at"`
	PaymentStartedAt  *string                 `json:"payment_started_at"`
	PaymentFailedAt   *string                 `json:"payment_failed_at"`
	Subtotal          *string                 `json:"subtotal,omitempty"` // not of a summary
	Total             string                  `json:"total"`
	AmountDue         string                  `json:"amount_due"`
	BillingAddress    *OrbAddress             `json:"billing_address"`
	ShippingAddress   *OrbAddress             `json:"shipping_address"`
	TaxID             *OrbTaxID               `json:"customer_tax_id"`
	Balance           []orbBalanceTransaction `json:"customer_balance_transactions"`
	CreditNotes       []orbCreditNote         `json:"credit_notes"`
	AutoCollection    orbAutoCollection       `json:"auto_collection"`
	PaymentAttempts   []struct{}              `json:"payment_attempts"`
	Memo              *string                 `json:"memo"`
	InvoicePDF        *string                 `json:"invoice_pdf"`
	HostedURL         *string                 `json:"hosted_invoice_url"`
	WillAutoIssue     bool                    `json:"will_auto_issue"`
	Metadata          map[string]string       `json:"metadata"`
}

type orbInvoiceRest struct {
	Discount      *struct{}      `json:"discount"`
	Discounts     []*orbDiscount `json:"discounts"`
	Minimum       *orbMinimum    `json:"minimum"`
	MinimumAmount *string        `json:"minimum_amount"`
	Maximum       *orbMaximum    `json:"maximum"`
	MaximumAmount *string        `json:"maximum_amount"`
	Lines         []orbLine      `json:"line_items"`
}

type orbAutoCollection struct {
	Enabled  bool    `json:"enabled"`
	Next     *string `json:"next_attempt_at"`
	Attempts int     `json:"num_attempts"`
	Previous *string `json:"previously_attempted_at"`
}

type orbCreditNote struct {
	ID       string  `json:"id"`
	Number   string  `json:"credit_note_number"`
	Type     string  `json:"type"`
	Reason   string  `json:"reason"`
	Total    string  `json:"total"`
	Memo     *string `json:"memo"`
	VoidedAt *string `json:"voided_at"`
}

// JSON writes the invoice: its head, and what belongs to its lines.
func (i *OrbInvoice) JSON() (json.RawMessage, error) {
	head, err := compact(i.head(true))
	if err != nil {
		return nil, err
	}
	rest, err := compact(i.rest())
	if err != nil {
		return nil, err
	}
	head[len(head)-1] = ','
	return append(head, rest[1:]...), nil
}

// Summary writes the invoice without its lines, subtotal, minimums, maximums and
// discounts.
func (i *OrbInvoice) Summary() (json.RawMessage, error) { return compact(i.head(false)) }

func (i *OrbInvoice) head(subtotal bool) orbInvoiceHead {
	money := func(a money.Amount) string { return orbMoney(a, i.Currency.Digits) }
	out := orbInvoiceHead{
		ID: i.ID, Number: i.Number, Status: i.Status, Source: "subscription", Currency: i.Currency.Code,
		Customer: orbCustomer{i.Customer.ID, optional(i.Customer.ExternalID)}, Subscription: i.subscription(),
		InvoiceDate: orbTimeOrNull(i.IssuedAt), DueDate: orbTimeOrNull(i.DueAt), CreatedAt: orbTime(i.IssuedAt),
		IssuedAt: orbTimeOrNull(i.IssuedAt), EligibleToIssueAt: orbTimeOrNull(i.IssuedAt),
		PaidAt: orbTimeOrNull(i.PaidAt), Total: money(i.Total.Sub(i.Credits).Add(i.Tax)), AmountDue: money(i.AmountDue),
		BillingAddress: i.Customer.BillingAddress, ShippingAddress: i.Customer.Shipping, TaxID: i.Customer.TaxID,
		Balance: i.balance(), CreditNotes: make([]orbCreditNote, len(i.CreditNotes)), PaymentAttempts: []struct{}{}, Metadata: map[string]string{},
	}
	if subtotal {
		text := money(i.Subtotal)
		out.Subtotal = &text
	}
	if i.Kind.Note() {
		out.Source = "one_off"
	}
	if out.Number == "" {
		out.Number = i.ID // Orb's invoices always have one
	}
	if i.Status == "draft" {
		out.IssuedAt, out.WillAutoIssue = nil, true
		out.EligibleToIssueAt = orbTimeOrNull(i.TargetDate)
		out.ScheduledIssueAt = out.EligibleToIssueAt
	}
	if !i.TargetDate.IsZero() {
		out.InvoiceDate, out.TargetDate = nil, orbTimeOrNull(i.TargetDate)
	}
	for n, note := range i.CreditNotes {
		out.CreditNotes[n] = orbCreditNote{
			ID: note.ID, Number: note.Number, Type: "adjustment", Reason: "Order change", Total: money(note.Total.Sub(note.Credits).Add(note.Tax).Neg()),
		}
	}
	return out
}

// subscription is the one that all lines are of; nil where there are several.
func (i *OrbInvoice) subscription() *orbID {
	id := i.Subscription
	if id != "" {
		return &orbID{id}
	}
	for n, l := range i.Lines {
		if n > 0 && l.Subscription != id {
			return nil
		}
		id = l.Subscription
	}
	if id == "" {
		return nil
	}
	return &orbID{id}
}

func (i *OrbInvoice) rest() orbInvoiceRest {
	out := orbInvoiceRest{Discounts: []*orbDiscount{}, Lines: make([]orbLine, len(i.Lines))}
	for n := range i.Plan {
		a := &i.Plan[n]
		amount := orbMoney(a.Amount, i.Currency.Digits)
		switch {
		case a.Kind == pricing.MinimumCharge && out.Minimum == nil:
			out.Minimum, out.MinimumAmount = &orbMinimum{a.On, filtersOf(a.On), amount}, &amount
		case a.Kind == pricing.MaximumCharge && out.Maximum == nil:
			out.Maximum, out.MaximumAmount = &orbMaximum{a.On, filtersOf(a.On), amount}, &amount
		case a.Kind == pricing.AmountDiscount || a.Kind == pricing.PercentDiscount: // of usage only lines have
			out.Discounts = append(out.Discounts, orbDiscountOf(&a.Adjustment, a.On, i.Currency.Digits))
		}
	}
	for n := range i.Lines {
		out.Lines[n] = i.Lines[n].json(i.ID, i.Currency.Digits)
	}
	return out
}
