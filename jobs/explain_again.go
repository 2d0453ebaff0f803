package jobs

import (
	"context"
	"slices"
	"sync"

	"daybook/pricing"
	"daybook/sinks/publish"
)

// issuedBy returns the revision that issued an invoice: the first one whose table
// has it, for a supplement's table holds the invoices before it too.
func (p *Pipeline) issuedBy(ctx context.Context, m *publish.Manifest, id string) (*publish.Manifest, error) {
	for m.Supersedes > 0 {
		before, err := p.publisher.ManifestOf(ctx, m.Job, m.Period, m.Supersedes)
		if err != nil {
			return nil, err
		}
		invoices, err := p.readInvoices(ctx, &before)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(invoices, func(i pricing.Invoice) bool { return i.ID == id }) {
			break
		}
		m = &before
	}
	return m, nil
}

// rateAgain rates a closing, or a supplement of one, from its plan and inputs and
// returns one invoice of it with what the tracer was told. Corrections, which no
// rating tells of, are told by what was owed and what had been issued.
func (p *Pipeline) rateAgain(ctx context.Context, m *publish.Manifest, in *inputs, days []pinnedDay, published *pricing.Invoice) (*closingWork, *pricing.Invoice, []pricing.Explanation, error) {
	w, err := p.workOf(ctx, m, in, days)
	if err != nil {
		return nil, nil, nil, err
	}
	tales := toldLines{}
	var mu sync.Mutex
	w.tracer = func(m pricing.Month, e pricing.Explanation) {
		// However the closing named the invoice in the end, it was rated as the first
		// one of its month.
		if e.Own || e.Invoice != pricing.InvoiceID(w.issuer.Name, published.BillingAccount, published.Currency.Code, pricing.KindInvoice, m, 1) {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		key := toldKey{m, e.Line.Key()}
		tales[key] = append(tales[key], e)
	}
	c, err := p.rateClosing(ctx, w)
	if err != nil {
		return nil, nil, nil, err
	}
	i := slices.IndexFunc(c.invoices, func(i pricing.Invoice) bool { return i.ID == published.ID })
	if i < 0 {
		return w, nil, nil, nil
	}
	invoice := &c.invoices[i]
	lines := make([]pricing.Explanation, len(invoice.Lines))
	for n, l := range invoice.Lines {
		lines[n] = tales.of(w.month, l)
	}
	return w, invoice, lines, nil
}

// toldKey names a charge of a month.
type toldKey struct {
	month pricing.Month
	key   pricing.LineKey
}

// toldLines is what the tracer has told of each charge, in order.
type toldLines map[toldKey][]pricing.Explanation

// of returns the explanation of a settled line of a closing. A correction is told
// by what was owed and what had been issued: the line that it corrects has its own
// explanation.
func (t toldLines) of(closing pricing.Month, l pricing.Line) pricing.Explanation {
	if l.For != (pricing.Month{}) {
		closing = l.For
	}
	if l.Corrects != (pricing.Corrects{}) {
		e := pricing.Explanation{Line: l}
		for _, part := range l.Parts {
			e.Steps = append(e.Steps, pricing.Step{Kind: pricing.StepPart, Label: part.Label, Quantity: part.Quantity, UnitPrice: part.UnitPrice, Flat: part.Flat, Amount: part.Amount})
		}
		e.Steps = append(e.Steps, pricing.Step{Kind: pricing.StepTotal, Amount: l.Total.Add(l.ContainedTax)})
		return e.Settled(l)
	}
	key := toldKey{closing, l.Key()}
	if len(t[key]) == 0 {
		return pricing.Explanation{Line: l}
	}
	e := t[key][0]
	t[key] = t[key][1:]
	return e.Settled(l) // with credits and taxes
}

// workOf puts together what the plan of a closing, or of a draft, was computed from.
func (p *Pipeline) workOf(ctx context.Context, m *publish.Manifest, in *inputs, days []pinnedDay) (*closingWork, error) {
	plan, err := p.publisher.Plan(ctx, m.Job, m.Period, m.Revision)
	if err != nil {
		return nil, err
	}
	month, err := pricing.ParseMonth(m.Period)
	if err != nil {
		return nil, err
	}
	parameters := plan.Identity.Parameters
	before, err := p.predecessorOf(ctx, parameters[parameterPredecessor])
	if err != nil {
		return nil, err
	}
	stands, err := p.predecessorOf(ctx, parameters[parameterSupplements])
	if err != nil {
		return nil, err
	}
	settings, err := parseCorrections(parameters[parameterCorrections])
	if err != nil {
		return nil, err
	}
	var asked []publish.PlacedRequest
	for _, i := range plan.Identity.Inputs {
		if i.Kind == publish.KindRequest && !isAboutUsage(i) { // pinnedInputs has read those
			r, err := p.publisher.ReadRequest(ctx, i)
			if err != nil {
				return nil, err
			}
			asked = append(asked, r)
		}
	}
	w, err := p.newClosingWork(ctx, in, month, before, stands, settings, asked)
	if err != nil {
		return nil, err
	}
	if Job(m.Job) == JobDraft {
		w.asDraft(plan.Identity.AsOf)
	}
	if err := w.take(plan.Identity); err != nil {
		return nil, err
	}
	if stands == nil {
		w.rollups = rollupsWithin(days, w.span)
	} else {
		w.parkedOnly = !w.notes
	}
	if w.looks, err = p.lookedAt(ctx, w); err != nil {
		return nil, err
	}
	if stands != nil {
		w.looks = append(w.looks, look{month: month, manifest: stands, own: true})
	}
	for i := range w.looks {
		l := &w.looks[i]
		l.rollups = rollupsWithin(days, closingSpan(w.rater, l.month, in))
		if l.asOf, err = p.issuedAt(ctx, l.manifest); err != nil {
			return nil, err
		}
	}
	return w, nil
}
