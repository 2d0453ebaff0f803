package pricingtest

import (
	"fmt"
	"math/big"

	"daybook/pricing/money"
)

// Rat reads an exact decimal or fraction text; it panics on anything else, as
// its input is a test's.
func Rat(text fmt.Stringer) *big.Rat { return RatOf(text.String()) }

// RatOf is Rat for a literal.
func RatOf(text string) *big.Rat {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		panic("not an exact number: " + text)
	}
	return r
}

// unit returns 10^−places.
func unit(places int) *big.Rat {
	power := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(places, -places))), nil))
	if places > 0 {
		power.Inv(power)
	}
	return power
}

// floor returns the greatest multiple of step that is not above x.
func floor(x, step *big.Rat) *big.Rat {
	n := new(big.Rat).Quo(x, step)
	whole, _ := new(big.Int).DivMod(n.Num(), n.Denom(), new(big.Int)) // Euclidean: floors for a positive denominator
	return new(big.Rat).Mul(new(big.Rat).SetInt(whole), step)
}

// Round rounds by looking at the two neighbours of x and choosing one.
func Round(x *big.Rat, places int, mode money.Rounding) *big.Rat {
	step := unit(places)
	below := floor(x, step)
	if below.Cmp(x) == 0 {
		return below
	}
	above := new(big.Rat).Add(below, step)
	near, far := below, above // by distance from zero
	if x.Sign() < 0 {
		near, far = above, below
	}
	toNear := new(big.Rat).Sub(x, near)
	toFar := new(big.Rat).Sub(far, x)
	side := toNear.Abs(toNear).Cmp(toFar.Abs(toFar))
	switch mode {
	case money.Down:
		return near
	case money.Up:
		return far
	}
	switch {
	case side < 0:
		return near
	case side > 0:
		return far
	case mode == money.HalfUp:
		return far
	}
	if even := new(big.Rat).Quo(near, step); even.Num().Bit(0) == 0 {
		return near
	}
	return far
}

// Allocate gives out total one unit at a time, each to the part that is
// furthest below its exact share, the earlier of equals. For totals that are
// not negative and weights that are not.
func Allocate(total *big.Rat, weights []*big.Rat, places int) []*big.Rat {
	step, sum := unit(places), new(big.Rat)
	for _, w := range weights {
		sum.Add(sum, w)
	}
	parts, shares, left := make([]*big.Rat, len(weights)), make([]*big.Rat, len(weights)), new(big.Rat).Set(total)
	for i, w := range weights {
		if sum.Sign() == 0 {
			shares[i] = new(big.Rat).Quo(total, new(big.Rat).SetInt64(int64(len(weights))))
		} else {
			shares[i] = new(big.Rat).Quo(new(big.Rat).Mul(total, w), sum)
		}
		parts[i] = floor(shares[i], step)
		left.Sub(left, parts[i])
	}
	for ; left.Sign() > 0; left.Sub(left, step) {
		most, behind := 0, new(big.Rat)
		for i := range parts {
			if gap := new(big.Rat).Sub(shares[i], parts[i]); i == 0 || gap.Cmp(behind) > 0 {
				most, behind = i, gap
			}
		}
		parts[most] = new(big.Rat).Add(parts[most], step)
	}
	return parts
}
