package tables

import (
	"fmt"
	"time"

	"daybook/pricing"
	"daybook/pricing/columns"
	"daybook/pricing/money"
)

// EncodeLedger writes a closing's ledger entries, in any order.
func EncodeLedger(closing string, entries []pricing.LedgerEntry) ([]byte, error) {
	s := newSheet(columns.LedgerEntries, len(entries), func(i int) string {
		return fmt.Sprintf("entry %d of account %q, ledger %s", entries[i].Number, entries[i].BillingAccount, entries[i].Ledger)
	})
	s.constant("closing", closing)
	s.text("entry_id", func(i int) string { return entries[i].ID })
	s.text("billing_account_id", func(i int) string { return entries[i].BillingAccount })
	s.intsOf("entry", func(i int) int64 { return int64(entries[i].Number) })
	s.intsOf("transaction", func(i int) int64 { return int64(entries[i].Transaction) })
	s.text("kind", func(i int) string { return string(entries[i].Kind) })
	s.text("ledger", func(i int) string { return string(entries[i].Ledger) })
	s.text("credit_id", func(i int) string { return entries[i].Credit })
	s.text("source_id", func(i int) string { return entries[i].Source })
	s.intsOf("line", func(i int) int64 { return int64(entries[i].Line) })
	s.times("time", func(i int) time.Time { return entries[i].Time })
	s.text("currency", func(i int) string { return entries[i].Currency })
	s.amounts("amount", func(i int) money.Amount { return entries[i].Amount })
	s.amounts("initial", func(i int) money.Amount { return entries[i].Initial })
	s.amounts("end", func(i int) money.Amount { return entries[i].End })
	return s.encode()
}

// DecodeLedger reads a closing's ledger entries back, by billing account and in
// order. name says in errors which file it is.
func DecodeLedger(name string, body []byte) ([]pricing.LedgerEntry, error) {
	f, err := readFrame(columns.LedgerEntries, name, body)
	if err != nil {
		return nil, err
	}
	id, payer, kind, ledger, credit := f.text("entry_id"), f.text("billing_account_id"), f.text("kind"), f.text("ledger"), f.text("credit_id")
	number, transaction, line := f.column("entry").ints, f.column("transaction").ints, f.column("line").ints
	source, at, currency := f.text("source_id"), f.time("time"), f.text("currency")
	amount, initial, end := f.amount("amount"), f.amount("initial"), f.amount("end")
	return filled(f.rows, func(i int) pricing.LedgerEntry {
		return pricing.LedgerEntry{
			LedgerKey: pricing.LedgerKey{BillingAccount: payer(i), Currency: currency(i), Ledger: pricing.Ledger(ledger(i)), Credit: credit(i)},
			ID:        id(i), Number: int(number[i]), Transaction: int(transaction[i]), Kind: pricing.EntryKind(kind(i)),
			Source: source(i), Line: int(line[i]), Time: at(i), Amount: amount(i), Initial: initial(i), End: end(i),
		}
	}), nil
}

// EncodeBalances writes where the ledgers stand after a closing, in any order.
func EncodeBalances(closing string, balances []pricing.Balance) ([]byte, error) {
	s := newSheet(columns.Balances, len(balances), func(i int) string {
		return fmt.Sprintf("balance of account %q, ledger %s %s", balances[i].BillingAccount, balances[i].Ledger, balances[i].Credit)
	})
	s.constant("closing", closing)
	s.text("billing_account_id", func(i int) string { return balances[i].BillingAccount })
	s.text("currency", func(i int) string { return balances[i].Currency })
	s.text("ledger", func(i int) string { return string(balances[i].Ledger) })
	s.text("credit_id", func(i int) string { return balances[i].Credit })
	s.amounts("initial", func(i int) money.Amount { return balances[i].Initial })
	s.amounts("end", func(i int) money.Amount { return balances[i].End })
	return s.encode()
}

// DecodeBalances reads a closing's balances back, sorted as the contract says.
// name says in errors which file it is.
func DecodeBalances(name string, body []byte) ([]pricing.Balance, error) {
	f, err := readFrame(columns.Balances, name, body)
	if err != nil {
		return nil, err
	}
	payer, currency, ledger, credit := f.text("billing_account_id"), f.text("currency"), f.text("ledger"), f.text("credit_id")
	initial, end := f.amount("initial"), f.amount("end")
	return filled(f.rows, func(i int) pricing.Balance {
		return pricing.Balance{
			LedgerKey: pricing.LedgerKey{BillingAccount: payer(i), Currency: currency(i), Ledger: pricing.Ledger(ledger(i)), Credit: credit(i)},
			Initial:   initial(i), End: end(i),
		}
	}), nil
}
