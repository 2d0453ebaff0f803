package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"daybook/pricing"
	"daybook/pricing/money"
)

// cumulus is the facts of a cloud of 2026: January to March closed by the code
// that closes, April open after its tenth day. acme pays for itself and lab.
type cumulus struct {
	Facts
	registry *pricing.Registry
	raters   *pricing.Raters
	book     *pricing.Book
	rows     []pricing.UsageState
	closed   []pricing.Month
	invoices map[pricing.Month][]pricing.Invoice
	ledger   []pricing.LedgerEntry
	balances []pricing.Balance
}

var cumulusLast = pricing.NewDate(2026, 4, 10)

func (f *cumulus) AsOf() time.Time             { return cumulusLast.AddDays(1).UTC() }
func (f *cumulus) Registry() *pricing.Registry { return f.registry }
func (f *cumulus) Books() []*pricing.Book      { return []*pricing.Book{f.book} }
func (f *cumulus) Raters() *pricing.Raters     { return f.raters }
func (f *cumulus) Closings() []pricing.Month   { return f.closed }
func (f *cumulus) Days() (out []pricing.Date) {
	for d := pricing.NewDate(2026, 1, 1); d <= cumulusLast; d++ {
		out = append(out, d)
	}
	return out
}

func (f *cumulus) Usage(_ context.Context, account string, from, to pricing.Date) ([]pricing.UsageState, error) {
	return slices.DeleteFunc(slices.Clone(f.rows), func(u pricing.UsageState) bool {
		return u.Day < from || u.Day > to || !f.registry.Below(u.Account, account)
	}), nil
}

func (f *cumulus) Invoices(_ context.Context, closing pricing.Month, account string) ([]pricing.Invoice, error) {
	return slices.DeleteFunc(slices.Clone(f.invoices[closing]), func(i pricing.Invoice) bool { return i.BillingAccount != account }), nil
}

func (f *cumulus) Ledger(_ context.Context, account string) ([]pricing.LedgerEntry, error) {
	return slices.DeleteFunc(slices.Clone(f.ledger), func(e pricing.LedgerEntry) bool { return e.BillingAccount != account }), nil
}

// cumulusBook sells CPU by the burst, storage by the month, and support.
func cumulusBook() *pricing.Book {
	level := func(n int64, unit string) pricing.LevelPrice {
		return pricing.LevelPrice{Level: n, Unit: money.MustAmount(unit)}
	}
	return &pricing.Book{Name: "cumulus", Currency: money.Currency{Code: "USD", Digits: 2}, Versions: []pricing.Version{{
		ID: "cumulus@2025-01-01", Effective: pricing.NewDate(2025, 1, 1),
		Conventions: pricing.Conventions{Rounding: money.HalfUp, Month: pricing.Month30Days, Proration: pricing.ProrateTime},
		Meters:      []pricing.Meter{{ID: "cpu", Aggregate: pricing.Sum, DivideBy: money.QuantityOf(1000), Unit: "GHz", Grain: pricing.GrainFiveMinutes, By: []string{"seconds", "uuid"}}},
		Plans: []pricing.Plan{{ID: "cloud", Cycle: pricing.Cycle{Months: 1, Anchor: pricing.Anchor{Day: 1}}, Prices: []pricing.Price{
			{ID: "cpu_burst", Meter: "cpu", Model: pricing.Burst{
				Over: pricing.OverSubscribed, PerSeconds: 3600, Seconds: "seconds", Levels: []pricing.LevelPrice{level(0, "0.00969"), level(1, "0.01938")},
				Schedule: []pricing.LevelChange{{From: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), Level: 1}},
			}},
			{ID: "dssd", Resource: "dssd", Model: pricing.Term{
				Unit: money.MustAmount("0.14"), DivideBy: money.QuantityOf(1 << 30), PerSeconds: 2592000,
				Discounts: []pricing.TermDiscount{{Name: "1 month", Months: 1}, {Name: "3 months", Months: 3, Percent: money.QuantityOf(3)}},
			}},
			{ID: "support", Model: pricing.Fixed{Price: money.MustAmount("9.99")}},
		}}},
	}}}
}

