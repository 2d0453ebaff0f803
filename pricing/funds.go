package pricing

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"daybook/pricing/money"
)

// Funds are what the registry says about money beside the plans: credits,
// payments, adjustments of balances, and taxes (docs/billing-rules.md, Credits,
// Balances, Taxes).
type Funds struct {
	Credits     []Grant
	Payments    []Payment
	Adjustments []BalanceAdjustment
	Taxes       []Tax
}

// CreditKind says whether the customer paid for a credit.
type CreditKind string

// The kinds of credit, in the order in which they are used up.
const (
	Promotional CreditKind = "promotional" // given away
	Prepaid     CreditKind = "paid"
)

// Grant is a credit: an amount that pays invoice lines of an account and of
// those below it, in one currency, from an instant to an instant.
type Grant struct {
	ID       string
	Account  string
	Amount   money.Amount // in Currency, above zero
	Currency string
	Time     time.Time
	Expires  time.Time // zero: never
	Priority int       // smaller ones are used first
	Kind     CreditKind
	Monthly  bool     // given anew with each closing, and lost with it
	Plans    []string // pays lines of these plans only; empty: all
	Prices   []string // pays lines of these prices only; empty: all
	// CostBasis is what the customer paid for one unit of the credit, for the
	// books of the issuer; nothing is computed from it.
	CostBasis    money.Amount
	HasCostBasis bool
}

// Payment is money that an account paid, which reduces what it owes.
type Payment struct {
	ID       string
	Account  string
	Amount   money.Amount // in Currency, above zero
	Currency string
	Time     time.Time
}

// BalanceAdjustment changes a balance by hand: above zero the account owes more,
// below zero less. One that gives back a payment is held to what is left of it
// (CapCredit).
type BalanceAdjustment struct {
	ID          string
	Account     string
	Amount      money.Amount
	Currency    string
	Time        time.Time
	Payment     string // "" : none
	Description string
}

// AddFunds checks the funds against the accounts and keeps what can be used.
// Rows with problems are left out and their accounts are not rated: a bill
// without a credit that was promised would be wrong. Money must be in one of the
// currencies; credits may be in a pricing unit too, or in one that lines count
// their quantity in, which is neither. AddFunds is called once,
// before the registry is used.
func (r *Registry) AddFunds(f Funds, currencies, units, counted []string) []Problem {
	b := &registryBuild{registry: r, zones: map[string]*time.Location{}}
	fits := func(kind, id, currency string, report reporter, known ...string) {
		if !slices.Contains(known, currency) {
			report("currency_mismatch", "%s %q is in %q, but the price book is in %s; correct the row", kind, id, currency, strings.Join(known, " and "))
		}
	}
	r.counted = map[string]bool{}
	for _, unit := range counted {
		r.counted[unit] = !slices.Contains(currencies, unit) && !slices.Contains(units, unit)
	}
	r.Funds.Credits = usableFunds(b, "credit", f.Credits, func(g *Grant) fundsRow { return fundsRow{g.ID, g.Account} }, func(g *Grant, report reporter) {
		if !r.counted[g.Currency] {
			fits("credit", g.ID, g.Currency, report, slices.Concat(currencies, units)...)
		}
		switch {
		case g.Amount.Sign() <= 0:
			report("bad_amount", "credit %q is of %s; write an amount above zero", g.ID, g.Amount)
		case !g.Expires.IsZero() && !g.Time.Before(g.Expires):
			report("ends_before_start", "credit %q expires at %s, but is given at %s; correct one of the two", g.ID, utcText(g.Expires), utcText(g.Time))
		}
	})
	r.Funds.Payments = usableFunds(b, "payment", f.Payments, func(p *Payment) fundsRow { return fundsRow{p.ID, p.Account} }, func(p *Payment, report reporter) {
		fits("payment", p.ID, p.Currency, report, currencies...)
		if p.Amount.Sign() <= 0 {
			report("bad_amount", "payment %q is of %s; write an amount above zero, and money that goes back as an adjustment", p.ID, p.Amount)
		}
	})
	r.payments = map[string][]Payment{}
	for _, p := range sortedFunds(r.Funds.Payments, func(p *Payment) time.Time { return p.Time }, func(p *Payment) string { return p.ID }) {
		of := r.BillingAccount(p.Account)
		r.payments[of] = append(r.payments[of], p)
	}
	paid := map[string]*Payment{}
	for i := range r.Funds.Payments {
		paid[r.Funds.Payments[i].ID] = &r.Funds.Payments[i]
	}
	r.Funds.Adjustments = usableFunds(b, "adjustment", f.Adjustments, func(a *BalanceAdjustment) fundsRow { return fundsRow{a.ID, a.Account} }, func(a *BalanceAdjustment, report reporter) {
		fits("adjustment", a.ID, a.Currency, report, currencies...)
		if a.Payment == "" {
			return
		}
		p := paid[a.Payment]
		switch {
		case p == nil || r.BillingAccount(p.Account) != r.BillingAccount(a.Account) || p.Currency != a.Currency:
			report("unknown_payment", "adjustment %q gives back payment %q, which its billing account did not make in %s; correct the row", a.ID, a.Payment, a.Currency)
		case a.Amount.Sign() >= 0:
			report("bad_amount", "adjustment %q gives back payment %q by %s; write an amount below zero", a.ID, a.Payment, a.Amount)
		}
	})
	r.Funds.Taxes = b.taxes(f.Taxes)
	r.levied = map[string][]*Tax{}
	for i := range r.Funds.Taxes {
		t := &r.Funds.Taxes[i]
		r.levied[t.Jurisdiction] = append(r.levied[t.Jurisdiction], t)
	}
	sortProblems(b.problems)
	return b.problems
}

