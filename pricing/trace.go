package pricing

import (
	"fmt"
	"slices"

	"daybook/pricing/money"
)

// StepKind says what a step of an explanation does.
type StepKind string

// The steps of a line in the order in which they come
// (docs/billing-rules.md, The order of an amount). Which fields of a Step count
// follows from its kind.
const (
	StepMeasure   StepKind = "measure"        // Quantity of a meter in the event's own unit, of Events in Rows
	StepQuantity  StepKind = "quantity"       // Quantity that a fee or resources are for
	StepConvert   StepKind = "convert"        // Quantity in the priced unit
	StepRoundUnit StepKind = "round_quantity" // Quantity as the price rounds it
	StepAllowance StepKind = "allowance"      // Quantity that is left to price
	StepProrate   StepKind = "prorate"        // Quantity is the part of the period that is owed
	StepPart      StepKind = "part"           // Quantity at UnitPrice, and Flat, make Amount: a tier, blocks, a group, a resource
	StepSubtotal  StepKind = "subtotal"       // Amount: the sum of the parts, exact
	StepAdjust    StepKind = "adjustment"     // Amount that an adjustment adds, or takes off below zero
	StepTotal     StepKind = "total"          // Amount: subtotal and adjustments, exact
	StepRound     StepKind = "round"          // Amount as it stands on the invoice
	StepCredit    StepKind = "credit"         // Amount that credits pay
	StepWorth     StepKind = "worth"          // Amount in the currency of what is left in a pricing unit
	StepTax       StepKind = "tax"            // Amount of tax
)

// Step is one step of how a line came about. Quantities are cut to 12 places
// half-even, as they are published; amounts are exact.
type Step struct {
	Kind  StepKind
	Label string // in words: "sum of traffic", "tier 1 (0 to 400)", "10 % off"

	Quantity        money.Quantity
	UnitPrice, Flat money.Amount
	Amount          money.Amount

	// Of a measure: whose usage it is and where it stands.
	Subscription, Meter string
	From, To            Date  // local days that count, both inclusive
	Carried             Date  // of what carries: from which day on something earlier was looked for; else From
	Events, Rows        int64 // Rows of rollups, those of a carried level included
}

// Explanation is one line of an invoice and how it came about.
type Explanation struct {
	Invoice string // its id
	Own     bool   // the line is a share shown to an account, and in no sum
	Line    Line
	Steps   []Step
	// BillingPeriod is the period as the plan's cycle has it and Covered what of
	// it the subscription holds; the line's own is a part of that where a new
	// version of the book splits it.
	BillingPeriod, Covered Period
	Phase                  string    // of the plan; "" where it has none, or all have passed
	Readings               []Reading // of a price for each window of time; they sum to the line's exact total
}

// lineTrace is what a line's item leaves for the tracer.
type lineTrace struct {
	steps          []Step
	nominal, whole Period
	phase          string
	readings       []Reading
}

// Tracer is told of every line of a closing, in order, by the code that rates
// it: the numbers of the steps are those the line was made of. A nil Tracer
// costs nothing, and no figure depends on it.
type Tracer func(Explanation)

// explain tells the tracer of an invoice's lines.
func (t Tracer) explain(i *Invoice) {
	if t == nil {
		return
	}
	tell := func(lines []Line, own bool) {
		for n := range lines {
			var from lineTrace
			if lines[n].trace != nil {
				from, lines[n].trace = *lines[n].trace, nil
			}
			t(Explanation{
				Invoice: i.ID, Own: own, Line: lines[n], Steps: from.steps, BillingPeriod: from.nominal, Covered: from.whole,
				Phase: from.phase, Readings: from.readings,
			})
		}
	}
	tell(i.Lines, false)
	tell(i.Own, true)
}

