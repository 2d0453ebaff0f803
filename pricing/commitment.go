package pricing

import (
	"errors"

	"daybook/pricing/money"
)

// Committed is a model under a commitment: for the period, or for each window of
// a price that has windows (docs/billing-rules.md, Price models, Commitments).
type Committed struct {
	Of         Model // prices a quantity by itself
	Commitment Commitment
}

// Commitment is what a customer has agreed to use. It is an amount, or a
// quantity, which stands for what the model charges for so many units.
type Commitment struct {
	Amount   money.Amount
	Quantity money.Quantity // above zero: instead of Amount
	Overage  money.Quantity // factor of what usage costs beyond the commitment; 1 changes nothing
	TrueUp   bool           // usage that costs less is charged the commitment
}

// Name implements Model.
func (c Committed) Name() string { return modelName(c.Of) }

// bill implements quantityModel. Scale is the part of the period that is owed:
// so much of the commitment is.
func (c Committed) bill(quantity, scale money.Fraction) (bill, error) {
	of, ok := c.Of.(quantityModel)
	if !ok {
		return bill{}, errors.New("a commitment is on a model that prices a quantity")
	}
	used, err := of.bill(quantity, money.Whole(1))
	if err != nil {
		return bill{}, err
	}
	least := c.Commitment.Amount.Fraction()
	if c.Commitment.Quantity.Sign() > 0 {
		b, err := of.bill(c.Commitment.Quantity.Fraction(), money.Whole(1))
		if err != nil {
			return bill{}, err
		}
		least = b.sum
	}
	return c.Commitment.apply(used, quantity, least.Mul(scale)), nil
}

// apply adds to what usage costs the overage beyond least, or the true-up to it,
// as a part: so much money times what is charged on top.
func (c Commitment) apply(used bill, quantity, least money.Fraction) bill {
	over, factor := used.sum.Sub(least), c.Overage.Fraction().Sub(money.Whole(1))
	var part billPart
	switch {
	case over.Sign() > 0 && !factor.IsZero():
		part = billPart{label: "overage above the commitment of " + least.Amount().String(), quantity: over, unitPrice: factor.Amount(), amount: over.Mul(factor)}
	case over.Sign() < 0 && c.TrueUp:
		part = billPart{label: "true-up to the commitment of " + least.Amount().String(), quantity: over.Neg(), unitPrice: money.Whole(1).Amount(), amount: over.Neg()}
	default:
		return used
	}
	used.asParts(quantity)
	used.add(part)
	used.hasUnitPrice = false
	return used
}

// asParts makes a part of a bill that the quantity alone said.
func (b *bill) asParts(quantity money.Fraction) {
	if len(b.parts) == 0 && !quantity.IsZero() {
		b.parts = []billPart{{label: "usage", quantity: quantity, unitPrice: b.unitPrice, amount: b.sum}}
	}
}

// committedPart returns the part of a commitment that is owed for a part of the
// period: one for the period is shared by time, one for each window is not.
func (p *Price) committedPart(share money.Fraction) money.Fraction {
	if p.Each.Window != "" {
		return money.Whole(1)
	}
	return share
}

// checkCommitment reports a commitment that cannot be priced: units that are
// given back would give back a true-up.
func (p *Price) checkCommitment(m Meter) error {
	switch model := p.Model.(type) {
	case Committed:
		return model.check(m)
	case TimeOfDay:
		for _, part := range append([]Model{model.Other}, model.models()...) {
			if c, ok := part.(Committed); ok {
				if err := c.check(m); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (c Committed) check(m Meter) error {
	_, quantity := c.Of.(quantityModel)
	switch {
	case !quantity:
		return errors.New("a commitment is on a model that prices a quantity")
	case m.AllowNegative:
		return errors.New("a commitment needs a meter without negative events")
	case c.Commitment.Overage.Sign() < 0 || c.Commitment.Amount.Sign() < 0 || c.Commitment.Quantity.Sign() < 0:
		return errors.New("a commitment is not negative")
	}
	return nil
}
