package documents

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// EventSchema is the schema that an event body names
// (docs/schemas/event.schema.json).
const EventSchema = "daybook/event/1"

// TypeInvoiceIssued is the type of the event that says an invoice is issued.
const TypeInvoiceIssued = "invoice.issued"

// Origin is which run an event comes from. It carries no clock and no attempt:
// the same run always makes the same body, so repeats and disorder are harmless
// (docs/commit-protocol.md, Webhooks).
type Origin struct {
	ID         string // the event's stable id
	Period     string // closing, YYYY-MM
	Revision   int    // from 1
	Supersedes int    // the revision replaced; 0: none
	Document   string // path of the invoice among the documents
}

type eventBody struct {
	Schema     string          `json:"schema"`
	Type       string          `json:"type"`
	ID         string          `json:"id"`
	Period     string          `json:"period"`
	Revision   int             `json:"revision"`
	Supersedes *int            `json:"supersedes"`
	Document   string          `json:"document"`
	Invoice    json.RawMessage `json:"invoice"` // last, for InvoiceIssuedEvent
}

// InvoiceIssuedEvent writes the body of an invoice.issued event around an invoice's
// document.
func InvoiceIssuedEvent(o Origin, invoice WrittenInvoice) ([]byte, error) {
	body := eventBody{
		Schema: EventSchema, Type: TypeInvoiceIssued, ID: o.ID, Period: o.Period, Revision: o.Revision, Document: o.Document,
	}
	if o.Supersedes != 0 {
		body.Supersedes = &o.Supersedes
	}
	if len(invoice.body) == 0 {
		return nil, fmt.Errorf("write event %s: it has no invoice", o.ID)
	}
	out, err := compact(body)
	if err != nil {
		return nil, fmt.Errorf("write event %s: %w", o.ID, err)
	}
	// The document is compact already; the encoder would go through it again.
	out = bytes.TrimSuffix(out, []byte("null}"))
	return append(append(slices.Grow(out, len(invoice.body)+1), invoice.body...), '}'), nil
}
