package pricing

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"daybook/pricing/money"
)

// Raters rate with several books, each of its own currency: an account's
// currency picks its book (docs/billing-rules.md, Accounts). With one book they
// do what its Rater does. Currencies never mix: each book's accounts are rated by
// themselves, pools included, and each currency has its own invoice.
type Raters struct{ of []*Rater }

// NewRaters prepares the rating of a registry with the books, as NewRater does.
func NewRaters(books []*Book, reg *Registry) (*Raters, error) {
	if len(books) == 0 {
		return nil, errors.New("prepare rating: there is no price book")
	}
	out := &Raters{}
	byCurrency := map[string]*Book{}
	for _, b := range books {
		r, err := NewRater(b, reg)
		if err != nil {
			return nil, err
		}
		if other := byCurrency[b.Currency.Code]; other != nil {
			return nil, fmt.Errorf("prepare rating: books %s and %s are both in %s", other.Name, b.Name, b.Currency.Code)
		}
		byCurrency[b.Currency.Code] = b
		out.of = append(out.of, r)
	}
	if len(books) > 1 {
		for i, r := range out.of {
			r.beside = &beside{books: byCurrency, reports: i == 0}
		}
	}
	return out, nil
}

// beside is what a rater knows of the books of other currencies.
type beside struct {
	books   map[string]*Book
	reports bool // accounts of a currency that no book has are this rater's to park
}

// belongs reports whether a book prices an account: by its currency, or as the
// only book where the account says none. Elsewhere is true where it is for
// another book, or another's to report.
func (r *Rater) belongs(n *node) (ours, elsewhere bool) {
	if r.beside == nil {
		return n.currency == "" || n.currency == r.book.Currency.Code, false
	}
	if n.currency == r.book.Currency.Code {
		return true, false
	}
	return false, r.beside.books[n.currency] != nil || !r.beside.reports
}

// Trees returns the units of work, as Rater.Trees does.
func (r *Raters) Trees() []Tree { return r.of[0].Trees() }

// Ended is when a month has ended in every time zone of a tree.
func (r *Raters) Ended(t Tree, m Month) time.Time {
	reg, ended := r.of[0].reg, m.Next().First().UTC()
	for _, id := range t.Accounts {
		n := reg.nodes[id]
		if n == nil {
			continue
		}
		zones := []*time.Location{n.zone}
		for _, i := range n.subscriptions {
			zones = append(zones, reg.zones[i])
		}
		for _, zone := range zones {
			if zone != nil {
				ended = laterOf(ended, m.closingTime(zone).to)
			}
		}
	}
	return ended
}

// CurrencyOf returns the currency of the book that prices an account; ok is false
// where none does.
func (r *Raters) CurrencyOf(account string) (c money.Currency, ok bool) {
	for _, one := range r.of {
		if n := one.reg.nodes[account]; n != nil {
			if ours, _ := one.belongs(n); ours {
				return one.book.Currency, true
			}
		}
	}
	return c, false
}

// TreeOf returns the unit of work that an account is in.
func (r *Raters) TreeOf(account string) Tree {
	reg := r.of[0].reg
	t := Tree{BillingAccount: reg.BillingAccount(account)}
	for _, a := range reg.Accounts {
		if reg.BillingAccount(a.ID) == t.BillingAccount {
			t.Accounts = append(t.Accounts, a.ID)
		}
	}
	return t
}

// Window returns the UTC days that any of the books needs for a day.
func (r *Raters) Window(day Date) (from, to Date) {
	return r.widest(func(one *Rater) (Date, Date) { return one.Window(day) })
}

// ClosingWindow returns the UTC days that any of the books needs for a closing.
func (r *Raters) ClosingWindow(m Month) (from, to Date) {
	return r.widest(func(one *Rater) (Date, Date) { return one.ClosingWindow(m) })
}

// Whole returns the UTC day from which on a day's series needs all meters, as
// Rater.Whole does.
func (r *Raters) Whole(day Date) Date {
	from, _ := r.widest(func(one *Rater) (Date, Date) { return one.Whole(day), day })
	return from
}

// ClosingWhole is Whole for a closing.
func (r *Raters) ClosingWhole(m Month) Date {
	from, _ := r.widest(func(one *Rater) (Date, Date) { return one.ClosingWhole(m), m.First() })
	return from
}

// Carried reports whether a meter of any book carries into later periods.
func (r *Raters) Carried(meter string) bool {
	return slices.ContainsFunc(r.of, func(one *Rater) bool { return one.Carried(meter) })
}

func (r *Raters) widest(of func(*Rater) (Date, Date)) (from, to Date) {
	from, to = of(r.of[0])
	for _, one := range r.of[1:] {
		f, t := of(one)
		from, to = min(from, f), max(to, t)
	}
	return from, to
}

// Daily returns a day's rows of a tree by all books, as Rater.Daily does.
func (r *Raters) Daily(t Tree, u TreeUsage, day Date, asOf time.Time) (DailyResult, error) {
	var out DailyResult
	rows := make([][]CostRow, len(r.of))
	for i, one := range r.of {
		got, err := one.Daily(t, u, day, asOf)
		if err != nil || len(r.of) == 1 {
			return got, err
		}
		rows[i], out.Parked = got.Rows, append(out.Parked, got.Parked...)
		out.Rated, out.Meters = out.Rated.Add(got.Rated), out.Meters.Add(got.Meters)
	}
	out.Rows = sortedRows(rows)
	slices.SortStableFunc(out.Parked, compareParked)
	return out, nil
}

// Close returns what a tree owes in a closing by all books, as Rater.Close does:
// an invoice for each currency.
func (r *Raters) Close(t Tree, u TreeUsage, c Closing) (ClosingResult, error) {
	var out ClosingResult
	for _, one := range r.of {
		got, err := one.Close(t, u, c)
		if err != nil {
			return ClosingResult{}, err
		}
		out.Invoices, out.Parked = append(out.Invoices, got.Invoices...), append(out.Parked, got.Parked...)
		out.Rated, out.Meters = out.Rated.Add(got.Rated), out.Meters.Add(got.Meters)
	}
	slices.SortStableFunc(out.Invoices, CompareInvoices)
	slices.SortStableFunc(out.Parked, compareParked)
	return out, nil
}

// Forecast returns what a tree's open periods will cost by all books, as
// Rater.Forecast does.
func (r *Raters) Forecast(t Tree, u TreeUsage, day Date, asOf time.Time) (ForecastResult, error) {
	var out ForecastResult
	for _, one := range r.of {
		got, err := one.Forecast(t, u, day, asOf)
		if err != nil {
			return ForecastResult{}, err
		}
		out.Rows, out.Parked = append(out.Rows, got.Rows...), append(out.Parked, got.Parked...)
	}
	slices.SortStableFunc(out.Rows, compareForecast)
	slices.SortStableFunc(out.Parked, compareParked)
	return out, nil
}

// Foreseen returns what will keep accounts from being rated, as Rater.Foreseen
// does.
func (r *Raters) Foreseen() []Parked {
	var out []Parked
	for _, one := range r.of {
		out = append(out, one.Foreseen()...)
	}
	slices.SortStableFunc(out, compareParked)
	return out
}

// Idle returns the registry's rows that no price of their account's book looks
// at, as Rater.Idle does.
func (r *Raters) Idle() []Idle {
	var out []Idle
	for _, one := range r.of {
		out = append(out, one.Idle()...)
	}
	slices.SortStableFunc(out, compareIdle)
	return out
}

func compareParked(a, b Parked) int { return cmp.Compare(a.Account, b.Account) }