// drawCumulus draws usage, purchases, payments, adjustments, credits and taxes, and
// closes the months. What people paid may come to be known months later.
func drawCumulus(t *rapid.T) *cumulus {
	f := &cumulus{book: cumulusBook(), invoices: map[pricing.Month][]pricing.Invoice{}}
	january := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	when := func(what string) time.Time {
		return january.Add(time.Duration(rapid.Int64Range(0, 100*24*3600-1).Draw(t, what)) * time.Second)
	}
	amount := func(what string) money.Amount {
		return money.AmountOf(decimal.New(rapid.Int64Range(1, 1e9).Draw(t, what), -int32(rapid.IntRange(2, 20).Draw(t, what+" places"))))
	}
	for n := range rapid.IntRange(0, 12).Draw(t, "polls") {
		at := when("poll")
		q, _ := money.QuantityOf(rapid.Int64Range(0, 20000).Draw(t, "MHz")).Fixed(money.QuantityPlaces)
		f.rows = append(f.rows, pricing.UsageState{
			Day: pricing.LocalDay(at, time.UTC), Slot: at.Truncate(5 * time.Minute).UnixMicro(), Meter: "cpu",
			Dimensions: fmt.Sprintf(`{"seconds":"%d","uuid":"guest-%d"}`, rapid.IntRange(1, 300).Draw(t, "seconds"), n),
			Account:    "lab", Subscription: "sub-lab", Sum: q, Events: 1, Min: q, Max: q, First: q, Last: q, FirstTime: at.UnixMicro(), LastTime: at.UnixMicro(),
		})
	}
	accounts := []pricing.Account{{ID: "acme", Bills: true, Currency: "USD", Jurisdiction: "X"}, {ID: "lab", Parent: "acme"}}
	subs := []pricing.Subscription{{ID: "sub-lab", Account: "lab", Plan: "cloud", Start: january, Quantities: map[string]money.Quantity{"cpu_burst": money.QuantityOf(1000)}}}
	var resources []pricing.Resource
	for n := range rapid.IntRange(0, 4).Draw(t, "purchases") {
		resources = append(resources, pricing.Resource{
			ID: fmt.Sprint("disk-", n), Account: "lab", Kind: "dssd", SKU: rapid.SampledFrom([]string{"1 month", "3 months"}).Draw(t, "term"),
			Quantity: money.QuantityOf(rapid.Int64Range(1, 1e12).Draw(t, "bytes")), Created: when("bought"),
		})
	}
	var all pricing.Funds
	known := map[string]int{} // from which closing on; 3 is none
	if rapid.Bool().Draw(t, "taxed") {
		all.Taxes = []pricing.Tax{{ID: "vat", Jurisdiction: "X", Rate: money.MustQuantity("8.1")}}
	}
	if rapid.Bool().Draw(t, "credited") {
		all.Credits = []pricing.Grant{{ID: "gift", Account: "acme", Amount: money.MustAmount("12.5"), Currency: "USD", Time: january, Kind: pricing.Promotional}}
	}
	for n := range rapid.IntRange(0, 5).Draw(t, "payments") {
		p := pricing.Payment{ID: fmt.Sprint("p", n), Account: "acme", Amount: amount("paid"), Currency: "USD", Time: when("paid at")}
		all.Payments, known[p.ID] = append(all.Payments, p), rapid.IntRange(0, 3).Draw(t, "known")
	}
	for n := range rapid.IntRange(0, 3).Draw(t, "adjustments") {
		a := pricing.BalanceAdjustment{ID: fmt.Sprint("a", n), Account: "acme", Amount: amount("changed").Neg(), Currency: "USD", Time: when("changed at")}
		all.Adjustments, known[a.ID] = append(all.Adjustments, a), rapid.IntRange(0, 3).Draw(t, "known")
	}
	var opening pricing.Opening
	first := pricing.Month{Year: 2026, Month: 1}
	for n, m := range first.Through(pricing.Month{Year: 2026, Month: 3}) {
		funds := all
		funds.Payments = slices.DeleteFunc(slices.Clone(all.Payments), func(p pricing.Payment) bool { return known[p.ID] > n })
		funds.Adjustments = slices.DeleteFunc(slices.Clone(all.Adjustments), func(a pricing.BalanceAdjustment) bool { return known[a.ID] > n })
		opening = f.close(t, m, f.registryOf(t, accounts, subs, resources, funds), opening, n == 0)
	}
	f.balances = opening.Balances
	f.registry = f.registryOf(t, accounts, subs, resources, all)
	var err error
	if f.raters, err = pricing.NewRaters(f.Books(), f.registry); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *cumulus) registryOf(t *rapid.T, accounts []pricing.Account, subs []pricing.Subscription, resources []pricing.Resource, funds pricing.Funds) *pricing.Registry {
	registry, problems := pricing.NewRegistry(accounts, subs, resources)
	problems = append(problems, registry.AddFunds(funds, []string{"USD"}, nil, nil)...)
	if len(problems) > 0 {
		t.Fatalf("%+v", problems)
	}
	return registry
}

