package jobs

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"daybook/pricing"
	"daybook/sinks/api"
	"daybook/sinks/documents"
	"daybook/sinks/publish"
	"daybook/sinks/webhooks"
)

// The wire shapes of event bodies: our own, which every closing has, and those of
// other systems, which a closing has where an endpoint of the time asked for them.
const (
	formatCanonical     = "daybook"
	formatOrb           = "orb"
	formatComputeStacks = "computestacks"
)

// eventFormat is a shape of events: of each invoice of a closing, of the closing as
// a whole, or both.
type eventFormat struct {
	name    string
	invoice func(o documents.Origin, in *inputs, c *closingOf, i *pricing.Invoice, document documents.WrittenInvoice) ([]byte, error)
	closing func(ctx context.Context, e *closingEvents) error
}

// eventFormats are all shapes, in the order in which a closing writes them.
var eventFormats = []eventFormat{
	{name: formatCanonical, invoice: func(o documents.Origin, _ *inputs, _ *closingOf, _ *pricing.Invoice, document documents.WrittenInvoice) ([]byte, error) {
		return documents.InvoiceIssuedEvent(o, document)
	}},
	{name: formatOrb, invoice: func(o documents.Origin, in *inputs, c *closingOf, i *pricing.Invoice, _ documents.WrittenInvoice) ([]byte, error) {
		invoice, err := api.OrbIssued(in.registry, in.books, c.books.Entries, i)
		if err != nil {
			return nil, err
		}
		return documents.OrbEvent(o.ID, documents.TypeInvoiceIssued, i.IssuedAt, invoice)
	}},
	{name: formatComputeStacks, closing: computeStacksEvents},
}

// Formats are the shapes of event bodies that an endpoint may ask for.
func Formats() []string {
	var out []string
	for _, f := range eventFormats {
		out = append(out, f.name)
	}
	return out
}

// formats says what shapes of events the endpoints ask for beside our own, for a
// plan; "" for none.
func (s *Settings) formats() string {
	var out []string
	for _, f := range eventFormats[1:] {
		if slices.ContainsFunc(s.Endpoints, func(e Endpoint) bool { return e.Format == f.name }) {
			out = append(out, f.name)
		}
	}
	return strings.Join(out, " ")
}

// takesFormat reports whether the endpoint is sent events of a shape.
func (e Endpoint) takesFormat(format string) bool { return format == cmp.Or(e.Format, formatCanonical) }

// formatsOf are the shapes of events that a plan asks for.
func formatsOf(id publish.Identity) []eventFormat {
	more := strings.Fields(id.Parameters[parameterFormats])
	return slices.DeleteFunc(slices.Clone(eventFormats), func(f eventFormat) bool {
		return f.name != formatCanonical && !slices.Contains(more, f.name)
	})
}

// closingEvents are the events of a closing on their way into its pack.
type closingEvents struct {
	p    *Pipeline
	run  *publish.Run
	m    *publish.Manifest
	w    *closingWork
	c    *closingOf
	pack *publish.Pack
}

// put stores an event whose body write makes of its id.
func (e *closingEvents) put(ctx context.Context, format, typ, subject string, write func(id string) ([]byte, error)) error {
	id := webhooks.EventID(e.m.Job, e.m.Period, e.run.Revision, typ, subject, format)
	body, err := write(id)
	if err != nil {
		return err
	}
	return e.pack.Event(ctx, publish.Event{ID: id, Type: typ, Subject: subject, Format: format}, body)
}
