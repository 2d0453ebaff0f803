package pricing

import "daybook/pricing/money"

// Cost is what a Tariff makes of a quantity.
type Cost struct {
	Quantity money.Int128 // converted and rounded, before the allowance; 12 places half-even
	Subtotal money.Int128 // 20 places
	Total    money.Int128 // after the price's own adjustments; 20 places
}

// Cost prices a quantity in the meter's own unit: with 12 places as rollups keep
// it, a whole number for a meter that counts. Months are those since the
// subscription's start, which adjustments for the first months look at. The
// figures are the ones of Price.Charge and Adjust to the last digit. It is not
// ok where a number on the way does not fit; ask those for the answer then,
// which may be that there is none.
func (t *Tariff) Cost(quantity money.Int128, months int) (c Cost, ok bool) {
	n, negative, ok := magnitudeOf(quantity)
	if !ok {
		return Cost{}, false
	}
	if n, ok = n.mul(t.lift); !ok {
		return Cost{}, false
	}
	if !t.round.isZero() {
		if n, ok = n.quo(t.round, t.mode).mul(t.round); !ok {
			return Cost{}, false
		}
	}
	measured := n.quo(t.measured, money.HalfEven)
	if n.less(t.allow) {
		n = natural{}
	} else {
		n = n.sub(t.allow)
	}
	subtotal, ok := t.subtotal(n)
	if !ok || !measured.less(storable) {
		return Cost{}, false
	}
	c.Quantity = measured.int128(negative)
	negative = negative && !n.isZero() // what is all allowance is nothing, and nothing has no sign
	c.Subtotal = subtotal.int128(negative)
	if c.Total = c.Subtotal; len(t.adjust) > 0 {
		c.Total, ok = t.total(subtotal, n, negative, months)
	}
	return c, ok
}

// storable is 10^38, which no stored number reaches.
var storable = natural{5421010862427522170, 687399551400673280}

// mostBlocks is 10^26: so many blocks and more cannot be stored as a quantity.
var mostBlocks = natural{5421010, 15908979783594147840}

// subtotal prices so many ticks and divides once, to 20 places half-even
// (docs/billing-rules.md, The order of an amount, step 3).
func (t *Tariff) subtotal(ticks natural) (natural, bool) {
	grains, ok := t.grains(ticks)
	if !ok {
		return natural{}, false
	}
	sum := grains.quo(t.divisor, money.HalfEven)
	return sum, sum.less(storable)
}

// grains prices so many ticks: in the one tier that holds them, and below it at
// what all of the lower tiers cost.
func (t *Tariff) grains(ticks natural) (natural, bool) {
	if ticks.isZero() {
		if t.flatZero {
			return t.tiers[0].flat, true
		}
		return natural{}, true
	}
	tier := &t.tiers[0]
	for i := 1; !tier.open && tier.upTo.less(ticks); i++ {
		tier = &t.tiers[i]
	}
	if t.whole {
		return tier.of(ticks, t.full)
	}
	sum, ok := tier.of(ticks.sub(tier.lower), t.full)
	if !ok {
		return natural{}, false
	}
	return sum.add(tier.below)
}

// of prices so many ticks of the tier, its flat fee included.
func (t *tariffTier) of(ticks natural, full bool) (natural, bool) {
	if !t.block.isZero() {
		blocks, rest := ticks.quoRem(t.block)
		if !full && !rest.isZero() {
			blocks, _ = blocks.add(natural{0, 1}) // a block is 2 ticks or more where there is a rest
		}
		if ticks = blocks; !ticks.less(mostBlocks) {
			return natural{}, false
		}
	}
	sum, ok := ticks.mul(t.price)
	if !ok {
		return natural{}, false
	}
	return sum.add(t.flat)
}