// close closes a month and returns what the next one begins with.
func (f *cumulus) close(t *rapid.T, m pricing.Month, registry *pricing.Registry, opening pricing.Opening, isFirst bool) pricing.Opening {
	raters, err := pricing.NewRaters(f.Books(), registry)
	if err != nil {
		t.Fatal(err)
	}
	c := pricing.Closing{Month: m, AsOf: m.Next().First().AddDays(2).UTC(), First: isFirst, Since: pricing.Month{Year: 2026, Month: 1}, TermsDays: 30, Issuer: "Cumulus"}
	closed, err := raters.Close(raters.TreeOf("acme"), pricing.TreeUsage{Rows: f.rows}, c)
	if err != nil || len(closed.Parked) > 0 {
		t.Fatalf("%+v, %v", closed.Parked, err)
	}
	done, err := registry.Settle(c, closed.Invoices, opening)
	if err != nil || len(done.Parked) > 0 {
		t.Fatalf("%+v, %v", done.Parked, err)
	}
	f.closed, f.invoices[m], f.ledger = append(f.closed, m), done.Invoices, append(f.ledger, done.Entries...)
	return pricing.Opening{Balances: done.Balances, Posted: done.Posted}
}

type cumulusEntry struct {
	ID, Amount, Initial, End, Reason, Time string
	Cycle                                  *int64 `json:"billing_cycle"`
}

func (f *cumulus) ask(t *rapid.T, answer func(context.Context, *Request) ([]byte, error), query string, out any) {
	q, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	body, err := answer(context.Background(), &Request{Query: q, Facts: f, Access: Access{Account: "acme", Scopes: []Scope{ScopeBillingRead}}})
	if err == nil {
		err = json.Unmarshal(body, out)
	}
	if err != nil {
		t.Fatalf("%s: %v in %s", query, err, body)
	}
}

// Whatever is used, bought, paid, changed, credited and taxed: the ledger chains
// from 0, its sum is what the closed books say less what is not in them yet, and a
// part of it is a part of the whole.
func TestCloudSigma_LedgerEndsWhereTheBooksDo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawCumulus(t)
		var whole struct{ Objects []cumulusEntry }
		f.ask(t, cloudSigmaLedger, "limit=0&order_by=time", &whole)
		end := decimal.Zero
		for i, e := range whole.Objects {
			if !decimal.RequireFromString(e.Initial).Equal(end) {
				t.Fatalf("entry %d begins at %s, the one before ended at %s", i, e.Initial, end)
			}
			if end = end.Sub(decimal.RequireFromString(e.Amount)); !decimal.RequireFromString(e.End).Equal(end) {
				t.Fatalf("entry %d ends at %s, not at %s", i, e.End, end)
			}
		}
		want := decimal.Zero
		for _, b := range f.balances {
			if b.Ledger == pricing.LedgerBalance {
				want = b.End.Decimal()
			}
		}
		if want = want.Sub(f.unsettled(t)); !end.Equal(want) {
			t.Fatalf("the ledger ends at %s, the books and what is not in them at %s\n%+v", end, want, whole.Objects)
		}
		var balance struct{ Balance string }
		f.ask(t, cloudSigmaBalance, "", &balance)
		if !decimal.RequireFromString(balance.Balance).Equal(end) {
			t.Fatalf("the balance is %s, the ledger ends at %s", balance.Balance, end)
		}
		from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 100).Draw(t, "from"))
		var part struct{ Objects []cumulusEntry }
		f.ask(t, cloudSigmaLedger, "limit=0&order_by=time&time__gte="+from.Format(time.DateOnly), &part)
		later := slices.DeleteFunc(slices.Clone(whole.Objects), func(e cumulusEntry) bool { return e.Time < from.Format(time.DateOnly) })
		if len(later) != len(part.Objects) {
			t.Fatalf("%d entries from %s on, the whole ledger has %d", len(part.Objects), from, len(later))
		}
		for i := range later {
			if part.Objects[i].ID != later[i].ID || part.Objects[i].End != later[i].End || part.Objects[i].Initial != later[i].Initial {
				t.Fatalf("from %s on, entry %d is %+v, of the whole ledger %+v", from, i, part.Objects[i], later[i])
			}
		}
	})
}

