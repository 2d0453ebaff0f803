package pricing

import "daybook/pricing/money"

// tariffAdjustment is an adjustment of the price itself in whole numbers.
type tariffAdjustment struct {
	kind    AdjustmentKind
	months  int     // it holds in the first so many months; 0: always
	units   natural // ticks
	amount  natural // 10^−20 of the currency
	percent natural // the discount is total × percent ÷ hundred
	hundred natural
}

// fillAdjustments computes the price's own adjustments, sorted by kind. What is
// not sound is for Adjust to refuse.
func (b *tariffBuilder) fillAdjustments() {
	for _, a := range byKind(b.price.Adjust) {
		if a.check() != nil {
			b.failed = true
			return
		}
		out := tariffAdjustment{kind: a.Kind, months: a.FirstMonths}
		switch a.Kind {
		case UsageDiscount:
			out.units = b.ticks(a.Quantity)
		case PercentDiscount:
			n := places(a.Percent.Decimal())
			out.percent, out.hundred = b.of(a.Percent.Decimal(), n), b.power(n+2)
		default:
			out.amount = b.of(a.Amount.Round(money.SeriesPlaces, money.HalfEven).Decimal(), money.SeriesPlaces)
		}
		b.out.adjust = append(b.out.adjust, out)
	}
}

// total applies the adjustments to one line by itself
// (docs/billing-rules.md, The order of an amount, step 4). Subtotal and ticks
// are without the sign that they share.
func (t *Tariff) total(subtotal, ticks natural, negative bool, months int) (money.Int128, bool) {
	line := tariffLine{total: subtotal, ticks: ticks, negative: negative}
	for i := range t.adjust {
		a := &t.adjust[i]
		if a.months > 0 && months >= a.months {
			continue
		}
		if !line.apply(a, t) {
			return money.Int128{}, false
		}
	}
	return line.total.int128(line.negative), line.total.less(storable)
}

// tariffLine is a line on its way through the adjustments.
type tariffLine struct {
	total, ticks natural
	negative     bool
}

func (l *tariffLine) apply(a *tariffAdjustment, t *Tariff) bool {
	switch a.kind {
	case UsageDiscount:
		return l.discountUnits(a.units, t)
	case AmountDiscount:
		if !l.negative {
			l.total = l.total.sub(smallerOf(l.total, a.amount))
		}
	case PercentDiscount:
		part, ok := l.total.mul(a.percent)
		if !ok {
			return false
		}
		l.total = l.total.sub(part.quo(a.hundred, money.HalfEven))
	case MinimumCharge:
		if l.negative || l.total.less(a.amount) {
			l.total, l.negative = a.amount, false
		}
	case MaximumCharge:
		if !l.negative {
			l.total = smallerOf(l.total, a.amount)
		}
	}
	return true
}

// discountUnits prices the line anew with fewer units, and keeps the old price
// where those cost more.
func (l *tariffLine) discountUnits(units natural, t *Tariff) bool {
	if l.negative || l.ticks.isZero() {
		return true
	}
	l.ticks = l.ticks.sub(smallerOf(l.ticks, units))
	repriced, ok := t.subtotal(l.ticks)
	if ok {
		l.total = smallerOf(l.total, repriced)
	}
	return ok
}

func smallerOf(a, b natural) natural {
	if a.less(b) {
		return a
	}
	return b
}
