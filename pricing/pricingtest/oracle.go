package pricingtest

import (
	"math/big"
	"slices"

	"daybook/pricing"
)

// Subtotal prices a quantity exactly, without any division to places: the
// price's rounding, allowance and model as docs/billing-rules.md states them.
// Groups come with a Matrix, whose cells it finds by looking at all of them.
func Subtotal(p *pricing.Price, quantity *big.Rat, groups []pricing.Group, scale *big.Rat) *big.Rat {
	if m, ok := p.Model.(pricing.Matrix); ok {
		return matrix(p, m, groups)
	}
	q := Billable(p, quantity)
	sum := magnitude(p.Model, new(big.Rat).Abs(q), scale)
	if q.Sign() < 0 {
		sum.Neg(sum)
	}
	return roundedAmount(p, sum)
}

func roundedAmount(p *pricing.Price, amount *big.Rat) *big.Rat {
	if p.RoundAmount == nil {
		return amount
	}
	return Round(amount, int(p.RoundAmount.Places), p.RoundAmount.Mode)
}

// Billable rounds a quantity and takes off the allowance.
func Billable(p *pricing.Price, quantity *big.Rat) *big.Rat {
	return free(rounded(p, quantity), Rat(p.Allowance))
}

// Percentage states the price of an amount and the number of events that made
// it: rate ÷ 100 of what is billable, and the fee of each event that is not
// among the free ones.
func Percentage(p *pricing.Price, m pricing.Percentage, amount *big.Rat, events int64) *big.Rat {
	sum := new(big.Rat).Mul(Billable(p, amount), Rat(m.Rate))
	sum.Quo(sum, big.NewRat(100, 1))
	for n := m.FreeFees; n < events; n++ {
		sum.Add(sum, Rat(m.PerEvent))
	}
	return roundedAmount(p, sum)
}

func rounded(p *pricing.Price, quantity *big.Rat) *big.Rat {
	if p.RoundTo == nil {
		return quantity
	}
	if p.RoundTo.Step.Sign() > 0 {
		steps := Round(new(big.Rat).Quo(quantity, Rat(p.RoundTo.Step)), 0, p.RoundTo.Mode)
		return steps.Mul(steps, Rat(p.RoundTo.Step))
	}
	return Round(quantity, int(p.RoundTo.Places), p.RoundTo.Mode)
}

// free brings q towards zero by units: max(q − units, 0) above zero, its mirror
// below.
func free(q, units *big.Rat) *big.Rat {
	if q.Sign() < 0 {
		return new(big.Rat).Neg(free(new(big.Rat).Neg(q), units))
	}
	return larger(new(big.Rat).Sub(q, units), new(big.Rat))
}

func larger(a, b *big.Rat) *big.Rat {
	if a.Cmp(b) >= 0 {
		return a
	}
	return b
}

func smaller(a, b *big.Rat) *big.Rat {
	if a.Cmp(b) <= 0 {
		return a
	}
	return b
}

// magnitude prices a quantity that is not negative.
func magnitude(model pricing.Model, q, scale *big.Rat) *big.Rat {
	switch m := model.(type) {
	case pricing.Unit:
		return new(big.Rat).Mul(q, Rat(m.Price))
	case pricing.Fixed:
		sum := new(big.Rat).Mul(q, Rat(m.Price))
		return sum.Mul(sum, scale)
	case pricing.Package:
		if m.Full {
			return fullBlocks(q, m)
		}
		return startedBlocks(q, Rat(m.Size), Rat(m.Price))
	case pricing.Graduated:
		return overlaps(m.Tiers, q, m.FlatOnZero)
	case pricing.GraduatedPercentage:
		return overlaps(m.Tiers, q, m.FlatOnZero)
	case pricing.Capacity:
		for _, t := range m.Tiers {
			if (q.Sign() > 0 || m.FlatOnZero) && (t.Open || q.Cmp(Rat(t.UpTo)) <= 0) {
				return Rat(t.Flat)
			}
		}
		return new(big.Rat)
	case pricing.Committed:
		return committed(m, q, scale)
	case pricing.Dynamic:
		return new(big.Rat).Mul(q, Rat(m.Multiplier))
	case pricing.Threshold:
		sum := new(big.Rat)
		for _, s := range slices.Backward(m.Steps) {
			if Rat(s.From).Cmp(q) <= 0 {
				return Rat(s.Total)
			}
		}
		return sum
	case pricing.Volume:
		for _, t := range m.Tiers {
			if (q.Sign() > 0 || m.FlatOnZero) && (t.Open || q.Cmp(Rat(t.UpTo)) <= 0) {
				sum := inTier(t, q)
				return sum.Add(sum, Rat(t.Flat))
			}
		}
		return new(big.Rat)
	}
	panic("no oracle for model " + model.Name())
}

