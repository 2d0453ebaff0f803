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

// The kinds of invoice. Notes hold corrections of what was invoiced before
// (docs/billing-rules.md, Corrections).
const (
	KindInvoice    InvoiceKind = "invoice"
	KindCreditNote InvoiceKind = "credit_note" // its total is below zero
	KindDebitNote  InvoiceKind = "debit_note"
)

// Note reports whether the kind is a note, which is numbered in a series of its own.
func (k InvoiceKind) Note() bool { return k == KindCreditNote || k == KindDebitNote }

// Invoice is what one billing account owes in one currency for one closing.
// Its amounts are the sums of its lines'.
type Invoice struct {
	ID             string
	Number         string // "" on drafts
	Kind           InvoiceKind
	Ordinal        int      // from 1, of its billing account, currency and kind in the closing; 0: read back, and not known
	Corrects       Corrects // of a note of one closing's lines: what it corrects; else zero
	BillingAccount string
	Status         string // "issued" or "draft"
	Currency       money.Currency
	Unit           *PricingUnit // what the lines were priced in; nil: the currency
	PeriodStart    time.Time    // earliest line start, corrections aside where there are other lines
	PeriodEnd      time.Time    // latest line end, likewise
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
	ContainedTax             money.Amount // tax that the price contained and the total does not
	Taxes                    []LineTax    // that it owes, by id, once it is settled
	GivenBack                bool         // takes back part of what was billed ahead
	For                      Month        // the closing whose charge it is, where another bills it; zero: the one that bills it
	Corrects                 Corrects     // of a correction: what it corrects; else zero
	bought                   boughtUnits  // paid by units bought ahead
	leavesNothing            bool         // of a correction: its charge is owed no more
	levied                   *levied      // of a correction: what taxes it owes; nil: those of the registry
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
