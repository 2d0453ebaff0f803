package api

import (
	"context"
	"errors"
	"iter"
	"net/url"
	"slices"

	"daybook/pricing"
)

// rokkaPages are, of each account that pays, the answer without dates and that of
// each month that closings from since on billed something for: what is known of a
// month changes with what later ones correct.
func rokkaPages(ctx context.Context, f Facts, since pricing.Month) iter.Seq2[Page, error] {
	everything := &Request{Access: Access{Scopes: []Scope{ScopeAdmin}}, Facts: f}
	return func(yield func(Page, error) bool) {
		for _, a := range f.Registry().Accounts {
			if f.Registry().BillingAccount(a.ID) != a.ID {
				continue
			}
			months, err := rokkaTouched(ctx, f, a.ID, since)
			if err != nil {
				yield(Page{}, err)
				return
			}
			path := "billing/" + url.PathEscape(rokkaName(a))
			pages := map[string]pricing.Month{path: pricing.MonthOf(pricing.DateOf(f.AsOf().UTC()))}
			order := []string{path}
			for _, m := range months {
				order, pages[path+"/"+m.String()] = append(order, path+"/"+m.String()), m
			}
			for _, p := range order {
				b := rokkaBills{r: everything, master: a.ID}
				body, err := b.answer(ctx, []pricing.Month{pages[p]})
				if fault := (*Fault)(nil); errors.As(err, &fault) {
					continue // nobody can be shown it: it keeps no other page away
				}
				if !yield(Page{Account: a.ID, Path: p, Body: body}, err) || err != nil {
					return
				}
			}
		}
	}
}

// rokkaTouched lists the months that closings from since on billed something for.
func rokkaTouched(ctx context.Context, f Facts, master string, since pricing.Month) ([]pricing.Month, error) {
	var out []pricing.Month
	for _, closing := range f.Closings() {
		if closing.Before(since) {
			continue
		}
		out = append(out, closing)
		invoices, err := f.Invoices(ctx, closing, master)
		if err != nil {
			return nil, err
		}
		for _, i := range invoices {
			for _, l := range i.Lines {
				if l.For != (pricing.Month{}) {
					out = append(out, l.For)
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b pricing.Month) int { return int(a.First() - b.First()) })
	return slices.Compact(out), nil
}
