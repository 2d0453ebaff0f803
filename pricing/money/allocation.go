package money

import (
	"cmp"
	"errors"
	"fmt"
	"math/big"
	"slices"
)

// Allocate divides total into one part for each weight, in proportion to the
// weights, in units of 10^−places, so that the parts sum to total exactly:
// each gets its share cut to whole units, and the units that are left go one by
// one to the largest remainders, ties to the earlier part
// (docs/billing-rules.md, The order of an amount, step 5). All-zero weights
// split evenly, the first parts taking what is left. Allocating −total gives
// the negated parts. Weights of both signs are allowed as long as they do not
// cancel out. It is an error when total has more decimal places than asked for
// or there is nobody to allocate to.
func Allocate(total Amount, weights []Amount, places int32) ([]Amount, error) {
	if len(weights) == 0 {
		if total.IsZero() {
			return nil, nil
		}
		return nil, errors.New("allocate amount: there is no part to give it to")
	}
	units, err := wholeUnits(total.d, places)
	if err != nil {
		return nil, fmt.Errorf("allocate amount: %w", err)
	}
	shares, sum, err := wholeWeights(weights)
	if err != nil {
		return nil, fmt.Errorf("allocate amount: %w", err)
	}
	negative := units.Sign() < 0
	parts, rests := make([]*big.Int, len(shares)), make([]*big.Int, len(shares))
	left := new(big.Int).Abs(units)
	for i, w := range shares {
		product := new(big.Int).Mul(w, new(big.Int).Abs(units))
		parts[i], rests[i] = product.DivMod(product, sum, new(big.Int))
		left.Sub(left, parts[i])
	}
	giveOut(parts, rests, left)
	return amounts(parts, places, negative), nil
}

// RoundTogether rounds the sum of the amounts once and returns parts that make
// exactly that: each amount is cut down to 10^−places, and the units that are
// left go to the largest remainders, ties to the earlier. Every part is thus
// within one unit of its exact amount, also where amounts of both signs nearly
// cancel out, which Allocate cannot promise.
func RoundTogether(exact []Amount, places int32, r Rounding) (parts []Amount, total Amount) {
	var sum Amount
	for _, a := range exact {
		sum = sum.Add(a)
	}
	total = sum.Round(places, r)
	if parts, ok := roundShort(exact, total.d, places); ok {
		return parts, total
	}
	negative := total.Sign() < 0
	floors, rests := make([]*big.Int, len(exact)), make([]*big.Int, len(exact))
	left, common := quotient(total.d.abs(), nil, places, Down), smallestExponent(exact)
	for i, a := range exact {
		d := a.d
		if negative {
			d = d.neg()
		}
		floors[i] = floorUnits(d, places)
		left.Sub(left, floors[i])
		rests[i] = quotient(d.sub(longNumber(floors[i], -places)), nil, -common, Down)
	}
	giveOut(floors, rests, left)
	return amounts(floors, places, negative), total
}

// roundShort makes the parts of RoundTogether in words of 64 bits, where all that
// is needed of each amount fits one.
func roundShort(exact []Amount, total number, places int32) ([]Amount, bool) {
	common := min(smallestExponent(exact), -places)
	unit, ok := timesTen(1, int64(-places)-int64(common))
	if !ok || total.long != nil {
		return nil, false
	}
	left, ok := timesTen(total.abs().short, int64(total.exp)+int64(places)) // total has no more places
	if !ok {
		return nil, false
	}
	parts, rests := make([]Amount, len(exact)), make([]int64, len(exact))
	for i, a := range exact {
		if a.d.long != nil {
			return nil, false
		}
		n, ok := timesTen(a.d.short, int64(a.d.exp)-int64(common))
		if !ok {
			return nil, false
		}
		if total.short < 0 {
			n = -n
		}
		floor := n / unit
		if n%unit < 0 {
			floor--
		}
		rests[i] = n - floor*unit
		left -= floor
		parts[i] = Amount{shortNumber(floor, -places)}
	}
	if left > 0 {
		for _, i := range byRest(rests, cmp.Compare)[:left] {
			parts[i].d.short++
		}
	}
	if total.short < 0 {
		for i := range parts {
			parts[i] = parts[i].Neg()
		}
	}
	return parts, true
}

// giveOut adds one unit to each of the parts with the largest rests, ties to
// the earlier, until none is left. Rests are below one unit each, so that there
// are never more units than parts.
func giveOut(parts, rests []*big.Int, left *big.Int) {
	one := big.NewInt(1)
	for _, i := range byRest(rests, (*big.Int).Cmp)[:left.Int64()] {
		parts[i].Add(parts[i], one)
	}
}

// byRest orders the parts by falling rest, equal ones as they stand.
func byRest[T any](rests []T, compare func(a, b T) int) []int {
	order := make([]int, len(rests))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return compare(rests[j], rests[i]) })
	return order
}

// wholeUnits returns d in units of 10^−places, of which it must be a multiple.
func wholeUnits(d number, places int32) (*big.Int, error) {
	units := quotient(d, nil, places, Down)
	if longNumber(units, -places).cmp(d) != 0 {
		return nil, fmt.Errorf("%s has more than %d decimal places: round it first", d, places)
	}
	return units, nil
}

// wholeWeights returns the weights as integers with their positive sum; equal
// ones when all are zero.
func wholeWeights(weights []Amount) (whole []*big.Int, sum *big.Int, err error) {
	common, zero := smallestExponent(weights), true
	whole, sum = make([]*big.Int, len(weights)), new(big.Int)
	for i, w := range weights {
		whole[i] = quotient(w.d, nil, -common, Down)
		sum.Add(sum, whole[i])
		zero = zero && w.IsZero()
	}
	switch {
	case zero:
		for i := range whole {
			whole[i] = big.NewInt(1)
		}
		sum.SetInt64(int64(len(whole)))
	case sum.Sign() == 0:
		return nil, nil, errors.New("the weights cancel out, so no part has a share")
	case sum.Sign() < 0:
		for _, w := range whole {
			w.Neg(w)
		}
		sum.Neg(sum)
	}
	return whole, sum, nil
}

func smallestExponent(amounts []Amount) int32 {
	var e int32
	for _, a := range amounts {
		e = min(e, a.d.exp)
	}
	return e
}

// floorUnits returns the greatest whole number of units of 10^−places in d.
func floorUnits(d number, places int32) *big.Int {
	if d.sign() < 0 {
		return quotient(d, nil, places, Up)
	}
	return quotient(d, nil, places, Down)
}

func amounts(units []*big.Int, places int32, negative bool) []Amount {
	out := make([]Amount, len(units))
	for i, u := range units {
		if negative {
			u.Neg(u)
		}
		out[i] = Amount{longNumber(u, -places)}
	}
	return out
}