// unsettled is what April's polls and purchases took, less what was paid or given
// and no closing entered.
func (f *cumulus) unsettled(t *rapid.T) decimal.Decimal {
	april := pricing.NewDate(2026, 4, 1)
	sum := decimal.Zero
	tree := f.raters.TreeOf("acme")
	for _, p := range f.raters.BurstPolls(tree, pricing.TreeUsage{Rows: f.rows}, april, cumulusLast, f.AsOf()) {
		sum = sum.Add(p.Amount.Amount().Decimal())
	}
	for _, p := range f.raters.Purchases(tree) {
		if !p.Resource.Created.Before(april.UTC()) && p.Resource.Created.Before(f.AsOf()) {
			sum = sum.Add(p.Net().Amount().Decimal())
		}
	}
	entered := map[string]bool{}
	for _, e := range f.ledger {
		entered[e.Source] = true
	}
	for _, p := range f.registry.Funds.Payments {
		if !entered[p.ID] && p.Time.Before(f.AsOf()) {
			sum = sum.Sub(p.Amount.Decimal())
		}
	}
	for _, a := range f.registry.Funds.Adjustments {
		if !entered[a.ID] && a.Time.Before(f.AsOf()) {
			sum = sum.Add(a.Amount.Decimal())
		}
	}
	return sum
}

// No text in a filter makes anything but an answer or a fault of the caller.
func TestCloudSigma_AnyFilterIsAnsweredOrRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawCumulus(t)
		q := url.Values{}
		names := []string{
			"limit", "offset", "account", "time", "time__gt", "time_lt", "poll_time", "poll_time_gte", "poll_time__lte", "date", "date__gt", "date_lt",
			"billing_cycle", "level", "order_by", "resource", "uuid", "status", "subscribed_object", "format",
		}
		values := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{
			"", "0", "-1", "1", "2147483648", "2026-02-01", "2026-02-30", "0001-01-01", "9999-12-31T23:59:59Z", "2026-02-01T00:00:00 00:00", "acme", "lab", "nobody", ",", "time", "active",
		}))
		for range rapid.IntRange(0, 4).Draw(t, "parameters") {
			q.Add(rapid.SampledFrom(names).Draw(t, "name"), values.Draw(t, "value"))
		}
		for _, list := range cloudSigmaLists() {
			r := &Request{Query: q, Facts: f, Path: func(string) string { return "" }, Access: Access{Account: "acme", Scopes: []Scope{ScopeBillingRead}}}
			body, err := list.answer(context.Background(), r)
			fault, told := err.(*Fault)
			if err != nil && (!told || fault.Status < 400 || fault.Status >= 500) || err == nil && !json.Valid(body) {
				t.Fatalf("%s?%s: %v %s", list.name, q.Encode(), err, body)
			}
		}
	})
}

// What is published as pages is what the routes answer to a token of the account.
func TestCloudSigma_PagesAreTheAnswers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawCumulus(t)
		lists := cloudSigmaLists()
		n := 0
		for page, err := range cloudSigmaPages(context.Background(), f, pricing.Month{}) {
			if err != nil {
				t.Fatal(err)
			}
			r := &Request{Query: url.Values{}, Facts: f, Access: Access{Account: "acme", Scopes: []Scope{ScopeBillingRead}}}
			want, err := lists[n].answer(context.Background(), r)
			if err != nil || page.Account != "acme" || page.Path != "api/2.0/"+lists[n].name || string(page.Body) != string(want) {
				t.Fatalf("page %+v, want %s %v", page, want, err)
			}
			n++
		}
		if n != len(lists) {
			t.Fatalf("%d pages, want %d", n, len(lists))
		}
	})
}

