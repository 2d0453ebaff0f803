package pricing

import (
	"cmp"
	"slices"
	"strings"

	"daybook/pricing/money"
)

// sortedIssued sorts lines by key, what was issued first before its corrections, so
// that no order of them matters to what the first one of a key says.
func sortedIssued(lines []Line) []Line {
	later := func(l *Line) int {
		if l.corrects() {
			return 1
		}
		return 0
	}
	out := slices.Clone(lines)
	slices.SortStableFunc(out, func(a, b Line) int {
		return cmp.Or(a.Key().Compare(b.Key()), cmp.Compare(later(&a), later(&b)), cmp.Compare(a.Number, b.Number))
	})
	return out
}

// gross puts the tax that the price contained back into an issued line's
// amounts, which are net of it.
func (l *Line) gross() {
	l.Subtotal, l.Total = l.Subtotal.Add(l.ContainedTax), l.Total.Add(l.ContainedTax)
	l.ContainedTax = money.Amount{}
}

// difference is one key's truth and what was issued for it; nil: nothing.
type difference struct{ owed, were *Line }

// differences pairs two lists that are sorted by key.
func differences(owed, were []Line) []difference {
	var out []difference
	for len(owed) > 0 || len(were) > 0 {
		var order int
		switch {
		case len(owed) == 0:
			order = 1
		case len(were) == 0:
			order = -1
		default:
			order = owed[0].Key().Compare(were[0].Key())
		}
		var d difference
		if order <= 0 {
			d.owed, owed = &owed[0], owed[1:]
		}
		if order >= 0 {
			d.were, were = &were[0], were[1:]
		}
		out = append(out, d)
	}
	return out
}

// correctionPrefix begins the description of a correction.
const correctionPrefix = "Correction: "

// either is a line of the key.
func (d difference) either() *Line {
	if d.owed != nil {
		return d.owed
	}
	return d.were
}

// firstBilled is a line as it was priced, which bills a closing's charge for the
// first time.
func (l *Line) firstBilled(closing Month) Line {
	out := *l
	out.copyUnit()
	out.Number, out.trace, out.For = 0, nil, closing
	return out
}

// line is the difference as a line.
func (d difference) line(issued Issued) Line {
	var l Line
	var owed, were Part
	switch {
	case d.owed == nil:
		l = *d.were
		l.negate()
		l.leavesNothing = true
	case d.were == nil:
		l = *d.owed
	default:
		back := *d.were
		back.copyUnit()
		back.negate()
		l = *d.owed
		l.copyUnit()
		l.add(&back)
	}
	if d.owed != nil {
		owed = Part{Quantity: d.owed.Quantity, Amount: d.owed.Subtotal}
	}
	if d.were != nil {
		were = Part{Quantity: d.were.Quantity.Neg(), Amount: d.were.Subtotal.Neg()}
	}
	l.For, l.Corrects, l.ExactSubtotal = issued.Closing, Corrects{issued.Closing, issued.Invoice}, l.Subtotal
	l.Description = correctionPrefix + strings.TrimPrefix(l.Description, correctionPrefix)
	owed.Label, were.Label = owedLabel, issuedLabel
	l.Parts = []Part{owed, were}
	l.levied = issued.levied(&l, d.were)
	return l
}

// The parts of a correction line.
const (
	owedLabel   = "owed"
	issuedLabel = "issued before"
)

// first reports whether a charge for which nothing was issued is billed for the
// first time: its account was parked, or one that its pool needed.
func (i *Issued) first(l *Line) bool {
	return i.Parked[l.Account] || l.Subscription == "" && l.Account == i.BillingAccount && len(i.Parked) > 0
}

func (l *Line) copyUnit() {
	if l.InUnit != nil {
		u := *l.InUnit
		l.InUnit = &u
	}
}

func (l *Line) negate() {
	l.Quantity, l.Free, l.Billed = l.Quantity.Neg(), l.Free.Neg(), l.Billed.Neg()
	l.ExactSubtotal = l.ExactSubtotal.Neg()
	l.Subtotal, l.Discount, l.Total, l.ContainedTax = l.Subtotal.Neg(), l.Discount.Neg(), l.Total.Neg(), l.ContainedTax.Neg()
	if l.InUnit != nil {
		u := *l.InUnit
		u.Subtotal, u.Total = u.Subtotal.Neg(), u.Total.Neg()
		l.InUnit = &u
	}
}

// levied returns what taxes a correction owes: those that were issued for its
// key, else for the line that is most like it. Where there is none, those of the
// registry at the rates that were issued.
func (i *Issued) levied(l, were *Line) *levied {
	if were != nil {
		return &levied{taxes: were.Taxes, known: true}
	}
	best, alike := -1, 0
	for n := range i.Lines {
		if a := l.alike(&i.Lines[n]); a > alike {
			best, alike = n, a
		}
	}
	if best >= 0 {
		return &levied{taxes: i.Lines[best].Taxes, known: true}
	}
	out := &levied{}
	for n := range i.Lines {
		if i.Lines[n].Corrects == (Corrects{}) {
			out.taxes = append(out.taxes, i.Lines[n].Taxes...)
		}
	}
	slices.SortFunc(out.taxes, LineTax.compare)
	return out
}

// alike says how much two lines are alike for a tax; 0: not at all.
func (l *Line) alike(o *Line) int {
	switch {
	case l.Account != o.Account || l.Plan != o.Plan || l.Price != o.Price:
		return 0
	case l.Subscription != o.Subscription:
		return 1
	}
	return 2
}
