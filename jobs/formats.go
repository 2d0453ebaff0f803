package jobs

import (
	"cmp"
	"slices"

	"daybook/pricing"
	"daybook/sinks/api"
	"daybook/sinks/documents"
	"daybook/sinks/publish"
)

// The wire shapes of event bodies: our own, which every closing has, and those of
// other systems, which a closing has where an endpoint of the time asked for them.
const (
	formatCanonical = "daybook"
	formatOrb       = "orb"
)

// Formats are the shapes of event bodies that an endpoint may ask for.
func Formats() []string { return []string{formatCanonical, formatOrb} }

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

// formatsOf are the shapes of events that a plan asks for.
func formatsOf(id publish.Identity) []string {
	if more := id.Parameters[parameterFormats]; more != "" {
		return []string{formatCanonical, more}
	}
	return []string{formatCanonical}
}

// event writes the body of an invoice's event in one shape; document is the
// invoice's own.
func (c *closingOf) event(format string, in *inputs, o documents.Origin, i *pricing.Invoice, document []byte) ([]byte, error) {
	if format != formatOrb {
		return documents.InvoiceIssuedEvent(o, document)
	}
	invoice, err := api.OrbIssued(in.registry, in.books, c.books.Entries, i)
	if err != nil {
		return nil, err
	}
	return documents.OrbEvent(o.ID, documents.TypeInvoiceIssued, i.IssuedAt, invoice)
}
