package jobs

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"time"

	"daybook/pricing"
	"daybook/sinks/tables"
)

// Usage takes an account's rows out of the rollups of the UTC days that its local
// days touch.
func (f *facts) Usage(ctx context.Context, account string, from, to pricing.Date) ([]pricing.UsageState, error) {
	var accounts []string
	for _, a := range f.in.registry.Under(account) {
		accounts = append(accounts, a.ID)
	}
	rows, err := f.rowsOf(ctx, accounts, Span{from.AddDays(-1), to.AddDays(1)})
	return slices.DeleteFunc(rows, func(u pricing.UsageState) bool { return u.Day < from || u.Day > to }), err
}

// rowsOf returns the rollup rows of accounts, sorted, in a span of UTC days.
func (f *facts) rowsOf(ctx context.Context, accounts []string, span Span) ([]pricing.UsageState, error) {
	var out []pricing.UsageState
	span.From, span.To = max(span.From, f.rolledUp.From), min(span.To, f.rolledUp.To)
	for _, d := range span.Days() {
		b, err := f.batch(ctx, d)
		if err != nil {
			return nil, err
		}
		if b == nil {
			continue
		}
		for _, account := range accounts {
			for i := firstOf(b, account); i < b.Len() && b.Account.At(i) == account; i++ {
				out = b.AppendRow(out, i)
			}
		}
	}
	return out, nil
}

// firstOf finds the first row of an account: a rollup is sorted by account.
func firstOf(b *pricing.UsageBatch, account string) int {
	return sort.Search(b.Len(), func(i int) bool { return b.Account.At(i) >= account })
}

// batch is a UTC day's rollup; nil where there is none.
func (f *facts) batch(ctx context.Context, d pricing.Date) (*pricing.UsageBatch, error) {
	m, err := f.manifest(ctx, JobRollup, d.String())
	if err != nil || m == nil {
		return nil, err
	}
	r, err := rollupOf(m)
	if err != nil {
		return nil, err
	}
	return f.kept.batches.get(r.object.SHA256, func() (*pricing.UsageBatch, int64, error) {
		body, err := f.p.publisher.ReadObject(ctx, r.object)
		if err != nil {
			return nil, 0, err
		}
		b, err := tables.DecodeUsageDaily(r.object.Key, body)
		if err != nil {
			return nil, 0, err
		}
		return b, int64(b.Len())*176 + 1024, nil
	})
}

// treeRows is the usage of the tree of an account in a span that has begun by
// as_of.
func (f *facts) treeRows(ctx context.Context, account string, from, to pricing.Date) (pricing.Tree, []pricing.UsageState, error) {
	t, ok := f.tree(account)
	if !ok {
		return t, nil, nil
	}
	rows, err := f.rowsOf(ctx, t.Accounts, Span{from, to}.until(f.asOf))
	return t, rows, err
}

// Forecast rates the open periods of the account's tree as `daybook costs
// --forecast` does.
func (f *facts) Forecast(ctx context.Context, account string) ([]pricing.ForecastRow, error) {
	day := f.days[len(f.days)-1]
	from, to := f.rater.Window(day)
	t, rows, err := f.treeRows(ctx, account, from, to)
	if err != nil || t.BillingAccount == "" {
		return nil, err
	}
	got, err := f.rater.Forecast(t, pricing.TreeUsage{Rows: rows}, day, f.asOf)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(got.Rows, func(r pricing.ForecastRow) bool { return r.Account != account && r.BillingAccount != account }), nil
}

// Draft closes the month for the account's tree alone, as of now.
func (f *facts) Draft(ctx context.Context, month pricing.Month, account string) ([]pricing.Invoice, error) {
	from, to := f.rater.ClosingWindow(month)
	t, rows, err := f.treeRows(ctx, account, from, to)
	if err != nil || t.BillingAccount == "" {
		return nil, err
	}
	start := pricing.MonthOf(f.p.settings.Start)
	billed, err := f.billed(ctx)
	if err != nil {
		return nil, err
	}
	got, err := f.rater.Close(t, pricing.TreeUsage{Rows: rows}, pricing.Closing{
		Month: month, AsOf: earlier(f.asOf, dayEnd(month.Next().First().AddDays(-1), f.in.zones())), First: month == start, Since: start,
		TermsDays: f.issuer.TermsDays, Issuer: f.issuer.Name, Draft: true, Billed: billed, Void: f.voids,
	})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(got.Invoices, func(i pricing.Invoice) bool { return i.BillingAccount != account }), nil
}

// ClosedAt is when the closing itself was made, whatever has supplemented it since.
func (f *facts) ClosedAt(ctx context.Context, closing pricing.Month) (time.Time, error) {
	m, err := f.manifest(ctx, JobMonthly, closing.String())
	if err != nil || m == nil {
		return time.Time{}, err
	}
	return f.p.issuedAt(ctx, m)
}

// Explained rates the account's tree for a month again, with a tracer.
func (f *facts) Explained(ctx context.Context, month pricing.Month, account string) ([]pricing.Explanation, error) {
	at, err := f.ClosedAt(ctx, month)
	if err != nil {
		return nil, err
	}
	from, to := f.rater.ClosingWindow(month)
	t, rows, err := f.treeRows(ctx, account, from, to)
	if err != nil || t.BillingAccount == "" {
		return nil, err
	}
	var billed pricing.Coverage // what a closing bills is compared with all that it owes
	if at.IsZero() {
		if billed, err = f.billed(ctx); err != nil {
			return nil, err
		}
		at = earlier(f.asOf, dayEnd(month.Next().First().AddDays(-1), f.in.zones()))
	}
	var out []pricing.Explanation
	start := pricing.MonthOf(f.p.settings.Start)
	_, err = f.rater.Close(t, pricing.TreeUsage{Rows: rows}, pricing.Closing{
		Month: month, AsOf: at, First: month == start, Since: start, Issuer: f.issuer.Name, Draft: true, Billed: billed, Void: f.voids,
		Tracer: func(e pricing.Explanation) {
			if !e.Own && f.within(account, e.Line.Account) {
				out = append(out, e)
			}
		},
	})
	return out, err
}

// billed is what the closings of the state have billed, none of which is billed
// again.
func (f *facts) billed(ctx context.Context) (pricing.Coverage, error) {
	if len(f.closings) == 0 {
		return nil, nil
	}
	m, err := f.manifest(ctx, JobMonthly, f.closings[len(f.closings)-1].String())
	if err != nil {
		return nil, err
	}
	return f.kept.billed.get(fmt.Sprintf("%s %d", m.Period, m.Revision), func() (pricing.Coverage, int64, error) {
		chain, err := f.p.chainState(ctx, m)
		return chain.billed, int64(len(chain.billed)) * 256, err
	})
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