// PaymentsOf returns what was paid for the invoices of a billing account, oldest
// first. Nothing may change it.
func (r *Registry) PaymentsOf(billing string) []Payment { return r.payments[billing] }

// reporter notes what is wrong with a row.
type reporter func(code, format string, args ...any)

// fundsRow is what all kinds of funds have.
type fundsRow struct{ id, account string }

// usableFunds sorts rows by id, reports those that stand twice, whose account is
// unknown or that check finds wrong, and returns the others.
func usableFunds[T any](b *registryBuild, kind string, rows []T, key func(*T) fundsRow, check func(*T, reporter)) []T {
	var out []T
	id := func(row *T) string { return key(row).id }
	runs(sortedByID(rows, id), id, func(same []T) {
		for i := range same {
			k, before := key(&same[i]), len(b.problems)
			report := func(code, format string, args ...any) { b.report(kind, k.id, k.account, code, format, args...) }
			switch {
			case len(same) > 1:
				report("duplicate_id", "%s %q stands %d times in the registry, and which row holds cannot be told; leave one", kind, k.id, len(same))
			case b.registry.nodes[k.account] == nil:
				report("unknown_account", "%s %q belongs to account %q, which the registry does not list; add the account or correct the row", kind, k.id, k.account)
			default:
				check(&same[i], report)
			}
			if len(b.problems) == before {
				out = append(out, same[i])
			}
		}
	})
	return out
}

func utcText(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// covers reports whether a list of plans or prices, empty for all, has one.
func covers(list []string, id string) bool { return len(list) == 0 || slices.Contains(list, id) }

// taxes keeps the taxes that can be used. One that cannot is nobody's alone, so
// every account that it would concern is left out with it.
func (b *registryBuild) taxes(taxes []Tax) []Tax {
	var out []Tax
	id := func(t *Tax) string { return t.ID }
	runs(sortedByID(taxes, id), id, func(same []Tax) {
		for i := range same {
			t := &same[i]
			var code, detail string
			switch {
			case len(same) > 1:
				code, detail = "duplicate_id", fmt.Sprintf("tax %q stands %d times in the registry, and which row holds cannot be told; leave one", t.ID, len(same))
			case t.End != nil && t.Start != nil && *t.End <= *t.Start:
				code, detail = "ends_before_start", fmt.Sprintf("tax %q ends on %s, not after it starts on %s; correct one of the two", t.ID, t.End, t.Start)
			case t.Rate.Cmp(money.QuantityOf(1000)) > 0:
				code, detail = "bad_rate", fmt.Sprintf("tax %q has a rate of %s per cent; write it in per cent, for example 8.1", t.ID, t.Rate)
			default:
				out = append(out, *t)
				continue
			}
			b.parkTaxed(t, code, detail)
		}
	})
	return out
}

// parkTaxed reports a tax at each account whose jurisdiction it names.
func (b *registryBuild) parkTaxed(t *Tax, code, detail string) {
	found := false
	for _, a := range b.registry.Accounts {
		if t.within(b.registry.nodes[a.ID].jurisdiction) {
			found = true
			b.report("tax", t.ID, a.ID, code, "%s", detail)
		}
	}
	if !found {
		b.report("tax", t.ID, "", code, "%s", detail)
	}
}

// sortedFunds orders rows that are posted by time, then id.
func sortedFunds[T any](rows []T, at func(*T) time.Time, id func(*T) string) []T {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b T) int {
		if c := at(&a).Compare(at(&b)); c != 0 {
			return c
		}
		return strings.Compare(id(&a), id(&b))
	})
	return rows
}
