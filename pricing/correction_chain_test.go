package pricing_test

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"daybook/pricing"
	"daybook/pricing/pricingtest"
)

// chain is what closings have issued, as their tables would hold it.
type chain struct {
	w        *world
	since    pricing.Month // the first closing
	funds    pricing.Funds
	mode     pricing.CorrectionMode
	closings []pricing.Closing
	invoices map[pricing.Month][]pricing.Invoice // by the closing that issued them
	parked   map[pricing.Month]map[string]bool   // and that nothing was billed to since
	opening  pricing.Opening
	billed   pricing.Coverage
	held     []pricing.HeldAnchor
}

// payer is a billing account in a currency.
type payer struct{ account, currency string }

// rater prepares rating by what is known now.
func (c *chain) rater(t rapid.TB) (*pricing.Rater, *pricing.Registry) {
	registry, problems := pricing.NewRegistry(c.w.accounts, c.w.subs, c.w.resources)
	problems = append(problems, registry.AddFunds(c.funds, []string{c.w.book.Currency.Code}, c.w.book.Units(), c.w.book.QuantityUnits())...)
	if len(problems) > 0 {
		t.Fatalf("problems: %+v", problems)
	}
	registry, c.held = registry.HoldAnchors(c.held, c.billed)
	r, err := pricing.NewRater(c.w.book, registry)
	if err != nil {
		t.Fatal(err)
	}
	return r, registry
}

// owes closes a month by what is known now: its invoices by payer and the parked
// accounts of each tree.
func (c *chain) owes(t rapid.TB, closing pricing.Closing) (map[payer]pricing.Truth, pricing.ClosingResult) {
	r, registry := c.rater(t)
	out, all := map[payer]pricing.Truth{}, pricing.ClosingResult{}
	for _, tree := range r.Trees() {
		got, err := r.Close(tree, pricing.TreeUsage{Rows: c.w.usageOf(tree)}, closing)
		if err != nil {
			t.Fatal(err)
		}
		truth := pricing.Truth{Parked: map[string]bool{}}
		for _, p := range got.Parked {
			truth.Parked[p.Account] = true
			if p.Reason == "overlaps_billed" {
				t.Fatalf("closing %s: %+v", closing.Month, p)
			}
		}
		for _, i := range got.Invoices {
			truth.Invoice = i
		}
		out[payer{registry.BillingAccount(tree.BillingAccount), c.w.book.Currency.Code}] = truth
		all.Invoices, all.Parked = append(all.Invoices, got.Invoices...), append(all.Parked, got.Parked...)
	}
	return out, all
}

// issued gathers what stands in the tables of all closings for one of them.
func (c *chain) issued(m pricing.Month, p payer) pricing.Issued {
	out := pricing.Issued{Closing: m, BillingAccount: p.account, Currency: c.w.book.Currency, Parked: c.parked[m]}
	for issuer, invoices := range c.invoices {
		for _, i := range invoices {
			if i.BillingAccount != p.account {
				continue
			}
			if issuer == m && i.Kind == pricing.KindInvoice {
				out.Invoice = i.ID
			}
			for _, l := range i.Lines {
				if l.For == m || issuer == m && l.For == (pricing.Month{}) {
					out.Lines = append(out.Lines, l)
				}
			}
		}
	}
	return out
}

// close corrects every month before, closes one and settles it.
func (c *chain) close(t rapid.TB, m pricing.Month) pricing.Settlement {
	var corrections []pricing.Correction
	billed := c.billed
	for _, earlier := range c.closings {
		truths, _ := c.owes(t, earlier)
		for p, truth := range truths {
			got, err := pricing.Correct(truth, c.issued(earlier.Month, p))
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range got.Lines {
				if truth.Parked[l.Account] {
					t.Fatalf("closing %s: account %s cannot be rated, and is corrected: %+v", earlier.Month, l.Account, l)
				}
			}
			corrections = append(corrections, got)
			billed = billed.Plus(got.Lines...)
			for a := range c.parked[earlier.Month] {
				if !truth.Parked[a] && slices.ContainsFunc(got.Lines, func(l pricing.Line) bool { return l.Account == a }) {
					defer delete(c.parked[earlier.Month], a)
				}
			}
		}
	}
	closing := pricing.Closing{Month: m, AsOf: m.Next().First().AddDays(2).UTC(), First: len(c.closings) == 0, TermsDays: 30, Issuer: "Acme AG", Since: c.since}
	rated := closing
	rated.Billed = billed
	_, got := c.owes(t, rated)
	_, registry := c.rater(t)
	s, err := registry.Settle(closing, closing.Arrange(got.Invoices, corrections, c.mode, nil), c.opening)
	if err != nil || len(s.Parked) > 0 {
		t.Fatal(err, s.Parked)
	}
	ids := map[string]bool{}
	for _, i := range s.Invoices {
		if err := pricing.CheckInvoice(i); err != nil {
			t.Fatal(err)
		}
		if ids[i.ID] {
			t.Fatalf("invoice %s stands twice", i.ID)
		}
		ids[i.ID] = true
		c.billed = c.billed.Plus(i.Lines...)
	}
	c.closings, c.opening = append(c.closings, closing), pricing.Opening{Balances: s.Balances, Posted: s.Posted}
	c.invoices[m], c.parked[m] = s.Invoices, map[string]bool{}
	for _, p := range got.Parked {
		c.parked[m][p.Account] = true
	}
	return s
}

