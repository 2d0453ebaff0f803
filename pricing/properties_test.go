package pricing_test

import (
	"fmt"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/pricing/pricingtest"
)

// merged joins the states of each day, meter, dimensions and holder into one, as
// a rollup does that sees their events together. Levels and counters stay
// apart: what lies between their states would be added up too.
func merged(states []pricing.UsageState) []pricing.UsageState {
	var out []pricing.UsageState
	at := map[string]int{}
	for _, u := range states {
		key := fmt.Sprintf("%s %s %s %s %s", u.Day, u.Meter, u.Dimensions, u.Account, u.Subscription)
		i, known := at[key]
		if !known || u.Meter == "storage" || u.Meter == "counter" {
			at[key] = len(out)
			out = append(out, u)
			continue
		}
		m := &out[i]
		m.Sum, _ = m.Sum.Add(u.Sum)
		m.Events += u.Events
		if u.Min.Cmp(m.Min) < 0 {
			m.Min = u.Min
		}
		if u.Max.Cmp(m.Max) > 0 {
			m.Max = u.Max
		}
		if u.FirstTime < m.FirstTime {
			m.First, m.FirstTime = u.First, u.FirstTime
		}
		if u.LastTime > m.LastTime {
			m.Last, m.LastTime = u.Last, u.LastTime
		}
	}
	return out
}

// However the events of a day are split over files, and so over states, the day
// and the month cost the same.
func TestRater_SplittingUsageChangesNothing(t *testing.T) {
	joined := 0
	rapid.Check(t, func(t *rapid.T) {
		w := randomAccount(t)
		// More of what is there already, so that days have several states.
		for _, u := range w.usage {
			if u.Meter != "storage" && u.Meter != "counter" && chance(t, "again") {
				u.FirstTime, u.LastTime = u.FirstTime+1, u.LastTime+1
				w.usage = append(w.usage, u)
			}
		}
		date := day("2018-09-10").AddDays(rapid.IntRange(0, 130).Draw(t, "day"))
		rate := func() string {
			registry, _ := pricing.NewRegistry(w.accounts, w.subs, w.resources)
			r, err := pricing.NewRater(w.book, registry)
			if err != nil {
				t.Fatal(err)
			}
			var text string
			for _, tree := range r.Trees() {
				daily, err := r.Daily(tree, pricing.TreeUsage{Rows: w.usageOf(tree)}, date, date.AddDays(7).UTC())
				if err != nil {
					t.Fatal(err)
				}
				closed, err := r.Close(tree, pricing.TreeUsage{Rows: w.usageOf(tree)}, pricing.Closing{Month: pricing.MonthOf(date), AsOf: date.AddDays(60).UTC()})
				if err != nil {
					t.Fatal(err)
				}
				text += fmt.Sprintf("%+v\n%+v\n", daily, closed)
			}
			return text
		}
		split := rate()
		before := len(w.usage)
		w.usage = merged(w.usage)
		joined += before - len(w.usage)
		if whole := rate(); whole != split {
			t.Fatalf("split\n%s\nwhole\n%s", split, whole)
		}
	})
	if joined == 0 {
		t.Error("no day had more than one state")
	}
}

