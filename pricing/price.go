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