// charges sums lines by what they charge for, with the tax that prices contain, by
// fractions: quantity, subtotal and total.
func charges(lines []pricing.Line, leave func(pricing.Line) bool) map[string][3]*big.Rat {
	out := map[string][3]*big.Rat{}
	for _, l := range lines {
		if leave(l) {
			continue
		}
		key := fmt.Sprint(l.Account, "|", l.Subscription, "|", l.Plan, "|", l.Price, "|", l.Grouping, "|", l.PeriodStart.UTC(), "|", l.PeriodEnd.UTC(), "|", l.Unit, "|", l.GivenBack)
		sums, ok := out[key]
		if !ok {
			sums = [3]*big.Rat{new(big.Rat), new(big.Rat), new(big.Rat)}
		}
		for n, v := range []*big.Rat{pricingtest.Rat(l.Quantity), rat(l.Subtotal.Add(l.ContainedTax)), rat(l.Total.Add(l.ContainedTax))} {
			sums[n].Add(sums[n], v)
		}
		out[key] = sums
	}
	maps.DeleteFunc(out, func(_ string, v [3]*big.Rat) bool { return v[0].Sign() == 0 && v[1].Sign() == 0 && v[2].Sign() == 0 })
	return out
}

// check compares what is issued for every closing with what it owes, key by key.
func (c *chain) check(t rapid.TB) {
	for _, closing := range c.closings {
		truths, _ := c.owes(t, closing)
		for p, truth := range truths {
			issued := c.issued(closing.Month, p)
			unknown := func(l pricing.Line) bool {
				return truth.Parked[l.Account] || l.Subscription == "" && l.Account == p.account && len(truth.Parked) > 0
			}
			invoices := []pricing.Invoice{truth.Invoice}
			if len(truth.Invoice.Lines) > 0 { // into the currency, by what a closing does
				bare, _ := pricing.NewRegistry(c.w.accounts, c.w.subs, c.w.resources)
				s, err := bare.Settle(closing, []pricing.Invoice{copied(truth.Invoice)}, pricing.Opening{})
				if err != nil {
					t.Fatal(err)
				}
				invoices = s.Invoices
			}
			got, want := charges(issued.Lines, unknown), charges(invoices[0].Lines, unknown)
			if diff := differing(got, want); diff != "" {
				t.Fatalf("closing %s of %s: issued and corrected is not what is owed:\n%s", closing.Month, p.account, diff)
			}
			again, err := pricing.Correct(truth, issued)
			if err != nil || len(again.Lines) > 0 {
				t.Fatalf("closing %s of %s is corrected again: %v %+v", closing.Month, p.account, err, again.Lines)
			}
		}
	}
}

func copied(i pricing.Invoice) pricing.Invoice {
	i.Lines = slices.Clone(i.Lines)
	for n := range i.Lines {
		if u := i.Lines[n].InUnit; u != nil {
			unit := *u
			i.Lines[n].InUnit = &unit
		}
		i.Lines[n].Parts = nil
	}
	i.Own = nil
	return i
}

func differing(got, want map[string][3]*big.Rat) string {
	var out []string
	for _, key := range slices.Sorted(maps.Keys(got)) {
		if w, ok := want[key]; !ok {
			out = append(out, fmt.Sprintf("%s is issued with %v, and is not owed", key, got[key]))
		} else if got[key][0].Cmp(w[0]) != 0 || got[key][1].Cmp(w[1]) != 0 || got[key][2].Cmp(w[2]) != 0 {
			out = append(out, fmt.Sprintf("%s is issued with %v, want %v", key, got[key], w))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if _, ok := got[key]; !ok {
			out = append(out, fmt.Sprintf("%s is owed with %v, and is not issued", key, want[key]))
		}
	}
	return strings.Join(out, "\n")
}
