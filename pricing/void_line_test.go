package pricing_test

import (
	"slices"
	"testing"
	"time"

	"daybook/pricing"
)

// A line that somebody has taken back is owed no more, also while its usage stands.
func TestCorrect_WhatIsVoidIsTakenBackOnce(t *testing.T) {
	w := oneAccount(metered("used", "sum", unitOf("2")), fixedFee("fee", "20"))
	w.use("s", "sum", "2026-10-05T00:00:00Z", "3")
	ch := chained(w, pricing.NextInvoice)
	ch.close(t, month("2026-10"))
	truths, _ := ch.owes(t, ch.closings[0])
	p := payer{"acme", "CHF"}
	truth, issued := truths[p], ch.issued(month("2026-10"), p)
	void := truth.Invoice.Lines[slices.IndexFunc(truth.Invoice.Lines, func(l pricing.Line) bool { return l.Price == "used" })]
	closing := ch.closings[0]
	closing.Void = pricing.VoidLines{}
	closing.Void.Add(void.Key())
	truths, _ = ch.owes(t, closing)
	truth = truths[p]
	got, err := pricing.Correct(truth, issued)
	if err != nil || len(got.Lines) != 1 || amounts(got.Lines[0]) != "-3 -6 0 -6" {
		t.Fatalf("%v, %+v, want 3 units and 6.00 back", err, got.Lines)
	}
	if net := got.Net(); net.String() != "-6" {
		t.Errorf("the net is %s, want -6", net)
	}
	issued.Lines = append(issued.Lines, got.Lines...)
	if again, err := pricing.Correct(truth, issued); err != nil || len(again.Lines) > 0 {
		t.Errorf("%v, it is taken back again: %+v", err, again.Lines)
	}
}

// Each of these lines beside one that is void: a subscription's, for October.
func TestVoidLines_HoldACharge(t *testing.T) {
	at := func(text string) time.Time {
		out, err := time.Parse(time.DateOnly, text)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	base := pricing.Line{
		Account: "acme", Subscription: "s", Plan: "p", Price: "fee", Grouping: "{}", Unit: "month",
		PeriodStart: at("2026-10-01"), PeriodEnd: at("2026-11-01"),
	}
	pooled := func(l *pricing.Line) { l.Subscription = "" }
	both := func(changes ...func(l *pricing.Line)) func(l *pricing.Line) {
		return func(l *pricing.Line) {
			for _, change := range changes {
				change(l)
			}
		}
	}
	given := func(l *pricing.Line) { l.GivenBack = true }
	for _, c := range []struct {
		what       string
		void, line func(l *pricing.Line)
		held       bool
	}{
		{"itself", nil, nil, true},
		{"another account's, whose the subscription is now", nil, func(l *pricing.Line) { l.Account = "globex" }, true},
		{"a part of its time", nil, func(l *pricing.Line) { l.PeriodStart, l.PeriodEnd = at("2026-10-05"), at("2026-10-21") }, true},
		{"what is left of it", nil, both(given, func(l *pricing.Line) { l.PeriodStart = at("2026-10-05") }), true},
		{"from before", nil, func(l *pricing.Line) { l.PeriodStart = at("2026-09-30") }, false},
		{"until later", nil, func(l *pricing.Line) { l.PeriodEnd = at("2026-11-02") }, false},
		{"another subscription's", nil, func(l *pricing.Line) { l.Subscription = "s2" }, false},
		{"a pooled one", nil, pooled, false},
		{"of another plan", nil, func(l *pricing.Line) { l.Plan = "p2" }, false},
		{"of another price", nil, func(l *pricing.Line) { l.Price = "used" }, false},
		{"of another group", nil, func(l *pricing.Line) { l.Grouping = `{"region":"a"}` }, false},
		{"in another unit", nil, func(l *pricing.Line) { l.Unit = "day" }, false},
		{"what was given back, of what is left", given, given, true},
		{"what was given back, of the charge", given, nil, false},
		{"a pooled one, itself", pooled, pooled, true},
		{"a pooled one, of another account's", pooled, both(pooled, func(l *pricing.Line) { l.Account = "globex" }), false},
		{"a pooled one, of a subscription with the account's name", pooled, func(l *pricing.Line) { l.Subscription = "acme" }, false},
	} {
		void, line := base, base
		if c.void != nil {
			c.void(&void)
		}
		if c.line != nil {
			c.line(&line)
		}
		lines := pricing.VoidLines{}
		lines.Add(void.Key())
		lines.Add(void.Key())
		if got := lines.Hold(&line); got != c.held {
			t.Errorf("%s is void: %t, want %t", c.what, got, c.held)
		}
		for name, keys := range lines {
			if len(keys) != 1 {
				t.Errorf("%s has %d charges of %q, want the one", c.what, len(keys), name)
			}
		}
	}
	if pricing.VoidLines(nil).Hold(&base) {
		t.Error("without any, one is void")
	}
}
