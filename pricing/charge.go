package pricing

import (
	"fmt"

	"daybook/pricing/money"
)

// Group is the quantity of one combination of a matrix price's dimensions.
type Group struct {
	Values   []string // one for each of Matrix.By, in its order
	Quantity money.Fraction
}

// Measured is what a price charges for: a quantity in the priced unit, exact,
// with the meter's DivideBy applied. Groups come with matrix prices and with
// prices for each window or group, sorted by Values, and sum to Quantity. Events
// counts the events behind it; of a level, which holds without any, it is 0.
// ByEvent and Held come with the prices that ask for them.
type Measured struct {
	Quantity money.Fraction
	Groups   []Group
	Events   int64
	ByEvent  []EventAmount // in order of time, then of amount
	Held     *Held

	included allowed // what resources bring, beside the price's allowance
}

// Charge is a price's subtotal of a quantity and how it came about
// (docs/billing-rules.md, The order of an amount, steps 2 and 3).
type Charge struct {
	Measured     money.Quantity // converted and rounded, before the allowance; 12 places half-even
	Billable     money.Fraction // after the allowance, exact
	Free         money.Fraction // what the allowance and included units took off, exact
	Subtotal     money.Amount   // exact: one division, to 20 places half-even
	UnitPrice    money.Amount   // where one price held for all units
	HasUnitPrice bool
	Parts        []Part        // tiers or blocks; none where the quantity alone says it. They sum to Subtotal
	Groups       []GroupCharge // of a matrix price, in the order of Measured.Groups. They sum to Subtotal

	of     []*Resource    // of a price for resources: those of Parts
	over   Period         // in which they existed
	whole  money.Fraction // Measured before its 12 places
	groups []Group        // rounded as the price says; for each window after its allowance
	each   []Group        // of a price for each window or group: groups before their allowance
	apart  []apartCharge  // likewise: what each of groups costs
	events int64
	singly []EventAmount
	held   *Held
	scale  money.Fraction

	allowed allowed // the allowance and what is included
}

// GroupCharge is the share of one group in a matrix price's charge.
type GroupCharge struct {
	Values    []string
	Quantity  money.Quantity // before the allowance, 12 places half-even
	UnitPrice money.Amount   // of the group's cell, or the default
	Subtotal  money.Amount   // exact, 20 places
}

// quantityModel prices a quantity that is not negative. Scale is the part of
// the period that is owed; only fees and commitments look at it.
type quantityModel interface {
	bill(quantity, scale money.Fraction) (bill, error)
}

// The models that price a quantity; Matrix prices groups, Percentage looks at
// the number of events too, and ResourceTime prices the time that resources
// existed.
var (
	_ quantityModel = Unit{}
	_ quantityModel = Graduated{}
	_ quantityModel = Volume{}
	_ quantityModel = Package{}
	_ quantityModel = Fixed{}
	_ quantityModel = GraduatedPercentage{}
	_ quantityModel = Threshold{}
	_ quantityModel = Dynamic{}
	_ quantityModel = Capacity{}
	_ quantityModel = Committed{}
)

// Charge prices a quantity: it rounds it if the price says so, takes off the
// allowance, applies the model and divides once. Scale is the part of the
// period that a Fixed price or a commitment is owed for; other models ignore it.
//
// A negative quantity is priced like the positive one and negated, all the way:
// the same rounding, allowance, tiers and blocks. So usage that is taken back
// gives back what it had cost, and never what an allowance had made free. The
// fee that a Percentage asks for each event is owed whatever the sign.
//
// Errors: *MissingCellError; money.ErrOverflow where the quantity or the
// subtotal cannot be stored; a model that prices no quantity (ResourceTime) or
// is not sound (no open last tier, an empty package), which book validation
// keeps out.
func (p *Price) Charge(m Measured, scale money.Fraction) (Charge, error) {
	whole, groups := p.rounded(m)
	c := Charge{Measured: whole.Quantity(), whole: whole, groups: groups, events: m.Events, singly: m.ByEvent, held: m.Held, scale: scale}
	if err := c.Measured.Check(); err != nil {
		return Charge{}, fmt.Errorf("charge price %s: %w", p.ID, err)
	}
	c.allowed = allowed{units: p.Allowance.Fraction()}.plus(m.included)
	billable := c.allowed.off(whole)
	c.Free = c.allowed.taken(whole)
	if p.apart() {
		c.each = groups
		c.groups, billable, c.Free = p.afterAllowances(groups)
	}
	return p.chargeBillable(c, billable)
}

