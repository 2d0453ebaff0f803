package jobs

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"daybook/pricing"
	"daybook/sinks/documents"
	"daybook/sinks/publish"
	"daybook/sinks/tables"
)

// closedMonth is what a closing and its supplements published.
type closedMonth struct {
	invoices []pricing.Invoice // by id of the account, as numbered
	// The same by billing account: pages ask for one account after the other.
	invoicesOf map[string][]pricing.Invoice
	ledgerOf   map[string][]pricing.LedgerEntry
	balancesOf map[string][]pricing.Balance
}

// byAccount keeps rows apart by account, in their order.
func byAccount[T any](rows []T, account func(*T) string) map[string][]T {
	out := map[string][]T{}
	for i := range rows {
		of := account(&rows[i])
		out[of] = append(out[of], rows[i])
	}
	return out
}

func (f *facts) closed(ctx context.Context, m pricing.Month) (*closedMonth, error) {
	manifest, err := f.manifest(ctx, JobMonthly, m.String())
	if err != nil || manifest == nil {
		return &closedMonth{}, err
	}
	return f.kept.closings.get(fmt.Sprintf("%s %d", manifest.Period, manifest.Revision), func() (*closedMonth, int64, error) {
		out, size, err := f.p.readClosed(ctx, manifest)
		return out, size, err
	})
}

// readClosed reads the tables of a closing, and the parts and shares that its
// documents hold beside them.
func (p *Pipeline) readClosed(ctx context.Context, m *publish.Manifest) (*closedMonth, int64, error) {
	out := &closedMonth{}
	var err error
	if out.invoices, err = p.readIssued(ctx, m); err != nil {
		return nil, 0, err
	}
	byID := make(map[string]*pricing.Invoice, len(out.invoices))
	size := int64(4096)
	for i := range out.invoices {
		byID[out.invoices[i].ID] = &out.invoices[i]
	}
	for _, o := range m.Objects {
		if o.Role != publish.RoleDocuments {
			continue
		}
		body, err := p.publisher.ReadObject(ctx, o)
		if err != nil {
			return nil, 0, err
		}
		size += 2 * int64(len(body))
		for line := range strings.Lines(string(body)) {
			if !strings.HasPrefix(line, `{"schema":"`+documents.InvoiceSchema+`"`) {
				continue
			}
			if err := addParts(byID, []byte(line)); err != nil {
				return nil, 0, fmt.Errorf("%s: %w", o.Key, err)
			}
		}
	}
	out.invoicesOf = byAccount(out.invoices, func(i *pricing.Invoice) string { return i.BillingAccount })
	body, key, err := p.tableBody(ctx, m, "ledger_entries")
	if err != nil {
		return nil, 0, err
	}
	ledger, err := tables.DecodeLedger(key, body)
	if err != nil {
		return nil, 0, err
	}
	out.ledgerOf = byAccount(ledger, func(e *pricing.LedgerEntry) string { return e.BillingAccount })
	if body, key, err = p.tableBody(ctx, m, "balances"); err != nil {
		return nil, 0, err
	}
	balances, err := tables.DecodeBalances(key, body)
	out.balancesOf = byAccount(balances, func(b *pricing.Balance) string { return b.BillingAccount })
	return out, size, err
}

// addParts adds what a document holds of an invoice and tables do not.
func addParts(byID map[string]*pricing.Invoice, document []byte) error {
	id, lines, shares, err := documents.ReadInvoiceLines(document)
	if err != nil {
		return err
	}
	i := byID[id]
	if i == nil || len(i.Lines) != len(lines) {
		return fmt.Errorf("invoice %s: %w: its document and the tables differ", id, publish.ErrDamaged)
	}
	for n := range lines {
		i.Lines[n].Parts = lines[n].Parts
	}
	i.Own = shares
	return nil
}

// Invoices returns what a closing issued.
func (f *facts) Invoices(ctx context.Context, closing pricing.Month, account string) ([]pricing.Invoice, error) {
	c, err := f.closed(ctx, closing)
	if err != nil {
		return nil, err
	}
	if account == "" {
		return slices.Clone(c.invoices), nil
	}
	return slices.Clone(c.invoicesOf[account]), nil
}

// Ledger puts the entries of all closings together.
func (f *facts) Ledger(ctx context.Context, account string) ([]pricing.LedgerEntry, error) {
	var out []pricing.LedgerEntry
	for _, m := range f.closings {
		c, err := f.closed(ctx, m)
		if err != nil {
			return nil, err
		}
		out = append(out, c.ledgerOf[account]...)
	}
	return out, nil
}

// Balances are those after the newest closing.
func (f *facts) Balances(ctx context.Context, account string) ([]pricing.Balance, error) {
	if len(f.closings) == 0 {
		return nil, nil
	}
	c, err := f.closed(ctx, f.closings[len(f.closings)-1])
	if err != nil {
		return nil, err
	}
	return slices.Clone(c.balancesOf[account]), nil
}
