package api

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"daybook/pricing"
	"daybook/sinks/documents"
)

// invoice writes a month's invoice: what its closing billed, or would bill by now.
func (v *akkerisView) invoice(ctx context.Context, m pricing.Month) ([]byte, error) {
	lines, err := v.lines(ctx, m)
	if err != nil {
		return nil, err
	}
	if len(lines) == 0 {
		return nil, NotFound(akkerisNoInvoice)
	}
	items := make([]documents.AkkerisItem, len(lines))
	for i := range lines {
		items[i] = v.item(&lines[i].Line, lines[i].payer)
	}
	slices.SortStableFunc(items, func(a, b documents.AkkerisItem) int {
		return cmp.Or(
			strings.Compare(a.Organization, b.Organization), strings.Compare(a.App, b.App), strings.Compare(a.Space, b.Space),
			a.Created.Compare(b.Created), strings.Compare(a.Description, b.Description),
		)
	})
	return documents.AkkerisInvoice(m, v.facts.AsOf(), items)
}

// akkerisBilled is a line with whose invoice it is on.
type akkerisBilled struct {
	pricing.Line
	payer string
}

// lines are those of a month's invoices that are for the view's accounts. What an
// account in it was billed for another that has left it since, or is in the registry
// no more, is its own.
func (v *akkerisView) lines(ctx context.Context, m pricing.Month) ([]akkerisBilled, error) {
	first, last := v.published()
	if m.Before(first) || last.Before(m) {
		return nil, nil
	}
	bill, payers := v.facts.Draft, v.payers()
	if slices.Contains(v.facts.Closings(), m) { // any of them may have paid for itself then
		bill, payers = v.facts.Invoices, slices.Concat(payers, slices.Sorted(maps.Keys(v.accounts)))
		slices.Sort(payers)
		payers = slices.Compact(payers)
	}
	var out []akkerisBilled
	var currency oneCurrency
	for _, payer := range payers {
		invoices, err := bill(ctx, m, payer)
		if err != nil {
			return nil, err
		}
		for _, i := range invoices {
			before := len(out)
			for _, l := range i.Lines {
				if v.accounts[l.Account] && !v.left(&l, payer) || v.accounts[payer] && v.left(&l, payer) {
					out = append(out, akkerisBilled{l, payer})
				}
			}
			if len(out) == before {
				continue
			}
			if err := currency.use(i.Currency, v.what); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// payers are who pays for the view's accounts, by id.
func (v *akkerisView) payers() []string {
	var out []string
	for a := range v.accounts {
		out = append(out, v.facts.Registry().BillingAccount(a))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// left reports whether a payer was billed for an account that it pays for no more.
func (v *akkerisView) left(l *pricing.Line, payer string) bool {
	return v.facts.Registry().BillingAccount(l.Account) != payer
}

// item is a line as the API lists it. A line of a resource shows that one's own
// dates and number, which may reach beyond the month; a correction shows no number,
// as its units are counted already. Of what has left the view the registry tells
// nothing here: it may be somebody else's now.
func (v *akkerisView) item(l *pricing.Line, payer string) documents.AkkerisItem {
	reg := v.facts.Registry()
	app, _ := reg.Account(l.Account)
	within := l.Account
	hidden := v.left(l, payer) && !v.accounts[l.Account]
	if hidden {
		app, within = pricing.Account{ID: l.Account}, payer
	}
	pays, _ := reg.Account(payer)
	organization := nearest(reg, within, func(a pricing.Account) bool { return a.Kind == akkerisKindOrganization })
	space, spaceName := spaceOf(reg, within)
	out := documents.AkkerisItem{
		Organization: cmp.Or(akkerisName(organization), akkerisName(&pays)),
		App:          akkerisName(&app), Space: cmp.Or(spaceName, akkerisName(space)),
		Description: l.Description, Dyno: v.resourceKind(l) == "dyno",
		Quantity: l.Quantity, PricePerUnit: l.UnitPrice, Billed: l.Total, Created: l.PeriodStart,
	}
	var of struct{ Resource, SKU string }
	if err := json.Unmarshal([]byte(l.Grouping), &of); err == nil && of.Resource != "" {
		out.Deleted = l.PeriodEnd // of one that the registry has no more
		res, ok := reg.Resource(of.Resource)
		if hidden {
			res, ok = pricing.Resource{}, false
		}
		if ok {
			out.Quantity, out.Created, out.Deleted = res.Quantity, res.Created, res.Deleted
		}
		kind := "addon"
		if out.Dyno {
			kind = cmp.Or(res.Labels[akkerisLabelType], "web") + " dyno"
		}
		out.Description = cmp.Or(of.SKU, of.Resource) + " " + kind
	}
	if l.Corrects != (pricing.Corrects{}) {
		out.Quantity = out.Quantity.Sub(out.Quantity)
		out.Description = "Correction: " + strings.TrimPrefix(out.Description, "Correction: ")
	}
	return out
}

// resourceKind is what a line's price is for: "dyno", "addon"; "" for no resource.
func (v *akkerisView) resourceKind(l *pricing.Line) string {
	_, version, ok := pricing.VersionIn(v.facts.Books(), l.BookVersion)
	if !ok {
		return ""
	}
	plan, ok := version.PlanOf(l.Plan)
	if !ok {
		return ""
	}
	for i := range plan.Prices {
		if plan.Prices[i].ID == l.Price {
			return plan.Prices[i].Resource
		}
	}
	return ""
}
