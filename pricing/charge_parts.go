package pricing

import (
	"errors"
	"fmt"

	"daybook/pricing/money"
)

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
	inBlocks        bool // the quantity counts blocks, not units
	quantity        money.Fraction
	unitPrice, flat money.Amount
	amount          money.Fraction
}

// settledParts divides the parts so that they make sum.
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
