package pricing

import (
	"fmt"
	"strings"

	"daybook/pricing/money"
)

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

// Name implements Model.
func (Graduated) Name() string { return "graduated" }

// bill implements quantityModel: each unit pays the price of the tier it falls
// in, and each tier entered its flat fee. Bounds are inclusive ("up to 100"
// contains 100), so that a tier is entered by what exceeds the bound before it;
// nothing enters none, or only the first where FlatOnZero says so.
func (g Graduated) bill(quantity, _ money.Fraction) (bill, error) {
	var b bill
	var lower money.Quantity
	for i, t := range g.Tiers {
		if quantity.Cmp(lower.Fraction()) <= 0 && !(g.FlatOnZero && i == 0) {
			break
		}
		inTier := quantity.Sub(lower.Fraction())
		if !t.Open {
			inTier = quantity.Min(t.UpTo.Fraction()).Sub(lower.Fraction())
		}
		b.add(t.part(i, lower, inTier))
		lower = t.UpTo
	}
	if err := wantTier(g.Tiers, quantity); err != nil {
		return bill{}, err
	}
	b.unitPriceOfOnlyPart()
	return b, nil
}

// part prices so many units in the tier, which is number i+1 and begins above
// lower. Where the tier's price is for blocks, it counts the blocks that the
// units start.
func (t Tier) part(i int, lower money.Quantity, units money.Fraction) billPart {
	label := t.label(i, lower)
	inBlocks := t.Block.Sign() > 0
	if inBlocks {
		blocks, _ := units.Quo(t.Block.Fraction()) // above zero, so the quotient exists
		units, label = blocks.Ceil(), label+", blocks of "+t.Block.String()
	}
	return billPart{
		label: label, inBlocks: inBlocks,
		quantity: units, unitPrice: t.Unit, flat: t.Flat,
		amount: units.Mul(t.Unit.Fraction()).Add(t.Flat.Fraction()),
	}
}

func (t Tier) label(i int, lower money.Quantity) string {
	if t.Open {
		return fmt.Sprintf("tier %d (above %s)", i+1, lower)
	}
	return fmt.Sprintf("tier %d (%s to %s)", i+1, lower, t.UpTo)
}

// Bounds reads the bounds of a tier back from what its part is called: the units
// above from and up to to, or all above from where it is open. Not ok: the part is
// no tier of units.
func (p Part) Bounds() (from, to money.Quantity, open, ok bool) {
	_, bounds, found := strings.Cut(p.Label, " (")
	bounds, rest, closed := strings.Cut(bounds, ")")
	if !found || !closed || rest != "" || !strings.HasPrefix(p.Label, "tier ") {
		return from, to, false, false
	}
	lower, open := strings.CutPrefix(bounds, "above ")
	if !open {
		var upper string
		lower, upper, _ = strings.Cut(bounds, " to ")
		var err error
		if to, err = money.ParseQuantity(upper); err != nil {
			return from, to, false, false
		}
	}
	from, err := money.ParseQuantity(lower)
	return from, to, open, err == nil
}

func (b *bill) add(part billPart) {
	b.parts = append(b.parts, part)
	b.sum = b.sum.Add(part.amount)
}

// unitPriceOfOnlyPart names the price that held for all units, if one did: a
// block's price is that of no unit.
func (b *bill) unitPriceOfOnlyPart() {
	if len(b.parts) == 1 && !b.parts[0].inBlocks {
		b.unitPrice, b.hasUnitPrice = b.parts[0].unitPrice, true
	}
}

// wantTier reports tiers that end below the quantity. Book validation asks for
// an open last tier; were it to fail, units must not go free.
func wantTier(tiers []Tier, quantity money.Fraction) error {
	if quantity.IsZero() {
		return nil
	}
	if n := len(tiers); n > 0 && (tiers[n-1].Open || quantity.Cmp(tiers[n-1].UpTo.Fraction()) <= 0) {
		return nil
	}
	return fmt.Errorf("no tier holds %s units: leave the last tier without a bound", quantity.Quantity())
}
