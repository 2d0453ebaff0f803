package pricing

import (
	"slices"
	"strings"

	"daybook/pricing/money"
)

// Tax is a rate that a jurisdiction asks for (docs/billing-rules.md, Taxes).
type Tax struct {
	ID           string
	Jurisdiction string         // "CH", "US-NY": it holds in those whose name begins with it and a hyphen too
	Rate         money.Quantity // in per cent: 8.1
	Inclusive    bool           // prices contain it
	Start, End   *Date          // holds for lines whose last day is in [Start, End); nil: open
	Plans        []string       // of lines of these plans only; empty: all
	Prices       []string       // of lines of these prices only; empty: all
}

// InvoiceTax is what an invoice owes of one tax.
type InvoiceTax struct {
	Tax, Jurisdiction string
	Rate              money.Quantity // per cent
	Inclusive         bool
	Taxable           money.Amount // total less credits of the lines concerned
	Amount            money.Amount
}

// within reports whether a tax holds in a jurisdiction: its own, or one inside
// of it. A tax of US-NY holds in US-NY-NYC.
func (t *Tax) within(jurisdiction string) bool {
	rest, ok := strings.CutPrefix(jurisdiction, t.Jurisdiction)
	return ok && jurisdiction != "" && (rest == "" || rest[0] == '-')
}

// taxesOf returns the taxes that a line owes, by the jurisdiction of the account
// that used and the last day of the line in that account's zone.
func (r *Registry) taxesOf(l *Line) []*Tax {
	n := r.nodes[l.Account]
	if n == nil || n.jurisdiction == "" {
		return nil
	}
	last := DateOf(l.PeriodEnd.Add(-1).In(r.Zone(l.Account)))
	var out []*Tax
	for _, t := range r.taxesIn(n.jurisdiction) {
		if covers(t.Plans, l.Plan) && covers(t.Prices, l.Price) &&
			(t.Start == nil || *t.Start <= last) && (t.End == nil || last < *t.End) {
			out = append(out, t)
		}
	}
	return out
}

// taxesIn lists the taxes that hold in a jurisdiction, its own and those of the
// jurisdictions around it.
func (r *Registry) taxesIn(jurisdiction string) []*Tax {
	var out []*Tax
	for end := range len(jurisdiction) + 1 {
		if end == len(jurisdiction) || jurisdiction[end] == '-' {
			out = append(out, r.levied[jurisdiction[:end]]...)
		}
	}
	return out
}

// applyTaxes computes an invoice's taxes after its credits: each tax is exact on
// every line that owes it, rounded once for the invoice, half up, and shared
// among the lines by the largest remainder. What a price contains is taken out
// of the line's subtotal and total (docs/billing-rules.md, Taxes). A tax at two
// rates, of which a correction has the earlier one, is two.
func (r *Registry) applyTaxes(inv *Invoice) error {
	bases := make([]money.Fraction, len(inv.Lines))
	var taxes []LineTax
	for i := range inv.Lines {
		l := &inv.Lines[i]
		l.Taxes = r.owed(l)
		taxes = append(taxes, l.Taxes...)
		var err error
		if bases[i], err = taxable(l); err != nil {
			return err
		}
	}
	slices.SortFunc(taxes, LineTax.compare)
	taxes = slices.CompactFunc(taxes, func(a, b LineTax) bool { return a.compare(b) == 0 })
	lines := make([][]int, len(taxes)) // of each tax, in order
	for i := range inv.Lines {
		for _, t := range inv.Lines[i].Taxes {
			n, _ := slices.BinarySearchFunc(taxes, t, LineTax.compare)
			lines[n] = append(lines[n], i)
		}
	}
	inv.Taxes = make([]InvoiceTax, len(taxes))
	for i, t := range taxes {
		sum := levy(inv, t, lines[i], bases)
		inv.Taxes[i] = InvoiceTax{Tax: t.Tax, Jurisdiction: t.Jurisdiction, Rate: t.Rate, Inclusive: t.Inclusive, Amount: sum}
	}
	for i := range taxes {
		for _, n := range lines[i] {
			inv.Taxes[i].Taxable = inv.Taxes[i].Taxable.Add(inv.Lines[n].Total).Sub(inv.Lines[n].Credits)
		}
	}
	return nil
}

// taxable returns what a line's taxes are of: its total less its credits,
// without the taxes that its price contains.
func taxable(l *Line) (money.Fraction, error) {
	whole := money.Whole(100)
	for _, t := range l.Taxes {
		if t.Inclusive {
			whole = whole.Add(t.Rate.Fraction())
		}
	}
	return l.Total.Sub(l.Credits).Fraction().Mul(money.Whole(100)).Quo(whole)
}

// levy adds one tax to the lines that owe it and returns what it is together.
func levy(inv *Invoice, t LineTax, lines []int, bases []money.Fraction) money.Amount {
	exact := make([]money.Fraction, len(lines))
	var sum money.Fraction
	for i, n := range lines {
		exact[i] = bases[n].Mul(t.Rate.Fraction()).Mul(money.Ratio(1, 100))
		sum = sum.Add(exact[i])
	}
	parts, total := money.RoundTogether(settle(exact, sum.Amount()), inv.Currency.Digits, money.HalfUp)
	for i, n := range lines {
		l := &inv.Lines[n]
		l.Tax = l.Tax.Add(parts[i])
		if t.Inclusive {
			l.Subtotal, l.Total = l.Subtotal.Sub(parts[i]), l.Total.Sub(parts[i])
			l.ContainedTax = l.ContainedTax.Add(parts[i])
		}
	}
	return total
}
