package api

import (
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/sinks/documents"
)

// bundleOf is what lines have in common that adjustments may be spread over.
type bundleOf struct {
	account, subscription, version, plan string
	start, end                           time.Time
	back                                 bool
}

// orbAdjustments says for each line of an invoice what changed it, in the order in
// which it did. The adjustments of the book are applied again to the lines'
// subtotals; where they come to what the lines came to, each is named with its
// amount, and the cents go to the largest. Where more is at work, such as a minimum
// shared over a part of a period or a discount on the units of a tier, the
// difference stands as one.
func orbAdjustments(held []heldLine, c money.Currency) [][]documents.OrbAdjustment {
	out := make([][]documents.OrbAdjustment, len(held))
	bundles := map[bundleOf][]int{}
	for i := range held {
		l := held[i].line
		key := bundleOf{l.Account, l.Subscription, l.BookVersion, l.Plan, l.PeriodStart, l.PeriodEnd, l.GivenBack || l.Corrects != (pricing.Corrects{})}
		bundles[key] = append(bundles[key], i)
	}
	for key, at := range bundles {
		lines := make([]*heldLine, len(at))
		for n, i := range at {
			lines[n] = &held[i]
		}
		adjusted, agreed := adjustAgain(lines, c)
		for n, i := range at {
			switch h := lines[n]; {
			case h.line.Discount.IsZero():
			case agreed && !key.back:
				out[i] = documents.OrbAdjustmentsOf(&h.HeldPrice, h.subscription, h.line, &adjusted[n], c.Digits)
			default:
				out[i] = documents.OrbDifference(&h.HeldPrice, h.subscription, h.line, c.Digits)
			}
		}
	}
	return out
}

// adjustAgain applies the book's adjustments to lines of one plan and period; agreed
// says that they come to the lines' totals, to the cent.
func adjustAgain(lines []*heldLine, c money.Currency) (adjusted []pricing.Adjusted, agreed bool) {
	items := make([]pricing.Adjustable, len(lines))
	for n, h := range lines {
		items[n] = pricing.Adjustable{Price: &h.Price, Months: monthsSince(h), Charge: chargeOf(h)}
	}
	adjusted, err := pricing.Adjust(items, lines[0].Plan.Adjust)
	if err != nil {
		return nil, false
	}
	exact := make([]money.Amount, len(lines))
	var issued money.Amount
	for n := range lines {
		exact[n] = adjusted[n].Total
		issued = issued.Add(lines[n].line.Total)
	}
	_, total := money.RoundTogether(exact, c.Digits, lines[0].Version.Conventions.Rounding)
	return adjusted, total.Cmp(issued) == 0
}

// chargeOf is the charge that a line was before adjustments. A price of a quantity
// is charged again, so that units can be taken off; anything else has its subtotal.
func chargeOf(h *heldLine) pricing.Charge {
	l := h.line
	if charge, err := h.Price.Charge(pricing.Measured{Quantity: l.Quantity.Fraction()}, money.Whole(1)); err == nil && charge.Subtotal.Cmp(l.ExactSubtotal) == 0 {
		return charge
	}
	return pricing.Charge{Subtotal: l.ExactSubtotal, Billable: l.Billed.Fraction()}
}

// monthsSince counts the whole months from the subscription's start to the line's.
func monthsSince(h *heldLine) int {
	if h.subscription == nil {
		return 0
	}
	return pricing.MonthsOf(h.subscription, h.zone, h.line.PeriodStart)
}
