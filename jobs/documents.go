package jobs

import (
	"cmp"
	"context"
	"slices"

	"daybook/pricing"
	"daybook/sinks/api"
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

// The wire shapes of event bodies: our own, which every closing has, and those of
// other systems, which a closing has where an endpoint of the time asked for them.
const (
	formatCanonical = "daybook"
	formatOrb       = "orb"
)

// Formats are the shapes of event bodies that an endpoint may ask for.
func Formats() []string { return []string{formatCanonical, formatOrb} }

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
		put := func(format string, write func(id string) ([]byte, error)) error {
			id := webhooks.EventID(m.Job, m.Period, run.Revision, documents.TypeInvoiceIssued, i.ID, format)
			event, err := write(id)
			if err != nil {
				return err
			}
			return pack.Event(ctx, publish.Event{ID: id, Type: documents.TypeInvoiceIssued, Subject: i.ID, Format: format}, event)
		}
		err = put(formatCanonical, func(id string) ([]byte, error) {
			return documents.InvoiceIssuedEvent(documents.Origin{ID: id, Period: m.Period, Revision: run.Revision, Document: path}, body)
		})
		if err != nil {
			return err
		}
		if run.Plan.Identity.Parameters[parameterFormats] != formatOrb {
			continue
		}
		err = put(formatOrb, func(id string) ([]byte, error) {
			invoice, err := api.OrbIssued(in.registry, in.books, c.books.Entries, &i)
			if err != nil {
				return nil, err
			}
			return documents.OrbEvent(id, documents.TypeInvoiceIssued, i.IssuedAt, invoice)
		})
		if err != nil {
			return err
		}
	}
	return closePack(ctx, pack, m)
}

// formats says what shapes of events the endpoints ask for beside our own, for a
// plan; "" for none.
func (s *Settings) formats() string {
	if slices.ContainsFunc(s.Endpoints, func(e Endpoint) bool { return e.Format == formatOrb }) {
		return formatOrb
	}
	return ""
}

// takesFormat reports whether the endpoint is sent events of a shape.
func (e Endpoint) takesFormat(format string) bool { return format == cmp.Or(e.Format, formatCanonical) }

func closePack(ctx context.Context, pack *publish.Pack, m *publish.Manifest) error {
	objects, events, err := pack.Close(ctx)
	if err != nil {
		return err
	}
	m.Objects = append(m.Objects, objects...)
	m.Events = append(m.Events, events...)
	return nil
}
