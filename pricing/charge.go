package pricing

import (
	"errors"
	"fmt"
	"strings"

	"daybook/pricing/money"
)

// Group is the quantity of one combination of a matrix price's dimensions.
type Group struct {
	Values   []string // one for each of Matrix.By, in its order
	Quantity money.Fraction
}

// Measured is what a price charges for: a quantity in the priced unit, exact,
// with the meter's DivideBy applied. Groups come with matrix prices only,
// sorted by Values, and sum to Quantity.
type Measured struct {
	Quantity money.Fraction
	Groups   []Group
}

// Charge is a price's subtotal of a quantity and how it came about
// (docs/billing-rules.md, The order of an amount, steps 2 and 3).
type Charge struct {
	Measured     money.Quantity // converted and rounded, before the allowance; 12 places half-even
	Billable     money.Fraction // after the allowance, exact
	Subtotal     money.Amount   // exact: one division, to 20 places half-even
	UnitPrice    money.Amount   // where one price held for all units
	HasUnitPrice bool
	Parts        []Part        // tiers or blocks; none where the quantity alone says it. They sum to Subtotal
	Groups       []GroupCharge // of a matrix price, in the order of Measured.Groups. They sum to Subtotal

	whole  money.Fraction // Measured before its 12 places
	groups []Group        // rounded as the price says
	scale  money.Fraction
}

// GroupCharge is the share of one group in a matrix price's charge.
type GroupCharge struct {
	Values    []string
	Quantity  money.Quantity // before the allowance, 12 places half-even
	UnitPrice money.Amount   // of the group's cell, or the default
	Subtotal  money.Amount   // exact, 20 places
}

// bill is what a model makes of a quantity before the one division.
type bill struct {
	sum          money.Fraction
	unitPrice    money.Amount
	hasUnitPrice bool
	parts        []billPart
}

// billPart is a Part before the one division.
type billPart struct {
	label           string
	quantity        money.Fraction
	unitPrice, flat money.Amount
	amount          money.Fraction
}

// quantityModel prices a quantity that is not negative. Scale is the part of
// the period that is owed; only fees that are not for usage look at it.
type quantityModel interface {
	bill(quantity, scale money.Fraction) (bill, error)
}

// The models that price a quantity; Matrix prices groups and ResourceTime
// prices the time that resources existed.
var (
	_ quantityModel = Unit{}
	_ quantityModel = Graduated{}
	_ quantityModel = Volume{}
	_ quantityModel = Package{}
	_ quantityModel = Fixed{}
)

// Charge prices a quantity: it rounds it if the price says so, takes off the
// allowance, applies the model and divides once. Scale is the part of the
// period that a Fixed price is owed for, 1 otherwise; other models ignore it.
//
// A negative quantity is priced like the positive one and negated, all the way:
// the same rounding, allowance, tiers and blocks. So usage that is taken back
// gives back what it had cost, and never what an allowance had made free.
//
// Errors: *MissingCellError; money.ErrOverflow where the quantity or the
// subtotal cannot be stored; a model that prices no quantity (ResourceTime) or
// is not sound (no open last tier, an empty package), which book validation
// keeps out.
func (p *Price) Charge(m Measured, scale money.Fraction) (Charge, error) {
	whole, groups := p.rounded(m)
	c := Charge{Measured: whole.Quantity(), whole: whole, groups: groups, scale: scale}
	if err := c.Measured.Check(); err != nil {
		return Charge{}, fmt.Errorf("charge price %s: %w", p.ID, err)
	}
	return p.chargeBillable(c, p.afterAllowance(whole))
}

// rounded applies the price's quantity rounding: of a matrix price to each
// group, whose sum is then the quantity.
func (p *Price) rounded(m Measured) (money.Fraction, []Group) {
	if p.RoundTo == nil {
		return m.Quantity, m.Groups
	}
	if len(m.Groups) == 0 {
		return m.Quantity.Round(p.RoundTo.Places, p.RoundTo.Mode), nil
	}
	var sum money.Fraction
	groups := make([]Group, len(m.Groups))
	for i, g := range m.Groups {
		groups[i] = Group{g.Values, g.Quantity.Round(p.RoundTo.Places, p.RoundTo.Mode)}
		sum = sum.Add(groups[i].Quantity)
	}
	return sum, groups
}

// afterAllowance takes the allowance off the quantity, never past zero. A
// negative quantity loses it likewise.
func (p *Price) afterAllowance(q money.Fraction) money.Fraction {
	if p.Allowance.Sign() <= 0 {
		return q
	}
	return lessUnits(q, p.Allowance.Fraction())
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
		b, err = billSigned(model, billable, c.scale)
	case Matrix:
		b, shares, err = model.billGroups(&c)
	default:
		err = fmt.Errorf("model %s prices no quantity", modelName(p.Model))
	}
	if err != nil {
		return Charge{}, fmt.Errorf("charge price %s: %w", p.ID, err)
	}
	c.Subtotal = b.sum.Amount()
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

// checkShares reports parts and groups that cannot be stored, as those of both
// signs may be although their sum can.
func (c *Charge) checkShares() error {
	for _, part := range c.Parts {
		if err := errors.Join(part.Quantity.Check(), part.Amount.Check()); err != nil {
			return fmt.Errorf("%s: %w", part.Label, err)
		}
	}
	for _, g := range c.Groups {
		if err := errors.Join(g.Quantity.Check(), g.Subtotal.Check()); err != nil {
			return fmt.Errorf("group %.120q: %w", g.Values, err)
		}
	}
	return nil
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

func (b bill) settledParts(sum money.Amount) []Part {
	if len(b.parts) == 0 {
		return nil
	}
	exact := make([]money.Fraction, len(b.parts))
	for i, part := range b.parts {
		exact[i] = part.amount
	}
	parts := make([]Part, len(b.parts))
	for i, a := range settle(exact, sum) {
		part := b.parts[i]
		parts[i] = Part{part.label, part.quantity.Quantity(), part.unitPrice, part.flat, a}
	}
	return parts
}

// settle divides each exact part to 20 places and gives what the divisions
// left over to the largest part (ties to the first), so that they make sum.
func settle(exact []money.Fraction, sum money.Amount) []money.Amount {
	if len(exact) == 0 {
		return nil
	}
	out, largest, left := make([]money.Amount, len(exact)), 0, sum
	for i, f := range exact {
		out[i] = f.Amount()
		left = left.Sub(out[i])
		if f.Abs().Cmp(exact[largest].Abs()) > 0 {
			largest = i
		}
	}
	out[largest] = out[largest].Add(left)
	return out
}

func modelName(m Model) string {
	if m == nil {
		return "none"
	}
	return m.Name()
}

// MissingCellError says that usage falls into a cell for which a matrix price
// has neither a price nor a default.
type MissingCellError struct {
	By, Values []string // the dimensions and the values without a price
}

// Error implements error; it names the cell and the remedy.
func (e *MissingCellError) Error() string {
	cell := make([]string, len(e.Values))
	for i, v := range e.Values {
		cell[i] = fmt.Sprintf("%.60q", v)
		if i < len(e.By) {
			cell[i] = e.By[i] + " " + cell[i]
		}
	}
	return fmt.Sprintf("price has no cell for %s and no default: add one to the price book", strings.Join(cell, ", "))
}
