package pricing

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"daybook/pricing/money"
)

// Opening is what the closing before left: where the ledgers stand, and which
// payments and adjustments have been entered. The zero value opens the books.
type Opening struct {
	Balances []Balance
	Posted   []Posted
	// Supplements is true of a supplement: balances and Posted are what the closing
	// itself, and its supplements before, left, and Entered what they entered. Its
	// entries go on from those, and a balance is between the closing before and
	// where it stands after this supplement. It settles the payers of its invoices and
	// nobody else.
	Supplements bool
	Entered     []LedgerEntry
}

// Posted is a payment or adjustment that a closing has entered.
type Posted struct {
	Kind EntryKind `json:"kind"`
	ID   string    `json:"id"`
}

// ComparePosted orders what has been entered by kind and id.
func ComparePosted(a, b Posted) int {
	return cmp.Or(strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(a.ID, b.ID))
}

// Settlement is what a closing does to the books.
type Settlement struct {
	Invoices []Invoice // with credits, taxes and balance applied, in the order given
	Entries  []LedgerEntry
	Balances []Balance
	Posted   []Posted // those of the opening too, sorted
	Parked   []Parked // accounts of payers whose numbers have too many digits; nothing of those is invoiced or entered
}

// Settle does step 6 of docs/billing-rules.md (The order of an amount) for a
// closing's invoices: it enters the credits, payments and adjustments whose time
// has come, lets credits pay lines, converts pricing units, adds taxes, applies balances and writes the
// books. What is left carries over from opening and nothing is computed again. A
// payer some of whose numbers cannot be stored is parked, and the others go on.
func (r *Registry) Settle(c Closing, invoices []Invoice, opening Opening) (Settlement, error) {
	s, err := r.openSettlement(c, opening)
	if err != nil {
		return Settlement{}, err
	}
	out := Settlement{Invoices: invoices}
	parked := map[string]bool{}
	of := map[string][]*Invoice{}
	for i := range invoices {
		of[invoices[i].BillingAccount] = append(of[invoices[i].BillingAccount], &invoices[i])
	}
	for _, payer := range s.payers(invoices) {
		entries, posted := len(s.books.entries), len(s.posted)
		if err := s.settlePayer(payer, of[payer]); err != nil {
			if !errors.Is(err, money.ErrOverflow) {
				return Settlement{}, fmt.Errorf("settle the invoices of account %q: %w", payer, err)
			}
			s.undo(entries, posted)
			parked[payer] = true
			out.Parked = append(out.Parked, r.parkPayer(payer, c.Month.First(), err)...)
		}
	}
	if len(parked) > 0 {
		out.Invoices = slices.DeleteFunc(slices.Clone(invoices), func(i Invoice) bool { return parked[i.BillingAccount] })
	}
	slices.SortFunc(s.posted, ComparePosted)
	out.Entries, out.Balances, out.Posted = s.books.entries, s.books.balances(s.monthly), s.posted
	return out, CheckLedger(opening.Balances, out)
}

// settlePayer enters what one payer paid and was given, settles its invoices, and
// writes off what is left of its credits that expire. It is money.ErrOverflow
// when a number cannot be stored.
func (s *settlement) settlePayer(payer string, invoices []*Invoice) error {
	entries := len(s.books.entries)
	end := s.closing.Month.Next().First().In(s.registry.Zone(payer)).UTC()
	s.enterUntil(payer, end)
	for _, inv := range invoices {
		if err := s.settle(inv); err != nil {
			return err
		}
	}
	s.expireUntil(payer, end)
	for _, e := range s.books.entries[entries:] {
		if err := errors.Join(e.Amount.Check(), e.End.Check()); err != nil {
			return fmt.Errorf("ledger %s of account %q in %s: %w; correct the registry", e.Ledger, e.BillingAccount, e.Currency, err)
		}
	}
	return nil
}

// settlement is a closing while it is settled.
type settlement struct {
	registry    *Registry
	closing     Closing
	supplements bool // payers without an invoice are left alone
	books       *books
	posted      []Posted
	done        map[Posted]bool
	holder      map[string]LedgerKey // credits that a closing has taken up
	grants      map[string][]*Grant  // by billing account
	payments    map[string][]Payment
	changes     map[string][]BalanceAdjustment
	monthly     map[string]bool         // ids of credits that are lost with the closing
	used        map[string]money.Amount // of these, what was used
}