// A version that changes nothing splits a period in two. What is owed for each
// unit, each second or each event adds up to the whole, but for the 20th place of
// the divisions; tiers and blocks begin anew and are not asked (docs/billing-rules.md,
// Periods and closings).
func TestClose_SplittingAPeriodAddsUpToTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := oneAccount(
			metered("sum", "sum", unitOf("0.0317")), metered("storage", "storage", unitOf("0.05")), metered("count", "count", unitOf("0.011")),
			metered("percent", "sum", pricing.Percentage{Rate: money.MustQuantity("1.3"), PerEvent: money.MustAmount("0.30")}),
			metered("places", "sum", matrixOf("a", "x", "0.7", "b", "x", "0.03")),
			fixedFee("fee", "31.31"), monthly("7.77"),
		)
		w.accounts[0].TimeZone = rapid.SampledFrom(oddZones()).Draw(t, "zone")
		created := at("2018-09-20T00:00:00Z").AddDate(0, 0, rapid.IntRange(0, 40).Draw(t, "created"))
		w.resources = []pricing.Resource{vm("r", created.Format("2006-01-02T15:04:05Z"), "")}
		for range rapid.IntRange(0, 12).Draw(t, "events") {
			when := fmt.Sprintf("2018-10-%02dT%02d:30:00Z", rapid.IntRange(2, 30).Draw(t, "day"), rapid.IntRange(0, 23).Draw(t, "hour"))
			meter := rapid.SampledFrom([]string{"sum", "storage", "count"}).Draw(t, "meter")
			w.use("s", meter, when, fmt.Sprint(rapid.IntRange(0, 4000).Draw(t, "quantity")), rapid.SampledFrom([]string{`{"region":"x","type":"a"}`, `{"region":"x","type":"b"}`}).Draw(t, "where"))
		}
		exact := func() (sum *big.Rat, lines int64) {
			sum = new(big.Rat)
			registry, _ := pricing.NewRegistry(w.accounts, w.subs, w.resources)
			r, err := pricing.NewRater(w.book, registry)
			if err != nil {
				t.Fatal(err)
			}
			month := pricing.MonthOf(day("2018-10-01"))
			got, err := r.Close(r.Trees()[0], pricing.TreeUsage{Rows: w.usage}, pricing.Closing{Month: month, AsOf: at("2018-11-05T00:00:00Z")})
			if err != nil || len(got.Parked) > 0 {
				t.Fatal(err, got.Parked)
			}
			for _, i := range got.Invoices {
				for _, l := range i.Lines {
					sum.Add(sum, pricingtest.Rat(l.ExactSubtotal))
					lines++
				}
			}
			return sum, lines
		}
		whole, _ := exact()
		w.addVersion(day("2018-10-02").AddDays(rapid.IntRange(0, 28).Draw(t, "split")).String(), func(*pricing.Plan) {})
		parts, lines := exact()
		gap := new(big.Rat).Sub(whole, parts)
		// Half of the 20th place for each line, and for each of a line's parts.
		if gap.Abs(gap).Cmp(new(big.Rat).Mul(big.NewRat(2*lines+2, 1), pricingtest.RatOf("0.00000000000000000001"))) > 0 {
			t.Fatalf("the whole is %s, its parts make %s", whole.FloatString(25), parts.FloatString(25))
		}
	})
}

// Accounts of other currencies than the book's are parked, and every row and
// invoice that there is has the book's. A pool stands at the account that pays for
// others, which need not be in their currency.
func TestRater_CurrenciesNeverMix(t *testing.T) {
	parked := 0
	rapid.Check(t, func(t *rapid.T) {
		w := randomAccount(t)
		foreign := map[string]bool{}
		for i := range w.accounts {
			w.accounts[i].Currency = rapid.SampledFrom([]string{"", "CHF", "CHF", "EUR", "JPY"}).Draw(t, "currency")
			c := w.accounts[i].Currency
			foreign[w.accounts[i].ID] = c != "" && c != "CHF"
		}
		registry, _ := pricing.NewRegistry(w.accounts, w.subs, w.resources)
		r, err := pricing.NewRater(w.book, registry)
		if err != nil {
			t.Fatal(err)
		}
		date := day("2018-10-20")
		for _, tree := range r.Trees() {
			daily, err := r.Daily(tree, pricing.TreeUsage{Rows: w.usageOf(tree)}, date, date.AddDays(7).UTC())
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range daily.Rows {
				if row.Currency != "CHF" || foreign[row.Account] && row.Subscription != "" {
					t.Fatalf("account %s has a row in %s", row.Account, row.Currency)
				}
			}
			closed, err := r.Close(tree, pricing.TreeUsage{Rows: w.usageOf(tree)}, pricing.Closing{Month: pricing.MonthOf(date), AsOf: date.AddDays(60).UTC()})
			if err != nil {
				t.Fatal(err)
			}
			parked += len(closed.Parked)
			for _, i := range closed.Invoices {
				for _, l := range i.Lines {
					if i.Currency.Code != "CHF" || foreign[l.Account] && l.Subscription != "" {
						t.Fatalf("account %s has a line in %s", l.Account, i.Currency.Code)
					}
				}
			}
		}
	})
	if parked == 0 {
		t.Error("no account was parked for its currency")
	}
}
