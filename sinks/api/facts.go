package api

import (
	"context"
	"errors"
	"time"

	"daybook/pricing"
)

// Facts are what the published runs of a bucket say, at one state of it. They do
// not change: a later state has facts of its own. All methods may be called at
// once.
type Facts interface {
	// State names the published state: equal states give equal answers.
	State() string
	// AsOf is the end of the newest published day of costs, in UTC: the only "now"
	// of an answer.
	AsOf() time.Time
	// Registry and Books are those that the newest published day was rated with.
	Registry() *pricing.Registry
	Books() []*pricing.Book
	// Raters rate with that registry and those books. Nothing may change them.
	Raters() *pricing.Raters

	// Days are the days of which costs are published, oldest first.
	Days() []pricing.Date
	// Costs are the cost rows of the published days in [from, to], by day: of an
	// account, and of all that it pays for.
	Costs(ctx context.Context, account string, from, to pricing.Date) ([]pricing.CostRow, error)
	// Usage is the rollup rows of an account, and of all below it, whose local day is
	// in [from, to]. Rows of one day come in the order of the table usage_daily; the
	// same key may stand twice, once for each UTC day that the local day touches.
	Usage(ctx context.Context, account string, from, to pricing.Date) ([]pricing.UsageState, error)
	// Forecast is what the periods open at AsOf are expected to cost, of an account
	// and all that it pays for.
	Forecast(ctx context.Context, account string) ([]pricing.ForecastRow, error)

	// Closings are the months that are closed, oldest first.
	Closings() []pricing.Month
	// Invoices are what a closing issued to an account, notes included, with lines,
	// taxes, parts and the shares of accounts in pooled prices; "" is every account.
	Invoices(ctx context.Context, closing pricing.Month, account string) ([]pricing.Invoice, error)
	// Issuer is whose name is in the ids of drafts (pricing.InvoiceID).
	Issuer() string
	// Draft is what the closing of a month that is not closed would issue to an
	// account by AsOf, before credits, balances and taxes.
	Draft(ctx context.Context, month pricing.Month, account string) ([]pricing.Invoice, error)
	// ClosedAt is the date of issue of a closing; zero where the month is not closed.
	ClosedAt(ctx context.Context, closing pricing.Month) (time.Time, error)
	// Explained is every line that a month owes by what is known now, of an account and
	// all below it, before credits, balances and taxes, with how each came about: of a
	// closed month what its invoices and their corrections come to, once the next
	// closing has corrected it; of an open one as Draft. Shares of pooled prices and
	// lines that somebody has taken back are left out.
	Explained(ctx context.Context, month pricing.Month, account string) ([]pricing.Explanation, error)
	// Ledger is the entries of all closings for an account, oldest first, and
	// Balances its balances after the newest closing.
	Ledger(ctx context.Context, account string) ([]pricing.LedgerEntry, error)
	Balances(ctx context.Context, account string) ([]pricing.Balance, error)
}

// Source gives the facts of the state that is published now.
type Source interface {
	Current(ctx context.Context) (Facts, error)
}

// ErrNothingPublished is what a source says of a bucket in which no day of costs
// is published yet.
var ErrNothingPublished = errors.New("no costs are published yet; run `daybook run daily`")
