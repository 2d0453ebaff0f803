package book

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"daybook/pricing"
	"daybook/pricing/money"
)

// committed reads the commitment that a model is under
// (docs/billing-rules.md, Price models, Commitments).
func (c *checker) committed(t commitment, of pricing.Model, m pricing.Meter) pricing.Model {
	if !t.written() || t.bad {
		return of
	}
	out := pricing.Commitment{
		Amount: c.amount(t.Amount), Quantity: c.quantity(t.Quantity), Overage: money.QuantityOf(1), TrueUp: t.TrueUp.value,
	}
	if t.Overage.written() {
		out.Overage = c.quantity(t.Overage)
	}
	switch {
	case t.Amount.written() && t.Quantity.written():
		c.add(t.Quantity.place, "this commitment has both an `amount` and a `quantity`", "keep one of the two")
	case t.Quantity.written() && !t.Quantity.bad && out.Quantity.IsZero():
		c.add(t.Quantity.place, "is zero", "write how many units are committed, or leave `commitment` out")
	case !t.Amount.written() && !t.Quantity.written() && !t.strange:
		c.add(t.place, "this commitment does not say to how much", "add `amount: <amount>` or `quantity: <units>`")
	}
	if !out.TrueUp && out.Overage.Cmp(money.QuantityOf(1)) == 0 && !t.strange && !t.Overage.bad && !t.TrueUp.bad {
		c.add(t.place, "this commitment changes no price", "add `true_up: true`, or `overage: <factor>` other than 1")
	}
	if m.AllowNegative {
		c.add(t.place, "the meter "+quote(m.ID)+" allows negative events, which would give a true-up back", "leave `commitment` out, or use `minimum`")
	}
	switch of.(type) {
	case nil:
		return nil
	case pricing.Unit, pricing.Graduated, pricing.Volume, pricing.Package:
		return pricing.Committed{Of: of, Commitment: out}
	}
	c.add(t.place, "a commitment is on a price with unit, graduated, volume or package", "leave it out, or use `minimum`")
	return of
}

// hours reads prices for hours of the day, beside which the price's own model is
// for the other hours (docs/billing-rules.md, Price models, Hours of the day).
func (c *checker) hours(p price, other pricing.Model, m pricing.Meter, known bool) pricing.Model {
	if !p.Hours.written() || p.Hours.bad {
		return other
	}
	if len(p.Hours.rows) == 0 {
		c.add(p.Hours.place, "names no hours", "write some with their price: {\"09-12\": {unit: 2.00}}")
	}
	if known && m.Grain == pricing.GrainDay {
		c.add(p.Hours.place, "the meter "+quote(m.ID)+" keeps usage by the day", "give the meter `grain: hour`; usage is then read again")
	}
	switch other.(type) {
	case pricing.Matrix, pricing.Percentage, pricing.Burst:
		c.add(p.Hours.place, "hours of the day are for models that price a quantity by itself, and "+other.Name()+" does not", "leave `hours` out")
	}
	out := pricing.TimeOfDay{Other: other}
	for _, r := range p.Hours.rows {
		band, ok := hoursOf(r.name)
		if !ok {
			c.add(r.place, quote(r.name)+" is not a time of day", "write full hours from 00 to 24, in quotes: \"09-12\" or, over midnight, \"22-06\"")
			continue
		}
		for _, before := range out.Bands {
			if both := overlap(before, band); both >= 0 {
				c.add(r.place, "hour "+strconv.Itoa(both)+" is in "+before.String()+" too", "write bands that do not overlap")
			}
		}
		band.Model = c.bandModel(r, m, known)
		out.Bands = append(out.Bands, band)
	}
	slices.SortStableFunc(out.Bands, func(a, b pricing.HourBand) int { return cmp.Compare(a.From, b.From) })
	return out
}

// bandModel reads a band's model as a price's.
func (c *checker) bandModel(r row[band], m pricing.Meter, known bool) pricing.Model {
	b := r.value
	if !b.written() || b.bad {
		return nil
	}
	if len(written(said{at: b.Unit.place}, said{at: b.Graduated.place}, said{at: b.Volume.place}, said{at: b.Package.place})) == 0 {
		if !b.strange {
			c.add(r.place, "these hours have no price", "add unit, graduated, volume or package")
		}
		return nil
	}
	alone := price{place: b.place, Unit: b.Unit, Graduated: b.Graduated, Volume: b.Volume, Package: b.Package}
	return c.committed(b.Commitment, c.plainModel(row[price]{place: r.place, name: r.name, value: alone}, m, known), m)
}

// hoursOf reads `09-12`.
func hoursOf(s string) (out pricing.HourBand, ok bool) {
	from, to, _ := strings.Cut(s, "-")
	out.From, ok = hourOf(from, 0, 23)
	if !ok {
		return out, false
	}
	out.To, ok = hourOf(to, 1, 24)
	if to == "00" { // midnight, as the end of a day
		out.To, ok = 24, true
	}
	return out, ok && out.From != out.To
}

func hourOf(s string, lo, hi int) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && len(s) == 2 && n >= lo && n <= hi
}

// overlap returns an hour that is in both bands, -1 when none is.
func overlap(a, b pricing.HourBand) int {
	for hour := range 24 {
		if a.Holds(hour) && b.Holds(hour) {
			return hour
		}
	}
	return -1
}
