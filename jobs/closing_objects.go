package jobs

import (
	"context"
	"slices"

	"daybook/pricing"
	"daybook/sinks/publish"
	"daybook/sinks/tables"
)

// closingObjects stores a closing's tables, documents and events. A supplement's
// tables hold the closing's rows too; its documents and events are of what it
// issues itself, beside the documents that stand.
func (p *Pipeline) closingObjects(ctx context.Context, w *closingWork, run *publish.Run, c *closingOf) (publish.Manifest, error) {
	id := run.Plan.Identity
	all := slices.Concat(c.issued, c.invoices)
	manifest := publish.Manifest{
		Job: id.Job, Period: id.Period, Inputs: id.Inputs,
		Totals: pricing.ClosingTotals(all), Notify: id.Parameters[parameterNotify] == "true",
		Chain: &publish.Chain{Predecessor: id.Parameters[parameterPredecessor], Numbers: c.next},
	}
	lines, taxes := 0, 0
	for _, i := range all {
		lines, taxes = lines+len(i.Lines), taxes+len(i.Taxes)
	}
	partition := "closing=" + id.Period
	for _, t := range []struct {
		name   string
		rows   int
		encode func() ([]byte, error)
	}{
		{"invoices", len(all), func() ([]byte, error) { return tables.EncodeInvoices(id.Period, all) }},
		{"invoice_line_items", lines, func() ([]byte, error) { return tables.EncodeLines(id.Period, all) }},
		{"invoice_taxes", taxes, func() ([]byte, error) { return tables.EncodeTaxes(id.Period, all) }},
		{"ledger_entries", len(c.books.Entries), func() ([]byte, error) { return tables.EncodeLedger(id.Period, c.books.Entries) }},
		{"balances", len(c.books.Balances), func() ([]byte, error) { return tables.EncodeBalances(id.Period, c.books.Balances) }},
	} {
		body, err := t.encode()
		if err != nil {
			return manifest, err
		}
		if err := p.putTable(ctx, run, &manifest, t.name, partition, t.rows, body); err != nil {
			return manifest, err
		}
	}
	if err := p.putParked(ctx, run, &manifest, c.parked); err != nil {
		return manifest, err
	}
	if err := putTreeTraces(ctx, run, &manifest, c.traces); err != nil {
		return manifest, err
	}
	if err := putChain(ctx, run, &manifest, c); err != nil {
		return manifest, err
	}
	c.chained = chainState{} // as large as the invoices' lines are many, and stored
	if w.stands != nil {
		for _, o := range w.stands.Objects {
			if o.Role == publish.RoleDocuments || o.Role == publish.RoleIndex {
				manifest.Objects = append(manifest.Objects, o)
			}
		}
	}
	return manifest, p.putInvoiceDocuments(ctx, run, &manifest, w, c)
}
