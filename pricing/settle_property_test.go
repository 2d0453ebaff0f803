package pricing_test

import (
	"fmt"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/pricing/pricingtest"
)

// anyFunds draws credits, payments, adjustments and taxes of account acme, whose
// times lie around three months.
func anyFunds(t *rapid.T) pricing.Funds {
	when := func(what string) string {
		return rapid.SampledFrom([]string{
			"2026-09-15T00:00:00Z", "2026-10-01T00:00:00Z", "2026-10-31T23:59:59Z", "2026-11-01T00:00:00Z", "2026-11-10T00:00:00Z", "2027-03-01T00:00:00Z",
		}).Draw(t, what)
	}
	amount := func(what string) money.Amount {
		return money.MustAmount(rapid.StringMatching(`[1-9][0-9]{0,2}(\.[0-9]{1,4})?`).Draw(t, what))
	}
	var f pricing.Funds
	for i := range rapid.IntRange(0, 4).Draw(t, "credits") {
		g := grant(fmt.Sprint("credit", i), "1", "2026-09-15T00:00:00Z", "")
		g.Amount, g.Time, g.Priority = amount("credit"), at(when("given")), rapid.IntRange(0, 1).Draw(t, "priority")
		g.Kind = rapid.SampledFrom([]pricing.CreditKind{pricing.Promotional, pricing.Prepaid}).Draw(t, "kind")
		if expires := at(when("expires")); expires.After(g.Time) {
			g.Expires = expires
		}
		if rapid.Bool().Draw(t, "scoped") {
			g.Prices = []string{"fee1"}
		}
		g.Monthly = rapid.IntRange(0, 3).Draw(t, "monthly") == 0
		f.Credits = append(f.Credits, g)
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "payments") {
		p := payment(fmt.Sprint("payment", i), "1", when("paid"))
		p.Amount = amount("payment")
		f.Payments = append(f.Payments, p)
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "adjustments") {
		c := change(fmt.Sprint("change", i), "1", when("changed"))
		if c.Amount = amount("change"); rapid.Bool().Draw(t, "less") {
			c.Amount = c.Amount.Neg()
		}
		f.Adjustments = append(f.Adjustments, c)
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "taxes") {
		x := tax(fmt.Sprint("tax", i), "CH", rapid.StringMatching(`[0-9]{1,2}(\.[0-9]{1,3})?`).Draw(t, "rate"))
		x.Inclusive = rapid.Bool().Draw(t, "inclusive")
		if rapid.Bool().Draw(t, "of one price") {
			x.Prices = []string{"fee0"}
		}
		f.Taxes = append(f.Taxes, x)
	}
	return f
}

// booksOracle does slowly and in fractions what docs/billing-rules.md says of
// credits, taxes and balances, for one account in UTC.
type booksOracle struct {
	funds   pricing.Funds
	left    map[string]*big.Rat // credits that were given
	entered map[string]bool
	balance *big.Rat
}

func rat(a money.Amount) *big.Rat { return pricingtest.Rat(a) }

// month settles fees by price, in order, and returns total, credits, tax, balance
// applied and what is due.
func (o *booksOracle) month(m pricing.Month, fees []*big.Rat) []*big.Rat {
	from, end := m.First().UTC(), m.Next().First().UTC()
	usable := o.usable(m)
	paid := make([]*big.Rat, len(fees))
	for i, fee := range fees {
		paid[i] = new(big.Rat)
		for _, g := range usable {
			fits := g.Time.Before(end) && (g.Monthly || g.Expires.IsZero() || g.Expires.After(from))
			if !fits || len(g.Prices) > 0 && !slices.Contains(g.Prices, fmt.Sprint("fee", i)) {
				continue
			}
			use := pricingtest.Round(o.left[g.ID], 2, money.Down)
			if open := new(big.Rat).Sub(fee, paid[i]); use.Cmp(open) > 0 {
				use = open
			}
			paid[i].Add(paid[i], use)
			o.left[g.ID] = new(big.Rat).Sub(o.left[g.ID], use)
		}
	}
	total, credits, tax := new(big.Rat), new(big.Rat), o.taxes(fees, paid)
	for i, fee := range fees {
		total.Add(total, fee)
		credits.Add(credits, paid[i])
	}
	total.Sub(total, tax.inclusive)
	due := new(big.Rat).Add(new(big.Rat).Sub(total, credits), tax.all)
	applied := new(big.Rat)
	if whole := pricingtest.Round(o.balance, 2, money.Down); whole.Sign() > 0 {
		applied = whole
		if due.Cmp(applied) < 0 {
			applied = due
		}
	}
	o.balance = new(big.Rat).Sub(o.balance, due)
	for _, g := range o.funds.Credits {
		if !g.Monthly && !g.Expires.IsZero() && !g.Expires.After(end) && o.left[g.ID] != nil {
			o.left[g.ID] = new(big.Rat)
		}
	}
	return []*big.Rat{total, credits, tax.all, applied, new(big.Rat).Sub(due, applied)}
}

