package pricing

import (
	"time"

	"daybook/pricing/money"
)

// enterUntil enters what came before the closing's end and has not been entered:
// credits, then payments, then adjustments, each by time and id.
func (s *settlement) enterUntil(payer string, end time.Time) {
	for _, g := range s.grants[payer] {
		if _, known := s.holder[g.ID]; known || g.Monthly || !g.Time.Before(end) {
			continue
		}
		s.grant(payer, g, g.ID, g.Amount)
	}
	for _, p := range s.payments[payer] {
		if !s.falls(payer, p.Time, end) || !s.first(EntryPayment, p.ID) {
			continue
		}
		s.books.post(occasion{payer, p.Currency, EntryPayment, p.ID, 0, p.Time, ""},
			leg{LedgerBalance, "", p.Amount.Neg()}, leg{LedgerPayments, "", p.Amount})
	}
	back := map[string]money.Amount{} // by payment, what has been given back of it
	for _, a := range s.changes[payer] {
		// Entered ones first: a row that came to light late may be of before them,
		// and finds left what they have left.
		if a.Payment != "" && s.done[Posted{EntryAdjustment, a.ID}] {
			s.givenBack(a, back)
		}
	}
	for _, a := range s.changes[payer] {
		if s.done[Posted{EntryAdjustment, a.ID}] {
			continue
		}
		amount := a.Amount
		if a.Payment != "" {
			amount = s.givenBack(a, back).Neg()
		}
		if !s.falls(payer, a.Time, end) || !s.first(EntryAdjustment, a.ID) {
			continue
		}
		s.books.post(occasion{payer, a.Currency, EntryAdjustment, a.ID, 0, a.Time, ""},
			leg{LedgerBalance, "", amount}, leg{LedgerAdjustments, "", amount.Neg()})
	}
}

// falls reports whether a row's time lies in the books: from the first closing's
// month on, and before the end of this one.
func (s *settlement) falls(payer string, t, end time.Time) bool {
	before := s.closing.Since != Month{} && t.Before(s.closing.Since.First().In(s.registry.Zone(payer)))
	return !before && t.Before(end)
}

// first reports whether a row is entered for the first time, and notes it.
func (s *settlement) first(kind EntryKind, id string) bool {
	p := Posted{kind, id}
	if s.done[p] {
		return false
	}
	s.done[p], s.posted = true, append(s.posted, p)
	return true
}

// givenBack holds an adjustment to what is left of the payment that it gives
// back.
func (s *settlement) givenBack(a BalanceAdjustment, back map[string]money.Amount) money.Amount {
	for i := range s.registry.Funds.Payments {
		if p := &s.registry.Funds.Payments[i]; p.ID == a.Payment {
			amount := CapCredit(a.Amount.Neg(), p.Amount, back[p.ID])
			back[p.ID] = back[p.ID].Add(amount)
			return amount
		}
	}
	return money.Amount{} // AddFunds has refused such a row
}

func (s *settlement) grant(payer string, g *Grant, id string, amount money.Amount) {
	s.holder[id] = LedgerKey{payer, g.Currency, LedgerCredits, id}
	s.books.post(occasion{payer, g.Currency, EntryCreditGranted, id, 0, g.Time, ""},
		leg{LedgerCredits, id, amount.Neg()}, leg{LedgerGranted, "", amount})
}

// grantMonthly enters what is used of a monthly credit as it is used: what is
// not used was never anybody's.
func (s *settlement) grantMonthly(payer string, d draw, inv *Invoice) {
	s.monthly[d.purse.id], s.used[d.purse.id] = true, s.used[d.purse.id].Add(d.amount)
	by := ""
	if inv.Kind.Note() || inv.Ordinal > 1 { // lines of several invoices have the same numbers
		by = inv.ID
	}
	s.books.post(occasion{payer, d.purse.grant.Currency, EntryCreditGranted, d.purse.id, inv.Lines[d.line].Number, s.closing.AsOf, by},
		leg{LedgerCredits, d.purse.id, d.amount.Neg()}, leg{LedgerGranted, "", d.amount})
}

// entryOf is how an invoice or note is entered.
func entryOf(kind InvoiceKind) EntryKind {
	switch kind {
	case KindCreditNote:
		return EntryCreditNote
	case KindDebitNote:
		return EntryDebitNote
	}
	return EntryInvoice
}

// expireUntil writes off what is left of credits that expire by the closing's
// end, after the closing has used them.
func (s *settlement) expireUntil(payer string, end time.Time) {
	for _, g := range s.grants[payer] {
		held, known := s.holder[g.ID]
		if !known || g.Monthly || g.Expires.IsZero() || g.Expires.After(end) {
			continue
		}
		left := s.books.ends[held]
		s.books.post(occasion{payer, held.Currency, EntryCreditExpired, g.ID, 0, g.Expires, ""},
			leg{LedgerCredits, g.ID, left}, leg{LedgerExpired, "", left.Neg()})
	}
}