// Settled is the explanation of the line as it was settled: what credits paid of
// it, what it is worth where it was priced in a unit of the book's own, and the tax
// on it.
func (e Explanation) Settled(l Line) Explanation {
	rounded := e.Line.Total
	e.Line, e.Steps = l, slices.Clone(e.Steps)
	paid := l.Credits
	if b := l.bought; l.InUnit == nil && !b.quantity.IsZero() {
		paid = paid.Sub(b.worth)
		e.Steps = append(e.Steps, Step{Kind: StepCredit, Label: "paid by " + b.quantity.String() + " " + l.Unit + " bought ahead", Amount: b.worth.Neg()})
	}
	if u := l.InUnit; u != nil {
		paid = paid.Sub(u.CreditsWorth)
		if !u.Credits.IsZero() {
			e.Steps = append(e.Steps, Step{Kind: StepCredit, Label: "paid by credits in " + u.Name, Amount: u.Credits.Neg()})
		}
		e.Steps = append(e.Steps, Step{Kind: StepWorth, Label: "1 " + u.Name + " is worth " + u.Worth.String(), Amount: l.Total.Add(l.ContainedTax).Sub(u.CreditsWorth)})
	}
	if !paid.IsZero() {
		e.Steps = append(e.Steps, Step{Kind: StepCredit, Label: "paid by credits", Amount: paid.Neg()})
	}
	if !l.ContainedTax.IsZero() {
		e.Steps = append(e.Steps, Step{Kind: StepTax, Label: "tax that the price contains", Amount: l.ContainedTax.Neg()})
	}
	if !l.Tax.IsZero() {
		label := "tax"
		if l.InUnit == nil && l.Total.Cmp(rounded) != 0 {
			label = "tax, contained in it"
		}
		e.Steps = append(e.Steps, Step{Kind: StepTax, Label: label, Amount: l.Tax})
	}
	return e
}

// measurement is what one subscription used of one meter, as it went into an
// item.
type measurement struct {
	subscription string
	label        string
	meter        Meter
	divide       money.Quantity // how many of the event's own unit are one of measured
	over         span
	states       []UsageState // all of the meter, those outside of over included
	rows         int64
	events       int64
	measured     Measured
}

// measurements collects those of the item that is being priced; nil collects
// nothing.
type measurements struct{ of []measurement }

// tell notes what was measured for a price.
func (x *rating) tell(s *segment, price *Price, m Measured, h horizon) {
	if x.taken == nil {
		return
	}
	switch price.Model.(type) {
	case Burst:
		x.tellMeter(s, price.Meter, "excess of "+price.Meter, m, h)
		x.taken.of[len(x.taken.of)-1].divide = money.QuantityOf(1) // it is no count of the meter
	case Bundle:
		for _, g := range m.Groups {
			meter, _ := s.version.MeterOf(g.Values[0])
			x.tellMeter(s, meter.ID, fmt.Sprintf("%s of %s", meter.Aggregate, meter.ID), Measured{Quantity: g.Quantity}, h)
		}
	default:
		meter, _ := s.version.MeterOf(price.Meter)
		label := fmt.Sprintf("%s of %s", meter.Aggregate, meter.ID)
		if price.Prorate != "" {
			label += fmt.Sprintf(", as long as it is held (%s)", price.Prorate)
		}
		x.tellMeter(s, meter.ID, label, m, h)
	}
}

func (x *rating) tellMeter(s *segment, id, label string, m Measured, h horizon) {
	meter, rows, over := x.metering(s, id, h)
	if !meter.Carries() {
		over.carry = over.first
	}
	out := measurement{subscription: s.sub.ID, label: label, meter: meter, divide: meter.DivideBy, over: over, states: rows, measured: m}
	for i := range rows {
		if u := &rows[i]; over.carry <= u.Day && u.Day <= over.last {
			out.rows++
			if u.Day >= over.first {
				out.events += u.Events
			}
		}
	}
	x.taken.of = append(x.taken.of, out)
}

// take hands over what was collected since it was last asked.
func (m *measurements) take() []measurement {
	if m == nil {
		return nil
	}
	of := m.of
	m.of = nil
	return of
}
