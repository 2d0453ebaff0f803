package pricing_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"daybook/pricing"
)

// ofTime is a line of subscription s for a time.
func ofTime(price, from, to string) pricing.Line {
	return pricing.Line{Account: "acme", Subscription: "s", Plan: "p", Price: price, PeriodStart: at(from + "T00:00:00Z"), PeriodEnd: at(to + "T00:00:00Z")}
}

func covers(c pricing.Coverage) []string {
	var out []string
	for _, k := range c.Rows() {
		out = append(out, fmt.Sprint(k.Price, " ", c[k].Start.Format(time.DateOnly), " ", c[k].End.Format(time.DateOnly)))
	}
	return out
}

func TestCoverage_GoesOnAndIsTakenBack(t *testing.T) {
	back := ofTime("ahead", "2026-10-20", "2026-11-01")
	back.GivenBack = true
	pool := ofTime("pool", "2026-10-01", "2026-11-01")
	pool.Subscription = ""
	var none pricing.Coverage
	c := none.Plus(ofTime("ahead", "2026-10-01", "2026-11-01"), ofTime("used", "2026-10-01", "2026-10-15"), pool)
	if got, want := covers(c), []string{"ahead 2026-10-01 2026-11-01", "used 2026-10-01 2026-10-15"}; !slices.Equal(got, want) {
		t.Errorf("covered are %q, want %q", got, want)
	}
	// In any order: the unused part is left, and what is billed from there on counts.
	if got, want := covers(c.Plus(back)), []string{"ahead 2026-10-01 2026-10-20", "used 2026-10-01 2026-10-15"}; !slices.Equal(got, want) {
		t.Errorf("covered are %q, want %q", got, want)
	}
	if got, want := covers(c.Plus(ofTime("ahead", "2026-10-20", "2026-12-01"), back)), []string{"ahead 2026-10-01 2026-12-01", "used 2026-10-01 2026-10-15"}; !slices.Equal(got, want) {
		t.Errorf("covered are %q, want %q", got, want)
	}
	if through := c.Through("s"); !through.Equal(at("2026-11-01T00:00:00Z")) {
		t.Errorf("s is billed through %v, want November", through)
	}
	if len(none) > 0 || len(covers(c)) != 2 {
		t.Error("a coverage that others came of was changed")
	}
}

// A period that is billed is not billed again by a line that is no correction;
// the account is parked, and others go on.
func TestClose_ParksWhoWouldBeBilledTwice(t *testing.T) {
	w := oneAccount(metered("used", "sum", unitOf("2")))
	w.accounts = append(w.accounts, account("below", "acme"))
	w.subs = append(w.subs, pricing.Subscription{ID: "b", Account: "below", Plan: "p", Start: w.subs[0].Start})
	w.use("s", "sum", "2026-10-05T00:00:00Z", "3")
	w.use("b", "sum", "2026-10-05T00:00:00Z", "4")
	c := pricing.Closing{Month: month("2026-10"), AsOf: at("2026-11-03T00:00:00Z"), Issuer: "Acme AG"}
	c.Billed = c.Billed.Plus(ofTime("used", "2026-09-01", "2026-10-01"))
	wantLines(t, w.closing(t, c), "used 6.00 6.00", "used 8.00 8.00")
	c.Billed = c.Billed.Plus(ofTime("used", "2026-10-01", "2026-10-02"))
	got := w.closing(t, c)
	wantLines(t, got, "used 8.00 8.00")
	if len(got.Parked) != 1 || got.Parked[0].Account != "acme" || got.Parked[0].Reason != "overlaps_billed" || got.Parked[0].Since != day("2026-10-01") {
		t.Errorf("parked are %+v, want acme for what overlaps on 1 October", got.Parked)
	}
}

// docs/billing-rules.md, Corrections: a changed anchor. Billed through 15 November
// by the 15th, then by the 20th.
func TestHoldAnchors_DoNotCutWhatIsBilledAnew(t *testing.T) {
	w := oneAccount(inAdvance("fee", "31"))
	w.subs[0].Start, w.subs[0].Anchor = at("2026-09-15T00:00:00Z"), 15
	ch := chained(w, pricing.NextInvoice)
	spans := func(m string) []string {
		var out []string
		for _, i := range ch.close(t, month(m)).Invoices {
			for _, l := range i.Lines {
				out = append(out, l.PeriodStart.Format(time.DateOnly)+" "+l.PeriodEnd.Format(time.DateOnly)+" "+l.Total.String())
			}
		}
		return out
	}
	want := func(m string, want ...string) {
		t.Helper()
		if got := spans(m); !slices.Equal(got, want) {
			t.Errorf("closing %s has %q, want %q", m, got, want)
		}
	}
	want("2026-10", "2026-10-15 2026-11-15 31")
	w.subs[0].Anchor = 20
	// From 15 November the 20th holds: five days of the 31 from 20 October, then a month.
	want("2026-11", "2026-11-15 2026-11-20 5", "2026-11-20 2026-12-20 31")
	w.subs[0].Anchor = 20
	want("2026-12", "2026-12-20 2027-01-20 31")
	if held := fmt.Sprint(ch.held); held != fmt.Sprint([]pricing.HeldAnchor{{Subscription: "s", Anchor: 15}, {Subscription: "s", From: at("2026-11-15T00:00:00Z"), Anchor: 20}}) {
		t.Errorf("held are %s", held)
	}
	ch.check(t)
	w.subs[0].Anchor = 0 // the plan's, the 1st
	// A month's first instant belongs to the closing before (Closings and invoices).
	want("2027-01", "2027-01-20 2027-02-01 12", "2027-02-01 2027-03-01 31")
}

// Nothing was billed: the registry's anchor holds from the start.
func TestHoldAnchors_OfWhatIsNotBilledTheLastOneHolds(t *testing.T) {
	registry, _ := pricing.NewRegistry([]pricing.Account{{ID: "acme", Bills: true}}, []pricing.Subscription{{ID: "s", Account: "acme", Plan: "p", Start: at("2026-09-15T00:00:00Z"), Anchor: 20}}, nil)
	registry, held := registry.HoldAnchors([]pricing.HeldAnchor{{Subscription: "s", Anchor: 15}, {Subscription: "gone", Anchor: 3}}, nil)
	if want := []pricing.HeldAnchor{{Subscription: "gone", Anchor: 3}, {Subscription: "s", Anchor: 20}}; !slices.Equal(held, want) {
		t.Errorf("held are %v, want %v", held, want)
	}
	if s := registry.Subscriptions[0]; s.Anchor != 20 || len(s.AnchorChanges) > 0 {
		t.Errorf("the subscription bills by %d and %v, want 20", s.Anchor, s.AnchorChanges)
	}
}
