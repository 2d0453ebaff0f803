package pricing

import (
	"fmt"

	"daybook/pricing/money"
)

// billHeld prices what a running meter's level came to for the time that it was
// held (docs/billing-rules.md, Price models, Levels that are held). A quantity
// below zero costs nothing; with tiers, so does a level that ends below zero,
// which is in none.
func billHeld(model quantityModel, c *Charge, billable money.Fraction) (bill, error) {
	if billable.Sign() <= 0 {
		return bill{}, nil
	}
	if unit, ok := model.(Unit); ok {
		return unit.bill(billable, c.scale)
	}
	if c.held.Level.Sign() < 0 {
		return bill{}, nil
	}
	switch model := model.(type) {
	case Volume:
		return model.billHeld(billable, c.held.Level)
	case Graduated:
		return model.billMoves(c.held.Moves)
	}
	named, _ := model.(Model)
	return bill{}, fmt.Errorf("model %s cannot be prorated by the time that a level is held", modelName(named))
}

// billHeld prices the quantity in the one tier that holds the level at the end;
// a level of zero is in the first.
func (v Volume) billHeld(quantity, level money.Fraction) (bill, error) {
	var b bill
	if err := wantTier(v.Tiers, level); err != nil {
		return b, err
	}
	var lower money.Quantity
	for i, t := range v.Tiers {
		if t.Open || level.Cmp(t.UpTo.Fraction()) <= 0 {
			b.add(t.part(i, lower, quantity))
			break
		}
		lower = t.UpTo
	}
	b.unitPriceOfOnlyPart()
	return b, nil
}

// billMoves splits what each move holds over the tiers that it crosses, in
// proportion to how much of it lies in each; what lies below zero is in none.
// Each tier up to the highest level reached owes its flat fee.
func (g Graduated) billMoves(moves []Move) (bill, error) {
	held := make([]money.Fraction, len(g.Tiers))
	var level, highest money.Fraction
	for _, move := range moves {
		next := level.Add(move.By)
		var lower money.Fraction
		for i, t := range g.Tiers {
			within := clampedTo(next, lower, t).Sub(clampedTo(level, lower, t))
			if !within.IsZero() {
				part, err := within.Quo(move.By)
				if err != nil {
					return bill{}, err
				}
				held[i] = held[i].Add(move.Held.Mul(part))
			}
			lower = t.UpTo.Fraction()
		}
		if level = next; level.Cmp(highest) > 0 {
			highest = level
		}
	}
	if err := wantTier(g.Tiers, highest); err != nil {
		return bill{}, err
	}
	var b bill
	var lower money.Quantity
	for i, t := range g.Tiers {
		if highest.Cmp(lower.Fraction()) <= 0 {
			break
		}
		b.add(billPart{
			label: t.label(i, lower), quantity: held[i], unitPrice: t.Unit, flat: t.Flat,
			amount: held[i].Mul(t.Unit.Fraction()).Add(t.Flat.Fraction()),
		})
		lower = t.UpTo
	}
	b.unitPriceOfOnlyPart()
	return b, nil
}

// clampedTo returns the level, or the nearer bound of the tier.
func clampedTo(level, lower money.Fraction, t Tier) money.Fraction {
	if level.Cmp(lower) < 0 {
		return lower
	}
	if !t.Open {
		return level.Min(t.UpTo.Fraction())
	}
	return level
}
