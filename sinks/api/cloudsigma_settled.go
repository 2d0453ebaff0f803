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

// settled adds what closings and funds say to the charges from a month on, and
// returns what they came to before it.
func (v *cloudSigmaView) settled(ctx context.Context, start, first pricing.Month, newest pricing.Date, charges []documents.CloudSigmaEntry) (entries []documents.CloudSigmaEntry, before money.Amount, err error) {
	zone := v.facts.Registry().Zone(v.account)
	begin := start.First().In(zone)
	posted, err := v.facts.Ledger(ctx, v.account)
	if err != nil {
		return nil, before, err
	}
	invoiced, months, err := v.invoices(ctx, start, charges)
	if err != nil {
		return nil, before, err
	}
	entries = charges
	known := map[pricing.Posted]bool{}
	add := func(kind pricing.EntryKind, id string, amount money.Amount, at time.Time) {
		if at.Before(begin) {
			before = before.Add(amount)
			return
		}
		entries = append(entries, documents.CloudSigmaFunds(kind, id, amount, at, v.reason(kind, id)))
	}
	for _, e := range posted {
		if e.BillingAccount != v.account || e.Ledger != pricing.LedgerBalance || e.Currency != v.currency {
			continue
		}
		known[pricing.Posted{Kind: e.Kind, ID: e.Source}] = true
		month, ours := invoiced[e.Source]
		switch {
		case e.Kind == pricing.EntryPayment || e.Kind == pricing.EntryAdjustment:
			add(e.Kind, e.Source, e.Amount, e.Time) // of one id before and after it is entered
		case e.Kind != pricing.EntryInvoice:
			add(e.Kind, e.ID, e.Amount, e.Time)
		case ours:
			months[month].amount = months[month].amount.Add(e.Amount)
		default: // of a closing before
			before = before.Add(e.Amount)
		}
	}
	for _, c := range v.facts.Closings() {
		if m := months[c]; m != nil && (m.number != "" || !m.amount.IsZero()) {
			entries = append(entries, documents.CloudSigmaInvoiced(c.String()+" "+v.account, m.number, m.amount, c.Next().First().In(zone)))
		}
	}
	funds := v.facts.Registry().Funds
	pending := func(kind pricing.EntryKind, id, account, currency string, amount money.Amount, at time.Time) {
		if v.facts.Registry().BillingAccount(account) == v.account && currency == v.currency && !known[pricing.Posted{Kind: kind, ID: id}] &&
			!at.Before(first.First().In(zone)) && at.Before(newest.AddDays(1).In(zone)) {
			add(kind, id, amount, at)
		}
	}
	for _, p := range funds.Payments {
		pending(pricing.EntryPayment, p.ID, p.Account, p.Currency, p.Amount.Neg(), p.Time)
	}
	for _, a := range funds.Adjustments {
		pending(pricing.EntryAdjustment, a.ID, a.Account, a.Currency, a.Amount, a.Time)
	}
	return entries, before, nil
}

// cloudSigmaMonth is what a closed month came to beyond its charges.
type cloudSigmaMonth struct {
	number string
	amount money.Amount
}

// invoices returns which invoice is of which month, and what each closed month
// comes to with nothing invoiced: the charges taken back.
func (v *cloudSigmaView) invoices(ctx context.Context, start pricing.Month, charges []documents.CloudSigmaEntry) (map[string]pricing.Month, map[pricing.Month]*cloudSigmaMonth, error) {
	of, months := map[string]pricing.Month{}, map[pricing.Month]*cloudSigmaMonth{}
	for _, c := range v.facts.Closings() {
		if c.Before(start) {
			continue
		}
		m := &cloudSigmaMonth{}
		months[c] = m
		issued, err := v.facts.Invoices(ctx, c, v.account)
		if err != nil {
			return nil, nil, err
		}
		for _, i := range issued {
			if i.Kind == pricing.KindInvoice && i.Currency.Code == v.currency {
				of[i.ID] = c
				m.number = strings.TrimSpace(m.number + " " + i.Number)
			}
		}
		for i := range charges {
			if charges[i].Month == c {
				m.amount = m.amount.Sub(charges[i].Amount)
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