func (r *Registry) openSettlement(c Closing, opening Opening) (*settlement, error) {
	b, err := openBooks(c, opening)
	if err != nil {
		return nil, err
	}
	s := &settlement{
		registry: r, closing: c, supplements: opening.Supplements, books: b, posted: slices.Clone(opening.Posted), done: map[Posted]bool{}, holder: map[string]LedgerKey{},
		grants: map[string][]*Grant{}, payments: map[string][]Payment{}, changes: map[string][]BalanceAdjustment{}, monthly: map[string]bool{}, used: map[string]money.Amount{},
	}
	for _, p := range opening.Posted {
		s.done[p] = true
	}
	for _, e := range opening.Entered {
		if e.Kind == EntryCreditUsed && e.Ledger == LedgerCredits {
			s.used[e.Credit] = s.used[e.Credit].Add(e.Amount)
		}
	}
	for _, o := range opening.Balances {
		if o.Ledger == LedgerCredits {
			s.holder[o.Credit] = o.LedgerKey
		}
	}
	f := &r.Funds
	for i := range f.Credits {
		// A credit stays with the payer that it was first given to.
		g := &f.Credits[i]
		payer := r.BillingAccount(g.Account)
		if held, ok := s.holder[g.ID]; ok {
			payer = held.BillingAccount
		}
		s.grants[payer] = append(s.grants[payer], g)
	}
	for _, p := range sortedFunds(f.Payments, func(p *Payment) time.Time { return p.Time }, func(p *Payment) string { return p.ID }) {
		payer := r.BillingAccount(p.Account)
		s.payments[payer] = append(s.payments[payer], p)
	}
	for _, a := range sortedFunds(f.Adjustments, func(a *BalanceAdjustment) time.Time { return a.Time }, func(a *BalanceAdjustment) string { return a.ID }) {
		payer := r.BillingAccount(a.Account)
		s.changes[payer] = append(s.changes[payer], a)
	}
	return s, nil
}

// payers lists who has an invoice, a credit, a payment or an adjustment, sorted; of a
// supplement, who has an invoice.
func (s *settlement) payers(invoices []Invoice) []string {
	var out []string
	for _, i := range invoices {
		out = append(out, i.BillingAccount)
	}
	if s.supplements {
		slices.Sort(out)
		return slices.Compact(out)
	}
	for payer := range s.grants {
		out = append(out, payer)
	}
	for payer := range s.payments {
		out = append(out, payer)
	}
	for payer := range s.changes {
		out = append(out, payer)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// purses lists the credits that may pay an invoice.
func (s *settlement) purses(payer, currency string) []*purse {
	var out []*purse
	for _, g := range s.grants[payer] {
		held, known := s.holder[g.ID]
		end := s.closing.Month.Next().First().In(s.registry.Zone(payer)).UTC()
		switch {
		case g.Currency != currency:
		case g.Monthly && g.Time.Before(end) && (g.Expires.IsZero() || g.Expires.After(s.closing.Month.First().In(s.registry.Zone(payer)).UTC())):
			id := g.ID + "@" + s.closing.Month.String()
			out = append(out, &purse{g, id, g.Amount.Sub(s.used[id]), end})
		case !g.Monthly && known:
			out = append(out, &purse{g, g.ID, s.books.ends[held], g.Expires})
		}
	}
	return out
}

// settle lets credits pay an invoice's lines, adds its taxes and enters it; then
// the balance that the account has pays what is due. An invoice below zero is
// added to the balance.
func (s *settlement) settle(inv *Invoice) error {
	payer, currency := inv.BillingAccount, inv.Currency.Code
	draws, worth := s.drawUnits(inv)
	draws = append(draws, drawCredits(s.registry, inv, s.purses(payer, currency), "", inv.Currency.Digits)...)
	if err := s.registry.applyTaxes(inv); err != nil {
		return err
	}
	inv.sum()
	before := s.books.ends[LedgerKey{payer, currency, LedgerBalance, ""}].Round(inv.Currency.Digits, money.Down)
	due := inv.Total.Sub(inv.Credits).Add(inv.Tax)
	switch {
	case due.Sign() < 0:
		inv.BalanceApplied = due
	case before.Sign() > 0:
		inv.BalanceApplied = lesser(before, due)
	}
	inv.AmountDue = due.Sub(inv.BalanceApplied)
	s.books.post(occasion{payer, currency, entryOf(inv.Kind), inv.ID, 0, inv.IssuedAt, ""},
		leg{LedgerBalance, "", inv.Total.Sub(worth).Add(inv.Tax)}, leg{LedgerRevenue, "", worth.Sub(inv.Total)}, leg{LedgerTax, "", inv.Tax.Neg()})
	for _, d := range draws {
		if d.purse.grant.Monthly {
			s.grantMonthly(payer, d, inv)
		}
		from := LedgerBalance
		if d.unit != "" {
			from = LedgerUsed
		}
		s.books.post(occasion{payer, d.purse.grant.Currency, EntryCreditUsed, inv.ID, inv.Lines[d.line].Number, inv.IssuedAt, d.purse.id},
			leg{LedgerCredits, d.purse.id, d.amount}, leg{from, "", d.amount.Neg()})
	}
	return inv.check()
}

// drawUnits lets credits pay that are not in the currency: those in the units of
// lines, then those in the pricing unit, where the book has one, whose lines it
// then converts into the currency. It returns what those credits are worth in it.
func (s *settlement) drawUnits(inv *Invoice) (draws []draw, worth money.Amount) {
	draws = s.drawQuantities(inv)
	if u := inv.Unit; u != nil {
		draws = append(draws, drawCredits(s.registry, inv, s.purses(inv.BillingAccount, u.Name), u.Name, u.Digits)...)
		convert(inv)
	}
	for i := range inv.Lines {
		worth = worth.Add(inv.Lines[i].Credits)
	}
	return draws, worth
}
