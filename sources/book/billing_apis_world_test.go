package book

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // zones do not depend on the machine

	"daybook/pricing"
	"daybook/pricing/money"
)

// apiWorld is what a figure rates: its book, a paying account, and below it an
// account with one subscription for each account that used something.
type apiWorld struct {
	figure apiFigure
	book   *pricing.Book
}

func moment(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	return t
}

// rater returns a rater of the world's registry and its one tree.
func (w apiWorld) rater(t *testing.T) (*pricing.Rater, pricing.Tree) {
	t.Helper()
	rater, err := pricing.NewRater(w.book, w.registry(t))
	if err != nil {
		t.Fatal(err)
	}
	return rater, rater.Trees()[0]
}

func (w apiWorld) registry(t *testing.T) *pricing.Registry {
	t.Helper()
	f := w.figure
	accounts := []pricing.Account{{ID: "master", Bills: true, TimeZone: f.Zone, Jurisdiction: "here"}}
	var subs []pricing.Subscription
	start := w.book.Versions[0].Effective.String() + "T00:00:00Z"
	for _, id := range w.users() {
		accounts = append(accounts, pricing.Account{ID: id, Parent: "master"})
		has := f.Subscriptions
		if len(has) == 0 {
			has = []apiSubscription{{Plan: f.Plan, Start: start}}
		}
		for i, s := range has {
			sub := pricing.Subscription{ID: id + strings.Repeat("+", i), Account: id, Plan: s.Plan, Start: moment(s.Start)}
			if s.End != "" {
				sub.End = moment(s.End)
			}
			subs = append(subs, sub)
		}
	}
	var resources []pricing.Resource
	for i, r := range f.Resources {
		out := pricing.Resource{
			ID: cmp.Or(r.SKU, r.Kind) + "/" + ordinal(i), Account: "customer", Kind: r.Kind, SKU: r.SKU,
			Quantity: qty(r.Quantity), Created: moment(r.Created),
		}
		if r.Deleted != "" {
			out.Deleted = moment(r.Deleted)
		}
		resources = append(resources, out)
	}
	registry, problems := pricing.NewRegistry(accounts, subs, resources)
	problems = append(problems, registry.AddFunds(f.funds(w.book.Currency.Code), w.book.Currency.Code)...)
	if len(problems) > 0 {
		t.Fatalf("the registry has problems: %+v", problems)
	}
	return registry
}

// funds are the figure's tax, and a payment and adjustment on its month's first
// days.
func (f apiFigure) funds(currency string) (out pricing.Funds) {
	if f.TaxRate != "" {
		out.Taxes = []pricing.Tax{{ID: "tax", Jurisdiction: "here", Rate: qty(f.TaxRate)}}
	}
	if f.Payment != "" {
		out.Payments = []pricing.Payment{{ID: "p", Account: "master", Amount: amt(f.Payment), Currency: currency, Time: moment(f.Month + "-02T00:00:00Z")}}
	}
	if f.Adjustment != "" {
		out.Adjustments = []pricing.BalanceAdjustment{{ID: "a", Account: "master", Amount: amt(f.Adjustment), Currency: currency, Time: moment(f.Month + "-03T00:00:00Z")}}
	}
	return out
}

// users are the accounts with a subscription: those that used something.
func (w apiWorld) users() []string {
	users := []string{}
	for _, u := range w.figure.Usage {
		if id := cmp.Or(u.Account, "customer"); !slices.Contains(users, id) {
			users = append(users, id)
		}
	}
	if len(users) == 0 {
		return []string{"customer"}
	}
	return users
}

// event is the state that a rollup keeps of one usage event.
func (w apiWorld) event(t *testing.T, u apiUsage) pricing.UsageState {
	t.Helper()
	m, known := w.book.Versions[0].MeterOf(u.Meter)
	if !known {
		t.Fatalf("the book has no meter %s", u.Meter)
	}
	at := moment(u.Time)
	quantity := u.Quantity
	if u.From != "" { // how long something ran, in seconds
		quantity = money.Ratio(at.Sub(moment(u.From)).Microseconds(), 1_000_000).Quantity().String()
	}
	q, err := qty(quantity).Fixed(12)
	if err != nil {
		t.Fatal(err)
	}
	id, dimensions := cmp.Or(u.Account, "customer"), "{}"
	if len(u.Dimensions) > 0 {
		text, err := json.Marshal(u.Dimensions) // keys are sorted
		if err != nil {
			t.Fatal(err)
		}
		dimensions = string(text)
	}
	out := pricing.UsageState{
		Day: pricing.LocalDay(at, time.UTC), Meter: u.Meter, Dimensions: dimensions, Account: id, Subscription: id,
		Sum: q, Events: 1, Min: q, Max: q, First: q, Last: q, FirstTime: at.UnixMicro(), LastTime: at.UnixMicro(),
	}
	switch m.Grain {
	case pricing.GrainHour:
		out.Slot = at.Truncate(time.Hour).UnixMicro()
	case pricing.GrainFiveMinutes:
		out.Slot = at.Truncate(5 * time.Minute).UnixMicro()
	}
	return out
}

