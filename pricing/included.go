package pricing

import (
	"slices"
	"strings"

	"daybook/pricing/money"
)

// Included are units of a metered price that come with resources of a kind, such
// as the storage of a package: an allowance beside the price's own
// (docs/billing-rules.md, Price models, Included units).
type Included struct {
	Resource string
	Units    []IncludedUnits // sorted by SKU
}

// IncludedUnits are the units that come with one resource of a SKU for a whole
// billing period.
type IncludedUnits struct {
	SKU   string
	Units money.Quantity
	All   bool // all usage comes with it
}

func (i *Included) of(sku string) (IncludedUnits, bool) {
	n, ok := slices.BinarySearchFunc(i.Units, sku, func(u IncludedUnits, sku string) int { return strings.Compare(u.SKU, sku) })
	if !ok {
		return IncludedUnits{}, false
	}
	return i.Units[n], true
}

// allowed is what a charge takes off a quantity before it is priced.
type allowed struct {
	units money.Fraction
	all   bool
}

func (a allowed) plus(b allowed) allowed {
	return allowed{a.units.Add(b.units), a.all || b.all}
}

// off takes it off a quantity, which comes nearer to zero and not past it.
func (a allowed) off(q money.Fraction) money.Fraction {
	switch {
	case a.all:
		return money.Fraction{}
	case a.units.Sign() <= 0:
		return q
	}
	return lessUnits(q, a.units)
}

// taken is what it takes off a quantity.
func (a allowed) taken(q money.Fraction) money.Fraction {
	switch {
	case a.all || q.Abs().Cmp(a.units) <= 0:
		return q
	case a.units.Sign() <= 0:
		return money.Fraction{}
	case q.Sign() < 0:
		return a.units.Neg()
	}
	return a.units
}

// none reports that nothing is taken off.
func (a allowed) none() bool { return !a.all && a.units.Sign() <= 0 }

// text says it to people.
func (a allowed) text() string {
	if a.all {
		return "everything"
	}
	return a.units.Quantity().String()
}

// included adds up what comes with the resources that existed in a segment: units
// × quantity × the part of the period in which they existed. A resource that was
// not deleted is there to the end of it, so that a cost series does not show
// usage as dear that will be included. What existed at all and includes
// everything does so for the whole of the segment.
//
// Errors: *MissingSKUError.
func (x *rating) included(s *segment, price *Price) (allowed, error) {
	var out allowed
	if price.Included == nil {
		return out, nil
	}
	over := s.proration(price)
	over.month = MonthCalendar // a whole period includes the units once, however long a month is
	for _, r := range x.resources(s, price.Included.Resource) {
		part := over.existence(Period{Start: r.Created, End: r.Deleted}, s.part)
		if part.IsZero() {
			continue
		}
		units, ok := price.Included.of(r.SKU)
		if !ok {
			return out, &MissingSKUError{Price: price.ID, SKU: r.SKU, Resource: r.ID}
		}
		all := units.All && r.Quantity.Sign() > 0
		out = out.plus(allowed{units.Units.Fraction().Mul(r.Quantity.Fraction()).Mul(part), all})
	}
	return out, nil
}

// checkIncluded reports units that are included in what has no one quantity.
func (p *Price) checkIncluded() string {
	if p.Included == nil {
		return ""
	}
	switch p.Model.(type) {
	case Burst, Bundle, Fixed, ResourceTime, Term:
		return "model " + modelName(p.Model) + " has no quantity of the period to include units in"
	}
	if p.apart() || p.Meter == "" || p.Prorate != "" {
		return "units are included in the quantity of a period, not of each window or group, nor of a prorated one"
	}
	return ""
}
