package pricing_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/pricing/pricingtest"
)

// polls returns the burst polls of all trees.
func (w *world) polls(t testing.TB, from, to string) []pricing.BurstPoll {
	t.Helper()
	registry, _ := pricing.NewRegistry(w.accounts, w.subs, w.resources)
	registry.AddLevels(w.levels)
	r, err := pricing.NewRaters([]*pricing.Book{w.book}, registry)
	if err != nil {
		t.Fatal(err)
	}
	var out []pricing.BurstPoll
	for _, tree := range r.Trees() {
		out = append(out, r.BurstPolls(tree, pricing.TreeUsage{Rows: w.usageOf(tree)}, day(from), day(to), day(to).AddDays(1).UTC())...)
	}
	return out
}

// billing-api-vectors.md 39, 41, 45 and 47, each as a poll of its own; the
// amounts to 20 places are those of the ledger.
func TestBurstPolls_CostWhatTheLedgerSays(t *testing.T) {
	schedule := []pricing.LevelChange{{From: at("2014-06-01T00:00:00Z"), Level: 1}, {From: at("2014-06-05T06:00:00Z"), Level: 2}}
	w := bursting(
		metered("cpu_burst", "cpu", pricing.Burst{Over: "cpu", PerSeconds: 3600, Seconds: "seconds", Levels: levels("0.00969", "0.01938", "0.01989"), Schedule: schedule}),
		metered("dssd_burst", "dssd", pricing.Burst{
			Over: pricing.OverSubscribed, PerSeconds: 2592000, Seconds: "seconds", Levels: levels("0.14", "0.28"),
			Schedule: []pricing.LevelChange{{From: at("2014-06-01T00:00:00Z"), Level: 1}},
		}),
	)
	w.subs[0].Start = at("2014-01-01T00:00:00Z")
	w.resources = []pricing.Resource{{ID: "c", Account: "acme", Kind: "cpu", Quantity: money.QuantityOf(8000), Created: at("2014-02-20T12:00:00Z")}}
	w.poll("cpu", "2014-06-05T05:31:06Z", "15500", "133")
	w.poll("cpu", "2014-06-05T06:31:06Z", "16500", "135")
	w.poll("cpu", "2014-06-05T08:31:06Z", "20000", "137")
	w.poll("cpu", "2014-06-05T08:36:06Z", "8000", "300")
	w.poll("dssd", "2014-06-05T09:06:06Z", "4831838208", "300")
	want := []struct {
		resource, polled, beyond, amount string
		seconds, level                   int64
	}{
		{"cpu", "2014-06-05T05:31:06Z", "7500", "0.00536987500000000000", 133, 1},
		{"cpu", "2014-06-05T06:31:06Z", "8500", "0.00633993750000000000", 135, 2},
		{"cpu", "2014-06-05T08:31:06Z", "12000", "0.00908310000000000000", 137, 2},
		{"cpu", "2014-06-05T08:36:06Z", "0", "0", 300, 0},
		{"dssd", "2014-06-05T09:06:06Z", "4831838208", "0.00014583333333333333", 300, 1},
	}
	got := w.polls(t, "2014-06-05", "2014-06-05")
	if len(got) != len(want) {
		t.Fatalf("%d polls, want %d: %+v", len(got), len(want), got)
	}
	for i, c := range want {
		p := got[i]
		if p.Resource != c.resource || !p.Polled.Equal(at(c.polled)) || p.Beyond.Cmp(money.MustQuantity(c.beyond).Fraction()) != 0 ||
			p.Amount.Amount().Cmp(money.MustAmount(c.amount)) != 0 || p.Seconds.Cmp(money.Whole(c.seconds)) != 0 || p.Level != c.level {
			t.Errorf("poll %d is %+v, want %+v", i, p, c)
		}
	}
	if before := w.polls(t, "2014-06-04", "2014-06-04"); len(before) != 0 {
		t.Errorf("the day before has polls: %+v", before)
	}
}

