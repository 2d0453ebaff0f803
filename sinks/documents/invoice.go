package documents

import (
	"fmt"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
)

// InvoiceSchema is the schema that an invoice document names
// (docs/schemas/invoice.schema.json).
const InvoiceSchema = "daybook/invoice/1"

// Parties are who an invoice is from and to, as far as the invoice itself does
// not say it. The zero value is useful: what is unknown is left out or null.
type Parties struct {
	Issuer     Issuer
	Name       string // of the billing account
	ExternalID string // of the billing account
}

// Issuer is who an invoice is from; the zero value is left out of the document.
type Issuer struct {
	Name    string
	Address []string // lines
	TaxID   string
}

type invoiceDocument struct {
	Schema         string         `json:"schema"`
	ID             string         `json:"id"`
	Number         *string        `json:"number"`
	Kind           string         `json:"kind"`
	Status         string         `json:"status"`
	Issuer         *issuerParty   `json:"issuer,omitempty"`
	BillingAccount billingAccount `json:"billing_account"`
	Corrects       *corrected     `json:"corrects,omitempty"`
	Currency       string         `json:"currency"`
	Period         period         `json:"period"`
	IssuedAt       *string        `json:"issued_at"`
	DueAt          *string        `json:"due_at"`
	Lines          []lineItem     `json:"lines"`
	Shares         []lineItem     `json:"shares,omitempty"`
	Subtotal       string         `json:"subtotal"`
	Discount       string         `json:"discount"`
	Total          string         `json:"total"`
	Credits        string         `json:"credits"`
	Tax            string         `json:"tax"`
	Taxes          []taxItem      `json:"taxes"`
	BalanceApplied string         `json:"balance_applied"`
	AmountDue      string         `json:"amount_due"`
}

// corrected is the closing, and the invoice, that a note or line corrects.
type corrected struct {
	Closing   string  `json:"closing"`
	InvoiceID *string `json:"invoice_id"`
}

func correctedBy(c pricing.Corrects) *corrected {
	if c == (pricing.Corrects{}) {
		return nil
	}
	return &corrected{c.Closing.String(), optional(c.Invoice)}
}

type taxItem struct {
	TaxID        string `json:"tax_id"`
	Jurisdiction string `json:"jurisdiction"`
	Rate         string `json:"rate"`
	Inclusive    bool   `json:"inclusive"`
	Taxable      string `json:"taxable"`
	Tax          string `json:"tax"`
}

type issuerParty struct {
	Name    string   `json:"name"`
	Address []string `json:"address,omitempty"`
	TaxID   *string  `json:"tax_id,omitempty"`
}

type billingAccount struct {
	ID         string  `json:"id"`
	Name       *string `json:"name"`
	ExternalID *string `json:"external_id"`
}

type period struct {
	Start string `json:"start"`
	End   string `json:"end"`
}

type lineItem struct {
	Line           int            `json:"line"`
	AccountID      string         `json:"account_id"`
	SubscriptionID *string        `json:"subscription_id"`
	PlanID         string         `json:"plan_id"`
	PriceID        string         `json:"price_id"`
	BookVersion    string         `json:"book_version"`
	Description    string         `json:"description"`
	Grouping       map[string]any `json:"grouping"`
	Quantity       string         `json:"quantity"`
	Unit           string         `json:"unit"`
	UnitPrice      *string        `json:"unit_price"`
	Period         period         `json:"period"`
	GivesBack      bool           `json:"gives_back,omitempty"`
	ForClosing     string         `json:"for_closing,omitempty"`
	Corrects       *corrected     `json:"corrects,omitempty"`
	ExactSubtotal  string         `json:"exact_subtotal"`
	Subtotal       string         `json:"subtotal"`
	Discount       string         `json:"discount"`
	Total          string         `json:"total"`
	Credits        string         `json:"credits"`
	Tax            string         `json:"tax"`
	PricingUnit    *unitAmounts   `json:"pricing_unit,omitempty"`
	Parts          []linePart     `json:"parts"`
}

// unitAmounts is a line in the pricing unit of its book, before it was converted.
type unitAmounts struct {
	Name     string `json:"name"`
	Worth    string `json:"worth"`
	Subtotal string `json:"subtotal"`
	Total    string `json:"total"`
	Credits  string `json:"credits"`
}

type linePart struct {
	Label     string `json:"label"`
	Quantity  string `json:"quantity"`
	UnitPrice string `json:"unit_price"`
	Flat      string `json:"flat"`
	Amount    string `json:"amount"`
}

// Invoice writes the canonical invoice document. Amounts have the currency's
// digits; unit prices, exact subtotals and the amounts of parts are exact. Shares are an
// account's own pricing under pooled prices: for information, not in the sums
// (docs/billing-rules.md, Accounts). An amount with more decimals than the
// currency has, or a grouping that is not a JSON object, is an error that names
// the invoice and the line.
func Invoice(i pricing.Invoice, p Parties) ([]byte, error) {
	written, err := WriteInvoice(i, p)
	return written.body, err
}

// WrittenInvoice is a document that [Invoice] gives, and nothing else.
type WrittenInvoice struct{ body []byte }

