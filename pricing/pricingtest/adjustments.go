package pricingtest

import (
	"math/big"
	"slices"

	"daybook/pricing"
)

// Line is a line for the oracle of adjustments.
type Line struct {
	Price    *pricing.Price
	Quantity *big.Rat // billable; usage discounts price what they leave of it
	Total    *big.Rat
	Months   int
}

// Adjust states step 4 of docs/billing-rules.md, The order of an amount,
// without rounding: the adjustments in one list, sorted by kind and then own
// before spanning, each applied to the lines it is on. It covers models whose
// subtotal is a function of the quantity alone.
func Adjust(lines []Line, plan []pricing.Adjustment) []*big.Rat {
	totals, _ := AdjustTogether(lines, plan)
	return totals
}

// AdjustTogether is Adjust, and says which lines one amount was spread over: they
// have the same number above 0, and an invoice rounds them together.
func AdjustTogether(lines []Line, plan []pricing.Adjustment) (totals []*big.Rat, together []int) {
	type step struct {
		pricing.Adjustment
		on []*Line
	}
	var steps []step
	add := func(a pricing.Adjustment, on []*Line) {
		on = slices.DeleteFunc(on, func(l *Line) bool { return a.FirstMonths > 0 && l.Months >= a.FirstMonths })
		steps = append(steps, step{a, on})
	}
	work := slices.Clone(lines)
	for i := range work {
		for _, a := range work[i].Price.Adjust {
			add(a, []*Line{&work[i]})
		}
	}
	for _, a := range plan {
		var on []*Line
		for i := range work {
			_, fee := work[i].Price.Model.(pricing.Fixed)
			everywhere := len(a.On) == 0 && !(fee && a.Kind == pricing.UsageDiscount)
			if everywhere || slices.Contains(a.On, work[i].Price.ID) {
				on = append(on, &work[i])
			}
		}
		add(a, on)
	}
	slices.SortStableFunc(steps, func(a, b step) int { return int(a.Kind) - int(b.Kind) })
	together = make([]int, len(work))
	for n, s := range steps {
		before := sums(work)
		adjust(s.Adjustment, s.on)
		if s.Kind == pricing.UsageDiscount || s.Kind == pricing.PercentDiscount || len(s.on) < 2 || slices.EqualFunc(before, sums(work), equal) {
			continue
		}
		joined := map[int]bool{}
		for i := range work {
			if slices.Contains(s.on, &work[i]) {
				joined[together[i]] = true
			}
		}
		for i := range work {
			if slices.Contains(s.on, &work[i]) || together[i] > 0 && joined[together[i]] {
				together[i] = n + 1
			}
		}
	}
	return sums(work), together
}

func sums(lines []Line) []*big.Rat {
	out := make([]*big.Rat, len(lines))
	for i := range lines {
		out[i] = new(big.Rat).Set(lines[i].Total)
	}
	return out
}

func equal(a, b *big.Rat) bool { return a.Cmp(b) == 0 }

func adjust(a pricing.Adjustment, on []*Line) {
	amount, sum := Rat(a.Amount), new(big.Rat)
	for _, l := range on {
		sum.Add(sum, l.Total)
	}
	switch a.Kind {
	case pricing.UsageDiscount:
		giveUnits(on, Rat(a.Quantity))
	case pricing.AmountDiscount:
		move(on, new(big.Rat).Neg(amount), a.To)
	case pricing.PercentDiscount:
		for _, l := range on {
			kept := new(big.Rat).Sub(big.NewRat(1, 1), new(big.Rat).Quo(Rat(a.Percent), big.NewRat(100, 1)))
			l.Total = kept.Mul(kept, l.Total)
		}
	case pricing.MinimumCharge:
		if sum.Cmp(amount) < 0 {
			move(on, amount.Sub(amount, sum), a.To)
		}
	case pricing.MaximumCharge:
		if sum.Cmp(amount) > 0 {
			move(on, amount.Sub(amount, sum), a.To)
		}
	}
}

// move adds an amount to the lines in proportion to what they have above zero;
// when none has anything, a gain goes to the named line or evenly.
func move(on []*Line, amount *big.Rat, to string) {
	weights, sum := make([]*big.Rat, len(on)), new(big.Rat)
	for i, l := range on {
		weights[i] = larger(l.Total, new(big.Rat))
		sum.Add(sum, weights[i])
	}
	if sum.Sign() == 0 {
		if amount.Sign() < 0 || len(on) == 0 {
			return
		}
		named := slices.IndexFunc(on, func(l *Line) bool { return l.Price.ID == to })
		for i := range on {
			weights[i] = new(big.Rat)
			if named < 0 || named == i {
				weights[i].SetInt64(1)
			}
			sum.Add(sum, weights[i])
		}
	} else {
		amount = larger(amount, new(big.Rat).Neg(sum))
	}
	for i, l := range on {
		share := new(big.Rat).Mul(amount, weights[i])
		l.Total = new(big.Rat).Add(l.Total, share.Quo(share, sum))
	}
}

// giveUnits takes free units off the lines in proportion to their quantities.
func giveUnits(on []*Line, units *big.Rat) {
	sum := new(big.Rat)
	for _, l := range on {
		sum.Add(sum, larger(l.Quantity, new(big.Rat)))
	}
	if sum.Sign() == 0 {
		return
	}
	for _, l := range on {
		if l.Quantity.Sign() <= 0 {
			continue
		}
		share := new(big.Rat).Mul(smaller(units, sum), l.Quantity)
		l.Quantity = new(big.Rat).Sub(l.Quantity, share.Quo(share, sum))
		l.Total = smaller(l.Total, roundedAmount(l.Price, magnitude(l.Price.Model, l.Quantity, big.NewRat(1, 1))))
	}
}
