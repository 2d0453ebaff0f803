package pricing

// undo takes back what a payer entered after so many entries and rows. Its
// chains stand where the closing before left them, and the next closing enters
// the rows.
func (s *settlement) undo(entries, posted int) {
	s.books.undo(entries)
	for _, p := range s.posted[posted:] {
		delete(s.done, p)
	}
	s.posted = s.posted[:posted]
}

// parkPayer parks the accounts that a payer pays for, and itself where the
// registry no longer has it.
func (r *Registry) parkPayer(payer string, since Date, err error) []Parked {
	code, detail := "overflow", err.Error()
	var out []Parked
	for _, a := range r.Accounts {
		if r.BillingAccount(a.ID) == payer {
			out = append(out, Parked{Account: a.ID, Reason: code, Detail: detail, Since: since})
		}
	}
	if len(out) == 0 {
		out = append(out, Parked{Account: payer, Reason: code, Detail: detail, Since: since})
	}
	return out
}
