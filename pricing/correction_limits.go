package pricing

import "daybook/pricing/money"

// CorrectionLimits are what one closing may correct without being asked
// (docs/operations.md, Corrections): a mistake in a book or an export would
// otherwise correct everybody. Each is in per cent; nil sets no limit.
type CorrectionLimits struct {
	Accounts *money.Quantity // of the billing accounts
	Bill     *money.Quantity // of what a closing charged to an account
}

// Exceeded reports whether corrected billing accounts, of so many in all, are too
// many. One is never too many.
func (l CorrectionLimits) Exceeded(corrected, all int) bool {
	if l.Accounts == nil || corrected <= 1 {
		return false
	}
	// corrected / all > limit / 100
	return money.Whole(int64(corrected)*100).Cmp(l.Accounts.Fraction().Mul(money.Whole(int64(all)))) > 0
}

// ExceededBy reports whether the net correction of what a closing charged to an
// account is too large for what it charged, either of which may be below zero.
func (l CorrectionLimits) ExceededBy(correction, charged money.Amount) bool {
	if l.Bill == nil {
		return false
	}
	return correction.Fraction().Abs().Mul(money.Whole(100)).Cmp(l.Bill.Fraction().Mul(charged.Fraction().Abs())) > 0
}