// invoice closes the figure's month and settles it.
func (w apiWorld) invoice(t *testing.T) pricing.Invoice {
	t.Helper()
	f := w.figure
	month, err := pricing.ParseMonth(f.Month)
	if err != nil {
		t.Fatal(err)
	}
	var usage pricing.TreeUsage
	for _, u := range f.Usage {
		usage.Rows = append(usage.Rows, w.event(t, u))
	}
	rater, tree := w.rater(t)
	closing := pricing.Closing{Month: month, AsOf: month.Next().First().AddDays(2).UTC(), Issuer: "Vector"}
	got, err := rater.Close(tree, usage, closing)
	if err != nil || len(got.Parked) > 0 {
		t.Fatalf("parked %+v, error %v", got.Parked, err)
	}
	settled, err := w.registry(t).Settle(closing, got.Invoices, pricing.Opening{})
	if err != nil {
		t.Fatal(err)
	}
	f.compareChain(t, settled.Entries)
	invoice := pricing.Invoice{}
	if len(settled.Invoices) > 0 {
		invoice = settled.Invoices[0]
		if err := pricing.CheckInvoice(invoice); err != nil {
			t.Error(err)
		}
	}
	return invoice
}

// compareChain compares the entry of the adjustment in the balance's chain.
func (f apiFigure) compareChain(t *testing.T, entries []pricing.LedgerEntry) {
	t.Helper()
	var got []string
	for _, e := range entries {
		if e.Kind == pricing.EntryAdjustment && e.Ledger == pricing.LedgerBalance {
			got = append(got, e.Initial.String(), e.Amount.String(), e.End.String())
		}
	}
	if !slices.Equal(got, f.Chain) {
		t.Errorf("the chain is %v, want %v", got, f.Chain)
	}
}

// checkMonth compares a month's invoice with the figure.
func (w apiWorld) checkMonth(t *testing.T) {
	f, invoice := w.figure, w.invoice(t)
	f.compareLines(t, invoice)
	if f.Line == "" {
		f.same(t, "total", invoice.Total.Fraction(), f.Want)
	} else {
		line := lineNamed(invoice.Lines, f.Line)
		f.same(t, "the exact amount", line.ExactSubtotal.Fraction(), f.Want)
		if f.Gross != "" { // parts below zero are discounts
			var gross, off money.Fraction
			for _, p := range line.Parts {
				if p.Amount.Sign() < 0 {
					off = off.Sub(p.Amount.Fraction())
				} else {
					gross = gross.Add(p.Amount.Fraction())
				}
			}
			f.same(t, "gross", gross, f.Gross)
			f.same(t, "discount", off, f.Discount)
		}
		if f.Quantity != "" && line.Quantity.Cmp(qty(f.Quantity)) != 0 {
			t.Errorf("the quantity is %s, want %s", line.Quantity, f.Quantity)
		}
	}
	if f.TaxRate != "" {
		f.same(t, "tax", invoice.Tax.Fraction(), f.Tax)
		f.same(t, "amount due", invoice.AmountDue.Fraction(), f.Due)
	}
	for plan, want := range f.Plans {
		var sum money.Amount
		for _, l := range invoice.Lines {
			if l.Plan == plan {
				sum = sum.Add(l.Total)
			}
		}
		f.same(t, "plan "+plan, sum.Fraction(), want)
	}
	for account, want := range f.Own {
		i := slices.IndexFunc(invoice.Own, func(l pricing.Line) bool { return l.Account == account && l.Total.Sign() != 0 })
		if i < 0 {
			t.Errorf("%s is not shown its own cost", account)
			continue
		}
		f.same(t, "own cost of "+account, invoice.Own[i].Total.Fraction(), want)
	}
	for name, want := range f.Parts {
		var sum money.Fraction
		for _, l := range invoice.Lines {
			sum = sum.Add(partsNamed(l.Parts, name))
		}
		f.same(t, "parts of "+name, sum, want)
	}
}

