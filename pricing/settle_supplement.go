package pricing

// takeUp notes what an entry of the closing that is supplemented has done with a
// credit: one that is given for good is held by its payer, and of one that is
// given monthly so much is used.
func (s *settlement) takeUp(e LedgerEntry) {
	if e.Ledger != LedgerCredits {
		return
	}
	if e.Kind == EntryCreditGranted && e.Line == 0 {
		s.holder[e.Credit] = e.LedgerKey
	}
	if e.Kind == EntryCreditGranted && e.Line != 0 { // as it was used, line by line
		s.monthly[e.Credit] = true
		s.used[e.Credit] = s.used[e.Credit].Sub(e.Amount)
	}
}

// goOn brings books to where a closing's entries left them.
func (b *books) goOn(entries []LedgerEntry) {
	for _, e := range entries {
		b.ends[e.LedgerKey] = e.End
		b.number[e.BillingAccount] = max(b.number[e.BillingAccount], e.Number)
		b.last[e.BillingAccount] = max(b.last[e.BillingAccount], e.Transaction)
	}
	b.entries = append(b.entries, entries...)
}
