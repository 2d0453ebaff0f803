package jobs

import (
	"encoding/json"
	"fmt"

	"daybook/pricing"
)

// CorrectionSettings say how closings correct what earlier ones billed
// (docs/operations.md, Corrections). The zero value corrects on the next invoice,
// for ever and without limits.
type CorrectionSettings struct {
	Notes           bool // each correction is a note of its own instead of lines of the next invoice
	ClosedAfterDays int  // a month takes no corrections so many days after its end; 0: for ever
	Limits          pricing.CorrectionLimits
}

// correctionTerms are the settings as a closing's plan pins them.
type correctionTerms struct {
	Mode        string `json:"mode"`
	ClosedAfter int    `json:"closed_after_days"`
	Accounts    string `json:"max_accounts,omitempty"` // per cent
	Bill        string `json:"max_bill,omitempty"`
}

// The modes of closing.corrections.
const (
	CorrectNextInvoice = "next-invoice"
	CorrectNote        = "note"
)

func (s CorrectionSettings) parameter() (string, error) {
	terms := correctionTerms{Mode: CorrectNextInvoice, ClosedAfter: s.ClosedAfterDays}
	if s.Notes {
		terms.Mode = CorrectNote
	}
	if s.Limits.Accounts != nil {
		terms.Accounts = s.Limits.Accounts.String()
	}
	if s.Limits.Bill != nil {
		terms.Bill = s.Limits.Bill.String()
	}
	b, err := json.Marshal(terms)
	if err != nil {
		return "", fmt.Errorf("describe corrections: %w", err)
	}
	return string(b), nil
}

// parseCorrections reads what a plan pins, but for the limits, which decide nothing
// once they are passed.
func parseCorrections(parameter string) (CorrectionSettings, error) {
	if parameter == "" { // of a program that corrected nothing
		return CorrectionSettings{ClosedAfterDays: 1}, nil
	}
	var terms correctionTerms
	if err := json.Unmarshal([]byte(parameter), &terms); err != nil {
		return CorrectionSettings{}, fmt.Errorf("read the plan's corrections: %w", err)
	}
	return CorrectionSettings{Notes: terms.Mode == CorrectNote, ClosedAfterDays: terms.ClosedAfter}, nil
}

// earliest is the first month that the closing of m looks at.
func (s CorrectionSettings) earliest(start, m pricing.Month) pricing.Month {
	first := start
	if s.ClosedAfterDays == 0 {
		return first
	}
	// The last day of m is at most so many days after the last day of the month.
	last := m.Next().First().AddDays(-1 - s.ClosedAfterDays)
	for first.Before(m) && first.Next().First().AddDays(-1) < last {
		first = first.Next()
	}
	return first
}
