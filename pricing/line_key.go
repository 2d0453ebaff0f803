package pricing

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"daybook/pricing/money"
)

// LineKey says what a line charges for. Lines of one closing with one key are one
// charge: what is owed for it and what was invoiced for it are compared by it
// (docs/billing-rules.md, Corrections). The book version and the description are
// no part of it, so a price that was mended keeps its key. The zero value is the
// key of no line.
type LineKey struct {
	Account      string    `json:"account"`
	Subscription string    `json:"subscription"` // "" of a pooled price
	Plan         string    `json:"plan"`
	Price        string    `json:"price"`
	Grouping     string    `json:"grouping"` // canonical JSON; "{}" when not grouped
	Start        time.Time `json:"start"`    // in UTC and whole microseconds, as the tables hold it
	End          time.Time `json:"end"`      // exclusive
	Unit         string    `json:"unit"`     // of the quantity
	GivenBack    bool      `json:"given_back"`
}

// Key returns what the line charges for.
func (l *Line) Key() LineKey {
	return LineKey{
		l.Account, l.Subscription, l.Plan, l.Price, l.Grouping,
		time.UnixMicro(l.PeriodStart.UnixMicro()).UTC(), time.UnixMicro(l.PeriodEnd.UnixMicro()).UTC(), l.Unit, l.GivenBack,
	}
}

// Compare orders keys by account, subscription, plan, start, price, grouping and
// what is left, which is about how lines stand on an invoice.
func (k LineKey) Compare(o LineKey) int {
	return cmp.Or(
		strings.Compare(k.Account, o.Account), strings.Compare(k.Subscription, o.Subscription), strings.Compare(k.Plan, o.Plan),
		k.Start.Compare(o.Start), strings.Compare(k.Price, o.Price), strings.Compare(k.Grouping, o.Grouping), k.End.Compare(o.End),
		strings.Compare(k.Unit, o.Unit), strings.Compare(k.sign(), o.sign()),
	)
}

func (k LineKey) sign() string {
	if k.GivenBack {
		return "-"
	}
	return ""
}

// NetLines sums lines of equal keys: their quantities, subtotals, discounts,
// totals, contained taxes and amounts in a pricing unit. What else a line says is
// the first one's. Keys whose sums are all zero are dropped; the others come
// sorted by key, without numbers, parts and what credits and taxes did to them.
func NetLines(lines []Line) []Line {
	at := map[LineKey]int{}
	var out []Line
	for i := range lines {
		l := lines[i].bare()
		n, seen := at[l.Key()]
		if !seen {
			at[l.Key()] = len(out)
			out = append(out, l)
			continue
		}
		out[n].add(&l)
	}
	out = slices.DeleteFunc(out, func(l Line) bool { return l.nothing() })
	slices.SortFunc(out, func(a, b Line) int { return a.Key().Compare(b.Key()) })
	return out
}

// bare is the line as it was priced, apart from what settling it did.
func (l Line) bare() Line {
	l.Number, l.Credits, l.Tax, l.Parts, l.trace, l.bought = 0, money.Amount{}, money.Amount{}, nil, nil, boughtUnits{}
	if l.InUnit != nil {
		u := *l.InUnit
		u.Credits, u.CreditsWorth = money.Amount{}, money.Amount{}
		l.InUnit = &u
	}
	return l
}

// add adds another bare line's amounts.
func (l *Line) add(o *Line) {
	l.Quantity, l.Free, l.Billed = l.Quantity.Add(o.Quantity), l.Free.Add(o.Free), l.Billed.Add(o.Billed)
	l.ExactSubtotal = l.ExactSubtotal.Add(o.ExactSubtotal)
	l.Subtotal, l.Discount, l.Total = l.Subtotal.Add(o.Subtotal), l.Discount.Add(o.Discount), l.Total.Add(o.Total)
	l.ContainedTax = l.ContainedTax.Add(o.ContainedTax)
	if l.HasUnitPrice && (!o.HasUnitPrice || l.UnitPrice.Cmp(o.UnitPrice) != 0) {
		l.UnitPrice, l.HasUnitPrice = money.Amount{}, false
	}
	switch u := l.InUnit; {
	case u == nil:
	case o.InUnit == nil || o.InUnit.Name != u.Name:
		l.InUnit = nil // there is no sum in one unit
	default:
		u.Subtotal, u.Total = u.Subtotal.Add(o.InUnit.Subtotal), u.Total.Add(o.InUnit.Total)
	}
}

// nothing reports whether a bare line has no quantity and no amount.
func (l *Line) nothing() bool {
	u := l.InUnit
	return l.Quantity.IsZero() && l.Subtotal.IsZero() && l.Discount.IsZero() && l.Total.IsZero() && l.ContainedTax.IsZero() &&
		(u == nil || u.Subtotal.IsZero() && u.Total.IsZero())
}
