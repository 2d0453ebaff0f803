package api

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"daybook/pricing"
	"daybook/sinks/documents"
)

// orbWhose is whose costs are asked for: a customer's, or of one of its
// subscriptions.
type orbWhose struct{ account, subscription string }

// orbCostsOf answers the routes of costs. Without a timeframe it is the current
// billing periods of what is active, else the last one of what was active last.
func orbCostsOf(ctx context.Context, r *Request, whose orbWhose) (Answer, error) {
	view, err := orbViewMode(r.Query, documents.OrbCumulative)
	if err != nil {
		return Answer{}, err
	}
	currency, err := one(r.Query, "currency")
	if err != nil {
		return Answer{}, err
	}
	frame, given, err := orbTimeframe(r, whose.zone(r.Facts.Registry()))
	if err != nil {
		return Answer{}, err
	}
	var current map[string]pricing.Period
	if !given {
		if current = orbCurrent(r.Facts, whose); len(current) == 0 {
			return orbBody(documents.OrbCosts(nil, view, nil))
		}
		frame = around(current)
	}
	rows, err := orbRows(ctx, r.Facts, whose, frame)
	if err != nil {
		return Answer{}, err
	}
	rows = slices.DeleteFunc(rows, func(row pricing.CostRow) bool {
		if p := current[row.Subscription]; !given && row.Subscription != "" && !touches(&row, p) {
			return true
		}
		return currency != "" && row.Currency != currency
	})
	return orbBody(documents.OrbCosts(rows, view, newOrbPrices(r.Facts.Registry(), r.Facts.Books()).of))
}

// orbCurrent are the billing periods that hold the newest published day, by
// subscription; where none is active, the last one of the subscription that was
// active last.
func orbCurrent(f Facts, whose orbWhose) map[string]pricing.Period {
	reg := f.Registry()
	out := map[string]pricing.Period{}
	var last *pricing.Subscription
	for _, s := range whose.subscriptions(reg) {
		now := orbNow(f, s.ID).Add(-1)
		if s.Start.After(now) {
			continue
		}
		switch {
		case s.End.IsZero() || s.End.After(now):
			if p, ok := pricing.BillingPeriod(f.Books(), reg, s.ID, now); ok {
				out[s.ID] = p
			}
		case last == nil || s.End.After(last.End):
			last = s
		}
	}
	if len(out) == 0 && last != nil && last.End.After(last.Start) {
		if p, ok := pricing.BillingPeriod(f.Books(), reg, last.ID, last.End.Add(-1)); ok {
			out[last.ID] = p
		}
	}
	return out
}

// orbNow is the end of the newest published day in a subscription's time zone.
func orbNow(f Facts, subscription string) time.Time {
	_, loc, ok := f.Registry().Subscription(subscription)
	days := f.Days()
	if !ok || len(days) == 0 {
		return f.AsOf()
	}
	return days[len(days)-1].AddDays(1).In(loc).UTC()
}

// subscriptions are those that are asked for, by id: one, or those of the account
// and of the accounts that it pays for.
func (w orbWhose) subscriptions(reg *pricing.Registry) []*pricing.Subscription {
	var out []*pricing.Subscription
	for _, a := range reg.Under(w.account) {
		if a.ID != w.account && reg.BillingAccount(a.ID) != w.account {
			continue
		}
		of := reg.SubscriptionsOf(a.ID)
		for i := range of {
			if w.subscription == "" || of[i].ID == w.subscription {
				out = append(out, &of[i])
			}
		}
	}
	slices.SortFunc(out, func(a, b *pricing.Subscription) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// around is the time from the first begin to the last end.
func around(periods map[string]pricing.Period) pricing.Period {
	var out pricing.Period
	for _, p := range periods {
		if out.Start.IsZero() || p.Start.Before(out.Start) {
			out.Start = p.Start
		}
		if p.End.After(out.End) {
			out.End = p.End
		}
	}
	return out
}

// orbRows are the published rows of the days that a timeframe touches, while their
// subscriptions are active. A customer that pays for others sees what it pays; one
// that does not sees its own, of a pooled price its own share.
func orbRows(ctx context.Context, f Facts, whose orbWhose, frame pricing.Period) ([]pricing.CostRow, error) {
	days := f.Days()
	if len(days) == 0 || frame.Empty() {
		return nil, nil
	}
	// A local day begins within a day of the UTC day of its date.
	from, to := max(pricing.DateOf(frame.Start.UTC())-1, days[0]), min(pricing.DateOf(frame.End.UTC())+1, days[len(days)-1])
	rows, err := f.Costs(ctx, whose.account, from, to)
	if err != nil {
		return nil, fmt.Errorf("read costs of %q: %w", whose.account, err)
	}
	reg := f.Registry()
	shares := map[priceID]bool{}
	for i := range rows {
		if rows[i].Scope == pricing.ScopeOwn {
			shares[priceIDOf(&rows[i])] = true
		}
	}
	pays := reg.BillingAccount(whose.account) == whose.account
	return slices.DeleteFunc(slices.Clone(rows), func(row pricing.CostRow) bool {
		switch {
		case !touches(&row, frame):
			return true
		case whose.subscription != "":
			return row.Subscription != whose.subscription || !orbActive(reg, &row)
		case pays:
			return row.Scope != pricing.ScopeBilled || !orbActive(reg, &row)
		}
		return row.Scope == pricing.ScopeBilled && shares[priceIDOf(&row)] || !orbActive(reg, &row)
	}), nil
}

// zone is where the days of whom the costs are begin.
func (w orbWhose) zone(reg *pricing.Registry) *time.Location {
	if _, loc, ok := reg.Subscription(w.subscription); ok {
		return loc
	}
	return reg.Zone(w.account)
}

// touches reports whether a row's day has a part in a period.
func touches(row *pricing.CostRow, p pricing.Period) bool {
	return row.TimeframeEnd.After(p.Start) && row.TimeframeStart.Before(p.End)
}

type priceID struct{ account, version, plan, price string }

func priceIDOf(r *pricing.CostRow) priceID {
	return priceID{r.Account, r.BookVersion, r.Plan, r.Price}
}

// orbActive reports whether a row's subscription is active on its day; that of a
// pool always is.
func orbActive(reg *pricing.Registry, row *pricing.CostRow) bool {
	s, _, ok := reg.Subscription(row.Subscription)
	return !ok || s.End.IsZero() || s.End.After(row.TimeframeStart)
}
