package jobs

import (
	"context"
	"fmt"
	"slices"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/sinks/publish"
	"daybook/sinks/tables"
)

// Costs returns the published cost rows of an account on a range of days, and
// of all accounts below it when it pays for them; "" is every account. A day
// that is not published is an error that says how to publish it.
func (p *Pipeline) Costs(ctx context.Context, account string, days []pricing.Date) ([]pricing.CostRow, error) {
	var out []pricing.CostRow
	for _, d := range days {
		rows, err := p.costsOn(ctx, d)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if account == "" || r.Account == account || r.BillingAccount == account {
				out = append(out, r)
			}
		}
	}
	return out, nil
}

func (p *Pipeline) costsOn(ctx context.Context, d pricing.Date) ([]pricing.CostRow, error) {
	history, err := p.publisher.Decided(ctx, string(JobDaily), d.String())
	if err != nil {
		return nil, err
	}
	if history.Published == nil {
		return nil, fmt.Errorf("no costs are published for %s; run `daybook run daily --day %s`", d, d)
	}
	body, key, err := p.tableBody(ctx, history.Published, "daily_costs")
	if err != nil {
		return nil, err
	}
	return tables.DecodeDailyCosts(key, body)
}

func (p *Pipeline) tableBody(ctx context.Context, m *publish.Manifest, table string) ([]byte, string, error) {
	i := slices.IndexFunc(m.Objects, func(o publish.Object) bool { return o.Table == table })
	if i < 0 {
		return nil, "", fmt.Errorf("%s %s r%06d has no table %s", m.Job, m.Period, m.Revision, table)
	}
	body, err := p.publisher.ReadObject(ctx, m.Objects[i])
	return body, m.Objects[i].Key, err
}

// AccountCost is what one account's billed rows of a day add up to, since its
// periods began.
type AccountCost struct {
	BillingAccount, Account, Currency string
	Total                             money.Amount
}

// AccountCosts sums a published day's cumulative totals by account. The cost of
// a pooled price stands at the account that pays.
func (p *Pipeline) AccountCosts(ctx context.Context, d pricing.Date) ([]AccountCost, error) {
	rows, err := p.costsOn(ctx, d)
	if err != nil {
		return nil, err
	}
	var out []AccountCost
	for _, r := range rows { // sorted by billing account, account
		if r.Scope != pricing.ScopeBilled {
			continue
		}
		if n := len(out); n > 0 && out[n-1].Account == r.Account && out[n-1].BillingAccount == r.BillingAccount && out[n-1].Currency == r.Currency {
			out[n-1].Total = out[n-1].Total.Add(r.CumulativeTotal)
			continue
		}
		out = append(out, AccountCost{r.BillingAccount, r.Account, r.Currency, r.CumulativeTotal})
	}
	return out, nil
}

// Invoices returns the issued invoices of a closing, with lines and taxes; account
// "" is all of them.
func (p *Pipeline) Invoices(ctx context.Context, m pricing.Month, account string) ([]pricing.Invoice, error) {
	history, err := p.publisher.Decided(ctx, string(JobMonthly), m.String())
	if err != nil {
		return nil, err
	}
	if history.Published == nil {
		return nil, fmt.Errorf("%s is not closed; run `daybook run monthly --period %s`", m, m)
	}
	all, err := p.readIssued(ctx, history.Published)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(i pricing.Invoice) bool { return account != "" && i.BillingAccount != account }), nil
}

// readIssued is readInvoices with the taxes of each.
func (p *Pipeline) readIssued(ctx context.Context, m *publish.Manifest) ([]pricing.Invoice, error) {
	all, err := p.readInvoices(ctx, m)
	if err != nil {
		return nil, err
	}
	body, key, err := p.tableBody(ctx, m, "invoice_taxes")
	if err != nil {
		return nil, err
	}
	taxes, err := tables.DecodeTaxes(key, body)
	if err != nil {
		return nil, err
	}
	for i := range all {
		all[i].Taxes = taxes[all[i].ID]
	}
	return all, nil
}

// readInvoices puts the invoices and lines of a closing's tables together.
func (p *Pipeline) readInvoices(ctx context.Context, m *publish.Manifest) ([]pricing.Invoice, error) {
	body, key, err := p.tableBody(ctx, m, "invoices")
	if err != nil {
		return nil, err
	}
	invoices, err := tables.DecodeInvoices(key, body)
	if err != nil {
		return nil, err
	}
	if body, key, err = p.tableBody(ctx, m, "invoice_line_items"); err != nil {
		return nil, err
	}
	lines, err := tables.DecodeLines(key, body)
	if err != nil {
		return nil, err
	}
	for i := range invoices {
		invoices[i].Lines = lines[invoices[i].ID]
	}
	return invoices, nil
}
