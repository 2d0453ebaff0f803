package pricing

import "daybook/pricing/money"

// Book is one price book: all versions of its meters and plans, in one currency.
type Book struct {
	Name     string
	Currency money.Currency
	Unit     *PricingUnit // what amounts are in; nil: the currency
	Versions []Version    // sorted by Effective, no two equal
}

// Version is the book as it holds from a local midnight until the next version.
type Version struct {
	ID          string // "<book>@<effective date>", the book_version of rows
	Effective   Date
	Worth       money.Amount // of one pricing unit, in the currency; where the book has one
	Conventions Conventions
	Meters      []Meter // sorted by ID
	Plans       []Plan  // sorted by ID
}

// Conventions are the rules on which billing systems differ, chosen once for a
// version (docs/billing-rules.md).
type Conventions struct {
	Rounding  money.Rounding // of line items; half up unless the book says otherwise
	Month     MonthLength
	Proration Proration
}

// MonthLength says how long a month is where a price is per month.
type MonthLength string

// The month conventions.
const (
	MonthCalendar      MonthLength = "calendar"
	Month730Hours      MonthLength = "730h"
	Month30Days        MonthLength = "30d"
	MonthLessOneSecond MonthLength = "calendar_less_1s"
	MonthFirst730Hours MonthLength = "730h_first" // of 730 hours while a resource begins, later months are whole
	Month30Of360       MonthLength = "30/360"     // of days: each month has 30, the 31st counts as the 30th
)

// Proration says how a part of a period is measured.
type Proration string

// The proration conventions.
const (
	ProrateTime        Proration = "time"         // exact time over the period's real length
	ProrateDays        Proration = "days"         // whole local days wholly inside
	ProrateStartedDays Proration = "started_days" // local days touched
	ProrateNone        Proration = "none"         // a started period is owed in full
)

// Plan is what a customer subscribes to.
type Plan struct {
	ID        string
	Name      string
	Cycle     Cycle
	Prices    []Price // in the book's order, which is the order of invoice lines
	Adjust    []Adjustment
	FreeBelow []FreeBelow // a cliff: free only while all meters stay at or below
	Phases    []Phase     // in order of time; after them the plan is as it stands
	Position  Position

	phase     int    // of a plan in a phase: which
	phaseName string // what invoice lines say of it
	free      bool   // nothing is owed
}

// Cycle is how often and from which day a plan bills.
type Cycle struct {
	Months int // 1, 3, 6 or 12
	Days   int // above 0: a period of so many days, and Months is 0
	Anchor Anchor
}

// Anchor is where billing periods begin.
type Anchor struct {
	Subscription bool // on the day of the month on which the subscription began
	Day          int  // 1 to 31; 31 falls to a month's last day; 1 is the calendar
}

// FreeBelow is one meter's bound of a plan that is free while every bound holds
// (the bound itself is still free).
type FreeBelow struct {
	Meter string
	UpTo  money.Quantity
}

// AdjustmentKind orders adjustments as docs/billing-rules.md does.
type AdjustmentKind int

// The kinds in the order in which they apply.
const (
	UsageDiscount   AdjustmentKind = iota + 1 // Quantity units for nothing
	AmountDiscount                            // Amount off
	PercentDiscount                           // Percent off
	MinimumCharge                             // raise to Amount
	MaximumCharge                             // lower to Amount
)

// Adjustment changes the subtotal of one price or of several together.
type Adjustment struct {
	Kind     AdjustmentKind
	Quantity money.Quantity // UsageDiscount
	Amount   money.Amount   // AmountDiscount, MinimumCharge, MaximumCharge
	Percent  money.Quantity // PercentDiscount: 10 is ten per cent
	On       []string       // price ids; empty in a plan: all
	To       string         // a minimum over lines that are all zero goes here; "" splits evenly
	// FirstMonths limits it to periods that begin within so many months of the
	// subscription's start; 0: always.
	FirstMonths int
	// Prorate shares a plan's Amount by time where the subscription covers a part
	// of the period; "": it is owed in full.
	Prorate  Proration
	Position Position
}

// MeterOf returns the version's meter of that id.
func (v *Version) MeterOf(id string) (Meter, bool) {
	for i := range v.Meters {
		if v.Meters[i].ID == id {
			return v.Meters[i], true
		}
	}
	return Meter{}, false
}

// PlanOf returns the version's plan of that id.
func (v *Version) PlanOf(id string) (*Plan, bool) {
	for i := range v.Plans {
		if v.Plans[i].ID == id {
			return &v.Plans[i], true
		}
	}
	return nil, false
}

// VersionIn returns the version of that id, and the one of the books that it is of.
func VersionIn(books []*Book, id string) (b *Book, v *Version, ok bool) {
	for _, b := range books {
		for i := range b.Versions {
			if b.Versions[i].ID == id {
				return b, &b.Versions[i], true
			}
		}
	}
	return nil, nil, false
}

// VersionOn returns the version in force on a local day; ok is false before
// the first one.
func (b *Book) VersionOn(d Date) (v *Version, ok bool) {
	for i := range b.Versions {
		if b.Versions[i].Effective <= d {
			v, ok = &b.Versions[i], true
		}
	}
	return v, ok
}
