package jobs

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"daybook/pricing"
	"daybook/pricing/money"
)

// LookedAt is a closing's account of a closing before that it looked at.
type LookedAt struct {
	Closing   string            `json:"closing"`
	Trees     int               `json:"trees_rated_again"`
	Accounts  int               `json:"corrected_accounts"`
	Late      []MeterRows       `json:"late,omitempty"` // usage that is counted now and was not before, less what was and is no more
	Net       map[string]string `json:"net,omitempty"`  // corrections by currency
	Vanished  []Vanished        `json:"vanished,omitempty"`
	LeftAlone int               `json:"parked_accounts,omitempty"` // that cannot be rated today
}

// CorrectionRow is what a closing corrects of what an earlier one charged to an
// account in one currency, taxes and credits aside.
type CorrectionRow struct {
	Account    string `json:"billing_account"`
	Closing    string `json:"closing"`
	Currency   string `json:"currency"`
	Issued     string `json:"issued"`
	Truth      string `json:"truth"`
	Difference string `json:"difference"`

	issued, net money.Amount
	corrects    bool // else it is only billed for the first time, by an account that was parked
	counts      bool
}

// ErrCorrections is returned for a closing whose corrections pass the limits of
// closing.corrections_max. Nothing of it has been published.
var ErrCorrections = errors.New("there are more corrections than closing.corrections_max lets pass unseen")

// CorrectionsError lists the corrections that nobody has accepted.
type CorrectionsError struct {
	Closing string          `json:"closing"`
	Digest  string          `json:"digest"` // of the rows: what --accept-corrections takes
	Why     []string        `json:"why"`
	Rows    []CorrectionRow `json:"corrections"`
}

// Error says which limits were passed, and what lets the corrections pass.
func (e *CorrectionsError) Error() string {
	return fmt.Sprintf("%v: %s; if they are right, run again with --accept-corrections %s", ErrCorrections, strings.Join(e.Why, "; "), e.Digest)
}

// Unwrap makes it an [ErrCorrections].
func (e *CorrectionsError) Unwrap() error { return ErrCorrections }

// correctionRows lists the corrections of a closing by account, closing and
// currency.
func (w *closingWork) correctionRows() []CorrectionRow {
	var out []CorrectionRow
	for _, c := range w.compared {
		for _, o := range c.owed {
			if !o.corrects && o.parked { // billed for the first time
				continue
			}
			out = append(out, CorrectionRow{
				Account: o.account, Closing: o.closing.String(), Currency: o.currency, Issued: o.issued.String(),
				Truth: o.issued.Add(o.net).String(), Difference: o.net.String(),
				issued: o.issued, net: o.net, corrects: o.corrects, counts: o.corrects || o.issued.IsZero() && !o.parked,
			})
		}
	}
	slices.SortStableFunc(out, func(a, b CorrectionRow) int {
		return strings.Compare(a.Account+"\x00"+a.Closing+"\x00"+a.Currency, b.Account+"\x00"+b.Closing+"\x00"+b.Currency)
	})
	return out
}

// checkLimits stops a closing whose corrections are too many or too large, unless
// somebody has seen and accepted exactly these. It returns what was accepted.
func (w *closingWork) checkLimits(limits pricing.CorrectionLimits, accepted string) (string, error) {
	rows := w.correctionRows()
	rows = slices.DeleteFunc(rows, func(r CorrectionRow) bool { return !r.counts })
	accounts := map[string]bool{}
	var why []string
	for _, r := range rows {
		accounts[r.Account] = true
		if r.corrects && limits.ExceededBy(r.net, r.issued) {
			why = append(why, fmt.Sprintf("%s of account %s is corrected by %s %s of %s", r.Closing, r.Account, r.Currency, r.Difference, r.Issued))
		}
	}
	if len(why) > 3 {
		why = append(why[:3], fmt.Sprintf("%d more", len(why)-3))
	}
	if all := len(w.rater.Trees()); limits.Exceeded(len(accounts), all) {
		why = append(why, fmt.Sprintf("%d of %d accounts are corrected", len(accounts), all))
	}
	if len(why) == 0 {
		return "", nil
	}
	body, err := json.Marshal(rows)
	if err != nil {
		return "", fmt.Errorf("describe corrections: %w", err)
	}
	if sum := digest(body)[:16]; sum != accepted {
		return "", &CorrectionsError{Closing: w.month.String(), Digest: sum, Why: why, Rows: rows}
	}
	return accepted, nil
}

// sum fills in what a comparison's corrections come to.
func (c *comparison) sum() {
	net, accounts := map[string]money.Amount{}, map[string]bool{}
	for _, o := range c.owed {
		if o.corrects {
			net[o.currency] = net[o.currency].Add(o.net)
			accounts[o.account] = true
		}
	}
	c.report.Accounts = len(accounts)
	for _, code := range slices.Sorted(maps.Keys(net)) {
		if c.report.Net == nil {
			c.report.Net = map[string]string{}
		}
		c.report.Net[code] = net[code].String()
	}
	for _, rows := range c.parked {
		c.report.LeftAlone += len(rows)
	}
}
