package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"daybook/pricing"
	"daybook/sinks/publish"
	"daybook/sinks/tables"
)

// closingOf is a rated month.
type closingOf struct {
	invoices []pricing.Invoice
	parked   []pricing.Parked
	rated    pricing.RatedMeters
	next     int64
	issuer   Issuer
	books    pricing.Settlement
}

// rateClosing rates every tree and numbers the invoices: the chain's next
// number plus the rank by billing account and currency. The tracer, which may be
// nil, is called from several goroutines.
func (p *Pipeline) rateClosing(ctx context.Context, in *inputs, m pricing.Month, run *publish.Run, rollups rollupSet, opening pricing.Opening, tracer pricing.Tracer) (*closingOf, error) {
	parameters := run.Plan.Identity.Parameters
	c := &closingOf{}
	if err := json.Unmarshal([]byte(parameters[parameterIssuer]), &c.issuer); err != nil {
		return nil, fmt.Errorf("read the plan's issuer: %w", err)
	}
	var err error
	if c.next, err = strconv.ParseInt(parameters[parameterNext], 10, 64); err != nil {
		return nil, fmt.Errorf("read the plan's next number: %w", err)
	}
	rater, err := in.raters()
	if err != nil {
		return nil, err
	}
	batches, err := p.readRollups(ctx, rollups, carried{rater.ClosingWhole(m), rater.Carried})
	if err != nil {
		return nil, err
	}
	closing := pricing.Closing{
		Month: m, AsOf: run.Plan.Identity.AsOf, First: parameters[parameterPredecessor] == "",
		Since: pricing.MonthOf(p.settings.Start), TermsDays: c.issuer.TermsDays, Issuer: c.issuer.Name, Tracer: tracer,
	}
	trees := rater.Trees()
	results := make([]pricing.ClosingResult, len(trees))
	held := heldTrees(trees, rollups.parked)
	orphans, err := rateTrees(ctx, trees, batches, p.workers(), func(i int, rows []pricing.UsageState) error {
		if held[i] != nil {
			results[i].Parked, results[i].Meters = held[i], pricing.ParkedUsage(rows)
			return nil
		}
		var err error
		results[i], err = rater.Close(trees[i], pricing.TreeUsage{Rows: rows}, closing)
		return err
	})
	if err != nil {
		return nil, err
	}
	c.parked = parkedByInputs(in.problems, orphans, m.First())
	for _, r := range results {
		c.invoices = append(c.invoices, r.Invoices...)
		c.parked = append(c.parked, r.Parked...)
	}
	slices.SortFunc(c.invoices, pricing.CompareInvoices)
	unsettled, err := c.settle(in, closing, opening)
	if err != nil {
		return nil, err
	}
	for i, r := range results {
		if unsettled[trees[i].BillingAccount] {
			r.Meters = r.Meters.AsParked()
		}
		c.rated = c.rated.Add(r.Meters)
	}
	if c.rated, err = p.reconcileRating(c.rated, rollups, batches, orphans); err != nil {
		return nil, err
	}
	return c, c.number(m)
}

// number gives the sorted invoices their numbers and checks each one's sums.
func (c *closingOf) number(m pricing.Month) error {
	for i := range c.invoices {
		if err := pricing.CheckInvoice(c.invoices[i]); err != nil {
			return err
		}
		c.invoices[i].Number = number(c.issuer.InvoiceSeries, m, c.next)
		c.next++
	}
	return nil
}

// closingObjects stores a closing's tables, documents and events.
func (p *Pipeline) closingObjects(ctx context.Context, in *inputs, m pricing.Month, run *publish.Run, c *closingOf) (publish.Manifest, error) {
	manifest := publish.Manifest{
		Job: string(JobMonthly), Period: m.String(), Inputs: run.Plan.Identity.Inputs,
		Totals: pricing.ClosingTotals(c.invoices), Notify: run.Plan.Identity.Parameters[parameterNotify] == "true",
		Chain: &publish.Chain{Predecessor: run.Plan.Identity.Parameters[parameterPredecessor], Numbers: map[string]int64{seriesInvoice: c.next}},
	}
	partition := "closing=" + m.String()
	body, err := tables.EncodeInvoices(m.String(), c.invoices)
	if err != nil {
		return manifest, err
	}
	if err := p.putTable(ctx, run, &manifest, "invoices", partition, len(c.invoices), body); err != nil {
		return manifest, err
	}
	lines := 0
	for _, i := range c.invoices {
		lines += len(i.Lines)
	}
	if body, err = tables.EncodeLines(m.String(), c.invoices); err != nil {
		return manifest, err
	}
	if err := p.putTable(ctx, run, &manifest, "invoice_line_items", partition, lines, body); err != nil {
		return manifest, err
	}
	if err := p.putBooks(ctx, run, &manifest, c); err != nil {
		return manifest, err
	}
	if err := p.putParked(ctx, run, &manifest, c.parked); err != nil {
		return manifest, err
	}
	return manifest, p.putInvoiceDocuments(ctx, run, &manifest, in, c)
}
