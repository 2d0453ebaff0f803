package pricing_test

import (
	"slices"
	"testing"

	"daybook/pricing"
	"daybook/pricing/money"
)

// chained begins a chain of closings of a world, the first of them October 2026.
func chained(w *world, mode pricing.CorrectionMode) *chain {
	return &chain{
		w: w, mode: mode, since: month("2026-10"),
		invoices: map[pricing.Month][]pricing.Invoice{}, parked: map[pricing.Month]map[string]bool{},
	}
}

func month(text string) pricing.Month {
	m, err := pricing.ParseMonth(text)
	if err != nil {
		panic(err)
	}
	return m
}

// amounts writes a line's quantity, subtotal, discount and total.
func amounts(l pricing.Line) string {
	return l.Quantity.String() + " " + texts(l.Subtotal, l.Discount, l.Total)
}

// wantCorrections compares an invoice's corrections: price, quantity, subtotal,
// discount and total.
func wantCorrections(t *testing.T, i pricing.Invoice, want ...string) {
	t.Helper()
	var got []string
	for _, l := range i.Lines {
		if l.Corrects != (pricing.Corrects{}) {
			got = append(got, l.Price+" "+amounts(l))
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("corrections of %s %s are %q, want %q", i.Kind, i.ID, got, want)
	}
}

// docs/billing-rules.md, Corrections: the figures of its table.
func TestCorrect_OfALateEvent(t *testing.T) {
	graduated := metered("used", "sum", pricing.Graduated{Tiers: steps("400", "0.40", "", "0.30")})
	volume := metered("used", "sum", pricing.Volume{Tiers: steps("10", "0.50", "", "0.40")})
	least, most := metered("used", "sum", unitOf("2.50")), metered("used", "sum", unitOf("0.10"))
	least.Adjust, most.Adjust = []pricing.Adjustment{minimumCharge("50")}, []pricing.Adjustment{maximumCharge("50")}
	for _, c := range []struct {
		name       string
		price      pricing.Price
		used, late string
		issued     string
		want       string
	}{
		{"graduated", graduated, "390", "20", "390 156 0 156", "used 20 7 0 7"},     // 10 × 0.40 + 10 × 0.30
		{"volume", volume, "10", "1", "10 5 0 5", "used 1 -0.6 0 -0.6"},             // 11 × 0.40 = 4.40
		{"minimum", least, "18", "3", "18 45 -5 50", "used 3 7.5 5 2.5"},            // 21 × 2.50 = 52.50
		{"below the minimum", least, "18", "1", "18 45 -5 50", "used 1 2.5 2.5 0"},  // 47.50, raised to 50.00 as before
		{"capped", most, "480", "40", "480 48 0 48", "used 40 4 2 2"},               // 52.00, held to 50.00
		{"withdrawn", graduated, "410", "-20", "410 163 0 163", "used -20 -7 0 -7"}, // as graduated, the other way
		{"nothing before", graduated, "0", "5", "0 0 0 0", "used 5 2 0 2"},          // no line was issued
		{"all of it", volume, "11", "-11", "11 4.4 0 4.4", "used -11 -4.4 0 -4.4"},  // no line is owed
	} {
		t.Run(c.name, func(t *testing.T) {
			w := oneAccount(c.price, fixedFee("fee", "20"))
			w.use("s", "sum", "2026-10-05T00:00:00Z", c.used)
			ch := chained(w, pricing.NextInvoice)
			first := ch.close(t, month("2026-10")).Invoices[0]
			if l := first.Lines[0]; l.Price == "used" && amounts(l) != c.issued {
				t.Errorf("October has %s, want %s", amounts(l), c.issued)
			}
			if c.late == "-11" {
				w.usage = nil
			} else {
				w.use("s", "sum", "2026-10-06T00:00:00Z", c.late)
			}
			second := ch.close(t, month("2026-11")).Invoices
			if len(second) != 1 || second[0].Kind != pricing.KindInvoice {
				t.Fatalf("November has %+v, want one invoice: its fee of 20.00 is above the corrections", second)
			}
			wantCorrections(t, second[0], c.want)
			l := second[0].Lines[len(second[0].Lines)-1]
			if l.For != month("2026-10") || l.Corrects != (pricing.Corrects{Closing: month("2026-10"), Invoice: first.ID}) || !l.PeriodEnd.Equal(at("2026-11-01T00:00:00Z")) {
				t.Errorf("the line is for %v, corrects %v and ends at %v; want October's invoice %s", l.For, l.Corrects, l.PeriodEnd, first.ID)
			}
			if second[0].PeriodStart != at("2026-11-01T00:00:00Z") {
				t.Errorf("November's invoice begins at %v: corrections move no period", second[0].PeriodStart)
			}
			wantCorrections(t, ch.close(t, month("2026-12")).Invoices[0])
			ch.check(t)
		})
	}
}

// Two differences of rounded lines add up to the cent, where rounding their
// difference would not: 0.004 owed before and 0.008 now are 0.00 and 0.01.
func TestCorrect_IsTheDifferenceOfRoundedLines(t *testing.T) {
	w := oneAccount(metered("used", "sum", unitOf("0.004")))
	w.use("s", "sum", "2026-10-05T00:00:00Z", "1")
	ch := chained(w, pricing.NextInvoice)
	ch.close(t, month("2026-10"))
	w.use("s", "sum", "2026-10-06T00:00:00Z", "1")
	wantCorrections(t, ch.close(t, month("2026-11")).Invoices[0], "used 1 0.01 0 0.01")
}

func TestCorrect_RefusesTwoPayers(t *testing.T) {
	w := oneAccount(fixedFee("fee", "20"))
	truth := pricing.Truth{Invoice: w.closed(t, "2026-10", true).Invoices[0]}
	chf := money.Currency{Code: "CHF", Digits: 2}
	for _, issued := range []pricing.Issued{{BillingAccount: "globex", Currency: chf}, {BillingAccount: "acme", Currency: money.Currency{Code: "EUR", Digits: 2}}} {
		if _, err := pricing.Correct(truth, issued); err == nil {
			t.Errorf("acme's invoice in CHF corrects %s's in %s", issued.BillingAccount, issued.Currency.Code)
		}
	}
}

// What an account owes that a closing parked is billed once it is mended, as
// ordinary lines: nothing was issued, so nothing is corrected.
func TestCorrect_WhoWasParkedIsBilledForTheFirstTime(t *testing.T) {
	w := oneAccount(metered("used", "sum", unitOf("2")), fixedFee("fee", "20"))
	w.use("s", "sum", "2026-10-05T00:00:00Z", "3")
	ch := chained(w, pricing.NextInvoice)
	w.subs[0].Plan = "gone"
	if first := ch.close(t, month("2026-10")); len(first.Invoices) > 0 {
		t.Fatalf("October has %+v of a parked account", first.Invoices)
	}
	w.subs[0].Plan = "p"
	got := ch.close(t, month("2026-11")).Invoices
	if len(got) != 1 || got[0].Kind != pricing.KindInvoice || got[0].Total.String() != "46" {
		t.Fatalf("November has %+v, want an invoice of 26.00 for October and 20.00", got)
	}
	wantCorrections(t, got[0])
	if n := slices.IndexFunc(got[0].Lines, func(l pricing.Line) bool { return l.Price == "used" && l.For == month("2026-10") }); n < 0 || amounts(got[0].Lines[n]) != "3 6 0 6" || got[0].Lines[n].Description != "used" {
		t.Errorf("lines are %+v, want one of October's usage as it was priced", got[0].Lines)
	}
	if got[0].PeriodStart != at("2026-10-01T00:00:00Z") {
		t.Errorf("the invoice begins at %v, want October: what is billed first counts", got[0].PeriodStart)
	}
	if third := ch.close(t, month("2026-12")).Invoices[0]; len(third.Lines) != 1 {
		t.Errorf("December has %d lines, want its fee alone", len(third.Lines))
	}
}

// What cannot be told today corrects nothing: neither the account's lines nor a
// pool's of the tree.
func TestCorrect_WhoCannotBeRatedIsLeftAlone(t *testing.T) {
	pooled := metered("used", "sum", unitOf("2"))
	pooled.Pool = pricing.PoolBillingAccount
	w := oneAccount(pooled)
	w.accounts = append(w.accounts, account("below", "acme"))
	w.subs = append(w.subs, pricing.Subscription{ID: "b", Account: "below", Plan: "p", Start: w.subs[0].Start})
	w.use("s", "sum", "2026-10-05T00:00:00Z", "3")
	ch := chained(w, pricing.NextInvoice)
	ch.close(t, month("2026-10"))
	w.subs[1].Plan = "gone"
	w.book.Versions[0].Plans = append(w.book.Versions[0].Plans, pricing.Plan{ID: "other", Cycle: w.plan().Cycle, Prices: []pricing.Price{fixedFee("other", "7")}})
	w.subs = append(w.subs, pricing.Subscription{ID: "o", Account: "acme", Plan: "other", Start: at("2026-11-01T00:00:00Z")})
	truths, _ := ch.owes(t, ch.closings[0])
	truth := truths[payer{"acme", "CHF"}]
	if !truth.Parked["below"] {
		t.Fatalf("parked are %v, want the account below", truth.Parked)
	}
	got, err := pricing.Correct(truth, ch.issued(month("2026-10"), payer{"acme", "CHF"}))
	if err != nil || len(got.Lines) > 0 {
		t.Errorf("%v, a pool that lacks an account is corrected: %+v", err, got.Lines)
	}
}
