package pricing

import (
	"cmp"
	"slices"

	"daybook/pricing/money"
)

// takeOff takes an amount off the lines above zero in proportion to their totals;
// at most all that they have.
func takeOff(lines []*adjusting, kind AdjustmentKind, amount money.Amount) {
	positive := aboveZero(lines)
	whole := sumOf(positive)
	if whole.Cmp(amount) < 0 {
		amount = whole
	}
	for i, share := range spread(amount, whole, positive, true) {
		positive[i].change(kind, share.Neg())
	}
}

// raise adds what a minimum is short of: in proportion to the totals above
// zero, else to the line that the minimum names, else evenly.
func raise(lines []*adjusting, a Adjustment, short money.Amount) error {
	if positive := aboveZero(lines); len(positive) > 0 {
		for i, share := range spread(short, sumOf(positive), positive, false) {
			positive[i].change(a.Kind, share)
		}
		return nil
	}
	named := slices.IndexFunc(lines, func(l *adjusting) bool { return l.Price.ID == a.To })
	if named >= 0 {
		lines[named].change(a.Kind, short)
		return nil
	}
	shares, err := money.Allocate(short, make([]money.Amount, len(lines)), money.SeriesPlaces)
	if err != nil {
		return err
	}
	for i, share := range shares {
		lines[i].change(a.Kind, share)
	}
	return nil
}

func aboveZero(lines []*adjusting) []*adjusting {
	var out []*adjusting
	for _, l := range lines {
		if l.total.Sign() > 0 {
			out = append(out, l)
		}
	}
	return out
}

// spread divides an amount in proportion to the totals of lines, which are
// above zero and sum to whole, each share cut to 20 places, the remainder to
// the largest line (docs/billing-rules.md, The order of an amount). When
// bounded, no share exceeds its line's total: a remainder of some 10^−20 that
// the largest line cannot bear goes to the next.
func spread(amount, whole money.Amount, lines []*adjusting, bounded bool) []money.Amount {
	shares, left := make([]money.Amount, len(lines)), amount
	for i, l := range lines {
		// Lines are above zero, so whole is, and the quotient exists.
		part, _ := amount.Fraction().Mul(l.total.Fraction()).Quo(whole.Fraction())
		shares[i] = part.Round(money.SeriesPlaces, money.Down).Amount()
		left = left.Sub(shares[i])
	}
	for _, i := range bySize(lines) {
		take := left
		if room := lines[i].total.Sub(shares[i]); bounded && room.Cmp(left) < 0 {
			take = room
		}
		shares[i], left = shares[i].Add(take), left.Sub(take)
	}
	return shares
}

// bySize orders lines by falling total, equal ones as they stand.
func bySize(lines []*adjusting) []int {
	order := make([]int, len(lines))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		return cmp.Or(lines[j].total.Cmp(lines[i].total), cmp.Compare(i, j))
	})
	return order
}

// discountUnits gives units for nothing: over several lines in proportion to
// their billable quantities, and never more than those.
func discountUnits(lines []*adjusting, units money.Fraction) error {
	var whole money.Fraction
	for _, l := range lines {
		if l.billable.Sign() > 0 {
			whole = whole.Add(l.billable)
		}
	}
	if whole.IsZero() {
		return nil
	}
	kept, err := lessUnits(whole, units).Quo(whole)
	if err != nil {
		return err
	}
	for _, l := range lines {
		if l.billable.Sign() <= 0 {
			continue
		}
		l.billable = l.billable.Mul(kept)
		repriced, err := l.Price.chargeBillable(l.Charge, l.billable)
		if err != nil {
			return err
		}
		if repriced.Subtotal.Cmp(l.total) < 0 {
			l.change(UsageDiscount, repriced.Subtotal.Sub(l.total))
		}
	}
	return nil
}
