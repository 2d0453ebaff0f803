package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"daybook/pricing"
	"daybook/sinks/documents"
	"daybook/sinks/publish"
	"daybook/sinks/tables"
	"daybook/sources/blob"
)

// checkContents sums the tables of a revision and holds the sums against each
// other and the manifest. It needs no inputs, so that it says what is wrong even
// where nothing can be computed again.
func (c *runCheck) checkContents(ctx context.Context) error {
	if c.m == nil || c.m.Verdict != publish.Published && c.m.Verdict != publish.Unchanged {
		return nil
	}
	for _, name := range tablesOfJob(Job(c.m.Job)) {
		if !slices.ContainsFunc(c.m.Objects, func(o publish.Object) bool { return o.Table == name }) {
			c.fault(c.manifestKey(), "table "+name, "an object", "nothing")
		}
	}
	switch Job(c.m.Job) {
	case JobRollup:
		c.checkRollup()
	case JobDaily:
		return c.checkDay(ctx)
	case JobMonthly:
		return c.checkClosing(ctx)
	}
	return nil
}

// tablesOfJob lists the tables that every published revision of a job has, be they
// empty (docs/architecture.md).
func tablesOfJob(job Job) []string {
	switch job {
	case JobRollup:
		return []string{"usage_daily", "rejected_usage"}
	case JobDaily:
		return []string{"daily_costs", "parked_accounts"}
	case JobMonthly:
		return []string{"invoices", "invoice_line_items", "invoice_taxes", "ledger_entries", "balances", "parked_accounts"}
	}
	return nil
}

// checkRollup holds the account of the rows against itself and the tables.
func (c *runCheck) checkRollup() {
	var rec rollupReconciliation
	if err := json.Unmarshal(c.m.Reconciliation, &rec); err != nil {
		c.fault(c.manifestKey(), "reconciliation", "an account of the rows", err.Error())
		return
	}
	if err := rec.Counts.Check(); err != nil {
		c.fault(c.manifestKey(), "reconciliation.counts", "read = kept + duplicate + rejected + outside", err.Error())
	}
	for _, o := range c.m.Objects {
		if o.Table == "rejected_usage" && o.Rows != rec.Counts.Rejected {
			c.fault(o.Key, "rows, against reconciliation.counts.rejected", fmt.Sprint(rec.Counts.Rejected), fmt.Sprint(o.Rows))
		}
	}
	key, body := c.table("usage_daily")
	if body == nil {
		return
	}
	batch, err := tables.DecodeUsageDaily(key, body)
	if err != nil {
		return // said where its rows were counted
	}
	var events int64
	for _, n := range batch.Events {
		events += n
	}
	if want := rec.Counts.Kept - rec.Counts.Parked; events != want {
		c.fault(key, "column events, summed, against the rows kept", fmt.Sprint(want), fmt.Sprint(events))
	}
}

// checkDay sums a day's costs, and follows them from the day before.
func (c *runCheck) checkDay(ctx context.Context) error {
	key, body := c.table("daily_costs")
	if body == nil {
		return nil
	}
	rows, err := tables.DecodeDailyCosts(key, body)
	if err != nil {
		return nil // said where its rows were counted
	}
	c.compareTotals(pricing.DayTotals(rows))
	day, err := pricing.ParseDate(c.m.Period)
	if err != nil {
		return nil
	}
	for from, n := 0, 0; from < len(rows); from += n {
		payer := rows[from].BillingAccount
		for n = 0; from+n < len(rows) && rows[from+n].BillingAccount == payer; {
			n++
		}
		c.compareDocument(documents.CostsPath(blob.EscapeID(payer), day), documents.CostSeries(payer, rows[from:from+n]))
	}
	return c.checkDifferences(ctx, key, rows, day)
}

// costKey names a cost row on two days of one billing period.
type costKey struct {
	payer, account, subscription, plan, price, version, grouping string
	scope                                                        pricing.Scope
	start, end                                                   int64
}

func keyOfCost(r pricing.CostRow) costKey {
	return costKey{
		r.BillingAccount, r.Account, r.Subscription, r.Plan, r.Price, r.BookVersion, r.Grouping, r.Scope,
		r.PeriodStart.UnixMicro(), r.PeriodEnd.UnixMicro(),
	}
}

// checkDifferences follows the cumulative costs from the day before, as far as it
// was computed from the same book, registry and rollups: each cumulative figure
// is the one of the day before and the day's own.
func (c *runCheck) checkDifferences(ctx context.Context, key string, rows []pricing.CostRow, day pricing.Date) error {
	h, err := c.p.publisher.Decided(ctx, string(JobDaily), day.AddDays(-1).String())
	if err != nil || h.Published == nil || h.Published.Engine != c.m.Engine || !sameBasis(h.Published.Inputs, c.m.Inputs) {
		return unanswered(err)
	}
	body, name, err := c.p.tableBody(ctx, h.Published, "daily_costs")
	if err != nil {
		return unanswered(err) // the day before has its own faults
	}
	before, err := tables.DecodeDailyCosts(name, body)
	if err != nil {
		return nil
	}
	was := map[costKey][]pricing.CostRow{}
	for _, r := range before {
		was[keyOfCost(r)] = append(was[keyOfCost(r)], r)
	}
	for i, r := range rows {
		earlier := was[keyOfCost(r)]
		if len(earlier) != 1 {
			continue
		}
		if want := earlier[0].CumulativeTotal.Add(r.Total); want.Cmp(r.CumulativeTotal) != 0 {
			c.fault(key, fmt.Sprintf("row %d (account %q, subscription %q, price %q), column cumulative_total, against the day before", i, r.Account, r.Subscription, r.Price),
				want.String(), r.CumulativeTotal.String())
		}
	}
	return nil
}

// sameBasis reports whether a day was computed from the book and registry of
// another, and from none but its rollups.
func sameBasis(before, now []publish.Input) bool {
	have := map[publish.Input]bool{}
	files := 0
	for _, i := range now {
		have[i] = true
		if i.Kind != kindRollup {
			files++
		}
	}
	for _, i := range before {
		if !have[i] {
			return false
		}
		if i.Kind != kindRollup {
			files--
		}
	}
	return files == 0
}
