package api

import (
	"context"
	"slices"
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
	begin := times.from
	for cycle := range cycles {
		if at := time.Unix(cycle*300, 0); cycle > 0 && (begin.IsZero() || at.Before(begin)) {
			begin = at
		}
	}
	since := pricing.Month{}
	if !begin.IsZero() && !cycles[0] {
		since = pricing.MonthOf(pricing.LocalDay(begin.Add(-time.Minute), r.Facts.Registry().Zone(v.account)))
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