// compareLines compares the totals of prices with the figure's.
func (f apiFigure) compareLines(t *testing.T, invoice pricing.Invoice) {
	t.Helper()
	for id, want := range f.Lines {
		f.same(t, id, lineNamed(invoice.Lines, id).Total.Fraction(), want)
	}
}

// lineNamed adds up the lines of a price.
func lineNamed(lines []pricing.Line, price string) pricing.Line {
	var out pricing.Line
	for _, l := range lines {
		if l.Price == price {
			out.Quantity, out.Parts = out.Quantity.Add(l.Quantity), append(out.Parts, l.Parts...)
			out.Total, out.ExactSubtotal = out.Total.Add(l.Total), out.ExactSubtotal.Add(l.ExactSubtotal)
		}
	}
	return out
}

// checkOpenMonth compares what a month has come to at an instant within it.
func (w apiWorld) checkOpenMonth(t *testing.T) {
	rater, tree := w.rater(t)
	asOf := moment(w.figure.AsOf)
	got, err := rater.Daily(tree, pricing.TreeUsage{}, pricing.LocalDay(asOf, time.UTC), asOf)
	if err != nil || len(got.Parked) > 0 {
		t.Fatalf("parked %+v, error %v", got.Parked, err)
	}
	var sum money.Amount
	for _, r := range got.Rows {
		sum = sum.Add(r.CumulativeTotal)
	}
	w.figure.same(t, "total so far", sum.Fraction(), w.figure.Want)
}

// checkSeries rates the first days of a month, cumulatively or day by day.
func (w apiWorld) checkSeries(t *testing.T) {
	f := w.figure
	first, err := pricing.ParseDate("2022-02-01")
	if err != nil {
		t.Fatal(err)
	}
	rater, tree := w.rater(t)
	var usage pricing.TreeUsage
	for i, quantity := range f.Days {
		day := first.AddDays(i)
		usage.Rows = append(usage.Rows, w.event(t, apiUsage{Meter: f.Meter, Time: day.String() + "T12:00:00Z", Quantity: quantity}))
		got, err := rater.Daily(tree, usage, day, day.AddDays(2).UTC())
		if err != nil || len(got.Parked) > 0 || len(got.Rows) != 1 {
			t.Fatalf("%s: %d rows, parked %+v, error %v", day, len(got.Rows), got.Parked, err)
		}
		subtotal, total := got.Rows[0].CumulativeSubtotal, got.Rows[0].CumulativeTotal
		if f.Periodic {
			subtotal, total = got.Rows[0].Subtotal, got.Rows[0].Total
		}
		f.same(t, day.String()+" subtotal", subtotal.Fraction(), f.Subtotals[i])
		f.same(t, day.String()+" total", total.Fraction(), f.Totals[i])
	}
}

// checkWindows compares the days of the daily rows, cut to the time asked for.
func (w apiWorld) checkWindows(t *testing.T) {
	f := w.figure
	loc, err := time.LoadLocation(f.Zone)
	if err != nil {
		t.Fatal(err)
	}
	w.figure.Plan = w.book.Versions[0].Plans[0].ID
	rater, tree := w.rater(t)
	asked := pricing.Period{Start: moment(f.Start), End: moment(f.End)}
	var got []string
	for day := pricing.LocalDay(asked.Start, loc); day <= pricing.LocalDay(asked.End.Add(-1), loc); day++ {
		rows, err := rater.Daily(tree, pricing.TreeUsage{}, day, asked.End)
		if err != nil || len(rows.Rows) == 0 {
			t.Fatalf("%s: no row; %v", day, err)
		}
		window := pricing.Period{Start: rows.Rows[0].TimeframeStart, End: rows.Rows[0].TimeframeEnd}.Cut(asked)
		got = append(got, window.Start.UTC().Format(time.RFC3339)+"/"+window.End.UTC().Format(time.RFC3339))
	}
	if strings.Join(got, " ") != strings.Join(f.Windows, " ") {
		t.Errorf("windows are %v, want %v", got, f.Windows)
	}
}
