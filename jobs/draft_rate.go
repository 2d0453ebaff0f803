package jobs

import (
	"context"
	"slices"
	"time"

	"daybook/pricing"
	"daybook/sinks/documents"
	"daybook/sinks/publish"
	"daybook/sources/blob"
)

// drafted is a month's drafts.
type drafted struct {
	invoices []pricing.Invoice // settled, without numbers
	parked   []pricing.Parked
	meters   pricing.RatedMeters
	traces   []treeTrace
}

// rate rates and settles every tree as the closing would.
func (d *draftRun) rate(ctx context.Context, at time.Time) (*drafted, error) {
	p := d.p
	start := pricing.MonthOf(p.settings.Start)
	closing := pricing.Closing{
		Month: d.month, AsOf: at, First: d.month == start, Since: start,
		TermsDays: p.settings.Issuer.TermsDays, Issuer: p.settings.Issuer.Name, Draft: true,
	}
	batches, err := p.readRollups(ctx, d.rollups, carried{d.rater.ClosingWhole(d.month), d.rater.Carried})
	if err != nil {
		return nil, err
	}
	trees := d.rater.Trees()
	results, traces := make([]pricing.ClosingResult, len(trees)), make([]treeTrace, len(trees))
	held, digests := heldTrees(trees, d.rollups.parked), newTermDigests()
	orphans, err := rateTrees(ctx, trees, batches, p.workers(), func(i int, rows []pricing.UsageState) error {
		if held[i] != nil {
			results[i].Parked, results[i].Meters = held[i], pricing.ParkedUsage(rows)
			return nil
		}
		terms := d.rater.ClosingTerms(trees[i], d.month)
		rows, left := takenRows(rows, terms, d.rater.Carried)
		var err error
		if results[i], err = d.rater.Close(trees[i], pricing.TreeUsage{Rows: rows}, closing); err != nil {
			return err
		}
		traces[i] = treeTrace{BillingAccount: trees[i].BillingAccount, Terms: digests.of(terms), Usage: usageDigest(rows), Meters: ratedMeters(results[i].Meters)}
		results[i].Meters = results[i].Meters.Add(left)
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := &drafted{parked: parkedByInputs(d.in.problems, orphans, d.month.First())}
	for i, r := range results {
		out.invoices, out.parked = append(out.invoices, r.Invoices...), append(out.parked, r.Parked...)
		if len(r.Parked) == 0 {
			out.traces = append(out.traces, traces[i])
		}
	}
	unsettled, err := d.settle(ctx, closing, out)
	if err != nil {
		return nil, err
	}
	for i, r := range results {
		if unsettled[trees[i].BillingAccount] {
			r.Meters = r.Meters.AsParked()
		}
		out.meters = out.meters.Add(r.Meters)
	}
	out.meters, err = p.reconcileRating(out.meters, d.rollups, batches, orphans)
	return out, err
}

// settle lets credits, taxes and the balances of the closing before work on the
// drafts; nothing of it is entered anywhere.
func (d *draftRun) settle(ctx context.Context, closing pricing.Closing, out *drafted) (unsettled map[string]bool, err error) {
	opening, err := d.p.opening(ctx, d.before)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(out.invoices, pricing.CompareInvoices)
	done, err := d.in.registry.Settle(closing, out.invoices, opening)
	if err != nil {
		return nil, err
	}
	out.invoices, unsettled = done.Invoices, map[string]bool{}
	for _, p := range done.Parked {
		payer := d.in.registry.BillingAccount(p.Account)
		unsettled[payer] = true
		out.traces = slices.DeleteFunc(out.traces, func(t treeTrace) bool { return t.BillingAccount == payer })
		if !slices.ContainsFunc(out.parked, func(q pricing.Parked) bool { return q.Account == p.Account }) {
			out.parked = append(out.parked, p)
		}
	}
	for i := range out.invoices {
		if err := pricing.CheckInvoice(out.invoices[i]); err != nil {
			return nil, err
		}
	}
	return unsettled, nil
}

// put stores the drafts' documents, the reconciliation and the traces.
func (d *draftRun) put(ctx context.Context, run *publish.Run, m *publish.Manifest, out *drafted) error {
	names := map[string]pricing.Account{}
	for _, a := range d.in.registry.Accounts {
		names[a.ID] = a
	}
	s := d.p.settings.Issuer
	issuer := documents.Issuer{Name: s.Name, Address: s.Address, TaxID: s.TaxID}
	pack := run.NewPack()
	for _, i := range out.invoices {
		payer := names[i.BillingAccount]
		body, err := documents.Invoice(i, documents.Parties{Issuer: issuer, Name: payer.Name, ExternalID: payer.ExternalID})
		if err != nil {
			return err
		}
		if err := pack.Document(ctx, documents.DraftPath(blob.EscapeID(i.BillingAccount), m.Period, i), body); err != nil {
			return err
		}
	}
	if err := closePack(ctx, pack, m); err != nil {
		return err
	}
	if err := putTreeTraces(ctx, run, m, out.traces); err != nil {
		return err
	}
	return d.p.putReconciliation(ctx, run, m, ratingReconciliation{
		Rated: out.meters.Rated(), Meters: ratedMeters(out.meters), Prices: chargedPrices(out.invoices), Parked: len(out.parked), Quarantined: d.rollups.quarantined,
	})
}