// Guests whose use stands for different times at one poll have a burst each: 2 GHz
// too many for 100 s is 0.0010766… at 0.01938 a GHz hour, and 4 GHz for 300 s
// 0.00646. Two that stand for as long share theirs by what they use, 1 to 3.
func TestCloudSigma_BurstsAreSharedByTheObjectsOfTheirPoll(t *testing.T) {
	f := &cumulus{book: cumulusBook()}
	f.registry, _ = pricing.NewRegistry(
		[]pricing.Account{{ID: "acme", Bills: true, Currency: "USD"}},
		[]pricing.Subscription{{ID: "s", Account: "acme", Plan: "cloud", Start: f.AsOf().AddDate(0, -1, 0), Quantities: map[string]money.Quantity{"cpu_burst": money.QuantityOf(1000)}}}, nil)
	var err error
	if f.raters, err = pricing.NewRaters(f.Books(), f.registry); err != nil {
		t.Fatal(err)
	}
	slot := time.Date(2026, 4, 9, 8, 30, 0, 0, time.UTC)
	for _, use := range []struct{ guest, megahertz, seconds string }{{"a", "3000", "100"}, {"b", "1250", "300"}, {"c", "3750", "300"}} {
		q, _ := money.MustQuantity(use.megahertz).Fixed(money.QuantityPlaces)
		f.rows = append(f.rows, pricing.UsageState{
			Day: pricing.LocalDay(slot, time.UTC), Slot: slot.UnixMicro(), Meter: "cpu", Dimensions: fmt.Sprintf(`{"seconds":%q,"uuid":%q}`, use.seconds, use.guest),
			Account: "acme", Subscription: "s", Sum: q, Events: 1, FirstTime: slot.UnixMicro(), LastTime: slot.UnixMicro(),
		})
	}
	body, err := cloudSigmaBurstUsage(t.Context(), &Request{Facts: f, Access: Access{Account: "acme"}})
	var got struct {
		Objects []struct {
			UUID   string
			Amount json.Number
			Usage  int64
		}
	}
	if err == nil {
		err = json.Unmarshal(body, &got)
	}
	// 0.00646 in the parts 1 and 3: 0.001615 and 0.004845.
	if text := fmt.Sprint(got.Objects); err != nil || text != "[{a 0.00110000000000000000 2000} {b 0.00160000000000000000 1000} {c 0.00480000000000000000 3000}]" {
		t.Fatalf("shares are %s, %v", text, err)
	}
}

