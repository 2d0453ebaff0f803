package pricing

import (
	"fmt"
	"time"

	"daybook/pricing/money"
)

// Term prices resources that are bought for a length of time and paid for once,
// in the billing period in which they were bought (docs/billing-rules.md, Price
// models, Terms).
type Term struct {
	Unit       money.Amount   // of one unit for PerSeconds
	DivideBy   money.Quantity // so many of a resource's quantity are one unit; never zero
	PerSeconds int64
	Discounts  []TermDiscount // sorted by Months
}

// TermDiscount is a length that may be bought and what comes off its price.
type TermDiscount struct {
	Name    string // the resource's SKU: "1 month", "2 years"
	Months  int
	Percent money.Quantity // 10 is ten per cent
}

// Name implements Model.
func (Term) Name() string { return "term" }

// Purchase is a resource that is bought for a length of time.
type Purchase struct {
	Until           time.Time      // the end of the length that was bought, before any rounding
	Term            string         // the length that the discount is for; "" : none
	Units           money.Fraction // quantity × length, which a Term's price is for one of
	Gross, Discount money.Fraction // exact; Gross − Discount is paid
	Percent         money.Quantity // of the discount: 10 is ten per cent
}

// Net is what is paid, exact.
func (p Purchase) Net() money.Fraction { return p.Gross.Sub(p.Discount) }

// Purchase prices a resource. A SKU names the length: so many calendar months
// from the day on which it was bought, whole days of 24 hours. Without one it is
// the exact time from Created to Deleted, at the discount of the longest length
// that fits in. ok is false where neither says a length.
func (t Term) Purchase(r *Resource, loc *time.Location) (p Purchase, ok bool) {
	length, d, ok := t.bought(r, loc)
	if !ok {
		return Purchase{}, false
	}
	p.Until, p.Term, p.Percent = r.Created.Add(length), d.Name, d.Percent
	units, _ := r.Quantity.Fraction().Quo(t.DivideBy.Fraction()) // which is never zero
	p.Units = units.Mul(money.Ratio(int64(length), int64(time.Second))).Mul(money.Ratio(1, t.PerSeconds))
	p.Gross = p.Units.Mul(t.Unit.Fraction())
	p.Discount = d.Percent.Fraction().Mul(money.Ratio(1, 100)).Mul(p.Gross)
	return p, true
}

// bought returns for how long a resource was bought, and at which discount.
func (t Term) bought(r *Resource, loc *time.Location) (length time.Duration, d TermDiscount, ok bool) {
	if r.SKU != "" {
		for _, d = range t.Discounts {
			if d.Name == r.SKU {
				return time.Duration(d.days(r, loc)) * 24 * time.Hour, d, true
			}
		}
		return 0, d, false
	}
	if r.Deleted.IsZero() {
		return 0, d, false
	}
	length = max(r.Deleted.Sub(r.Created), 0)
	for _, longer := range t.Discounts {
		if time.Duration(longer.days(r, loc))*24*time.Hour <= length {
			d = longer
		}
	}
	return length, d, true
}

// days counts the days of a length that begins when the resource was created: '1
// month' from 19 March is 31 days, from 31 January it is 28.
func (d TermDiscount) days(r *Resource, loc *time.Location) int64 {
	from := LocalDay(r.Created, loc)
	year, month, day := from.UTC().Date()
	_, _, last := NewDate(year, month+time.Month(d.Months)+1, 0).UTC().Date()
	return int64(NewDate(year, month+time.Month(d.Months), min(day, last)) - from)
}

// chargeTerms prices the resources that were bought within part: quantity × price
// × length, less the discount, divided once. Each has a part, and another one for
// its discount. The charge's quantity is the sum of quantity × length.
//
// Errors: *MissingSKUError; money.ErrOverflow.
func (p *Price) chargeTerms(model Term, resources []*Resource, loc *time.Location, part Period) (Charge, error) {
	var quantity money.Fraction
	b := bill{unitPrice: model.Unit, hasUnitPrice: true}
	for _, r := range resources {
		if !part.Contains(r.Created) {
			continue
		}
		bought, ok := model.Purchase(r, loc)
		if !ok {
			return Charge{}, &MissingSKUError{Price: p.ID, SKU: r.SKU, Resource: r.ID}
		}
		quantity = quantity.Add(bought.Units)
		b.add(billPart{label: r.ID, quantity: bought.Units, unitPrice: model.Unit, amount: bought.Gross})
		if !bought.Discount.IsZero() {
			b.add(billPart{label: r.ID + ", " + bought.Term + ": " + bought.Percent.String() + " % off", amount: bought.Discount.Neg()})
		}
	}
	c := Charge{Measured: quantity.Quantity(), Billable: quantity, Subtotal: b.sum.Amount(), UnitPrice: b.unitPrice, HasUnitPrice: true}
	c.Parts = b.settledParts(c.Subtotal)
	for _, err := range []error{c.Measured.Check(), c.Subtotal.Check(), c.checkShares()} {
		if err != nil {
			return Charge{}, fmt.Errorf("charge price %s: %w", p.ID, err)
		}
	}
	return c, nil
}
