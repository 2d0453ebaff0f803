package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"daybook/pricing"
	"daybook/sinks/documents"
	"daybook/sinks/publish"
	"daybook/sinks/tables"
)

// checkClosing sums a closing: lines to invoices to totals, numbers without a
// gap, ledgers from the balances of the closing before, documents as the tables
// say, events as the documents say.
func (c *runCheck) checkClosing(ctx context.Context) error {
	if err := c.checkChain(ctx); err != nil {
		return err
	}
	invoices, ok := c.invoices()
	if !ok {
		return nil
	}
	c.compareTotals(pricing.ClosingTotals(invoices))
	key, _ := c.table("invoices")
	for _, i := range invoices {
		if err := pricing.CheckInvoice(i); err != nil {
			c.fault(key, fmt.Sprintf("invoice %s of account %q", i.Number, i.BillingAccount), "sums of its lines and taxes", err.Error())
		}
	}
	c.checkInvoiceDocuments(invoices)
	c.checkEvents()
	return nil
}

// invoices reads the invoices with their lines and taxes from the tables as
// found; ok is false where one of them cannot be read, which has been said.
func (c *runCheck) invoices() (invoices []pricing.Invoice, ok bool) {
	key, body := c.table("invoices")
	linesKey, linesBody := c.table("invoice_line_items")
	taxesKey, taxesBody := c.table("invoice_taxes")
	if body == nil || linesBody == nil || taxesBody == nil {
		return nil, false
	}
	invoices, err := tables.DecodeInvoices(key, body)
	if err != nil {
		return nil, false
	}
	lines, err := tables.DecodeLines(linesKey, linesBody)
	if err != nil {
		return nil, false
	}
	taxes, err := tables.DecodeTaxes(taxesKey, taxesBody)
	if err != nil {
		return nil, false
	}
	for i := range invoices {
		id := invoices[i].ID
		invoices[i].Lines, invoices[i].Taxes = lines[id], taxes[id]
		delete(lines, id)
		delete(taxes, id)
	}
	for id := range lines {
		c.fault(linesKey, "lines of invoice "+id, "an invoice of that id in "+key, "none")
	}
	for id := range taxes {
		c.fault(taxesKey, "taxes of invoice "+id, "an invoice of that id in "+key, "none")
	}
	return invoices, true
}

// checkInvoiceDocuments holds the revision's own documents against the tables: a
// revision that adds to a closing has documents of what it added alone.
func (c *runCheck) checkInvoiceDocuments(invoices []pricing.Invoice) {
	own := c.ownDocuments()
	for _, i := range invoices {
		path := own[i.ID]
		if path == "" {
			if c.m.Supersedes == 0 && c.hasIndex() {
				c.fault(c.manifestKey(), fmt.Sprintf("document of invoice %s of account %q", i.Number, i.BillingAccount), "one", "none")
			}
			continue
		}
		body, err := documents.Invoice(i, documents.Parties{})
		if err != nil {
			c.fault(path, "", "an invoice that can be written", err.Error())
			continue
		}
		// Who the parties are, how a line is made up, shares and amounts in a
		// pricing unit stand in no table; computing the closing again has them.
		c.compareDocument(path, body, "issuer", "name", "external_id", "parts", "shares", "pricing_unit")
	}
}

func (c *runCheck) hasIndex() bool {
	return slices.ContainsFunc(c.m.Objects, func(o publish.Object) bool { return o.Role == publish.RoleIndex && c.bodies[o.Key] != nil })
}

// ownDocuments returns the paths of the revision's invoice documents by the id
// that each one says.
func (c *runCheck) ownDocuments() map[string]string {
	own := map[string]string{}
	for _, o := range c.m.Objects {
		if o.Role != publish.RoleIndex {
			continue
		}
		for _, d := range decodeLines[publish.Document](c.bodies[o.Key]) {
			body, _ := c.document(d.Path)
			if body == nil {
				continue
			}
			var says struct {
				ID string `json:"id"`
			}
			if json.Unmarshal(body, &says) == nil && says.ID != "" {
				own[says.ID] = d.Path
			}
		}
	}
	return own
}