// asks puts a request of an account to a route.
func (f *cumulus) asks(t *testing.T, account string, answer func(context.Context, *Request) ([]byte, error), query string) string {
	t.Helper()
	q, err := url.ParseQuery(query)
	if err == nil {
		f.raters, err = pricing.NewRaters(f.Books(), f.registry)
	}
	if err != nil {
		t.Fatal(err)
	}
	body, err := answer(t.Context(), &Request{Query: q, Facts: f, Access: Access{Account: account, Scopes: []Scope{ScopeBillingRead}}})
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// An account shows itself and what it pays for below it: nothing of its payer or
// of others below that, and nothing of one below it that pays for itself.
func TestCloudSigma_ShowsWhatIsPaidForTogether(t *testing.T) {
	f := &cumulus{book: cumulusBook()}
	var subs []pricing.Subscription
	for n, account := range []string{"acme", "left", "right", "apart"} {
		subs = append(subs, pricing.Subscription{
			ID: "sub-" + account, Account: account, Plan: "cloud", Start: f.AsOf().AddDate(0, -1, 0),
			Quantities: map[string]money.Quantity{"cpu_burst": money.QuantityOf(int64(100 << n))},
		})
		q, _ := money.QuantityOf(int64(1000 << n)).Fixed(money.QuantityPlaces)
		at := f.AsOf().Add(-5 * time.Minute)
		f.rows = append(f.rows, pricing.UsageState{
			Day: pricing.LocalDay(at, time.UTC), Slot: at.UnixMicro(), Meter: "cpu", Dimensions: `{"seconds":"300","uuid":"guest-` + account + `"}`,
			Account: account, Subscription: "sub-" + account, Sum: q, Events: 1, FirstTime: at.UnixMicro(), LastTime: at.UnixMicro(),
		})
	}
	f.registry, _ = pricing.NewRegistry([]pricing.Account{
		{ID: "acme", Bills: true, Currency: "USD"}, {ID: "left", Parent: "acme"}, {ID: "right", Parent: "acme"}, {ID: "apart", Parent: "acme", Bills: true, Currency: "USD"},
	}, subs, nil)
	for account, want := range map[string]struct {
		current string
		guests  []string
	}{
		"acme":  {`"cpu":{"burst":6300,"subscribed":700,"using":7000}`, []string{"acme", "left", "right"}},
		"left":  {`"cpu":{"burst":1800,"subscribed":200,"using":2000}`, []string{"left"}},
		"right": {`"cpu":{"burst":3600,"subscribed":400,"using":4000}`, []string{"right"}},
		"apart": {`"cpu":{"burst":7200,"subscribed":800,"using":8000}`, []string{"apart"}},
	} {
		if got := f.asks(t, account, cloudSigmaCurrentUsage, ""); !strings.Contains(got, want.current) {
			t.Errorf("%s has %s, want %s", account, got, want.current)
		}
		for _, list := range []func(context.Context, *Request) ([]byte, error){cloudSigmaUsage, cloudSigmaBurstUsage} {
			got := f.asks(t, account, list, "limit=0")
			for _, guest := range []string{"acme", "left", "right", "apart"} {
				if strings.Contains(got, `"guest-`+guest+`"`) != slices.Contains(want.guests, guest) {
					t.Errorf("%s shows of %s: %s", account, guest, got)
				}
			}
		}
		var ledger struct{ Objects []cumulusEntry }
		if err := json.Unmarshal([]byte(f.asks(t, account, cloudSigmaLedger, "")), &ledger); err != nil || len(ledger.Objects) != len(want.guests) {
			t.Errorf("%s has %d entries, %v, want %d", account, len(ledger.Objects), err, len(want.guests))
		}
	}
}

// Where plans price a resource differently, an account sees the price of its own.
func TestCloudSigma_PricesAreThoseOfTheAccountsPlan(t *testing.T) {
	f := &cumulus{book: cumulusBook()}
	version := &f.book.Versions[0]
	dear := version.Plans[0]
	dear.ID, dear.Prices = "dear", slices.Clone(dear.Prices[:1])
	burst := dear.Prices[0].Model.(pricing.Burst)
	burst.Levels = []pricing.LevelPrice{{Level: 1, Unit: money.MustAmount("0.5")}}
	dear.Prices[0].Model = burst
	version.Plans = append(version.Plans, dear)
	f.registry, _ = pricing.NewRegistry(
		[]pricing.Account{{ID: "cheap", Bills: true, Currency: "USD"}, {ID: "dear", Bills: true, Currency: "USD"}},
		[]pricing.Subscription{{ID: "c", Account: "cheap", Plan: "cloud", Start: f.AsOf().AddDate(0, -1, 0)}, {ID: "d", Account: "dear", Plan: "dear", Start: f.AsOf().AddDate(0, -1, 0)}}, nil)
	for account, want := range map[string]string{
		"cheap": "cpu 0 0.00969000000000000000, cpu 1 0.01938000000000000000, dssd 0 0.14000000000000000000",
		"dear":  "cpu 1 0.50000000000000000000, dssd 0 0.14000000000000000000",
	} {
		var got struct {
			Objects []struct {
				Resource, Price string
				Level           int
			}
		}
		if err := json.Unmarshal([]byte(f.asks(t, account, cloudSigmaPricing, "")), &got); err != nil {
			t.Fatal(err)
		}
		var prices []string
		for _, p := range got.Objects {
			prices = append(prices, fmt.Sprint(p.Resource, " ", p.Level, " ", p.Price))
		}
		if strings.Join(prices, ", ") != want {
			t.Errorf("%s sees %s, want %s", account, prices, want)
		}
	}
}