// rounded applies the price's quantity rounding: of a matrix price to each
// group, whose sum is then the quantity.
func (p *Price) rounded(m Measured) (money.Fraction, []Group) {
	if p.RoundTo == nil {
		return m.Quantity, m.Groups
	}
	if len(m.Groups) == 0 {
		return p.RoundTo.round(m.Quantity), nil
	}
	var sum money.Fraction
	groups := make([]Group, len(m.Groups))
	for i, g := range m.Groups {
		groups[i] = Group{g.Values, p.RoundTo.round(g.Quantity)}
		sum = sum.Add(groups[i].Quantity)
	}
	return sum, groups
}

// lessUnits brings q nearer to zero by so many units, and not past it.
func lessUnits(q, units money.Fraction) money.Fraction {
	rest := q.Abs().Sub(units)
	switch {
	case rest.Sign() <= 0:
		return money.Fraction{}
	case q.Sign() < 0:
		return rest.Neg()
	}
	return rest
}

// chargeBillable prices c's quantity as if only billable units of it counted.
// Usage discounts call it again with fewer.
func (p *Price) chargeBillable(c Charge, billable money.Fraction) (Charge, error) {
	c.Billable = billable
	var b bill
	var shares []money.Fraction
	var err error
	switch model := p.Model.(type) {
	case quantityModel:
		if c.held != nil {
			b, err = billHeld(model, &c, billable)
			break
		}
		if p.apart() {
			b, err = p.billEach(func(_ Group, q money.Fraction) (bill, error) { return billSigned(model, q, c.scale) }, &c)
			break
		}
		b, err = billSigned(model, billable, c.scale)
	case TimeOfDay:
		b, err = p.billEach(func(g Group, q money.Fraction) (bill, error) { return model.billBand(g, q, c.scale) }, &c)
	case Matrix:
		b, shares, err = model.billGroups(&c, p.RoundAmount)
	case Percentage:
		if model.Singly() {
			b = model.billSingly(c.singly)
			break
		}
		b = model.billEvents(billable, c.events)
	case Burst:
		b, err = model.billLevels(&c)
	case Bundle:
		b, err = model.billMeters(&c)
	default:
		err = fmt.Errorf("model %s prices no quantity", modelName(p.Model))
	}
	if err != nil {
		return Charge{}, fmt.Errorf("charge price %s: %w", p.ID, err)
	}
	c.Subtotal = p.RoundAmount.round(b.sum).Amount() // of windows and groups it is a sum of rounded ones
	if err := c.Subtotal.Check(); err != nil {
		return Charge{}, fmt.Errorf("charge price %s: subtotal of %s: %w", p.ID, c.Measured, err)
	}
	c.UnitPrice, c.HasUnitPrice = b.unitPrice, b.hasUnitPrice
	c.Parts = b.settledParts(c.Subtotal)
	for i, a := range settle(shares, c.Subtotal) {
		c.Groups[i].Subtotal = a
	}
	if err := c.checkShares(); err != nil {
		return Charge{}, fmt.Errorf("charge price %s: %w", p.ID, err)
	}
	return c, nil
}

// billSigned prices the quantity without its sign, then negates everything.
func billSigned(m quantityModel, q, scale money.Fraction) (bill, error) {
	b, err := m.bill(q.Abs(), scale)
	if err != nil || q.Sign() >= 0 {
		return b, err
	}
	b.sum = b.sum.Neg()
	for i := range b.parts {
		part := &b.parts[i]
		part.quantity, part.flat, part.amount = part.quantity.Neg(), part.flat.Neg(), part.amount.Neg()
	}
	return b, nil
}

func modelName(m Model) string {
	if m == nil {
		return "none"
	}
	return m.Name()
}