// What a price's polls of a period cost adds up to its line, allowance and
// usage discount included: both are exact until they are cut to 20 places.
func TestBurstPolls_AddUpToTheLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		price := metered("burst", "cpu", pricing.Burst{
			Over: pricing.OverSubscribed, PerSeconds: rapid.SampledFrom([]int64{7, 3600, 2592000}).Draw(t, "per"), Seconds: "seconds",
			Levels:   levels(pricingtest.Amounts(8, false).Draw(t, "first").String(), pricingtest.Amounts(8, false).Draw(t, "second").String()),
			Schedule: []pricing.LevelChange{{From: at("2026-10-01T00:00:00Z")}, {From: at("2026-10-02T00:00:00Z"), Level: 1}},
		})
		if rapid.Bool().Draw(t, "allowance") {
			price.Allowance = money.MustQuantity("0.003")
		}
		if rapid.Bool().Draw(t, "usage discount") {
			price.Adjust = []pricing.Adjustment{{Kind: pricing.UsageDiscount, Quantity: money.MustQuantity("0.002")}}
		}
		if rapid.Bool().Draw(t, "pool") {
			price.Pool = pricing.PoolBillingAccount
		}
		w := bursting(price)
		w.subs[0].Quantities = map[string]money.Quantity{"burst": money.QuantityOf(rapid.Int64Range(0, 300).Draw(t, "subscribed"))}
		begin := at("2026-10-01T00:00:00Z")
		for range rapid.IntRange(1, 12).Draw(t, "polls") {
			when := begin.Add(time.Duration(rapid.IntRange(0, 4*86400).Draw(t, "second")) * time.Second)
			w.poll("cpu", when.Format(time.RFC3339), pricingtest.Quantities(3, false).Draw(t, "used").String(), rapid.SampledFrom([]string{"300", "299", "137", ""}).Draw(t, "seconds"))
		}
		rows, err := rater(t, w).Daily(pricing.Tree{BillingAccount: "acme", Accounts: []string{"acme"}}, pricing.TreeUsage{Rows: w.usage}, day("2026-10-31"), at("2026-11-01T00:00:00Z"))
		if err != nil || len(rows.Parked) > 0 {
			t.Fatalf("%+v, %v", rows.Parked, err)
		}
		var line money.Amount
		for _, row := range rows.Rows {
			if row.Scope == pricing.ScopeBilled {
				line = line.Add(row.CumulativeSubtotal)
			}
		}
		registry, _ := pricing.NewRegistry(w.accounts, w.subs, nil)
		r, err := pricing.NewRaters([]*pricing.Book{w.book}, registry)
		if err != nil {
			t.Fatal(err)
		}
		var sum money.Fraction
		for _, p := range r.BurstPolls(r.Trees()[0], pricing.TreeUsage{Rows: w.usage}, day("2026-10-01"), day("2026-10-31"), at("2026-11-01T00:00:00Z")) {
			sum = sum.Add(p.Amount)
		}
		if sum.Amount().Cmp(line) != 0 {
			t.Fatalf("polls cost %s, the line %s", sum.Amount(), line)
		}
	})
}

// The cover of an instant is that of the polls that begin then.
func TestBurstCovers_AreWhatIsSubscribedAtAnInstant(t *testing.T) {
	w := bursting(
		metered("burst", "dssd", pricing.Burst{Over: "dssd", PerSeconds: 300, Levels: levels("1.00")}),
		metered("peaks", "peak", pricing.Burst{Over: pricing.OverSubscribed, PerSeconds: 300, Levels: levels("1.00")}),
	)
	w.subs[0].Quantities = map[string]money.Quantity{"peaks": money.QuantityOf(5)}
	w.resources = []pricing.Resource{
		{ID: "a", Account: "acme", Kind: "dssd", Quantity: money.MustQuantity("32212254720"), Created: at("2026-10-01T00:00:00Z"), Deleted: at("2026-10-03T00:00:00Z")},
		{ID: "b", Account: "acme", Kind: "dssd", Quantity: money.MustQuantity("1073741824"), Created: at("2026-10-02T00:00:00Z")},
	}
	registry, _ := pricing.NewRegistry(w.accounts, w.subs, w.resources)
	r, err := pricing.NewRaters([]*pricing.Book{w.book}, registry)
	if err != nil {
		t.Fatal(err)
	}
	for when, want := range map[string]string{
		"2026-10-01T12:00:00Z": "32212254720", "2026-10-02T00:00:00Z": "33285996544", "2026-10-03T00:00:00Z": "1073741824",
	} {
		got := r.BurstCovers(r.Trees()[0], at(when))
		if len(got) != 2 || got[0].Resource != "dssd" || got[1].Resource != "peak" ||
			got[0].Covered.Cmp(money.MustQuantity(want).Fraction()) != 0 || got[1].Covered.Cmp(money.Whole(5)) != 0 {
			t.Errorf("at %s: %+v, want %s of dssd and 5 of peak", when, got, want)
		}
	}
}

// A period that begins on the 15th is needed from there on, and what was used just
// before it sets a level.
func TestBurstWindow_IsTheWholePeriod(t *testing.T) {
	w := bursting(metered("burst", "cpu", pricing.Burst{Over: pricing.OverSubscribed, PerSeconds: 300, Levels: levels("1.00")}))
	w.subs[0].Anchor = 15
	registry, _ := pricing.NewRegistry(w.accounts, w.subs, nil)
	r, err := pricing.NewRaters([]*pricing.Book{w.book}, registry)
	if err != nil {
		t.Fatal(err)
	}
	for from, want := range map[string]string{"2026-10-20": "2026-10-14", "2026-10-15": "2026-10-14", "2026-10-14": "2026-09-14"} {
		if got := r.BurstWindow(r.Trees()[0], day(from)); got != day(want) {
			t.Errorf("from %s on, usage is needed from %s, want %s", from, got, want)
		}
	}
	if got := r.BurstWindow(pricing.Tree{Accounts: []string{"nobody"}}, day("2026-10-20")); got != day("2026-10-19") {
		t.Errorf("without subscriptions from %s", got)
	}
}