// committed prices the part of the cost up to the commitment once and the rest
// Overage times, and no less than the commitment where it is trued up.
func committed(m pricing.Committed, q, scale *big.Rat) *big.Rat {
	one := big.NewRat(1, 1)
	cost, least := magnitude(m.Of, q, one), Rat(m.Commitment.Amount)
	if m.Commitment.Quantity.Sign() > 0 {
		least = magnitude(m.Of, Rat(m.Commitment.Quantity), one)
	}
	least = new(big.Rat).Mul(least, scale)
	over := larger(new(big.Rat).Sub(cost, least), new(big.Rat))
	sum := smaller(cost, least)
	if m.Commitment.TrueUp {
		sum = least
	}
	return new(big.Rat).Add(sum, over.Mul(over, Rat(m.Commitment.Overage)))
}

// startedBlocks lays blocks side by side until they cover q.
func startedBlocks(q, size, price *big.Rat) *big.Rat {
	sum := new(big.Rat)
	for covered := new(big.Rat); covered.Cmp(q) < 0; covered.Add(covered, size) {
		sum.Add(sum, price)
	}
	return sum
}

// fullBlocks takes blocks off q for as long as there is a whole one.
func fullBlocks(q *big.Rat, p pricing.Package) *big.Rat {
	sum := new(big.Rat)
	for left := new(big.Rat).Sub(q, Rat(p.Size)); left.Sign() >= 0; left.Sub(left, Rat(p.Size)) {
		sum.Add(sum, Rat(p.Price))
	}
	return sum
}

// inTier prices units, or the blocks that they start, without the flat fee.
func inTier(t pricing.Tier, units *big.Rat) *big.Rat {
	if t.Block.Sign() > 0 {
		return startedBlocks(units, Rat(t.Block), Rat(t.Unit))
	}
	return new(big.Rat).Mul(units, Rat(t.Unit))
}

// overlaps sums, over all tiers, the length that (0, q] shares with the tier's
// (lower, upper] at its price, and its flat fee where they share anything. The
// first tier's is owed for nothing too where flatOnZero says so.
func overlaps(tiers []pricing.Tier, q *big.Rat, flatOnZero bool) *big.Rat {
	if q.Sign() == 0 && flatOnZero {
		return Rat(tiers[0].Flat)
	}
	sum, lower := new(big.Rat), new(big.Rat)
	for _, t := range tiers {
		upper := q
		if !t.Open {
			upper = smaller(q, Rat(t.UpTo))
		}
		if shared := new(big.Rat).Sub(upper, lower); shared.Sign() > 0 {
			sum.Add(sum, inTier(t, shared))
			sum.Add(sum, Rat(t.Flat))
		}
		lower = Rat(t.UpTo)
	}
	return sum
}

func matrix(p *pricing.Price, m pricing.Matrix, groups []pricing.Group) *big.Rat {
	whole, sum := new(big.Rat), new(big.Rat)
	for _, g := range groups {
		whole.Add(whole, rounded(p, g.Quantity.Rat()))
	}
	left := big.NewRat(1, 1)
	if whole.Sign() != 0 {
		left.Quo(free(whole, Rat(p.Allowance)), whole)
	}
	for _, g := range groups {
		price := m.Default
		for _, c := range m.Cells {
			if slices.Equal(c.Values, g.Values) {
				price = c.Unit
			}
		}
		share := new(big.Rat).Mul(rounded(p, g.Quantity.Rat()), left)
		sum.Add(sum, roundedAmount(p, share.Mul(share, Rat(price))))
	}
	return sum
}
