package pricing

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"daybook/pricing/money"
)

// Capacity prices the smallest tier that holds the quantity, mostly the maximum
// of a period: a tier's Flat and nothing for the units
// (docs/billing-rules.md, Price models, Capacity).
type Capacity struct {
	Tiers      []Tier
	FlatOnZero bool // the first tier is owed for no usage too
}

// Bundle prices the smallest tier that holds the quantities of several meters
// at once. Measuring gives one group for each meter.
type Bundle struct {
	Meters     []string // the first is the price's
	Tiers      []BundleTier
	FlatOnZero bool // the first tier is owed for no usage too
}

// BundleTier is one size of a Bundle.
type BundleTier struct {
	UpTo  []MeterBound // inclusive; a meter without one has no bound here
	Price money.Amount
}

// MeterBound is what a tier holds of one meter.
type MeterBound struct {
	Meter string
	UpTo  money.Quantity
}

// Name implements Model.
func (Capacity) Name() string { return "capacity" }

// Name implements Model.
func (Bundle) Name() string { return "capacity" }

// bill implements quantityModel, as Volume does.
func (c Capacity) bill(quantity, scale money.Fraction) (bill, error) {
	b, err := Volume(c).bill(quantity, scale)
	b.hasUnitPrice = false // units have no price
	return b, err
}

// billMeters prices the smallest tier that holds every meter's group. Its one
// part says what was measured. The charge's quantity is the one capacity that is
// owed, as quantities of different meters do not add up.
func (b Bundle) billMeters(c *Charge) (bill, error) {
	none := !slices.ContainsFunc(c.groups, func(g Group) bool { return !g.Quantity.IsZero() })
	c.Measured, c.Billable, c.Free = money.Quantity{}, money.Fraction{}, money.Fraction{}
	if none && !b.FlatOnZero {
		return bill{}, nil
	}
	for i, t := range b.Tiers {
		held, ok := t.holds(c.groups)
		if !ok {
			continue
		}
		c.Measured, c.Billable = money.QuantityOf(1), money.Whole(1)
		var out bill
		out.add(billPart{label: fmt.Sprintf("tier %d%s", i+1, held), quantity: c.Billable, flat: t.Price, amount: t.Price.Fraction()})
		return out, nil
	}
	return bill{}, errors.New("no tier holds this usage: leave the last tier without a bound")
}

// holds reports whether a tier holds the quantities, and writes them.
func (t BundleTier) holds(groups []Group) (text string, ok bool) {
	var held []string
	for _, g := range groups {
		i := slices.IndexFunc(t.UpTo, func(m MeterBound) bool { return slices.Equal(g.Values, []string{m.Meter}) })
		text := strings.Join(g.Values, ", ") + " " + g.Quantity.Quantity().String()
		if i >= 0 {
			if g.Quantity.Cmp(t.UpTo[i].UpTo.Fraction()) > 0 {
				return "", false
			}
			text += " of " + t.UpTo[i].UpTo.String()
		}
		held = append(held, text)
	}
	if len(held) == 0 {
		return "", true
	}
	return " (" + strings.Join(held, ", ") + ")", true
}

// meters returns the meters that a price looks at; none for fees and resources.
func (p *Price) meters() []string {
	switch m := p.Model.(type) {
	case Bundle:
		return m.Meters
	default:
		if p.Meter == "" {
			return nil
		}
		return []string{p.Meter}
	}
}

// checkBundle reports a capacity over several meters that cannot be priced.
func (p *Price) checkBundle(v *Version) error {
	b, ok := p.Model.(Bundle)
	switch {
	case !ok:
		return nil
	case len(b.Meters) == 0 || b.Meters[0] != p.Meter:
		return errors.New("capacity over several meters is a price of the first of them")
	case p.Each.divides() || p.RoundTo != nil || p.Allowance.Sign() != 0:
		return errors.New("capacity over several meters has no each, rounding or allowance of one quantity")
	}
	for _, id := range b.Meters {
		if _, known := v.MeterOf(id); !known {
			return fmt.Errorf("meter %q is not in the version", id)
		}
	}
	return nil
}

// measureBundle returns what a subscription used of each meter.
func (x *rating) measureBundle(s *segment, b Bundle, h horizon) (Measured, error) {
	var out Measured
	for _, meter := range slices.Sorted(slices.Values(b.Meters)) {
		m, err := x.measureMeter(s, meter, nil, h)
		if err != nil {
			return Measured{}, err
		}
		out.Groups = append(out.Groups, Group{Values: []string{meter}, Quantity: m.Quantity})
	}
	return out, nil
}
