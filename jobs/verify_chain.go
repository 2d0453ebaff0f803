package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"daybook/pricing"
	"daybook/sinks/publish"
	"daybook/sinks/tables"
)

// checkChain holds a closing against the one before it.
func (c *runCheck) checkChain(ctx context.Context) error {
	if c.m.Chain == nil {
		c.fault(c.manifestKey(), "chain", "a link to the closing before", "nothing")
		return nil
	}
	first := map[string]int64{}
	var opening pricing.Opening
	if named := c.m.Chain.Predecessor; named != "" {
		period, revision, sum, ok := parseLink(named)
		if !ok {
			c.fault(c.manifestKey(), "chain.predecessor", "a month, a revision and a sha256", named)
			return nil
		}
		before, err := c.p.publisher.ManifestOf(ctx, c.m.Job, period, revision)
		if err != nil {
			c.damaged(publish.ManifestKey(c.m.Job, period, revision), err)
			return unanswered(err)
		}
		if have, err := publish.ManifestDigest(before); err == nil && have != sum {
			c.fault(publish.ManifestKey(c.m.Job, period, revision), fmt.Sprintf("sha256, which closing %s r%06d names as its predecessor's", c.m.Period, c.m.Revision), sum, have)
		}
		if before.Chain != nil {
			first = before.Chain.Numbers
		}
		if opening, err = c.p.opening(ctx, &before); err != nil {
			c.unproven("the ledgers cannot be followed from %s: %v", period, err)
			return unanswered(err)
		}
	}
	c.checkNumbers(first)
	if c.m.Supersedes > 0 && c.m.Verdict == publish.Published { // its entries go on from there
		before, err := c.superseded(ctx)
		if err != nil || before == nil {
			return err
		}
		if opening, err = c.p.opening(ctx, before); err != nil {
			c.unproven("the ledgers cannot be followed from r%06d: %v", before.Revision, err)
			return unanswered(err)
		}
	}
	c.checkLedger(opening)
	return nil
}

// parseLink reads "2026-09 r000001 <manifest digest>".
func parseLink(named string) (period string, revision int, sum string, ok bool) {
	_, err := fmt.Sscanf(named, "%s r%d %s", &period, &revision, &sum)
	return period, revision, sum, err == nil
}

// checkLedger follows the ledgers from the balances of the closing before.
func (c *runCheck) checkLedger(opening pricing.Opening) {
	key, body := c.table("ledger_entries")
	balancesKey, balancesBody := c.table("balances")
	if body == nil || balancesBody == nil {
		return
	}
	entries, err := tables.DecodeLedger(key, body)
	if err != nil {
		return
	}
	balances, err := tables.DecodeBalances(balancesKey, balancesBody)
	if err != nil {
		return
	}
	if err := pricing.CheckLedger(opening.Balances, pricing.Settlement{Entries: entries, Balances: balances}); err != nil {
		c.fault(key, "with balances", "ledgers that follow from the closing before", err.Error())
	}
	if c.m.Chain.Posted == nil {
		c.fault(c.manifestKey(), "chain.posted", "what the books have entered", "nothing")
		return
	}
	posted := map[pricing.Posted]bool{}
	for _, row := range decodeLines[pricing.Posted](c.bodies[c.m.Chain.Posted.Key]) {
		posted[row] = true
	}
	for _, row := range opening.Posted {
		if !posted[row] {
			c.fault(c.m.Chain.Posted.Key, fmt.Sprintf("%s %s, entered by an earlier closing", row.Kind, row.ID), "listed", "nothing")
		}
	}
}

// checkNumbers holds the numbers of a closing's invoices against those that its
// series give from the closing before on: each one once, none between.
func (c *runCheck) checkNumbers(first map[string]int64) {
	if c.plan == nil {
		return
	}
	key, body := c.table("invoices")
	if body == nil {
		return
	}
	invoices, err := tables.DecodeInvoices(key, body)
	if err != nil {
		return
	}
	month, err := pricing.ParseMonth(c.m.Period)
	if err != nil {
		return
	}
	patterns, err := seriesPatterns(c.plan.Identity.Parameters[parameterIssuer])
	if err != nil {
		c.fault(publish.PlanKey(c.m.Job, c.m.Period, c.m.Revision), "parameter issuer", "an issuer", err.Error())
		return
	}
	given, unknown := map[string]int{}, false
	for _, i := range invoices {
		given[i.Number]++
	}
	for _, series := range sortedKeysOf(c.m.Chain.Numbers) {
		if patterns[series] == "" {
			unknown = true
			continue
		}
		from := max(first[series], 1)
		for n := from; n < c.m.Chain.Numbers[series]; n++ {
			want := number(patterns[series], month, n)
			if given[want] != 1 {
				c.fault(key, "number "+want, "on one invoice", fmt.Sprintf("on %d", given[want]))
			}
			delete(given, want)
		}
	}
	for _, i := range invoices {
		if _, left := given[i.Number]; left && !unknown {
			c.fault(key, fmt.Sprintf("invoice %s of account %q, column number", i.ID, i.BillingAccount), "the next of its series", i.Number)
		}
	}
}

// seriesPatterns reads the patterns of the number series from a plan.
func seriesPatterns(issuer string) (map[string]string, error) {
	var i Issuer
	if err := json.Unmarshal([]byte(issuer), &i); err != nil {
		return nil, err
	}
	_, notes := i.series(pricing.KindCreditNote)
	return map[string]string{seriesInvoice: i.InvoiceSeries, seriesNote: notes}, nil
}

func sortedKeysOf[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, strings.Compare)
	return keys
}
