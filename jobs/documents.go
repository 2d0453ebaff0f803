package jobs

import (
	"context"
	"slices"

	"daybook/pricing"
	"daybook/sinks/documents"
	"daybook/sinks/publish"
	"daybook/sources/blob"
)

// putCostDocuments stores the day's cost series of each billing account, which
// shows every account below it. The rows are in the order of the trees, so each
// billing account's are together.
func (p *Pipeline) putCostDocuments(ctx context.Context, run *publish.Run, m *publish.Manifest, day pricing.Date, costs []pricing.CostRow) error {
	pack := run.NewPack()
	for len(costs) > 0 {
		payer := costs[0].BillingAccount
		n := slices.IndexFunc(costs, func(r pricing.CostRow) bool { return r.BillingAccount != payer })
		if n < 0 {
			n = len(costs)
		}
		path := documents.CostsPath(blob.EscapeID(payer), day)
		if err := pack.Document(ctx, path, documents.CostSeries(payer, costs[:n])); err != nil {
			return err
		}
		costs = costs[n:]
	}
	return closePack(ctx, pack, m)
}

// putInvoiceDocuments stores an invoice document and an event each. A closing
// that does not notify has its events too: a person may send them later.
func (p *Pipeline) putInvoiceDocuments(ctx context.Context, run *publish.Run, m *publish.Manifest, w *closingWork, c *closingOf) error {
	pack, parties := run.NewPack(), partiesOf(w.in, c)
	events, formats := &closingEvents{p, run, m, w, c, pack}, formatsOf(run.Plan.Identity)
	for _, i := range c.invoices {
		document, err := documents.WriteInvoice(i, parties(i))
		if err != nil {
			return err
		}
		path := documents.InvoicePath(blob.EscapeID(i.BillingAccount), m.Period, i)
		if err := pack.Document(ctx, path, document.Body()); err != nil {
			return err
		}
		for _, format := range formats {
			if format.invoice == nil {
				continue
			}
			err := events.put(ctx, format.name, documents.TypeInvoiceIssued, i.ID, func(id string) ([]byte, error) {
				return format.invoice(documents.Origin{ID: id, Period: m.Period, Revision: run.Revision, Document: path}, w.in, c, &i, document)
			})
			if err != nil {
				return err
			}
		}
	}
	for _, format := range formats {
		if format.closing == nil {
			continue
		}
		if err := format.closing(ctx, events); err != nil {
			return err
		}
	}
	return closePack(ctx, pack, m)
}

// putDraftDocuments stores a document of each draft, an account's invoice before its
// notes.
func (p *Pipeline) putDraftDocuments(ctx context.Context, run *publish.Run, m *publish.Manifest, w *closingWork, c *closingOf) error {
	pack, parties, nth := run.NewPack(), partiesOf(w.in, c), map[string]int{}
	for _, notes := range []bool{false, true} {
		for _, i := range c.invoices {
			if i.Kind.Note() != notes {
				continue
			}
			body, err := documents.Invoice(i, parties(i))
			if err != nil {
				return err
			}
			of := i.Currency.Code + " " + i.BillingAccount
			nth[of]++
			if err := pack.Document(ctx, documents.DraftPath(blob.EscapeID(i.BillingAccount), m.Period, i.Currency.Code, nth[of]), body); err != nil {
				return err
			}
		}
	}
	return closePack(ctx, pack, m)
}

// partiesOf says of an invoice who it is from and to.
func partiesOf(in *inputs, c *closingOf) func(pricing.Invoice) documents.Parties {
	names := map[string]pricing.Account{}
	for _, a := range in.registry.Accounts {
		names[a.ID] = a
	}
	issuer := documents.Issuer{Name: c.issuer.Name, Address: c.issuer.Address, TaxID: c.issuer.TaxID}
	return func(i pricing.Invoice) documents.Parties {
		payer := names[i.BillingAccount]
		return documents.Parties{Issuer: issuer, Name: payer.Name, ExternalID: payer.ExternalID}
	}
}

func closePack(ctx context.Context, pack *publish.Pack, m *publish.Manifest) error {
	objects, events, err := pack.Close(ctx)
	if err != nil {
		return err
	}
	m.Objects = append(m.Objects, objects...)
	m.Events = append(m.Events, events...)
	return nil
}
