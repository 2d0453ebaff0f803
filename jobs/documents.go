package jobs

import (
	"context"
	"slices"

	"daybook/pricing"
	"daybook/sinks/documents"
	"daybook/sinks/publish"
	"daybook/sinks/webhooks"
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

// formatCanonical is the wire shape of our own documents and event bodies.
const formatCanonical = "daybook"

// putInvoiceDocuments stores an invoice document and an event each. A closing
// that does not notify has its events too: a person may send them later.
func (p *Pipeline) putInvoiceDocuments(ctx context.Context, run *publish.Run, m *publish.Manifest, in *inputs, c *closingOf) error {
	names := map[string]pricing.Account{}
	for _, a := range in.registry.Accounts {
		names[a.ID] = a
	}
	issuer := documents.Issuer{Name: c.issuer.Name, Address: c.issuer.Address, TaxID: c.issuer.TaxID}
	pack := run.NewPack()
	for _, i := range c.invoices {
		payer := names[i.BillingAccount]
		body, err := documents.Invoice(i, documents.Parties{Issuer: issuer, Name: payer.Name, ExternalID: payer.ExternalID})
		if err != nil {
			return err
		}
		path := documents.InvoicePath(blob.EscapeID(i.BillingAccount), m.Period, i)
		if err := pack.Document(ctx, path, body); err != nil {
			return err
		}
		id := webhooks.EventID(m.Job, m.Period, run.Revision, documents.TypeInvoiceIssued, i.ID, formatCanonical)
		event, err := documents.InvoiceIssuedEvent(documents.Origin{ID: id, Period: m.Period, Revision: run.Revision, Document: path}, body)
		if err != nil {
			return err
		}
		err = pack.Event(ctx, publish.Event{ID: id, Type: documents.TypeInvoiceIssued, Subject: i.ID, Format: formatCanonical}, event)
		if err != nil {
			return err
		}
	}
	return closePack(ctx, pack, m)
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
