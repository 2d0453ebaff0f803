package pricing

import (
	"fmt"

	"daybook/pricing/money"
)

// transactionOf identifies a transaction of a closing.
type transactionOf struct {
	billing     string
	transaction int
}

// CheckLedger reports a breach of what every closing's books promise: each entry
// begins where the one before it ended, debits equal credits in each transaction
// and one currency, no credit is below zero, and the balances are the chains'
// ends. Nothing is published over it.
func CheckLedger(opening []Balance, s Settlement) error {
	at, ids := map[LedgerKey]money.Amount{}, map[string]bool{}
	for _, o := range opening {
		at[o.LedgerKey] = o.End
	}
	sums := map[transactionOf]money.Amount{}
	currency := map[transactionOf]string{}
	for _, e := range s.Entries {
		t := transactionOf{e.BillingAccount, e.Transaction}
		if first, seen := currency[t]; seen && first != e.Currency {
			return fmt.Errorf("transaction %d of account %q mixes %s and %s", e.Transaction, e.BillingAccount, first, e.Currency)
		}
		currency[t], sums[t] = e.Currency, sums[t].Add(e.Amount)
		switch {
		case ids[e.ID]:
			return fmt.Errorf("ledger entry %s of account %q stands twice", e.ID, e.BillingAccount)
		case at[e.LedgerKey].Cmp(e.Initial) != 0:
			return fmt.Errorf("ledger entry %s begins at %s, but ledger %s %s of account %q stood at %s", e.ID, e.Initial, e.Ledger, e.Credit, e.BillingAccount, at[e.LedgerKey])
		case e.Initial.Sub(e.Amount).Cmp(e.End) != 0:
			return fmt.Errorf("ledger entry %s ends at %s, which is not %s − %s", e.ID, e.End, e.Initial, e.Amount)
		case e.Ledger == LedgerCredits && e.End.Sign() < 0:
			return fmt.Errorf("credit %q of account %q falls to %s", e.Credit, e.BillingAccount, e.End)
		}
		at[e.LedgerKey], ids[e.ID] = e.End, true
	}
	for _, e := range s.Entries {
		if sum := sums[transactionOf{e.BillingAccount, e.Transaction}]; !sum.IsZero() {
			return fmt.Errorf("transaction %d of account %q has debits and credits that differ by %s", e.Transaction, e.BillingAccount, sum)
		}
	}
	stands := map[LedgerKey]bool{}
	for _, b := range s.Balances {
		stands[b.LedgerKey] = true
		if at[b.LedgerKey].Cmp(b.End) != 0 {
			return fmt.Errorf("the balance of ledger %s %s of account %q is %s, its entries end at %s", b.Ledger, b.Credit, b.BillingAccount, b.End, at[b.LedgerKey])
		}
	}
	for key, end := range at {
		if !end.IsZero() && !stands[key] {
			return fmt.Errorf("ledger %s %s of account %q stands at %s, but has no balance", key.Ledger, key.Credit, key.BillingAccount, end)
		}
	}
	return nil
}
