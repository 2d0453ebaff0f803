package api

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/sinks/documents"
)

// cloudSigmaBalance answers /balance/.
func cloudSigmaBalance(ctx context.Context, r *Request) ([]byte, error) {
	v, err := cloudSigmaViewOf(r)
	if err != nil {
		return nil, err
	}
	b, err := v.balance(ctx)
	if err != nil {
		return nil, err
	}
	return documents.CloudSigmaObject(b)
}

// cloudSigmaLedger answers /ledger/: the newest first, unless order_by says time.
func cloudSigmaLedger(ctx context.Context, r *Request) ([]byte, error) {
	v, err := cloudSigmaViewOf(r)
	if err != nil {
		return nil, err
	}
	limit, offset, err := cloudSigmaPage(r.Query, 20)
	if err != nil {
		return nil, err
	}
	times, err := cloudSigmaBounds(r.Query, "time")
	if err != nil {
		return nil, err
	}
	cycles, err := cloudSigmaIntegers(r.Query, "billing_cycle")
	if err != nil {
		return nil, err
	}
	oldestFirst := false
	switch order := r.Query.Get("order_by"); order {
	case "", "-time":
	case "time":
		oldestFirst = true
	default:
		return nil, BadParameter("order_by", "entries are ordered by time or -time")
	}
	since := pricing.Month{}
	if !times.from.IsZero() {
		since = pricing.MonthOf(pricing.LocalDay(times.from.Add(-time.Minute), r.Facts.Registry().Zone(v.account)))
	}
	l, err := v.ledger(ctx, since)
	if err != nil {
		return nil, err
	}
	entries := slices.DeleteFunc(l.entries, func(e documents.CloudSigmaEntry) bool {
		return !times.holds(e.Time) || cycles != nil && !cycles[e.BillingCycle]
	})
	if !oldestFirst {
		slices.Reverse(entries)
	}
	return documents.CloudSigmaList(entries, limit, offset)
}

// cloudSigmaBook is an account's ledger from a month on.
type cloudSigmaBook struct {
	entries []documents.CloudSigmaEntry // oldest first, chained
	end     money.Amount
}

func (v *cloudSigmaView) balance(ctx context.Context) (documents.CloudSigmaBalance, error) {
	open := pricing.Month{Year: 9999, Month: 1} // only what no closing has summed up
	l, err := v.ledger(ctx, open)
	return documents.CloudSigmaBalance{Balance: l.end, Currency: v.currency}, err
}

// ledger returns the entries from a month on, or from an earlier one: months that
// are not closed are always there. What went before is known from the closings.
//
// Every poll and every purchase is an entry, and each closing adds one that leads
// from them to what it invoiced, so that the ledger stands at the end of a closed
// month where the published balances do. An account that does not pay by itself
// has no funds: its ledger begins at 0 and shows what it costs.
func (v *cloudSigmaView) ledger(ctx context.Context, since pricing.Month) (cloudSigmaBook, error) {
	newest, ok := v.newest()
	if !ok {
		return cloudSigmaBook{}, nil
	}
	first := pricing.MonthOf(v.facts.Days()[0])
	closings := v.facts.Closings()
	start := first
	if n := len(closings); v.pays && n > 0 {
		first = earlierMonth(first, closings[0])
		start = laterMonth(first, earlierMonth(since, closings[n-1].Next()))
	}
	entries, err := v.charges(ctx, start, newest)
	if err != nil {
		return cloudSigmaBook{}, err
	}
	before := money.Amount{}
	if v.pays {
		if entries, before, err = v.settled(ctx, start, first, newest, entries); err != nil {
			return cloudSigmaBook{}, err
		}
	}
	if err := documents.ChainCloudSigma(entries, before.Neg()); err != nil {
		return cloudSigmaBook{}, err
	}
	end := before.Neg()
	if n := len(entries); n > 0 {
		end = entries[n-1].End
	}
	return cloudSigmaBook{entries, end}, nil
}

// charges are the entries of polls and purchases from a month on.
func (v *cloudSigmaView) charges(ctx context.Context, start pricing.Month, newest pricing.Date) ([]documents.CloudSigmaEntry, error) {
	polls, err := v.polls(ctx, start.First(), newest)
	if err != nil {
		return nil, err
	}
	var out []documents.CloudSigmaEntry
	for _, p := range v.raters.Purchases(v.tree) {
		day := pricing.LocalDay(p.Resource.Created, v.facts.Registry().Zone(p.Account))
		if v.mine[p.Account] && p.Currency.Code == v.currency && day >= start.First() && day <= newest {
			out = append(out, documents.CloudSigmaBought(p, day))
		}
	}
	for _, p := range polls {
		if p.Beyond.Sign() > 0 {
			out = append(out, documents.CloudSigmaBurst(p))
		}
	}
	return out, nil
}

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

func earlierMonth(a, b pricing.Month) pricing.Month {
	if b.Before(a) {
		return b
	}
	return a
}

func laterMonth(a, b pricing.Month) pricing.Month {
	if a.Before(b) {
		return b
	}
	return a
}
