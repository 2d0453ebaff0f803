package pricing

import (
	"slices"

	"github.com/shopspring/decimal"

	"daybook/pricing/money"
)

// Tariff is a price made ready for the quantities of one meter: everything that
// does not depend on the usage (tiers, allowance, blocks, the meter's DivideBy,
// the price's own adjustments) as whole numbers of up to 127 bits, so that Cost
// allocates nothing. It is exact: Cost gives the digits that Price.Charge and
// Adjust give, or says that it cannot (docs/performance.md, The fast path).
// A Tariff is not changed by its use, and may be shared.
type Tariff struct {
	aggregate Aggregation
	lift      natural // ticks in one unit of the meter's last place
	allow     natural // ticks
	round     natural // ticks in one step of the quantity rounding; 0: none
	mode      money.Rounding
	measured  natural // ticks in 10^−12 of the priced unit
	divisor   natural // grains in 10^−20 of the currency
	whole     bool    // one tier prices all units, as Volume does
	flatZero  bool    // the first tier's flat fee is owed for no usage too
	full      bool    // only full blocks cost
	tiers     []tariffTier
	adjust    []tariffAdjustment // in order of their kinds
}

// tariffTier is a tier in whole numbers. Quantities count ticks, a part of the
// priced unit that all of the price's quantities are multiples of; amounts
// count grains, which the cost of a tick is a multiple of.
type tariffTier struct {
	lower, upTo natural
	open        bool
	block       natural // ticks in a block; 0: the price is for ticks
	price       natural // grains for each tick or block
	flat        natural // grains
	below       natural // grains of all that lies below, its flat fees included
}

// NewTariff makes a price ready for a meter. It is not ok for what Cost does not
// do: levels, groups and windows, fees for each event, thresholds, prices that
// are not sound, and numbers too fine or too large for 127 bits.
func NewTariff(p *Price, m Meter) (*Tariff, bool) {
	if !m.Aggregate.tallied() || m.AddSlots || m.Running || p.Each.divides() || p.Resource != "" || p.Prorate != "" ||
		p.Included != nil || p.roundsOtherwise() || m.DivideBy.Sign() <= 0 || p.Allowance.Sign() < 0 {
		return nil, false
	}
	b := &tariffBuilder{price: p, out: &Tariff{aggregate: m.Aggregate}}
	if !b.readModel() {
		return nil, false
	}
	b.scale(m)
	b.fill()
	b.fillAdjustments()
	return b.out, !b.failed
}

// roundsOtherwise reports rounding that a tariff does not do: to a step, and of
// amounts.
func (p *Price) roundsOtherwise() bool {
	return p.RoundAmount != nil || p.RoundTo != nil && p.RoundTo.Step.Sign() > 0
}

// tariffBuilder computes a Tariff's numbers; failed stays set once one of them
// does not fit.
type tariffBuilder struct {
	price  *Price
	tiers  []Tier // of any model, with a package as one tier of blocks
	out    *Tariff
	den    natural // the part of DivideBy that is no power of ten
	tick   int32   // a tick is 1 ÷ (den × 10^tick)
	grain  int32   // a grain is 1 ÷ (den × 10^grain)
	failed bool
}

// readModel writes the price's model as tiers.
func (b *tariffBuilder) readModel() bool {
	t := b.out
	switch m := b.price.Model.(type) {
	case Unit:
		b.tiers = []Tier{{Open: true, Unit: m.Price}}
	case Dynamic:
		b.tiers = []Tier{{Open: true, Unit: money.AmountOf(m.Multiplier.Decimal())}}
	case Percentage:
		if !m.PerEvent.IsZero() || m.Singly() {
			return false
		}
		b.tiers = []Tier{{Open: true, Unit: money.AmountOf(m.Rate.Decimal().Shift(-2))}}
	case Package:
		b.tiers, t.full = []Tier{{Open: true, Unit: m.Price, Block: m.Size}}, m.Full
		return m.Size.Sign() > 0
	case Graduated:
		b.tiers, t.flatZero = m.Tiers, m.FlatOnZero
	case GraduatedPercentage:
		b.tiers, t.flatZero = m.Tiers, m.FlatOnZero
	case Volume:
		b.tiers, t.flatZero, t.whole = m.Tiers, m.FlatOnZero, true
	default:
		return false
	}
	return len(b.tiers) > 0
}

