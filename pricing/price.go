package pricing

import "daybook/pricing/money"

// Pool says whose quantities a price counts together.
type Pool string

// The pools of docs/billing-rules.md, Accounts.
const (
	PoolSubscription   Pool = "" // each subscription by itself
	PoolAccount        Pool = "account"
	PoolBillingAccount Pool = "billing_account" // the whole tree under the paying account
)

// Due says at which end of its period a charge is billed.
type Due string

// The two ends.
const (
	InArrears Due = "" // at the period's end
	InAdvance Due = "in_advance"
)

// Price turns a quantity (of a meter, of resources, or a fixed one) into an
// amount. Exactly one of Meter and Resource is set, or neither for a fixed fee.
type Price struct {
	ID          string
	Description string
	Meter       string
	Resource    string
	Unit        string // for people; the meter's unless the price names one
	Pool        Pool
	Due         Due
	Model       Model
	Each        Each
	Allowance   money.Quantity    // taken off the converted quantity before pricing
	Included    *Included         // units that come with resources, beside Allowance
	RoundTo     *QuantityRounding // of a quantity; of the time of each resource
	RoundAmount *AmountRounding   // of what each window, group or resource costs, before they are added
	Adjust      []Adjustment      // of this price alone
	Prorate     Proration         // "" : the book's convention
	Cycle       Cycle             // of a fixed fee; zero: the plan's
	Once        bool              // of a fixed fee: owed when the subscription begins, and never again
	Position    Position          // where the book says it, for messages
}

// Position is a place in a price book file.
type Position struct {
	File         string
	Line, Column int
}

// QuantityRounding rounds a converted quantity before the allowance: to decimal
// places, or to whole multiples of Step.
type QuantityRounding struct {
	Places int32
	Mode   money.Rounding
	Step   money.Quantity // above zero: instead of Places
}

func (r *QuantityRounding) round(q money.Fraction) money.Fraction {
	if r == nil {
		return q
	}
	if r.Step.Sign() <= 0 {
		return q.Round(r.Places, r.Mode)
	}
	steps, _ := q.Quo(r.Step.Fraction()) // above zero, so the quotient exists
	return steps.Round(0, r.Mode).Mul(r.Step.Fraction())
}

// AmountRounding rounds an amount of a subtotal, finer than the currency mostly.
type AmountRounding struct {
	Places int32
	Mode   money.Rounding
}

func (r *AmountRounding) round(a money.Fraction) money.Fraction {
	if r == nil {
		return a
	}
	return a.Round(r.Places, r.Mode)
}

// Model is a price model: how a quantity becomes an amount. The concrete types
// are those of this file, Percentage, GraduatedPercentage, Threshold, Dynamic,
// Capacity, Bundle, Burst and Term, and around them Committed and TimeOfDay; each
// has its worked example in its tests.
type Model interface {
	// Name is the model's key in a price book: "unit", "graduated", …
	Name() string
}

// Unit prices every unit alike.
type Unit struct{ Price money.Amount }

// Tier is one step of Graduated or Volume. Its bound is inclusive: a tier up
// to 100 contains 100.
type Tier struct {
	UpTo  money.Quantity // ignored when Open
	Open  bool           // the last tier has no bound
	Unit  money.Amount   // of one unit, or of one block
	Flat  money.Amount   // owed once when the tier is entered
	Block money.Quantity // above zero: Unit is the price of each started block of so many units
}

// Graduated prices each unit at the price of the tier it falls in.
type Graduated struct {
	Tiers      []Tier
	FlatOnZero bool // the first tier's flat fee is owed for no usage too
}

// Volume prices all units at the price of the one tier the quantity falls in.
type Volume struct {
	Tiers      []Tier
	FlatOnZero bool // the first tier's flat fee is owed for no usage too
}

// Package prices blocks of Size units: started ones, or only full ones.
type Package struct {
	Size  money.Quantity
	Price money.Amount
	Full  bool // what is left of the last block costs nothing
}

// Matrix prices by one or two dimensions, with a default for the cells that
// are not listed.
type Matrix struct {
	By         []string // one or two of the meter's dimensions, in order
	Default    money.Amount
	HasDefault bool
	Cells      []MatrixCell // sorted by Values
}

// MatrixCell is the unit price of one combination of dimension values.
type MatrixCell struct {
	Values []string // one for each of Matrix.By
	Unit   money.Amount
}

// Fixed is a fee for each period, times the subscription's quantity for the
// price (1 unless Subscription.Quantities says otherwise).
type Fixed struct{ Price money.Amount }

// ResourceTime prices quantity × unit price × the time a resource existed.
// With Per zero it is the part of the billing period; otherwise the number of
// Per units (an hour, a day), at most Cap of them in a period when Cap is set.
type ResourceTime struct {
	PriceBy    string // "" : Unit prices every resource; "sku": Prices by SKU
	Unit       money.Amount
	Prices     []SKUPrice // sorted by SKU
	PerSeconds int64      // 0: the billing period
	CapSeconds int64      // 0: none
	OwnLines   bool       // each resource is an invoice line of its own
}

// SKUPrice is the price of one kind of resource.
type SKUPrice struct {
	SKU   string
	Price money.Amount
}

// Name implements Model.
func (Unit) Name() string { return "unit" }

// Name implements Model.
func (Graduated) Name() string { return "graduated" }

// Name implements Model.
func (Volume) Name() string { return "volume" }

// Name implements Model.
func (Package) Name() string { return "package" }

// Name implements Model.
func (Matrix) Name() string { return "matrix" }

// Name implements Model.
func (Fixed) Name() string { return "fixed" }

// Name implements Model.
func (ResourceTime) Name() string { return "resource" }