// usable enters what has come and lists the credits in the order of the rules.
func (o *booksOracle) usable(m pricing.Month) []pricing.Grant {
	end := m.Next().First().UTC()
	var out []pricing.Grant
	for _, g := range o.funds.Credits {
		switch {
		case !g.Time.Before(end):
			continue
		case g.Monthly && !g.Expires.IsZero() && !g.Expires.After(m.First().UTC()):
			continue
		case g.Monthly || o.left[g.ID] == nil:
			o.left[g.ID] = rat(g.Amount)
		}
		out = append(out, g)
	}
	slices.SortFunc(out, func(a, b pricing.Grant) int {
		if a.Priority != b.Priority {
			return a.Priority - b.Priority
		}
		far := at("9999-01-01T00:00:00Z")
		expiry := func(g pricing.Grant) int64 {
			switch {
			case g.Monthly:
				return end.Unix()
			case g.Expires.IsZero():
				return far.Unix()
			}
			return g.Expires.Unix()
		}
		if x := expiry(a) - expiry(b); x != 0 {
			return int(x)
		}
		if a.Kind != b.Kind {
			if a.Kind == pricing.Promotional {
				return -1
			}
			return 1
		}
		if x := a.Time.Unix() - b.Time.Unix(); x != 0 {
			return int(x)
		}
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	for _, p := range o.funds.Payments {
		if p.Time.Before(end) && !o.entered[p.ID] {
			o.entered[p.ID] = true
			o.balance = new(big.Rat).Add(o.balance, rat(p.Amount))
		}
	}
	for _, a := range o.funds.Adjustments {
		if a.Time.Before(end) && !o.entered[a.ID] {
			o.entered[a.ID] = true
			o.balance = new(big.Rat).Sub(o.balance, rat(a.Amount))
		}
	}
	return out
}

type taxSums struct{ all, inclusive *big.Rat }

func (o *booksOracle) taxes(fees, paid []*big.Rat) taxSums {
	out := taxSums{new(big.Rat), new(big.Rat)}
	owes := func(x pricing.Tax, i int) bool {
		return fees[i].Sign() != 0 && (len(x.Prices) == 0 || slices.Contains(x.Prices, fmt.Sprint("fee", i)))
	}
	for _, x := range o.funds.Taxes {
		sum := new(big.Rat)
		for i := range fees {
			if !owes(x, i) {
				continue
			}
			whole := big.NewRat(100, 1)
			for _, y := range o.funds.Taxes {
				if y.Inclusive && owes(y, i) {
					whole.Add(whole, pricingtest.RatOf(y.Rate.String()))
				}
			}
			base := new(big.Rat).Sub(fees[i], paid[i])
			base.Mul(base, pricingtest.RatOf(x.Rate.String()))
			sum.Add(sum, base.Quo(base, whole))
		}
		sum = pricingtest.Round(sum, 2, money.HalfUp)
		out.all.Add(out.all, sum)
		if x.Inclusive {
			out.inclusive.Add(out.inclusive, sum)
		}
	}
	return out
}

// Credits never fall below zero, shares sum to the whole, ledgers chain and
// balance (CheckLedger, CheckInvoice), and every figure is that of the oracle.
func TestSettle_AgreesWithTheOracle(t *testing.T) {
	months := []string{"2026-10", "2026-11", "2026-12"}
	rapid.Check(t, func(r *rapid.T) {
		var prices []pricing.Price
		var fees []*big.Rat
		for i := range rapid.IntRange(1, 3).Draw(r, "lines") {
			fee := rapid.StringMatching(`[0-9]{1,3}\.[0-9]{2}`).Draw(r, "fee")
			prices, fees = append(prices, fixedFee(fmt.Sprint("fee", i), fee)), append(fees, pricingtest.RatOf(fee))
		}
		o := booksOracle{funds: anyFunds(r), left: map[string]*big.Rat{}, entered: map[string]bool{}, balance: new(big.Rat)}
		w := oneAccount(prices...).taxed("CH")
		got := w.settled(t, o.funds, months...)
		for n, s := range got {
			m, _ := pricing.ParseMonth(months[n])
			want := o.month(m, fees)
			if len(s.Invoices) == 1 {
				i := s.Invoices[0]
				for k, a := range []money.Amount{i.Total, i.Credits, i.Tax, i.BalanceApplied, i.AmountDue} {
					if rat(a).Cmp(want[k]) != 0 {
						r.Fatalf("%s: total, credits, tax, balance, due [%d] is %s, want %s", m, k, a, want[k].FloatString(6))
					}
				}
			}
			checkBooks(r, s, &o)
		}
	})
}

// checkBooks compares the balances with the oracle's and sums the books to zero.
func checkBooks(t *rapid.T, s pricing.Settlement, o *booksOracle) {
	sum, stands := new(big.Rat), new(big.Rat)
	for _, b := range s.Balances {
		sum.Add(sum, rat(b.End))
		switch {
		case b.Ledger == pricing.LedgerBalance:
			stands = rat(b.End)
		case b.Ledger == pricing.LedgerCredits && (o.left[b.Credit] == nil || rat(b.End).Cmp(o.left[b.Credit]) != 0):
			t.Fatalf("credit %s stands at %s, want %v", b.Credit, b.End, o.left[b.Credit])
		}
	}
	if sum.Sign() != 0 || stands.Cmp(o.balance) != 0 {
		t.Fatalf("the books sum to %s, the balance is %s, want 0 and %s", sum.FloatString(6), stands.FloatString(6), o.balance.FloatString(6))
	}
}

// Each breach that CheckLedger names is found: a check that finds nothing wrong
// with broken books would let them be published.
func TestCheckLedger_FindsEachBreach(t *testing.T) {
	sound := func() pricing.Settlement {
		w := oneAccount(fixedFee("fee", "60"))
		return w.settled(t, pricing.Funds{
			Credits: []pricing.Grant{grant("g", "10", "2026-10-01T00:00:00Z", "")}, Payments: []pricing.Payment{payment("p", "5", "2026-10-01T00:00:00Z")},
		}, "2026-10")[0]
	}
	one := money.MustAmount("1")
	for what, breach := range map[string]func(*pricing.Settlement){
		"a gap":                  func(s *pricing.Settlement) { s.Entries[1].Initial = one },
		"a wrong end":            func(s *pricing.Settlement) { s.Entries[1].End = s.Entries[1].End.Add(one) },
		"one side":               func(s *pricing.Settlement) { s.Entries = s.Entries[1:] },
		"two currencies":         func(s *pricing.Settlement) { s.Entries[1].Currency = "EUR" },
		"an entry twice":         func(s *pricing.Settlement) { s.Entries[1].ID = s.Entries[0].ID },
		"another balance":        func(s *pricing.Settlement) { s.Balances[0].End = s.Balances[0].End.Add(one) },
		"a balance that is lost": func(s *pricing.Settlement) { s.Balances = s.Balances[1:] },
		"a credit below zero": func(s *pricing.Settlement) {
			for i := range s.Entries {
				if s.Entries[i].Ledger == pricing.LedgerCredits {
					s.Entries[i].Amount, s.Entries[i].End = one, s.Entries[i].Initial.Sub(one)
				}
			}
		},
	} {
		s := sound()
		if err := pricing.CheckLedger(nil, s); err != nil {
			t.Fatalf("sound books: %v", err)
		}
		if breach(&s); pricing.CheckLedger(nil, s) == nil {
			t.Errorf("%s is not found", what)
		}
	}
}
