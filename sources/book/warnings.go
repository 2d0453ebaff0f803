package book

import (
	"fmt"
	"slices"
	"strings"

	"daybook/pricing"
)

// withoutMinorUnit are the codes of ISO 4217 for which it lists no minor unit:
// metals, funds, and codes for tests and for no currency.
const withoutMinorUnit = "XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA XXX"

// idleMeters warns of meters that nothing in their version asks for.
func (c *checker) idleMeters(d *document) {
	for _, m := range d.Meters.rows {
		if !c.used[m.name] {
			c.warn(m.place, "no price uses the meter "+quote(m.name)+": its usage is kept, and costs nothing", "price it, or leave the meter out")
		}
	}
}

// vanishingPlans warns of plans that the version before had. A version is
// whole, so their subscriptions cannot be billed from its first day on.
func (c *checker) vanishingPlans(b *pricing.Book, docs []*document) {
	for i := 1; i < len(b.Versions); i++ {
		before, now := &b.Versions[i-1], &b.Versions[i]
		at := slices.IndexFunc(docs, func(d *document) bool { return d.Effective.value == now.Effective.String() })
		for _, p := range before.Plans {
			if _, still := now.PlanOf(p.ID); !still && at >= 0 {
				c.warn(docs[at].Plans.place, fmt.Sprintf("%s of %s is not in this version: its subscriptions cannot be billed from %s on", quote(p.ID), before.ID, now.Effective),
					"repeat the plan, because a version is whole, or end its subscriptions before that day")
			}
		}
	}
}

// missingCells warns of combinations of listed values that have no price where
// there is no default: usage of them parks its account.
func (c *checker) missingCells(m matrix, out pricing.Matrix) {
	if out.HasDefault || len(out.By) != 2 {
		return
	}
	var outer, inner []string
	listed := map[[2]string]bool{}
	for _, cell := range out.Cells {
		outer, inner = append(outer, cell.Values[0]), append(inner, cell.Values[1])
		listed[[2]string{cell.Values[0], cell.Values[1]}] = true
	}
	slices.Sort(inner)
	outer, inner = slices.Compact(outer), slices.Compact(inner)
	var missing []string
	for _, x := range outer {
		for _, y := range inner {
			if !listed[[2]string{x, y}] {
				missing = append(missing, x+" "+y)
			}
		}
	}
	if n := len(missing); n > 0 {
		shown := strings.Join(missing[:min(n, 3)], ", ")
		if n > 3 {
			shown += fmt.Sprintf(" and %d more", n-3)
		}
		c.warn(m.Prices.place, "there is no price for "+shown+", and usage of it would park its account", "add the price, or a `default`")
	}
}

// nothingToTakeOff warns of units that are free although all units are.
func (c *checker) nothingToTakeOff(p price, m pricing.Model) {
	for _, free := range []struct {
		key string
		n   number
	}{{"allowance", p.Allowance}, {"units_off", p.UnitsOff}} {
		if free.n.written() && !free.n.bad && c.quantity(free.n).Sign() > 0 && costsNothing(m) {
			c.warn(free.n.place, "`"+free.key+"` takes units off a price at which every unit is free", "write the price of what exceeds it, or leave it out")
		}
	}
}

// costsNothing reports whether a model asks nothing for any quantity.
func costsNothing(m pricing.Model) bool {
	free := func(t pricing.Tier) bool { return t.Unit.IsZero() && t.Flat.IsZero() }
	switch m := m.(type) {
	case pricing.Unit:
		return m.Price.IsZero()
	case pricing.Package:
		return m.Price.IsZero()
	case pricing.Graduated:
		return !slices.ContainsFunc(m.Tiers, func(t pricing.Tier) bool { return !free(t) })
	case pricing.Volume:
		return !slices.ContainsFunc(m.Tiers, func(t pricing.Tier) bool { return !free(t) })
	case pricing.Matrix:
		paid := func(cell pricing.MatrixCell) bool { return !cell.Unit.IsZero() }
		return m.Default.IsZero() && !slices.ContainsFunc(m.Cells, paid)
	}
	return false
}

// beyondMinorUnit warns of an amount of a whole line that no invoice can show.
func (c *checker) beyondMinorUnit(n number) {
	if n.written() && !n.bad && places(n.text) > int(c.currencyDigits) {
		c.warn(n.place, fmt.Sprintf("has more decimal places than the currency, which has %d: invoices show it rounded", c.currencyDigits),
			"write what customers pay")
	}
}

// contradicts refuses a maximum below a minimum over the same prices, which
// would never be owed.
func (c *checker) contradicts(a adjustment, now pricing.Adjustment, earlier []pricing.Adjustment) {
	for _, e := range earlier {
		low, high := e, now
		if now.Kind == pricing.MinimumCharge {
			low, high = now, e
		}
		same := slices.Equal(slices.Sorted(slices.Values(low.On)), slices.Sorted(slices.Values(high.On)))
		if low.Kind == pricing.MinimumCharge && high.Kind == pricing.MaximumCharge && same &&
			low.FirstMonths == high.FirstMonths && low.Amount.Cmp(high.Amount) > 0 {
			c.add(a.place, fmt.Sprintf("over the same prices, the maximum of %s is less than the minimum of %s (line %d)", high.Amount, low.Amount, e.Position.Line),
				"raise the maximum, or lower the minimum")
		}
	}
}