// scale chooses ticks and grains so that every quantity is a whole number of
// ticks, every amount of grains, and neither is finer than it must be.
func (b *tariffBuilder) scale(m Meter) {
	in := int32(money.QuantityPlaces) // places of the meter's quantity
	if m.Aggregate == Count {
		in = 0
	}
	coefficient, exponent := withoutZeros(m.DivideBy.Decimal())
	b.den = b.of(coefficient, 0)
	b.tick = max(money.QuantityPlaces, in+exponent, places(b.price.Allowance.Decimal()))
	unit := int32(0)
	b.grain = money.SeriesPlaces
	for _, t := range b.tiers {
		b.tick = max(b.tick, places(t.Block.Decimal()))
		if !t.Open {
			b.tick = max(b.tick, places(t.UpTo.Decimal()))
		}
		unit = max(unit, places(t.Unit.Decimal()))
		b.grain = max(b.grain, places(t.Flat.Decimal()))
	}
	for _, a := range b.price.Adjust {
		b.tick = max(b.tick, places(a.Quantity.Decimal()))
	}
	if r := b.price.RoundTo; r != nil {
		b.tick = max(b.tick, r.Places)
		b.out.round, b.out.mode = b.mul(b.den, b.power(b.tick-r.Places)), r.Mode
	}
	b.grain = max(b.grain, b.tick+unit)
	b.out.lift = b.power(b.tick - in - exponent)
	b.out.measured = b.mul(b.den, b.power(b.tick-money.QuantityPlaces))
	b.out.divisor = b.mul(b.den, b.power(b.grain-money.SeriesPlaces))
}

// fill computes the tiers.
func (b *tariffBuilder) fill() {
	t := b.out
	t.allow = b.ticks(b.price.Allowance)
	var lower, below natural
	for i, from := range b.tiers {
		tier := tariffTier{lower: lower, open: from.Open, block: b.ticks(from.Block), flat: b.grains(from.Flat), below: below}
		if tier.block.isZero() {
			tier.price = b.of(from.Unit.Decimal(), b.grain-b.tick)
		} else {
			tier.price = b.grains(from.Unit)
		}
		if !from.Open {
			tier.upTo = b.ticks(from.UpTo)
			if !lower.less(tier.upTo) {
				b.failed = true // bounds that do not rise are for the slow way to judge
			}
		}
		if from.Open != (i == len(b.tiers)-1) || from.Block.Sign() < 0 {
			b.failed = true
		}
		t.tiers = append(t.tiers, tier)
		if b.failed || from.Open {
			return
		}
		cost, ok := tier.of(tier.upTo.sub(lower), false)
		b.failed = b.failed || !ok
		lower, below = tier.upTo, b.add(below, cost)
	}
}

func (b *tariffBuilder) ticks(q money.Quantity) natural {
	return b.mul(b.den, b.of(q.Decimal(), b.tick))
}

func (b *tariffBuilder) grains(a money.Amount) natural {
	return b.mul(b.den, b.of(a.Decimal(), b.grain))
}

func (b *tariffBuilder) of(d decimal.Decimal, places int32) natural {
	v, ok := wholeOf(d, places)
	b.failed = b.failed || !ok
	return v
}

func (b *tariffBuilder) power(places int32) natural {
	return b.of(decimal.New(1, 0), places)
}

func (b *tariffBuilder) mul(x, y natural) natural {
	v, ok := x.mul(y)
	b.failed = b.failed || !ok
	return v
}

func (b *tariffBuilder) add(x, y natural) natural {
	v, ok := x.add(y)
	b.failed = b.failed || !ok
	return v
}

// places is how many decimal places d needs.
func places(d decimal.Decimal) int32 {
	_, exponent := withoutZeros(d)
	return max(-exponent, 0)
}

// withoutZeros splits d into a whole number that does not end in 0 and a power
// of ten.
func withoutZeros(d decimal.Decimal) (coefficient decimal.Decimal, exponent int32) {
	ten := decimal.New(1, 1)
	if d.IsZero() {
		return decimal.Decimal{}, 0
	}
	coefficient, exponent = decimal.NewFromBigInt(d.Coefficient(), 0), d.Exponent()
	for coefficient.Mod(ten).IsZero() {
		coefficient, exponent = coefficient.Shift(-1), exponent+1
		coefficient = decimal.NewFromBigInt(coefficient.BigInt(), 0)
	}
	return coefficient, exponent
}

// byKind is the order in which adjustments apply.
func byKind(adjustments []Adjustment) []Adjustment {
	out := slices.Clone(adjustments)
	slices.SortStableFunc(out, func(a, b Adjustment) int { return int(a.Kind - b.Kind) })
	return out
}
