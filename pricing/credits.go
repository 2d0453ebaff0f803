package pricing

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"daybook/pricing/money"
)

// purse is a credit as one closing finds it.
type purse struct {
	grant   *Grant
	id      string // the grant's, or "<id>@2026-10" of one that is given monthly
	left    money.Amount
	expires time.Time // zero: never
}

// compare orders credits as they are used up: by priority, the sooner to expire,
// what was given away before what was paid for, by time, by id
// (docs/billing-rules.md, Credits).
func (p *purse) compare(o *purse) int {
	never := func(t time.Time) int {
		if t.IsZero() {
			return 1
		}
		return 0
	}
	kind := func(k CreditKind) int {
		if k == Promotional {
			return 0
		}
		return 1
	}
	return cmp.Or(
		cmp.Compare(p.grant.Priority, o.grant.Priority),
		cmp.Compare(never(p.expires), never(o.expires)), p.expires.Compare(o.expires),
		cmp.Compare(kind(p.grant.Kind), kind(o.grant.Kind)),
		p.grant.Time.Compare(o.grant.Time), strings.Compare(p.id, o.id),
	)
}

// pays reports whether the credit may pay a line: one of its account or of those
// below it, of its plans and prices, some of whose time lies within its own.
func (p *purse) pays(r *Registry, l *Line) bool {
	g := p.grant
	return covers(g.Plans, l.Plan) && covers(g.Prices, l.Price) && r.Below(l.Account, g.Account) &&
		l.PeriodEnd.After(g.Time) && (p.expires.IsZero() || l.PeriodStart.Before(p.expires))
}

// draw is what one credit pays of one line.
type draw struct {
	purse  *purse
	line   int // index
	amount money.Amount
	unit   string // in a pricing unit; "": in the invoice's currency
}

// drawCredits lets the credits in a unit ("": the invoice's currency) pay the
// lines, in the order of lines and of credits, in whole minor units, and notes on
// each line what was paid of it. No credit falls below zero, and none pays more
// than a line's total, nor all together more than the invoice's, which lines
// below zero reduce (docs/billing-rules.md, Credits).
func drawCredits(r *Registry, inv *Invoice, purses []*purse, unit string, digits int32) []draw {
	slices.SortFunc(purses, (*purse).compare)
	var out []draw
	var whole money.Amount // of the invoice that is still to be paid
	for i := range inv.Lines {
		if total, paid := inv.Lines[i].payable(unit); paid != nil {
			whole = whole.Add(total).Sub(*paid)
		}
	}
	for i := range inv.Lines {
		l := &inv.Lines[i]
		total, paid := l.payable(unit)
		for _, p := range purses {
			if paid == nil {
				break
			}
			open := lesser(total.Sub(*paid), whole)
			if open.Sign() <= 0 {
				break
			}
			if !p.pays(r, l) {
				continue
			}
			used := lesser(open, p.left.Round(digits, money.Down))
			if used.Sign() <= 0 {
				continue
			}
			p.left, *paid, whole = p.left.Sub(used), paid.Add(used), whole.Sub(used)
			out = append(out, draw{purse: p, line: i, amount: used, unit: unit})
		}
	}
	return out
}

func lesser(a, b money.Amount) money.Amount {
	if a.Cmp(b) < 0 {
		return a
	}
	return b
}

// CapCredit returns what may be given back of a payment: the amount wanted, at
// most what was paid less what was given back before, never below zero
// (docs/billing-rules.md, Balances).
func CapCredit(wanted, paid, before money.Amount) money.Amount {
	given := lesser(wanted, paid.Sub(before))
	if given.Sign() < 0 {
		return money.Amount{}
	}
	return given
}
