package api

import (
	"context"
	"fmt"
	"strings"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/sinks/documents"
)

// cloudSigmaSettling puts together what closings and funds say of a balance.
type cloudSigmaSettling struct {
	view    *cloudSigmaView
	begin   time.Time // of the first month that is shown
	entries []documents.CloudSigmaEntry
	before  money.Amount // what the months before came to
	known   map[pricing.Posted]bool
}

// settled adds what closings and funds say to the charges from a month on, and
// returns what they came to before it. First is the first month of all.
func (v *cloudSigmaView) settled(ctx context.Context, start, first pricing.Month, newest pricing.Date, charges []documents.CloudSigmaEntry) ([]documents.CloudSigmaEntry, money.Amount, error) {
	zone := v.facts.Registry().Zone(v.account)
	s := &cloudSigmaSettling{view: v, begin: start.First().In(zone), entries: charges, known: map[pricing.Posted]bool{}}
	posted, err := v.facts.Ledger(ctx, v.account)
	if err != nil {
		return nil, money.Amount{}, err
	}
	invoiced, months, err := v.invoices(ctx, start, charges)
	if err != nil {
		return nil, money.Amount{}, err
	}
	for i := range posted {
		if e := &posted[i]; e.BillingAccount == v.account && e.Ledger == pricing.LedgerBalance && e.Currency == v.currency {
			s.enter(e, invoiced)
		}
	}
	for _, m := range months {
		if m.number != "" || !m.amount.IsZero() {
			s.entries = append(s.entries, documents.CloudSigmaClosed(v.account, m.month, m.number, m.amount, m.month.Next().First().In(zone)))
		}
	}
	s.pending(first.First().In(zone), newest.AddDays(1).In(zone))
	return s.entries, s.before, nil
}

// enter takes an entry of the books over. An invoice's goes to its month.
func (s *cloudSigmaSettling) enter(e *pricing.LedgerEntry, invoiced map[string]*cloudSigmaMonth) {
	s.known[pricing.Posted{Kind: e.Kind, ID: e.Source}] = true
	switch {
	case e.Kind == pricing.EntryPayment || e.Kind == pricing.EntryAdjustment:
		s.add(e.Kind, e.Source, e.Amount, e.Time) // of one id before and after it is entered
	case e.Kind != pricing.EntryInvoice:
		s.add(e.Kind, e.ID, e.Amount, e.Time)
	case invoiced[e.Source] != nil:
		invoiced[e.Source].amount = invoiced[e.Source].amount.Add(e.Amount)
	default: // of a closing before
		s.before = s.before.Add(e.Amount)
	}
}

// pending adds payments and adjustments between two instants that no closing has
// entered.
func (s *cloudSigmaSettling) pending(from, until time.Time) {
	registry := s.view.facts.Registry()
	add := func(kind pricing.EntryKind, id, account, currency string, amount money.Amount, at time.Time) {
		ours := registry.BillingAccount(account) == s.view.account && currency == s.view.currency
		if ours && !s.known[pricing.Posted{Kind: kind, ID: id}] && !at.Before(from) && at.Before(until) {
			s.add(kind, id, amount, at)
		}
	}
	for _, p := range registry.Funds.Payments {
		add(pricing.EntryPayment, p.ID, p.Account, p.Currency, p.Amount.Neg(), p.Time)
	}
	for _, a := range registry.Funds.Adjustments {
		add(pricing.EntryAdjustment, a.ID, a.Account, a.Currency, a.Amount, a.Time)
	}
}

func (s *cloudSigmaSettling) add(kind pricing.EntryKind, id string, amount money.Amount, at time.Time) {
	if at.Before(s.begin) {
		s.before = s.before.Add(amount)
		return
	}
	s.entries = append(s.entries, documents.CloudSigmaFunds(kind, id, amount, at, s.view.reason(kind, id)))
}

// cloudSigmaMonth is what a closed month came to beyond its charges.
type cloudSigmaMonth struct {
	month  pricing.Month
	number string // of its invoices; "" : none
	amount money.Amount
}

// invoices returns which invoice is of which month, and what each closed month
// comes to with nothing invoiced: the charges taken back.
func (v *cloudSigmaView) invoices(ctx context.Context, start pricing.Month, charges []documents.CloudSigmaEntry) (of map[string]*cloudSigmaMonth, months []*cloudSigmaMonth, err error) {
	of = map[string]*cloudSigmaMonth{}
	charged := map[pricing.Month]money.Amount{}
	for i := range charges {
		charged[charges[i].Month] = charged[charges[i].Month].Add(charges[i].Amount)
	}
	for _, c := range v.facts.Closings() {
		if c.Before(start) {
			continue
		}
		m := &cloudSigmaMonth{month: c, amount: charged[c].Neg()}
		months = append(months, m)
		issued, err := v.facts.Invoices(ctx, c, v.account)
		if err != nil {
			return nil, nil, err
		}
		for _, i := range issued {
			if i.Kind == pricing.KindInvoice && i.Currency.Code == v.currency {
				of[i.ID], m.number = m, strings.TrimSpace(m.number+" "+i.Number)
			}
		}
	}
	return of, months, nil
}

// reason says what changed a balance.
func (v *cloudSigmaView) reason(kind pricing.EntryKind, source string) string {
	switch kind {
	case pricing.EntryPayment:
		through := "card"
		if a, ok := v.facts.Registry().Account(v.account); ok && a.Labels["cloudsigma.payment"] != "" {
			through = a.Labels["cloudsigma.payment"]
		}
		return fmt.Sprintf("Payment through %s - %s", through, source)
	case pricing.EntryAdjustment:
		for _, a := range v.facts.Registry().Funds.Adjustments {
			if a.ID == source && a.Description != "" {
				return a.Description
			}
		}
	}
	return strings.ToUpper(string(kind[:1])) + strings.ReplaceAll(string(kind[1:]), "_", " ") + " - " + source
}
