package main

import (
	"fmt"
	"strings"

	"daybook/jobs"
	"daybook/pricing/money"
)

// Without a word about them, closings correct what ended at most 400 days ago, 1 %
// of the accounts and 5 % of a bill.
const (
	defaultClosedAfter = "400d"
	defaultMaxAccounts = "1%"
	defaultMaxBill     = "5%"
)

func (c *config) checkCorrections() error {
	f := c.file.Closing
	out := jobs.CorrectionSettings{}
	switch f.Corrections {
	case "", jobs.CorrectNextInvoice:
	case jobs.CorrectNote:
		out.Notes = true
	default:
		return fmt.Errorf("closing.corrections: %q; write %s or %s", f.Corrections, jobs.CorrectNextInvoice, jobs.CorrectNote)
	}
	if f.ClosedAfter == "" {
		f.ClosedAfter = defaultClosedAfter
	}
	var err error
	if out.ClosedAfterDays, err = parseClosedAfter(f.ClosedAfter); err != nil {
		return err
	}
	for _, limit := range []struct {
		key, text, otherwise string
		to                   **money.Quantity
	}{
		{"accounts", f.CorrectionsMax.Accounts, defaultMaxAccounts, &out.Limits.Accounts},
		{"bill", f.CorrectionsMax.Bill, defaultMaxBill, &out.Limits.Bill},
	} {
		text := limit.text
		if text == "" {
			text = limit.otherwise
		}
		if text == "none" {
			continue
		}
		number, isPercent := strings.CutSuffix(text, "%")
		q, err := money.ParseQuantity(number)
		if err != nil || !isPercent || q.Sign() < 0 {
			return fmt.Errorf("closing.corrections_max.%s: %q; write per cent such as %s, or none", limit.key, text, limit.otherwise)
		}
		*limit.to = &q
	}
	c.settings.Corrections = out
	return nil
}

// parseClosedAfter reads "400d" as 400, up to ten years.
func parseClosedAfter(s string) (int, error) {
	n := 0
	if _, err := fmt.Sscanf(s, "%dd", &n); err != nil || fmt.Sprintf("%dd", n) != s || n < 1 || n > 3660 {
		return 0, fmt.Errorf("closing.closed_after: %q; write a number of days such as %s", s, defaultClosedAfter)
	}
	return n, nil
}
