package pricing

import (
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"slices"
	"strings"
	"time"

	"daybook/pricing/money"
)

// Ledger is one account of the books that are kept for each billing account and
// currency (docs/billing-rules.md, Balances).
type Ledger string

// The ledgers. The balance is the customer's; the others say where money came
// from and went, so that all of them together are always zero.
const (
	LedgerBalance     Ledger = "balance"         // what the customer has with us; below zero: owes
	LedgerCredits     Ledger = "credits"         // what is left of one credit
	LedgerRevenue     Ledger = "revenue"         // invoiced, without tax
	LedgerTax         Ledger = "tax"             // invoiced tax
	LedgerPayments    Ledger = "payments"        // money received
	LedgerGranted     Ledger = "credits_granted" // where credits come from
	LedgerExpired     Ledger = "credits_expired" // credits that nobody used
	LedgerUsed        Ledger = "credits_used"    // credits that are in no currency, and so in no balance
	LedgerAdjustments Ledger = "adjustments"     // changes by hand
)

// EntryKind says what happened.
type EntryKind string

// The kinds of entry.
const (
	EntryInvoice       EntryKind = "invoice"
	EntryCreditNote    EntryKind = "credit_note"
	EntryDebitNote     EntryKind = "debit_note"
	EntryCreditGranted EntryKind = "credit_granted"
	EntryCreditUsed    EntryKind = "credit_used"
	EntryCreditExpired EntryKind = "credit_expired"
	EntryPayment       EntryKind = "payment"
	EntryAdjustment    EntryKind = "adjustment"
)

// LedgerKey names one chain of entries: each begins where the one before ended.
type LedgerKey struct {
	BillingAccount string
	Currency       string // a code, or the unit that credits are in
	Ledger         Ledger
	Credit         string // id, of LedgerCredits
}

// LedgerEntry is one side of a transaction: End = Initial − Amount, and the
// amounts of a transaction sum to zero. Above zero is a debit.
type LedgerEntry struct {
	LedgerKey
	ID          string
	Number      int // from 1 within a closing and billing account, in order
	Transaction int // likewise; entries of one transaction share it
	Kind        EntryKind
	Source      string // id of the invoice or note, credit, payment or adjustment
	Line        int    // of the invoice that a credit paid; 0: none
	Time        time.Time
	Amount      money.Amount
	Initial     money.Amount
	End         money.Amount
}

// Balance is where a chain stands after a closing.
type Balance struct {
	LedgerKey
	Initial money.Amount // where the closing before left it
	End     money.Amount
}

// compareLedgers orders chains as the tables do.
func compareLedgers(a, b LedgerKey) int {
	return cmp.Or(
		strings.Compare(a.BillingAccount, b.BillingAccount), strings.Compare(a.Currency, b.Currency),
		strings.Compare(string(a.Ledger), string(b.Ledger)), strings.Compare(a.Credit, b.Credit),
	)
}

// books are the ledgers of a closing while they are written.
type books struct {
	issuer  string
	month   Month
	initial map[LedgerKey]money.Amount // where the closing before left them
	stood   map[LedgerKey]money.Amount // where these entries begin
	ends    map[LedgerKey]money.Amount
	entries []LedgerEntry
	number  map[string]int            // by billing account, the last one
	last    map[string]int            // by billing account, the last transaction
	entered map[string]transactionEnd // by billing account, what a supplement goes on from
}

// transactionEnd is the last entry and transaction of a billing account.
type transactionEnd struct{ number, transaction int }

func openBooks(c Closing, opening Opening) (*books, error) {
	b := &books{
		issuer: c.Issuer, month: c.Month, number: map[string]int{}, last: map[string]int{}, entered: map[string]transactionEnd{},
		initial: map[LedgerKey]money.Amount{}, stood: map[LedgerKey]money.Amount{}, ends: map[LedgerKey]money.Amount{},
	}
	for _, o := range opening.Balances {
		if _, twice := b.ends[o.LedgerKey]; twice {
			return nil, fmt.Errorf("the closing before has two balances of ledger %s %q of account %q in %s", o.Ledger, o.Credit, o.BillingAccount, o.Currency)
		}
		b.initial[o.LedgerKey], b.stood[o.LedgerKey], b.ends[o.LedgerKey] = o.End, o.End, o.End
		if opening.Supplements {
			b.initial[o.LedgerKey] = o.Initial
		}
	}
	for _, e := range opening.Entered {
		last := b.entered[e.BillingAccount]
		b.entered[e.BillingAccount] = transactionEnd{max(last.number, e.Number), max(last.transaction, e.Transaction)}
	}
	for billing, last := range b.entered {
		b.number[billing], b.last[billing] = last.number, last.transaction
	}
	return b, nil
}

// leg is one side of a transaction.
type leg struct {
	ledger Ledger
	credit string
	amount money.Amount
}

// occasion is what a transaction is about.
type occasion struct {
	billing, currency string
	kind              EntryKind
	source            string
	line              int
	time              time.Time
	credit            string // that is used; of what is given monthly to pay a second invoice, that
}

// post writes a transaction; legs of zero are left out.
func (b *books) post(o occasion, legs ...leg) {
	legs = slices.DeleteFunc(legs, func(l leg) bool { return l.amount.IsZero() })
	if len(legs) == 0 {
		return
	}
	b.last[o.billing]++
	for _, l := range legs {
		key := LedgerKey{o.billing, o.currency, l.ledger, l.credit}
		b.number[o.billing]++
		e := LedgerEntry{
			LedgerKey: key, Number: b.number[o.billing], Transaction: b.last[o.billing], Kind: o.kind,
			Source: o.source, Line: o.line, Time: o.time.UTC(), Amount: l.amount, Initial: b.ends[key],
		}
		e.End = e.Initial.Sub(e.Amount)
		e.ID = b.entryID(e, o.credit)
		b.ends[key] = e.End
		b.entries = append(b.entries, e)
	}
}

// undo takes back all entries after the first so many, which are of chains that
// no entry before touches.
func (b *books) undo(entries int) {
	for _, e := range b.entries[entries:] {
		delete(b.ends, e.LedgerKey)
		if end, stood := b.stood[e.LedgerKey]; stood {
			b.ends[e.LedgerKey] = end
		}
		last := b.entered[e.BillingAccount]
		b.number[e.BillingAccount], b.last[e.BillingAccount] = last.number, last.transaction
	}
	b.entries = b.entries[:entries]
}

// entryID returns "led_" and 26 base32 characters of a hash of what the entry is
// about. It holds no revision and no number, as InvoiceID does not.
func (b *books) entryID(e LedgerEntry, credit string) string {
	h := sha256.New()
	for _, field := range []string{
		b.issuer, b.month.String(), e.BillingAccount, e.Currency, string(e.Ledger), e.Credit, string(e.Kind), e.Source, fmt.Sprint(e.Line), credit,
	} {
		fmt.Fprintf(h, "%d:%s", len(field), field)
	}
	return "led_" + strings.ToLower(base32.StdEncoding.EncodeToString(h.Sum(nil)))[:26]
}

// balances returns where every chain stands, sorted. Credits stay for good, so
// that none is given twice; other chains only while they are not zero.
func (b *books) balances(forget map[string]bool) []Balance {
	var out []Balance
	for key, end := range b.ends {
		initial := b.initial[key]
		credit := key.Ledger == LedgerCredits && !forget[key.Credit]
		if credit || !initial.IsZero() || !end.IsZero() {
			out = append(out, Balance{key, initial, end})
		}
	}
	slices.SortFunc(out, func(x, y Balance) int { return compareLedgers(x.LedgerKey, y.LedgerKey) })
	return out
}
