package pricing

import (
	"time"

	"daybook/pricing/money"
)

// Scope says whether a row is part of the bill.
type Scope string

// Rows of ScopeBilled add up to the bill; ScopeOwn rows show an account its own
// pricing under a pooled price.
const (
	ScopeBilled Scope = "billed"
	ScopeOwn    Scope = "own"
)

// CostRow is one price's cost on one day: cumulative since its billing period
// began, and the day's difference. Amounts are exact to 20 places and not
// rounded to cents.
type CostRow struct {
	Day                            Date
	TimeframeStart, TimeframeEnd   time.Time // the local day as instants
	PeriodStart, PeriodEnd         time.Time
	BillingAccount, Account        string
	Subscription                   string // "" for the billed row of a pooled price
	Plan, Price, BookVersion, Unit string
	Grouping                       string // canonical JSON of a matrix price's group; "{}" otherwise
	Scope                          Scope
	Currency                       string
	CumulativeQuantity             money.Quantity // converted unit, 12 places half-even
	CumulativeSubtotal             money.Amount
	CumulativeTotal                money.Amount
	Quantity                       money.Quantity
	Subtotal, Total                money.Amount
}

// InvoiceKind tells invoices from notes.
type InvoiceKind string

// The kinds of invoice; notes come with corrections.
const (
	KindInvoice InvoiceKind = "invoice"
	KindDraft   InvoiceKind = "draft"
)

// Invoice is what one billing account owes in one currency for one closing.
// Its amounts are the sums of its lines'.
type Invoice struct {
	ID             string
	Number         string // "" on drafts
	Kind           InvoiceKind
	BillingAccount string
	Status         string // "issued" or "draft"
	Currency       money.Currency
	Unit           *PricingUnit // what the lines were priced in; nil: the currency
	PeriodStart    time.Time    // earliest line start
	PeriodEnd      time.Time    // latest line end
	IssuedAt       time.Time
	DueAt          time.Time
	Subtotal       money.Amount
	Discount       money.Amount // subtotal − total; negative when a minimum raised it
	Total          money.Amount
	Credits        money.Amount
	Tax            money.Amount
	BalanceApplied money.Amount // of the account's balance; below zero where the invoice adds to it
	AmountDue      money.Amount // total − credits + tax − balance applied
	Taxes          []InvoiceTax // by id
	Lines          []Line
	Own            []Line // ScopeOwn: shares shown to accounts under pooled prices; not in the sums
}

// Line is one charge of an invoice with its own dates.
type Line struct {
	Number                   int // from 1, in order
	Account, Subscription    string
	Plan, Price, BookVersion string
	Meter                    string // that the price charges for; "" when it is not one
	Description              string
	Grouping                 string // canonical JSON; "{}" when not grouped
	Model                    string
	Quantity                 money.Quantity // converted unit, 12 places half-even, before the allowance; free + billed
	Free                     money.Quantity // of it: allowance, included units, or a plan that costs nothing yet
	Billed                   money.Quantity // of it: priced, if at a price of zero
	Unit                     string
	UnitPrice                money.Amount // when one price held for all units
	HasUnitPrice             bool
	PeriodStart, PeriodEnd   time.Time
	Subtotal                 money.Amount // rounded to the currency's minor unit
	Discount                 money.Amount
	Total                    money.Amount
	Credits                  money.Amount
	Tax                      money.Amount
	ExactSubtotal            money.Amount // before rounding, 20 places
	InUnit                   *UnitAmounts // where the book has a pricing unit
	contained                money.Amount // tax that the price contained and the total does not
	bought                   boughtUnits  // paid by units bought ahead
	Parts                    []Part       // tiers, groups or resources that make the subtotal

	trace *lineTrace // on the way to a tracer
}

// Part is one tier, block or resource of a line, before adjustments.
type Part struct {
	Label     string // "tier 1 (0 to 400)", a resource's id, …
	Quantity  money.Quantity
	UnitPrice money.Amount
	Flat      money.Amount
	Amount    money.Amount // exact, 20 places
}

// Parked is an account that could not be rated, and why.
type Parked struct {
	Account string `json:"account"`
	Reason  string `json:"reason"` // snake_case code: no_plan, no_price_version, overflow, currency_mismatch, …
	Detail  string `json:"detail"` // a sentence that names the subscription and the remedy
	Since   Date   `json:"since"`  // first day concerned
}
