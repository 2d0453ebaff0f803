package pricing

import "daybook/pricing/money"

// PricingUnit is what a book's amounts are in where that is not its currency:
// tokens or points, each worth an amount of the currency that every version says
// (docs/billing-rules.md, Pricing units).
type PricingUnit struct {
	Name   string
	Digits int32 // places that a line has
}

// UnitAmounts are a line's amounts in the book's pricing unit.
type UnitAmounts struct {
	Name                     string
	Worth                    money.Amount // of one, in the currency
	Subtotal, Total, Credits money.Amount
	CreditsWorth             money.Amount   // of Credits, in the currency
	Rounding                 money.Rounding // of a line, from the unit into the currency; "": read back, and converted already
}

// priced is what the book's amounts are in, and how a line of them is rounded.
func (b *Book) priced() money.Currency {
	if b.Unit == nil {
		return b.Currency
	}
	return money.Currency{Code: b.Unit.Name, Digits: b.Unit.Digits}
}

// Units lists the pricing unit that the book has, if any.
func (b *Book) Units() []string {
	if b.Unit == nil {
		return nil
	}
	return []string{b.Unit.Name}
}

// inUnit notes that a line's amounts are in the book's unit, if it has one.
func (b *Book) inUnit(l *Line, v *Version) {
	if b.Unit != nil {
		l.InUnit = &UnitAmounts{Name: b.Unit.Name, Worth: v.Worth, Subtotal: l.Subtotal, Total: l.Total, Rounding: v.Conventions.Rounding}
	}
}

// convert turns an invoice's lines from the pricing unit into its currency, after
// the adjustments and the credits of that unit. A line's total is converted and
// rounded once, and so is what its credits left: the difference is what the
// credits are worth.
func convert(inv *Invoice) {
	for _, lines := range [][]Line{inv.Lines, inv.Own} {
		for i := range lines {
			lines[i].convert(inv.Currency.Digits)
		}
	}
}

func (l *Line) convert(digits int32) {
	u := l.InUnit
	if u == nil {
		return
	}
	if l.Corrects != (Corrects{}) { // is in the currency already
		u.CreditsWorth = u.worthOf(l.Total, digits)
		l.Credits = l.Credits.Add(u.CreditsWorth)
		return
	}
	exact := func(a money.Amount) money.Amount { return a.Fraction().Mul(u.Worth.Fraction()).Amount() }
	rounded := func(a money.Amount) money.Amount {
		return a.Fraction().Mul(u.Worth.Fraction()).Round(digits, u.Rounding).Amount()
	}
	l.Subtotal, l.Total = rounded(u.Subtotal), rounded(u.Total)
	l.Discount, l.Credits = l.Subtotal.Sub(l.Total), l.Total.Sub(rounded(u.Total.Sub(u.Credits)))
	u.CreditsWorth = l.Credits
	l.UnitPrice, l.ExactSubtotal = exact(l.UnitPrice), exact(l.ExactSubtotal)
	for i := range l.Parts {
		p := &l.Parts[i]
		p.UnitPrice, p.Flat, p.Amount = exact(p.UnitPrice), exact(p.Flat), exact(p.Amount)
	}
}

// worthOf is what the credits of the unit are worth that pay of a correction,
// whose total in the currency may be of several rates: as large a part of it as
// they are of the unit.
func (u *UnitAmounts) worthOf(total money.Amount, digits int32) money.Amount {
	left, err := u.Total.Sub(u.Credits).Fraction().Quo(u.Total.Fraction())
	if u.Credits.IsZero() || err != nil {
		return money.Amount{}
	}
	return total.Sub(total.Fraction().Mul(left).Round(digits, u.Rounding).Amount())
}

// inCurrency is the line, bare and converted.
func (l *Line) inCurrency(digits int32) Line {
	out := l.bare()
	out.convert(digits)
	return out
}

// payable returns what credits in a unit ("": the currency) may pay of the line,
// and where it stands what they paid; nil: nothing.
func (l *Line) payable(unit string) (total money.Amount, credits *money.Amount) {
	switch {
	case unit == "":
		return l.Total, &l.Credits
	case l.InUnit == nil || l.InUnit.Name != unit:
		return money.Amount{}, nil
	}
	return l.InUnit.Total, &l.InUnit.Credits
}