// Body is the document. It is not to be changed.
func (w WrittenInvoice) Body() []byte { return w.body }

// WriteInvoice is [Invoice] for those who make events of the document too.
func WriteInvoice(i pricing.Invoice, p Parties) (WrittenInvoice, error) {
	d := invoiceDocument{
		Schema: InvoiceSchema, ID: i.ID, Number: optional(i.Number), Kind: string(i.Kind), Status: i.Status,
		Issuer: p.Issuer.party(), BillingAccount: billingAccount{i.BillingAccount, optional(p.Name), optional(p.ExternalID)},
		Corrects: correctedBy(i.Corrects), Currency: i.Currency.Code, Period: period{instant(i.PeriodStart), instant(i.PeriodEnd)},
		IssuedAt: optionalInstant(i.IssuedAt), DueAt: optionalInstant(i.DueAt), Lines: []lineItem{}, Taxes: make([]taxItem, len(i.Taxes)),
	}
	err := fixedAll(i.Currency, []sum{
		{"subtotal", i.Subtotal, &d.Subtotal},
		{"discount", i.Discount, &d.Discount},
		{"total", i.Total, &d.Total},
		{"credits", i.Credits, &d.Credits},
		{"tax", i.Tax, &d.Tax},
		{"balance applied", i.BalanceApplied, &d.BalanceApplied},
		{"amount due", i.AmountDue, &d.AmountDue},
	})
	for n := 0; n < len(i.Taxes) && err == nil; n++ {
		t := &i.Taxes[n]
		d.Taxes[n] = taxItem{TaxID: t.Tax, Jurisdiction: t.Jurisdiction, Rate: t.Rate.String(), Inclusive: t.Inclusive}
		err = fixedAll(i.Currency, []sum{{"taxable", t.Taxable, &d.Taxes[n].Taxable}, {"tax " + t.Tax, t.Amount, &d.Taxes[n].Tax}})
	}
	for n := 0; n < len(i.Lines) && err == nil; n++ {
		err = appendLine(&d.Lines, i.Lines[n], i.Currency)
	}
	for n := 0; n < len(i.Own) && err == nil; n++ {
		err = appendLine(&d.Shares, i.Own[n], i.Currency)
	}
	if err != nil {
		return WrittenInvoice{}, fmt.Errorf("write invoice %s of account %q: %w", i.ID, i.BillingAccount, err)
	}
	body, err := compact(d)
	return WrittenInvoice{body}, err
}

func appendLine(to *[]lineItem, l pricing.Line, c money.Currency) error {
	grouping, err := group(l.Grouping)
	if err != nil {
		return fmt.Errorf("line %d: %w", l.Number, err)
	}
	item := lineItem{
		Line: l.Number, AccountID: l.Account, SubscriptionID: optional(l.Subscription), PlanID: l.Plan, PriceID: l.Price,
		BookVersion: l.BookVersion, Description: l.Description, Grouping: grouping, Quantity: l.Quantity.String(), Unit: l.Unit,
		Period: period{instant(l.PeriodStart), instant(l.PeriodEnd)}, GivesBack: l.GivenBack, Corrects: correctedBy(l.Corrects), ExactSubtotal: l.ExactSubtotal.String(), Parts: make([]linePart, len(l.Parts)),
	}
	if l.For != (pricing.Month{}) {
		item.ForClosing = l.For.String()
	}
	if l.HasUnitPrice {
		price := l.UnitPrice.String()
		item.UnitPrice = &price
	}
	if u := l.InUnit; u != nil {
		item.PricingUnit = &unitAmounts{u.Name, u.Worth.String(), u.Subtotal.String(), u.Total.String(), u.Credits.String()}
	}
	for i, p := range l.Parts {
		item.Parts[i] = linePart{p.Label, p.Quantity.String(), p.UnitPrice.String(), p.Flat.String(), p.Amount.String()}
	}
	err = fixedAll(c, []sum{
		{"subtotal", l.Subtotal, &item.Subtotal},
		{"discount", l.Discount, &item.Discount},
		{"total", l.Total, &item.Total},
		{"credits", l.Credits, &item.Credits},
		{"tax", l.Tax, &item.Tax},
	})
	if err != nil {
		return fmt.Errorf("line %d: %w", l.Number, err)
	}
	*to = append(*to, item)
	return nil
}

// sum is an amount and the text that it becomes.
type sum struct {
	what   string
	amount money.Amount
	text   *string
}

func fixedAll(c money.Currency, sums []sum) error {
	for _, s := range sums {
		text, err := fixed(s.amount, c)
		if err != nil {
			return fmt.Errorf("%s: %w", s.what, err)
		}
		*s.text = text
	}
	return nil
}

func (i Issuer) party() *issuerParty {
	if i.Name == "" && i.TaxID == "" && len(i.Address) == 0 {
		return nil
	}
	return &issuerParty{i.Name, i.Address, optional(i.TaxID)}
}

// optionalInstant is nil, JSON's null, for the zero time: a draft is not issued.
func optionalInstant(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	return optional(instant(t))
}
